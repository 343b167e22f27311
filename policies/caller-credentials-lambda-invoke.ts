import { callersOfRoutes } from "../access/gates/caller-function/callers";
import { impossibleCallerCredentials } from "../access/gates/caller-function/impossible-caller-credentials";
import { describeCallerCredentials } from "../messages/verdicts/caller-function";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "caller-credentials-lambda-invoke",
  displayName: "Callers can invoke functions behind integrations with caller credentials",
  description:
    "A caller of a route whose integration uses the caller's credentials needs lambda:InvokeFunction on the function.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Remove the credentials from the integration and allow API Gateway to invoke the function with a Lambda Permission; or allow lambda:InvokeFunction in a policy of the caller.",
};

export const callerCredentialsLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared, wanted) => [
    ...impossibleCallerCredentials(access),
    ...callersOfRoutes(access, true, declared, wanted),
  ],
  describeCallerCredentials,
);
