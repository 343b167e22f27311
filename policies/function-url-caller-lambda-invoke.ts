import { functionUrlCallers } from "../access/gates/function-url/callers";
import { describeFunctionUrl } from "../messages/verdicts/function-url";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "function-url-caller-lambda-invoke",
  displayName: "Callers of function URLs have both actions",
  description:
    "A caller of an AWS_IAM function URL needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function; a URL without authorization must allow both to everyone.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Allow lambda:InvokeFunction in addition to lambda:InvokeFunctionUrl in a policy of the caller.",
};

export const functionUrlCallerLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { subjects: ["function-url"] },
  (access, _declared, wanted) => functionUrlCallers(access, wanted),
  describeFunctionUrl,
);
