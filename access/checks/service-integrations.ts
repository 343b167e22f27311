import { type Decision, decide, integrationRoleContext } from "../../iam";
import type { PrincipalFacts, ServiceIntegration } from "../../stack";
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

/**
 * Integrations with services other than Lambda: may the credentials role do what they call, and does it trust API
 * Gateway? What the resource itself allows the role is not read.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function refusedIntegrations(access: Access): readonly RefusedIntegration[] {
  const findRole = roleFinder(access);
  const { serviceIntegrations, withAwsPolicies } = access.facts;
  return serviceIntegrations.flatMap((integration): readonly RefusedIntegration[] => {
    const principal = findRole(integration.credentials);
    if (principal === undefined) return [];
    const trust = trustsApiGateway(principal);
    const untrusted: readonly RefusedIntegration[] =
      trust.answer === "no" ? [{ integration, principal, lacks: "trust", decision: trust }] : [];
    if (principal.unseen.length > 0 || withAwsPolicies.has(principal.urn)) return untrusted;
    const role = asPrincipal(principal);
    const decision = decide({
      request: {
        principal: role,
        action: integration.action,
        resource: integration.resource,
        context: integrationRoleContext({ role }),
      },
      identity: principal,
      sameAccount: "yes",
    });
    return decision.answer === "no"
      ? [...untrusted, { integration, principal, lacks: "action", decision }]
      : untrusted;
  });
}
