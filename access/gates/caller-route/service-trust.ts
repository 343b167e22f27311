import { API_GATEWAY } from "../../../aws";
import {
  type Decision,
  decideTrust,
  known,
  type PolicyDocument,
  serviceTrustContext,
  Unknown,
} from "../../../iam";
import type { PrincipalFacts, Route } from "../../../stack";
import type { RoleUser } from "../../answer";
import type { Access } from "../../decisions/access";
import { roleFinder } from "../credentials-role";
import { namedRoutes } from "./identity-pool-trust";
import { routeCalls } from "./service-calls";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

const ASSUME: readonly string[] = ["sts:AssumeRole"];

/**
 * Roles that are meant to call routes and whose trust policy surely keeps out the service that is to assume them: the one
 * that makes the call, or the one that gives a program the role's credentials.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
 */
export function untrustedServices(access: Access): readonly CallerRouteVerdict[] {
  const findRole = roleFinder(access);
  const ofCalls = [...routeCalls(access)].flatMap(([principal, calls]) =>
    calls.flatMap(({ call, routes }) => untrusted(principal, call, ASSUME, [routes])),
  );
  const ofUses = access.facts.roleUses.flatMap((use) => {
    const principal = findRole(use.role);
    return principal === undefined
      ? []
      : untrusted(principal, use, use.actions, namedRoutes(access, principal));
  });
  return [...ofCalls, ...ofUses];
}

function untrusted(
  principal: PrincipalFacts,
  { label, service }: RoleUser,
  actions: readonly string[],
  ofApis: readonly (readonly Route[])[],
): readonly CallerRouteVerdict[] {
  const missing = actions.flatMap((action) => {
    const decision = trustOf(principal, service, action);
    return decision === undefined ? [] : [{ action, decision }];
  });
  const [first] = missing;
  if (first === undefined) return [];
  return ofApis.map((routes) =>
    callerRouteVerdict({
      outcome: "denied",
      cause: "service-not-trusted",
      urn: principal.urn,
      routes,
      principal,
      decision: first.decision,
      user: { label, service },
      actions: missing.map(({ action }) => action),
    }),
  );
}

/** The decision that keeps a service out, whichever of its names a statement uses; `undefined` where none surely does. */
function trustOf(principal: PrincipalFacts, service: string, action: string): Decision | undefined {
  const { trust } = principal;
  if (principal.external || trust === undefined || trust instanceof Unknown) return undefined;
  const { document } = trust;
  if (document instanceof Unknown || document.opaque !== undefined) return undefined;
  const decisions = [service, ...otherNames(document, service)].map((name) =>
    decideTrust({
      trust,
      resourceControl: principal.resourceControl,
      request: {
        principal: { kind: "service", name },
        action,
        resource: principal.arn,
        context: serviceTrustContext({ service: name, setsSourceAccount: service !== API_GATEWAY }),
      },
    }),
  );
  return decisions.every(({ answer }) => answer === "no") ? decisions[0] : undefined;
}

/**
 * The names of a region or a partition that a trust policy has for a service: `states.us-east-1.amazonaws.com`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
 */
function otherNames({ statements }: PolicyDocument, service: string): readonly string[] {
  const head = `${service.slice(0, service.indexOf(".amazonaws."))}.`;
  return statements.flatMap(({ principal }) =>
    (principal?.entries ?? []).flatMap((entry) => {
      const name = entry.kind === "service" ? known(entry.text) : undefined;
      return name?.startsWith(head) && name !== service ? [name] : [];
    }),
  );
}
