import type { Verdict } from "../access";
import { explain, takenAway } from "../iam";
import type { PrincipalFacts, PrincipalSource } from "../stack";
import { list } from "./text";

/** What decided, one line for each piece of evidence: a document that counted and that nobody has read included. */
export function evidence(verdict: Verdict): readonly string[] {
  const { decision, notes, principal } = verdict;
  const source: PrincipalSource | undefined = decision?.decidedBy?.source;
  if (source?.inferredFrom !== undefined) return [unknownDocument(source), ...notes];
  const unread = verdict.outcome === "denied" && verdict.inferredFrom.length > 0 ? unknownIn(principal) : [];
  return [...(decision === undefined ? [] : explain(decision)), ...unread, ...notes];
}

function unknownIn(principal: PrincipalFacts | undefined): readonly string[] {
  return (principal?.sources ?? [])
    .filter(({ inferredFrom, hidden }) => inferredFrom !== undefined || hidden !== undefined)
    .map(unknownDocument);
}

/** Nobody has read its statements: they were concluded from what it depends on. */
function unknownDocument({ label, inferredFrom = [] }: PrincipalSource): string {
  return inferredFrom.length === 0
    ? `Unknown document: ${label}`
    : `Unknown document: ${label}, which depends on ${list(inferredFrom.map((origin) => origin.label))}; assumed to grant access to exactly the resources it depends on`;
}

/** What would change an allowed answer. */
export function change({ decision, notes }: Verdict): string {
  const source: PrincipalSource | undefined = decision?.decidedBy?.source;
  if (source?.inferredFrom !== undefined)
    return `${source.label} may turn out to grant less than is assumed, once it is known`;
  const away = decision && takenAway(decision);
  if (away !== undefined) return away;
  return notes.length > 0
    ? "what stands above no longer being so, or a Deny that covers it"
    : "a Deny that covers it";
}
