import { type Decision, show } from "../../../iam";
import type { Api, PrincipalFacts, Route } from "../../../stack";
import { originsTogether } from "../../answer";
import type { Access } from "../../decisions/access";
import { isClosedPrivateApi } from "../../decisions/private-apis";
import { stageNames } from "../../requests/routes";
import { decideOverStages, inferredBy, principalVerdict } from "./callers";
import { callersOf, type DeclaredCaller, NO_DECLARED_CALLERS } from "./declared-callers";
import { mayMatchWithWildcards } from "./path-parameters";
import type { RouteCall } from "./service-calls";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

/**
 * Principals that are intended to call a route and are denied: their grants name its API, the configuration declares
 * them, or a resource of the stack calls the route as them.
 */
export function deniedCallers(access: Access, declared: DeclaredCaller): readonly CallerRouteVerdict[] {
  const certain = new Map(
    access.facts.apis.map((api) => [
      api,
      access.routes.iamRoutes(api).filter((route) => route.authorization === "AWS_IAM"),
    ]),
  );
  const { everyone, calls } = callersOf(access, declared);
  return everyone.flatMap((principal) => {
    const byCalls = deniedCalls(access, principal, calls(principal));
    const byCallsOfResources = new Set(byCalls.flatMap((verdict) => verdict.routes));
    const apis = new Set([...byCallsOfResources].map((route) => route.api));
    return [
      ...byCalls,
      ...deniedIntendedRoutes(access, principal, { iamRoutes: certain, declared, byCallsOfResources }),
      ...closedPrivateApis(access, principal, certain),
      ...unmatchedGrants(access, principal, apis),
    ];
  });
}

/** Calls that resources of the stack make as the principal, on routes that do not allow it. */
function deniedCalls(
  access: Access,
  principal: PrincipalFacts,
  calls: readonly RouteCall[],
): readonly CallerRouteVerdict[] {
  const byApi = new Map<string, { decision: Decision; callsMade: RouteCall[] }>();
  for (const routeCall of calls) {
    const { call, routes } = routeCall;
    const decisions =
      call.inferredFrom.length === 0
        ? [access.apis.callResource(principal, call.api, call.arn)]
        : routes.flatMap((route) =>
            stageNames(route, "caller").map((stage) => access.apis.call(principal, route, stage)),
          );
    const [first] = decisions;
    const notDenied = decisions.find(({ answer }) => answer !== "no");
    // A principal that may call one of several routes is assumed to be intended for that one.
    if (first === undefined || (notDenied !== undefined && !isUndecided(notDenied))) continue;
    const id = JSON.stringify([call.api.urn, notDenied === undefined]);
    const group = byApi.get(id) ?? { decision: notDenied ?? first, callsMade: [] };
    byApi.set(id, group);
    group.callsMade.push(routeCall);
  }
  return [...byApi.values()].map(({ decision, callsMade }) => ({
    ...principalVerdict(principal, [...new Set(callsMade.flatMap(({ routes }) => routes))], decision),
    inferredFrom: originsTogether(
      inferredBy(principal, decision),
      ...callsMade.map(({ call }) => call.inferredFrom),
    ),
    notes: callsMade.map(({ call }) => ({ code: "call", call: call.label, principal: principal.label })),
  }));
}

/** Undecided, and not only because of a value that each request chooses. */
function isUndecided({ answer, unknowns }: Decision): boolean {
  return answer === "unknown" && unknowns.some((unknown) => unknown.varies !== true);
}

/** Routes that a principal may be intended to call. */
interface Candidates {
  readonly iamRoutes: ReadonlyMap<Api, readonly Route[]>;
  readonly declared: DeclaredCaller;
  /** The routes that already have a verdict. */
  readonly byCallsOfResources: ReadonlySet<Route>;
}

function deniedIntendedRoutes(
  access: Access,
  principal: PrincipalFacts,
  { iamRoutes, declared, byCallsOfResources }: Candidates,
): readonly CallerRouteVerdict[] {
  const verdicts: CallerRouteVerdict[] = [];
  const namedApis = new Set(access.grants.apisNamedBy(principal));
  const apis = declared === NO_DECLARED_CALLERS ? namedApis : access.facts.apis;
  for (const api of apis) {
    const routes = iamRoutes.get(api) ?? [];
    if (routes.length === 0) continue;
    if (!principal.external && access.apis.callEveryRoute(principal, api, routes)?.answer === "yes") continue;
    const denied: { route: Route; decision: Decision }[] = [];
    const undecided: { route: Route; decision: Decision }[] = [];
    for (const route of routes) {
      if (byCallsOfResources.has(route)) continue;
      const isDeclared = declared !== NO_DECLARED_CALLERS && declared(principal, route);
      if (!isDeclared && !(namedApis.has(api) && access.grants.nameRoute(principal, route))) continue;
      const decision = decideOverStages(access, principal, route);
      if (decision?.answer === "no") denied.push({ route, decision });
      if (decision !== undefined && isDeclared && isUndecided(decision)) undecided.push({ route, decision });
    }
    for (const group of [denied, undecided]) {
      const [entry] = group;
      if (entry === undefined) continue;
      const routes = group.map(({ route }) => route);
      verdicts.push(principalVerdict(principal, routes, entry.decision));
    }
  }
  return verdicts;
}

/**
 * Private APIs without a resource policy, to which API Gateway denies every request, regardless of the caller's
 * permissions.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html
 */
function closedPrivateApis(
  access: Access,
  principal: PrincipalFacts,
  iamRoutes: ReadonlyMap<Api, readonly Route[]>,
): readonly CallerRouteVerdict[] {
  const namedApis = new Set(
    access.grants.apisNamedBy(principal).filter((api) => isClosedPrivateApi(access, api)),
  );
  return [...namedApis].flatMap((api): readonly CallerRouteVerdict[] => {
    const routes = (iamRoutes.get(api) ?? []).filter((route) => access.grants.nameRoute(principal, route));
    if (routes.length === 0) return [];
    return [
      callerRouteVerdict({
        outcome: "denied",
        cause: "private-api-without-resource-policy",
        urn: principal.external ? api.urn : principal.urn,
        routes,
        api,
        principal,
      }),
    ];
  });
}

/**
 * Grants that name an API of the stack and match none of its routes. If another grant allows the principal, such a grant
 * has no effect, unless it is intended for a route that remains denied: a path parameter in braces.
 */
function unmatchedGrants(
  access: Access,
  principal: PrincipalFacts,
  except: ReadonlySet<Api>,
): readonly CallerRouteVerdict[] {
  const verdicts: CallerRouteVerdict[] = [];
  for (const grant of access.grants.ofPrincipal(principal)) {
    const { api, text: pattern } = grant;
    // Only some routes of an API in another stack are known.
    if (api === undefined || api.external || grant.inferred || except.has(api)) continue;
    const routes = access.routes.ofApi(api);
    if (routes.length === 0 || show(pattern).includes("@connections")) continue;
    if (!routes.every((route) => access.grants.neverCovers(grant, route))) continue;
    const iamRoutes = routes.filter((route) => route.authorization === "AWS_IAM");
    const deniedRoutes = iamRoutes.filter(
      (route) => decideOverStages(access, principal, route)?.answer === "no",
    );
    const hasNoEffect =
      deniedRoutes.length < iamRoutes.length &&
      !deniedRoutes.some((route) => mayMatchWithWildcards(access, pattern, route, "identity"));
    if (hasNoEffect) continue;
    verdicts.push(
      callerRouteVerdict({
        outcome: "denied",
        cause: "grant-matches-no-route",
        urn: principal.urn,
        routes: iamRoutes,
        api,
        principal,
        grant: show(pattern),
      }),
    );
  }
  return verdicts;
}
