import { known } from "../iam";
import { showRoute } from "../messages";
import type { Api } from "../stack";
import { type About, asksWho, commandOf, type Profiles, placeOf } from "./about";
import type { Caller } from "./callers";
import { cli, type Place, quoted } from "./cli";
import type { Hypothesis } from "./model";
import type { Destination } from "./routes";

export const WHICH_REQUEST: Hypothesis = {
  what: "the answer may depend on what the log does not say: log $context.stage, $context.httpMethod and $context.path",
};

/** Which API it is that the stacks do not have, or why its route is not found. */
export function noRoute(
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

export function routesOf(api: Api, place: Place): string | undefined {
  const id = known(api.id);
  if (id === undefined) return undefined;
  return api.kind === "REST"
    ? cli(`apigateway get-resources --rest-api-id ${quoted(id)} --embed methods`, place)
    : cli(`apigatewayv2 get-routes --api-id ${quoted(id)}`, place);
}

/** What a log says is what the stage's format has in it. */
export function whichRoute(
  { candidates, requested }: Destination,
  profiles: Profiles,
): readonly Hypothesis[] {
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

/** What a state does not know: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export function whoWasIt(about: About): readonly Hypothesis[] {
  const { caller, route, stage, place } = about;
  if (!asksWho(about)) return [];
  if (caller.kind === "principal") return madeAgain(caller, place);
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

/**
 * A policy of a resource that names a role is of that role only, and not of one that is made again under its name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
function madeAgain(
  { principals, newId }: Extract<Caller, { kind: "principal" }>,
  { profile }: Place,
): readonly Hypothesis[] {
  if (newId === undefined) return [];
  return principals.map(({ kind, name, label }) => ({
    what: `${label} was deleted and made again as ${newId}: it may have lost policies that the state has, and policies of resources that name it are those of the former one until they are saved again; "pulumi refresh" brings the state up to date`,
    ...commandOf(
      name === undefined
        ? undefined
        : kind === "user"
          ? cli(`iam get-user --user-name ${quoted(name)} --query ${quoted("User.[UserId,CreateDate]")}`, {
              profile,
            })
          : cli(`iam get-role --role-name ${quoted(name)} --query ${quoted("Role.[RoleId,CreateDate]")}`, {
              profile,
            }),
    ),
  }));
}
