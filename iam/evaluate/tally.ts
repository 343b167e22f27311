import type { PolicyDocument, Statement } from "../document/types";
import { and, or, type Trilean } from "../text/trilean";
import { isUnknown, type Unknown } from "../text/unknown";
import type { Source } from "./model";
import { IDENTITY_HOLDER, KINDS, named, type PrincipalMatch } from "./principal";
import {
  conditionsMatch,
  type EvaluationContext,
  type MatchedStatement,
  naming,
  resourceMatch,
  statementsFor,
} from "./statement";

/** The combined effect of a set of documents on a request. */
export interface Tally {
  readonly allow: { -readonly [K in keyof PrincipalMatch]: PrincipalMatch[K] };
  deny: Trilean;
  /** Certain allows, by how they identify the principal. */
  readonly allowing: { -readonly [K in keyof PrincipalMatch]?: MatchedStatement };
  denying: MatchedStatement | undefined;
  /** Every certain allow, with each way in which it identifies the principal. */
  readonly sure: { readonly found: MatchedStatement; readonly kinds: readonly (keyof PrincipalMatch)[] }[];
  readonly maybe: MatchedStatement[];
}

function emptyTally(): Tally {
  return {
    allow: { everyone: "no", itself: "no", role: "no", account: "no" },
    deny: "no",
    allowing: {},
    denying: undefined,
    sure: [],
    maybe: [],
  };
}

const NOTHING = emptyTally();

export function tally(sources: readonly Source[], question: EvaluationContext): Tally {
  // Most functions have no statement for callers, and most callers have no boundary.
  if (sources.length === 0) return NOTHING;
  const result = emptyTally();
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document) || document.opaque !== undefined) {
      for (const effect of ["Allow", "Deny"] as const)
        result.maybe.push({ source, effect, applies: "unknown" });
      for (const kind of KINDS) result.allow[kind] = or([result.allow[kind], "unknown"]);
      result.deny = or([result.deny, "unknown"]);
      continue;
    }
    for (const { statement, action } of statementsFor(document, question.request.action)) {
      const resource = resourceMatch(statement, question);
      if (resource === "no") continue;
      const who = naming(statement, question);
      if (statement.principal !== undefined && named(who) === "no") continue;
      const base = and([inEffect(source), action, resource, conditionsMatch(statement, question)]);
      if (base !== "no") count(result, { source, statement }, base, who);
    }
    if (source.possible !== undefined) countPossible(result, source, source.possible, question);
  }
  return result;
}

/** The access that an identity-based document whose parts are unknown may allow in addition to the inferred part. */
function countPossible(
  result: Tally,
  { label, key, mayNotApply }: Source,
  document: PolicyDocument | Unknown,
  question: EvaluationContext,
): void {
  const source: Source = {
    label,
    ...(key === undefined ? {} : { key }),
    document,
    ...(mayNotApply === undefined ? {} : { mayNotApply }),
  };
  const found = { source, effect: "Allow", applies: "unknown" } as const;
  const possible: MatchedStatement[] =
    isUnknown(document) || document.opaque !== undefined
      ? [found]
      : statementsFor(document, question.request.action)
          .filter(
            ({ statement }) =>
              statement.effect !== "Deny" &&
              resourceMatch(statement, question) !== "no" &&
              conditionsMatch(statement, question) !== "no",
          )
          .map(({ statement }) => ({ ...found, statement }));
  if (possible.length === 0) return;
  result.maybe.push(...possible);
  result.allow.itself = or([result.allow.itself, "unknown"]);
}

export function inEffect({ mayNotApply }: Source): Trilean {
  return mayNotApply === undefined ? "yes" : "unknown";
}

function count(
  result: Tally,
  { source, statement }: { readonly source: Source; readonly statement: Statement },
  base: Trilean,
  who: PrincipalMatch,
): void {
  const { effect } = statement;
  if (effect !== "Allow") {
    const deny = and([base, named(who), effect === "Deny" ? "yes" : "unknown"]);
    const found: MatchedStatement = { source, statement, effect: "Deny", applies: deny };
    if (deny === "yes") result.denying ??= found;
    else if (deny === "unknown") result.maybe.push(found);
    result.deny = or([result.deny, deny]);
  }
  if (effect === "Deny") return;
  let mayBeOne = false;
  const found: MatchedStatement = { source, statement, effect: "Allow", applies: "yes" };
  const kinds: (keyof PrincipalMatch)[] = [];
  // Identity-based policies apply only to the principal that they are attached to.
  for (const kind of who === IDENTITY_HOLDER ? HOLDING : KINDS) {
    const named = who[kind];
    if (named === "no") continue;
    if (named === "yes" && base === "yes" && effect === "Allow") {
      result.allowing[kind] ??= found;
      result.allow[kind] = "yes";
      kinds.push(kind);
    } else {
      mayBeOne = true;
      if (result.allow[kind] === "no") result.allow[kind] = "unknown";
    }
  }
  if (kinds.length > 0) result.sure.push({ found, kinds });
  if (mayBeOne) result.maybe.push({ source, statement, effect: "Allow", applies: "unknown" });
}

const HOLDING = ["itself"] as const;
