import type { StackValidationPolicy } from "@pulumi/policy";
import { functionUrlCallers, type Verdict } from "../access";
import { gatePolicy, type Metadata } from "./framework";
import { evidence, inference, invokeFix, type Said, showFunction } from "./messages";
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
  const who = verdict.principal?.label ?? "a caller";
  const denied = verdict.decision?.reason === "explicit deny";
  return {
    finding: `${who} may use the function URL of ${showFunction(verdict)} but may not invoke it: lambda:InvokeFunction is ${denied ? "denied" : "missing"}.`,
    why: "AWS's own rule. Since October 2025 a function URL with AWS_IAM needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction.",
    symptom: "Callers get 403 Forbidden.",
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: invokeFix(verdict, who, "caller"),
  };
}
