import type { StackValidationPolicy } from "@pulumi/policy";
import { functionUrlCallers, type Verdict } from "../access";
import { gatePolicy, type Metadata } from "./framework";
import { evidence, inference, invokeFix, type Said, showFunction, whoOf } from "./messages";
import type { Run } from "./run";

const metadata: Metadata = {
  name: "function-url-caller-lambda-invoke",
  displayName: "Callers of function URLs hold both actions",
  description:
    "A caller of an AWS_IAM function URL needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Allow lambda:InvokeFunction beside lambda:InvokeFunctionUrl in a policy of the caller.",
};

export function functionUrlCallerLambdaInvoke(run: Run): StackValidationPolicy {
  return gatePolicy(run, metadata, {}, functionUrlCallers, say);
}

function say(verdict: Verdict): Said {
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
