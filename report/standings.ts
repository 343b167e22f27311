import type { Answer } from "./model";

/**
 * The outcome of a question in tables and on the map: answers that AWS denies, that only the two-step rule denies, and
 * that were inferred have symbols of their own. Worst first.
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

export const WORDS: Readonly<Record<Standing, string>> = {
  denied: "denied",
  "denied, inferred": "probably denied",
  "two-step": "denied by the two-step rule",
  "two-step, inferred": "probably denied by the two-step rule",
  unproven: "unproven",
  "allowed, inferred": "probably allowed",
  allowed: "allowed",
};

/** The meaning of each kind, for readers of a report. */
export const MEANINGS: Readonly<Record<Kind, string>> = {
  denied: "fails once it is deployed",
  "two-step": "AWS does not require it; this pack's two-step rule does",
  unproven: "depends on a value that is unknown",
  allowed: "works, as far as IAM decides it",
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

/**
 * The text of a two-step denial in place of AWS's error message. Another gate may deny the same request, or leave it
 * open.
 */
export const AWS_SERVES =
  "AWS serves the request today, as far as this gate is concerned: only this pack's two-step rule requires lambda:InvokeFunction here.";
