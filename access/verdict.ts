import type { Decision } from "../iam";
import type { Authorizer, FunctionTarget, FunctionUrl, PrincipalFacts, Route } from "../stack";
import { groupBy } from "../stack/pulumi/keys";
import type { NamedGrantee } from "./answer";
import type { Verdict } from "./gates/table";

export type { Verdict };

/** The verdicts that may be denied: some gates can only leave an answer unproven. */
export type Denied<V extends Verdict = Verdict> = V extends Verdict
  ? "denied" extends V["outcome"]
    ? V
    : never
  : never;

/** Whether AWS certainly denies the request. An unproven verdict is not denied. */
export function isDenied<V extends Verdict>(verdict: V): verdict is V & Denied<V> {
  return verdict.outcome === "denied";
}

/** What a verdict is based on: policy documents (`policies`), or a more specific fact, such as `no-permission`. */
export type Cause = Verdict["cause"];

/** The principal, of the stack or declared by the configuration, that an answer is about. */
export function principalOf(verdict: Verdict): PrincipalFacts | undefined {
  return "principal" in verdict ? verdict.principal : undefined;
}

/** A principal outside the stack that a policy names. */
export function granteeOf(verdict: Verdict): NamedGrantee | undefined {
  return "grantee" in verdict ? verdict.grantee : undefined;
}

/** The answer of the policy documents, with its evidence. */
export function decisionOf(verdict: Verdict): Decision | undefined {
  return "decision" in verdict ? verdict.decision : undefined;
}

/** Merges verdicts that have the same key: the first of them, with the routes of all. */
export function groupVerdicts<V extends { readonly routes: readonly Route[] }>(
  verdicts: readonly V[],
  keyOf: (verdict: V) => string,
): readonly V[] {
  return groupBy(verdicts, keyOf).map((group) => ({
    ...group[0],
    routes: group.flatMap(({ routes }) => routes),
  }));
}

/** The function that an answer is about; `undefined` where the gate concerns no function. */
export function targetOf(verdict: Verdict): FunctionTarget | undefined {
  return "target" in verdict ? verdict.target : undefined;
}

/** The authorizer that an answer is about; `undefined` for all gates but authorizer-function. */
export function authorizerOf(verdict: Verdict): Authorizer | undefined {
  return "authorizer" in verdict ? verdict.authorizer : undefined;
}

/** The function URL that an answer is about; `undefined` for all gates but function-url. */
export function functionUrlOf(verdict: Verdict): FunctionUrl | undefined {
  return "functionUrl" in verdict ? verdict.functionUrl : undefined;
}
