import type { ConfiguredFiles } from "../../account/configured";
import { readSettings } from "./configuration";

/** The policy whose configuration applies to the pack as a whole. */
const PACK_POLICY = "policy-configuration";

/** The settings about account data, from a configuration by policy: the files, and the principals that it names. */
export function configuredAccount(
  configuration: Readonly<Record<string, unknown>>,
): Pick<ConfiguredFiles, "paths" | "namedResources"> {
  const packConfiguration = Object.hasOwn(configuration, PACK_POLICY)
    ? configuration[PACK_POLICY]
    : undefined;
  // The policy itself reports problems of its configuration.
  const { settings } = readSettings(
    typeof packConfiguration === "string" ? {} : packConfiguration,
    { account: true },
    new Date(),
  );
  return { paths: settings.account, namedResources: principalsNamedIn(configuration) };
}

/** Declared callers of every policy are looked up in account data. */
function principalsNamedIn(value: unknown, property = ""): readonly string[] {
  if (typeof value === "string") return property === "principal" ? [value] : [];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, entry]) => principalsNamedIn(entry, name))
    : [];
}
