import type { ConfiguredFiles } from "../account/configured";
import { readSettings } from "./configuration";

/** The policy whose configuration is for the pack as a whole. */
const OF_THE_PACK = "policy-configuration";

/** What a configuration, by the names of policies, says of account data: the files, and whom it names itself. */
export function configuredAccount(
  configuration: Readonly<Record<string, unknown>>,
): Pick<ConfiguredFiles, "paths" | "named"> {
  const own = Object.hasOwn(configuration, OF_THE_PACK) ? configuration[OF_THE_PACK] : undefined;
  // What is wrong with it the policy says itself.
  const { settings } = readSettings(typeof own === "string" ? {} : own, { account: true }, new Date());
  return { paths: settings.account, named: principalsIn(configuration) };
}

/** Declared callers are looked for in account data, wherever they are declared. */
function principalsIn(value: unknown, property = ""): readonly string[] {
  if (typeof value === "string") return property === "principal" ? [value] : [];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, one]) => principalsIn(one, name))
    : [];
}
