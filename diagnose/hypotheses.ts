import { known, show, Unknown } from "../iam";
import { INTEGRATION_REQUEST } from "../report/gates";
import type { PrincipalFacts, Route } from "../stack";
import { type About, aboutOf, asksWho, commandOf, isSigned, type Profiles } from "./about";
import type { Caller } from "./callers";
import { cli, type Place, placeOfArn, placeOfIam, quoted } from "./cli";
import { type Failure, type FailureKind, isOfCalling } from "./failures";
import type { Hypothesis } from "./model";
import type { Destination } from "./routes";
import { noRoute, routesOf, whichRoute, whoWasIt } from "./unsaid";

/** Routes that a failure may be of about each of which something is supposed. */
const MOST_ROUTES = 3;

/** What may be the case where the stacks allow what AWS refused, the most frequent first. */
export function hypotheses(
  failure: Failure,
  destination: Destination,
  caller: Caller,
  profiles: Profiles,
): readonly Hypothesis[] {
  const { candidates } = destination;
  if (candidates.length === 0) return noRoute(destination, profiles);
  const found = [
    ...whichRoute(destination, profiles),
    ...candidates.slice(0, MOST_ROUTES).flatMap((candidate) => {
      const about = aboutOf(failure, candidate, caller, profiles);
      const organization = failure.byOrganization === true ? controlPolicies(about) : [];
      return [
        ...organization,
        ...whoWasIt(about),
        ...(isOfRequest(failure)
          ? oldRequest(about)
          : [...MAKERS[failure.kind].flatMap((make) => make(about)), propagation(about)]),
      ];
    }),
  ];
  return found.filter(
    (one, index) =>
      found.findIndex(({ what, command }) => what === one.what && command === one.command) === index,
  );
}

type Maker = (about: About) => readonly Hypothesis[];

const MAKERS: Readonly<Record<FailureKind, readonly Maker[]>> = {
  "function-not-invoked": [functionPolicy, replacedFunction, callerInvokes, roleInvokes, oldDeployment],
  "server-error": [functionPolicy, replacedFunction, callerInvokes, roleInvokes, authorizers, ownLog],
  "role-not-assumed": [roleTrust, authorizers],
  "authorizer-not-invoked": [authorizers],
  "caller-not-authorized": [callerCalls, resourcePolicy],
  forbidden: [callerCalls, resourcePolicy, otherRefusals],
  "refused-by-authorizer": [],
  other: [],
};

/** No permission makes Lambda take a request that is none of its API's. */
function isOfRequest({ gates }: Failure): boolean {
  return gates.length > 0 && gates.every((gate) => gate === INTEGRATION_REQUEST);
}

interface CalledFunction {
  readonly arn: string;
  /** What the CLI takes for it. */
  readonly named: string;
  readonly place: Place;
}

function functionOf({ route, place: { profile } }: About): CalledFunction | undefined {
  const target = route.integration?.target.arn;
  if (target === undefined || target instanceof Unknown) return undefined;
  const arn = known(target) ?? show(target);
  const [, name = arn, qualifier] =
    /^(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+)(?::(.+))?$/.exec(arn) ?? [];
  const named = `--function-name ${quoted(name)}${qualifier === undefined ? "" : ` --qualifier ${quoted(qualifier)}`}`;
  return { arn, named, place: { ...placeOfArn(arn), profile } };
}

function functionPolicy(about: About): readonly Hypothesis[] {
  const { route, stage } = about;
  const fn = functionOf(about);
  if (fn === undefined || route.integration?.credentials.mode !== "none") return [];
  return [
    {
      what: `the permission that the state has is gone in AWS, as when it was removed by hand: the function's policy${stage === undefined ? "" : ` has to cover stage ${stage}`}; "pulumi refresh" brings the state up to date`,
      command: cli(`lambda get-policy ${fn.named}`, fn.place),
    },
  ];
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
function replacedFunction(about: About): readonly Hypothesis[] {
  const fn = functionOf(about);
  if (fn === undefined) return [];
  return [
    {
      what: "the function was deleted and made again, and its permissions went with it; or the alias or version that the route calls is gone",
      command: cli(
        `lambda get-function-configuration ${fn.named} --query ${quoted("[FunctionArn,LastModified]")}`,
        fn.place,
      ),
    },
  ];
}

function callerInvokes(about: About): readonly Hypothesis[] {
  const fn = functionOf(about);
  if (fn === undefined || about.route.integration?.credentials.mode !== "caller") return [];
  return simulated(about, "lambda:InvokeFunction", fn.arn);
}

function credentialsRole({ integration }: Route): string | undefined {
  const credentials = integration?.credentials;
  return credentials?.mode === "role" && !(credentials.arn instanceof Unknown)
    ? known(credentials.arn)
    : undefined;
}

function roleInvokes(about: About): readonly Hypothesis[] {
  const fn = functionOf(about);
  const role = credentialsRole(about.route);
  return role === undefined || fn === undefined
    ? []
    : simulatedFor(role, "lambda:InvokeFunction", fn.arn, about.place);
}

function roleTrust({ route, place: { profile } }: About): readonly Hypothesis[] {
  const role = credentialsRole(route);
  if (role === undefined) return [];
  return [
    {
      what: "the role's trust policy in AWS is not that of the state, or the role was deleted and made again",
      command: cli(`iam get-role --role-name ${quoted(nameIn(role))} --query Role.AssumeRolePolicyDocument`, {
        profile,
      }),
    },
  ];
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function authorizers(about: About): readonly Hypothesis[] {
  const { authorization } = about.route;
  if (authorization !== "LAMBDA" && !(authorization instanceof Unknown)) return [];
  return [
    {
      what: "the permission of the authorizer's function is gone in AWS, or the deployed stage uses another authorizer than the state has: the authorizer names its function",
      ...commandOf(authorizersOf(about)),
    },
  ];
}

function authorizersOf({ route: { api }, place }: About): string | undefined {
  const id = known(api.id);
  if (id === undefined) return undefined;
  return api.kind === "REST"
    ? cli(`apigateway get-authorizers --rest-api-id ${quoted(id)}`, place)
    : cli(`apigatewayv2 get-authorizers --api-id ${quoted(id)}`, place);
}

function callerCalls(about: About): readonly Hypothesis[] {
  const { route } = about;
  if (isSigned(route)) {
    const resource = requestedArn(about);
    return resource === undefined ? [] : simulated(about, "execute-api:Invoke", resource);
  }
  if (route.authorization !== "NONE")
    return [
      {
        what: "the route's authorizer refused the request: the state does not say what it answers",
        ...commandOf(authorizersOf(about)),
      },
    ];
  return [
    {
      what: "the route asks for no IAM credentials, so the deployed stage has another authorization than the state, or something before it refused the request",
      ...commandOf(routesOf(route.api, about.place)),
    },
  ];
}

/** What was asked for; API Gateway masks the account in its message. */
function requestedArn({ failure, route, candidate: { request } }: About): string | undefined {
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

function resourcePolicy({ route, place }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  if (route.api.kind !== "REST" || id === undefined) return [];
  const command = cli(`apigateway get-rest-api --rest-api-id ${quoted(id)} --query policy`, place);
  return [
    ...unmetConditions(route, command),
    {
      what: "the API's resource policy was changed outside of the stacks, or after the stage was last deployed: a change of it takes effect with the next deployment",
      command,
    },
  ];
}

/**
 * Where a request came from, as the log can have it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
 */
const LOGGED_KEYS: Readonly<Record<string, string>> = {
  "aws:sourceip": "$context.identity.sourceIp",
  "aws:sourcevpce": "$context.identity.vpceId",
  "aws:sourcevpc": "$context.identity.vpcId",
  "aws:useragent": "$context.identity.userAgent",
};

/** The stacks say what a resource policy asks of a request, and not what this one had. */
function unmetConditions({ api }: Route, command: string): readonly Hypothesis[] {
  const conditions = api.policies
    .flatMap(({ document }) => (document instanceof Unknown ? [] : document.statements))
    .flatMap((statement) => statement.conditions);
  const keys = [...new Set(conditions.map(({ keyText }) => keyText))].sort();
  if (keys.length === 0) return [];
  const logged = keys.flatMap((key) => LOGGED_KEYS[key.toLowerCase()] ?? []);
  return [
    {
      what: `the request did not meet the conditions of the API's resource policy (${keys.slice(0, 5).join(", ")})${logged.length === 0 ? "" : `: log ${logged.join(" and ")}`}`,
      command,
    },
  ];
}

function oldDeployment({ route, place }: About): readonly Hypothesis[] {
  return atStages(
    route,
    place,
    "the stage serves an older deployment, whose integration calls another function or has other credentials than the state",
  );
}

function oldRequest({ route, place }: About): readonly Hypothesis[] {
  return atStages(
    route,
    place,
    "the stage serves an older deployment, whose integration has another method than POST, or another URI than the state",
  );
}

function atStages({ api }: Route, place: Place, what: string): readonly Hypothesis[] {
  const id = known(api.id);
  if (id === undefined) return [];
  return [
    {
      what,
      command:
        api.kind === "REST"
          ? cli(`apigateway get-stages --rest-api-id ${quoted(id)}`, place)
          : cli(`apigatewayv2 get-stages --api-id ${quoted(id)}`, place),
    },
  ];
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html */
function otherRefusals({ route, stage, place }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  const { region } = place;
  if (route.api.kind !== "REST" || id === undefined || region === undefined) return [];
  const partition = known(route.api.scope.partition) ?? "aws";
  return [
    ...(stage === undefined
      ? []
      : [
          {
            what: "AWS WAF refused it before IAM was asked: log $context.error.responseType, which is WAF_FILTERED then",
            command: cli(
              `wafv2 get-web-acl-for-resource --resource-arn ${quoted(`arn:${partition}:apigateway:${region}::/restapis/${id}/stages/${stage}`)}`,
              place,
            ),
          },
        ]),
    ...(route.api.private === "no"
      ? []
      : [
          {
            what: "the policy of the VPC endpoint that the request came through does not allow it",
            command: cli(
              `ec2 describe-vpc-endpoints --filters Name=service-name,Values=com.amazonaws.${region}.execute-api --query ${quoted("VpcEndpoints[].[VpcEndpointId,PolicyDocument]")}`,
              place,
            ),
          },
        ]),
  ];
}

function ownLog(about: About): readonly Hypothesis[] {
  const fn = functionOf(about);
  const [, name] = /:function:([\w-]+)/.exec(fn?.arn ?? "") ?? [];
  return [
    {
      what: "the function failed by itself: log $context.integration.error (for HTTP APIs $context.integrationErrorMessage), which says whether it was invoked",
      ...(fn === undefined || name === undefined
        ? {}
        : { command: cli(`logs tail /aws/lambda/${name} --since 1d`, fn.place) }),
    },
  ];
}

function principalsOf(caller: Caller): readonly PrincipalFacts[] {
  if (caller.kind === "principal") return caller.principals;
  return caller.kind === "external" ? [caller.principal] : [];
}

function simulated({ caller, place }: About, action: string, resource: string): readonly Hypothesis[] {
  return principalsOf(caller)
    .slice(0, 3)
    .flatMap(({ arn }) => {
      const own = known(arn);
      return own === undefined ? [] : simulatedFor(own, action, resource, place);
    });
}

/** What IAM evaluates beyond the policies of a stack: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
function simulatedFor(
  arn: string,
  action: string,
  resource: string,
  { profile }: Place,
): readonly Hypothesis[] {
  return [
    {
      what: `the policies of ${arn} in AWS are not those of the state (drift)`,
      ...commandOf(
        /^arn:[\w-]+:iam::\d{12}:(role|user)\//.test(arn)
          ? cli(
              `iam simulate-principal-policy --policy-source-arn ${quoted(arn)} --action-names ${action} --resource-arns ${quoted(resource)}`,
              { profile },
            )
          : undefined,
      ),
    },
    controlPolicy(arn, action),
  ];
}

function controlPolicies({ caller, failure, route }: About): readonly Hypothesis[] {
  const action = isOfCalling(failure) ? "execute-api:Invoke" : "lambda:InvokeFunction";
  const arns = [...principalsOf(caller).flatMap(({ arn }) => known(arn) ?? []), credentialsRole(route)];
  const [arn] = arns.filter((one) => one !== undefined);
  return arn === undefined ? [] : [controlPolicy(arn, action)];
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html */
function controlPolicy(arn: string, action: string): Hypothesis {
  const account = /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1];
  return {
    what: `a service control policy of the organization denies ${action}, at the account or above it; or the session was given a policy of its own when the role was assumed`,
    ...(account === undefined
      ? {}
      : {
          command: cli(
            `organizations list-policies-for-target --target-id ${account} --filter SERVICE_CONTROL_POLICY`,
            {},
          ),
        }),
  };
}

/**
 * When what decides was last changed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-cli.html
 */
function propagation(about: About): Hypothesis {
  return {
    what: "the request came before a change of permissions had reached every part of AWS, which takes seconds: compare its time with that of the last change",
    ...commandOf(lastChange(about)),
  };
}

function lastChange(about: About): string | undefined {
  const { caller, place, failure, route } = about;
  const lookup = (key: string, value: string, at: Place): string =>
    cli(
      `cloudtrail lookup-events --lookup-attributes ${quoted(`AttributeKey=${key},AttributeValue=${value}`)} --max-results 5`,
      at,
    );
  const [arn] = asksWho(about)
    ? principalsOf(caller).flatMap((principal) => known(principal.arn) ?? [])
    : [credentialsRole(route)].filter((one) => one !== undefined);
  if (arn !== undefined)
    return lookup("ResourceName", nameIn(arn), { ...placeOfIam(arn), profile: place.profile });
  if (asksWho(about))
    return lookup("EventSource", "iam.amazonaws.com", {
      ...placeOfIam(`arn:${known(route.api.scope.partition) ?? ""}:`),
      profile: place.profile,
    });
  if (isOfCalling(failure)) return lookup("EventName", "CreateDeployment", place);
  const fn = functionOf(about);
  return lookup("EventName", "AddPermission20150331v2", fn?.place ?? place);
}
