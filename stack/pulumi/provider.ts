import { isRegion, partitionOfRegion } from "../../aws";
import { type Planned, plain, read, readString, type SeenResource } from "./properties";

/** Provider settings that choose the credentials, hence the account. */
const CREDENTIALS = [
  "accessKey",
  "assumeRole",
  "assumeRoles",
  "assumeRoleWithWebIdentity",
  "profile",
  "roleArn",
  "sharedCredentialsFiles",
  "token",
];

type ProviderOf = NonNullable<SeenResource["provider"]>;

export function providerSetting(provider: ProviderOf | undefined, name: string): unknown {
  if (provider === undefined) return undefined;
  return Object.getOwnPropertyDescriptor(provider.props, name)?.value;
}

/**
 * Identifies the credentials that a resource is made with: providers of one stack without explicit credentials all use
 * those of the deployment's environment, so they share one account. Several stacks may be analyzed together, each with
 * an environment of its own. The key contains setting values and must never be shown.
 */
export function credentialsKey({ urn, provider }: Pick<SeenResource, "urn" | "provider">): string {
  const named = provider === undefined ? "" : credentialsNamed(provider);
  return named === "" ? `environment of ${stackOf(urn)}` : named;
}

const credentials = new WeakMap<ProviderOf, string>();

/** Cached, since most resources of a stack have one provider. */
function credentialsNamed(provider: ProviderOf): string {
  let found = credentials.get(provider);
  if (found === undefined) {
    const named = CREDENTIALS.flatMap((name) => {
      const value = providerSetting(provider, name);
      return value === undefined || value === null || value === "" ? [] : [[name, value]];
    });
    found = named.length === 0 ? "" : JSON.stringify(named);
    credentials.set(provider, found);
  }
  return found;
}

/** `urn:pulumi:STACK::PROJECT` */
function stackOf(urn: string): string {
  return urn.slice(0, urn.indexOf("::", urn.indexOf("::") + 2));
}

/** The fourth and fifth field of an ARN that the plan shows, when it is one. */
function arnPlace(arn: unknown): { partition: string; region: string; account: string } | undefined {
  if (typeof arn !== "string" || !arn.startsWith("arn:") || arn.length > 2048) return undefined;
  const [, partition = "", , region = "", account = ""] = arn.split(":", 6);
  return /^\d{12}$/.test(account) ? { partition, region, account } : undefined;
}

/** The region that a resource itself names, or else its provider. */
export function regionOf(planned: Planned): string | undefined {
  const own = readString(planned, "region");
  if (typeof own === "string" && own !== "") return own;
  const configured = providerSetting(planned.resource.provider, "region");
  // Only a value in the format of a region: an unknown provider setting is a sentinel.
  return typeof configured === "string" && isRegion(configured) ? configured : undefined;
}

/** The location that the program sets for a resource: another resource needs the same options to be created there. */
export interface Placement {
  /** The provider (URN) that the program sets, instead of the default one. */
  readonly provider?: string;
  /** The region of the resource, where it differs from its provider's. */
  readonly region?: string;
}

export function placementOf(planned: Planned): Placement {
  const { provider } = planned.resource;
  const own = readString(planned, "region");
  const configured = providerSetting(provider, "region");
  const named = provider !== undefined && !DEFAULT_PROVIDER.test(provider.urn);
  const differs = typeof own === "string" && own !== "" && typeof configured === "string";
  return {
    ...(named ? { provider: provider.urn } : {}),
    ...(differs && isRegion(configured) && own !== configured ? { region: own } : {}),
  };
}

/** `default_6_83_2`: https://www.pulumi.com/docs/iac/concepts/resources/providers/#default-provider-configuration */
const DEFAULT_PROVIDER = /::default(_[^:]*)?$/;

/** The partition that a resource is made in, where its region is known. */
export function partitionOf(planned: Planned): string | undefined {
  const region = regionOf(planned);
  return region !== undefined && isRegion(region) ? partitionOfRegion(region) : undefined;
}

/** The locations that the resources of a stack and their providers show. */
export interface ProviderPlaces {
  /** By {@link credentialsKey}. */
  readonly accounts: ReadonlyMap<string, string>;
  /** For providers without an explicit location (they may use that of the environment), by URN. */
  readonly regions: ReadonlyMap<string, string>;
  /** Whether the resources are made with several sets of credentials. */
  readonly severalCredentials: boolean;
  /** The regions that the resources or their providers name. */
  readonly regionsNamed: ReadonlySet<string>;
}

/**
 * The locations that the plan shows. An account is that of any ARN that AWS has already assigned to a resource with the
 * same credentials, the only allowed account of their provider, or that of the role it assumes. A region is that of any
 * such ARN.
 */
export function placesOfProviders(planned: Iterable<Planned>): ProviderPlaces {
  const accounts = new Map<string, string>();
  const configured = new Map<string, string | undefined>();
  const regions = new Map<string, string>();
  const regionsNamed = new Set<string>();
  for (const entry of planned) {
    const { provider } = entry.resource;
    const urn = provider?.urn ?? "";
    const key = credentialsKey(entry.resource);
    if (entry.resource.outside !== undefined) {
      // It is elsewhere, and does not show the location of the stack.
      const place = accounts.has(key) ? undefined : placeShown(entry);
      if (place !== undefined) accounts.set(key, place.account);
      continue;
    }
    const named = regionOf(entry);
    if (named !== undefined) regionsNamed.add(named);
    // A resource with a region of its own does not show its provider's.
    const regionWanted = !regions.has(urn) && readString(entry, "region") === undefined;
    const place = regionWanted || !accounts.has(key) ? placeShown(entry) : undefined;
    if (regionWanted && place?.region) regions.set(urn, place.region);
    if (place !== undefined && !accounts.has(key)) accounts.set(key, place.account);
    if (!configured.has(key))
      configured.set(
        key,
        soleAccount(providerSetting(provider, "allowedAccountIds")) ?? assumedAccount(provider),
      );
  }
  for (const [key, account] of configured)
    if (account !== undefined && !accounts.has(key)) accounts.set(key, account);
  return { accounts, regions, severalCredentials: configured.size > 1, regionsNamed };
}

/** The location in an ARN that AWS has already assigned to a resource. */
function placeShown(planned: Planned): ReturnType<typeof arnPlace> {
  return planned.term.reads
    .filter((property) => property === "arn" || property === "executionArn" || property === "functionArn")
    .map((property) => arnPlace(read(planned, property)))
    .find((found) => found !== undefined);
}

/** The account of the role that a provider assumes: the last one of a chain. */
function assumedAccount(provider: ProviderOf | undefined): string | undefined {
  const roles = ["assumeRoles", "assumeRole", "assumeRoleWithWebIdentity"]
    .map((name) => providerSetting(provider, name))
    .find((value) => value !== undefined && value !== null && value !== "");
  const written = typeof roles === "string" ? roles : JSON.stringify(plain(roles, []) ?? "");
  const last = [...written.matchAll(/"roleArn"\s*:\s*"([^"]*)"/g)].at(-1)?.[1];
  return /^arn:[\w-]+:iam::(\d{12}):role\//.exec(last ?? "")?.[1];
}

function soleAccount(allowed: unknown): string | undefined {
  const ids = typeof allowed === "string" ? allowed.match(/\d{12}/g) : Array.isArray(allowed) ? allowed : [];
  const [only] = ids ?? [];
  return ids?.length === 1 && typeof only === "string" && /^\d{12}$/.test(only) ? only : undefined;
}

/**
 * The version of a resource's provider: the engine sets it, and the name of a default provider contains it
 * (`default_6_83_2`).
 */
export function providerVersion({ provider }: Pick<SeenResource, "provider">): readonly number[] | undefined {
  const set = providerSetting(provider, "version");
  const written =
    typeof set === "string" ? set : (/::default_([\d_]+)$/.exec(provider?.urn ?? "")?.[1] ?? "");
  const [, ...parts] = /^v?(\d{1,5})[._](\d{1,5})[._](\d{1,5})/.exec(written) ?? [];
  return parts.length === 0 ? undefined : parts.map(Number);
}

export function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((part, index) => part !== version[index]);
  return at >= 0 && (version[at] ?? 0) < (other[at] ?? 0);
}
