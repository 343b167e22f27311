import { type Decision, type Doubt, type Origin, show, type Trilean, Unknown } from "../iam";
import type {
  Api,
  FunctionTarget,
  LambdaIntegration,
  PrincipalFacts,
  PrincipalSource,
  Route,
} from "../stack";
import { type Access, EXECUTE, type Grant, INVOKE, key, sameAccount, settled } from "./access";
import { type RouteCall, routeCalls } from "./api-calls";
import { grantsByText } from "./by-text";
import { apiIdOf, showRoute, stageNames } from "./routes";
import { originsTogether, type Verdict } from "./verdict";

/** Says whether the configuration declares a principal as a caller of a route. */
export interface DeclaredCaller {
  (principal: PrincipalFacts, route: Route): boolean;
  /** Those whom it declares and who are no principals of the stack. */
  readonly outsiders?: readonly PrincipalFacts[];
}

/** Nobody is declared: the usual case, told apart so that it costs nothing. */
export const NOBODY_DECLARED: DeclaredCaller = () => false;

/** What gate 1 says of a caller and a route, over all stages. */
interface FirstGate {
  readonly answer: Trilean;
  /** The principal's grants name the route, or the configuration does. */
  readonly meant: boolean;
  readonly decision: Decision;
}

function firstGate(access: Access, principal: PrincipalFacts, route: Route): FirstGate | undefined {
  if (!access.mayReach(principal, route)) return undefined;
  const best = overStages(access, principal, route);
  if (best === undefined || best.answer === "no") return undefined;
  const meant = best.answer === "yes" || access.meantFor(principal, route);
  // Doubt about policies that nobody sees makes no caller: some grant in the plan must speak of the route.
  const possible = meant || access.mayBeAbout(principal, route.api) || access.mayName(principal, route);
  return possible ? { answer: best.answer, meant, decision: best } : undefined;
}

/** Whoever may call one stage of a route may call the route. */
function overStages(access: Access, principal: PrincipalFacts, route: Route): Decision | undefined {
  const decisions = stageNames(route, "caller").map((stage) => access.call(principal, route, stage));
  return (
    decisions.find((decision) => decision.answer === "yes") ??
    decisions.find((decision) => decision.answer === "unknown") ??
    decisions[0]
  );
}

/** Routes of one API that call one function, and what the plan does not show of them. */
interface RouteGroup {
  /** The same for all groups of one function. */
  readonly id: string;
  readonly target: FunctionTarget;
  readonly routes: readonly Route[];
  readonly doubts: readonly Doubt[];
}

function groupOf(target: FunctionTarget, routes: readonly Route[]): RouteGroup {
  return {
    id: `${target.arn instanceof Unknown ? "" : key(target.arn)} ${target.function?.urn}`,
    target,
    routes,
    doubts: routes.flatMap((route) => routeDoubts(route, target)),
  };
}

/** The routes in question of one API, grouped once for all callers. */
interface ApiRoutes {
  readonly routes: readonly Route[];
  readonly byFunction: readonly RouteGroup[];
  readonly oneByOne: ReadonlyMap<Route, RouteGroup>;
}

function apiRoutes(routes: readonly (Route & { readonly integration: LambdaIntegration })[]): ApiRoutes {
  const byFunction = new Map<string, { target: FunctionTarget; routes: Route[] }>();
  const oneByOne = new Map<Route, RouteGroup>();
  for (const route of routes) {
    const { target } = route.integration;
    const alone = groupOf(target, [route]);
    oneByOne.set(route, alone);
    const together = byFunction.get(alone.id);
    if (together === undefined) byFunction.set(alone.id, { target, routes: [route] });
    else together.routes.push(route);
  }
  const groups = [...byFunction.values()].map((group) => groupOf(group.target, group.routes));
  return { routes, byFunction: groups, oneByOne };
}

/** The routes of one caller to one function, as they are gathered. */
interface Gathered {
  readonly principal: PrincipalFacts;
  readonly target: FunctionTarget;
  readonly invocation: Decision;
  readonly routes: (readonly Route[])[];
  readonly doubts: Doubt[];
  readonly gateInferred: Set<readonly Origin[]>;
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
  const byApi = new Map<Api, ApiRoutes>();
  for (const api of access.facts.apis) {
    const routes = access
      .iamRoutes(api)
      .filter((route) => callsFunction(route) && usesCaller(route) === passthrough);
    if (routes.length > 0) byApi.set(api, apiRoutes(routes.filter(callsFunction)));
  }
  if (byApi.size === 0) return [];
  const { everybody, meant } = callersOf(access, declared);
  const aside: Gathered[] = [];
  const verdicts = everybody.flatMap((principal) =>
    callerVerdicts(access, principal, byApi, passthrough, meant(principal), aside),
  );
  return [...verdicts, ...leftOut(access, byApi, passthrough, verdicts, aside)];
}

/** The routes that somebody is declared or seen to call, whatever gate 1 says; `undefined`: none. */
type MeantRoutes = ((route: Route) => boolean) | undefined;

/** The principals of the stack and the others who are declared or seen to call, each with what they call. */
function callersOf(
  access: Access,
  declared: DeclaredCaller,
): {
  readonly everybody: readonly PrincipalFacts[];
  meant(principal: PrincipalFacts): MeantRoutes;
  calls(principal: PrincipalFacts): readonly RouteCall[];
} {
  const calls = routeCalls(access);
  const outsiders = [...(declared.outsiders ?? []), ...[...calls.keys()].filter(({ outside }) => outside)];
  const callsAs = (principal: PrincipalFacts): readonly RouteCall[] => calls.get(principal) ?? [];
  return {
    everybody: outsiders.length === 0 ? access.facts.principals : [...access.facts.principals, ...outsiders],
    calls: callsAs,
    meant(principal) {
      // Of several routes that may answer a call, and of a call that is not shown, nobody can say which is meant.
      const sure = callsAs(principal).flatMap(({ call, routes }) =>
        routes.length === 1 && call.inferredFrom.length === 0 ? routes : [],
      );
      if (sure.length === 0 && declared === NOBODY_DECLARED) return undefined;
      return (route) => sure.includes(route) || declared(principal, route);
    },
  };
}

function callsFunction(route: Route): route is Route & { readonly integration: LambdaIntegration } {
  return route.integration !== undefined;
}

export function usesCaller(route: Route): boolean {
  return route.integration?.credentials.mode === "caller";
}

function callerVerdicts(
  access: Access,
  principal: PrincipalFacts,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  passthrough: boolean,
  meant: MeantRoutes,
  aside: Gathered[],
): readonly Verdict[] {
  const gathered = new Map<string, Gathered>();
  const how = passthrough ? "passthrough" : "direct";
  const gather = (gate: FirstGate, group: RouteGroup): void => {
    const { target } = group;
    const invocation = access.invoke(principal, target, how);
    const gateInferred = inferredBy(principal, gate.decision);
    const unsure = invocation.answer === "no" && gateInferred.length > 0;
    const others = unsure ? group.routes.filter((route) => holdsOthers(access, principal, route, how)) : [];
    if (others.length > 0)
      aside.push({
        principal,
        target,
        invocation,
        routes: [others],
        doubts: [],
        gateInferred: new Set([gateInferred]),
      });
    const routes = others.length > 0 ? group.routes.filter((route) => !others.includes(route)) : group.routes;
    if (routes.length === 0) return;
    const doubts = [
      ...(gate.answer === "unknown" && !gate.meant ? gate.decision.doubts.slice(0, 3) : []),
      ...(unsure ? routes.flatMap((route) => otherKinds(access, principal, route, passthrough)) : []),
      ...grantsByText(principal, target, invocation),
      ...(routes === group.routes ? group.doubts : routes.flatMap((route) => routeDoubts(route, target))),
    ];
    const id = `${group.id} ${doubts.length > 0}`;
    const entry: Gathered = gathered.get(id) ?? {
      principal,
      target,
      invocation,
      routes: [],
      doubts: [],
      gateInferred: new Set(),
    };
    gathered.set(id, entry);
    entry.routes.push(routes);
    entry.doubts.push(...doubts);
    entry.gateInferred.add(gateInferred);
  };
  for (const api of principal.outside ? [] : access.apisCalledBy(principal)) {
    const ofApi = byApi.get(api);
    if (ofApi === undefined) continue;
    // Most grants are for a whole API or stage: one answer serves all its routes.
    const whole = access.callsWhole(principal, api, ofApi.routes);
    if (whole?.answer === "no") continue;
    if (whole?.answer === "yes") {
      const gate: FirstGate = { answer: "yes", meant: true, decision: whole };
      for (const group of ofApi.byFunction) gather(gate, group);
      continue;
    }
    for (const [route, group] of ofApi.oneByOne) {
      const gate = firstGate(access, principal, route);
      if (gate !== undefined) gather(gate, group);
    }
  }
  if (meant !== undefined) gatherMeant(access, principal, byApi, meant, gathered, gather);
  const verdicts = [...gathered.values()].map((entry) => callerVerdict(entry, passthrough));
  return principal.outside ? outsiderVerdicts(verdicts, passthrough) : verdicts;
}

/**
 * Routes that nobody is said to call by now, of whom it can be said that they might be meant for them: callers that
 * hold the functions of other routes only, and principals with documents of which nothing at all is known. Beside a
 * caller whose grants name the API neither is worth a word; without one, a function that was forgotten among several
 * would go unnoticed. It is no denial: an API of which each caller calls its own routes looks just the same.
 */
function leftOut(
  access: Access,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  passthrough: boolean,
  verdicts: readonly Verdict[],
  aside: readonly Gathered[],
): readonly Verdict[] {
  const dark = access.facts.principals
    .filter(({ sources }) => sources.some(({ hidden }) => hidden?.fromNothing))
    .slice(0, MOST_DARK);
  const open = new Set(aside.flatMap(({ routes }) => routes).flat());
  if (dark.length > 0) for (const { routes } of byApi.values()) for (const route of routes) open.add(route);
  for (const { outcome, principal, routes } of open.size === 0 ? [] : verdicts)
    for (const route of routes)
      if (open.has(route) && (outcome !== "allowed" || isMeantFor(access, principal, route)))
        open.delete(route);
  const entries = [
    ...aside.flatMap((entry) => amongOthers(entry, open)),
    ...inTheDark(access, byApi, passthrough, dark, open),
  ];
  return entries.map((entry) => ({
    ...callerVerdict(entry, passthrough),
    outcome: "unproven",
    doubts: entry.doubts,
  }));
}

/** As many as people read of: with more, none of them tells anything. */
const MOST_DARK = 20;

/** A grant for everything means nothing in particular. */
function isMeantFor(access: Access, principal: PrincipalFacts | undefined, route: Route): boolean {
  return principal === undefined || principal.outside === true || access.namesRoute(principal, route);
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
function inTheDark(
  access: Access,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  passthrough: boolean,
  principals: readonly PrincipalFacts[],
  open: ReadonlySet<Route>,
): readonly Gathered[] {
  return principals.flatMap((principal) =>
    [...byApi.values()]
      .flatMap(({ byFunction }) => byFunction)
      .flatMap(({ target, routes: all }): readonly Gathered[] => {
        const invocation = access.invoke(principal, target, passthrough ? "passthrough" : "direct");
        if (invocation.answer === "yes") return [];
        const routes = all.filter(
          (route) => open.has(route) && overStages(access, principal, route)?.answer === "unknown",
        );
        if (routes.length === 0) return [];
        const doubts = principal.sources.flatMap(({ hidden, label }): readonly Doubt[] =>
          hidden?.fromNothing ? [{ what: `the document of ${label}`, from: [], settle: SHOWN }] : [],
        );
        return [{ principal, target, invocation, routes: [routes], doubts, gateInferred: new Set() }];
      }),
  );
}

/** https://www.pulumi.com/docs/iac/concepts/functions/provider-functions/#output-form */
const SHOWN =
  "preview again once the document has a value; or write it as an object or with pulumi.jsonStringify, which show what it is computed from (aws.iam.getPolicyDocumentOutput does not)";

/** Routes that the principal is declared or seen to call, whatever gate 1 makes of it. */
function gatherMeant(
  access: Access,
  principal: PrincipalFacts,
  byApi: ReadonlyMap<Api, ApiRoutes>,
  meant: NonNullable<MeantRoutes>,
  gathered: ReadonlyMap<string, Gathered>,
  gather: (gate: FirstGate, group: RouteGroup) => void,
): void {
  const before = new Set([...gathered.values()].flatMap((entry) => entry.routes).flat());
  for (const { oneByOne } of byApi.values())
    for (const [route, group] of oneByOne) {
      if (before.has(route) || !meant(route)) continue;
      const decision = overStages(access, principal, route);
      if (decision !== undefined) gather({ answer: decision.answer, meant: true, decision }, group);
    }
}

const ELSEWHERE = "preview the stack that the caller belongs to, or exempt it when that was done";

/**
 * What is held by somebody outside the stack is not in the plan, so nothing is denied for lack of it. A Deny of the
 * stack is one all the same; and callers of other accounts are never passed through, whatever both accounts allow:
 * https://github.com/amazon-archives/aws-apigateway-importer/issues/125
 */
function outsiderVerdicts(verdicts: readonly Verdict[], passthrough: boolean): readonly Verdict[] {
  return verdicts.flatMap((verdict): readonly Verdict[] => {
    const { principal, decision } = verdict;
    const [route] = verdict.routes;
    if (principal === undefined || route === undefined) return [];
    const placed = { ...verdict, urn: route.api.urn, api: route.api };
    const abroad = verdict.routes.every(({ api }) => sameAccount(principal, api.scope.account) === "no");
    if (passthrough && abroad)
      return [{ ...placed, outcome: "denied", cause: "caller of another account", doubts: [] }];
    if (verdict.outcome === "allowed" || decision?.reason === "explicit deny") return [placed];
    const unseen = principal.unseen.map(
      (what): Doubt => ({ what, from: [], could: "allow", settle: ELSEWHERE }),
    );
    const others = verdict.doubts.filter(({ what }) => !principal.unseen.includes(what));
    return [{ ...placed, outcome: "unproven", doubts: [...unseen, ...others] }];
  });
}

function routeDoubts(route: Route, target: FunctionTarget): readonly Doubt[] {
  return [
    ...(route.integration?.mayBeOther && target.arn instanceof Unknown
      ? [{ what: `what ${showRoute(route)} calls`, from: target.arn.from.map((origin) => origin.label) }]
      : []),
    ...(route.authorization instanceof Unknown
      ? [
          {
            what: `the authorization of ${showRoute(route)}`,
            from: route.authorization.from.map((origin) => origin.label),
          },
        ]
      : []),
  ];
}

function callerVerdict(entry: Gathered, passthrough: boolean): Verdict {
  const { principal, target, invocation } = entry;
  const doubtful = invocation.answer === "unknown" || entry.doubts.length > 0;
  const allowed = invocation.answer === "yes";
  return {
    gate: passthrough ? "caller's credentials may invoke the function" : "caller may invoke the function",
    outcome: allowed ? "allowed" : doubtful ? "unproven" : "denied",
    cause: "policies",
    urn: principal.urn,
    routes: together(entry.routes),
    principal,
    target,
    decision: invocation,
    actions: [INVOKE],
    inferredFrom: inferredFrom(entry, allowed),
    doubts: [...entry.doubts, ...(invocation.answer === "unknown" ? settled(target, invocation.doubts) : [])],
    notes: [],
    ...(target.arn instanceof Unknown ? {} : { asked: show(target.arn) }),
  };
}

/** Many callers share one list of routes; it is copied only where several lists make one. */
function together(lists: readonly (readonly Route[])[]): readonly Route[] {
  const [only] = lists;
  return only !== undefined && lists.length === 1 ? only : lists.flat();
}

/** What the documents that are not shown are computed from; where all are shown, what the function is. */
function inferredFrom(
  { principal, target, invocation, gateInferred }: Gathered,
  allowed: boolean,
): readonly Origin[] {
  const documents = originsTogether(
    ...gateInferred,
    allowed ? inferredBy(principal, invocation) : inferredDocuments(principal),
  );
  return allowed || documents.length > 0 ? documents : (target.inferredFrom ?? []);
}

/** What the document that decided was concluded from, when it was. */
function inferredBy(principal: PrincipalFacts, decision: Decision): readonly Origin[] {
  // Evidence is put together only when it is asked for, and most principals have nothing inferred.
  if (principal.sources.every((source) => source.inferredFrom === undefined)) return [];
  const by = decision.decidedBy?.source as PrincipalSource | undefined;
  return by?.inferredFrom ?? [];
}

function inferredDocuments(principal: PrincipalFacts): readonly Origin[] {
  return originsTogether(...principal.sources.map((source) => source.inferredFrom));
}

/**
 * A document that is not shown and is computed from an API says nothing of which of its routes it is for. A
 * caller that may invoke the functions of other IAM-authorized routes of the API is taken to be meant for
 * those: granting the functions one by one is how such callers are written.
 */
function holdsOthers(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
  how: "direct" | "passthrough",
): boolean {
  return access
    .iamRoutes(route.api)
    .some(
      (other) =>
        other !== route &&
        other.integration !== undefined &&
        access.invoke(principal, other.integration.target, how).answer === "yes",
    );
}

/**
 * Such a document may also be for IAM-authorized routes of the API that ask for no right to the function: those that
 * call none and, where AWS itself is to ask for it, those that do not pass the caller's credentials on.
 */
function otherKinds(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
  passthrough: boolean,
): readonly Doubt[] {
  const other = access
    .iamRoutes(route.api)
    .find((one) => one.integration === undefined || (passthrough && !usesCaller(one)));
  if (other === undefined) return [];
  const kind = other.integration === undefined ? "without a function" : "without caller credentials";
  return [
    {
      what: `whether ${principal.label} is meant to call ${showRoute(route)} or only routes of API ${route.api.name} ${kind}, such as ${showRoute(other)}`,
      from: inferredDocuments(principal).map((origin) => origin.label),
      settle: "the next preview after the API exists, when the document is shown",
    },
  ];
}

/**
 * Gate 1 as the verdicts above stand on it: the IAM-authorized routes, those that call no function included,
 * which each caller may call or perhaps may. Routes for one reason are together.
 */
export function callersLetThrough(access: Access, declared: DeclaredCaller): readonly Verdict[] {
  const { everybody, meant } = callersOf(access, declared);
  return everybody.flatMap((principal) => {
    const meantRoutes = meant(principal);
    const groups = new Map<string, { decision: Decision; routes: Route[] }>();
    const add = (decision: Decision, routes: readonly Route[]): void => {
      const by = decision.decidedBy;
      const doubts = decision.doubts.map((doubt) => doubt.what);
      const id = JSON.stringify([
        routes[0]?.api.urn,
        decision.answer,
        by?.source.label,
        by?.statement,
        doubts,
      ]);
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { decision, routes: [...routes] });
      else group.routes.push(...routes);
    };
    for (const api of meantRoutes === undefined ? access.apisCalledBy(principal) : access.facts.apis) {
      const routes = access.iamRoutes(api);
      if (routes.length === 0) continue;
      const whole = principal.outside ? undefined : access.callsWhole(principal, api, routes);
      if (whole?.answer === "yes") add(whole, routes);
      if (whole !== undefined) continue;
      for (const route of routes) {
        const decision =
          (principal.outside ? undefined : firstGate(access, principal, route)?.decision) ??
          (meantRoutes?.(route) ? overStages(access, principal, route) : undefined);
        // A declared caller that is stopped is told by those who are stopped.
        if (decision !== undefined && decision.answer !== "no") add(decision, [route]);
      }
    }
    return [...groups.values()].map((group) => gateOne(principal, group.routes, group.decision));
  });
}

/** Gate 1 for one principal and one route, whether or not the principal is meant to call it. */
export function mayCall(access: Access, principal: PrincipalFacts, route: Route): Verdict | undefined {
  const decision = overStages(access, principal, route);
  return decision === undefined ? undefined : gateOne(principal, [route], decision);
}

function gateOne(principal: PrincipalFacts, routes: readonly Route[], decision: Decision): Verdict {
  const { answer } = decision;
  return {
    gate: "caller may call the route",
    outcome: answer === "yes" ? "allowed" : answer === "no" ? "denied" : "unproven",
    cause: "policies",
    urn: principal.outside ? (routes[0]?.api.urn ?? "") : principal.urn,
    routes,
    principal,
    decision,
    actions: [EXECUTE],
    inferredFrom: inferredBy(principal, decision),
    doubts: answer === "unknown" ? decision.doubts : [],
    notes: [],
  };
}

/**
 * Principals that are meant to call a route and are stopped: their grants speak of it by the API's name, the
 * configuration declares them, or a resource of the stack calls it as them.
 */
export function callersStopped(access: Access, declared: DeclaredCaller): readonly Verdict[] {
  const certain = new Map(
    access.facts.apis.map((api) => [
      api,
      access.iamRoutes(api).filter((route) => route.authorization === "AWS_IAM"),
    ]),
  );
  const { everybody, calls } = callersOf(access, declared);
  return everybody.flatMap((principal) => {
    const byCalls = stoppedCalls(access, principal, calls(principal));
    const told = new Set(byCalls.flatMap((verdict) => verdict.routes));
    const apis = new Set([...told].map((route) => route.api));
    return [
      ...byCalls,
      ...stoppedCaller(access, principal, certain, declared, told),
      ...closedApis(access, principal, certain),
      ...missedRoutes(access, principal).filter(({ api }) => api === undefined || !apis.has(api)),
    ];
  });
}

/** Calls that resources of the stack make as the principal, on routes that do not let it through. */
function stoppedCalls(
  access: Access,
  principal: PrincipalFacts,
  calls: readonly RouteCall[],
): readonly Verdict[] {
  const byApi = new Map<string, { decision: Decision; made: RouteCall[] }>();
  for (const made of calls) {
    const { call, routes } = made;
    const decisions =
      call.inferredFrom.length === 0
        ? [access.callTo(principal, call.api, call.arn)]
        : routes.flatMap((route) =>
            stageNames(route, "caller").map((stage) => access.call(principal, route, stage)),
          );
    const [first] = decisions;
    const open = decisions.find(({ answer }) => answer !== "no");
    // Whoever may call one of several routes is taken to be meant for that.
    if (first === undefined || (open !== undefined && !isOpen(open))) continue;
    const id = `${call.api.urn} ${open === undefined}`;
    const group = byApi.get(id) ?? { decision: open ?? first, made: [] };
    byApi.set(id, group);
    group.made.push(made);
  }
  return [...byApi.values()].map(({ decision, made }) => ({
    ...gateOne(principal, [...new Set(made.flatMap(({ routes }) => routes))], decision),
    inferredFrom: originsTogether(
      inferredBy(principal, decision),
      ...made.map(({ call }) => call.inferredFrom),
    ),
    notes: made.map(({ call }) => `${call.label} makes the call with the credentials of ${principal.label}`),
  }));
}

/** Undecided, and not only because it depends on what each request asks for. */
function isOpen({ answer, doubts }: Decision): boolean {
  return answer === "unknown" && doubts.some((doubt) => doubt.varies !== true);
}

function stoppedCaller(
  access: Access,
  principal: PrincipalFacts,
  iamRoutes: ReadonlyMap<Api, readonly Route[]>,
  declared: DeclaredCaller,
  told: ReadonlySet<Route>,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const named = new Set(access.apisNamedBy(principal));
  const apis = declared === NOBODY_DECLARED ? named : access.facts.apis;
  for (const api of apis) {
    const routes = iamRoutes.get(api) ?? [];
    if (routes.length === 0) continue;
    if (!principal.outside && access.callsWhole(principal, api, routes)?.answer === "yes") continue;
    const denied: { route: Route; decision: Decision }[] = [];
    const open: { route: Route; decision: Decision }[] = [];
    for (const route of routes) {
      if (told.has(route)) continue;
      const wanted = declared !== NOBODY_DECLARED && declared(principal, route);
      if (!wanted && !(named.has(api) && access.namesRoute(principal, route))) continue;
      const decision = overStages(access, principal, route);
      if (decision?.answer === "no") denied.push({ route, decision });
      if (decision !== undefined && wanted && isOpen(decision)) open.push({ route, decision });
    }
    for (const group of [denied, open]) {
      const [one] = group;
      if (one === undefined) continue;
      const some = group.map(({ route }) => route);
      verdicts.push({ ...gateOne(principal, some, one.decision), api });
    }
  }
  return verdicts;
}

/**
 * Private APIs without a resource policy, which API Gateway lets nobody call, whatever the caller holds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html
 */
function closedApis(
  access: Access,
  principal: PrincipalFacts,
  iamRoutes: ReadonlyMap<Api, readonly Route[]>,
): readonly Verdict[] {
  const named = new Set(access.apisNamedBy(principal).filter((api) => isClosed(access, api)));
  return [...named].flatMap((api): readonly Verdict[] => {
    const routes = (iamRoutes.get(api) ?? []).filter((route) => access.namesRoute(principal, route));
    if (routes.length === 0) return [];
    return [
      {
        gate: "caller may call the route",
        outcome: "denied",
        cause: "private API without a resource policy",
        urn: principal.outside ? api.urn : principal.urn,
        routes,
        api,
        principal,
        actions: [EXECUTE],
        inferredFrom: [],
        doubts: [],
        notes: [],
      },
    ];
  });
}

/** Whether an API is private and surely has no resource policy: one may stand in a body that is not shown. */
function isClosed(access: Access, api: Api): boolean {
  return (
    api.private &&
    !api.outside &&
    api.policies.length === 0 &&
    access.routesOf(api).every((route) => route.unread === undefined)
  );
}

/** Grants that name an API of the stack and match none of its routes. */
function missedRoutes(access: Access, principal: PrincipalFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const grant of access.grants(principal)) {
    const { api, text: pattern } = grant;
    // Of an API of another stack only some routes are in sight.
    if (api === undefined || api.outside || grant.inferred) continue;
    const routes = access.routesOf(api);
    if (routes.length === 0 || show(pattern).includes("@connections")) continue;
    if (!routes.every((route) => access.misses(grant, route))) continue;
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

/** Whether a grant is surely for no API of the stack: nor for a route that the stack adds to one of another. */
function isBeside(access: Access, grant: Grant, api: Api): boolean {
  if (access.reachesApi(grant.text, api) === "no") return true;
  return api.outside === true && access.routesOf(api).every((route) => access.misses(grant, route));
}

/**
 * Roles and users that may call an API outside the stack and hold no right to invoke any function. Their grant names
 * the API: one for all APIs, and what AWS's managed policies grant, says nothing of one that is meant.
 */
export function callersOfOutsideApis(access: Access): readonly Verdict[] {
  return access.facts.principals.flatMap((principal): readonly Verdict[] => {
    if (principal.unseen.length > 0 || access.mayInvokeSomething(principal)) return [];
    const outside = access
      .grants(principal)
      .find(
        (grant) =>
          !grant.byAws &&
          apiIdOf(grant.text) !== undefined &&
          !show(grant.text).includes("@connections") &&
          access.facts.apis.every((api) => isBeside(access, grant, api)),
      );
    if (outside === undefined) return [];
    return [
      {
        gate: "caller of an API outside the stack may invoke",
        outcome: "denied",
        cause: "policies",
        urn: principal.urn,
        routes: [],
        principal,
        asked: show(outside.text),
        actions: [INVOKE],
        inferredFrom: [],
        doubts: [],
        notes: [],
      },
    ];
  });
}
