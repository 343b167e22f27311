import type { Decision } from "../../../iam";
import type { Api } from "../../../stack";
import { type Answer, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import { GATES } from "../table";

interface OfApi extends Answer {
  readonly gate: "resource-policy";
  readonly api: Api;
}

/** Whether the resource policy of an API allows requests to its routes. */
export type ResourcePolicyVerdict =
  | (OfApi & { readonly cause: "policies"; readonly decision: Decision })
  | (OfApi & { readonly cause: "private-api-without-resource-policy" })
  /** The policy is unknown, and probably names only the principals in `inferredFrom`. */
  | (OfApi & { readonly cause: "resource-policy-for-principals" });

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function resourcePolicyVerdict(fields: VerdictFields<ResourcePolicyVerdict>): ResourcePolicyVerdict {
  return { gate: "resource-policy", actions: GATES["resource-policy"].actions, ...NO_UNKNOWNS, ...fields };
}
