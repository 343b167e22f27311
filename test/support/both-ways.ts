import { deepStrictEqual } from "node:assert/strict";
import { ownPack, runPack } from "../../engine/pack";
import type { Finding, PlannedResource, PolicyConfig } from "../../testing";

type Found = Pick<Finding, "policy" | "level" | "name" | "message">;

/**
 * The pack reads of a stack what it needs, once. The SDK by itself gives each policy all of it, of which the policies
 * have to find the same.
 */
export async function isFoundInTheWhole(
  findings: readonly Found[],
  resources: readonly PlannedResource[],
  config: PolicyConfig = {},
): Promise<void> {
  const pack = ownPack();
  pack.configure(config);
  const whole = await runPack(pack.policies, resources, config);
  deepStrictEqual(texts(whole), texts(findings));
}

function texts(findings: readonly Found[]): readonly string[] {
  return findings
    .map(({ policy, level, name, message }) => `[${level}] ${policy} @ ${name}\n${message}`)
    .sort();
}
