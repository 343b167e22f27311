import { authorizerOf, decisionOf, principalOf, type Verdict } from "./verdict";

/** Verdicts for one reason: of one gate and cause, described and fixed in the same words. */
export type SameReason<V extends Verdict = Verdict> = readonly [V, ...V[]];

/** Those like the first, as what it is known to be. */
export function sameReason<V extends Verdict>(first: V, verdicts: SameReason): SameReason<V> {
  const isAlike = (one: Verdict): one is V => one.gate === first.gate && one.cause === first.cause;
  return [first, ...verdicts.slice(1).filter(isAlike)];
}

/** The same for verdicts with the same reason. */
export function reasonOf(verdict: Verdict): string {
  const { gate, cause, actions, inferredFrom } = verdict;
  const decision = decisionOf(verdict);
  const authorizer = authorizerOf(verdict);
  // Of callers and functions there are very many pairs, and what decided is all there is to them.
  if (decision !== undefined && authorizer === undefined && principalOf(verdict) !== undefined)
    return `${gate} ${cause} ${decision.reason} ${decision.lacking} ${actions} ${inferredFrom.length > 0} ${"mayCall" in verdict && !verdict.mayCall}`;
  const particulars = particularsOf(verdict);
  return JSON.stringify([
    gate,
    cause,
    decision === undefined ? particulars : [decision.reason, decision.lacking],
    actions,
    inferredFrom.length > 0,
    principalOf(verdict) === undefined ? [particulars, verdict.urn] : [],
    authorizer?.urn,
  ]);
}

/** What is part of the reason where no document decided. */
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
