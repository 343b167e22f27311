import type { Origin } from "../../iam";
import type { Api, PrincipalFacts, PrincipalSource } from "../../stack";

/**
 * What may be concluded from documents that are not shown. Such a document is a set of possible statements: in addition
 * to rights on what it depends on it may hold ARNs and wildcards that are written out. Only where nothing exists yet, and
 * what the documents depend on says what their holder is for, are they taken to hold nothing else.
 */
export type Purpose =
  /** Calls routes: as its documents depend on parts of an API, or on functions, it is intended to hold rights on those. */
  | "caller"
  /** Is assumed to invoke functions: only documents that depend on functions say on which. */
  | "credentials";

const completed = new WeakMap<PrincipalFacts, PrincipalFacts>();

/** The principal with nothing in its documents but what was concluded from what they depend on. */
export function asConcluded(principal: PrincipalFacts): PrincipalFacts {
  if (principal.sources.every(({ possible }) => possible === undefined)) return principal;
  let complete = completed.get(principal);
  if (complete === undefined) {
    complete = { ...principal, sources: principal.sources.map(({ possible: _, ...source }) => source) };
    completed.set(principal, complete);
  }
  return complete;
}

/**
 * The principal as it is evaluated: {@link asConcluded} where inference may say that it lacks a right, else with all that
 * its documents may hold in addition.
 *
 * @param api the API that it calls or serves; left out where it is neither
 */
export function asJudged(principal: PrincipalFacts, purpose: Purpose, api: Api | undefined): PrincipalFacts {
  return api !== undefined && !api.exists && isConclusive(principal, purpose)
    ? asConcluded(principal)
    : principal;
}

function isConclusive({ sources }: PrincipalFacts, purpose: Purpose): boolean {
  const hidden = sources.flatMap((source) => source.hidden ?? []);
  return (
    hidden.every(({ exists }) => !exists) &&
    hidden.some(({ apis, functions }) => functions.length > 0 || (purpose === "caller" && apis.length > 0))
  );
}

/** Whether documents of the principal may hold more than was concluded, for a caller or role of the API. */
export function mayHoldMore(principal: PrincipalFacts, purpose: Purpose, api: Api | undefined): boolean {
  return asJudged(principal, purpose, api).sources.some(({ possible }) => possible !== undefined);
}

/** A document that is not shown and counted in an answer. */
export interface UnseenDocument {
  readonly label: string;
  readonly urn: string | undefined;
  readonly dependsOn: readonly Origin[];
}

/** The documents of a principal that are not shown, its permissions boundary included. */
export function unseenDocuments({ sources, boundary }: PrincipalFacts): readonly UnseenDocument[] {
  return [...sources, ...(boundary === undefined ? [] : [boundary])].flatMap(unseenDocument);
}

export function unseenDocument({
  label,
  key,
  inferredFrom,
  hidden,
}: PrincipalSource): readonly UnseenDocument[] {
  if (inferredFrom === undefined && hidden === undefined) return [];
  return [{ label, urn: key, dependsOn: inferredFrom ?? [] }];
}
