import {
  type Decision,
  type Doubt,
  equal,
  type Origin,
  show,
  type Text,
  type Trilean,
  Unknown,
} from "../iam";
import type { FunctionTarget, PrincipalFacts, PrincipalSource, Route } from "../stack";
import { type Access, EXECUTE, INVOKE, key } from "./access";
import { showRoute, stageNames } from "./routes";
import { functionTargets } from "./targets";
import { originsTogether, type Verdict } from "./verdict";

/** Says whether the configuration declares a principal as a caller of a route. */
export type DeclaredCaller = (principal: PrincipalFacts, route: Route) => boolean;

/** What gate 1 says of a caller and a route, over all stages. */
interface FirstGate {
  readonly answer: Trilean;
  /** The principal's grants name the route, or the configuration does. */
  readonly meant: boolean;
  readonly decision: Decision;
}

function firstGate(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
  declared: boolean,
): FirstGate | undefined {
  let best: Decision | undefined;
  for (const stage of stageNames(route, "caller")) {
    const decision = access.call(principal, route, stage);
    if (best === undefined || rank(decision.answer) > rank(best.answer)) best = decision;
    if (best.answer === "yes") break;
  }
  if (best === undefined) return undefined;
  if (best.answer === "no") return declared ? { answer: "no", meant: true, decision: best } : undefined;
  const meant = declared || best.answer === "yes" || access.meantFor(principal, route);
  // Doubt about policies that nobody sees makes no caller: some grant in the plan must speak of the route.
  const possible = meant || best.doubts.some((doubt) => doubt.from.length > 0);
  return possible ? { answer: best.answer, meant, decision: best } : undefined;
}

function rank(answer: Trilean): number {
  return answer === "yes" ? 2 : answer === "unknown" ? 1 : 0;
}

/** The routes of one caller to one function, as they are gathered. */
interface Gathered {
  readonly principal: PrincipalFacts;
  readonly target: FunctionTarget;
  readonly invocation: Decision;
  readonly routes: Route[];
  readonly doubts: Doubt[];
  readonly notes: Set<string>;
  inferredFrom: readonly Origin[];
  meant: boolean;
}

/**
 * Who calls the IAM-authorized Lambda routes of a stack, and whether each caller may invoke the function
 * behind them itself. With `passthrough`, only routes that pass the caller's credentials to Lambda (where AWS
 * asks for it); without, only the others (where the two-step rule asks for it).
 */
export function callersOfRoutes(
  access: Access,
  passthrough: boolean,
  declared: DeclaredCaller,
): readonly Verdict[] {
  const routes = access.facts.routes.filter(
    (route) => route.integration !== undefined && mayBeIam(route) && usesCaller(route) === passthrough,
  );
  if (routes.length === 0) return [];
  const verdicts: Verdict[] = [];
  for (const principal of access.facts.principals) {
    if (!mayCallAnything(access, principal, declared, routes)) continue;
    verdicts.push(...callerVerdicts(access, principal, routes, passthrough, declared));
  }
  return verdicts;
}

export function usesCaller(route: Route): boolean {
  return route.integration?.credentials.mode === "caller";
}

export function mayBeIam(route: Route): boolean {
  return route.authorization === "AWS_IAM" || route.authorization instanceof Unknown;
}

function mayCallAnything(
  access: Access,
  principal: PrincipalFacts,
  declared: DeclaredCaller,
  routes: readonly Route[],
): boolean {
  if (access.callPatterns(principal).length > 0) return true;
  if (principal.sources.some((source) => source.document instanceof Unknown)) return true;
  const named = routes.some((route) => route.api.policies.length > 0);
  return named || routes.some((route) => declared(principal, route));
}

function callerVerdicts(
  access: Access,
  principal: PrincipalFacts,
  routes: readonly Route[],
  passthrough: boolean,
  declared: DeclaredCaller,
): readonly Verdict[] {
  const gathered = new Map<string, Gathered>();
  for (const route of routes) {
    const gate = firstGate(access, principal, route, declared(principal, route));
    if (gate === undefined) continue;
    for (const target of functionTargets(access, route)) {
      const invocation = access.invoke(principal, target, passthrough ? "passthrough" : "direct");
      const gateInferred = inferredBy(gate.decision);
      const elsewhere =
        invocation.answer === "no" && gateInferred.length > 0
          ? meantForOthers(access, principal, route, passthrough)
          : undefined;
      const certain = gate.meant && elsewhere === undefined;
      const id = `${key(target.arn instanceof Unknown ? [] : target.arn)} ${target.function?.urn} ${certain}`;
      const entry: Gathered = gathered.get(id) ?? {
        principal,
        target,
        invocation,
        routes: [],
        doubts: [],
        notes: new Set(),
        inferredFrom: [],
        meant: certain,
      };
      gathered.set(id, entry);
      entry.routes.push(route);
      entry.inferredFrom = originsTogether(
        entry.inferredFrom,
        gateInferred,
        invocation.answer === "yes" ? [] : inferredDocuments(principal),
        invocation.answer === "yes" ? inferredBy(invocation) : target.inferredFrom,
      );
      if (gate.answer === "unknown" && !gate.meant) entry.doubts.push(...gate.decision.doubts.slice(0, 3));
      if (elsewhere !== undefined) entry.doubts.push(elsewhere);
      if (route.authorization instanceof Unknown)
        entry.doubts.push({
          what: `the authorization of ${showRoute(route)}`,
          from: route.authorization.from.map((origin) => origin.label),
        });
    }
  }
  return [...gathered.values()].map((entry) => callerVerdict(entry, passthrough));
}

function callerVerdict(entry: Gathered, passthrough: boolean): Verdict {
  const { principal, target, invocation, routes } = entry;
  const doubtful = invocation.answer === "unknown" || entry.doubts.length > 0;
  return {
    gate: passthrough ? "caller's credentials may invoke the function" : "caller may invoke the function",
    outcome: invocation.answer === "yes" ? "allowed" : doubtful ? "unproven" : "denied",
    cause: "policies",
    urn: principal.urn,
    routes,
    principal,
    target,
    decision: invocation,
    actions: [INVOKE],
    inferredFrom: entry.inferredFrom,
    doubts: [...entry.doubts, ...(invocation.answer === "unknown" ? invocation.doubts : [])],
    notes: [...entry.notes],
    ...(target.arn instanceof Unknown ? {} : { asked: show(target.arn) }),
  };
}

/** What the document that decided was concluded from, when it was. */
function inferredBy(decision: Decision): readonly Origin[] {
  const by = decision.decidedBy?.source as PrincipalSource | undefined;
  return by?.inferredFrom ?? [];
}

function inferredDocuments(principal: PrincipalFacts): readonly Origin[] {
  return originsTogether(...principal.sources.map((source) => source.inferredFrom));
}

/**
 * An unshown document that is computed from an API says nothing of which of its routes it is for. A caller that
 * holds the functions of some of them may be meant for just those.
 */
function meantForOthers(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
  passthrough: boolean,
): Doubt | undefined {
  const others = access.facts.routes.filter(
    (other) => other !== route && other.api === route.api && mayBeIam(other),
  );
  const held = others.find((other) =>
    functionTargets(access, other).some(
      (target) => access.invoke(principal, target, passthrough ? "passthrough" : "direct").answer === "yes",
    ),
  );
  const another = held ?? others.find((other) => other.integration === undefined);
  if (another === undefined) return undefined;
  return {
    what: `whether ${principal.label} is meant to call ${showRoute(route)} or only others of API ${route.api.name}, such as ${showRoute(another)}`,
    from: inferredDocuments(principal).map((origin) => origin.label),
    settle: "the next preview after the API exists, when the document is shown",
  };
}

/** Principals whose grants speak of an API of the stack by name and reach none of its routes. */
export function callersStopped(access: Access, declared: DeclaredCaller): readonly Verdict[] {
  return access.facts.principals.flatMap((principal) => stoppedCaller(access, principal, declared));
}

function stoppedCaller(
  access: Access,
  principal: PrincipalFacts,
  declared: DeclaredCaller,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const iam = access.facts.routes.filter((route) => route.authorization === "AWS_IAM");
  for (const api of access.facts.apis) {
    const routes = iam.filter((route) => route.api === api);
    if (routes.length === 0) continue;
    const wanted = routes.filter((route) => declared(principal, route));
    const denied: { route: Route; decision: Decision }[] = [];
    for (const route of routes) {
      if (!wanted.includes(route) && !namesRoute(access, principal, route)) continue;
      const decisions = stageNames(route, "caller").map((stage) => access.call(principal, route, stage));
      const [first] = decisions;
      if (first !== undefined && decisions.every((decision) => decision.answer === "no"))
        denied.push({ route, decision: first });
    }
    const [one] = denied;
    if (one === undefined) continue;
    verdicts.push({
      gate: "caller may call the route",
      outcome: "denied",
      cause: "policies",
      urn: principal.urn,
      routes: denied.map((each) => each.route),
      api,
      principal,
      decision: one.decision,
      actions: [EXECUTE],
      inferredFrom: inferredBy(one.decision),
      doubts: [],
      notes: [],
    });
  }
  return [...verdicts, ...missedRoutes(access, principal)];
}

/** Whether a grant of the principal names the route's API without wildcards, and reaches the route. */
function namesRoute(access: Access, principal: PrincipalFacts, route: Route): boolean {
  return access.callPatterns(principal).some((pattern) => {
    const id = apiIdOf(pattern);
    return id !== undefined && equal(id, route.api.id) === "yes" && access.reaches(pattern, route);
  });
}

/** The API id that an execute-api pattern names, when it names one without wildcards. */
export function apiIdOf(pattern: Text): Text | undefined {
  const shown = pattern.map((piece) => (typeof piece === "string" ? piece : "\u0000")).join("");
  const match = /^arn:[^:]*:execute-api:[^:]*:[^:]*:([^:/]+)(\/|$)/.exec(shown);
  const id = match?.[1];
  if (id === undefined || /[*?]/.test(id)) return undefined;
  if (!id.includes("\u0000")) return [id];
  const hole = pattern.find((piece) => typeof piece !== "string" && piece.universe === "API id");
  return id === "\u0000" && hole !== undefined ? [hole] : undefined;
}

/** Grants that name an API of the stack and match none of its routes. */
function missedRoutes(access: Access, principal: PrincipalFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const pattern of access.callPatterns(principal)) {
    const id = apiIdOf(pattern);
    if (id === undefined) continue;
    const api = access.facts.apis.find((one) => equal(one.id, id) === "yes");
    if (api === undefined) continue;
    const routes = access.facts.routes.filter((route) => route.api === api);
    if (routes.length === 0 || show(pattern).includes("@connections")) continue;
    if (routes.some((route) => access.reaches(pattern, route))) continue;
    verdicts.push({
      gate: "caller may call the route",
      outcome: "denied",
      cause: "policies",
      urn: principal.urn,
      routes: routes.filter((route) => route.authorization === "AWS_IAM"),
      api,
      principal,
      asked: show(pattern),
      actions: [EXECUTE],
      inferredFrom: [],
      doubts: [],
      notes: [],
    });
  }
  return verdicts;
}

/** Roles and users that may call an API outside the stack and hold no right to invoke any function. */
export function callersOfOutsideApis(access: Access): readonly Verdict[] {
  return access.facts.principals.flatMap((principal): readonly Verdict[] => {
    if (principal.unseen.length > 0 || access.mayInvokeSomething(principal)) return [];
    const outside = access.callPatterns(principal).filter((pattern) => {
      const known = show(pattern).includes("@connections");
      return !known && access.facts.apis.every((api) => access.reachesApi(pattern, api) === "no");
    });
    const [pattern] = outside;
    if (pattern === undefined) return [];
    return [
      {
        gate: "caller of an API outside the stack may invoke",
        outcome: "denied",
        cause: "policies",
        urn: principal.urn,
        routes: [],
        principal,
        asked: show(pattern),
        actions: [INVOKE],
        inferredFrom: [],
        doubts: [],
        notes: [],
      },
    ];
  });
}
