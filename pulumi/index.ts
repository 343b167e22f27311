/** The adapter to Pulumi's policy SDK: the only folder that knows the SDK. */
import type { Policies } from "@pulumi/policy";
import { Pack, type PackOptions } from "./pack";

export { languageOfProject, ofProject } from "./language";
export { NO_LIMITS } from "./limits";
export { Pack, type PackOptions } from "./pack";
export { isStartedByEngine, operationOf, serving } from "./serve";

/** The policies of the pack. The policies of different calls share nothing. */
export function createPolicies(options: PackOptions = {}): Policies {
  return new Pack(options).policies;
}
