import type { Api, Authorizer, FunctionTarget } from "../../../stack";
import { type Answer, PLAIN, type VerdictFields } from "../../answer";
import type { RoleAnswer } from "../credentials-role";
import type { PermissionAnswer } from "../invoke-permission";
import { GATES } from "../table";

type OfAuthorizer = Answer & {
  readonly gate: "authorizer-function";
  readonly api: Api;
  readonly authorizer: Authorizer;
};

export type AuthorizerFunctionVerdict =
  | (OfAuthorizer & PermissionAnswer)
  | (OfAuthorizer & RoleAnswer)
  | (OfAuthorizer & {
      readonly cause: "credentials-unknown";
      readonly outcome: "unproven";
      readonly target: FunctionTarget;
    });

export function authorizerFunctionVerdict(
  fields: VerdictFields<AuthorizerFunctionVerdict>,
): AuthorizerFunctionVerdict {
  return { gate: "authorizer-function", actions: GATES["authorizer-function"].actions, ...PLAIN, ...fields };
}
