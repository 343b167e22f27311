import { functionPermissions, showTarget, type Verdict } from "../access";
import { known, show, Unknown } from "../iam";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import { evidence, inference, type Said, showFunction, showRoutes, sourceArnOf } from "./messages";
import { printable } from "./printable";

const metadata: Metadata = {
  name: "route-function-permission",
  displayName: "Functions let API Gateway in for their routes",
  description:
    "A route whose integration has no credentials needs a statement in the function's resource policy that lets API Gateway invoke it for this route.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Add an aws.lambda.Permission for apigateway.amazonaws.com whose source ARN covers the route, on the function, version or alias that the integration calls.",
};

export const routeFunctionPermission: StackPolicy = gatePolicy(metadata, {}, functionPermissions, say);

function say(verdict: Verdict): Said {
  const denied = verdict.decision?.reason === "explicit deny";
  const only = verdict.only === undefined ? "" : ` for ${verdict.only}`;
  const missing = {
    "no permission at all": "has no permission for it",
    "other qualifier": "has a permission only under another qualifier",
    policies: denied ? "denies it" : "has permissions, but none that covers this route",
  }[verdict.cause as string];
  return {
    finding: `${showRoutes(verdict.routes)} cannot invoke ${showFunction(verdict)}${only}: the function's resource policy ${missing}.`,
    why: "AWS's own rule. An integration without credentials calls as apigateway.amazonaws.com, and only the function's resource policy can let that in.",
    symptom:
      'Callers get 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    evidence: [
      ...(verdict.asked === undefined ? [] : [`API Gateway presents the source ARN ${verdict.asked}`]),
      ...(verdict.cause === "no permission at all" ? verdict.notes : evidence(verdict)),
    ],
    inference: inference(verdict),
    fix: denied
      ? "take the Deny out of the function's resource policy."
      : `add this permission:\n${permissionFix(verdict)}`,
  };
}

/** The Permission resource to add, with the names of the program's own resources left to the reader. */
function permissionFix(verdict: Verdict): string {
  const [route] = verdict.routes;
  const qualifier = verdict.target?.qualifier;
  const path = route === undefined ? "" : (known(route.path) ?? show(route.path));
  const verb = route?.verb === "ANY" ? "*" : route?.verb;
  const tail =
    route?.unread !== undefined ? "*/*" : path === "" ? `*/${route?.verb ?? "*"}` : `*/${verb}${path}`;
  const target = verdict.target;
  const name =
    target === undefined || target.arn instanceof Unknown
      ? "fn"
      : (target.function?.label ?? showTarget(target));
  return [
    `new aws.lambda.Permission("${(name.split(":").pop() ?? "fn").replace(/[^\w-]/g, "-")}-apigateway", {`,
    '  action: "lambda:InvokeFunction",',
    '  principal: "apigateway.amazonaws.com",',
    `  function: ${JSON.stringify(name)},`,
    ...(qualifier === undefined ? [] : [`  qualifier: ${JSON.stringify(show(qualifier))},`]),
    `  sourceArn: ${sourceArnOf(verdict, verdict.api?.outside ? tail : inTemplate(tail))},`,
    "});",
  ].join("\n");
}

/** Text as it stands in a template literal, on one line. */
function inTemplate(text: string): string {
  return printable(text.replace(/[\\`]|\$\{/g, "\\$&"));
}
