import { authorizers, type Verdict } from "../access";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import { sayRole } from "./integration-role-lambda-invoke";
import { evidence, inference, type Said, showFunction, sourceArnOf } from "./messages";

const metadata: Metadata = {
  name: "authorizer-function-permission",
  displayName: "API Gateway may invoke Lambda authorizers",
  description:
    "The function of a Lambda authorizer must let API Gateway in, or the authorizer's credentials role must be allowed to invoke it.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Add an aws.lambda.Permission for apigateway.amazonaws.com whose source ARN covers authorizers/<id> of the API.",
};

export const authorizerFunctionPermission: StackPolicy = gatePolicy(metadata, {}, authorizers, say);

function say(verdict: Verdict): Said {
  const what = `${verdict.authorizer?.label ?? "the authorizer"} of API ${verdict.api?.name ?? ""} cannot invoke ${showFunction(verdict)}`;
  if (verdict.principal !== undefined || verdict.cause === "role of another account")
    return sayRole(verdict, what);
  const denied = verdict.decision?.reason === "explicit deny";
  return {
    finding: `${what}: the function's resource policy ${denied ? "denies it" : "has no statement that covers it"}.`,
    why: "AWS's own rule. A Lambda authorizer needs a grant of its own beside the routes' functions.",
    symptom:
      'Callers get 500 "Execution failed due to configuration error: Authorizer error" (AUTHORIZER_CONFIGURATION_ERROR).',
    evidence: [
      ...(verdict.asked === undefined ? [] : [`API Gateway presents the source ARN ${verdict.asked}`]),
      ...evidence(verdict),
    ],
    inference: inference(verdict),
    fix: denied
      ? "take the Deny out of the function's resource policy."
      : [
          "add this permission:",
          `new aws.lambda.Permission("authorizer-apigateway", {`,
          '  action: "lambda:InvokeFunction",',
          '  principal: "apigateway.amazonaws.com",',
          `  function: ${JSON.stringify(verdict.target?.function?.label ?? "the authorizer's function")},`,
          `  sourceArn: ${sourceArnOf(verdict, "authorizers/${authorizer.id}")},`,
          "});",
        ].join("\n"),
  };
}
