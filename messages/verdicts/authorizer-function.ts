import { type Denied, type SameReason, sameReason } from "../../access";
import type { AuthorizerFunctionVerdict } from "../../access/gates/authorizer-function/verdict";
import type { Description } from "../description";
import { authorizerPermission } from "../fixes/permissions";
import { inference } from "../inference";
import { showFunction } from "../names";
import { symptomOfApiGateway } from "../services";
import { evidenceOf, presented, probablyMissing, REMOVE_DENY } from "./parts";
import { describeRole } from "./role-function";

/** A Lambda authorizer that the API's service may not invoke. */
export function describeAuthorizer(verdicts: SameReason<Denied<AuthorizerFunctionVerdict>>): Description {
  const [verdict] = verdicts;
  const probablyPrefix = probablyMissing(verdict);
  const subject = `${verdict.authorizer.label} of API ${verdict.api.name} ${probablyPrefix}cannot invoke ${showFunction(verdict)}`;
  switch (verdict.cause) {
    case "role-policies":
    case "trust-policy":
    case "role-in-another-account":
      return describeRole(sameReason(verdict, verdicts), subject);
    default:
      return describeAuthorizerPermission(verdict, subject);
  }
}

type AuthorizerPermission = Extract<AuthorizerFunctionVerdict, { readonly sourceArn: string }>;

function describeAuthorizerPermission(verdict: AuthorizerPermission, subject: string): Description {
  const denied = verdict.decision.reason === "explicit-deny";
  return {
    finding: `${subject}: the function's resource policy ${denied ? "denies it" : `${probablyMissing(verdict)}has no statement that covers it`}`,
    explanation:
      "a Lambda authorizer needs its own permission, in addition to those of the routes' functions.",
    ...symptomOfApiGateway(
      [verdict.api],
      'Callers get 500 "Execution failed due to configuration error: Authorizer error" (AUTHORIZER_CONFIGURATION_ERROR).',
    ),
    evidence: [presented(verdict), ...evidenceOf([verdict])],
    inference: inference(verdict),
    fix: denied ? REMOVE_DENY : authorizerPermission(verdict),
  };
}
