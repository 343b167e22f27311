import { subjectKey, type UnknownReason } from "../../../iam";
import type { Api, FunctionTarget, PrincipalFacts, Route } from "../../../stack";
import { cached } from "../../../stack/pulumi/keys";
import type { Wanted } from "../../answer";
import type { Access } from "../../decisions/access";
import { callsByAnyPolicy, generalCaller, isNamedForRoute } from "../../decisions/evident-callers";
import { inferredDocuments, mayGrantMore } from "../../decisions/inference";
import { literalArnGrants } from "../../decisions/literal-arn";
import { inAccountOf } from "../../decisions/principals";
import { isHandlerOnly } from "../../decisions/websocket-handlers";
import {
  type ApiRoutes,
  apiRoutes,
  callsFunction,
  type RouteGroup,
  unknownsOfRoute,
  usesCallerCredentials,
} from "../../requests/route-groups";
import { routeName } from "../../unknowns";
import { type CallerRoute, callerRoute, decideOverStages, inferredBy } from "../caller-route/callers";
import { callersOf, type DeclaredCaller, type IntendedRoutes } from "../caller-route/declared-callers";
import { type Allowed, unclaimedRoutes } from "./unclaimed-routes";
import {
  type CallerFunctionVerdict,
  type CallerVerdict,
  type CollectedRoutes,
  callerCredentialsVerdict,
  callerVerdict,
} from "./verdict";

/**
 * The callers of the IAM-authorized Lambda routes of a stack, and whether each may invoke the function behind them
 * itself. With `callerCredentials`, only routes with caller credentials (AWS requires the permission); without, only
 * the others (the two-step rule requires it).
 */
export function callersOfRoutes(
  access: Access,
  callerCredentials: boolean,
  declared: DeclaredCaller,
  wanted: Wanted = "all",
): readonly CallerFunctionVerdict[] {
  const byApi = new Map<Api, ApiRoutes>();
  for (const api of access.facts.apis) {
    const routes = access.routes
      .iamRoutes(api)
      .filter((route) => callsFunction(route) && usesCallerCredentials(route) === callerCredentials);
    if (routes.length > 0) byApi.set(api, apiRoutes(routes.filter(callsFunction)));
  }
  if (byApi.size === 0) return [];
  const { everyone, intended } = callersOf(access, declared);
  const question: CallerQuestion = {
    access,
    byApi,
    callerCredentials,
    wanted,
    deferred: [],
    allowed: [],
    routesWithoutPermission: new Map(),
  };
  const verdicts = everyone.flatMap((principal) => callerVerdicts(question, principal, intended(principal)));
  return [...verdicts, ...unclaimedRoutes(question, verdicts)];
}

/** The evaluation of all callers: their verdicts and intermediate results. */
interface CallerQuestion {
  readonly access: Access;
  readonly byApi: ReadonlyMap<Api, ApiRoutes>;
  readonly callerCredentials: boolean;
  readonly wanted: Wanted;
  readonly deferred: CollectedRoutes[];
  /** The callers that may invoke the functions of routes, where no verdict is reported for them. */
  readonly allowed: Allowed[];
  /** For each API a route that requires no permission for its function. */
  readonly routesWithoutPermission: Map<Api, Route | "none">;
}

function callerVerdicts(
  question: CallerQuestion,
  principal: PrincipalFacts,
  intended: IntendedRoutes,
): readonly CallerFunctionVerdict[] {
  const { access, byApi, callerCredentials } = question;
  const { gather, gathered, routes } = gatherer(question, principal);
  for (const api of principal.external ? [] : access.apis.apisCalledBy(principal)) {
    const ofApi = byApi.get(api);
    const inAccount = callerCredentials ? "yes" : inAccountOf(api, principal);
    if (ofApi === undefined || inAccount === "no" || isHandlerOnly(access, principal, api)) continue;
    const unknowns = inAccount === "yes" ? [] : [unknownAccount(principal, api)];
    const callsByPolicies = callsByAnyPolicy(access, principal, api, callerCredentials);
    // Most grants are for a whole API or stage: one decision applies to all its routes.
    const decision = access.apis.callEveryRoute(principal, api, ofApi.routes);
    if (decision?.answer === "no") continue;
    if (decision?.answer === "yes" && callsByPolicies === "yes") {
      const gate: CallerRoute = { answer: "yes", intended: true, decision };
      for (const group of ofApi.byFunction) gather(gate, group, unknowns);
      continue;
    }
    for (const [route, group] of ofApi.byRoute) {
      const gate = callerRoute(access, principal, route);
      const isNamed = callsByPolicies === "yes" || isNamedForRoute(access, principal, route);
      if (gate === undefined || (callsByPolicies === "no" && !isNamed)) continue;
      gather(gate, group, isNamed ? unknowns : [...unknowns, generalCaller(principal)]);
    }
  }
  if (intended !== undefined) {
    const collectedRoutes = new Set(routes().flat());
    gatherIntended(question, principal, (route) => !collectedRoutes.has(route) && intended(route), gather);
  }
  const verdicts = [...gathered.values()].map((entry) => callerVerdict(entry, callerCredentials));
  return principal.external ? externalCallerVerdicts(verdicts, callerCredentials) : verdicts;
}

/** Adds routes of one function that a caller may call, certainly or possibly. */
type Gather = (gate: CallerRoute, group: RouteGroup, unknownsOfCaller: readonly UnknownReason[]) => void;

/** Groups the routes that a caller may call by their functions. */
function gatherer(question: CallerQuestion, principal: PrincipalFacts) {
  const { access, callerCredentials, wanted, deferred, allowed } = question;
  const gathered = new Map<string, CollectedRoutes>();
  const mode = callerCredentials ? "caller-credentials" : "two-step";
  const invocableByApi = new Map<Api, readonly Route[]>();
  const invocableRoutesOf = (api: Api): readonly Route[] =>
    cached(invocableByApi, api, () => invocableRoutes(access, principal, api, mode));
  const allowedRoutes: (readonly Route[])[] = [];
  if (wanted === "reported") allowed.push({ principal, routes: allowedRoutes });
  const gather: Gather = (gate, group, unknownsOfCaller) => {
    const { target } = group;
    const api = group.routes[0]?.api;
    const invocation = access.functions.invoke(principal, target, mode, api);
    // A caller outside the stack may be unable to use a permission.
    if (invocation.answer === "yes" && wanted === "reported" && !principal.external) {
      allowedRoutes.push(group.routes);
      return;
    }
    const gateInferred = inferredBy(principal, gate.decision);
    const mayLackPermission =
      invocation.answer === "no" ||
      (invocation.answer === "unknown" && mayGrantMore(principal, "caller", api));
    const mayBeForOtherRoutes = mayLackPermission && gateInferred.length > 0;
    const deferredRoutes = new Set(
      mayBeForOtherRoutes
        ? group.routes.filter((route) =>
            invocableRoutesOf(route.api).some((invocable) => invocable !== route),
          )
        : [],
    );
    if (deferredRoutes.size > 0)
      deferred.push({
        principal,
        target,
        invocation,
        mayCall: gate.answer !== "no",
        routes: [[...deferredRoutes]],
        unknowns: [],
        gateInferred: new Set([gateInferred]),
      });
    const routes =
      deferredRoutes.size > 0 ? group.routes.filter((route) => !deferredRoutes.has(route)) : group.routes;
    if (routes.length === 0) return;
    const unknowns = [
      ...(invocation.answer === "yes" ? [] : unknownsOfCaller),
      ...(gate.answer === "unknown" && !gate.intended ? gate.decision.unknowns.slice(0, 3) : []),
      ...(mayBeForOtherRoutes && invocation.answer === "no"
        ? routes.flatMap((route) =>
            unknownIntendedRoutes(principal, route, routeWithoutPermissionIn(question, route.api)),
          )
        : []),
      ...literalArnGrants(principal, target, invocation),
      ...(routes === group.routes
        ? group.unknowns
        : routes.flatMap((route) => unknownsOfRoute(route, target))),
    ];
    const mayCall = gate.answer !== "no";
    const id = JSON.stringify([group.id, unknowns.length > 0, invocation.answer, mayCall]);
    const entry: CollectedRoutes = gathered.get(id) ?? {
      principal,
      target,
      invocation,
      mayCall,
      routes: [],
      unknowns: [],
      gateInferred: new Set(),
    };
    gathered.set(id, entry);
    entry.routes.push(routes);
    entry.unknowns.push(...unknowns);
    entry.gateInferred.add(gateInferred);
  };
  const routes = (): readonly (readonly Route[])[] => [
    ...[...gathered.values()].flatMap((entry) => entry.routes),
    ...allowedRoutes,
  ];
  return { gather, gathered, routes };
}

/** Whether the principal may invoke the function of a route with caller credentials, regardless of other callers. */
export function mayInvoke(
  access: Access,
  principal: PrincipalFacts,
  route: Route,
): CallerFunctionVerdict | undefined {
  if (!callsFunction(route) || !usesCallerCredentials(route)) return undefined;
  const { target } = route.integration;
  const invocation = access.functions.invoke(principal, target, "caller-credentials", route.api);
  const unknowns = [...literalArnGrants(principal, target, invocation), ...unknownsOfRoute(route, target)];
  const verdict = callerVerdict(
    { principal, target, invocation, mayCall: true, routes: [[route]], unknowns, gateInferred: new Set() },
    true,
  );
  return principal.external ? externalCallerVerdicts([verdict], true)[0] : verdict;
}

/**
 * Routes that the principal calls according to the configuration or a resource of the stack, regardless of the verdict
 * of the gate caller-route.
 */
function gatherIntended(
  { access, byApi, callerCredentials }: CallerQuestion,
  principal: PrincipalFacts,
  intended: NonNullable<IntendedRoutes>,
  gather: Gather,
): void {
  for (const [api, { byRoute }] of byApi) {
    const inAccount = callerCredentials ? "yes" : inAccountOf(api, principal);
    if (inAccount === "no") continue;
    const unknowns = inAccount === "yes" ? [] : [unknownAccount(principal, api)];
    for (const [route, group] of byRoute) {
      if (!intended(route)) continue;
      const decision = decideOverStages(access, principal, route);
      if (decision !== undefined)
        gather({ answer: decision.answer, intended: true, decision }, group, unknowns);
    }
  }
}

/**
 * Across accounts the two-step rule does not apply: API Gateway uses only caller credentials of its own account, so no
 * change of the integration makes AWS evaluate a caller of another one.
 * https://github.com/amazon-archives/aws-apigateway-importer/issues/125
 */
function unknownAccount(principal: PrincipalFacts, api: Api): UnknownReason {
  return {
    subject: { code: "caller-in-account", principal: principal.label, api: api.name },
    dependsOn: [],
    resolution: { code: "known-account" },
  };
}

/**
 * The policies of a principal outside the stack are not in the plan, so it is not denied for a missing grant. A Deny of
 * the stack still applies; and callers of other accounts cannot use caller credentials, even if both accounts allow it:
 * https://github.com/amazon-archives/aws-apigateway-importer/issues/125
 */
function externalCallerVerdicts(
  verdicts: readonly CallerVerdict[],
  callerCredentials: boolean,
): readonly CallerFunctionVerdict[] {
  return verdicts.flatMap((verdict): readonly CallerFunctionVerdict[] => {
    const { principal, decision } = verdict;
    const [route] = verdict.routes;
    if (route === undefined) return [];
    const onApi = { ...verdict, urn: route.api.urn };
    const inOtherAccount = verdict.routes.every(({ api }) => inAccountOf(api, principal) === "no");
    if (callerCredentials && inOtherAccount)
      return [
        callerCredentialsVerdict({
          ...onApi,
          outcome: "denied",
          cause: "caller-in-another-account",
          unknowns: [],
        }),
      ];
    if (verdict.outcome === "allowed" || decision.reason === "explicit-deny") return [onApi];
    const unseen = principal.unseen.map(
      (subject): UnknownReason => ({
        subject,
        dependsOn: [],
        could: "allow",
        resolution: { code: "preview-caller-stack" },
      }),
    );
    const ofPrincipal = new Set(unseen.map(subjectKey));
    const otherUnknowns = verdict.unknowns.filter((unknown) => !ofPrincipal.has(subjectKey(unknown)));
    return [{ ...onApi, outcome: "unproven", unknowns: [...unseen, ...otherUnknowns] }];
  });
}

/**
 * An unknown document that depends on an API does not show which of its routes it is for. A caller that may invoke the
 * functions of other IAM-authorized routes of the API is assumed to be intended for those: such callers are usually
 * granted their functions one by one.
 */
function invocableRoutes(
  access: Access,
  principal: PrincipalFacts,
  api: Api,
  mode: "two-step" | "caller-credentials",
): readonly Route[] {
  // Routes of a body depend on the same resources for their function.
  const invokes = new Map<FunctionTarget, boolean>();
  const mayInvoke = (target: FunctionTarget): boolean =>
    cached(invokes, target, () => access.functions.invoke(principal, target, mode, api).answer === "yes");
  return access.routes
    .iamRoutes(api)
    .filter(({ integration }) => integration !== undefined && mayInvoke(integration.target));
}

/** A route of an API that requires no permission for its function; searched once. */
function routeWithoutPermissionIn(
  { access, callerCredentials, routesWithoutPermission }: CallerQuestion,
  api: Api,
): Route | "none" {
  const isOther = (route: Route): boolean =>
    route.integration === undefined || (callerCredentials && !usesCallerCredentials(route));
  return cached(routesWithoutPermission, api, () => access.routes.iamRoutes(api).find(isOther) ?? "none");
}

/**
 * Such a document may also be for IAM-authorized routes of the API that require no permission for the function: those
 * that call none and, where AWS itself requires the permission, those without caller credentials.
 */
function unknownIntendedRoutes(
  principal: PrincipalFacts,
  route: Route,
  routeWithoutPermission: Route | "none",
): readonly UnknownReason[] {
  if (routeWithoutPermission === "none") return [];
  return [
    {
      subject: {
        code: "intended-route",
        principal: principal.label,
        route: routeName(route),
        api: route.api.name,
        otherRoute: routeName(routeWithoutPermission),
        hasFunction: routeWithoutPermission.integration !== undefined,
      },
      dependsOn: inferredDocuments(principal),
      resolution: { code: "preview-after-api" },
    },
  ];
}
