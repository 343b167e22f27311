import { decideTrust, identityPoolContext, known, show, Unknown } from "../../../iam";
import type { PrincipalFacts, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { roleFinder } from "../../decisions/credentials-roles";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

/** https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html */
const PROVIDER = "cognito-identity.amazonaws.com";
const ASSUME = "sts:AssumeRoleWithWebIdentity";

/**
 * Roles that may call a route, that a Cognito identity pool of the stack assigns to its identities, and whose trust
 * policy denies them: the pool then returns no credentials.
 *
 * Other principals that may assume a role are not evaluated. Neither is the session policy that Cognito applies to
 * unauthenticated identities: it allows `execute-api:*` and `lambda:*`.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies
 */
export function untrustedPools(access: Access): readonly CallerRouteVerdict[] {
  if (access.facts.poolRoles.length === 0) return [];
  const findRole = roleFinder(access);
  return access.facts.poolRoles.flatMap(
    ({ role, pool, authenticated, label }): readonly CallerRouteVerdict[] => {
      const principal = findRole(role);
      if (principal === undefined) return [];
      const decision = decideTrust({
        trust: principal.trust ?? new Unknown(),
        resourceControl: principal.resourceControl,
        request: {
          principal: { kind: "federated", name: PROVIDER },
          action: ASSUME,
          resource: principal.arn,
          context: identityPoolContext({ provider: PROVIDER, pool, authenticated }),
        },
      });
      if (decision.answer !== "no") return [];
      return namedRoutes(access, principal).map((routes) =>
        callerRouteVerdict({
          outcome: "denied",
          cause: "identity-pool-not-trusted",
          urn: principal.urn,
          routes,
          principal,
          decision,
          ...(known(pool) === undefined ? {} : { pool: show(pool) }),
          actions: [ASSUME],
          notes: [
            {
              code: "pool-role",
              attachment: label,
              ...(known(pool) === undefined ? {} : { pool: show(pool) }),
              authenticated,
            },
          ],
        }),
      );
    },
  );
}

/** The IAM-authorized routes that the principal's grants name, by API. */
export function namedRoutes(access: Access, principal: PrincipalFacts): readonly (readonly Route[])[] {
  return [...new Set(access.grants.apisNamedBy(principal))]
    .map((api) => access.routes.iamRoutes(api).filter((route) => access.grants.nameRoute(principal, route)))
    .filter((routes) => routes.length > 0);
}
