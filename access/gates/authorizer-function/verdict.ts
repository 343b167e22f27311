import type { Api, Authorizer, FunctionTarget } from "../../../stack";
import { type Answer, NO_UNKNOWNS, type VerdictFields } from "../../answer";
import type { RoleAnswer } from "../credentials-role";
import type { PermissionAnswer } from "../invoke-permission";
import { GATES } from "../table";

type OfAuthorizer = Answer & {
  readonly gate: "authorizer-function";
  readonly api: Api;
  readonly authorizer: Authorizer;
};

/** Whether API Gateway may invoke the function of an authorizer, by a permission or with a credentials role. */
export type AuthorizerFunctionVerdict =
  | (OfAuthorizer & PermissionAnswer)
  | (OfAuthorizer & RoleAnswer)
  | (OfAuthorizer & {
      readonly cause: "credentials-unknown";
      readonly outcome: "unproven";
      readonly target: FunctionTarget;
    });

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function authorizerFunctionVerdict(
  fields: VerdictFields<AuthorizerFunctionVerdict>,
): AuthorizerFunctionVerdict {
  return {
    gate: "authorizer-function",
    actions: GATES["authorizer-function"].actions,
    ...NO_UNKNOWNS,
    ...fields,
  };
}
