import { integrationRoles } from "../access/gates/role-function/integration-roles";
import { describeIntegrationRole } from "../messages/verdicts/role-function";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "integration-role-lambda-invoke",
  displayName: "Integration roles can invoke the function",
  description:
    "The role in an integration's credentials needs lambda:InvokeFunction on the function and must trust apigateway.amazonaws.com.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Allow lambda:InvokeFunction in a policy of the role, and sts:AssumeRole for apigateway.amazonaws.com in its trust policy.",
};

export const integrationRoleLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  {},
  (access) => integrationRoles(access),
  describeIntegrationRole,
);
