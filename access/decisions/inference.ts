import type { Origin, UnknownReason } from "../../iam";
import type { Api, PrincipalFacts, PrincipalSource } from "../../stack";
import { originsTogether } from "../answer";
import { dependenciesOf } from "../unknowns";
import type { Access } from "./access";

/**
 * The conclusions that unknown documents allow. Such a document is a set of possible statements: in addition to access
 * to its dependencies it may contain literal ARNs and wildcards. Only where nothing is deployed yet, and the
 * dependencies show the purpose of the principal, are unknown documents assumed to contain nothing else.
 */
export type Purpose =
  /**
   * Calls routes: since its documents depend on parts of an API, or on functions, it is assumed to have access to
   * those.
   */
  | "caller"
  /** Is assumed to invoke functions: only documents that depend on functions show which. */
  | "credentials";

const completed = new WeakMap<PrincipalFacts, PrincipalFacts>();

/** The principal with only the statements that were inferred from the dependencies of its documents. */
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
 * The principal for evaluation: {@link asConcluded} where inference may conclude that it lacks a permission, else with
 * everything that its documents may contain in addition.
 *
 * @param api the API that it calls or serves; absent where it is neither
 */
export function asInferred(
  principal: PrincipalFacts,
  purpose: Purpose,
  api: Api | undefined,
): PrincipalFacts {
  return api !== undefined && !api.exists && isConclusive(principal, purpose)
    ? asConcluded(principal)
    : principal;
}

function isConclusive({ sources }: PrincipalFacts, purpose: Purpose): boolean {
  const hidden = sources.flatMap((source) => source.unknownDocument ?? []);
  return (
    hidden.every(({ exists }) => !exists) &&
    hidden.some(({ apis, functions }) => functions.length > 0 || (purpose === "caller" && apis.length > 0))
  );
}

/** Whether documents of the principal may contain more than was inferred, for a caller or role of the API. */
export function mayGrantMore(principal: PrincipalFacts, purpose: Purpose, api: Api | undefined): boolean {
  return asInferred(principal, purpose, api).sources.some(({ possible }) => possible !== undefined);
}

/** An unknown document that the answer depends on. */
export interface UnseenDocument {
  readonly label: string;
  readonly urn: string | undefined;
  readonly dependsOn: readonly Origin[];
}

/** The unknown documents of a principal, including its permissions boundary. */
export function unseenDocuments({ sources, boundary }: PrincipalFacts): readonly UnseenDocument[] {
  return [...sources, ...(boundary === undefined ? [] : [boundary])].flatMap(unseenDocument);
}

/** The document of one policy, where it is unknown or inferred from its dependencies; empty for a known document. */
export function unseenDocument({
  label,
  key,
  inferredFrom,
  unknownDocument,
}: PrincipalSource): readonly UnseenDocument[] {
  if (inferredFrom === undefined && unknownDocument === undefined) return [];
  return [{ label, urn: key, dependsOn: inferredFrom ?? [] }];
}

/** The maximum number of them in a message: a longer list would not help. */
const MAX_PRINCIPALS_WITH_UNKNOWN_POLICIES = 20;

/** Principals with a completely unknown document, which has no dependencies either. */
export function principalsWithUnknownPolicies(access: Access): readonly PrincipalFacts[] {
  return access.facts.principals
    .filter(({ sources }) => sources.some(({ unknownDocument }) => unknownDocument?.hasNoDependencies))
    .slice(0, MAX_PRINCIPALS_WITH_UNKNOWN_POLICIES);
}

/** The policies of a principal that are unknown and have no dependencies to infer them from. */
export function unknownPolicies({ sources }: PrincipalFacts): readonly UnknownReason[] {
  return sources.flatMap(({ unknownDocument, label, document }): readonly UnknownReason[] =>
    unknownDocument?.hasNoDependencies
      ? [
          {
            subject: { code: "document", source: label },
            dependsOn: dependenciesOf(document),
            resolution: { code: "document-shown" },
          },
        ]
      : [],
  );
}

/** The dependencies of the unknown documents that were inferred from them. */
export function inferredDocuments(principal: PrincipalFacts): readonly Origin[] {
  return originsTogether(...principal.sources.map((source) => source.inferredFrom));
}
