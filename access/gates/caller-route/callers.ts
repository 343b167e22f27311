import type { Decision, Origin, PolicySource, StatementEvidence, Trilean } from "../../../iam";
import type { PrincipalFacts, PrincipalSource, Route } from "../../../stack";
import { cached, groupBy } from "../../../stack/pulumi/keys";
import { NO_UNKNOWNS, originsTogether } from "../../answer";
import type { Access } from "../../decisions/access";
import { stageNames } from "../../requests/routes";
import { callersOf, type DeclaredCaller } from "./declared-callers";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

/** The gate's answer for a caller and a route, over all stages. */
export interface CallerRoute {
  readonly answer: Trilean;
  /** The principal's grants name the route, or the configuration does. */
  readonly intended: boolean;
  readonly decision: Decision;
}

/**
 * The answer for a principal whose own grants name or cover the route; `undefined` where it is certainly denied or
 * where no grant in the plan concerns the route.
 */
export function callerRoute(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
): CallerRoute | undefined {
  if (!access.apis.mayReach(principal, route)) return undefined;
  const best = decideOverStages(access, principal, route);
  if (best === undefined || best.answer === "no") return undefined;
  const intended = best.answer === "yes" || access.grants.covers(principal, route);
  // Policies outside the plan make no principal a caller: some grant in the plan must cover the route.
  const possible =
    intended ||
    access.apis.mayAllowByUnknownDocument(principal, route.api) ||
    access.grants.mayCover(principal, route);
  return possible ? { answer: best.answer, intended, decision: best } : undefined;
}

/** A principal that may call one stage of a route may call the route. */
export function decideOverStages(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
): Decision | undefined {
  const decisions = stageNames(route, "caller").map((stage) => access.apis.call(principal, route, stage));
  return (
    decisions.find((decision) => decision.answer === "yes") ??
    decisions.find((decision) => decision.answer === "unknown") ??
    decisions[0]
  );
}

/**
 * The IAM-authorized routes, including those that call no function, that each caller may call, certainly or possibly,
 * grouped by reason.
 */
export function callersOfEachRoute(access: Access, declared: DeclaredCaller): readonly CallerRouteVerdict[] {
  const { everyone, intended } = callersOf(access, declared);
  const reasonKey = reasonKeys();
  return everyone.flatMap((principal) =>
    groupBy(decisionsOfRoutes(access, principal, intended(principal)), reasonKey).map((group) =>
      principalVerdict(
        principal,
        group.flatMap(({ routes }) => routes),
        group[0].decision,
      ),
    ),
  );
}

interface DecisionOfRoutes {
  readonly decision: Decision;
  readonly routes: readonly Route[];
}

/** The key of a decision: its unknowns, and the statements that decided it, by source and index. */
function reasonKeys(): (entry: DecisionOfRoutes) => string {
  const sources = new Map<PolicySource, number>();
  const statementKey = ({ source, index }: StatementEvidence): readonly number[] => [
    cached(sources, source, () => sources.size),
    index,
  ];
  return ({ decision: { answer, decidedBy, otherAllows = [], unknowns }, routes }) =>
    JSON.stringify([
      routes[0]?.api.urn,
      answer,
      decidedBy === undefined ? undefined : statementKey(decidedBy),
      otherAllows.map(statementKey),
      unknowns.map(({ subject }) => subject),
    ]);
}

/** The decisions on a caller that are not denied, each with its routes, which are all of one API. */
function decisionsOfRoutes(
  access: Access,
  principal: PrincipalFacts,
  isIntended: ((route: Route) => boolean) | undefined,
): readonly DecisionOfRoutes[] {
  const apis = isIntended === undefined ? access.apis.apisCalledBy(principal) : access.facts.apis;
  return [...apis].flatMap((api): readonly DecisionOfRoutes[] => {
    const routes = access.routes.iamRoutes(api);
    if (routes.length === 0) return [];
    const decisionForAll = principal.external
      ? undefined
      : access.apis.callEveryRoute(principal, api, routes);
    if (decisionForAll !== undefined)
      return decisionForAll.answer === "yes" ? [{ decision: decisionForAll, routes }] : [];
    return routes.flatMap((route) => {
      const decision =
        (principal.external ? undefined : callerRoute(access, principal, route)?.decision) ??
        (isIntended?.(route) ? decideOverStages(access, principal, route) : undefined);
      // Declared callers that are denied are reported by `denied-callers.ts`.
      return decision !== undefined && decision.answer !== "no" ? [{ decision, routes: [route] }] : [];
    });
  });
}

/** The gate caller-route for one principal and one route, whether or not the principal is intended to call it. */
export function mayCall(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
): CallerRouteVerdict | undefined {
  const decision = decideOverStages(access, principal, route);
  return decision === undefined ? undefined : principalVerdict(principal, [route], decision);
}

/**
 * The verdict of a decision. One about a principal outside the stack belongs to the API, since the principal has no
 * resource.
 */
export function principalVerdict(
  principal: PrincipalFacts,
  routes: readonly Route[],
  decision: Decision,
): CallerRouteVerdict {
  const { answer } = decision;
  return callerRouteVerdict({
    outcome: answer === "yes" ? "allowed" : answer === "no" ? "denied" : "unproven",
    cause: "policies",
    urn: principal.external ? (routes[0]?.api.urn ?? "") : principal.urn,
    routes,
    principal,
    decision,
    inferredFrom: inferredBy(principal, decision),
    unknowns: answer === "unknown" ? decision.unknowns : NO_UNKNOWNS.unknowns,
  });
}

/** The dependencies that the deciding documents were inferred from. */
export function inferredBy(principal: PrincipalFacts, decision: Decision): readonly Origin[] {
  const ofBoundary = decision.reason === "allowed-by-identity-policy" ? principal.boundary?.inferredFrom : [];
  // Evidence is computed only when it is read, and for most principals nothing was inferred.
  if (principal.sources.every((source) => source.inferredFrom === undefined)) return ofBoundary ?? [];
  const decidingSource = decision.decidedBy?.source as PrincipalSource | undefined;
  return originsTogether(decidingSource?.inferredFrom, ofBoundary);
}
