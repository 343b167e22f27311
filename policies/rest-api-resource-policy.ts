import { resourcePolicies } from "../access/gates/resource-policy/resource-policies";
import { describeResourcePolicy } from "../messages/verdicts/resource-policy";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "rest-api-resource-policy",
  displayName: "Resource policies of REST APIs allow requests",
  description:
    "A REST API's resource policy denies every request to a route without IAM authorization, or a private API has no resource policy and cannot be deployed.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    'Allow execute-api:Invoke for everyone (Principal "*") in the API\'s resource policy, and narrow it with conditions.',
};

export const restApiResourcePolicy: StackPolicy = gatePolicy(
  metadata,
  {},
  (access) => resourcePolicies(access),
  describeResourcePolicy,
);
