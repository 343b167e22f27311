import { type Hole, type Origin, type Piece, type Text, Unknown } from "../../iam";
import { byUrn } from "./keys";
import {
  dependenciesOf,
  hidesSecret,
  originOf,
  type Planned,
  plannedOf,
  read,
  readString,
  SECRET,
  type SeenResource,
} from "./properties";
import { placesOfProviders } from "./provider";
import type { Kind } from "./resource-types";
import { CALLED_KINDS } from "./service-types";

/** How values that the plan does not show are treated: inferred from their dependencies (`infer`), or not (`prove`). */
export type WhenUnknown = "infer" | "prove";

type Place = "partition" | "region" | "account";

/** The planned resources of one stack, indexed for the readers. */
export interface ResourceIndex {
  readonly whenUnknown: WhenUnknown;
  /** By credentials key. */
  readonly accounts: ReadonlyMap<string, string>;
  /** By the provider's URN, where the provider itself names none. */
  readonly regions: ReadonlyMap<string, string>;
  /** Sorted by URN: the engine sends resources in random order. */
  of(kind: Kind): readonly Planned[];
  /** Not of the kinds in {@link CALLED_KINDS}: strings pass through those as through resources that are not read. */
  byUrn(urn: string): Planned | undefined;
  /** An unknown part of an ARN. Parts with equal `id`s are equal. */
  place(what: Place, id: string, shape: Hole["shape"]): Piece;
  /**
   * A name or id that AWS has yet to assign to a resource. Under `infer` it is a string that equals itself, is matched
   * by wildcards, and equals no literal of the program: an id that does not exist yet cannot be a literal.
   */
  unassigned(planned: Planned, what: string): Piece;
}

/** https://www.pulumi.com/registry/packages/aws/api-docs/provider/ */
const PROVIDER_ACCOUNT = { code: "provider-account" } as const;

const OPEN = "\uE000";
const SPLIT = "\uE002";
const CLOSE = "\uE001";

/** A string for a resource without a name yet; see {@link ResourceIndex.fresh}. */
export function placeholder(label: string, number: number): string {
  return `${OPEN}${label.replace(/[:/*?${}\uE000-\uE002]/g, "-")}${SPLIT}${number}${CLOSE}`;
}

/** Shows the placeholders in a string as `<label>`. */
export function withoutPlaceholders(value: string): string {
  return value.replace(/\uE000([^\uE000-\uE002]*)\uE002\d+\uE001/g, "<$1>");
}

/** Whether a text contains a placeholder, which represents a value that the plan does not show. */
export function isPlaceholder(value: Text): boolean {
  return value.some((piece) => typeof piece === "string" && piece.includes(OPEN));
}

/**
 * A condition on the account, which is nearly always the program's own account: a permission for another account would
 * fail. It makes other accounts doubtful, but does not prove its own.
 */
const SOURCE_ACCOUNT = "sourceAccount";

/** The properties in which programs write ARNs of their own account and region. */
const OWN: ReadonlySet<string> = new Set([
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
/** An account by itself, or at the beginning of a partial ARN: `123456789012:function:orders`. */
const ACCOUNT = /^\d{12}(?=$|:)/;

interface Written {
  /** The literals in properties that name the program's own resources. */
  readonly own: ReadonlySet<string>;
  /** Those that occur elsewhere than in the condition of a permission. */
  readonly surelyOwn: ReadonlySet<string>;
  /** The literals in any property. */
  readonly all: ReadonlySet<string>;
}

/** The regions, accounts and partitions that the program contains as literals. */
function placesWritten(planned: Iterable<Planned>): Record<Place, Written> {
  const none = () => ({
    own: new Set<string>(),
    surelyOwn: new Set<string>(),
    all: new Set<string>(),
  });
  const found = { partition: none(), region: none(), account: none() };
  const note = (place: Place, property: string, value: string | undefined): void => {
    if (!value) return;
    found[place].all.add(value);
    if (!OWN.has(property)) return;
    found[place].own.add(value);
    if (property !== SOURCE_ACCOUNT) found[place].surelyOwn.add(value);
  };
  for (const entry of planned)
    for (const property of entry.term.reads) {
      // Large, and its contents do not show the location of this stack.
      if (property === "code") continue;
      const value = read(entry, property);
      if (value === undefined || value instanceof Unknown) continue;
      const written = typeof value === "string" ? value : JSON.stringify(value);
      note("account", property, ACCOUNT.exec(written)?.[0]);
      if (!written.includes("arn:")) continue;
      for (const [, partition, region, account] of written.matchAll(ARN)) {
        note("partition", property, partition);
        note("region", property, region);
        note("account", property, account);
      }
    }
  return found;
}

/** The accounts in account data on principals that the stack names. */
function accountsGiven(planned: readonly Planned[]): readonly string[] {
  const arns = planned.flatMap((planned) => {
    const arn = planned.resource.outside === undefined ? undefined : readString(planned, "arn");
    return typeof arn === "string" && arn.includes(":iam:") ? [arn.split(":", 5)[4] ?? ""] : [];
  });
  return [...new Set(arns.filter((account) => /^\d{12}$/.test(account)))];
}

/**
 * Indexes the resources of a stack. Resources of no interest cost one look at their type.
 *
 * @param wanted is always `prove` where the text of a secret is hidden: a stack with encrypted secrets is deployed, so
 * a hidden document may contain more than its dependencies
 */
export function readResources(resources: readonly SeenResource[], wanted: WhenUnknown): ResourceIndex {
  const planned: Planned[] = [];
  const called: Planned[] = [];
  const seen = new Set<string>();
  for (const resource of resources) {
    const entry = plannedOf(resource);
    if (entry === undefined || seen.has(entry.urn)) continue;
    seen.add(entry.urn);
    (CALLED_KINDS.has(entry.kind) ? called : planned).push(entry);
  }
  for (const list of [planned, called]) list.sort(byUrn);
  const encrypted = planned.some(hidesSecret) ? [SECRET] : [];
  const whenUnknown = encrypted.length > 0 ? "prove" : wanted;
  const kinds = new Map<Kind, Planned[]>();
  const urns = new Map<string, Planned>();
  const numbers = new Map<string, number>();
  for (const entry of planned) urns.set(entry.urn, entry);
  for (const entry of [...planned, ...called]) {
    const same = kinds.get(entry.kind);
    if (same === undefined) kinds.set(entry.kind, [entry]);
    else same.push(entry);
  }
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, number);
    return number;
  };
  let written: Record<Place, Written> | undefined;
  let accountsOfOthers: readonly string[] | undefined;
  const { accounts, regions, severalCredentials, regionsNamed } = placesOfProviders(planned);
  return {
    whenUnknown,
    accounts,
    regions,
    of: (kind) => kinds.get(kind) ?? [],
    byUrn: (urn) => urns.get(urn),
    place(what, id, shape) {
      const key = `${what} ${numberOf(`${what} ${id}`)}`;
      const label = `the provider's ${what}`;
      const hole: Hole = {
        id: key,
        shape,
        label,
        origins: [],
        ...(what === "account" ? { resolution: PROVIDER_ACCOUNT } : {}),
      };
      if (whenUnknown === "prove") return hole;
      // Different credentials may belong to one account or to several.
      if (what === "account" && severalCredentials) return hole;
      written ??= placesWritten(planned.filter(({ resource }) => resource.outside === undefined));
      const named = what === "region" ? regionsNamed : [];
      const [only, ...more] = new Set([...written[what].own, ...named]);
      // With several literals, the intended one is unknown.
      if (more.length > 0) return hole;
      if (only !== undefined) return what === "account" && !written.account.surelyOwn.has(only) ? hole : only;
      if (what === "partition") return "aws";
      // A literal in a trust policy, for example, may be this location or another one.
      if (written[what].all.size > 0) return hole;
      accountsOfOthers ??= accountsGiven(planned);
      const [given, ...others] = what === "account" ? accountsOfOthers : [];
      if (given !== undefined && others.length === 0) return given;
      return placeholder(label, numberOf(key));
    },
    unassigned(planned, what) {
      const label = `${what} of ${planned.name}`;
      if (whenUnknown === "infer") return placeholder(label, numberOf(`${what} ${planned.urn}`));
      return {
        id: `${what} of ${planned.urn}`,
        shape: "word",
        universe: what,
        label,
        origins: [...encrypted, originOf(planned.resource)],
      };
    },
  };
}

/** The universe of the ids of APIs: two of them never share one. */
export const API_ID = "API id";

/** The target of a reference property: a planned resource, or the reader's model of one. */
export interface Reference<T = Planned> {
  /** The target, when it can be determined. */
  readonly target?: T;
  /** The value, when the plan shows it. */
  readonly value?: string;
  /** Set when the value is unknown: its dependencies. */
  readonly unknown?: Unknown;
}

/** How the target of a reference property is found. */
export interface Finders<T> {
  /** Finds a resource by the value, or returns that the stack has none. */
  byValue(value: string): T | undefined;
  /** Returns the resource that a dependency leads to, if it leads to any of the wanted kind. */
  byDependency(dependency: Planned): T | undefined;
}

/** Resolves a reference: by value where the plan shows one, else by the property's dependencies. */
export function follow<T = Planned>(
  resources: ResourceIndex,
  planned: Planned,
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
    const known = resources.byUrn(dependency.urn);
    const target = known === undefined ? undefined : byDependency(known);
    if (target !== undefined) targets.add(target);
  }
  const [only, ...more] = targets;
  return only !== undefined && more.length === 0 ? { target: only, unknown: value } : { unknown: value };
}

/** The resources of a kind by a property whose value the plan shows. */
export function byString(
  resources: ResourceIndex,
  kind: Kind,
  property: string,
): ReadonlyMap<string, Planned> {
  const map = new Map<string, Planned>();
  for (const planned of resources.of(kind)) {
    const value = readString(planned, property);
    if (typeof value === "string") map.set(value, planned);
  }
  return map;
}

/** A longer chain of references is a cycle. */
const FARTHEST = 100;

/**
 * A search along references that visits each resource once: programs may reach a resource in many ways, and hostile
 * ones contain cycles.
 */
export function searched<T = Planned>(
  find: (planned: Planned, next: (planned: Planned) => T | undefined) => T | undefined,
): (planned: Planned) => T | undefined {
  const found = new Map<Planned, T | undefined>();
  const search = (planned: Planned, depth: number): T | undefined => {
    if (found.has(planned)) return found.get(planned);
    if (depth > FARTHEST) return undefined;
    found.set(planned, undefined);
    const target = find(planned, (planned) => search(planned, depth + 1));
    found.set(planned, target);
    return target;
  };
  return (planned) => search(planned, 0);
}

/** The planned resources that a property depends on. */
export function plannedDependencies(
  resources: ResourceIndex,
  planned: Planned,
  property: string,
): readonly Planned[] {
  return dependenciesOf(planned, property).flatMap((dependency) => {
    const planned = resources.byUrn(dependency.urn);
    return planned === undefined ? [] : [planned];
  });
}

/** The dependencies of a property, including resources that the pack does not read. */
export function originsOf(planned: Planned, property: string): readonly Origin[] {
  return dependenciesOf(planned, property).map(originOf);
}

/** Why the plan does not show a property: {@link originsOf} it, and whether it is encrypted. */
export function hiddenBy(planned: Planned, property: string): readonly Origin[] {
  const value = read(planned, property);
  return value instanceof Unknown ? value.origins : originsOf(planned, property);
}
