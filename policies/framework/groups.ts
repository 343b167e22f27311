import { principalOf, reasonOf, type SameReason, type Verdict } from "../../access";
import { groupBy } from "../../stack/pulumi/keys";

/** The subject of one finding: a resource, and the answers about it, grouped by reason. */
export interface Group<V extends Verdict> {
  readonly urn: string;
  readonly reasons: readonly SameReason<V>[];
}

/**
 * Groups answers into findings: one finding for each principal, with all its routes and functions, and one for each
 * answer without a principal. A caller outside the stack has one on each API that it calls.
 */
export function groups<V extends Verdict>(verdicts: readonly V[]): readonly Group<V>[] {
  const byPrincipal = groupBy(verdicts, (verdict, index) => {
    const principal = principalOf(verdict);
    return principal === undefined ? String(index) : `${verdict.urn}\n${principal.label}`;
  });
  return byPrincipal.map((verdictsOfPrincipal) => ({
    urn: verdictsOfPrincipal[0].urn,
    reasons: groupBy(verdictsOfPrincipal, reasonOf),
  }));
}
