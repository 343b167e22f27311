import { Unknown } from "../../iam";
import type { Api, Deployment, RouteResource } from "../facts";
import { appendTo, groupBy } from "../pulumi/keys";
import {
  exists,
  labelOf,
  type ReadableResource,
  read,
  readString,
  SECRET,
  type SeenResource,
} from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";

type PartOf = (planned: ReadableResource) => ApiPart | undefined;

/**
 * A deployment is a snapshot of these resources:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 */
export function readRouteResources(resources: ResourceIndex, partOf: PartOf): readonly RouteResource[] {
  return [...resources.ofKind("RestMethod"), ...resources.ofKind("RestIntegration")].flatMap((planned) =>
    apiOf(planned, partOf).map((api) => {
      const isDeployed = exists(planned);
      const changes = isDeployed
        ? CHANGING_PROPERTIES.filter((property) => isComputed(read(planned, property)))
        : NO_CHANGES;
      return { ...identityOf(planned), api, exists: isDeployed, changes };
    }),
  );
}

const NO_CHANGES: readonly string[] = [];

/**
 * The properties that decide which function a route calls, and with whose credentials, where they depend on results of
 * an update.
 */
const CHANGING_PROPERTIES = ["uri", "credentials", "authorizerId"];

/** Whether a value results from this update, as opposed to a secret that could not be decrypted. */
function isComputed(value: unknown): boolean {
  if (value instanceof Unknown) return value.origins.length > 0 && !value.origins.includes(SECRET);
  return typeof value === "object" && value !== null && Object.values(value).some(isComputed);
}

/** The deployments of a stack, with the resources that are certainly created before each of them. */
export function readDeployments(resources: ResourceIndex, partOf: PartOf): readonly Deployment[] {
  const deployments = resources.ofKind("RestDeployment");
  if (deployments.length === 0) return [];
  const componentChildren = resourcesByComponent([
    ...resources.ofKind("RestMethod"),
    ...resources.ofKind("RestIntegration"),
  ]);
  let methods: ReadonlyMap<string, readonly string[]> | undefined;
  // Most deployments depend on no integration.
  const methodsOf = (urn: string): readonly string[] => {
    if (resources.byUrn(urn)?.kind !== "RestIntegration") return [];
    methods ??= methodsOfIntegrations(resources);
    return methods.get(urn) ?? [];
  };
  return deployments.flatMap((planned) =>
    apiOf(planned, partOf).map((api) => {
      const { dependsOn, mayHaveMoreDependencies } = dependenciesBefore(
        resources,
        planned.resource,
        componentChildren,
      );
      return {
        ...identityOf(planned),
        api,
        // A new value among its triggers replaces it.
        exists: exists(planned) && !isComputed(read(planned, "triggers")),
        dependsOn: new Set([...dependsOn, ...[...dependsOn].flatMap(methodsOf)]),
        mayHaveMoreDependencies,
      };
    }),
  );
}

/**
 * The methods of an integration, by its URN: an integration cannot be created before its method.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
 */
function methodsOfIntegrations(resources: ResourceIndex): ReadonlyMap<string, readonly string[]> {
  const methods = groupBy(resources.ofKind("RestMethod"), (method) => methodIdentity(method) ?? method.urn);
  const byMethod = new Map(
    methods.map((group) => [group[0] && methodIdentity(group[0]), group.map(({ urn }) => urn)] as const),
  );
  return new Map(
    resources.ofKind("RestIntegration").flatMap((integration) => {
      const method = methodIdentity(integration);
      return method === undefined ? [] : [[integration.urn, byMethod.get(method) ?? []] as const];
    }),
  );
}

/**
 * The resource and the HTTP method of a method or an integration, as far as they are known or determined by their
 * dependencies.
 */
function methodIdentity(planned: ReadableResource): string | undefined {
  const id = readString(planned, "resourceId");
  const verb = readString(planned, "httpMethod");
  const sources = planned.resource.propertyDependencies?.resourceId?.map(({ urn }) => urn).sort();
  const resource = typeof id === "string" ? id : sources?.join(" ");
  return typeof verb !== "string" || !resource ? undefined : `${verb} ${resource}`;
}

function identityOf(planned: ReadableResource): { readonly urn: string; readonly label: string } {
  return { urn: planned.urn, label: labelOf(planned) };
}

function apiOf(planned: ReadableResource, partOf: PartOf): readonly Api[] {
  const api = partOf(planned)?.api;
  return api === undefined || api.external ? [] : [api];
}

/** The resources in a component at any depth, by the component's URN. */
function resourcesByComponent(
  resources: readonly ReadableResource[],
): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const { urn, resource } of resources) {
    const seen = new Set<string>();
    for (
      let parent = resource.parent;
      parent !== undefined && !seen.has(parent.urn);
      parent = parent.parent
    ) {
      seen.add(parent.urn);
      appendTo(children, parent.urn, urn);
    }
  }
  return children;
}

/**
 * The resources that another one depends on, and whether there may be more: the dependencies of resources that the pack
 * does not read are unknown.
 */
function dependenciesBefore(
  resources: ResourceIndex,
  resource: SeenResource,
  componentChildren: ReadonlyMap<string, readonly string[]>,
): Pick<Deployment, "dependsOn" | "mayHaveMoreDependencies"> {
  const dependsOn = new Set<string>();
  const queue: SeenResource[] = [resource];
  let mayHaveMoreDependencies = false;
  for (let current = queue.pop(); current !== undefined; current = queue.pop())
    for (const next of directDependencies(resources, current)) {
      if (dependsOn.has(next.urn)) continue;
      dependsOn.add(next.urn);
      const children = componentChildren.get(next.urn);
      for (const urn of children ?? []) dependsOn.add(urn);
      const planned = resources.byUrn(next.urn);
      if (planned !== undefined) queue.push(planned.resource);
      else if (children === undefined) mayHaveMoreDependencies = true;
    }
  return { dependsOn, mayHaveMoreDependencies };
}

/** A child depends on its parent; a component itself is not created. */
function directDependencies(resources: ResourceIndex, resource: SeenResource): readonly SeenResource[] {
  const isRead = resource.parent !== undefined && resources.byUrn(resource.parent.urn) !== undefined;
  return [
    ...(resource.dependencies ?? []),
    ...Object.values(resource.propertyDependencies ?? {}).flat(),
    ...(resource.parent !== undefined && isRead ? [resource.parent] : []),
  ];
}
