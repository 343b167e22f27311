import { type Planned, read, readString, type SeenResource } from "./planned";

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

function setting(provider: ProviderOf | undefined, name: string): unknown {
  if (provider === undefined) return undefined;
  return Object.getOwnPropertyDescriptor(provider.props, name)?.value;
}

/**
 * Identifies the credentials that a resource is made with: providers of one stack that name none all use those of
 * the environment it is deployed from, so they share one account whatever it is. Several stacks may be looked at
 * together, each with an environment of its own. The identity holds setting values and must never be shown.
 */
export function credentialsKey({ urn, provider }: Pick<SeenResource, "urn" | "provider">): string {
  const named = CREDENTIALS.flatMap((name) => {
    const value = setting(provider, name);
    return value === undefined || value === null || value === "" ? [] : [[name, value]];
  });
  return named.length === 0 ? `environment of ${stackOf(urn)}` : JSON.stringify(named);
}

/** `urn:pulumi:STACK::PROJECT` */
function stackOf(urn: string): string {
  return urn.slice(0, urn.indexOf("::", urn.indexOf("::") + 2));
}

/** https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOfRegion(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  if (region.startsWith("eusc-")) return "aws-eusc";
  if (region.startsWith("us-isob-")) return "aws-iso-b";
  if (region.startsWith("eu-isoe-")) return "aws-iso-e";
  if (region.startsWith("us-isof-")) return "aws-iso-f";
  if (region.startsWith("us-iso-")) return "aws-iso";
  return "aws";
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
  const configured = setting(planned.resource.provider, "region");
  // Only what looks like a region: an unknown provider setting is a sentinel of another form.
  return typeof configured === "string" && /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(configured)
    ? configured
    : undefined;
}

/**
 * The regions that the plan shows where a provider names none (it may take that of the environment): per provider,
 * the region of any ARN that AWS has already given to one of its resources.
 */
export function regionsByProvider(planned: Iterable<Planned>): ReadonlyMap<string, string> {
  const regions = new Map<string, string>();
  for (const one of planned) {
    const provider = one.resource.provider?.urn ?? "";
    // A resource with a region of its own says nothing of its provider's.
    if (regions.has(provider) || readString(one, "region") !== undefined) continue;
    const region = placeShown(one)?.region;
    if (region) regions.set(provider, region);
  }
  return regions;
}

/** The place in an ARN that AWS has already given to a resource. */
function placeShown(planned: Planned): ReturnType<typeof arnPlace> {
  return planned.term.reads
    .filter((property) => property === "arn" || property === "executionArn" || property === "functionArn")
    .map((property) => arnPlace(read(planned, property)))
    .find((found) => found !== undefined);
}

/**
 * The accounts that the plan shows: per set of credentials, the account of any ARN that AWS has already
 * given to one of its resources, or the only account that a provider lets itself be used with.
 */
export function accountsByCredentials(planned: Iterable<Planned>): ReadonlyMap<string, string> {
  const accounts = new Map<string, string>();
  for (const one of planned) {
    const key = credentialsKey(one.resource);
    if (accounts.has(key)) continue;
    const allowed = setting(one.resource.provider, "allowedAccountIds");
    const account = placeShown(one)?.account ?? soleAccount(allowed);
    if (account !== undefined) accounts.set(key, account);
  }
  return accounts;
}

function soleAccount(allowed: unknown): string | undefined {
  const ids = typeof allowed === "string" ? allowed.match(/\d{12}/g) : Array.isArray(allowed) ? allowed : [];
  const [only] = ids ?? [];
  return ids?.length === 1 && typeof only === "string" && /^\d{12}$/.test(only) ? only : undefined;
}
