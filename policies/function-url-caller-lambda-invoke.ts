import { functionUrlCallers, type Verdict } from "../access";
import { INVOKE } from "../aws";
import { show } from "../iam";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import { evidence, inference, invokeFix, list, type Said, showFunction, whoOf } from "./messages";
import { printable } from "./printable";

const metadata: Metadata = {
  name: "function-url-caller-lambda-invoke",
  displayName: "Callers of function URLs hold both actions",
  description:
    "A caller of an AWS_IAM function URL needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function; a URL without authorization lets everybody do both.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Allow lambda:InvokeFunction beside lambda:InvokeFunctionUrl in a policy of the caller.",
};

export const functionUrlCallerLambdaInvoke: StackPolicy = gatePolicy(metadata, {}, functionUrlCallers, say);

function say(verdict: Verdict): Said {
  if (verdict.grantee !== undefined) return sayGrantee(verdict, verdict.grantee);
  if (verdict.principal === undefined) return sayOpen(verdict);
  const who = whoOf(verdict, "a caller");
  const [action = "lambda:InvokeFunction"] = verdict.actions;
  const reason = verdict.decision?.reason;
  const abroad = reason === "cross-account";
  return {
    finding: `${who} is meant to call the function URL of ${showFunction(verdict)} and may not: ${action} is ${reason === "explicit deny" ? "denied" : abroad ? "not allowed by both accounts" : "missing"}.`,
    why: "AWS's own rule. Since October 2025 a function URL with AWS_IAM needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction.",
    symptom: "Callers get 403 Forbidden.",
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: abroad
      ? `allow ${action} in a policy of ${who} and in the function's resource policy: a caller of another account needs both.`
      : invokeFix(verdict, who, "caller", action),
  };
}

/** Somebody outside the stack whom the function's resource policy lets do one of the two. */
function sayGrantee(verdict: Verdict, { label, kind, by }: NonNullable<Verdict["grantee"]>): Said {
  const who = printable(label);
  const [action = INVOKE] = verdict.actions;
  const url = `the function URL of ${showFunction(verdict)}`;
  const why =
    "AWS's own rule. A function URL with AWS_IAM needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction, of whoever calls it" +
    (kind === "service"
      ? " (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html)."
      : " (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).");
  const symptom =
    kind === "service" ? "Every request that it sends gets 403 Forbidden." : "Callers get 403 Forbidden.";
  const about = { why, symptom, evidence: evidence(verdict), inference: inference(verdict) };
  if (verdict.cause === "unsigned requests")
    return {
      ...about,
      finding: `${who} sends requests to ${url} that nothing signs: its origin has no origin access control, and the URL is IAM-authorized.`,
      fix: 'set originAccessControlId of the origin to an aws.cloudfront.OriginAccessControl with originAccessControlOriginType "lambda", signingBehavior "always" and signingProtocol "sigv4".',
    };
  if (verdict.cause === "other qualifier")
    return {
      ...about,
      finding: `${who} may not call ${url}: ${printable(by)} is on another version or alias of the function.`,
      fix: `give ${printable(by)} the qualifier of the URL, and likewise the permission for lambda:InvokeFunction.`,
    };
  return {
    ...about,
    finding: `${who} may not call ${url}: ${printable(by)} allows lambda:InvokeFunctionUrl, but ${action} is ${verdict.decision?.reason === "explicit deny" ? "denied" : "missing"}.`,
    fix:
      verdict.decision?.reason === "explicit deny"
        ? "take the Deny out of the function's resource policy."
        : `add a second permission, the same as ${printable(by)} but for its name, its statementId if it has one, and these two arguments (the second in place of functionUrlAuthType):\n  action: "${action}",\n  invokedViaFunctionUrl: true,`,
  };
}

/** A URL without authorization that nobody may call. */
function sayOpen(verdict: Verdict): Said {
  const { actions, decision } = verdict;
  const denied = decision?.reason === "explicit deny";
  const missing = `${list(actions)} ${actions.length > 1 ? "are" : "is"} ${denied ? "denied" : "not allowed"}`;
  return {
    finding: `nobody may call the function URL of ${showFunction(verdict)}: it has no authorization, and ${missing} for everybody.`,
    why: "AWS's own rule. The function's resource policy counts for a URL without authorization too. It has to allow lambda:InvokeFunctionUrl and, since October 2025, lambda:InvokeFunction for everybody. CloudFormation and aws-native do not add these permissions, as the console and aws.lambda.FunctionUrl do; before version 7.16.0 of @pulumi/aws the latter adds the first alone (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).",
    symptom: "Callers get 403 Forbidden.",
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: denied
      ? "take the Deny out of the function's resource policy."
      : `${verdict.functionUrl?.allowsEverybody.length ? "use @pulumi/aws 7.16.0 or newer, and for a URL that exists " : ""}add ${actions.length > 1 ? "these permissions" : "this permission"}:\n${actions.map((action) => permissionFor(action, verdict)).join("\n")}`,
  };
}

/** What to say of a permission so that it is for requests by the URL only. */
const BY_URL: Readonly<Record<string, string>> = {
  "lambda:InvokeFunctionUrl": 'functionUrlAuthType: "NONE"',
  "lambda:InvokeFunction": "invokedViaFunctionUrl: true",
};

function permissionFor(action: string, { target, functionUrl }: Verdict): string {
  const native = !functionUrl?.allowsEverybody.length;
  const qualifier = target?.qualifier === undefined ? "" : `:${show(target.qualifier)}`;
  return [
    `new ${native ? "awsNative" : "aws"}.lambda.Permission("everybody-${action.replace("lambda:", "")}", {`,
    `  action: "${action}",`,
    '  principal: "*",',
    `  ${native ? "functionName" : "function"}: ${JSON.stringify(`${target?.function?.label ?? "the function"}${qualifier}`)},`,
    `  ${BY_URL[action]},`,
    "});",
  ].join("\n");
}
