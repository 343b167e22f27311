import { compileArn, type Decision, decide, executeApiContext, type Text, text, Unknown } from "../../../iam";
import {
  type ApiCall,
  asPattern,
  type CallingService,
  externalPrincipal,
  type PrincipalFacts,
  type Route,
  type StackFacts,
  serviceOf,
} from "../../../stack";
import { appendTo } from "../../../stack/pulumi/keys";
import type { Access } from "../../decisions/access";
import { resourcePolicyOf } from "../../decisions/api-access";
import { roleFinder } from "../../decisions/credentials-roles";
import { callerArn, stageNames } from "../../requests/routes";
import { type CallerRouteVerdict, callerRouteVerdict } from "./verdict";

/** A call that a resource of the stack makes, and the routes that may answer it: all of them IAM-authorized. */
export interface RouteCall {
  readonly call: ApiCall;
  readonly routes: readonly Route[];
}

/** The calls of a stack's resources, by the principal that makes them, including principals outside the stack. */
export function routeCalls(access: Access): ReadonlyMap<PrincipalFacts, readonly RouteCall[]> {
  const calls = new Map<PrincipalFacts, RouteCall[]>();
  if (access.facts.apiCalls.length === 0) return calls;
  const findRole = roleFinder(access);
  const externalPrincipals = new Map<string, PrincipalFacts>();
  for (const call of access.facts.apiCalls) {
    if (call.caller.mode !== "role") continue;
    const routes = answeringRoutes(access, call);
    if (routes.length === 0) continue;
    const principal =
      findRole(call.caller) ?? externalRole(access.facts, call.caller.arn, externalPrincipals);
    if (principal !== undefined) appendTo(calls, principal, { call, routes });
  }
  return calls;
}

/**
 * The routes that may answer a call; empty where one of them requires no credentials, since the call then needs none.
 */
function answeringRoutes(access: Access, call: ApiCall): readonly Route[] {
  const arn = text(asPattern(call.arn));
  const requested = { text: arn, pattern: compileArn(arn, "identity") };
  const routes = access.routes
    .ofApi(call.api)
    .filter((route) => !access.grants.neverCovers(requested, route));
  return routes.some((route) => route.authorization !== "AWS_IAM") ? [] : routes;
}

/** A role whose ARN is a literal and that is not in the stack. */
function externalRole(
  facts: StackFacts,
  roleArn: Text | Unknown,
  byArn: Map<string, PrincipalFacts>,
): PrincipalFacts | undefined {
  const [arn, ...more] = roleArn instanceof Unknown ? [] : roleArn;
  if (typeof arn !== "string" || more.length > 0 || !/^arn:[\w-]+:iam::\d{12}:role\//.test(arn))
    return undefined;
  const principal = byArn.get(arn) ?? externalPrincipal(arn, facts);
  byArn.set(arn, principal);
  return principal;
}

/**
 * Calls that a service makes without a role, and that the API's resource policy does not allow: "API Gateway targets
 * can use either resource policies or IAM roles".
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
 */
export function deniedServiceCalls(access: Access): readonly CallerRouteVerdict[] {
  return access.facts.apiCalls.flatMap((call): readonly CallerRouteVerdict[] => {
    const { caller } = call;
    const routes = caller.mode === "service" ? answeringRoutes(access, call) : [];
    if (caller.mode !== "service" || routes.length === 0) return [];
    const decisions = requestsOf(call, routes).map((request) => serviceCall(access, call, caller, request));
    const [first] = decisions;
    const notDenied = decisions.find(({ answer }) => answer !== "no");
    if (first === undefined || (notDenied !== undefined && isAllowed(notDenied, call, caller))) return [];
    return [
      callerRouteVerdict({
        outcome: notDenied === undefined ? "denied" : "unproven",
        cause: "service-call",
        urn: call.urn,
        routes,
        call,
        service: caller,
        decision: notDenied ?? first,
        inferredFrom: call.inferredFrom,
        unknowns: notDenied?.unknowns ?? [],
      }),
    ];
  });
}

/** An unknown call is one of those that its routes answer. */
function requestsOf(call: ApiCall, routes: readonly Route[]): readonly Text[] {
  return call.inferredFrom.length === 0
    ? [call.arn]
    : routes.flatMap((route) => stageNames(route, "caller").map((stage) => callerArn(route, stage)));
}

function serviceCall({ routes }: Access, { api }: ApiCall, service: CallingService, request: Text): Decision {
  const principal = { kind: "service", name: service.name } as const;
  return decide({
    request: {
      principal,
      action: serviceOf(api).action,
      resource: request,
      context: executeApiContext({
        caller: principal,
        privateApi: api.private,
        sourceArn: service.sourceArn,
      }),
    },
    ...resourcePolicyOf(api, routes),
    sameAccount: "yes",
  });
}

/** Certainly, except for values that each request chooses, or according to the purpose of an unknown policy. */
function isAllowed({ answer, unknowns }: Decision, call: ApiCall, service: CallingService): boolean {
  return (
    answer === "yes" || unknowns.every((unknown) => unknown.varies === true) || isIntended(call, service)
  );
}

/** An unknown resource policy that depends on the calling resource is intended to allow it. */
function isIntended({ api, urn }: ApiCall, service: CallingService): boolean {
  return api.policies.some(
    ({ document }) =>
      document instanceof Unknown &&
      document.origins.some(({ key }) => key === urn || service.sourceUrns.includes(key)),
  );
}
