import { known } from "../iam";
import type { ApiId, AwsLocation, LogCommand } from "../messages/log-commands";
import type { LogHypothesis, RouteFields } from "../messages/log-hypotheses";
import { routeKey } from "../report/keys";
import type { Api } from "../stack";
import type { Caller } from "./callers";
import { evaluatesCaller, type FailedRequest, type Profiles, placeOf } from "./failed-request";
import type { Candidate, Destination } from "./routes";

/** The API that the stacks do not have, or why its route is not found. */
export function noRouteHypotheses(
  { requested, unknownApi, unknownDomain, api, region, kind }: Destination,
  profiles: Profiles,
): readonly LogHypothesis[] {
  if (unknownApi !== undefined)
    return [
      {
        code: "api-in-other-stack",
        id: unknownApi,
        command: { code: "api", id: unknownApi, kind, place: { region } },
      },
    ];
  if (unknownDomain !== undefined)
    return [
      {
        code: "domain-in-other-stack",
        domain: unknownDomain,
        command: { code: "domain-mappings", domain: unknownDomain, place: {} },
      },
    ];
  if (requested === "") return [{ code: "route-not-logged" }];
  return [
    {
      code: "route-outside-stacks",
      requested,
      command: api === undefined ? undefined : apiCommand("routes", api, placeOf(api, profiles)),
    },
  ];
}

/** A command about an API, once its ID is known. */
export function apiCommand(
  code: "routes" | "stages" | "authorizers",
  api: Api,
  place: AwsLocation,
): LogCommand | undefined {
  const id = idOf(api);
  return id === undefined ? undefined : { code, api: id, place };
}

function idOf(api: Api): ApiId | undefined {
  const id = known(api.id);
  return id === undefined ? undefined : { kind: api.kind, id };
}

/** The log has the fields of the stage's access log format. */
export function whichRouteHypothesis(
  { candidates, requested }: Destination,
  profiles: Profiles,
): readonly LogHypothesis[] {
  const routes = new Set(candidates.map(({ route }) => routeKey(route)));
  const [first] = candidates;
  if (routes.size < 2 || first === undefined) return [];
  const { api } = first.route;
  const areSeveralApis = new Set(candidates.map(({ route }) => route.api.urn)).size > 1;
  return [
    {
      code: "which-route",
      count: routes.size,
      fields: areSeveralApis ? (requested === "" ? "api-and-route" : "api") : fieldsOf(first),
      command: areSeveralApis ? undefined : logFormat(api, first.request.stage, placeOf(api, profiles)),
    },
  ];
}

function fieldsOf({ route: { api } }: Candidate): RouteFields {
  return api.kind === "REST" ? "method" : "route-key";
}

function logFormat(api: Api, stage: string | undefined, place: AwsLocation): LogCommand | undefined {
  const id = idOf(api);
  if (stage === undefined || id === undefined) return apiCommand("stages", api, place);
  return { code: "log-format", api: id, stage, place };
}

/**
 * Information that a state does not have:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function callerHypotheses(failedRequest: FailedRequest): readonly LogHypothesis[] {
  const { caller, route, stage, place } = failedRequest;
  if (!evaluatesCaller(failedRequest)) return [];
  if (caller.kind === "principal") return recreatedPrincipal(caller, place);
  if (caller.kind === "not-said")
    return [{ code: "caller-not-logged", command: logFormat(route.api, stage, place) }];
  if (caller.kind !== "unknown") return [];
  const { profile } = place;
  const [id = ""] = caller.loggedAs.split(":");
  const [, region] = /^([a-z]{2}(?:-[a-z]+)+-\d):[0-9a-f-]{36}$/.exec(caller.loggedAs) ?? [];
  if (region !== undefined)
    return [
      {
        code: "identity-pool-in-other-stack",
        pool: caller.loggedAs,
        command: { code: "identity-pools", place: { region, profile } },
      },
    ];
  const kind = id.startsWith("AIDA") ? "user" : id.startsWith("AROA") ? "role" : undefined;
  return [
    {
      code: "unknown-id",
      id,
      command: kind === undefined ? undefined : { code: "principal-by-id", kind, id, place: { profile } },
    },
  ];
}

/**
 * A resource policy that names a role applies to that role only, and not to one that is re-created with its name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
function recreatedPrincipal(
  { principals, newId }: Extract<Caller, { kind: "principal" }>,
  { profile }: AwsLocation,
): readonly LogHypothesis[] {
  if (newId === undefined) return [];
  return principals.map(({ kind, name, label }) => ({
    code: "principal-replaced",
    label,
    newId,
    command:
      name === undefined
        ? undefined
        : { code: "principal", kind: kind === "user" ? "user" : "role", name, place: { profile } },
  }));
}
