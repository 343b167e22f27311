import { callersOfRoutes, impossiblePassthrough, type Verdict } from "../access";
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
  name: "caller-credentials-lambda-invoke",
  displayName: "Caller credentials passed to Lambda may invoke the function",
  description:
    "An integration that passes the caller's credentials to Lambda needs a caller that is allowed lambda:InvokeFunction.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Remove the credentials from the integration and give API Gateway a function permission; or allow lambda:InvokeFunction in a policy of the caller.",
};

export const callerCredentialsLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { callers: true },
  (access, declared) => [...impossiblePassthrough(access), ...callersOfRoutes(access, true, declared)],
  (verdict) => (verdict.cause === "policies" ? sayCaller(verdict) : sayIntegration(verdict)),
);

const SAFER =
  "Safer: drop `credentials` from the integration and let API Gateway in with an aws.lambda.Permission instead; callers then need no right to call the function directly.";

function sayCaller(verdict: Verdict): Said {
  const who = whoOf(verdict, "a caller");
  return {
    finding: `${who} may call ${showRoutes(verdict.routes)} but may not invoke ${showFunction(verdict)}: ${whatIsMissing(verdict)}, and the integration passes the caller's credentials to Lambda.`,
    why: "AWS's own rule. With credentials arn:aws:iam::*:user/* Lambda decides by the caller's policies; the function's permission for API Gateway does not help.",
    symptom:
      'The caller gets 500 "Execution failed due to configuration error: Invalid permissions on Lambda function" (API_CONFIGURATION_ERROR).',
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: `${invokeFix(verdict, who, "caller")}\n${SAFER}`,
  };
}

function sayIntegration(verdict: Verdict): Said {
  if (verdict.cause === "caller of another account") {
    const who = whoOf(verdict, "the caller");
    return {
      finding: `${who} is of another account and cannot call ${showRoutes(verdict.routes)}: the integration passes the caller's credentials to ${showFunction(verdict)}.`,
      why: "AWS's own rule. API Gateway passes on the credentials of its own account only.",
      symptom:
        'The caller gets 403, or 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
      evidence: [],
      fix: "let the caller assume a role of the API's account; or drop `credentials` from the integration and let API Gateway in with an aws.lambda.Permission.",
    };
  }
  if (verdict.cause === "passthrough beside a resource policy") {
    return {
      finding: `${showRoutes(verdict.routes)} passes the caller's credentials to ${showFunction(verdict)}, but the API has a resource policy: API Gateway refuses to deploy it.`,
      symptom:
        'Creating the deployment fails with BadRequestException "Caller provided credentials not allowed when resource policy is set".',
      evidence: [],
      fix: "drop `credentials` from the integration and give API Gateway an aws.lambda.Permission, or remove the API's resource policy.",
    };
  }
  return {
    finding: `${showRoutes(verdict.routes)} passes the caller's credentials to ${showFunction(verdict)}, but is not IAM-authorized: there are no credentials to pass.`,
    why: "only a signed request of an AWS_IAM route carries an identity that Lambda can judge.",
    symptom:
      'Others get 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    evidence: [],
    fix: 'set the method\'s authorization to "AWS_IAM", or drop `credentials` from the integration and give API Gateway an aws.lambda.Permission.',
  };
}
