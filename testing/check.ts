import type { EnforcementLevel, Policies } from "@pulumi/policy";
import type { PlannedResource } from "./monitor";
import type { Plan } from "./plan";

/** What a policy says about a resource. */
export interface Finding {
  /** The name of the policy. */
  policy: string;
  /** `mandatory` findings block a deployment, `advisory` ones are shown. */
  level: "advisory" | "mandatory";
  /** The URN of the resource; the stack's own when the policy names none. */
  resource: string;
  /** The resource's name in the program. */
  name: string;
  /** What the policy says of itself; the CLI prints it before the message. */
  description: string;
  message: string;
}

/** The content of a policy-config.json: a level, or a level and the policy's own settings. */
export type PolicyConfig = Record<
  string,
  EnforcementLevel | ({ enforcementLevel?: EnforcementLevel } & Record<string, unknown>)
>;

export interface CheckOptions {
  /** As in the file given to `--policy-pack-config`. */
  config?: PolicyConfig;
  /** The policies to run. Default: those of this pack. */
  policies?: Policies;
}

/**
 * Runs the pack's policies on a plan, with the evaluation of Pulumi's own policy SDK, and gives what they find,
 * sorted. Nothing is printed.
 *
 * @throws What a policy throws: in a real deployment it would end the deployment.
 */
export async function check(plan: Plan, options: CheckOptions = {}): Promise<Finding[]> {
  return checkResources(plan.resources, options);
}

/** {@link check} for resources that come from elsewhere. */
export async function checkResources(
  resources: readonly PlannedResource[],
  options: CheckOptions = {},
): Promise<Finding[]> {
  // Loaded when it is needed only: a program can be planned without the pack.
  const { analyzed, ownPack } = await import("./analysis");
  return analyzed(options.policies ?? ownPack(), resources, options.config);
}
