/**
 * The pack as Pulumi's policy SDK takes it: the only part that knows the SDK.
 */
import type { Policies } from "@pulumi/policy";
import { Pack, type PackOptions } from "./pack";

export { languageOfProject, ofProject } from "./language";
export { NO_LIMITS } from "./limits";
export { Pack, type PackOptions } from "./pack";
export { isStartedByEngine, operationOf, serving } from "./serve";

/** The policies of the pack. Each call makes policies that share nothing with those of another. */
export function createPolicies(options: PackOptions = {}): Policies {
  return new Pack(options).policies;
}
