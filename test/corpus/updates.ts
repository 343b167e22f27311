/**
 * Previews of updates of a deployed stack: existing resources are known; created resources and everything that depends
 * on them are unknown.
 */
import { type PlannedResource, type Properties, UNKNOWN, type Value } from "../../testing";

type Resources = readonly PlannedResource[];

/** The policy documents of a resource by type: a property, or a list and a property of its items. */
const DOCUMENTS: Readonly<Record<string, readonly (string | readonly [list: string, property: string])[]>> = {
  "aws:apigateway/restApi:RestApi": ["body"],
  "aws:apigateway/restApiPolicy:RestApiPolicy": ["policy"],
  "aws:apigateway/restApiPut:RestApiPut": ["body"],
  "aws:apigatewayv2/api:Api": ["body"],
  "aws:iam/groupPolicy:GroupPolicy": ["policy"],
  "aws:iam/policy:Policy": ["policy"],
  "aws:iam/role:Role": ["assumeRolePolicy", ["inlinePolicies", "policy"]],
  "aws:iam/rolePolicy:RolePolicy": ["policy"],
  "aws:iam/userPolicy:UserPolicy": ["policy"],
  "aws-native:iam:Role": ["assumeRolePolicyDocument", ["policies", "policyDocument"]],
};

const isObject = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The properties with one document unknown; `undefined` if they have no document there. */
function withoutDocument(
  properties: Properties,
  at: string | readonly [string, string],
): Properties | undefined {
  if (typeof at === "string") return properties[at] ? { ...properties, [at]: UNKNOWN } : undefined;
  const [list, property] = at;
  const items = properties[list];
  if (!Array.isArray(items) || items.length === 0) return undefined;
  const hidden = items.map((item) => (isObject(item) ? { ...item, [property]: UNKNOWN } : item));
  return { ...properties, [list]: hidden };
}

const root = (resources: Resources): string =>
  resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";

function created(
  resources: Resources,
  type: string,
  name: string,
  properties: Properties,
  propertyDependencies: Record<string, string[]> = {},
): PlannedResource {
  const [stack, project] = (root(resources).match(/^urn:pulumi:([^:]+)::([^:]+)/) ?? []).slice(1);
  return {
    urn: `urn:pulumi:${stack}::${project}::${type}::${name}`,
    type,
    name,
    custom: true,
    id: UNKNOWN,
    parent: root(resources),
    inputs: properties,
    outputs: { arn: UNKNOWN, id: UNKNOWN, ...properties },
    dependencies: Object.values(propertyDependencies).flat(),
    propertyDependencies,
  };
}

/** Adds a new queue's ARN to a document: one update for each document, and one for all of them. */
export function documentsJoined(resources: Resources): readonly (readonly [string, Resources])[] {
  const queue = created(resources, "aws:sqs/queue:Queue", "joining", { name: "joining-1234567" });
  const withUnknownValue = (
    resource: PlannedResource,
    at: string | readonly [string, string],
  ): PlannedResource => {
    const [outputs, inputs] = [withoutDocument(resource.outputs, at), withoutDocument(resource.inputs, at)];
    const property = typeof at === "string" ? at : at[0];
    if (outputs === undefined || inputs === undefined) return resource;
    return {
      ...resource,
      outputs,
      inputs,
      dependencies: [...resource.dependencies, queue.urn],
      propertyDependencies: {
        ...resource.propertyDependencies,
        [property]: [...(resource.propertyDependencies[property] ?? []), queue.urn],
      },
    };
  };
  const places = resources.flatMap((resource) =>
    (DOCUMENTS[resource.type] ?? [])
      .filter((at) => withUnknownValue(resource, at) !== resource)
      .map((at) => ({ urn: resource.urn, at })),
  );
  const joined = (chosen: typeof places): Resources => [
    queue,
    ...resources.map((resource) =>
      chosen
        .filter(({ urn }) => urn === resource.urn)
        .reduce((changed, { at }) => withUnknownValue(changed, at), resource),
    ),
  ];
  return [
    ["no document", [...resources, queue]],
    ...places.map((place) => [`${place.at} of ${place.urn}`, joined([place])] as const),
    ["all documents", joined(places)],
  ];
}

/**
 * Adds a route to a new function with a permission to each REST and HTTP API with routes. APIs with a resource policy
 * are excluded, because it decides access to a route without authorization.
 */
export function routeAdded(resources: Resources): Resources {
  const name = "joining-1234567";
  const fn = created(resources, "aws:lambda/function:Function", "joining", {
    name,
    invokeArn: UNKNOWN,
    qualifiedArn: UNKNOWN,
    version: UNKNOWN,
    role: "arn:aws:iam::123456789012:role/execution",
  });
  const added = resources.flatMap(({ type, name: label, urn, id, outputs }): Resources => {
    const hasPolicy = resources.some(
      (resource) =>
        resource.type === "aws:apigateway/restApiPolicy:RestApiPolicy" && resource.outputs.restApiId === id,
    );
    if (outputs.body || outputs.target || outputs.policy || hasPolicy) return [];
    const permission = created(
      resources,
      "aws:lambda/permission:Permission",
      `joining-${label}`,
      {
        action: "lambda:InvokeFunction",
        function: name,
        principal: "apigateway.amazonaws.com",
        sourceArn: `${outputs.executionArn}/*/*`,
      },
      { function: [fn.urn], sourceArn: [urn] },
    );
    if (type === "aws:apigateway/restApi:RestApi")
      return [permission, ...restRoute(resources, label, urn, id, outputs, fn)];
    if (type === "aws:apigatewayv2/api:Api" && outputs.protocolType === "HTTP")
      return [permission, ...httpRoute(resources, label, urn, id, fn)];
    return [];
  });
  return added.length === 0 ? resources : [...resources, fn, ...added];
}

function restRoute(
  resources: Resources,
  label: string,
  urn: string,
  restApi: string,
  { rootResourceId }: Properties,
  fn: PlannedResource,
): Resources {
  const path = created(
    resources,
    "aws:apigateway/resource:Resource",
    `joining-${label}`,
    { restApi, parentId: rootResourceId ?? UNKNOWN, pathPart: "joining", path: UNKNOWN },
    { restApi: [urn], parentId: [urn] },
  );
  const at = { restApi, resourceId: UNKNOWN, httpMethod: "GET" };
  const from = { restApi: [urn], resourceId: [path.urn] };
  return [
    path,
    created(
      resources,
      "aws:apigateway/method:Method",
      `joining-${label}`,
      { ...at, authorization: "NONE" },
      from,
    ),
    created(
      resources,
      "aws:apigateway/integration:Integration",
      `joining-${label}`,
      { ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: UNKNOWN },
      { ...from, uri: [fn.urn] },
    ),
  ];
}

function httpRoute(
  resources: Resources,
  label: string,
  urn: string,
  apiId: string,
  fn: PlannedResource,
): Resources {
  const integration = created(
    resources,
    "aws:apigatewayv2/integration:Integration",
    `joining-${label}`,
    { apiId, integrationType: "AWS_PROXY", integrationUri: UNKNOWN, payloadFormatVersion: "2.0" },
    { apiId: [urn], integrationUri: [fn.urn] },
  );
  return [
    integration,
    created(
      resources,
      "aws:apigatewayv2/route:Route",
      `joining-${label}`,
      { apiId, routeKey: "GET /joining", authorizationType: "NONE", target: UNKNOWN },
      { apiId: [urn], target: [integration.urn] },
    ),
  ];
}

/** A refresh adds the roles' policies and the APIs' resource policies to the state, which the program does not set. */
export function refreshed(resources: Resources): Resources {
  const resourcesWith = (type: string, property: string, value: Value | undefined): Resources =>
    resources.filter((resource) => resource.type === type && resource.outputs[property] === value);
  return resources.map((resource) => {
    const { name, id } = resource.outputs;
    if (resource.type === "aws:apigateway/restApi:RestApi") {
      const [policy] = resourcesWith("aws:apigateway/restApiPolicy:RestApiPolicy", "restApiId", id);
      return resource.inputs.policy || policy === undefined
        ? resource
        : { ...resource, outputs: { ...resource.outputs, policy: policy.outputs.policy ?? null } };
    }
    if (resource.type !== "aws:iam/role:Role") return resource;
    const inline = resourcesWith("aws:iam/rolePolicy:RolePolicy", "role", name);
    const attached = resourcesWith("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", name);
    const inlinePolicies = inline.map(({ outputs }) => ({
      name: outputs.name ?? "",
      policy: outputs.policy ?? "",
    }));
    const managedPolicyArns = attached.map(({ outputs }) => outputs.policyArn ?? "");
    return {
      ...resource,
      outputs: {
        ...resource.outputs,
        ...(resource.inputs.inlinePolicies === undefined ? { inlinePolicies } : {}),
        ...(resource.inputs.managedPolicyArns === undefined ? { managedPolicyArns } : {}),
      },
    };
  });
}
