import type { StackValidationPolicy } from "@pulumi/policy";
import { integrationRoles, type Verdict } from "../access";
import { gatePolicy, type Metadata } from "./framework";
import {
  evidence,
  functionArnForPolicy,
  inference,
  message,
  showFunction,
  showRoutes,
  statementFix,
} from "./messages";
import type { Run } from "./run";

const metadata: Metadata = {
  name: "integration-role-lambda-invoke",
  displayName: "Integration roles may invoke the function",
  description:
    "The role in an integration's credentials needs lambda:InvokeFunction on the function and must trust apigateway.amazonaws.com.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Allow lambda:InvokeFunction in a policy of the role, and sts:AssumeRole for apigateway.amazonaws.com in its trust policy.",
};

export function integrationRoleLambdaInvoke(run: Run): StackValidationPolicy {
  return gatePolicy(run, metadata, {}, integrationRoles, (verdict) =>
    roleMessage(verdict, `${showRoutes(verdict.routes)} cannot invoke ${showFunction(verdict)}`),
  );
}

export const TRUST_FIX = JSON.stringify(
  { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
  undefined,
  2,
);

/** The finding about a role that API Gateway assumes, for a route or an authorizer. */
export function roleMessage(verdict: Verdict, what: string): string {
  const role = verdict.principal?.label ?? `role ${verdict.asked ?? "in its credentials"}`;
  if (verdict.cause === "role of another account") {
    return message([
      `${what}: ${role} is in another account than the API.`,
      'Why: API Gateway takes no role of another account: "Cross-account pass role is not allowed".',
      "Fix: use a role of the API's account, or drop `credentials` and give API Gateway an aws.lambda.Permission.",
    ]);
  }
  if (verdict.cause === "role not trusted") {
    return message([
      `${what}: ${role} does not trust API Gateway.`,
      'Why: AWS\'s own rule. API Gateway assumes the role in `credentials`; callers get 500 "API Gateway does not have permission to assume the provided role".',
      evidence(verdict),
      inference(verdict),
      `Fix: have this statement in the trust policy (assumeRolePolicy) of ${role}:\n${TRUST_FIX}`,
    ]);
  }
  const denied = verdict.decision?.reason === "explicit deny";
  return message([
    `${what}: ${role}, which API Gateway assumes for it, is ${denied ? "denied" : "not allowed"} lambda:InvokeFunction on it.`,
    "Why: AWS's own rule. With a role in `credentials` only that role's policies count; the function's permission for API Gateway is not consulted. " +
      'Callers get 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    evidence(verdict),
    inference(verdict),
    denied
      ? "Fix: take the function out of the Deny that applies to this role."
      : `Fix: add this statement to a policy of ${role}:\n${statementFix("lambda:InvokeFunction", functionArnForPolicy(verdict))}`,
  ]);
}
