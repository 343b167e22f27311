import { integrationRoles, type Verdict } from "../access";
import { API_GATEWAY } from "../aws";
import { gatePolicy, type Metadata, type StackPolicy } from "./framework";
import { evidence, inference, invokeFix, type Said, showFunction, showRoutes, whoOf } from "./messages";

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

export const integrationRoleLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  {},
  integrationRoles,
  (verdict) => sayRole(verdict, `${showRoutes(verdict.routes)} cannot invoke ${showFunction(verdict)}`),
);

const TRUST_FIX = JSON.stringify(
  { Effect: "Allow", Principal: { Service: API_GATEWAY }, Action: "sts:AssumeRole" },
  undefined,
  2,
);

/** What is said of a role that API Gateway assumes, for a route or an authorizer. */
export function sayRole(verdict: Verdict, what: string): Said {
  const role = whoOf(verdict, `role ${verdict.asked ?? "in its credentials"}`);
  if (verdict.cause === "role of another account") {
    return {
      finding: `${what}: ${role} is in another account than the API.`,
      symptom: 'API Gateway takes no role of another account: "Cross-account pass role is not allowed".',
      evidence: [],
      fix: "use a role of the API's account, or drop `credentials` and give API Gateway an aws.lambda.Permission.",
    };
  }
  if (verdict.cause === "role not trusted") {
    return {
      finding: `${what}: ${role} does not trust API Gateway.`,
      why: "AWS's own rule. API Gateway assumes the role in `credentials`.",
      symptom: 'Callers get 500 "API Gateway does not have permission to assume the provided role".',
      evidence: evidence(verdict),
      inference: inference(verdict),
      fix:
        verdict.decision?.reason === "explicit deny"
          ? `take API Gateway out of the Deny in the trust policy (assumeRolePolicy) of ${role}.`
          : `have this statement in the trust policy (assumeRolePolicy) of ${role}:\n${TRUST_FIX}`,
    };
  }
  const denied = verdict.decision?.reason === "explicit deny";
  return {
    finding: `${what}: ${role}, which API Gateway assumes for it, is ${denied ? "denied" : "not allowed"} lambda:InvokeFunction on it${verdict.decision?.reason === "permissions boundary" ? " by its permissions boundary" : ""}.`,
    why: "AWS's own rule. With a role in `credentials` only that role's policies count; the function's permission for API Gateway is not consulted.",
    symptom:
      'Callers get 500 "Execution failed due to configuration error: Invalid permissions on Lambda function".',
    evidence: evidence(verdict),
    inference: inference(verdict),
    fix: invokeFix(verdict, role, "role"),
  };
}
