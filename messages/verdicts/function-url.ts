import { type Denied, type SameReason, sameReason } from "../../access";
import type { FunctionUrlVerdict } from "../../access/gates/function-url/verdict";
import type { Description } from "../description";
import { urlPermissions } from "../fixes/permissions";
import { invokeFix, principalName, targetsOf } from "../fixes/statements";
import { inference } from "../inference";
import { showFunction, showFunctionTarget, showGrantee, showPrincipal } from "../names";
import { printable } from "../printable";
import { list } from "../text";
import { evidenceOf, probably, probablyMissing, REMOVE_DENY } from "./parts";

type UrlVerdict<Cause extends FunctionUrlVerdict["cause"]> = Extract<
  FunctionUrlVerdict,
  { readonly cause: Cause }
>;

/**
 * As reported: https://github.com/awsdocs/aws-lambda-developer-guide/issues/494,
 * https://github.com/RJPearson94/terraform-aws-open-next/issues/71
 */
const FORBIDDEN =
  '403 "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html".';

/** A principal that may not call a function URL. */
export function describeFunctionUrl(verdicts: SameReason<Denied<FunctionUrlVerdict>>): Description {
  const [verdict] = verdicts;
  const base = {
    symptom: `Callers get ${FORBIDDEN}`,
    evidence: evidenceOf(verdicts),
    inference: inference(verdict),
  } as const;
  switch (verdict.cause) {
    case "policies":
      return { ...base, ...describeUrlCaller(sameReason(verdict, verdicts)) };
    case "everyone":
      return { ...base, ...describePublicUrl(verdict) };
    default:
      return { ...base, ...describeGrantee(verdict) };
  }
}

function describePublicUrl(
  verdict: UrlVerdict<"everyone">,
): Pick<Description, "finding" | "explanation" | "fix"> {
  const denied = verdict.decision.reason === "explicit-deny";
  return {
    finding: `the function URL of ${showFunction(verdict)} ${probablyMissing(verdict)}cannot be called: it has no authorization, and ${list(verdict.actions)} ${verdict.actions.length > 1 ? "are" : "is"} ${denied ? "denied" : "not allowed"} for everyone`,
    explanation:
      "Lambda evaluates the function's resource policy for a URL without authorization too. The policy must allow lambda:InvokeFunctionUrl and, since October 2025, lambda:InvokeFunction for everyone. The console and aws.lambda.FunctionUrl add these permissions; CloudFormation and aws-native do not (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).",
    fix: denied ? REMOVE_DENY : urlPermissions(verdict),
  };
}

function describeUrlCaller(
  verdicts: SameReason<UrlVerdict<"policies">>,
): Pick<Description, "finding" | "explanation" | "fix"> {
  const [verdict] = verdicts;
  const { principal, decision } = verdict;
  const [action = "lambda:InvokeFunction"] = verdict.actions;
  const denied = decision.reason === "explicit-deny";
  const isCrossAccount = decision.reason === "cross-account";
  const probablyPrefix = probably(verdict);
  return {
    finding: `${showPrincipal(principal)} is ${probablyPrefix}intended to call the function URL of ${functionsOf(verdicts)} but ${probablyMissing(verdict)}cannot: ${action} is ${denied ? "denied" : isCrossAccount ? "not allowed by both accounts" : `${probablyPrefix}missing`}`,
    explanation:
      "since October 2025, a caller of a function URL with AWS_IAM needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html).",
    fix: isCrossAccount
      ? {
          text: `allow ${action} in a policy of ${principalName(principal)} and in the function's resource policy: a caller in another account needs both.`,
        }
      : invokeFix(verdicts, { action }),
  };
}

function functionsOf(verdicts: SameReason<UrlVerdict<"policies">>): string {
  return list([...new Set(verdicts.flatMap(targetsOf).map(showFunctionTarget))]);
}
const UNSIGNED = {
  none: "its origin has no origin access control",
  "never-signs": 'the origin access control of its origin has signingBehavior "never"',
  "other-type": 'the origin access control of its origin is not of type "lambda"',
} as const;

/** As reported: https://github.com/aws/aws-cdk/issues/26405 */
const REFUSED_CONTROL =
  'The deployment fails with "Illegal configuration: The origin type and OAC origin type differ."';

/** A principal outside the stack that the function's resource policy allows only one of the two actions. */
function describeGrantee(
  verdict: UrlVerdict<"second-action" | "other-qualifier" | "unsigned-requests" | "unpermitted-distribution">,
): Pick<Description, "finding" | "explanation" | "symptom" | "fix"> {
  const { grantee } = verdict;
  const caller = printable(showGrantee(grantee));
  const permission = printable(grantee.grantedBy);
  const isService = grantee.kind === "service" || grantee.kind === "resource";
  const [action = "lambda:InvokeFunction"] = verdict.actions;
  const probablyPrefix = probablyMissing(verdict);
  const page = isService
    ? "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html"
    : "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
  const base = {
    explanation: `a caller of a function URL with AWS_IAM needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction (${page}).`,
    symptom: `${isService ? "Every request that it sends gets" : "Callers get"} ${FORBIDDEN}`,
  };
  const cannotCall = `${caller} ${probablyPrefix}cannot call the function URL of ${showFunction(verdict)}`;
  if (verdict.cause === "other-qualifier")
    return {
      ...base,
      finding: `${cannotCall}: ${permission} is on another version or alias of the function`,
      fix: {
        text: `set the qualifier of ${permission}, and of the permission for lambda:InvokeFunction, to that of the URL.`,
      },
    };
  if (verdict.cause === "unsigned-requests")
    return {
      ...base,
      finding: `${caller} ${probablyPrefix}sends unsigned requests to the function URL of ${showFunction(verdict)}: ${UNSIGNED[verdict.because]}, and the URL is IAM-authorized`,
      ...(verdict.because === "other-type" ? { symptom: REFUSED_CONTROL } : {}),
      fix: {
        text: 'set originAccessControlId of the origin to an aws.cloudfront.OriginAccessControl with originAccessControlOriginType "lambda", signingBehavior "always" and signingProtocol "sigv4".',
      },
    };
  const denied = verdict.decision.reason === "explicit-deny";
  if (verdict.cause === "unpermitted-distribution")
    return {
      ...base,
      finding: `${cannotCall}: the function's resource policy ${denied ? "denies" : `${probablyPrefix}does not allow`} cloudfront.amazonaws.com to call it for this distribution`,
      fix: denied
        ? REMOVE_DENY
        : {
            text: 'add two permissions on the function with the principal cloudfront.amazonaws.com and the ARN of the distribution as source ARN: lambda:InvokeFunctionUrl with functionUrlAuthType "AWS_IAM", and lambda:InvokeFunction with invokedViaFunctionUrl.',
          },
    };
  return {
    ...base,
    finding: `${cannotCall}: ${permission} allows lambda:InvokeFunctionUrl, but ${action} is ${denied ? "denied" : `${probablyPrefix}missing`}`,
    fix: denied
      ? REMOVE_DENY
      : {
          text: `add a second permission, the same as ${permission} except for its name, its statementId if it has one, and these two arguments (the second replaces functionUrlAuthType)`,
          snippets: [
            {
              kind: "arguments",
              properties: [
                ["action", [action]],
                ["invokedViaFunctionUrl", true],
              ],
            },
          ],
        },
  };
}
