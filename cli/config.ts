import { distance } from "fastest-levenshtein";
import type { PolicyConfig } from "../engine/model";
import { isObject } from "../engine/values";
import { REMEDIATING } from "../policies";
import { UserError } from "../programs/user-error";

const LEVELS: ReadonlySet<unknown> = new Set(["advisory", "mandatory", "disabled"]);
const REMEDIATE = "remediate";
/** Environments of Pulumi ESC, whose `policyConfig` the CLI adds: https://www.pulumi.com/docs/esc/concepts/outputs/ */
const ENVIRONMENTS = "environments";

export interface ReadConfig {
  readonly config: PolicyConfig;
  /** Names of environments of Pulumi ESC, which are not opened here. */
  readonly environments: readonly string[];
}

/**
 * The content of a file for `--policy-pack-config`. The keys of a policy's entry other than its level are validated by
 * the policy itself.
 *
 * @throws {UserError} If the engine would reject it too, or would interpret it differently.
 */
export function policyConfig(text: string, file: string): ReadConfig {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw new UserError(`${file} is not JSON`);
  }
  if (!isObject(config)) throw new UserError(`${file} is not a JSON object with an entry for each policy`);
  const { [ENVIRONMENTS]: environments = [], ...entries } = config;
  if (!Array.isArray(environments) || !environments.every((environment) => typeof environment === "string"))
    throw new UserError(`${file}: ${ENVIRONMENTS} must be a list of names`);
  for (const [policy, entry] of Object.entries(entries)) {
    const level = isObject(entry) ? entry.enforcementLevel : entry;
    if (level === undefined && isObject(entry)) continue;
    if (level === REMEDIATE && REMEDIATING.includes(policy)) continue;
    if (level === REMEDIATE)
      throw new UserError(
        `${file}: ${policy} does not support the level remediate, which Pulumi would treat as mandatory; the policies that support it are ${REMEDIATING.join(", ")}`,
      );
    if (!LEVELS.has(level))
      throw new UserError(`${file}: the level of ${policy} must be one of ${[...LEVELS].join(", ")}`);
  }
  return { config: entries as PolicyConfig, environments };
}

/** The configuration with every policy at its default level. */
export function withoutLevels(config: PolicyConfig): PolicyConfig {
  return Object.fromEntries(
    Object.entries(config).flatMap(([policy, entry]) => {
      if (!isObject(entry)) return [];
      const { enforcementLevel: _level, ...settings } = entry;
      return [[policy, settings]];
    }),
  ) as PolicyConfig;
}

/** Names that no policy has, each with the most similar name. */
export function unknownNames(names: readonly string[], policies: readonly string[]): readonly string[] {
  return names
    .filter((name) => !policies.includes(name))
    .map((name) => {
      const suggestion = closest(name, policies);
      return `there is no policy ${name}${suggestion === undefined ? "" : `; did you mean ${suggestion}?`}`;
    });
}

function closest(name: string, names: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const [best] = names
    .map((policy) => ({ policy, edits: distance(name.toLowerCase(), policy) }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= best.policy.length / 3 ? best.policy : undefined;
}
