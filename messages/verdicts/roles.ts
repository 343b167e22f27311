import {
  type AuthorizerFunctionVerdict,
  type Denied,
  type RoleFunctionVerdict,
  type SameReason,
  sameReason,
} from "../../access";
import type { Description } from "../description";
import { holderOf, invokeFix } from "../fixes";
import { showFunction, showPrincipal, showRoutes } from "../names";
import { printable } from "../printable";
import { inference } from "../unknowns";
import {
  byLimit,
  evidenceOf,
  INVALID_PERMISSIONS,
  names,
  probably,
  probablyMissing,
  routesOf,
} from "./parts";

const TRUST = JSON.stringify(
  { Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" },
  undefined,
  2,
);

/** A role in the credentials of integrations. */
export function describeIntegrationRole(verdicts: SameReason<Denied<RoleFunctionVerdict>>): Description {
  return describeRole(
    verdicts,
    `${showRoutes(routesOf(verdicts))} ${probablyMissing(verdicts[0])}cannot invoke ${names(verdicts, showFunction)}`,
  );
}

/** A denied answer on a role that API Gateway assumes. */
type RoleVerdict = Extract<
  Denied<RoleFunctionVerdict | AuthorizerFunctionVerdict>,
  { readonly cause: "role-policies" | "role-not-trusted" | "role-in-another-account" }
>;

type OfRole = Extract<RoleVerdict, { readonly cause: "role-policies" | "role-not-trusted" }>;

/** What is said of a role that API Gateway assumes, for routes or an authorizer. */
export function describeRole(verdicts: SameReason<RoleVerdict>, what: string): Description {
  const [verdict] = verdicts;
  if (verdict.cause === "role-in-another-account")
    return {
      finding: `${what}: ${roleOf(verdict)} is in another account than the API`,
      rule: "aws",
      symptom: 'API Gateway accepts no role in another account: "Cross-account pass role is not allowed".',
      evidence: [],
      fix: {
        text: "use a role in the API's account; or remove `credentials` and allow API Gateway to invoke the function with a Lambda Permission.",
      },
    };
  const about = { rule: "aws", evidence: evidenceOf(verdicts), inference: inference(verdict) } as const;
  return verdict.cause === "role-not-trusted"
    ? { ...about, ...describeTrust(verdict, what) }
    : { ...about, ...describeRights(sameReason(verdict, verdicts), what) };
}

function roleOf({ principal, roleArn }: Extract<RoleVerdict, { readonly roleArn?: string }>): string {
  return principal === undefined
    ? printable(`role ${roleArn ?? "in its credentials"}`)
    : showPrincipal(principal);
}

function describeTrust(verdict: OfRole, what: string) {
  const { principal, decision } = verdict;
  const holder = holderOf(principal);
  return {
    finding: `${what}: ${showPrincipal(principal)} ${probablyMissing(verdict)}does not trust API Gateway`,
    why: "API Gateway assumes the role in `credentials`.",
    symptom: 'Callers get 500 "API Gateway does not have permission to assume the provided role".',
    fix:
      decision.reason === "control-policies" || decision.decidedBy?.source.control !== undefined
        ? { text: "exclude API Gateway from what the resource control policies of the organization deny." }
        : decision.reason === "explicit-deny"
          ? { text: `exclude API Gateway from the Deny in the trust policy (assumeRolePolicy) of ${holder}.` }
          : { text: `add this statement to the trust policy (assumeRolePolicy) of ${holder}:`, code: TRUST },
  };
}

function describeRights(verdicts: SameReason<OfRole>, what: string) {
  const [verdict] = verdicts;
  const { reason } = verdict.decision;
  return {
    finding: `${what}: ${showPrincipal(verdict.principal)}, which API Gateway assumes for it, is ${reason === "explicit-deny" ? "denied" : `${probably(verdict)}not allowed`} lambda:InvokeFunction on it${byLimit(verdict.decision)}`,
    why: "with a role in `credentials` only that role's policies count; the function's permission for API Gateway does not.",
    symptom: `Callers get ${INVALID_PERMISSIONS}.`,
    fix: invokeFix(verdicts),
  };
}
