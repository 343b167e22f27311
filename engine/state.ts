import { NOT_AN_EXPORT, type NoResource, showNoResource } from "../messages/states";
import { isRead } from "../stack";
import { stackOfUrn } from "../stack/pulumi/urns";
import type { Plan, PlannedResource } from "./model";
import { sourceOf } from "./source";
import { isObject, type Properties, plainProperties, type Value } from "./values";

/** The {@link Plan} of a deployed stack, as `pulumi policy analyze` shows it to a pack. */
export interface StatePlan extends Plan {
  /** Entries of the file that are not resources, and were skipped. */
  leftOut: string[];
  /** For a preview: the resources that it removes, in their current form, including replaced ones. */
  removed?: PlannedResource[];
  /** For a preview: the deployed resources, from the state. */
  existing?: PlannedResource[];
}

/**
 * The plan of a deployed stack, from the output of `pulumi stack export` (or a checkpoint file of a self-managed
 * backend).
 *
 * A secret whose text is encrypted is `[secret]`, which the pack treats as an unknown value from whose dependencies
 * nothing is inferred. Resources that are pending deletion are omitted; those that were only looked up (`external`) are
 * included, as in `pulumi policy analyze`, except for principals. Resources of several stacks may be in one deployment;
 * project and stack are those of its first resource.
 *
 * @param keepsProperties The types whose properties are kept: those of most resources are never read.
 * @throws If the value is not a deployment at all.
 */
export function planFromState(
  exported: unknown,
  keepsProperties: (type: string) => boolean = () => true,
): StatePlan {
  const listed = resourcesOf(exported);
  if (listed === undefined) {
    throw new Error(NOT_AN_EXPORT);
  }
  const resources: PlannedResource[] = [];
  const leftOut: string[] = [];
  listed.forEach((entry, index) => {
    const resource = resourceOf(entry, keepsProperties);
    if (typeof resource === "string") leftOut.push(showNoResource({ list: "resources", index }, resource));
    else if (resource !== undefined && !isExternalPrincipal(entry)) resources.push(resource);
  });
  return { ...stackOfUrn(resources[0]?.urn ?? ""), resources, leftOut };
}

/**
 * Whether a role, user or group was only looked up. Its policies may have changed since: it is treated as a principal
 * outside the stack, identified by its ARN.
 */
function isExternalPrincipal(entry: unknown): boolean {
  return isObject(entry) && entry.external === true && PRINCIPALS.test(String(entry.type));
}

const PRINCIPALS = /^(?:aws:iam\/(?:role|user|group):|aws-native:iam:)(?:Role|User|Group)$/;

/** Whether a value has the format of `pulumi stack export`, or of a backend's checkpoint. */
export function isState(exported: unknown): boolean {
  return resourcesOf(exported) !== undefined;
}

function resourcesOf(exported: unknown): readonly unknown[] | undefined {
  if (!isObject(exported)) return undefined;
  const checkpoint = exported.checkpoint;
  const candidates: unknown[] = [
    exported.deployment,
    isObject(checkpoint) ? checkpoint.latest : undefined,
    exported,
  ];
  const deployment = candidates.find(
    (deployment) => isObject(deployment) && Array.isArray(deployment.resources),
  );
  // A stack without any deployment has a deployment without resources.
  if (deployment === undefined) return isObject(exported.deployment) ? [] : undefined;
  const list = isObject(deployment) ? deployment.resources : undefined;
  return Array.isArray(list) ? list : undefined;
}

/** Reports that an entry of a list is not a resource. */
export { showNoResource, stackOfUrn };

/** A resource of a state; the reason when an entry is not one; undefined for a resource that is about to be deleted. */
export function resourceOf(
  entry: unknown,
  keepsProperties: (type: string) => boolean = () => true,
): PlannedResource | NoResource | undefined {
  if (!isObject(entry)) return "not-object";
  if (entry.delete === true) return undefined;
  const { urn, type } = entry;
  if (typeof urn !== "string" || urn === "") return "no-urn";
  if (typeof type !== "string" || type === "") return "no-type";
  const resource: PlannedResource = {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    custom: entry.custom === true,
    id: typeof entry.id === "string" ? entry.id : "",
    ...(keepsProperties(type)
      ? { inputs: properties(entry.inputs), outputs: properties(entry.outputs) }
      : { inputs: {}, outputs: {} }),
    dependencies: urns(entry.dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(properties(entry.propertyDependencies))
        .map(([key, value]): [string, string[]] => [key, urns(value)])
        .filter(([, list]) => list.length > 0),
    ),
  };
  if (typeof entry.parent === "string" && entry.parent !== "") resource.parent = entry.parent;
  const provider = entry.provider;
  if (typeof provider === "string" && provider.includes("::")) {
    resource.provider = provider.slice(0, provider.lastIndexOf("::"));
  }
  if (typeof entry.modified === "string" && entry.modified !== "") resource.modified = entry.modified;
  const source = sourceOf(entry);
  if (source !== undefined) resource.source = source;
  return resource;
}

/** Whether the pack reads resources of a type. The policies report a fault in this, which they have too. */
export function mayBeRead(type: string): boolean {
  try {
    return isRead(type);
  } catch {
    return true;
  }
}

function properties(value: Value | undefined): Properties {
  return isObject(value) ? plainProperties(value) : {};
}

function urns(value: Value | undefined): string[] {
  if (!Array.isArray(value)) return [];
  const isText = (text: Value): text is string => typeof text === "string";
  // A filtered list keeps its capacity, and a state has several lists for each resource.
  return value.every(isText) ? value : value.filter(isText);
}
