import { type Decision, decide, integrationRoleContext, Unknown, type UnknownReason } from "../../iam";
import { isCalledBy, type PrincipalFacts, type ServiceIntegration } from "../../stack";
import type { Access } from "../decisions/access";
import { asPrincipal } from "../decisions/principals";
import { roleFinder, trustsApiGateway } from "../gates/credentials-role";

/** An integration with a service whose role lacks what it calls, or cannot be assumed. */
export interface RefusedIntegration {
  readonly integration: ServiceIntegration;
  readonly principal: PrincipalFacts;
  readonly lacks: "action" | "trust";
  readonly decision: Decision;
}

/** An integration of which it is unknown whether its role can be assumed and may do what it calls. */
export interface OpenIntegration {
  readonly integration: ServiceIntegration;
  readonly principal: PrincipalFacts;
  readonly asks: "action" | "trust";
  readonly unknowns: readonly UnknownReason[];
}

export interface ServiceAnswers {
  readonly refused: readonly RefusedIntegration[];
  readonly open: readonly OpenIntegration[];
}

/**
 * Integrations with services other than Lambda: may the credentials role do what they call, and does it trust API
 * Gateway? What the resource itself allows the role is not read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function serviceIntegrations(access: Access): ServiceAnswers {
  const findRole = roleFinder(access);
  const refused: RefusedIntegration[] = [];
  const open: OpenIntegration[] = [];
  for (const integration of access.facts.serviceIntegrations) {
    const principal = findRole(integration.credentials);
    if (principal === undefined || principal.external) continue;
    const trust = trustsApiGateway(principal);
    if (trust.answer === "no") refused.push({ integration, principal, lacks: "trust", decision: trust });
    if (trust.answer === "unknown")
      open.push({ integration, principal, asks: "trust", unknowns: trust.unknowns });
    // Of a policy of AWS's only the statements on routes and functions are known here.
    if (access.facts.withAwsPolicies.has(principal.urn)) continue;
    const decision = mayCall(integration, principal);
    if (decision.answer === "no") refused.push({ integration, principal, lacks: "action", decision });
    // Which resource a request names is its own choice: only what the plan hides leaves the question open.
    if (decision.answer === "unknown" && mayHoldMore(principal) && !isProbablyAllowed(integration, principal))
      open.push({ integration, principal, asks: "action", unknowns: decision.unknowns });
  }
  return { refused, open };
}

function mayCall({ action, resource }: ServiceIntegration, principal: PrincipalFacts): Decision {
  const role = asPrincipal(principal);
  return decide({
    request: { principal: role, action, resource, context: integrationRoleContext({ role }) },
    identity: principal,
    sameAccount: "yes",
  });
}

function mayHoldMore({ sources, unseen }: PrincipalFacts): boolean {
  return (
    unseen.length > 0 ||
    sources.some(({ hidden, document }) => hidden !== undefined || document instanceof Unknown)
  );
}

/** A new document that depends on a resource of the service is there for it: it probably holds the action. */
function isProbablyAllowed({ action }: ServiceIntegration, { sources }: PrincipalFacts): boolean {
  return sources.some(
    ({ hidden, inferredFrom, document }) =>
      (hidden?.mayInfer ?? document instanceof Unknown) &&
      (inferredFrom ?? []).some(({ key }) => isCalledBy(action, key.split("::")[2] ?? "")),
  );
}
