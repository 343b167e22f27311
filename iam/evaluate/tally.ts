import type { PolicyDocument, Statement } from "../document/types";
import { and, or, type Trilean } from "../text/trilean";
import { isUnknown, type Unknown } from "../text/unknown";
import type { PolicySource } from "./model";
import { ATTACHED_PRINCIPAL, MATCH_KINDS, matchesInAnyWay, type PrincipalMatch } from "./principal";
import {
  conditionsMatch,
  type EvaluationContext,
  type MatchedStatement,
  principalMatch,
  resourceMatch,
  statementsFor,
} from "./statement";

/** The combined effect of a set of documents on a request. */
export interface Tally {
  readonly allow: { -readonly [K in keyof PrincipalMatch]: PrincipalMatch[K] };
  deny: Trilean;
  /** Certain allows, by the way in which they identify the principal. */
  readonly allowing: { -readonly [K in keyof PrincipalMatch]?: MatchedStatement };
  denying: MatchedStatement | undefined;
  /** Every certain allow, with each way in which it identifies the principal. */
  readonly certainAllows: {
    readonly matched: MatchedStatement;
    readonly kinds: readonly (keyof PrincipalMatch)[];
  }[];
  readonly uncertain: MatchedStatement[];
}

function emptyTally(): Tally {
  return {
    allow: { everyone: "no", principal: "no", role: "no", account: "no" },
    deny: "no",
    allowing: {},
    denying: undefined,
    certainAllows: [],
    uncertain: [],
  };
}

const EMPTY_TALLY = emptyTally();

/**
 * Counts the allows and denies of several documents for a request. A document that is unknown, or that IAM would
 * refuse, may contain either, so it leaves both unknown unless others decide.
 */
export function tally(sources: readonly PolicySource[], context: EvaluationContext): Tally {
  // Most functions have no statement for callers, and most callers have no boundary.
  if (sources.length === 0) return EMPTY_TALLY;
  const result = emptyTally();
  for (const source of sources) {
    const { document } = source;
    if (isUnknown(document) || document.opaque !== undefined) {
      for (const effect of ["Allow", "Deny"] as const)
        result.uncertain.push({ source, effect, applies: "unknown" });
      for (const kind of MATCH_KINDS) result.allow[kind] = or([result.allow[kind], "unknown"]);
      result.deny = or([result.deny, "unknown"]);
      continue;
    }
    for (const { statement, action } of statementsFor(document, context.request.action)) {
      const resource = resourceMatch(statement, context);
      if (resource === "no") continue;
      const match = principalMatch(statement, context);
      if (statement.principal !== undefined && matchesInAnyWay(match) === "no") continue;
      const applies = and([inEffect(source), action, resource, conditionsMatch(statement, context)]);
      if (applies !== "no") count(result, { source, statement }, applies, match);
    }
    if (source.possible !== undefined) countPossibleAllows(result, source, source.possible, context);
  }
  return result;
}

/** The access that an identity-based document whose parts are unknown may allow in addition to the inferred part. */
function countPossibleAllows(
  result: Tally,
  { label, key, mayNotApply }: PolicySource,
  document: PolicyDocument | Unknown,
  context: EvaluationContext,
): void {
  const source: PolicySource = {
    label,
    ...(key === undefined ? {} : { key }),
    document,
    ...(mayNotApply === undefined ? {} : { mayNotApply }),
  };
  const possibleAllow = { source, effect: "Allow", applies: "unknown" } as const;
  const possible: MatchedStatement[] =
    isUnknown(document) || document.opaque !== undefined
      ? [possibleAllow]
      : statementsFor(document, context.request.action)
          .filter(
            ({ statement }) =>
              statement.effect !== "Deny" &&
              resourceMatch(statement, context) !== "no" &&
              conditionsMatch(statement, context) !== "no",
          )
          .map(({ statement }) => ({ ...possibleAllow, statement }));
  if (possible.length === 0) return;
  result.uncertain.push(...possible);
  result.allow.principal = or([result.allow.principal, "unknown"]);
}

/** Whether a document is in effect: `unknown` where another one may replace it. */
export function inEffect({ mayNotApply }: PolicySource): Trilean {
  return mayNotApply === undefined ? "yes" : "unknown";
}

function count(
  result: Tally,
  { source, statement }: { readonly source: PolicySource; readonly statement: Statement },
  applies: Trilean,
  match: PrincipalMatch,
): void {
  const { effect } = statement;
  if (effect !== "Allow") {
    const deny = and([applies, matchesInAnyWay(match), effect === "Deny" ? "yes" : "unknown"]);
    const matched: MatchedStatement = { source, statement, effect: "Deny", applies: deny };
    if (deny === "yes") result.denying ??= matched;
    else if (deny === "unknown") result.uncertain.push(matched);
    result.deny = or([result.deny, deny]);
  }
  if (effect === "Deny") return;
  let isUncertain = false;
  const matched: MatchedStatement = { source, statement, effect: "Allow", applies: "yes" };
  const kinds: (keyof PrincipalMatch)[] = [];
  // Identity-based policies apply only to the principal that they are attached to.
  for (const kind of match === ATTACHED_PRINCIPAL ? ATTACHED_KINDS : MATCH_KINDS) {
    const kindMatch = match[kind];
    if (kindMatch === "no") continue;
    if (kindMatch === "yes" && applies === "yes" && effect === "Allow") {
      result.allowing[kind] ??= matched;
      result.allow[kind] = "yes";
      kinds.push(kind);
    } else {
      isUncertain = true;
      if (result.allow[kind] === "no") result.allow[kind] = "unknown";
    }
  }
  if (kinds.length > 0) result.certainAllows.push({ matched, kinds });
  if (isUncertain) result.uncertain.push({ source, statement, effect: "Allow", applies: "unknown" });
}

const ATTACHED_KINDS = ["principal"] as const;
