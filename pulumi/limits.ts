import type { Finding } from "../policies";

/** How much each policy reports before it says how much it leaves out. */
export interface Limits {
  readonly findings: number;
  readonly characters: number;
}

/**
 * A response over 4 MB fails as a whole, and with it the deployment. These bounds keep the sum of all policies
 * far below that.
 */
export const LIMITS_OF_A_RESPONSE: Limits = { findings: 200, characters: 150_000 };

export const NO_LIMITS: Limits = { findings: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };

/** Reports findings in order, within bounds: what is left out is said in one line, on the root of the stack. */
export function report(
  findings: readonly Finding[],
  limits: Limits,
  reportViolation: (message: string, urn?: string) => void,
): void {
  let characters = 0;
  let shown = 0;
  for (const finding of findings) {
    characters += finding.message.length;
    if (shown === limits.findings || characters > limits.characters) break;
    reportViolation(finding.message, finding.urn === "" ? undefined : finding.urn);
    shown++;
  }
  if (shown < findings.length)
    reportViolation(
      `${findings.length - shown} more findings of this policy are not shown; fix these first.`,
    );
}
