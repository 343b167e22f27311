import type { Policies } from "@pulumi/policy";
import type { Finding, Plan, PlannedResource, PolicyConfig } from "../engine/model";

/** The pack and the configuration of {@link check}. */
export interface CheckOptions {
  /** As in the file given to `--policy-pack-config`. */
  config?: PolicyConfig;
  /** The policies to run. Default: those of this pack. */
  policies?: Policies;
}

/**
 * Runs the pack's policies on a plan, with the evaluation of Pulumi's own policy SDK, and returns their findings,
 * sorted. Nothing is printed.
 *
 * @throws The exception of a policy, which would end a real deployment.
 */
export async function check(plan: Plan, options: CheckOptions = {}): Promise<Finding[]> {
  return checkResources(plan.resources, options);
}

/** {@link check} for resources from another source. */
export async function checkResources(
  resources: readonly PlannedResource[],
  options: CheckOptions = {},
): Promise<Finding[]> {
  // Loaded on demand: a program can be planned without the pack.
  const { runPack, ownPack } = await import("../engine/pack");
  return runPack(options.policies ?? ownPack(), resources, options.config);
}
