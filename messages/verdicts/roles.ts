import type { Description } from "../description";
import { holderOf, invokeFix } from "../fixes";
import { showFunction, showRoutes, whoOf } from "../names";
import { inference } from "../unknowns";
import {
  evidenceOf,
  INVALID_PERMISSIONS,
  names,
  probably,
  probablyMissing,
  routesOf,
  type Verdicts,
} from "./parts";

const TRUST = JSON.stringify(
  { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
  undefined,
  2,
);

/** A role in the credentials of integrations. */
export function describeIntegrationRole(verdicts: Verdicts): Description {
  return describeRole(
    verdicts,
    `${showRoutes(routesOf(verdicts))} ${probablyMissing(verdicts[0])}cannot invoke ${names(verdicts, showFunction)}`,
  );
}

/** What is said of a role that API Gateway assumes, for routes or an authorizer. */
export function describeRole(verdicts: Verdicts, what: string): Description {
  const [verdict] = verdicts;
  const role = whoOf(verdict, `role ${verdict.asked ?? "in its credentials"}`);
  const holder = holderOf(verdict.principal, role);
  if (verdict.cause === "role-in-another-account")
    return {
      finding: `${what}: ${role} is in another account than the API`,
      rule: "aws",
      symptom: 'API Gateway accepts no role in another account: "Cross-account pass role is not allowed".',
      evidence: [],
      fix: {
        text: "use a role in the API's account; or remove `credentials` and allow API Gateway to invoke the function with a Lambda Permission.",
      },
    };
  const about = { rule: "aws", evidence: evidenceOf(verdicts), inference: inference(verdict) } as const;
  const denied = verdict.decision?.reason === "explicit-deny";
  if (verdict.cause === "role-not-trusted")
    return {
      ...about,
      finding: `${what}: ${role} ${probablyMissing(verdict)}does not trust API Gateway`,
      why: "API Gateway assumes the role in `credentials`.",
      symptom: 'Callers get 500 "API Gateway does not have permission to assume the provided role".',
      fix: denied
        ? { text: `exclude API Gateway from the Deny in the trust policy (assumeRolePolicy) of ${holder}.` }
        : { text: `add this statement to the trust policy (assumeRolePolicy) of ${holder}:`, code: TRUST },
    };
  const boundary = verdict.decision?.reason === "permissions-boundary" ? " by its permissions boundary" : "";
  return {
    ...about,
    finding: `${what}: ${role}, which API Gateway assumes for it, is ${denied ? "denied" : `${probably(verdict)}not allowed`} lambda:InvokeFunction on it${boundary}`,
    why: "with a role in `credentials` only that role's policies count; the function's permission for API Gateway does not.",
    symptom: `Callers get ${INVALID_PERMISSIONS}.`,
    fix: invokeFix(verdicts, holder),
  };
}
