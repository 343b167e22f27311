/**
 * Property values in the wire format between a Pulumi program, its engine and a policy pack: plain JSON in which an
 * unknown value is a sentinel string and a secret is an object with a signature.
 */

import { isObject as isJsonObject } from "../iam";
import { TOO_DEEP } from "../messages/states";
import { compareText } from "../stack/pulumi/keys";
import { ENCRYPTED, isSentinel, UNKNOWN } from "../stack/pulumi/sentinels";

export { ENCRYPTED, isSentinel as isUnknown, UNKNOWN } from "../stack/pulumi/sentinels";

/** A value on the wire. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** The properties of a resource. */
export type Properties = Record<string, Value>;

/** The key that marks an object with a special meaning. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The signature of a secret; the value is in `value` (or, in an exported state, `plaintext` or `ciphertext`). */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Whether a value on the wire is an object, such as a secret or a map, and not a list or `null`. */
export function isObject(value: unknown): value is Record<string, Value> {
  return isJsonObject(value);
}

/** Whether a value is unknown, or contains an unknown at any depth. */
export function hasUnknown(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isObject(value)) return Object.values(value).some(hasUnknown);
  return isSentinel(value);
}

/** An object that accepts any key, including `__proto__`, as an own property. */
export function record(entries: Iterable<readonly [string, Value]>): Properties {
  return Object.fromEntries(entries);
}

/** The properties without those that are `undefined`. */
export function defined(properties: Record<string, Value | undefined>): Properties {
  return record(
    Object.entries(properties).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

/**
 * Pulumi's SDK converts nested values recursively, and overflows the call stack at a depth of 2,500 to 4,000, which
 * depends on what else the process has run.
 */
const MAX_DEPTH = 2_000;

/**
 * The plain value that a policy pack gets: secrets in plaintext, a reference to a resource as its id (or its URN, when
 * it has none), an output as its value. A secret without its text, as in an encrypted export, is {@link ENCRYPTED}.
 *
 * @throws If it is nested more deeply than {@link MAX_DEPTH}.
 */
export function plainValue(value: Value, depth = 0): Value {
  if (!Array.isArray(value) && !isObject(value)) return isSentinel(value) ? UNKNOWN : value;
  if (depth > MAX_DEPTH) throw new Error(TOO_DEEP);
  const plainInner = (inner: Value): Value => plainValue(inner, depth + 1);
  if (Array.isArray(value)) return value.map(plainInner);
  switch (value[SIGNATURE]) {
    case SECRET:
      if (value.value !== undefined) return plainInner(value.value);
      return typeof value.plaintext === "string" ? parsed(value.plaintext) : ENCRYPTED;
    case RESOURCE:
      // An unknown id may be empty.
      return value.id === "" ? UNKNOWN : plainInner(value.id ?? value.urn ?? UNKNOWN);
    case OUTPUT:
      return value.value === undefined ? UNKNOWN : plainInner(value.value);
    default:
      return record(Object.entries(value).map(([key, inner]) => [key, plainInner(inner)]));
  }
}

/** {@link plainValue} for every property. */
export function plainProperties(properties: Properties): Properties {
  return record(Object.entries(properties).map(([key, value]) => [key, plainValue(value)]));
}

/** Properties as transforms get them: an unknown value, a secret and a value with dependencies are outputs. */
export function withOutputs(
  properties: Properties,
  dependenciesOf: (key: string) => readonly string[],
): Properties {
  return record(
    Object.entries(properties).map(([key, value]) => {
      const converted = asOutput(value);
      const dependencies = dependenciesOf(key).filter((urn) => !outputDependencies(converted).includes(urn));
      if (dependencies.length === 0) return [key, converted];
      const output =
        isObject(converted) && converted[SIGNATURE] === OUTPUT ? converted : { value: converted };
      return [
        key,
        { ...output, [SIGNATURE]: OUTPUT, dependencies: [...directDependencies(output), ...dependencies] },
      ];
    }),
  );
}

function asOutput(value: Value): Value {
  if (Array.isArray(value)) return value.map(asOutput);
  if (!isObject(value)) return isSentinel(value) ? { [SIGNATURE]: OUTPUT } : value;
  if (value[SIGNATURE] === OUTPUT || value[SIGNATURE] === RESOURCE) return value;
  if (value[SIGNATURE] !== SECRET)
    return record(Object.entries(value).map(([key, inner]) => [key, asOutput(inner)]));
  const inner = asOutput(value.value ?? null);
  const output = isObject(inner) && inner[SIGNATURE] === OUTPUT ? inner : { value: inner };
  return { ...output, [SIGNATURE]: OUTPUT, secret: true };
}

/** The properties with outputs replaced by secrets and unknowns. */
export function withoutOutputs(properties: Properties): Properties {
  return record(Object.entries(properties).map(([key, value]) => [key, withoutOutput(value)]));
}

function withoutOutput(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutOutput);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] !== OUTPUT) return withoutOutputs(value);
  const inner = value.value === undefined ? UNKNOWN : withoutOutput(value.value);
  return value.secret === true ? { [SIGNATURE]: SECRET, value: inner } : inner;
}

/** The URNs of the resources that a value references. */
export function referencedResources(value: Value): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencedResources);
  if (!isObject(value)) return [];
  if (value[SIGNATURE] !== RESOURCE) return Object.values(value).flatMap(referencedResources);
  return typeof value.urn === "string" ? [value.urn] : [];
}

/** The dependencies (URNs) of the outputs in a value. */
export function outputDependencies(value: Value): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(outputDependencies))];
  if (!isObject(value)) return [];
  const inner = Object.values(value).flatMap(outputDependencies);
  return [...new Set(value[SIGNATURE] === OUTPUT ? [...directDependencies(value), ...inner] : inner)];
}

const directDependencies = ({ dependencies }: Properties): string[] =>
  Array.isArray(dependencies) ? dependencies.filter((urn): urn is string => typeof urn === "string") : [];

/**
 * A value as it can be sent to a policy pack. A value from elsewhere than an engine may have any type; types that JSON
 * does not support are dropped, as in JSON. Where the policy SDK would reject the whole stack because of one value of
 * any resource, that value becomes unknown: assets without contents, which states contain
 * (https://github.com/pulumi/pulumi/issues/18926), and kinds of objects that are not its own.
 */
export function sendable(value: unknown): Value {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "string":
      return value;
    case "bigint":
      return Number(value);
    case "object":
      return value === null ? null : sendableObject(value);
    default:
      return null;
  }
}

function sendableObject(value: object): Value {
  if (Array.isArray(value)) return Array.from(value, sendable);
  if (value instanceof Date) return sendable(value.toJSON());
  const fields = value as Readonly<Record<string, unknown>>;
  const signature = Object.hasOwn(fields, SIGNATURE) ? fields[SIGNATURE] : undefined;
  if (signature && (signature === SECRET ? fields.value === undefined : !isAsset(fields))) return UNKNOWN;
  return record(
    Object.entries(fields)
      .filter(([, inner]) => inner !== undefined && typeof inner !== "function" && typeof inner !== "symbol")
      .map(([key, inner]) => [key, sendable(inner)]),
  );
}

/** Whether the SDK accepts it as an asset or an archive. */
function isAsset(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { [SIGNATURE]: signature, path, text, uri, assets } = value;
  if (signature === ASSET) return Boolean(path || text || uri);
  if (signature !== ARCHIVE) return false;
  return assets ? isObject(assets) && Object.values(assets).every(isAsset) : Boolean(path || uri);
}

function parsed(text: string): Value {
  try {
    return plainValue(JSON.parse(text));
  } catch {
    return ENCRYPTED;
  }
}

/** JSON with the keys of every object in order, as AWS's provider writes policy documents. */
export function sortedJson(value: Value): string {
  return JSON.stringify(value, (_key, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareText(a, b))) : inner,
  );
}
