import { type NotInEffect, type Origin, Unknown } from "../iam";
import { withClaimedMethods } from "./apis/any-routes";
import type { ApiForm } from "./apis/api-form";
import { readBodies } from "./apis/bodies";
import { readDisabledEndpoints } from "./apis/default-endpoints";
import { readDeployments, readRouteResources } from "./apis/deployments";
import { API_FORMS, combineForms, type ReadApis } from "./apis/forms";
import { readRolesWithAwsPolicies, readServiceIntegrations } from "./apis/service-integrations";
import { readServicePolicies } from "./apis/service-policies";
import { resolveAuthorizer, resolveStageVariables } from "./apis/stage-variables";
import { withKnownEndpoints } from "./apis/vpc-endpoints";
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
  type ReadableResource,
  read,
  SECRET,
  type SeenResource,
} from "./pulumi/properties";
import { originsOf, type ResourceIndex, readResources, type WhenUnknown } from "./pulumi/resource-index";
import type { ResourceKind } from "./pulumi/resource-types";

export type { ApiForm } from "./apis/api-form";
export { serviceOf } from "./apis/api-service";
export { API_FORMS, type ReadApis } from "./apis/forms";
export type { Operation } from "./apis/openapi";
export { readBody } from "./apis/read-body";
export { mayHaveServiceIntegration } from "./apis/service-integration-filter";
export { isTargetOf } from "./apis/service-requests";
export type { UnsignedReason, UrlOrigin } from "./callers/distributions";
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
  plainCopy,
  plannedOf,
  propertiesRead,
  type ReadableResource,
  read,
  readString,
  SECRET,
  type SeenResource,
  sameProperties,
} from "./pulumi/properties";

import { partOf } from "./labels";

export { assigned, isPlaceholder, placeholdersIn, withoutPlaceholders } from "./pulumi/placeholders";
export { partitionOf } from "./pulumi/provider";
export { API_ID, type WhenUnknown } from "./pulumi/resource-index";
export { RESOURCE_TYPES, type ResourceKind } from "./pulumi/resource-types";
export { type Subject, subjectsOf } from "./subjects";
export type { PolicyKind } from "./unknowns";

/** Returns the facts of a stack, from its planned resources. Never throws. */
export function readStack(
  seenResources: readonly SeenResource[],
  whenUnknown: WhenUnknown,
  forms: readonly ReadApis[] = API_FORMS,
): StackFacts {
  const resources = readResources(seenResources, whenUnknown);
  const functions = readFunctions(resources);
  const apiForm = combineForms(forms.map((readApis) => readApis(resources, functions)));
  const bodies = readBodies(resources, functions, apiForm);
  // A policy given as an argument replaces that of the body.
  const policies = new Map<Api, readonly ResourcePolicy[]>([
    ...[...bodies.policies].map(([api, policy]) => [api, [policy]] as const),
    ...restApiPolicies(resources, apiForm, bodies.policies),
  ]);
  // Routes refer to their API by identity, so each API is copied once.
  const apisWithPolicies = new Map(
    apiForm.apis.map((api) => [api, { ...api, policies: policies.get(api) ?? [] }]),
  );
  const withResourcePolicies = (api: Api): Api => apisWithPolicies.get(api) ?? api;
  const functionPolicies = readFunctionPolicies(resources, functions);
  const apiCalls = readApiCalls(resources, apiForm.apis, apiForm.partOf);
  return {
    apis: apiForm.apis.map(withResourcePolicies),
    routes: withClaimedMethods(resolveStageVariables([...apiForm.routes, ...bodies.routes], functions)).map(
      (route) => ({
        ...route,
        api: withResourcePolicies(route.api),
      }),
    ),
    authorizers: [...apiForm.authorizers, ...bodies.authorizers]
      .flatMap((authorizer) => resolveAuthorizer(authorizer, apiForm.stagesOf(authorizer.api), functions))
      .map((authorizer) => ({ ...authorizer, api: withResourcePolicies(authorizer.api) })),
    functions: functions.all,
    permissions: readPermissions(resources, functions, apiForm, functionPolicies),
    functionPolicies,
    functionUrls: readFunctionUrls(resources, functions),
    urlOrigins: readUrlOrigins(resources),
    ...readPrincipals(resources, functions, apiForm),
    apiCalls: apiCalls.map((call) => ({ ...call, api: withResourcePolicies(call.api) })),
    poolRoles: readPoolRoles(resources),
    roleUses: readRoleUses(resources),
    ...readServices(resources, apiForm),
    deployments: readDeployments(resources, apiForm.partOf),
    routeResources: readRouteResources(resources, apiForm.partOf),
    disabledEndpoints: readDisabledEndpoints(resources, apiForm.partOf, apiCalls),
  };
}

function readServices(
  resources: ResourceIndex,
  apiForm: ApiForm,
): Pick<StackFacts, "serviceIntegrations" | "servicePolicies" | "rolesWithAwsPolicies"> {
  const serviceIntegrations = readServiceIntegrations(resources, apiForm.partOf);
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
  apiForm: ApiForm,
  bodyPolicies: ReadonlyMap<Api, ResourcePolicy>,
): ReadonlyMap<Api, ResourcePolicy[]> {
  const replaced = new Set(resources.ofKind("RestApiPolicy").map((planned) => apiForm.partOf(planned)?.api));
  const policies = new Map<Api, ResourcePolicy[]>();
  for (const planned of [...resources.ofKind("RestApi"), ...resources.ofKind("RestApiPolicy")]) {
    const api = apiForm.partOf(planned)?.api;
    const value = read(planned, "policy");
    if (api === undefined || value === undefined || value === "") continue;
    if (planned.kind === "RestApi" && replaced.has(api)) continue;
    const label = partOf("resource policy", labelOf(planned));
    const policy = documentSource(
      planned,
      {
        property: "policy",
        label,
        value: withKnownEndpoints({ resources, planned, property: "policy" }, value),
      },
      "resource",
    );
    const isOldState = planned.kind === "RestApi" && isFromState(planned, "policy") === true;
    // The provider reads a policy that a body has set into the same output.
    if (isOldState && bodyPolicies.has(api)) continue;
    const mayNotExist = isOldState || (value instanceof Unknown && value.origins.includes(SECRET));
    const isUnknown =
      value instanceof Unknown && value.origins.length === 0 && isSetByProgram(planned, "policy");
    policies.set(api, [
      ...(policies.get(api) ?? []),
      {
        ...policy,
        ...(isUnknown ? { isUnknown: true as const } : {}),
        ...(mayNotExist ? { mayNotExist: true as const } : {}),
        ...(isOldState ? { mayNotApply: fromOldState(planned) } : {}),
        ...granteesOf(resources, apiForm, planned, api),
      },
    ]);
  }
  return policies;
}

const PRINCIPALS: ReadonlySet<ResourceKind> = new Set<ResourceKind>(["Role", "User"]);

function granteesOf(
  resources: ResourceIndex,
  apiForm: ApiForm,
  planned: ReadableResource,
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
    return planned !== undefined && apiForm.partOf(planned)?.api === api;
  };
  const principals = origins.filter(isPrincipal);
  return principals.length > 0 && origins.every((origin) => isPrincipal(origin) || isOfApi(origin))
    ? { grantees: principals }
    : {};
}

/** A policy that the program does not set may be that of a RestApiPolicy which this update deletes. */
function fromOldState(planned: ReadableResource): NotInEffect {
  return {
    subject: { code: "resource-policy-may-remain", api: labelOf(planned) },
    resolution: { code: "set-in-program" },
  };
}
