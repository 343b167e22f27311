import { callersOfRoutes } from "../access/gates/caller-function/callers";
import { describeTwoStep } from "../messages/verdicts/caller-function";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "iam-route-caller-lambda-invoke",
  displayName: "Callers of IAM-authorized routes can invoke the function",
  description:
    "A caller of an IAM-authorized API Gateway route needs lambda:InvokeFunction on the route's Lambda function in addition to execute-api:Invoke.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Allow lambda:InvokeFunction on the function in a policy of the caller, or lower the level of this policy if your organization does not follow the two-step rule.",
};

export const iamRouteCallerLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared, wanted) => callersOfRoutes(access, false, declared, wanted),
  describeTwoStep,
);
