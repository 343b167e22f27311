import { callersOfRoutes, type Verdict } from "../access";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import {
  evidence,
  inference,
  invokeFix,
  type Said,
  showFunction,
  showRoutes,
  whatIsMissing,
  whoOf,
} from "./messages";

const metadata: Metadata = {
  name: "iam-route-caller-lambda-invoke",
  displayName: "Callers of IAM-authorized routes may invoke the function",
  description:
    "A caller of an IAM-authorized API Gateway route needs lambda:InvokeFunction on the route's Lambda function beside execute-api:Invoke.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Allow lambda:InvokeFunction on the function in a policy of the caller, or lower this policy if your organization does not follow the two-step rule.",
};

export const iamRouteCallerLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared) => callersOfRoutes(access, false, declared),
  say,
);

function say(verdict: Verdict): Said {
  const who = whoOf(verdict, "a caller");
  return {
    finding: `${who} may call ${showRoutes(verdict.routes)} but may not invoke ${showFunction(verdict)}: ${whatIsMissing(verdict)}.`,
    why:
      "the route is IAM-authorized, and a caller of such a route must hold both execute-api:Invoke and lambda:InvokeFunction. " +
      "This is this pack's two-step rule; AWS itself asks for the second only where the integration passes the caller's credentials on.",
    symptom:
      'With caller credentials the caller gets 500 "Execution failed due to configuration error: Invalid permissions on Lambda function" (API_CONFIGURATION_ERROR).',
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: invokeFix(verdict, who, "caller"),
  };
}
