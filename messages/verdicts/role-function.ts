import { type Denied, type SameReason, sameReason } from "../../access";
import type { AuthorizerFunctionVerdict } from "../../access/gates/authorizer-function/verdict";
import type { RoleFunctionVerdict } from "../../access/gates/role-function/verdict";
import type { Api } from "../../stack";
import type { Description } from "../description";
import { invokeFix, principalName } from "../fixes/statements";
import { inference } from "../inference";
import { showFunction, showPrincipal, showRoutes } from "../names";
import { printable } from "../printable";
import { apisOf, serviceNames, symptomOfApiGateway, trustStatement } from "../services";
import {
  byLimit,
  evidenceOf,
  INVALID_PERMISSIONS,
  names,
  probably,
  probablyMissing,
  routesOf,
} from "./parts";

/** A role in the credentials of integrations. */
export function describeIntegrationRole(verdicts: SameReason<Denied<RoleFunctionVerdict>>): Description {
  return describeRole(
    verdicts,
    `${showRoutes(routesOf(verdicts))} ${probablyMissing(verdicts[0])}cannot invoke ${names(verdicts, showFunction)}`,
  );
}

/** A denied answer on a role that the API's service assumes. */
type RoleVerdict = Extract<
  Denied<RoleFunctionVerdict | AuthorizerFunctionVerdict>,
  { readonly cause: "role-policies" | "trust-policy" | "role-in-another-account" }
>;

type OfRole = Extract<RoleVerdict, { readonly cause: "role-policies" | "trust-policy" }>;

/** The description of a role that the API's service assumes, for routes or an authorizer. */
export function describeRole(verdicts: SameReason<RoleVerdict>, subject: string): Description {
  const [verdict] = verdicts;
  const apis = apisOf(verdicts);
  if (verdict.cause === "role-in-another-account")
    return {
      finding: `${subject}: ${roleOf(verdict)} is not in the API's account`,
      ...symptomOfApiGateway(
        apis,
        'API Gateway rejects a role in another account: "Cross-account pass role is not allowed".',
      ),
      evidence: [],
      fix: {
        text: `use a role in the API's account; or remove \`credentials\` and allow ${serviceNames(apis)} to invoke the function with a Lambda Permission.`,
      },
    };
  const base = { evidence: evidenceOf(verdicts), inference: inference(verdict) } as const;
  return verdict.cause === "trust-policy"
    ? { ...base, ...describeTrust(verdict, apis, subject) }
    : { ...base, ...describeMissingPermission(sameReason(verdict, verdicts), subject) };
}

function roleOf({ principal, roleArn }: Extract<RoleVerdict, { readonly roleArn?: string }>): string {
  return principal === undefined
    ? printable(`role ${roleArn ?? "in its credentials"}`)
    : showPrincipal(principal);
}

function describeTrust(verdict: OfRole, apis: readonly Api[], subject: string) {
  const { principal, decision } = verdict;
  const service = serviceNames(apis);
  const roleName = principalName(principal);
  return {
    finding: `${subject}: ${showPrincipal(principal)} ${probablyMissing(verdict)}does not trust ${service}`,
    explanation: `${service} assumes the role in \`credentials\`.`,
    ...symptomOfApiGateway(
      apis,
      'Callers get 500 "API Gateway does not have permission to assume the provided role".',
    ),
    fix:
      decision.reason === "control-policies" || decision.decidedBy?.source.control !== undefined
        ? { text: `exclude ${service} from the Deny in the resource control policies of the organization.` }
        : decision.reason === "explicit-deny"
          ? {
              text: `exclude ${service} from the Deny in the trust policy (assumeRolePolicy) of ${roleName}.`,
            }
          : {
              text: `add this statement to the trust policy (assumeRolePolicy) of ${roleName}`,
              code: trustStatement(apis),
            },
  };
}

function describeMissingPermission(verdicts: SameReason<OfRole>, subject: string) {
  const [verdict] = verdicts;
  const { reason } = verdict.decision;
  const apis = apisOf(verdicts);
  const service = serviceNames(apis);
  return {
    finding: `${subject}: ${showPrincipal(verdict.principal)}, which ${service} assumes to invoke it, is ${reason === "explicit-deny" ? "denied" : `${probably(verdict)}not allowed`} lambda:InvokeFunction on the function${byLimit(verdict.decision)}`,
    explanation: `with a role in \`credentials\`, Lambda evaluates that role's policies instead of the function's permission for ${service}.`,
    ...symptomOfApiGateway(apis, `Callers get ${INVALID_PERMISSIONS}.`),
    fix: invokeFix(verdicts),
  };
}
