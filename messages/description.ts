import type { Rule } from "../access";
import { type Fix, fixText } from "./fix";
import type { Language } from "./languages";
import { message, page } from "./text";

/** What a policy says of an answer, in parts: its message and what a report shows are made of the same. */
export interface Description {
  /** Who, which routes, which function, what is missing: one sentence, without a full stop. */
  readonly finding: string;
  /** Whose rule it is that the finding breaks. */
  readonly rule: Rule;
  /** AWS refuses the request before it comes to what the finding is about. */
  readonly refusedBefore?: boolean;
  /** How the rule works. */
  readonly why?: string;
  /** What a caller sees, in AWS's own words: one sentence. None where AWS serves the request. */
  readonly symptom?: string;
  /** What decided, a line each. */
  readonly evidence: readonly string[];
  /** What it was concluded from, and the ways out when that is wrong. */
  readonly inference?: ((language: Language) => string) | undefined;
  readonly fix?: Fix | undefined;
}

/** Whose rule it is, at the end of a sentence. */
export const WHOSE_RULE: Readonly<Record<Rule, string>> = {
  aws: "AWS's rule",
  "two-step": "this pack's two-step rule",
};

/**
 * The message of a violation: that of several descriptions says one after the other.
 *
 * @param language That of the program, for what is to be pasted into it.
 */
export function violation(descriptions: readonly Description[], policy: string, language: Language): string {
  return message(
    [...descriptions.map((description) => partsOf(description, policy, language)), page(policy)].flat(),
  );
}

function partsOf(
  { finding, rule, refusedBefore = false, why, symptom, evidence, inference, fix }: Description,
  policy: string,
  language: Language,
): readonly string[] {
  const reasons = [why, symptom].filter((one) => one !== undefined && one !== "").join(" ");
  return [
    `${finding} (${WHOSE_RULE[rule]}${rule === "two-step" ? `; ${refusedBefore ? REFUSED : SERVED}` : ""}).`,
    ...(reasons === "" ? [] : [`Why: ${reasons}`]),
    ...evidence.map((line) => `  - ${line}`),
    ...(inference?.(language).split("\n") ?? []),
    ...(fix === undefined ? [] : `Fix: ${fixText(fix, language)}`.split("\n")),
    ...(rule === "two-step" ? [turnOff(policy)] : []),
  ];
}

const SERVED = "AWS serves the request today, as far as this goes";
const REFUSED = "AWS refuses the request at the route already";

/** The line of a configuration that turns a policy off, and the configuration that turns the two-step rule off. */
export function turnOff(policy: string): string {
  return `To turn this rule off, configure { "${policy}": "disabled" }, or use presets/aws-rules-only.json.`;
}
