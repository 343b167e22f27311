import { principalOf, reasonOf, type SameReason, type Verdict } from "../access";
import { groupBy } from "../stack/pulumi/keys";

/** What one finding is about: a resource, and the answers about it, those for one reason together. */
export interface Group<V extends Verdict> {
  readonly urn: string;
  readonly reasons: readonly SameReason<V>[];
}

/**
 * Answers as findings report them: one finding for each principal, with all its routes and functions, and one for each
 * answer that is about no principal. A caller outside the stack is on each API that it calls.
 */
export function groups<V extends Verdict>(verdicts: readonly V[]): readonly Group<V>[] {
  const byPrincipal = groupBy(verdicts, (verdict, at) => {
    const principal = principalOf(verdict);
    return principal === undefined ? String(at) : `${verdict.urn}\n${principal.label}`;
  });
  return byPrincipal.map((together) => ({
    urn: together[0].urn,
    reasons: groupBy(together, reasonOf),
  }));
}
