import { deniedCallers } from "../access/gates/caller-route/denied-callers";
import { untrustedPools } from "../access/gates/caller-route/identity-pool-trust";
import { deniedServiceCalls } from "../access/gates/caller-route/service-calls";
import { untrustedServices } from "../access/gates/caller-route/service-trust";
import { unmatchedResourcePolicies } from "../access/gates/caller-route/unmatched-resource-policies";
import { policiesForPrincipals } from "../access/gates/resource-policy/resource-policies";
import { describeCallerRoute } from "../messages/verdicts/caller-route";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "caller-execute-api-invoke",
  displayName: "Intended callers of a route can call it",
  description:
    "A principal whose policy names an API of this stack should be allowed to call one of its routes.",
  enforcementLevel: "advisory",
  severity: "medium",
  remediationSteps:
    "Write the execute-api ARN as stage, method and the concrete path; use * where the path has a parameter.",
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
