import type { Decision } from "../../../iam";
import type { Api } from "../../../stack";
import { type Answer, PLAIN, type VerdictFields } from "../../answer";
import { GATES } from "../table";

interface OfApi extends Answer {
  readonly gate: "resource-policy";
  readonly api: Api;
}

export type ResourcePolicyVerdict =
  | (OfApi & { readonly cause: "policies"; readonly decision: Decision })
  | (OfApi & { readonly cause: "private-api-without-resource-policy" })
  /** The policy is unknown, and probably names only the principals in `inferredFrom`. */
  | (OfApi & { readonly cause: "resource-policy-for-principals" });

export function resourcePolicyVerdict(fields: VerdictFields<ResourcePolicyVerdict>): ResourcePolicyVerdict {
  return { gate: "resource-policy", actions: GATES["resource-policy"].actions, ...PLAIN, ...fields };
}
