import { allow } from "../support/rest";

/** A credentials role of another stack. */
export const GATEWAY_ROLE = "arn:aws:iam::123456789012:role/shared-gateway";

/** The output of `aws iam get-account-authorization-details` with this role, which has one action. */
export function gatewayRole(action: string): object {
  const trust = {
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "sts:AssumeRole",
  };
  return {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [
      {
        Path: "/",
        RoleName: "shared-gateway",
        RoleId: "AROAACCOUNTDATA00001",
        Arn: GATEWAY_ROLE,
        AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [trust] },
        RolePolicyList: [
          { PolicyName: "own", PolicyDocument: { Version: "2012-10-17", Statement: [allow(action, "*")] } },
        ],
        AttachedManagedPolicies: [],
      },
    ],
    Policies: [],
  };
}
