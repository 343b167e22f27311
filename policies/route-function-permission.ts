import { functionPermissions } from "../access/gates/route-function/permissions";
import { describeRouteFunction } from "../messages/verdicts/route-function";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "route-function-permission",
  displayName: "Functions allow API Gateway to invoke them for their routes",
  description:
    "A route whose integration has no credentials needs a statement in the function's resource policy that allows API Gateway to invoke it for this route.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Add a Lambda Permission for apigateway.amazonaws.com whose source ARN covers the route, on the function, version or alias that the integration calls.",
};

export const routeFunctionPermission: StackPolicy = gatePolicy(
  metadata,
  {},
  (access, _declared, wanted) => functionPermissions(access, wanted),
  describeRouteFunction,
);
