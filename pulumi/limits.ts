import { moreFindings } from "../messages/pack";
import type { Finding } from "../policies";

/** The maximum number of findings that each policy reports; the rest is counted. */
export interface Limits {
  readonly findings: number;
  readonly characters: number;
  /** The maximum number of characters that all policies of a call report together. */
  readonly total: number;
}

/**
 * A response over 4 MB fails as a whole, and the deployment with it. A character may take several bytes, and each
 * finding includes the description of its policy.
 */
export const LIMITS_OF_A_RESPONSE: Limits = { findings: 200, characters: 300_000, total: 1_000_000 };

export const NO_LIMITS: Limits = {
  findings: Number.POSITIVE_INFINITY,
  characters: Number.POSITIVE_INFINITY,
  total: Number.POSITIVE_INFINITY,
};

/** The characters that a call has reported so far. */
export interface Reported {
  characters: number;
}

/**
 * Reports findings in order, within limits: the number of omitted findings is reported in one line, on the root of the
 * stack.
 */
export function report(
  findings: readonly Finding[],
  limits: Limits,
  reportViolation: (message: string, urn?: string, advisory?: true) => void,
  reported: Reported = { characters: 0 },
): void {
  const most = Math.min(limits.characters, limits.total - reported.characters);
  let characters = 0;
  let shownFindings = 0;
  for (const finding of findings) {
    if (shownFindings === limits.findings || characters + finding.message.length > most) break;
    characters += finding.message.length;
    reportViolation(finding.message, finding.urn === "" ? undefined : finding.urn, finding.advisory);
    shownFindings++;
  }
  reported.characters += characters;
  if (shownFindings < findings.length) reportViolation(moreFindings(findings.length - shownFindings));
}
