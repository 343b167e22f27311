import type { Answer } from "./model";

/**
 * The outcome of a question in tables and on the map: answers that AWS denies, that only the two-step rule denies, and
 * that were inferred have separate symbols. Worst first.
 */
export const DISPLAYED_OUTCOMES = [
  "denied",
  "denied, inferred",
  "two-step",
  "two-step, inferred",
  "unproven",
  "allowed, inferred",
  "allowed",
] as const;

export type DisplayedOutcome = (typeof DISPLAYED_OUTCOMES)[number];

/** An outcome without whether it was inferred. */
export type OutcomeKind = "denied" | "two-step" | "unproven" | "allowed";

export const OUTCOME_KINDS: readonly OutcomeKind[] = ["denied", "two-step", "unproven", "allowed"];

export const SIGNS: Readonly<Record<DisplayedOutcome, string>> = {
  denied: "✗",
  "denied, inferred": "✗~",
  "two-step": "!",
  "two-step, inferred": "!~",
  unproven: "?",
  "allowed, inferred": "✓~",
  allowed: "✓",
};

export function displayedOutcomeOf({
  outcome,
  rule,
  inferred,
}: Pick<Answer, "outcome" | "rule" | "inferred">): DisplayedOutcome {
  const kind: OutcomeKind = outcome === "denied" && rule === "two-step" ? "two-step" : outcome;
  return inferred === true && kind !== "unproven" ? `${kind}, inferred` : kind;
}

export function outcomeKindOf(outcome: DisplayedOutcome): OutcomeKind {
  return OUTCOME_KINDS.find((kind) => outcome.startsWith(kind)) ?? "unproven";
}

/** The rank of an outcome with the worst first; no answer is last. */
export function rankOf(outcome: DisplayedOutcome | undefined): number {
  return outcome === undefined ? DISPLAYED_OUTCOMES.length : DISPLAYED_OUTCOMES.indexOf(outcome);
}

export function worseOf(
  first: DisplayedOutcome | undefined,
  second: DisplayedOutcome | undefined,
): DisplayedOutcome | undefined {
  return rankOf(first) <= rankOf(second) ? first : second;
}

/** The outcome of a route at a gate: the worst of its answers. */
export function worstOf(
  answers: readonly Pick<Answer, "outcome" | "rule" | "inferred">[],
): DisplayedOutcome | undefined {
  return answers.map(displayedOutcomeOf).reduce<DisplayedOutcome | undefined>(worseOf, undefined);
}
