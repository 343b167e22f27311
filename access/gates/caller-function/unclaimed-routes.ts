import type { UnknownReason } from "../../../iam";
import type { Api, PrincipalFacts, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { inferredDocuments, principalsWithUnknownPolicies, unknownPolicies } from "../../decisions/inference";
import type { ApiRoutes } from "../../requests/route-groups";
import { routeName } from "../../unknowns";
import { decideOverStages } from "../caller-route/callers";
import { type CallerFunctionVerdict, type CollectedRoutes, callerVerdict } from "./verdict";

/** A principal, and the routes whose functions it may invoke. */
export interface Allowed {
  readonly principal: PrincipalFacts;
  readonly routes: readonly (readonly Route[])[];
}

/** The evaluation of all callers, and the callers that are allowed without a verdict. */
interface Claims {
  readonly access: Access;
  readonly byApi: ReadonlyMap<Api, ApiRoutes>;
  readonly callerCredentials: boolean;
  readonly deferred: readonly CollectedRoutes[];
  readonly allowed: readonly Allowed[];
}

/**
 * Routes without a known caller for which possible callers can be named: callers that have access only to the functions
 * of other routes, and principals with completely unknown documents. If another caller's grants name the API, neither is
 * worth a message; otherwise a missing permission for one of several functions would go unnoticed. It is not a denial:
 * an API on which each caller has its own routes looks the same.
 */
export function unclaimedRoutes(
  claims: Claims,
  verdicts: readonly CallerFunctionVerdict[],
): readonly CallerFunctionVerdict[] {
  const { access, byApi, callerCredentials, deferred, allowed } = claims;
  const withUnknownPolicies = principalsWithUnknownPolicies(access);
  const unclaimed = new Set(deferred.flatMap(({ routes }) => routes).flat());
  if (withUnknownPolicies.length > 0)
    for (const { routes } of byApi.values()) for (const route of routes) unclaimed.add(route);
  for (const verdict of unclaimed.size === 0 ? [] : verdicts) {
    const principal = "principal" in verdict ? verdict.principal : undefined;
    for (const route of verdict.routes)
      if (unclaimed.has(route) && (verdict.outcome !== "allowed" || isIntendedFor(access, principal, route)))
        unclaimed.delete(route);
  }
  for (const { principal, routes } of unclaimed.size === 0 ? [] : allowed)
    for (const route of routes.flat())
      if (unclaimed.has(route) && isIntendedFor(access, principal, route)) unclaimed.delete(route);
  const entries = [
    ...deferred.flatMap((entry) => callerOfOtherRoutes(entry, unclaimed)),
    ...possibleCallers(claims, withUnknownPolicies, unclaimed),
  ];
  return entries.map((entry) => ({
    ...callerVerdict(entry, callerCredentials),
    outcome: "unproven",
    unknowns: entry.unknowns,
  }));
}

/** A grant for everything does not show an intention. */
function isIntendedFor(access: Access, principal: PrincipalFacts | undefined, route: Route): boolean {
  if (principal === undefined) return true;
  return principal.external === true || access.grants.nameRoute(principal, route);
}

/** A caller with access to the functions of other routes only, and those of its routes that are still open. */
function callerOfOtherRoutes(
  entry: CollectedRoutes,
  unclaimed: ReadonlySet<Route>,
): readonly CollectedRoutes[] {
  const routes = entry.routes.flat().filter((route) => unclaimed.has(route));
  const [route] = routes;
  if (route === undefined) return [];
  const unknown: UnknownReason = {
    subject: {
      code: "intended-caller",
      principal: entry.principal.label,
      route: routeName(route),
      api: route.api.name,
    },
    dependsOn: inferredDocuments(entry.principal),
    resolution: { code: "preview-after-api-or-name-function" },
  };
  return [{ ...entry, routes: [routes], unknowns: [unknown] }];
}

/** Principals that may be callers as far as their documents are known, each with the routes that are still open. */
function possibleCallers(
  { access, byApi, callerCredentials }: Claims,
  principals: readonly PrincipalFacts[],
  unclaimed: ReadonlySet<Route>,
): readonly CollectedRoutes[] {
  return principals.flatMap((principal) =>
    [...byApi.values()]
      .flatMap(({ byFunction }) => byFunction)
      .flatMap(({ target, routes: all }): readonly CollectedRoutes[] => {
        const invocation = access.functions.invoke(
          principal,
          target,
          callerCredentials ? "caller-credentials" : "two-step",
          all[0]?.api,
        );
        if (invocation.answer === "yes") return [];
        const routes = all.filter(
          (route) => unclaimed.has(route) && decideOverStages(access, principal, route)?.answer === "unknown",
        );
        if (routes.length === 0) return [];
        const unknowns = [...unknownPolicies(principal)];
        return [
          {
            principal,
            target,
            invocation,
            mayCall: true,
            routes: [routes],
            unknowns,
            gateInferred: new Set(),
          },
        ];
      }),
  );
}
