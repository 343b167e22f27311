import type { Api, FunctionTarget, LambdaIntegration } from "../../../stack";
import { type Answer, PLAIN, type VerdictFields } from "../../answer";
import type { RoleAnswer } from "../credentials-role";
import { GATES } from "../table";

type OfIntegration = Answer & {
  readonly gate: "role-function";
  readonly api: Api;
  readonly integration: LambdaIntegration;
};

export type RoleFunctionVerdict =
  | (OfIntegration & RoleAnswer)
  | (OfIntegration & {
      readonly cause: "credentials-unknown";
      readonly outcome: "unproven";
      readonly target: FunctionTarget;
    });

export function roleFunctionVerdict(fields: VerdictFields<RoleFunctionVerdict>): RoleFunctionVerdict {
  return { gate: "role-function", actions: GATES["role-function"].actions, ...PLAIN, ...fields };
}
