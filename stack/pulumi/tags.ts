import { type ContextValue, type Tags, text, Unknown } from "../../iam";
import {
  dependenciesOf,
  fieldOf,
  labelOf,
  originOf,
  type ReadableResource,
  read,
  stringOf,
} from "./properties";
import { providerSetting } from "./provider";

/** The value of each key; `undefined` where not even the keys are known. */
type Entries = ReadonlyMap<string, unknown> | undefined;

/**
 * The tags of a resource, including the default tags of its provider.
 * https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerdefaulttags
 */
export function readTags(planned: ReadableResource): Tags | undefined {
  const entries = planned.hasNoProperties ? undefined : entriesOf(planned);
  if (entries === undefined) return undefined;
  const values = new Map<string, ContextValue>();
  for (const [key, value] of entries) {
    const lowerKey = key.toLowerCase();
    // AWS does not document which of two keys applies that differ only in case.
    values.set(lowerKey, values.has(lowerKey) ? { state: "unknown" } : tagValue(planned, key, value));
  }
  return { values, otherKeys: mayHaveOtherTags(planned) ? "unknown" : "absent" };
}

function entriesOf(planned: ReadableResource): Entries {
  const all = entriesIn(read(planned, "tagsAll"));
  const explicit = entriesIn(read(planned, "tags") ?? {});
  const byDefault = defaultTags(planned);
  if (all === undefined && (explicit === undefined || byDefault === undefined)) return undefined;
  return new Map([...(byDefault ?? []), ...(explicit ?? []), ...(all ?? [])]);
}

/** A map, or aws-native's list of keys and values. */
function entriesIn(tags: unknown): Entries {
  if (typeof tags !== "object" || tags === null || tags instanceof Unknown) return undefined;
  if (!Array.isArray(tags)) return new Map(Object.entries(tags));
  const keys = tags.map((tag) => stringOf(tag, "key"));
  if (!keys.every((key) => typeof key === "string")) return undefined;
  return new Map(keys.map((key, index) => [key, fieldOf(tags[index], "value")]));
}

/** A provider's settings are JSON text. */
function defaultTags({ resource }: ReadableResource): Entries {
  const setting = providerSetting(resource.provider, "defaultTags");
  if (setting === undefined || setting === null || setting === "") return new Map();
  const settings = typeof setting === "string" ? parseJson(setting) : setting;
  return settings === undefined ? undefined : entriesIn(fieldOf(settings, "tags") ?? {});
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Tags that the provider ignores may exist without being shown. */
function mayHaveOtherTags({ resource }: ReadableResource): boolean {
  const ignored = providerSetting(resource.provider, "ignoreTags");
  const ignoredChanges = resource.opts?.ignoreChanges ?? [];
  return (
    (ignored !== undefined && ignored !== null && ignored !== "") ||
    ignoredChanges.some((path) => /^tags/.test(path))
  );
}

function tagValue(planned: ReadableResource, key: string, value: unknown): ContextValue {
  if (typeof value === "string") return { state: "present", values: [text(value)] };
  if (typeof value === "number" || typeof value === "boolean")
    return { state: "present", values: [text(String(value))] };
  const from = dependenciesOf(planned, "tags").map(originOf);
  const label = { code: "property", property: `tags.${key}`, of: labelOf(planned) } as const;
  return {
    state: "present",
    values: [[{ id: `tag ${key} of ${planned.urn}`, shape: "any", label, origins: from }]],
  };
}
