/** Texts that Pulumi sends instead of values. */

/**
 * The text of a secret that is encrypted and cannot be read, as `pulumi policy analyze` sends it to a policy pack, and
 * as the `report` command does.
 */
export const ENCRYPTED = "[secret]";

/** The sentinel of an unknown string, and of any value whose type is unknown too. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * The engine's sentinels for unknown values, one per type of value; programs in other languages may send any of them.
 * See `unknown*Value` in https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/proxy.ts
 */
const SENTINELS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** All are UUIDs. Looking up a text of 5 MB in a set would compute its hash first. */
const SENTINEL_LENGTH = 36;

/** Whether a value is a sentinel, and not an object or a list that contains one. */
export function isSentinel(value: unknown): value is string {
  return typeof value === "string" && value.length === SENTINEL_LENGTH && SENTINELS.has(value);
}
