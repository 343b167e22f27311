import type { Decision, Origin, Trilean } from "../../../iam";
import type { PrincipalFacts, PrincipalSource, Route } from "../../../stack";
import { originsTogether, PLAIN } from "../../answer";
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
  return everyone.flatMap((principal) => {
    const intendedRoutes = intended(principal);
    const groups = new Map<string, { decision: Decision; routes: Route[] }>();
    const add = (decision: Decision, routes: readonly Route[]): void => {
      const evidence = decision.decidedBy;
      const unknowns = decision.unknowns.map(({ subject }) => subject);
      const id = JSON.stringify([
        routes[0]?.api.urn,
        decision.answer,
        evidence?.source.label,
        evidence?.statement,
        (decision.otherAllows ?? []).map(({ source, statement }) => [source.label, statement]),
        unknowns,
      ]);
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { decision, routes: [...routes] });
      else group.routes.push(...routes);
    };
    for (const api of intendedRoutes === undefined
      ? access.apis.apisCalledBy(principal)
      : access.facts.apis) {
      const routes = access.routes.iamRoutes(api);
      if (routes.length === 0) continue;
      const decisionForAll = principal.external
        ? undefined
        : access.apis.callEveryRoute(principal, api, routes);
      if (decisionForAll?.answer === "yes") add(decisionForAll, routes);
      if (decisionForAll !== undefined) continue;
      for (const route of routes) {
        const decision =
          (principal.external ? undefined : callerRoute(access, principal, route)?.decision) ??
          (intendedRoutes?.(route) ? decideOverStages(access, principal, route) : undefined);
        // Declared callers that are denied are reported by `denied-callers.ts`.
        if (decision !== undefined && decision.answer !== "no") add(decision, [route]);
      }
    }
    return [...groups.values()].map((group) => principalVerdict(principal, group.routes, group.decision));
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
    unknowns: answer === "unknown" ? decision.unknowns : PLAIN.unknowns,
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
