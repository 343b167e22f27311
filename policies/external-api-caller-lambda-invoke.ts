import { callersOfOutsideApis, type Verdict } from "../access";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import { type Said, statementFix, whoOf } from "./messages";

const metadata: Metadata = {
  name: "external-api-caller-lambda-invoke",
  displayName: "Callers of APIs outside the stack hold lambda:InvokeFunction",
  description:
    "A principal that may call an API outside this stack and may invoke no Lambda function is half-way to an IAM-authorized route.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps:
    "If the API's route is IAM-authorized and calls Lambda, allow lambda:InvokeFunction on its function too; else exempt this caller.",
};

export const externalApiCallerLambdaInvoke: StackPolicy = gatePolicy(metadata, {}, callersOfOutsideApis, say);

function say(verdict: Verdict): Said {
  const who = whoOf(verdict, "a principal");
  return {
    finding: `${who} may call ${verdict.asked}, an API outside this stack, but holds no lambda:InvokeFunction at all.`,
    why: "this pack's two-step rule. The API is not in this stack, so this cannot be settled here.",
    symptom:
      "If the route passes the caller's credentials to Lambda, which AWS SAM does by default for IAM-authorized REST APIs, the caller gets " +
      '500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    evidence: [],
    fix: `if the API's route calls Lambda with the caller's credentials, ${statementFix(`a policy of ${who}`, "lambda:InvokeFunction", { resource: "<the ARN of the function behind the route>", instead: [] })}`,
  };
}
