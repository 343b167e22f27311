import { isRegion, partitionOfRegion } from "../../aws";
import { plainCopy, type ReadableResource, read, readString, type SeenResource } from "./properties";
import { stackKey, stackOfUrn } from "./urns";

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

type Provider = NonNullable<SeenResource["provider"]>;

/** A setting of a provider, as the engine sent it: unknown values are sentinels, and an absent one is `undefined`. */
export function providerSetting(provider: Provider | undefined, name: string): unknown {
  if (provider === undefined) return undefined;
  return Object.getOwnPropertyDescriptor(provider.props, name)?.value;
}

/**
 * Identifies the credentials with which a resource is created: providers of one stack without explicit credentials all
 * use those of the deployment's environment, so they share one account. Several stacks may be analyzed together, each
 * in a separate environment. The key contains setting values and must never be shown.
 */
export function credentialsKey({ urn, provider }: Pick<SeenResource, "urn" | "provider">): string {
  const explicit = provider === undefined ? "" : explicitCredentials(provider);
  return explicit === "" ? `environment of ${stackKey(stackOfUrn(urn))}` : explicit;
}

const credentialsByProvider = new WeakMap<Provider, string>();

/** Cached, since most resources of a stack have one provider. */
function explicitCredentials(provider: Provider): string {
  let credentials = credentialsByProvider.get(provider);
  if (credentials === undefined) {
    const settings = CREDENTIALS.flatMap((name) => {
      const value = providerSetting(provider, name);
      return value === undefined || value === null || value === "" ? [] : [[name, value]];
    });
    credentials = settings.length === 0 ? "" : JSON.stringify(settings);
    credentialsByProvider.set(provider, credentials);
  }
  return credentials;
}

/** The fourth and fifth field of an ARN that the plan shows, when it is one. */
function arnLocation(arn: unknown): { partition: string; region: string; account: string } | undefined {
  if (typeof arn !== "string" || !arn.startsWith("arn:") || arn.length > 2048) return undefined;
  const [, partition = "", , region = "", account = ""] = arn.split(":", 6);
  return /^\d{12}$/.test(account) ? { partition, region, account } : undefined;
}

/** The region that a resource itself names, or else its provider. */
export function regionOf(planned: ReadableResource): string | undefined {
  const region = readString(planned, "region");
  if (typeof region === "string" && region !== "") return region;
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

/** The options that put another resource in the same account and region; empty where the default provider does so. */
export function placementOf(planned: ReadableResource): Placement {
  const { provider } = planned.resource;
  const region = readString(planned, "region");
  const configured = providerSetting(provider, "region");
  const isExplicit = provider !== undefined && !DEFAULT_PROVIDER.test(provider.urn);
  const differs = typeof region === "string" && region !== "" && typeof configured === "string";
  return {
    ...(isExplicit ? { provider: provider.urn } : {}),
    ...(differs && isRegion(configured) && region !== configured ? { region } : {}),
  };
}

/** `default_6_83_2`: https://www.pulumi.com/docs/iac/concepts/resources/providers/#default-provider-configuration */
const DEFAULT_PROVIDER = /::default(_[^:]*)?$/;

/** The partition of a resource, where its region is known. */
export function partitionOf(planned: ReadableResource): string | undefined {
  const region = regionOf(planned);
  return region !== undefined && isRegion(region) ? partitionOfRegion(region) : undefined;
}

/** The locations that the resources of a stack and their providers show. */
export interface ProviderLocations {
  /** By {@link credentialsKey}. */
  readonly accounts: ReadonlyMap<string, string>;
  /** For providers without an explicit location (they may use that of the environment), by URN. */
  readonly regions: ReadonlyMap<string, string>;
  /** Whether the resources are created with several sets of credentials. */
  readonly hasSeveralCredentials: boolean;
  /** The regions that the resources or their providers name. */
  readonly namedRegions: ReadonlySet<string>;
}

/**
 * The locations that the plan shows. An account is that of any ARN that AWS has already assigned to a resource with the
 * same credentials, the only allowed account of their provider, or that of the role it assumes. A region is that of any
 * such ARN.
 */
export function providerLocations(planned: Iterable<ReadableResource>): ProviderLocations {
  const accounts = new Map<string, string>();
  const configured = new Map<string, string | undefined>();
  const regions = new Map<string, string>();
  const namedRegions = new Set<string>();
  for (const entry of planned) {
    const { provider } = entry.resource;
    const urn = provider?.urn ?? "";
    const key = credentialsKey(entry.resource);
    if (entry.resource.fromAccountData !== undefined) {
      // It is in another location than the stack.
      const location = accounts.has(key) ? undefined : shownLocation(entry);
      if (location !== undefined) accounts.set(key, location.account);
      continue;
    }
    const region = regionOf(entry);
    if (region !== undefined) namedRegions.add(region);
    // A resource with its own region does not show that of its provider.
    const needsRegion = !regions.has(urn) && readString(entry, "region") === undefined;
    const location = needsRegion || !accounts.has(key) ? shownLocation(entry) : undefined;
    if (needsRegion && location?.region) regions.set(urn, location.region);
    if (location !== undefined && !accounts.has(key)) accounts.set(key, location.account);
    if (!configured.has(key))
      configured.set(
        key,
        singleAccount(providerSetting(provider, "allowedAccountIds")) ?? assumedAccount(provider),
      );
  }
  for (const [key, account] of configured)
    if (account !== undefined && !accounts.has(key)) accounts.set(key, account);
  return { accounts, regions, hasSeveralCredentials: configured.size > 1, namedRegions };
}

/** The location in an ARN that AWS has already assigned to a resource. */
function shownLocation(planned: ReadableResource): ReturnType<typeof arnLocation> {
  return planned.resourceType.reads
    .filter((property) => property === "arn" || property === "executionArn" || property === "functionArn")
    .map((property) => arnLocation(read(planned, property)))
    .find((found) => found !== undefined);
}

/** The account of the role that a provider assumes: the last one of a chain. */
function assumedAccount(provider: Provider | undefined): string | undefined {
  const roles = ["assumeRoles", "assumeRole", "assumeRoleWithWebIdentity"]
    .map((name) => providerSetting(provider, name))
    .find((value) => value !== undefined && value !== null && value !== "");
  const json = typeof roles === "string" ? roles : JSON.stringify(plainCopy(roles, []) ?? "");
  const last = [...json.matchAll(/"roleArn"\s*:\s*"([^"]*)"/g)].at(-1)?.[1];
  return /^arn:[\w-]+:iam::(\d{12}):role\//.exec(last ?? "")?.[1];
}

function singleAccount(allowed: unknown): string | undefined {
  const ids = typeof allowed === "string" ? allowed.match(/\d{12}/g) : Array.isArray(allowed) ? allowed : [];
  const [account] = ids ?? [];
  return ids?.length === 1 && typeof account === "string" && /^\d{12}$/.test(account) ? account : undefined;
}

/**
 * The version of a resource's provider: the engine sets it, and the name of a default provider contains it
 * (`default_6_83_2`).
 */
export function providerVersion({ provider }: Pick<SeenResource, "provider">): readonly number[] | undefined {
  const setting = providerSetting(provider, "version");
  const version =
    typeof setting === "string" ? setting : (/::default_([\d_]+)$/.exec(provider?.urn ?? "")?.[1] ?? "");
  const [, ...parts] = /^v?(\d{1,5})[._](\d{1,5})[._](\d{1,5})/.exec(version) ?? [];
  return parts.length === 0 ? undefined : parts.map(Number);
}

/** Whether a version is lower than another, as numbers from major to patch; a number that it lacks is 0. */
export function isBefore(version: readonly number[], reference: readonly number[]): boolean {
  const position = reference.findIndex((part, index) => part !== version[index]);
  return position >= 0 && (version[position] ?? 0) < (reference[position] ?? 0);
}
