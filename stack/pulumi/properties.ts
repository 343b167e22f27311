import type { PolicyResource } from "@pulumi/policy";
import { type Origin, Unknown } from "../../iam";
import { VALUES } from "../labels";
import { byUrn, cached } from "./keys";
import {
  PROPERTIES_WITH_DEFAULTS,
  REFRESHED_PROPERTIES,
  RESOURCE_TYPES,
  type ResourceKind,
  type ResourceType,
} from "./resource-types";
import { ENCRYPTED, isSentinel } from "./sentinels";
import { LEAF_KINDS } from "./service-types";

/**
 * The only module that reads Pulumi's property bags. A policy pack sees them through a proxy that throws when an
 * unknown value is read, so values are read from property descriptors, and the sentinels of unknown values become
 * {@link Unknown}.
 */

/** The arguments of the SDK's stack policies, as far as they are read here. */
export interface SeenResource
  extends Pick<PolicyResource, "type" | "urn" | "name" | "props">,
    Partial<Pick<PolicyResource, "provider">> {
  readonly parent?: SeenResource;
  readonly dependencies?: readonly SeenResource[];
  readonly propertyDependencies?: Readonly<Record<string, readonly SeenResource[]>>;
  readonly opts?: Partial<Pick<PolicyResource["opts"], "ignoreChanges">>;
  /**
   * The properties that the program sets, as resource policies received them in the same operation; absent where they
   * were not seen. Only for kinds in {@link REFRESHED_PROPERTIES}. Like `props`, it may be a proxy that throws.
   */
  readonly inputs?: object;
  /**
   * It is in another stack, or in none: it comes from account data. Where its account and region are those of a
   * resource of the stack, `sameScopeAs` is that resource.
   */
  readonly fromAccountData?: { readonly sameScopeAs?: SeenResource };
}

/** A resource of a kind that the pack reads. */
export interface ReadableResource {
  readonly kind: ResourceKind;
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  readonly resource: SeenResource;
  readonly resourceType: ResourceType;
  /**
   * The engine sends an empty bag for a resource without known properties (an untargeted one under `--target`, or one
   * whose provider is not configured yet): all its properties are unknown.
   */
  readonly hasNoProperties: boolean;
}

/**
 * The dependency of a value that exists and is encrypted in the state: messages then show how to decrypt it.
 */
export const SECRET: Origin = { key: ENCRYPTED, label: VALUES.secret };

/** IAM accepts no policy document with deeper values. */
const MAX_DEPTH = 64;

/** Reads a raw own property without running a proxy's `get` trap or a prototype's getter. */
function ownValue(bag: object, property: string): unknown {
  return Object.getOwnPropertyDescriptor(bag, property)?.value;
}

/** A plain copy in which every sentinel is an {@link Unknown} of the given origins. */
export function plainCopy(value: unknown, from: readonly Origin[], depth = 0): unknown {
  if (isSentinel(value)) return new Unknown(from);
  if (value === ENCRYPTED) return new Unknown([SECRET, ...from]);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return new Unknown(from);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (let i = 0; i < value.length; i++) items.push(plainCopy(ownValue(value, String(i)), from, depth + 1));
    return items;
  }
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) copy[key] = plainCopy(ownValue(value, key), from, depth + 1);
  return copy;
}

/** `RestApi orders` for `urn:…::aws:apigateway/restApi:RestApi::orders`. */
export function labelOf(resource: Pick<SeenResource, "type" | "name">): string {
  return `${resource.type.slice(resource.type.lastIndexOf(":") + 1)} ${resource.name}`;
}

const origins = new WeakMap<SeenResource, Origin>();

/**
 * The origin of a value that depends on a resource: the same object for each call, so that origins can be compared.
 */
export function originOf(resource: SeenResource): Origin {
  let origin = origins.get(resource);
  if (origin === undefined) {
    origin = { key: resource.urn, label: labelOf(resource) };
    origins.set(resource, origin);
  }
  return origin;
}

const sorted = new WeakMap<readonly SeenResource[], readonly SeenResource[]>();

/** The resources that a property depends on, in a stable order. */
export function dependenciesOf(planned: ReadableResource, property: string): readonly SeenResource[] {
  const dependencies =
    planned.resource.propertyDependencies?.[planned.resourceType.renamed[property] ?? property] ?? [];
  if (dependencies.length < 2) return dependencies;
  // A property is read by several readers, and may have very many dependencies.
  let ordered = sorted.get(dependencies);
  if (ordered === undefined) {
    ordered = [...dependencies].sort(byUrn);
    sorted.set(dependencies, ordered);
  }
  return ordered;
}

/** The provider's name of a property. */
export function nameOf(planned: ReadableResource, property: string): string {
  return planned.resourceType.renamed[property] ?? property;
}

/**
 * A property by the readers' name for it: `undefined` when it is absent or the provider has no such property, {@link
 * Unknown} when the plan does not show it, else its value, in which leaves may be {@link Unknown}.
 */
export function read(planned: ReadableResource, property: string): unknown {
  if (!planned.resourceType.reads.includes(property)) return undefined;
  const name = planned.resourceType.renamed[property] ?? property;
  const raw = ownValue(planned.resource.props, name);
  if (raw === undefined || raw === null) {
    // An unknown nested in a value can make the engine drop the whole property
    // (https://github.com/pulumi/pulumi/issues/7854); its dependencies are still there.
    const hasDependencies = (planned.resource.propertyDependencies?.[name]?.length ?? 0) > 0;
    return planned.hasNoProperties || hasDependencies
      ? new Unknown(dependenciesOf(planned, property).map(originOf))
      : undefined;
  }
  if (typeof raw === "string" && !isSentinel(raw) && raw !== ENCRYPTED) return raw;
  const from = dependenciesOf(planned, property).map(originOf);
  if (
    isSentinel(raw) &&
    from.length === 0 &&
    PROPERTIES_WITH_DEFAULTS[planned.kind]?.includes(property) &&
    !isSetToUnknown(planned, name)
  )
    return undefined;
  return plainCopy(raw, from);
}

/** Whether the program sets a property to an unknown value without dependencies, such as an output of another stack. */
function isSetToUnknown({ resource: { inputs } }: ReadableResource, name: string): boolean {
  return inputs !== undefined && isSentinel(ownValue(inputs, name));
}

/** Whether the text of a property that the pack reads, or of a part of one, is encrypted. */
export function hasEncryptedText(planned: ReadableResource): boolean {
  const { props } = planned.resource;
  return planned.resourceType.reads.some((property) =>
    isEncrypted(ownValue(props, planned.resourceType.renamed[property] ?? property)),
  );
}

function isEncrypted(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return value === ENCRYPTED;
  return depth < MAX_DEPTH && Object.keys(value).some((key) => isEncrypted(ownValue(value, key), depth + 1));
}

/** Whether some text in a value, at any depth, matches. */
export function mentions(value: unknown, pattern: RegExp, depth = 0): boolean {
  if (typeof value === "string") return pattern.test(value);
  if (typeof value !== "object" || value === null || depth >= MAX_DEPTH) return false;
  return Object.keys(value).some((key) => mentions(ownValue(value, key), pattern, depth + 1));
}

/** Whether some text matches in the properties that are read of a resource: not all of its properties are always there. */
export function readPropertiesMention(
  { type, props }: Pick<SeenResource, "type" | "props">,
  pattern: RegExp,
): boolean {
  const names = propertiesRead(type);
  return Object.keys(props).some((name) => names.has(name) && mentions(ownValue(props, name), pattern));
}

/** Whether a property has a value, known or unknown; for values that are too large to be copied. */
export function isSet(planned: ReadableResource, property: string): boolean {
  const name = planned.resourceType.reads.includes(property)
    ? (planned.resourceType.renamed[property] ?? property)
    : undefined;
  const raw = name === undefined ? undefined : ownValue(planned.resource.props, name);
  return raw !== undefined && raw !== null;
}

/** Outputs of principals, policies and APIs that only the provider computes, by either provider's names. */
const COMPUTED = [
  "id",
  "arn",
  "policyArn",
  "uniqueId",
  "roleId",
  "policyId",
  "createDate",
  "executionArn",
  "rootResourceId",
  "restApiId",
  "apiId",
  "apiEndpoint",
];

/**
 * Whether a principal, a policy or an API exists before this update: a new or replaced one does not have these outputs
 * yet.
 */
export function exists({ resource: { props } }: ReadableResource): boolean {
  return COMPUTED.some((name) => {
    const value = ownValue(props, name);
    return typeof value === "string" && value !== "" && !isSentinel(value);
  });
}

/**
 * Whether a property comes only from the state: the program does not set it, and a refresh has set it to its value in
 * AWS. `undefined` where the program's inputs were not seen.
 */
export function isFromState(planned: ReadableResource, property: string): boolean | undefined {
  const { inputs } = planned.resource;
  if (!exists(planned)) return false;
  if (inputs === undefined) return undefined;
  const set = ownValue(inputs, planned.resourceType.renamed[property] ?? property);
  return set === undefined || set === null;
}

/** Whether the program itself sets a property that a provider may set otherwise; false where inputs are unknown. */
export function isSetByProgram(
  { resource: { inputs }, resourceType }: ReadableResource,
  property: string,
): boolean {
  const set = inputs === undefined ? undefined : ownValue(inputs, resourceType.renamed[property] ?? property);
  return set !== undefined && set !== null;
}

/** A property that should be a string: any other known value is treated as absent. */
export function readString(planned: ReadableResource, property: string): string | Unknown | undefined {
  const value = read(planned, property);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" || value instanceof Unknown ? value : undefined;
}

/** A field of a value: {@link Unknown} for an unknown value, `undefined` for a value without such a field. */
export function fieldOf(value: unknown, name: string): unknown {
  if (value instanceof Unknown) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const field = (value as Record<string, unknown>)[name];
  return field === null ? undefined : field;
}

/** A field that should be a string: any other known value is treated as absent. */
export function stringOf(value: unknown, name: string): string | Unknown | undefined {
  const field = fieldOf(value, name);
  return typeof field === "string" || field instanceof Unknown ? field : undefined;
}

/** Whether the pack reads resources of a type. For other resources it knows only their names. */
export function isRead(type: string): boolean {
  return RESOURCE_TYPES.has(type);
}

const readPropertiesByType = new Map<ResourceType, ReadonlySet<string>>();
const NO_NAMES: ReadonlySet<string> = new Set();

/** The provider's names of the properties that are read from resources of a type. */
export function propertiesRead(type: string): ReadonlySet<string> {
  const resourceType = RESOURCE_TYPES.get(type);
  if (resourceType === undefined) return NO_NAMES;
  return cached(
    readPropertiesByType,
    resourceType,
    () => new Set([...resourceType.reads.map((name) => resourceType.renamed[name] ?? name), ...COMPUTED]),
  );
}

/** Whether resources of a type are read only for integrations with services other than Lambda, which may call them. */
export function isServiceTarget(type: string): boolean {
  const kind = RESOURCE_TYPES.get(type)?.kind;
  return kind === "ServiceResource" || kind === "ServicePolicy";
}

/** Whether resources of a type, among those that the pack reads, name callers, routes or functions. */
export function concernsAccess(type: string): boolean {
  const kind = RESOURCE_TYPES.get(type)?.kind;
  return kind !== undefined && !LEAF_KINDS.has(kind);
}

/**
 * Whether the outputs of a resource may contain values that the program did not set, so that its inputs have to be
 * kept.
 */
export function hasRefreshedProperties(type: string): boolean {
  const kind = RESOURCE_TYPES.get(type)?.kind;
  return kind !== undefined && REFRESHED_PROPERTIES[kind] !== undefined;
}

/** Whether two property bags are equal, read without running a proxy's `get` trap. */
export function sameProperties(a: unknown, b: unknown, depth = 0): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth >= MAX_DEPTH || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && sameProperties(ownValue(a, key), ownValue(b, key), depth + 1),
    )
  );
}

/** The resource as the readers see it; `undefined` for a type that the pack does not read. */
export function plannedOf(resource: SeenResource): ReadableResource | undefined {
  const resourceType = RESOURCE_TYPES.get(resource.type);
  if (resourceType === undefined) return undefined;
  return {
    kind: resourceType.kind,
    type: resource.type,
    urn: resource.urn,
    name: resource.name,
    resource,
    resourceType,
    hasNoProperties: Object.keys(resource.props).length === 0,
  };
}
