import { known, show, Unknown } from "../iam";
import { showRoute } from "../messages";
import type { Api, PrincipalFacts, Route } from "../stack";
import type { Caller } from "./callers";
import { cli, type Place, placeOfArn, placeOfIam, quoted } from "./cli";
import { type Failure, type FailureKind, OF_CALLERS } from "./failures";
import type { Identifiers } from "./identifiers";
import type { Hypothesis } from "./model";
import type { Candidate, Destination } from "./routes";

/** Routes that a failure may be of about each of which something is supposed. */
const MOST_ROUTES = 3;

/** What may be the case where the stacks allow what AWS refused, the most frequent first. */
export function hypotheses(
  failure: Failure,
  destination: Destination,
  caller: Caller,
  { profiles }: Pick<Identifiers, "profiles">,
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
        ...MAKERS[failure.kind].flatMap((make) => make(about)),
        propagation(about),
      ];
    }),
  ];
  return found.filter(
    (one, index) =>
      found.findIndex(({ what, command }) => what === one.what && command === one.command) === index,
  );
}

interface About {
  readonly failure: Failure;
  readonly route: Route;
  readonly stage: string | undefined;
  readonly candidate: Candidate;
  readonly caller: Caller;
  readonly place: Place;
}

type Maker = (about: About) => readonly Hypothesis[];

type Profiles = Identifiers["profiles"];

function aboutOf(failure: Failure, candidate: Candidate, caller: Caller, profiles: Profiles): About {
  const { route, request } = candidate;
  return { failure, route, stage: request.stage, candidate, caller, place: placeOf(route.api, profiles) };
}

function placeOf({ urn, scope }: Api, profiles: Profiles): Place {
  return { region: known(scope.region), profile: profiles.get(urn) };
}

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

/** Which API it is that the stacks do not have, or why its route is not found. */
function noRoute(
  { requested, unknownApi, unknownDomain, api, region, kind }: Destination,
  profiles: Profiles,
): readonly Hypothesis[] {
  if (unknownApi !== undefined) {
    const rest = cli(`apigateway get-rest-api --rest-api-id ${quoted(unknownApi)}`, { region });
    const others = cli(`apigatewayv2 get-api --api-id ${quoted(unknownApi)}`, { region });
    const command = kind === "REST" ? rest : kind === undefined ? `${rest} || ${others}` : others;
    return [{ what: `API ${unknownApi} belongs to another stack: give its state too`, command }];
  }
  if (unknownDomain !== undefined)
    return [
      {
        what: `the stacks do not say to which API the domain name ${unknownDomain} leads: give the state of the stack that maps it too`,
        command: `${cli(`apigatewayv2 get-api-mappings --domain-name ${quoted(unknownDomain)}`, {})} || ${cli(`apigateway get-base-path-mappings --domain-name ${quoted(unknownDomain)}`, {})}`,
      },
    ];
  if (requested === "")
    return [
      {
        what: "the log does not say which route was called: log $context.resourcePath, httpMethod and apiId (for HTTP and WebSocket APIs routeKey)",
      },
    ];
  return [
    {
      what: `no route of the stacks answers ${requested}: it was made outside of them, or the record is of another API`,
      ...(api === undefined ? {} : commandOf(routesOf(api, placeOf(api, profiles)))),
    },
  ];
}

function routesOf(api: Api, place: Place): string | undefined {
  const id = known(api.id);
  if (id === undefined) return undefined;
  return api.kind === "REST"
    ? cli(`apigateway get-resources --rest-api-id ${quoted(id)} --embed methods`, place)
    : cli(`apigatewayv2 get-routes --api-id ${quoted(id)}`, place);
}

function commandOf(command: string | undefined): Pick<Hypothesis, "command"> {
  return command === undefined ? {} : { command };
}

/** What a log says is what the stage's format has in it. */
function whichRoute({ candidates, requested }: Destination, profiles: Profiles): readonly Hypothesis[] {
  const labels = new Set(candidates.map(({ route }) => `${route.api.urn} ${showRoute(route)}`));
  const [first] = candidates;
  if (labels.size < 2 || first === undefined) return [];
  const apis = new Set(candidates.map(({ route }) => route.api.urn));
  const wanted =
    apis.size > 1
      ? requested === ""
        ? "$context.apiId, and $context.resourcePath and $context.httpMethod (for HTTP and WebSocket APIs $context.routeKey)"
        : "$context.apiId"
      : first.route.api.kind === "REST"
        ? "$context.resourcePath and $context.httpMethod"
        : "$context.routeKey";
  return [
    {
      what: `the log does not say which of ${labels.size} routes was called: log ${wanted}`,
      ...(apis.size > 1
        ? {}
        : commandOf(logFormat(first.route.api, first.request.stage, placeOf(first.route.api, profiles)))),
    },
  ];
}

function logFormat(api: Api, stage: string | undefined, place: Place): string | undefined {
  const id = known(api.id);
  if (id === undefined) return undefined;
  return api.kind === "REST"
    ? cli(
        stage === undefined
          ? `apigateway get-stages --rest-api-id ${quoted(id)}`
          : `apigateway get-stage --rest-api-id ${quoted(id)} --stage-name ${quoted(stage)} --query accessLogSettings.format`,
        place,
      )
    : cli(
        stage === undefined
          ? `apigatewayv2 get-stages --api-id ${quoted(id)}`
          : `apigatewayv2 get-stage --api-id ${quoted(id)} --stage-name ${quoted(stage)} --query AccessLogSettings.Format`,
        place,
      );
}

/** Whether it matters who called: a gate of this failure asks for somebody. */
function asksWho({ failure: { gates }, route }: About): boolean {
  return gates.some(
    (gate) =>
      OF_CALLERS.has(gate) &&
      (gate === "caller-function" ? route.integration?.credentials.mode === "caller" : isSigned(route)),
  );
}

function isSigned({ authorization }: Route): boolean {
  return authorization instanceof Unknown || authorization === "AWS_IAM";
}

/** What a state does not know: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
function whoWasIt(about: About): readonly Hypothesis[] {
  const { caller, route, stage, place } = about;
  if (!asksWho(about)) return [];
  if (caller.kind === "not-said")
    return [
      {
        what: "the log does not say who called: log $context.identity.caller or $context.identity.userArn",
        ...commandOf(logFormat(route.api, stage, place)),
      },
    ];
  if (caller.kind !== "unknown") return [];
  const { profile } = place;
  const [id = ""] = caller.as.split(":");
  const query = (list: string, path: string): string =>
    cli(`iam ${list} --query ${quoted(`${path}=='${id}'].Arn`)}`, { profile });
  const [, region] = /^([a-z]{2}(?:-[a-z]+)+-\d):[0-9a-f-]{36}$/.exec(caller.as) ?? [];
  if (region !== undefined)
    return [
      {
        what: `the stacks do not say which roles the identity pool of ${caller.as} gives: give the state of the stack that has it too`,
        command: cli(`cognito-identity list-identity-pools --max-results 60`, { region, profile }),
      },
    ];
  return [
    {
      what: `${id} is not a role or user of these states: a program that is run has ids of its own, and a role that was replaced has a new one`,
      ...commandOf(
        id.startsWith("AIDA")
          ? query("list-users", "Users[?UserId")
          : id.startsWith("AROA")
            ? query("list-roles", "Roles[?RoleId")
            : undefined,
      ),
    },
  ];
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

function authorizers({ route, place }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  if (route.authorization !== "LAMBDA" && !(route.authorization instanceof Unknown)) return [];
  return [
    {
      what: "the permission of the authorizer's function is gone in AWS, or the deployed stage uses another authorizer than the state has: the authorizer names its function",
      ...commandOf(
        id === undefined
          ? undefined
          : route.api.kind === "REST"
            ? cli(`apigateway get-authorizers --rest-api-id ${quoted(id)}`, place)
            : cli(`apigatewayv2 get-authorizers --api-id ${quoted(id)}`, place),
      ),
    },
  ];
}

function callerCalls(about: About): readonly Hypothesis[] {
  const { route } = about;
  if (isSigned(route)) {
    const resource = requestedArn(about);
    return resource === undefined ? [] : simulated(about, "execute-api:Invoke", resource);
  }
  const command = routesOf(route.api, about.place);
  return [
    {
      what:
        route.authorization === "NONE"
          ? "the route asks nobody for IAM credentials, so the deployed stage has another authorization than the state, or something before it refused the request"
          : "the route's authorizer refused the request: the state does not say what it answers",
      ...commandOf(command),
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
  return [
    {
      what: "the API's resource policy was changed outside of the stacks, or after the stage was last deployed: a change of it takes effect with the next deployment",
      command: cli(`apigateway get-rest-api --rest-api-id ${quoted(id)} --query policy`, place),
    },
  ];
}

function oldDeployment({ route, place }: About): readonly Hypothesis[] {
  const id = known(route.api.id);
  if (id === undefined) return [];
  return [
    {
      what: "the stage serves an older deployment, whose integration calls another function or has other credentials than the state",
      command:
        route.api.kind === "REST"
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
  const action = failure.gates.includes("caller-route") ? "execute-api:Invoke" : "lambda:InvokeFunction";
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
  if (failure.gates.includes("caller-route")) return lookup("EventName", "CreateDeployment", place);
  const fn = functionOf(about);
  return lookup("EventName", "AddPermission20150331v2", fn?.place ?? place);
}
