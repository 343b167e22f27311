import { known, show, Unknown } from "../iam";
import type { PrincipalFacts, Route } from "../stack";
import type { Caller } from "./callers";
import type { Failure, FailureKind } from "./failures";
import type { Hypothesis } from "./model";
import type { Destination } from "./routes";

/** What may be the case where the stacks allow what AWS refused, the most frequent first. */
export function hypotheses(
  failure: Failure,
  { routes, stage, unknownApi, requested }: Destination,
  caller: Caller,
): readonly Hypothesis[] {
  const [route] = routes;
  if (route === undefined) return noRoute(requested, unknownApi);
  const about = { failure, route, stage, caller };
  return [...whoWasIt(caller), ...MAKERS[failure.kind].flatMap((make) => make(about)), propagation()];
}

interface About {
  readonly failure: Failure;
  readonly route: Route;
  readonly stage: string | undefined;
  readonly caller: Caller;
}

type Maker = (about: About) => readonly Hypothesis[];

const MAKERS: Readonly<Record<FailureKind, readonly Maker[]>> = {
  "function-not-invoked": [functionPolicy, callerInvokes, roleInvokes, oldDeployment],
  "server-error": [functionPolicy, callerInvokes, roleInvokes, ownLog],
  "role-not-assumed": [roleTrust],
  "authorizer-not-invoked": [authorizers],
  "caller-not-authorized": [callerCalls, resourcePolicy],
  forbidden: [callerCalls, resourcePolicy, waf],
  "refused-by-authorizer": [],
  other: [],
};

function noRoute(requested: string, unknownApi: string | undefined): readonly Hypothesis[] {
  if (unknownApi !== undefined)
    return [
      {
        what: `API ${unknownApi} belongs to another stack: give its state too`,
        command: `aws apigateway get-rest-api --rest-api-id ${quoted(unknownApi)} || aws apigatewayv2 get-api --api-id ${quoted(unknownApi)}`,
      },
    ];
  return [
    {
      what:
        requested === ""
          ? "the log does not say which route was called: log $context.resourcePath, httpMethod and apiId (for HTTP APIs routeKey)"
          : `no route of the stacks answers ${requested}: it was made outside of them, or the record is of another API`,
    },
  ];
}

/** What a state does not know: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
function whoWasIt(caller: Caller): readonly Hypothesis[] {
  if (caller.kind === "not-said")
    return [
      {
        what: "the log does not say who called: log $context.identity.caller or $context.identity.userArn",
      },
    ];
  if (caller.kind !== "unknown") return [];
  const [id = ""] = caller.as.split(":");
  const [list, query] = id.startsWith("AIDA")
    ? ["list-users", "Users[?UserId"]
    : ["list-roles", "Roles[?RoleId"];
  return [
    {
      what: `${id} is no role or user of these states: a program that is run has ids of its own, and a role that was replaced has a new one`,
      command: `aws iam ${list} --query ${quoted(`${query}=='${id}'].Arn`)}`,
    },
  ];
}

function functionOf({ integration }: Route): string | undefined {
  const arn = integration?.target.arn;
  return arn === undefined || arn instanceof Unknown ? undefined : show(arn);
}

function functionPolicy({ route, stage }: About): readonly Hypothesis[] {
  const { integration } = route;
  if (integration === undefined || integration.credentials.mode !== "none") return [];
  const arn = functionOf(route);
  if (arn === undefined) return [];
  const [, name = arn, qualifier] =
    /^(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+)(?::(.+))?$/.exec(arn) ?? [];
  return [
    {
      what: `the permission that the state has is gone in AWS, as when the function was replaced or its permission removed by hand: the function's policy${stage === undefined ? "" : ` has to cover stage ${stage}`}; "pulumi refresh" brings the state up to date`,
      command: `aws lambda get-policy --function-name ${quoted(name)}${qualifier === undefined ? "" : ` --qualifier ${quoted(qualifier)}`}`,
    },
  ];
}

function callerInvokes({ route, caller }: About): readonly Hypothesis[] {
  if (route.integration?.credentials.mode !== "caller") return [];
  const arn = functionOf(route);
  return arn === undefined ? [] : simulated(caller, "lambda:InvokeFunction", arn);
}

function roleInvokes({ route }: About): readonly Hypothesis[] {
  const { integration } = route;
  const arn = functionOf(route);
  if (integration?.credentials.mode !== "role" || arn === undefined) return [];
  const role =
    integration.credentials.arn instanceof Unknown ? undefined : known(integration.credentials.arn);
  return role === undefined ? [] : simulatedFor(role, "lambda:InvokeFunction", arn);
}

function roleTrust({ route }: About): readonly Hypothesis[] {
  const credentials = route.integration?.credentials;
  const role =
    credentials?.mode === "role" && !(credentials.arn instanceof Unknown)
      ? known(credentials.arn)
      : undefined;
  if (role === undefined) return [];
  return [
    {
      what: "the role's trust policy in AWS is not that of the state, or the role was deleted and made again",
      command: `aws iam get-role --role-name ${quoted(role.slice(role.lastIndexOf("/") + 1))} --query Role.AssumeRolePolicyDocument`,
    },
  ];
}

function authorizers({ route }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  return [
    {
      what: "the permission of the authorizer's function is gone in AWS, or the deployed stage uses another authorizer than the state has: the authorizer names its function",
      ...(id === undefined
        ? {}
        : {
            command:
              route.api.kind === "REST"
                ? `aws apigateway get-authorizers --rest-api-id ${quoted(id)}`
                : `aws apigatewayv2 get-authorizers --api-id ${quoted(id)}`,
          }),
    },
  ];
}

function callerCalls({ failure, route, stage, caller }: About): readonly Hypothesis[] {
  const executionArn = known(route.api.executionArn);
  const masked = failure.resource === undefined || failure.resource.includes("*");
  const path = known(route.path) ?? "/*";
  const resource = masked
    ? executionArn === undefined
      ? undefined
      : `${executionArn}/${stage ?? "*"}/${route.verb === "ANY" ? "*" : route.verb}${path}`
    : failure.resource;
  return resource === undefined ? [] : simulated(caller, "execute-api:Invoke", resource);
}

function resourcePolicy({ route }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  if (route.api.kind !== "REST" || id === undefined) return [];
  return [
    {
      what: "the API's resource policy was changed outside of the stacks, or after the stage was last deployed: a change of it takes effect with the next deployment",
      command: `aws apigateway get-rest-api --rest-api-id ${quoted(id)} --query policy`,
    },
  ];
}

function oldDeployment({ route }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  if (route.api.kind !== "REST" || id === undefined) return [];
  return [
    {
      what: "the stage serves an older deployment, whose integration calls another function or has other credentials than the state",
      command: `aws apigateway get-stages --rest-api-id ${quoted(id)}`,
    },
  ];
}

function waf({ route }: About): readonly Hypothesis[] {
  return route.api.kind === "REST"
    ? [
        {
          what: "something before IAM refused it, such as AWS WAF or a VPC endpoint's policy: log $context.error.responseType and $context.error.message",
        },
      ]
    : [];
}

function ownLog(): readonly Hypothesis[] {
  return [
    {
      what: "the function failed by itself: log $context.integration.error (for HTTP APIs $context.integrationErrorMessage), which says whether it was invoked",
    },
  ];
}

function simulated(caller: Caller, action: string, resource: string): readonly Hypothesis[] {
  const principals =
    caller.kind === "principal" ? caller.principals : caller.kind === "external" ? [caller.principal] : [];
  return principals.slice(0, 3).flatMap((principal) => {
    const arn = arnOf(principal);
    return arn === undefined ? [] : simulatedFor(arn, action, resource);
  });
}

/** What IAM evaluates beyond the policies of a stack: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
function simulatedFor(arn: string, action: string, resource: string): readonly Hypothesis[] {
  const account = /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1];
  return [
    {
      what: `the policies of ${arn} in AWS are not those of the state (drift)`,
      command: `aws iam simulate-principal-policy --policy-source-arn ${quoted(arn)} --action-names ${action} --resource-arns ${quoted(resource)}`,
    },
    {
      what: `a service control policy of the organization denies ${action}; or the session was given a policy of its own when the role was assumed`,
      ...(account === undefined
        ? {}
        : {
            command: `aws organizations list-policies-for-target --target-id ${account} --filter SERVICE_CONTROL_POLICY`,
          }),
    },
  ];
}

function arnOf({ arn }: PrincipalFacts): string | undefined {
  return known(arn);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency */
function propagation(): Hypothesis {
  return {
    what: "the request came before a change of permissions had reached every part of AWS, which takes seconds: compare its time with that of the last update",
  };
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
