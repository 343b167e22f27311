import type { Api, FunctionTarget, LambdaIntegration } from "../../../stack";
import { type Answer, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import type { RoleAnswer } from "../credentials-role";
import { GATES } from "../table";

type OfIntegration = Answer & {
  readonly gate: "role-function";
  readonly api: Api;
  readonly integration: LambdaIntegration;
};

/**
 * Whether the credentials role of an integration may invoke its function, and whether API Gateway may assume the role.
 */
export type RoleFunctionVerdict =
  | (OfIntegration & RoleAnswer)
  | (OfIntegration & {
      readonly cause: "credentials-unknown";
      readonly outcome: "unproven";
      readonly target: FunctionTarget;
    });

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function roleFunctionVerdict(fields: VerdictFields<RoleFunctionVerdict>): RoleFunctionVerdict {
  return { gate: "role-function", actions: GATES["role-function"].actions, ...NO_UNKNOWNS, ...fields };
}
