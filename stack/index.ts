import { type NotInEffect, type Origin, Unknown } from "../iam";
import { withVerbsOfAny } from "./apis/any-routes";
import type { ApiForm } from "./apis/api-form";
import { readBodies } from "./apis/bodies";
import { readDisabledEndpoints } from "./apis/default-endpoints";
import { readDeployments, readRouteResources } from "./apis/deployments";
import { API_FORMS, type ReadApis, together } from "./apis/forms";
import { readRolesWithAwsPolicies, readServiceIntegrations } from "./apis/service-integrations";
import { readServicePolicies } from "./apis/service-policies";
import { resolveAuthorizer, resolveStageVariables } from "./apis/stage-variables";
import { withEndpoints } from "./apis/vpc-endpoints";
import { readApiCalls } from "./callers/api-calls";
import { readUrlOrigins } from "./callers/distributions";
import { readPoolRoles } from "./callers/identity-pools";
import { readRoleUses } from "./callers/role-uses";
import type { Api, ResourcePolicy, StackFacts } from "./facts";
import { readFunctions } from "./functions/functions";
import { readFunctionPolicies, readFunctionUrls, readPermissions } from "./functions/permissions";
import { documentSource } from "./principals/documents";
import { readPrincipals } from "./principals/principals";
import {
  isFromState,
  isSetByProgram,
  labelOf,
  type Planned,
  read,
  SECRET,
  type SeenResource,
} from "./pulumi/properties";
import { originsOf, type ResourceIndex, readResources, type WhenUnknown } from "./pulumi/resource-index";
import type { Kind } from "./pulumi/resource-types";

export type { ApiForm } from "./apis/api-form";
export { serviceOf } from "./apis/api-service";
export { mayCallService } from "./apis/called-services";
export { API_FORMS, type ReadApis } from "./apis/forms";
export type { Operation } from "./apis/openapi";
export { readBody } from "./apis/read-body";
export { isCalledBy } from "./apis/service-requests";
export type { UnsignedBecause, UrlOrigin } from "./callers/distributions";
export { externalPrincipal } from "./callers/external-principals";
export type * from "./facts";
export { type FunctionTarget, isFunctionArn, isInvocation, type LambdaFunction } from "./functions/functions";
export { asPattern } from "./principals/documents";
export { groupBy } from "./pulumi/keys";
export {
  concernsAccess,
  fieldOf,
  hasRefreshedProperties,
  isRead,
  isServiceTarget,
  labelOf,
  mentions,
  nameOf,
  type Planned,
  plainCopy,
  plannedOf,
  propertiesRead,
  read,
  readString,
  SECRET,
  type SeenResource,
  sameProperties,
} from "./pulumi/properties";

import { partOf } from "./labels";

export { isPlaceholder, placeholdersIn, withoutPlaceholders } from "./pulumi/placeholders";
export { partitionOf } from "./pulumi/provider";
export { API_ID, type WhenUnknown } from "./pulumi/resource-index";
export { type Kind, RESOURCE_TYPES } from "./pulumi/resource-types";
export { type Subject, subjectsOf } from "./subjects";
export type { PolicyKind } from "./unknowns";

/** Returns the facts of a stack, from its planned resources. Never throws, whatever the stack contains. */
export function readStack(
  seen: readonly SeenResource[],
  whenUnknown: WhenUnknown,
  forms: readonly ReadApis[] = API_FORMS,
): StackFacts {
  const resources = readResources(seen, whenUnknown);
  const functions = readFunctions(resources);
  const rest = together(forms.map((readApis) => readApis(resources, functions)));
  const bodies = readBodies(resources, functions, rest);
  // A policy given as an argument replaces that of the body.
  const policies = new Map<Api, readonly ResourcePolicy[]>([
    ...[...bodies.policies].map(([api, policy]) => [api, [policy]] as const),
    ...restApiPolicies(resources, rest, bodies.policies),
  ]);
  // Every route refers to its API: each API gets its policies once.
  const withPolicies = new Map(rest.apis.map((api) => [api, { ...api, policies: policies.get(api) ?? [] }]));
  const complete = (api: Api): Api => withPolicies.get(api) ?? api;
  const functionPolicies = readFunctionPolicies(resources, functions);
  const apiCalls = readApiCalls(resources, rest.apis, rest.partOf);
  return {
    apis: rest.apis.map(complete),
    routes: withVerbsOfAny(resolveStageVariables([...rest.routes, ...bodies.routes], functions)).map(
      (route) => ({
        ...route,
        api: complete(route.api),
      }),
    ),
    authorizers: [...rest.authorizers, ...bodies.authorizers]
      .flatMap((authorizer) => resolveAuthorizer(authorizer, rest.stagesOf(authorizer.api), functions))
      .map((authorizer) => ({ ...authorizer, api: complete(authorizer.api) })),
    functions: functions.all,
    permissions: readPermissions(resources, functions, rest, functionPolicies),
    functionPolicies,
    functionUrls: readFunctionUrls(resources, functions),
    urlOrigins: readUrlOrigins(resources),
    ...readPrincipals(resources, functions, rest),
    apiCalls: apiCalls.map((call) => ({ ...call, api: complete(call.api) })),
    poolRoles: readPoolRoles(resources),
    roleUses: readRoleUses(resources),
    ...ofServices(resources, rest),
    deployments: readDeployments(resources, rest.partOf),
    routeResources: readRouteResources(resources, rest.partOf),
    disabledEndpoints: readDisabledEndpoints(resources, rest.partOf, apiCalls),
  };
}

function ofServices(
  resources: ResourceIndex,
  rest: ApiForm,
): Pick<StackFacts, "serviceIntegrations" | "servicePolicies" | "rolesWithAwsPolicies"> {
  const serviceIntegrations = readServiceIntegrations(resources, rest.partOf);
  const rolesWithAwsPolicies =
    serviceIntegrations.length === 0 ? new Set<string>() : readRolesWithAwsPolicies(resources);
  const servicePolicies = serviceIntegrations.length === 0 ? [] : readServicePolicies(resources);
  return { serviceIntegrations, servicePolicies, rolesWithAwsPolicies };
}

/**
 * The resource policies given by arguments. A RestApiPolicy is applied after its API and replaces the existing policy;
 * the API's own `policy` is then an earlier one, or an output with an older value.
 */
function restApiPolicies(
  resources: ResourceIndex,
  rest: ApiForm,
  inBodies: ReadonlyMap<Api, ResourcePolicy>,
): ReadonlyMap<Api, ResourcePolicy[]> {
  const replaced = new Set(resources.ofKind("RestApiPolicy").map((planned) => rest.partOf(planned)?.api));
  const policies = new Map<Api, ResourcePolicy[]>();
  for (const planned of [...resources.ofKind("RestApi"), ...resources.ofKind("RestApiPolicy")]) {
    const api = rest.partOf(planned)?.api;
    const given = read(planned, "policy");
    if (api === undefined || given === undefined || given === "") continue;
    if (planned.kind === "RestApi" && replaced.has(api)) continue;
    const label = partOf("resource policy", labelOf(planned));
    const policy = documentSource(
      planned,
      { property: "policy", label, given: withEndpoints(resources, planned, "policy", given) },
      "resource",
    );
    const ofState = planned.kind === "RestApi" && isFromState(planned, "policy") === true;
    // The provider reads a policy that a body has set into the same output.
    if (ofState && inBodies.has(api)) continue;
    const mayBeNone = ofState || (given instanceof Unknown && given.origins.includes(SECRET));
    const hidden =
      given instanceof Unknown && given.origins.length === 0 && isSetByProgram(planned, "policy");
    policies.set(api, [
      ...(policies.get(api) ?? []),
      {
        ...policy,
        ...(hidden ? { isUnknown: true as const } : {}),
        ...(mayBeNone ? { mayNotExist: true as const } : {}),
        ...(ofState ? { mayNotApply: ofOldState(planned) } : {}),
        ...forPrincipals(resources, rest, planned, api),
      },
    ]);
  }
  return policies;
}

const PRINCIPALS: ReadonlySet<Kind> = new Set<Kind>(["Role", "User"]);

function forPrincipals(
  resources: ResourceIndex,
  rest: ApiForm,
  planned: Planned,
  api: Api,
): Pick<ResourcePolicy, "grantees"> {
  if (resources.whenUnknown === "prove" || api.exists || !(read(planned, "policy") instanceof Unknown))
    return {};
  const origins = originsOf(planned, "policy");
  const isPrincipal = ({ key }: Origin): boolean => {
    const planned = resources.byUrn(key);
    return planned !== undefined && PRINCIPALS.has(planned.kind);
  };
  const isOfApi = ({ key }: Origin): boolean => {
    const planned = resources.byUrn(key);
    return planned !== undefined && rest.partOf(planned)?.api === api;
  };
  const principals = origins.filter(isPrincipal);
  return principals.length > 0 && origins.every((origin) => isPrincipal(origin) || isOfApi(origin))
    ? { grantees: principals }
    : {};
}

/** A policy that the program does not set may be that of a RestApiPolicy which this update deletes. */
function ofOldState(planned: Planned): NotInEffect {
  return {
    subject: { code: "resource-policy-of-old-state", api: labelOf(planned) },
    resolution: { code: "set-in-program" },
  };
}
