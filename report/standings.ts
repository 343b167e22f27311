import type { Answer } from "./model";

/**
 * The outcome of a question in tables and on the map: answers that AWS denies, that only the two-step rule denies, and
 * that were inferred have separate symbols. Worst first.
 */
export const STANDINGS = [
  "denied",
  "denied, inferred",
  "two-step",
  "two-step, inferred",
  "unproven",
  "allowed, inferred",
  "allowed",
] as const;

export type Standing = (typeof STANDINGS)[number];

/** A standing without whether it was inferred. */
export type Kind = "denied" | "two-step" | "unproven" | "allowed";

export const KINDS: readonly Kind[] = ["denied", "two-step", "unproven", "allowed"];

export const SIGNS: Readonly<Record<Standing, string>> = {
  denied: "✗",
  "denied, inferred": "✗~",
  "two-step": "!",
  "two-step, inferred": "!~",
  unproven: "?",
  "allowed, inferred": "✓~",
  allowed: "✓",
};

export function standingOf({
  outcome,
  rule,
  inferred,
}: Pick<Answer, "outcome" | "rule" | "inferred">): Standing {
  const kind: Kind = outcome === "denied" && rule === "two-step" ? "two-step" : outcome;
  return inferred === true && kind !== "unproven" ? `${kind}, inferred` : kind;
}

export function kindOf(standing: Standing): Kind {
  return KINDS.find((kind) => standing.startsWith(kind)) ?? "unproven";
}

/** The rank of a standing with the worst first; no answer is last. */
export function rankOf(standing: Standing | undefined): number {
  return standing === undefined ? STANDINGS.length : STANDINGS.indexOf(standing);
}

export function worseOf(first: Standing | undefined, second: Standing | undefined): Standing | undefined {
  return rankOf(first) <= rankOf(second) ? first : second;
}

/** The standing of a route at a gate: the worst of its answers. */
export function worstOf(
  answers: readonly Pick<Answer, "outcome" | "rule" | "inferred">[],
): Standing | undefined {
  return answers.map(standingOf).reduce<Standing | undefined>(worseOf, undefined);
}
