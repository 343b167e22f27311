import { authorizerOf, decisionOf, principalOf, type Verdict } from "./verdict";

/** Verdicts with one reason: one gate and cause, with the same description and fix. */
export type SameReason<V extends Verdict = Verdict> = readonly [V, ...V[]];

/** The verdicts that have the gate and cause of the first. They must have its reason, too ({@link reasonOf}). */
export function sameReason<V extends Verdict>(first: V, verdicts: SameReason): SameReason<V> {
  const isAlike = (verdict: Verdict): verdict is V =>
    verdict.gate === first.gate && verdict.cause === first.cause;
  return [first, ...verdicts.slice(1).filter(isAlike)];
}

/** A key that is equal for verdicts with the same reason. */
export function reasonOf(verdict: Verdict): string {
  const { gate, cause, actions, inferredFrom } = verdict;
  const decision = decisionOf(verdict);
  const authorizer = authorizerOf(verdict);
  // There are very many pairs of callers and functions, and their decision is their only reason.
  if (decision !== undefined && authorizer === undefined && principalOf(verdict) !== undefined)
    return `${gate} ${cause} ${decision.reason} ${decision.missingAllow} ${actions} ${inferredFrom.length > 0} ${"mayCall" in verdict && !verdict.mayCall}`;
  const particulars = particularsOf(verdict);
  return JSON.stringify([
    gate,
    cause,
    decision === undefined ? particulars : [decision.reason, decision.missingAllow],
    actions,
    inferredFrom.length > 0,
    principalOf(verdict) === undefined ? [particulars, verdict.urn] : [],
    authorizer?.urn,
  ]);
}

/** The part of the reason that is not a document's decision. */
function particularsOf(verdict: Verdict): readonly (string | undefined)[] {
  switch (verdict.cause) {
    case "grant-matches-no-route":
      return [verdict.api.urn];
    case "resource-policy-matches-no-route":
      return verdict.unmatched;
    case "role-in-another-account":
      return [verdict.roleArn];
    case "service-call":
      return [verdict.call.urn];
    default:
      return "grant" in verdict ? [verdict.grant, verdict.urn] : [];
  }
}
