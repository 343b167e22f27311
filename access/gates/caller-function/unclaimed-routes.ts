import type { UnknownReason } from "../../../iam";
import type { Api, PrincipalFacts, Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { inferredDocuments, principalsWithUnknownPolicies, unknownPolicies } from "../../decisions/inference";
import type { ApiRoutes } from "../../requests/route-groups";
import { routeName } from "../../unknowns";
import { overStages } from "../caller-route/callers";
import { type CallerFunctionVerdict, callerVerdict, type Gathered } from "./verdict";

/** Who may invoke the functions of routes. */
export interface Allowed {
  readonly principal: PrincipalFacts;
  readonly routes: readonly (readonly Route[])[];
}

/** The evaluation of all callers, and the callers that are allowed without a verdict. */
interface Claims {
  readonly access: Access;
  readonly byApi: ReadonlyMap<Api, ApiRoutes>;
  readonly callerCredentials: boolean;
  readonly deferred: readonly Gathered[];
  readonly allowed: readonly Allowed[];
}

/**
 * Routes without a known caller for which possible callers can be named: callers that have access to the functions of
 * other routes only, and principals with documents of which nothing is known. Next to a caller whose grants name the
 * API neither is worth a message; without one, a missing permission for one of several functions would go unnoticed. It
 * is not a denial: an API on which each caller has its own routes looks the same.
 */
export function unclaimedRoutes(
  claims: Claims,
  verdicts: readonly CallerFunctionVerdict[],
): readonly CallerFunctionVerdict[] {
  const { access, byApi, callerCredentials, deferred, allowed } = claims;
  const withUnknownPolicies = principalsWithUnknownPolicies(access);
  const open = new Set(deferred.flatMap(({ routes }) => routes).flat());
  if (withUnknownPolicies.length > 0)
    for (const { routes } of byApi.values()) for (const route of routes) open.add(route);
  for (const verdict of open.size === 0 ? [] : verdicts) {
    const principal = "principal" in verdict ? verdict.principal : undefined;
    for (const route of verdict.routes)
      if (open.has(route) && (verdict.outcome !== "allowed" || isIntendedFor(access, principal, route)))
        open.delete(route);
  }
  for (const { principal, routes } of open.size === 0 ? [] : allowed)
    for (const route of routes.flat())
      if (open.has(route) && isIntendedFor(access, principal, route)) open.delete(route);
  const entries = [
    ...deferred.flatMap((entry) => amongOthers(entry, open)),
    ...possibleCallers(claims, withUnknownPolicies, open),
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
function amongOthers(entry: Gathered, open: ReadonlySet<Route>): readonly Gathered[] {
  const routes = entry.routes.flat().filter((route) => open.has(route));
  const [route] = routes;
  if (route === undefined) return [];
  const unknown: UnknownReason = {
    subject: {
      code: "intended-caller",
      principal: entry.principal.label,
      route: routeName(route),
      api: route.api.name,
    },
    dependsOn: inferredDocuments(entry.principal).map((origin) => origin.label),
    resolution: { code: "preview-after-api-or-name-function" },
  };
  return [{ ...entry, routes: [routes], unknowns: [unknown] }];
}

/** Principals that may be callers as far as their documents are known, each with the routes that are still open. */
function possibleCallers(
  { access, byApi, callerCredentials }: Claims,
  principals: readonly PrincipalFacts[],
  open: ReadonlySet<Route>,
): readonly Gathered[] {
  return principals.flatMap((principal) =>
    [...byApi.values()]
      .flatMap(({ byFunction }) => byFunction)
      .flatMap(({ target, routes: all }): readonly Gathered[] => {
        const invocation = access.functions.invoke(
          principal,
          target,
          callerCredentials ? "caller-credentials" : "two-step",
          all[0]?.api,
        );
        if (invocation.answer === "yes") return [];
        const routes = all.filter(
          (route) => open.has(route) && overStages(access, principal, route)?.answer === "unknown",
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
