import { type Hole, type Text, text } from "../../iam";
import { labelOf, type ReadableResource, readString } from "../pulumi/properties";
import {
  plannedDependencies,
  type ResourceIndex,
  resolveReference,
  resourcesByProperty,
  searchReferences,
  unknownOrigins,
} from "../pulumi/resource-index";

/** A deeper chain of resources is a cycle or an error: API Gateway's own limit on a path is far below. */
const MAX_DEPTH = 100;

/** The Resources of REST APIs and their paths. */
export class RestPaths {
  readonly #resources: ResourceIndex;
  readonly #byId: ReadonlyMap<string, ReadableResource>;
  readonly #paths = new Map<string, Text | undefined>();
  readonly #byResourceId = searchReferences((planned, next) => this.#find(planned, "resourceId", next));

  constructor(resources: ResourceIndex) {
    this.#resources = resources;
    this.#byId = new Map([
      ...resourcesByProperty(resources, "RestApi", "rootResourceId"),
      ...resourcesByProperty(resources, "RestResource", "id"),
    ]);
  }

  /** The Resource (or, for the root, the RestApi) that a property refers to. */
  resourceOf(planned: ReadableResource, property: "parentId" | "resourceId"): ReadableResource | undefined {
    return property === "resourceId"
      ? this.#byResourceId(planned)
      : this.#find(planned, property, this.#byResourceId);
  }

  #find(
    planned: ReadableResource,
    property: string,
    next: (dependency: ReadableResource) => ReadableResource | undefined,
  ): ReadableResource | undefined {
    const reference = resolveReference(this.#resources, planned, property, {
      byValue: (id) => this.#byId.get(id),
      byDependency: (dependency) => {
        if (dependency.kind === "RestResource") return dependency;
        return dependency.kind === "RestMethod" || dependency.kind === "RestIntegration"
          ? next(dependency)
          : undefined;
      },
    });
    if (reference.target !== undefined) return reference.target;
    // A resource id that depends only on an API can only be the API's `rootResourceId`.
    const dependencies = plannedDependencies(this.#resources, planned, property);
    const api = dependencies.find(({ kind }) => kind === "RestApi");
    return reference.unknown !== undefined && dependencies.every((dependency) => dependency === api)
      ? api
      : undefined;
  }

  /** The path template of a Resource; `undefined` when a parent in the chain is unknown. */
  pathOf(resource: ReadableResource): Text | undefined {
    if (resource.kind === "RestApi") return text("/");
    if (this.#paths.has(resource.urn)) return this.#paths.get(resource.urn);
    this.#paths.set(resource.urn, undefined);
    const path = this.#pathByParents(resource) ?? knownPath(resource);
    this.#paths.set(resource.urn, path);
    return path;
  }

  /** The path of a Resource; when the Resource is not in the stack, any path with any number of segments. */
  pathFor(planned: ReadableResource): Text {
    const resource = this.resourceOf(planned, "resourceId");
    return (resource && this.pathOf(resource)) ?? unknownPath(planned);
  }

  #pathByParents(resource: ReadableResource): Text | undefined {
    const chain: ReadableResource[] = [];
    let ancestor: ReadableResource | undefined = resource;
    while (ancestor !== undefined && ancestor.kind === "RestResource") {
      if (chain.includes(ancestor) || chain.length > MAX_DEPTH) return undefined;
      chain.push(ancestor);
      ancestor = this.resourceOf(ancestor, "parentId");
    }
    const knownPathText = ancestor === undefined ? knownPath(resource) : undefined;
    if (knownPathText !== undefined) return knownPathText;
    return text(
      ...(ancestor === undefined ? [parentPath(chain[chain.length - 1] ?? resource)] : []),
      ...chain.reverse().map((planned) => {
        const part = readString(planned, "pathPart");
        return text("/", typeof part === "string" ? part : this.#resources.unassigned(planned, "path part"));
      }),
    );
  }
}

/** The path of a resource that is not in the stack, or cannot be determined: any path with any number of segments. */
function unknownPath(planned: ReadableResource): Text {
  const label = { code: "property", property: "path", of: labelOf(planned) } as const;
  const resolution = { code: "declare-path" } as const;
  return text("/", { id: `path of ${planned.urn}`, shape: "any", label, origins: [], resolution });
}

/** The path above a resource whose parent is not in the stack: empty when that is the root. */
function parentPath(planned: ReadableResource): Hole {
  return {
    id: `path above ${planned.urn}`,
    shape: "any",
    label: { code: "parent-path", of: labelOf(planned) },
    origins: unknownOrigins(planned, "parentId"),
    resolution: { code: "preview-after-resource", resource: labelOf(planned) },
  };
}

function knownPath(resource: ReadableResource): Text | undefined {
  const path = readString(resource, "path");
  return typeof path === "string" && path.startsWith("/") ? text(path) : undefined;
}
