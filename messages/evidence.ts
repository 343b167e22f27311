import {
  decisionOf,
  type Note,
  principalOf,
  type UnseenDocument,
  unseenDocument,
  type Verdict,
} from "../access";
import type { PrincipalFacts, PrincipalSource } from "../stack";
import { denyAdvice, explain } from "./decisions";
import { showTargetName } from "./names";
import { list } from "./text";

/** The evidence that decided, one line each, including each unknown document that contributed to the decision. */
export function evidence(verdict: Verdict): readonly string[] {
  const { outcome, inferredFrom } = verdict;
  const decision = decisionOf(verdict);
  const principal = principalOf(verdict);
  const source: PrincipalSource | undefined = decision?.decidedBy?.source;
  const nearest: readonly UnseenDocument[] = source?.inferredFrom === undefined ? [] : unseenDocument(source);
  const isInferredDenial = outcome === "denied" && inferredFrom.length > 0 && principal !== undefined;
  const unknown = [...nearest, ...(isInferredDenial ? principal.sources.flatMap(unseenDocument) : [])].map(
    unknownDocument,
  );
  const known = decision === undefined || nearest.length > 0 ? [] : explain(decision);
  const accountData = known.length === 0 && nearest.length === 0 ? fromAccountData(principal) : [];
  return [...accountData, ...known, ...new Set(unknown), ...verdict.notes.map(showNote)];
}

/** A quoted document has its date; otherwise no document decided. */
function fromAccountData(principal: PrincipalFacts | undefined): readonly string[] {
  return principal?.asOf === undefined
    ? []
    : [`${principal.label} is from account data as of ${principal.asOf}`];
}

export function showNote(note: Note): string {
  switch (note.code) {
    case "call":
      return `${note.call} makes the call with the credentials of ${note.principal}`;
    case "pool-role":
      return `${note.attachment} assigns the role to ${note.authenticated ? "" : "un"}authenticated identities of ${note.pool === undefined ? "its pool" : `pool ${note.pool}`}`;
    case "permission":
      return `${note.permission} is on ${showTargetName(note.target)}`;
  }
}

/** Its statements are unknown: they were inferred from its dependencies. */
function unknownDocument({ label, dependsOn }: UnseenDocument): string {
  return dependsOn.length === 0
    ? `Unknown document: ${label}`
    : `Unknown document: ${label}, which depends on ${list(dependsOn.map((origin) => origin.label))}; assumed to grant access to exactly the resources it depends on`;
}

/** The change that would deny an allowed request. */
export function changeAdvice(verdict: Verdict): string {
  const decision = decisionOf(verdict);
  const source: PrincipalSource | undefined = decision?.decidedBy?.source;
  if (source?.inferredFrom !== undefined)
    return `${source.label} may grant less than assumed, once it is known`;
  const toDeny = decision && denyAdvice(decision);
  if (toDeny !== undefined) return toDeny;
  return verdict.notes.length > 0
    ? "a change to the entries listed above, or a Deny that covers it"
    : "a Deny that covers it";
}
