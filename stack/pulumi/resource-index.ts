import { type Hole, holeName, type Origin, type Piece, Unknown } from "../../iam";
import { appendTo, byUrn } from "./keys";
import { placeholder } from "./placeholders";
import {
  dependenciesOf,
  hasEncryptedText,
  originOf,
  plannedOf,
  type ReadableResource,
  read,
  readString,
  SECRET,
  type SeenResource,
} from "./properties";
import { providerLocations } from "./provider";
import type { ResourceKind } from "./resource-types";
import { LEAF_KINDS } from "./service-types";

/**
 * The treatment of values that the plan does not show: they are inferred from their dependencies (`infer`) or not
 * (`prove`).
 */
export type WhenUnknown = "infer" | "prove";

type LocationPart = "partition" | "region" | "account";

/** The planned resources of one stack, indexed for the readers. */
export interface ResourceIndex {
  readonly whenUnknown: WhenUnknown;
  /** By credentials key. */
  readonly accounts: ReadonlyMap<string, string>;
  /** By the provider's URN, where the provider itself names none. */
  readonly regions: ReadonlyMap<string, string>;
  /** Sorted by URN: the engine sends resources in random order. */
  ofKind(kind: ResourceKind): readonly ReadableResource[];
  /** Without the kinds in {@link LEAF_KINDS}, which are treated like resources that are not read. */
  byUrn(urn: string): ReadableResource | undefined;
  /** An unknown part of an ARN. Parts with equal `id`s are equal. */
  locationPart(name: LocationPart, id: string, shape: Hole["shape"]): Piece;
  /**
   * A name or id that AWS has yet to assign to a resource. Under `infer` it is a string that equals itself, is matched
   * by wildcards, and equals no literal of the program: an id that does not exist yet cannot be a literal.
   */
  unassigned(planned: ReadableResource, name: string): Piece;
}

/** https://www.pulumi.com/registry/packages/aws/api-docs/provider/ */
const PROVIDER_ACCOUNT = { code: "provider-account" } as const;

/**
 * A condition on the account, which is nearly always the program's own account: a permission for another account would
 * fail. It makes other accounts uncertain, but does not prove the account of the program.
 */
const SOURCE_ACCOUNT = "sourceAccount";

/** The properties in which programs write ARNs of their own account and region. */
const OWN_LOCATION_PROPERTIES: ReadonlySet<string> = new Set([
  "authorizerCredentials",
  "authorizerCredentialsArn",
  "authorizerUri",
  "body",
  "credentials",
  "credentialsArn",
  "function",
  "functionName",
  "inlinePolicies",
  "integration",
  "integrationUri",
  "managedPolicyArns",
  "permissionsBoundary",
  "policy",
  "policyArn",
  "policyArns",
  "resourceArn",
  "role",
  SOURCE_ACCOUNT,
  "sourceArn",
  "uri",
]);

const ARN = /arn:([a-z-]{1,20}):[a-z0-9-]{1,40}:([a-z0-9-]{0,25}):(\d{12})?:/g;
/** A bare account ID, or one at the beginning of a partial ARN: `123456789012:function:orders`. */
const ACCOUNT = /^\d{12}(?=$|:)/;

interface WrittenLiterals {
  /** The literals in properties that name the program's own resources. */
  readonly inOwnProperties: ReadonlySet<string>;
  /** Those of them that occur outside the condition of a permission. */
  readonly outsideConditions: ReadonlySet<string>;
  /** The literals in any property. */
  readonly inAnyProperty: ReadonlySet<string>;
}

/** The regions, accounts and partitions that the program contains as literals. */
function writtenLocations(planned: Iterable<ReadableResource>): Record<LocationPart, WrittenLiterals> {
  const noLiterals = () => ({
    inOwnProperties: new Set<string>(),
    outsideConditions: new Set<string>(),
    inAnyProperty: new Set<string>(),
  });
  const literals = { partition: noLiterals(), region: noLiterals(), account: noLiterals() };
  const addLiteral = (part: LocationPart, property: string, value: string | undefined): void => {
    if (!value) return;
    literals[part].inAnyProperty.add(value);
    if (!OWN_LOCATION_PROPERTIES.has(property)) return;
    literals[part].inOwnProperties.add(value);
    if (property !== SOURCE_ACCOUNT) literals[part].outsideConditions.add(value);
  };
  for (const entry of planned)
    for (const property of entry.resourceType.reads) {
      // Large, and its contents do not show the location of this stack.
      if (property === "code") continue;
      const value = read(entry, property);
      if (value === undefined || value instanceof Unknown) continue;
      const json = typeof value === "string" ? value : JSON.stringify(value);
      addLiteral("account", property, ACCOUNT.exec(json)?.[0]);
      if (!json.includes("arn:")) continue;
      for (const [, partition, region, account] of json.matchAll(ARN)) {
        addLiteral("partition", property, partition);
        addLiteral("region", property, region);
        addLiteral("account", property, account);
      }
    }
  return literals;
}

/** The accounts in account data on principals that the stack names. */
function accountsInAccountData(planned: readonly ReadableResource[]): readonly string[] {
  const arns = planned.flatMap((planned) => {
    const arn = planned.resource.fromAccountData === undefined ? undefined : readString(planned, "arn");
    return typeof arn === "string" && arn.includes(":iam:") ? [arn.split(":", 5)[4] ?? ""] : [];
  });
  return [...new Set(arns.filter((account) => /^\d{12}$/.test(account)))];
}

/**
 * Indexes the resources of a stack. Other resources cost one lookup of their type.
 *
 * @param requested is always `prove` where the text of a secret is hidden: a stack with encrypted secrets is deployed,
 *   so a hidden document may contain more than its dependencies
 */
export function readResources(resources: readonly SeenResource[], requested: WhenUnknown): ResourceIndex {
  const planned: ReadableResource[] = [];
  const leaves: ReadableResource[] = [];
  const seen = new Set<string>();
  for (const resource of resources) {
    const entry = plannedOf(resource);
    if (entry === undefined || seen.has(entry.urn)) continue;
    seen.add(entry.urn);
    (LEAF_KINDS.has(entry.kind) ? leaves : planned).push(entry);
  }
  for (const list of [planned, leaves]) list.sort(byUrn);
  const encrypted = planned.some(hasEncryptedText) ? [SECRET] : [];
  const whenUnknown = encrypted.length > 0 ? "prove" : requested;
  const kinds = new Map<ResourceKind, ReadableResource[]>();
  const urns = new Map<string, ReadableResource>();
  const numbers = new Map<string, number>();
  for (const entry of planned) urns.set(entry.urn, entry);
  for (const entry of [...planned, ...leaves]) appendTo(kinds, entry.kind, entry);
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, number);
    return number;
  };
  let literals: Record<LocationPart, WrittenLiterals> | undefined;
  let dataAccounts: readonly string[] | undefined;
  const { accounts, regions, hasSeveralCredentials, namedRegions } = providerLocations(planned);
  return {
    whenUnknown,
    accounts,
    regions,
    ofKind: (kind) => kinds.get(kind) ?? [],
    byUrn: (urn) => urns.get(urn),
    locationPart(name, id, shape) {
      const key = `${name} ${numberOf(`${name} ${id}`)}`;
      const label = { code: `provider-${name}` } as const;
      const hole: Hole = {
        id: key,
        shape,
        label,
        origins: [],
        ...(name === "account" ? { resolution: PROVIDER_ACCOUNT } : {}),
      };
      if (whenUnknown === "prove") return hole;
      // Different credentials may belong to one account or to several.
      if (name === "account" && hasSeveralCredentials) return hole;
      literals ??= writtenLocations(planned.filter(({ resource }) => resource.fromAccountData === undefined));
      const regionsInStack = name === "region" ? namedRegions : [];
      const [only, ...more] = new Set([...literals[name].inOwnProperties, ...regionsInStack]);
      // With several literals, the intended one is unknown.
      if (more.length > 0) return hole;
      if (only !== undefined)
        return name === "account" && !literals.account.outsideConditions.has(only) ? hole : only;
      if (name === "partition") return "aws";
      // A literal in a trust policy, for example, may be this location or another one.
      if (literals[name].inAnyProperty.size > 0) return hole;
      dataAccounts ??= accountsInAccountData(planned);
      const [dataAccount, ...moreAccounts] = name === "account" ? dataAccounts : [];
      if (dataAccount !== undefined && moreAccounts.length === 0) return dataAccount;
      return placeholder(holeName(label), numberOf(key));
    },
    unassigned(planned, name) {
      const label = { code: "property", property: name, of: planned.name } as const;
      if (whenUnknown === "infer") return placeholder(holeName(label), numberOf(`${name} ${planned.urn}`));
      return {
        id: `${name} of ${planned.urn}`,
        shape: "word",
        universe: name,
        label,
        origins: [...encrypted, originOf(planned.resource)],
      };
    },
  };
}

/** The universe of the ids of APIs: two of them never share one. */
export const API_ID = "API id";

/** The target of a reference property: a planned resource, or the reader's model of one. */
export interface Reference<T = ReadableResource> {
  /** The target, when it can be determined. */
  readonly target?: T;
  /** The value, when the plan shows it. */
  readonly value?: string;
  /** Set when the value is unknown: its dependencies. */
  readonly unknown?: Unknown;
}

/** The ways in which the target of a reference property is found. */
export interface Finders<T> {
  /** Finds a resource by the value; `undefined` when the stack has none. */
  byValue(value: string): T | undefined;
  /** Returns the target that a dependency is or belongs to; `undefined` when it is of another kind. */
  byDependency(dependency: ReadableResource): T | undefined;
}

/** Resolves a reference: by value where the plan shows one, else by the property's dependencies. */
export function resolveReference<T = ReadableResource>(
  resources: ResourceIndex,
  planned: ReadableResource,
  property: string,
  { byValue, byDependency }: Finders<T>,
): Reference<T> {
  const value = readString(planned, property);
  if (value === undefined) return {};
  if (typeof value === "string") {
    const target = byValue(value);
    return target === undefined ? { value } : { target, value };
  }
  const targets = new Set<T>();
  for (const dependency of dependenciesOf(planned, property)) {
    const resource = resources.byUrn(dependency.urn);
    const target = resource === undefined ? undefined : byDependency(resource);
    if (target !== undefined) targets.add(target);
  }
  const [only, ...more] = targets;
  return only !== undefined && more.length === 0 ? { target: only, unknown: value } : { unknown: value };
}

/** The resources of a kind by a property whose value the plan shows. */
export function resourcesByProperty(
  resources: ResourceIndex,
  kind: ResourceKind,
  property: string,
): ReadonlyMap<string, ReadableResource> {
  const map = new Map<string, ReadableResource>();
  for (const planned of resources.ofKind(kind)) {
    const value = readString(planned, property);
    if (typeof value === "string") map.set(value, planned);
  }
  return map;
}

/** A longer chain of references is a cycle. */
const MAX_REFERENCES = 100;

/**
 * A search along references that visits each resource once: programs may reach a resource in many ways, and hostile
 * ones contain cycles.
 */
export function searchReferences<T = ReadableResource>(
  find: (planned: ReadableResource, next: (planned: ReadableResource) => T | undefined) => T | undefined,
): (planned: ReadableResource) => T | undefined {
  const targets = new Map<ReadableResource, T | undefined>();
  const search = (planned: ReadableResource, depth: number): T | undefined => {
    if (targets.has(planned)) return targets.get(planned);
    if (depth > MAX_REFERENCES) return undefined;
    targets.set(planned, undefined);
    const target = find(planned, (planned) => search(planned, depth + 1));
    targets.set(planned, target);
    return target;
  };
  return (planned) => search(planned, 0);
}

/** A property of a planned resource, with the resources that it may refer to. */
export interface PropertyPlace {
  readonly resources: ResourceIndex;
  readonly planned: ReadableResource;
  readonly property: string;
}

/** The planned resources that a property depends on. */
export function plannedDependencies(
  resources: ResourceIndex,
  planned: ReadableResource,
  property: string,
): readonly ReadableResource[] {
  return dependenciesOf(planned, property).flatMap((dependency) => {
    const planned = resources.byUrn(dependency.urn);
    return planned === undefined ? [] : [planned];
  });
}

/** The dependencies of a property, including resources that the pack does not read. */
export function originsOf(planned: ReadableResource, property: string): readonly Origin[] {
  return dependenciesOf(planned, property).map(originOf);
}

/** The dependencies of an unknown property, including {@link SECRET} when it is encrypted. */
export function unknownOrigins(planned: ReadableResource, property: string): readonly Origin[] {
  const value = read(planned, property);
  return value instanceof Unknown ? value.origins : originsOf(planned, property);
}
