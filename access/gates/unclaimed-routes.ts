import { type Doubt, Unknown } from "../../iam";
import type { Api, PrincipalFacts, Route } from "../../stack";
import type { Access } from "../decisions/access";
import type { ApiRoutes } from "../requests/route-groups";
import { showRoute } from "../requests/routes";
import type { Verdict } from "../verdict";
import { callerVerdict, type Gathered, inferredDocuments } from "./caller-invoke-verdict";
import { overStages } from "./caller-route";

/**
 * Routes that nobody is said to call by now, of whom it can be said that they might be meant for them: callers that
 * hold the functions of other routes only, and principals with documents of which nothing at all is known. Beside a
 * caller whose grants name the API neither is worth a word; without one, a function that was forgotten among several
 * would go unnoticed. It is no denial: an API of which each caller calls its own routes looks just the same.
 */
export function unclaimedRoutes(
  access: Access,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  callerCredentials: boolean,
  verdicts: readonly Verdict[],
  deferred: readonly Gathered[],
): readonly Verdict[] {
  const withUnknownPolicies = principalsWithUnknownPolicies(access);
  const open = new Set(deferred.flatMap(({ routes }) => routes).flat());
  if (withUnknownPolicies.length > 0)
    for (const { routes } of byApi.values()) for (const route of routes) open.add(route);
  for (const { outcome, principal, routes } of open.size === 0 ? [] : verdicts)
    for (const route of routes)
      if (open.has(route) && (outcome !== "allowed" || isIntendedFor(access, principal, route)))
        open.delete(route);
  const entries = [
    ...deferred.flatMap((entry) => amongOthers(entry, open)),
    ...possibleCallers(access, byApi, callerCredentials, withUnknownPolicies, open),
  ];
  return entries.map((entry) => ({
    ...callerVerdict(entry, callerCredentials),
    outcome: "unproven",
    doubts: entry.doubts,
  }));
}

/** As many as people read of: with more, none of them tells anything. */
const MOST_PRINCIPALS_WITH_UNKNOWN_POLICIES = 20;

/** Principals with a document of which nothing at all is known: it depends on nothing that the plan names. */
export function principalsWithUnknownPolicies(access: Access): readonly PrincipalFacts[] {
  return access.facts.principals
    .filter(({ sources }) => sources.some(({ hidden }) => hidden?.fromNothing))
    .slice(0, MOST_PRINCIPALS_WITH_UNKNOWN_POLICIES);
}

export function unknownPolicies({ sources }: PrincipalFacts): readonly Doubt[] {
  return sources.flatMap(({ hidden, label, document }): readonly Doubt[] =>
    hidden?.fromNothing
      ? [
          {
            what: `the document of ${label}`,
            from: document instanceof Unknown ? document.from.map((origin) => origin.label) : [],
            settle: SHOWN,
          },
        ]
      : [],
  );
}

/** A grant for everything means nothing in particular. */
function isIntendedFor(access: Access, principal: PrincipalFacts | undefined, route: Route): boolean {
  return principal === undefined || principal.external === true || access.grants.nameRoute(principal, route);
}

/** A caller that holds the functions of other routes, and those of its routes that are still open. */
function amongOthers(entry: Gathered, open: ReadonlySet<Route>): readonly Gathered[] {
  const routes = entry.routes.flat().filter((route) => open.has(route));
  const [route] = routes;
  if (route === undefined) return [];
  const doubt: Doubt = {
    what: `whether ${entry.principal.label} is meant to call ${showRoute(route)}: it may invoke the functions of other routes of API ${route.api.name}, and no other caller is seen to be meant for this one`,
    from: inferredDocuments(entry.principal).map((origin) => origin.label),
    settle:
      "the next preview after the API exists, when the document is shown; or name the route's function in it",
  };
  return [{ ...entry, routes: [routes], doubts: [doubt] }];
}

/** Principals that may be callers for all that is known of their documents, each with the routes that are still open. */
function possibleCallers(
  access: Access,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  callerCredentials: boolean,
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
        const doubts = [...unknownPolicies(principal)];
        return [{ principal, target, invocation, routes: [routes], doubts, gateInferred: new Set() }];
      }),
  );
}

/** https://www.pulumi.com/docs/iac/concepts/functions/provider-functions/#output-form */
const SHOWN =
  "preview again once the document has a value; or write it as an object or with pulumi.jsonStringify, which show what it is computed from (aws.iam.getPolicyDocumentOutput does not)";
