/**
 * Components with missing parts, because their plugin is not installed. Their contents are unknown, and so are the
 * answers that depend on them.
 */

import type { PlannedResource } from "../engine/model";
import { UNKNOWN } from "../engine/values";
import { describeMissingParts, type MissingParts, type MissingPlugin } from "../messages/missing-parts";
import { byUrn } from "../stack/pulumi/keys";
import type { MissingPluginEntry, Report } from "./model";
import { sourcesOf } from "./sources";

/** The rule id of missing parts in formats that require one; no policy has this name. */
export const MISSING_PLUGIN_RULE = "missing-plugin";

/** The parts that a component may add to a resource that it receives. */
const ADDITIONS: Readonly<
  Record<
    string,
    (resource: PlannedResource) => { readonly type: string; readonly inputs: PlannedResource["inputs"] }
  >
> = {
  "aws:iam/role:Role": ({ id }) => ({
    type: "aws:iam/rolePolicy:RolePolicy",
    inputs: { role: id, policy: UNKNOWN },
  }),
  "aws:iam/user:User": ({ id }) => ({
    type: "aws:iam/userPolicy:UserPolicy",
    inputs: { user: id, policy: UNKNOWN },
  }),
  "aws:iam/group:Group": ({ id }) => ({
    type: "aws:iam/groupPolicy:GroupPolicy",
    inputs: { group: id, policy: UNKNOWN },
  }),
  "aws:lambda/function:Function": ({ outputs }) => ({
    type: "aws:lambda/permission:Permission",
    inputs: {
      function: outputs.functionName ?? outputs.name ?? UNKNOWN,
      action: UNKNOWN,
      principal: UNKNOWN,
      sourceArn: UNKNOWN,
      qualifier: UNKNOWN,
    },
  }),
  "aws:apigateway/restApi:RestApi": ({ id }) => ({
    type: "aws:apigateway/restApiPolicy:RestApiPolicy",
    inputs: { restApiId: id, policy: UNKNOWN },
  }),
};

/** The corresponding types of `aws-native`. */
const EQUIVALENT_TYPES: Readonly<Record<string, string>> = {
  "aws-native:apigateway:RestApi": "aws:apigateway/restApi:RestApi",
  "aws-native:iam:Group": "aws:iam/group:Group",
  "aws-native:iam:Role": "aws:iam/role:Role",
  "aws-native:iam:User": "aws:iam/user:User",
  "aws-native:lambda:Alias": "aws:lambda/function:Function",
  "aws-native:lambda:Function": "aws:lambda/function:Function",
  "aws:lambda/alias:Alias": "aws:lambda/function:Function",
};

/** For each resource that a component receives, the parts that it may add to it. */
export function possibleParts(
  resources: readonly PlannedResource[],
  components: readonly string[],
): readonly PlannedResource[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  return components.flatMap((urn) => {
    const component = byUrn.get(urn);
    return component === undefined
      ? []
      : resourcesPassedTo(component, byUrn).flatMap((resource) => possiblePart(component, resource));
  });
}

function possiblePart(component: PlannedResource, resource: PlannedResource): readonly PlannedResource[] {
  const addition = ADDITIONS[EQUIVALENT_TYPES[resource.type] ?? resource.type]?.(resource);
  if (addition === undefined) return [];
  const { type, inputs } = addition;
  const name = `${component.name}: a part for ${resource.name}`;
  const [stack = "", project = "", chain = ""] = component.urn.split("::");
  return [
    {
      urn: `${stack}::${project}::${chain}$${type}::${name}`,
      ...{ type, name, custom: true, id: UNKNOWN, parent: component.urn },
      ...(resource.provider === undefined ? {} : { provider: resource.provider }),
      ...{ inputs, outputs: inputs, dependencies: [], propertyDependencies: {} },
      ...(component.source === undefined ? {} : { source: component.source }),
    },
  ];
}

/** The resources that a component receives; for another component, its parts. */
function resourcesPassedTo(
  component: PlannedResource,
  byUrn: ReadonlyMap<string, PlannedResource>,
): readonly PlannedResource[] {
  const urns = new Set(dependenciesOf(component));
  return [...byUrn.values()].filter(
    (resource) => urns.has(resource.urn) || hasParentIn(resource, urns, byUrn),
  );
}

function hasParentIn(
  { parent }: PlannedResource,
  urns: ReadonlySet<string>,
  byUrn: ReadonlyMap<string, PlannedResource>,
): boolean {
  for (let urn = parent; urn !== undefined; urn = byUrn.get(urn)?.parent) if (urns.has(urn)) return true;
  return false;
}

function dependenciesOf({ dependencies, propertyDependencies }: PlannedResource): readonly string[] {
  return [...dependencies, ...Object.values(propertyDependencies).flat()];
}

/** A component without its parts, and the reason. */
export interface IncompleteComponent {
  readonly urn: string;
  readonly plugin: MissingPlugin;
}

/** The entries for components without their parts, in order. */
export function missingPluginEntries(
  report: Report,
  resources: readonly PlannedResource[],
  components: readonly IncompleteComponent[],
): Pick<Report, "missingPlugins"> {
  if (components.length === 0) return {};
  const plugins = new Map(components.map(({ urn, plugin }) => [urn, plugin]));
  const sources = sourcesOf(resources);
  const entries = resources.flatMap((component): readonly MissingPluginEntry[] => {
    const { urn, name } = component;
    const plugin = plugins.get(urn);
    if (plugin === undefined) return [];
    const source = sources(urn);
    const message = describeMissingParts(missingParts(report, resources, component), plugin);
    return [{ urn, name, message, ...(source === undefined ? {} : { source }) }];
  });
  return { missingPlugins: entries.sort(byUrn) };
}

/** The answers that are unproven because the parts of a component are missing. */
export function missingParts(
  report: Pick<Report, "answers" | "apis" | "callers" | "functions" | "routes">,
  resources: readonly PlannedResource[],
  component: PlannedResource,
): MissingParts {
  const affected = affectedBy(component, resources);
  const urns = new Map<string, string | undefined>(
    [...report.apis, ...report.callers, ...report.functions, ...report.routes].map(({ id, urn }) => [
      id,
      urn,
    ]),
  );
  const isAffected = (id: string | undefined): boolean => affected.has(urns.get(id ?? "") ?? "");
  const routeById = new Map(report.routes.map((route) => [route.id, route]));
  const apis = new Map(report.apis.map(({ id, name }) => [id, name]));
  const unprovenRoutes = new Set<string>();
  for (const { outcome, urn, caller, function: fn, routes } of report.answers) {
    if (outcome !== "unproven") continue;
    for (const id of routes) {
      const route = routeById.get(id);
      if (route === undefined) continue;
      if (affected.has(urn) || [caller, fn, id, route.api].some(isAffected))
        unprovenRoutes.add(`${route.label} of API ${apis.get(route.api)}`);
    }
  }
  return { component, routes: [...unprovenRoutes].sort(), ownRoutes: routesIn(component.inputs.routes) };
}

/**
 * The inputs of the component, the resources that depend on it, and the resources that those are attached to, such as a
 * policy's role.
 */
function affectedBy(component: PlannedResource, resources: readonly PlannedResource[]): ReadonlySet<string> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const dependents = new Set([component.urn]);
  for (let previousSize = 0; previousSize < dependents.size; ) {
    previousSize = dependents.size;
    for (const resource of resources)
      if (dependenciesOf(resource).some((urn) => dependents.has(urn))) dependents.add(resource.urn);
  }
  const affected = new Set(resourcesPassedTo(component, byUrn).map(({ urn }) => urn));
  for (const urn of dependents) {
    const resource = byUrn.get(urn);
    for (const affectedUrn of [urn, ...(resource === undefined ? [] : dependenciesOf(resource))])
      affected.add(affectedUrn);
  }
  return affected;
}

/** In the format of `aws-apigateway`. */
function routesIn(routes: unknown): readonly string[] {
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route: { path?: unknown; method?: unknown } | null) =>
    typeof route?.path === "string"
      ? [`${typeof route.method === "string" ? route.method : "ANY"} ${route.path}`]
      : [],
  );
}
