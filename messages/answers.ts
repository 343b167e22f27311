/**
 * Phrases of reports, explanations and diagnoses for any answer. Loaded by the page of the HTML report as well, so it
 * imports nothing but types.
 */
import type { Outcome, Rule } from "../access";

/** An outcome as a reader of a report sees it, by whose rule denies and whether it was inferred. */
export const OUTCOME_NAMES = {
  denied: "denied",
  "denied, inferred": "probably denied",
  "two-step": "denied by the two-step rule",
  "two-step, inferred": "probably denied by the two-step rule",
  unproven: "unproven",
  "allowed, inferred": "probably allowed",
  allowed: "allowed",
} as const;

/** The meaning of each outcome, for readers of a report. */
export const OUTCOME_MEANINGS = {
  denied: "fails once it is deployed",
  "two-step": "AWS does not require it; this pack's two-step rule does",
  unproven: "depends on a value that is unknown",
  allowed: "works, as far as IAM is concerned",
} as const;

/** Whose rule it is, at the end of a sentence. */
export const WHOSE_RULE: Readonly<Record<Rule, string>> = {
  aws: "AWS's rule",
  "two-step": "this pack's two-step rule",
};

/** For a two-step denial: another gate may deny the same request, or leave it undecided. */
export const SERVED = "AWS does not require this permission";

/** In place of AWS's error message. */
export const AWS_SERVES = `${SERVED}: only ${WHOSE_RULE["two-step"]} requires lambda:InvokeFunction here.`;

/** Before the dependencies of the unknown values. */
export const INFERRED = "Inferred from the dependencies of unknown values";

/** Before the change that reverses an answer. */
export const CHANGES: Readonly<Record<Outcome, string>> = {
  allowed: "What would change it",
  denied: "What would change it",
  unproven: "What would resolve it",
};

/** `migrated by hand, until 2027-03-31` */
export function showExemption(reason: string, until: string | undefined): string {
  return until === undefined ? reason : `${reason}, until ${until}`;
}
