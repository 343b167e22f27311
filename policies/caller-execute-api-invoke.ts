import {
  deniedCallers,
  deniedServiceCalls,
  policiesForPrincipals,
  unmatchedResourcePolicies,
  untrustedPools,
  untrustedServices,
} from "../access";
import { describeCallerRoute } from "../messages/verdicts";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";

const metadata: Metadata = {
  name: "caller-execute-api-invoke",
  displayName: "Callers that are intended to call a route may",
  description:
    "A principal whose policy names an API of this stack should be allowed to call one of its routes.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Write the execute-api ARN as stage, verb and the concrete path; use * where the path has a parameter.",
};

export const callerExecuteApiInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared) => [
    ...deniedCallers(access, declared),
    ...deniedServiceCalls(access),
    ...unmatchedResourcePolicies(access, declared),
    ...untrustedPools(access),
    ...untrustedServices(access),
    ...policiesForPrincipals(access),
  ],
  describeCallerRoute,
);
