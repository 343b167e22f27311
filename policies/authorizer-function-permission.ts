import { authorizers } from "../access/gates/authorizer-function/authorizers";
import { describeAuthorizer } from "../messages/verdicts/authorizer-function";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "authorizer-function-permission",
  displayName: "API Gateway can invoke Lambda authorizers",
  description:
    "The function of a Lambda authorizer must allow API Gateway to invoke it, or the authorizer's credentials role must be allowed to invoke it.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Add a Lambda Permission for apigateway.amazonaws.com whose source ARN covers authorizers/<id> of the API.",
};

export const authorizerFunctionPermission: StackPolicy = gatePolicy(
  metadata,
  {},
  (access) => authorizers(access),
  describeAuthorizer,
);
