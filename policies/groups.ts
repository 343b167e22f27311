import type { Verdict } from "../access";
import type { Verdicts } from "../messages/verdicts";
import { groupBy } from "../stack/pulumi/keys";

/** What one finding is about: a resource, and the answers about it, those for one reason together. */
export interface Group {
  readonly urn: string;
  readonly reasons: readonly Verdicts[];
}

/**
 * Answers as findings report them: one finding for each principal, with all its routes and functions, and one for each
 * answer that is about no principal. A caller outside the stack stands on each API that it calls.
 */
export function groups(verdicts: readonly Verdict[]): readonly Group[] {
  const byPrincipal = groupBy(verdicts, (verdict, at) =>
    verdict.principal === undefined ? String(at) : `${verdict.urn}\n${verdict.principal.label}`,
  );
  return byPrincipal.map((together) => ({
    urn: together[0].urn,
    reasons: groupBy(together, reasonOf),
  }));
}

/** Answers with the same reason are described, and fixed, in the same words. */
function reasonOf(verdict: Verdict): string {
  const { gate, cause, decision, actions, asked, unmatched, call, principal, authorizer, inferredFrom } =
    verdict;
  return JSON.stringify([
    gate,
    cause,
    decision === undefined
      ? cause === "policies"
        ? [verdict.api?.urn]
        : [asked, unmatched]
      : [decision.reason, decision.lacking],
    actions,
    inferredFrom.length > 0,
    call?.urn,
    principal === undefined || gate === "external-api" ? [asked, unmatched, verdict.urn] : [],
    authorizer?.urn,
  ]);
}
