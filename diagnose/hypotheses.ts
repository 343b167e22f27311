import { known, show, Unknown } from "../iam";
import type { AwsLocation, FunctionName, LogCommand } from "../messages/log-commands";
import type { LogHypothesis } from "../messages/log-hypotheses";
import { INTEGRATION_REQUEST } from "../report/gates";
import type { PrincipalFacts, Route } from "../stack";
import type { Caller } from "./callers";
import {
  evaluatesCaller,
  type FailedRequest,
  failedRequestOf,
  isSigned,
  type Profiles,
} from "./failed-request";
import { type Failure, type FailureKind, isCallerRouteFailure } from "./failures";
import { placeOfArn, placeOfIam } from "./regions";
import type { Destination } from "./routes";
import { apiCommand, callerHypotheses, noRouteHypotheses, whichRouteHypothesis } from "./unidentified";

/** Routes that a failure may belong to, with the hypotheses about each. */
const MAX_ROUTES = 3;

/** Possible causes where the stacks allow a request that AWS denied, the most frequent first. */
export function hypotheses(
  failure: Failure,
  destination: Destination,
  caller: Caller,
  profiles: Profiles,
): readonly LogHypothesis[] {
  const { candidates } = destination;
  if (candidates.length === 0) return noRouteHypotheses(destination, profiles);
  const possibleCauses = [
    ...whichRouteHypothesis(destination, profiles),
    ...candidates.slice(0, MAX_ROUTES).flatMap((candidate) => {
      const failedRequest = failedRequestOf(failure, candidate, caller, profiles);
      const organization = failure.byOrganization === true ? controlPolicies(failedRequest) : [];
      return [
        ...organization,
        ...callerHypotheses(failedRequest),
        ...(isRequestFailure(failure)
          ? oldRequest(failedRequest)
          : [
              ...READERS_BY_KIND[failure.kind].flatMap((read) => read(failedRequest)),
              propagation(failedRequest),
            ]),
      ];
    }),
  ];
  return [...new Map(possibleCauses.map((hypothesis) => [JSON.stringify(hypothesis), hypothesis])).values()];
}

type HypothesisReader = (failedRequest: FailedRequest) => readonly LogHypothesis[];

const READERS_BY_KIND: Readonly<Record<FailureKind, readonly HypothesisReader[]>> = {
  "function-not-invoked": [functionPolicy, replacedFunction, callerInvokes, roleInvokes, oldDeployment],
  "server-error": [functionPolicy, replacedFunction, callerInvokes, roleInvokes, authorizers, functionLog],
  "role-not-assumed": [roleTrust, authorizers],
  "authorizer-not-invoked": [authorizers],
  "caller-not-authorized": [callerCalls, resourcePolicy],
  forbidden: [callerCalls, resourcePolicy, refusalsBeforeIam],
  "refused-by-authorizer": [],
  other: [],
};

/** No permission makes Lambda accept a request that is not part of its API. */
function isRequestFailure({ gates }: Failure): boolean {
  return gates.length > 0 && gates.every((gate) => gate === INTEGRATION_REQUEST);
}

interface CalledFunction {
  readonly arn: string;
  readonly fn: FunctionName;
  readonly place: AwsLocation;
}

function functionOf({ route, place: { profile } }: FailedRequest): CalledFunction | undefined {
  const target = route.integration?.target.arn;
  if (target === undefined || target instanceof Unknown) return undefined;
  const arn = known(target) ?? show(target);
  const [, name = arn, qualifier] =
    /^(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+)(?::(.+))?$/.exec(arn) ?? [];
  return { arn, fn: { name, qualifier }, place: { ...placeOfArn(arn), profile } };
}

function functionPolicy(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const { route, stage } = failedRequest;
  const called = functionOf(failedRequest);
  if (called === undefined || route.integration?.credentials.mode !== "none") return [];
  const { fn, place } = called;
  return [{ code: "permission-removed", stage, command: { code: "function-policy", fn, place } }];
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
function replacedFunction(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const called = functionOf(failedRequest);
  if (called === undefined) return [];
  const { fn, place } = called;
  return [{ code: "function-replaced", command: { code: "function-configuration", fn, place } }];
}

function callerInvokes(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const fn = functionOf(failedRequest);
  if (fn === undefined || failedRequest.route.integration?.credentials.mode !== "caller") return [];
  return simulated(failedRequest, "lambda:InvokeFunction", fn.arn);
}

function credentialsRole({ integration }: Route): string | undefined {
  const credentials = integration?.credentials;
  return credentials?.mode === "role" && !(credentials.arn instanceof Unknown)
    ? known(credentials.arn)
    : undefined;
}

function roleInvokes(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const fn = functionOf(failedRequest);
  const role = credentialsRole(failedRequest.route);
  return role === undefined || fn === undefined
    ? []
    : simulatedFor(role, "lambda:InvokeFunction", fn.arn, failedRequest.place);
}

function roleTrust({ route, place: { profile } }: FailedRequest): readonly LogHypothesis[] {
  const role = credentialsRole(route);
  if (role === undefined) return [];
  return [
    {
      code: "trust-policy-drift",
      command: { code: "trust-policy", role: nameIn(role), place: { profile } },
    },
  ];
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function authorizers({ route: { api, authorization }, place }: FailedRequest): readonly LogHypothesis[] {
  if (authorization !== "LAMBDA" && !(authorization instanceof Unknown)) return [];
  return [{ code: "authorizer-drift", command: apiCommand("authorizers", api, place) }];
}

function callerCalls(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const { route, place } = failedRequest;
  if (isSigned(route)) {
    const resource = requestedArn(failedRequest);
    return resource === undefined ? [] : simulated(failedRequest, "execute-api:Invoke", resource);
  }
  if (route.authorization !== "NONE")
    return [{ code: "authorizer-refusal", command: apiCommand("authorizers", route.api, place) }];
  return [{ code: "authorization-drift", command: apiCommand("routes", route.api, place) }];
}

/** The resource of the request; API Gateway masks the account in its message. */
function requestedArn({ failure, route, candidate: { request } }: FailedRequest): string | undefined {
  const executionArn = known(route.api.executionArn);
  if (failure.resource?.startsWith("arn:") === true && !failure.resource.includes("*"))
    return failure.resource;
  if (executionArn === undefined) return undefined;
  const stage = request.stage ?? "*";
  if (route.api.kind === "WEBSOCKET") return `${executionArn}/${stage}/${route.verb}`;
  const method = request.method ?? (/^[A-Z]+$/.test(route.verb) && route.verb !== "ANY" ? route.verb : "*");
  const path = request.path ?? (known(route.path) ?? "/*").replace(/\{[^{}]*\}/g, "*");
  return `${executionArn}/${stage}/${method}${path === "" ? "/*" : path}`;
}

function resourcePolicy({ route, place }: FailedRequest): readonly LogHypothesis[] {
  const id = known(route.api.id);
  if (route.api.kind !== "REST" || id === undefined) return [];
  const command: LogCommand = { code: "rest-api-policy", id, place };
  return [...unmetConditions(route, command), { code: "resource-policy-drift", command }];
}

/**
 * The source of a request, as far as a log can contain it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
 */
const LOGGED_KEYS: Readonly<Record<string, string>> = {
  "aws:sourceip": "$context.identity.sourceIp",
  "aws:sourcevpce": "$context.identity.vpceId",
  "aws:sourcevpc": "$context.identity.vpcId",
  "aws:useragent": "$context.identity.userAgent",
};

/** Condition keys that a hypothesis names. */
const MAX_KEYS = 5;

/** The stacks show the conditions of a resource policy, but not the values in this request. */
function unmetConditions({ api }: Route, command: LogCommand): readonly LogHypothesis[] {
  const conditions = api.policies
    .flatMap(({ document }) => (document instanceof Unknown ? [] : document.statements))
    .flatMap((statement) => statement.conditions);
  const keys = [...new Set(conditions.map(({ keyText }) => keyText))].sort();
  if (keys.length === 0) return [];
  const fields = keys.flatMap((key) => LOGGED_KEYS[key.toLowerCase()] ?? []);
  return [{ code: "conditions-not-met", keys: keys.slice(0, MAX_KEYS), fields, command }];
}

function oldDeployment(failedRequest: FailedRequest): readonly LogHypothesis[] {
  return atStages(failedRequest, "older-integration");
}

function oldRequest(failedRequest: FailedRequest): readonly LogHypothesis[] {
  return atStages(failedRequest, "older-request");
}

function atStages(
  { route: { api }, place }: FailedRequest,
  code: "older-integration" | "older-request",
): readonly LogHypothesis[] {
  const command = apiCommand("stages", api, place);
  return command === undefined ? [] : [{ code, command }];
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html */
function refusalsBeforeIam({ route, stage, place }: FailedRequest): readonly LogHypothesis[] {
  const id = known(route.api.id);
  const { region } = place;
  if (route.api.kind !== "REST" || id === undefined || region === undefined) return [];
  const partition = known(route.api.scope.partition) ?? "aws";
  const arn = `arn:${partition}:apigateway:${region}::/restapis/${id}/stages/${stage}`;
  const waf = { code: "waf", command: { code: "web-acl", arn, place } } as const;
  const endpoint = {
    code: "vpc-endpoint-policy",
    command: { code: "vpc-endpoints", region, place },
  } as const;
  return [...(stage === undefined ? [] : [waf]), ...(route.api.private === "no" ? [] : [endpoint])];
}

function functionLog(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const called = functionOf(failedRequest);
  const [, name] = /:function:([\w-]+)/.exec(called?.arn ?? "") ?? [];
  return [
    {
      code: "function-error",
      command:
        called === undefined || name === undefined
          ? undefined
          : { code: "function-log", name, place: called.place },
    },
  ];
}

function principalsOf(caller: Caller): readonly PrincipalFacts[] {
  if (caller.kind === "principal") return caller.principals;
  return caller.kind === "external" ? [caller.principal] : [];
}

function simulated(
  { caller, place }: FailedRequest,
  action: string,
  resource: string,
): readonly LogHypothesis[] {
  return principalsOf(caller)
    .slice(0, 3)
    .flatMap(({ arn }) => {
      const principalArn = known(arn);
      return principalArn === undefined ? [] : simulatedFor(principalArn, action, resource, place);
    });
}

/**
 * Policies that IAM evaluates in addition to those of a stack:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
function simulatedFor(
  arn: string,
  action: string,
  resource: string,
  { profile }: AwsLocation,
): readonly LogHypothesis[] {
  const isPrincipal = /^arn:[\w-]+:iam::\d{12}:(role|user)\//.test(arn);
  return [
    {
      code: "policy-drift",
      arn,
      command: isPrincipal ? { code: "simulation", arn, action, resource, place: { profile } } : undefined,
    },
    controlPolicy(arn, action),
  ];
}

function controlPolicies({ caller, failure, route }: FailedRequest): readonly LogHypothesis[] {
  const action = isCallerRouteFailure(failure) ? "execute-api:Invoke" : "lambda:InvokeFunction";
  const arns = [...principalsOf(caller).flatMap(({ arn }) => known(arn) ?? []), credentialsRole(route)];
  const [arn] = arns.filter((arn) => arn !== undefined);
  return arn === undefined ? [] : [controlPolicy(arn, action)];
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html */
function controlPolicy(arn: string, action: string): LogHypothesis {
  const account = /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1];
  return {
    code: "control-policy",
    action,
    command: account === undefined ? undefined : { code: "control-policies", account, place: {} },
  };
}

/**
 * When the deciding resources were last changed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-cli.html
 */
function propagation(failedRequest: FailedRequest): LogHypothesis {
  return { code: "propagation", command: lastChange(failedRequest) };
}

function lastChange(failedRequest: FailedRequest): LogCommand {
  const { caller, place, failure, route } = failedRequest;
  const lookup = (key: string, value: string, eventPlace: AwsLocation): LogCommand => ({
    code: "events",
    key,
    value,
    place: eventPlace,
  });
  const [arn] = evaluatesCaller(failedRequest)
    ? principalsOf(caller).flatMap((principal) => known(principal.arn) ?? [])
    : [credentialsRole(route)].filter((text) => text !== undefined);
  if (arn !== undefined)
    return lookup("ResourceName", nameIn(arn), { ...placeOfIam(arn), profile: place.profile });
  if (evaluatesCaller(failedRequest))
    return lookup("EventSource", "iam.amazonaws.com", {
      ...placeOfIam(`arn:${known(route.api.scope.partition) ?? ""}:`),
      profile: place.profile,
    });
  if (isCallerRouteFailure(failure)) return lookup("EventName", "CreateDeployment", place);
  return lookup("EventName", "AddPermission20150331v2", functionOf(failedRequest)?.place ?? place);
}
