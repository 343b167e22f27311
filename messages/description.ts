import type { Rule } from "../access";
import { SERVED, WHOSE_RULE } from "./answers";
import { type Fix, fixText } from "./fixes/fix";
import type { Language } from "./languages";
import { message, page } from "./text";

/** The description of a verdict in parts, for messages and reports. */
export interface Description {
  /** The caller, the routes, the function and the missing permission: one sentence, without a full stop. */
  readonly finding: string;
  /** AWS denies the request at an earlier gate. */
  readonly refusedBefore?: boolean;
  /** The explanation of the rule. */
  readonly explanation?: string;
  /** The error that a caller gets, in AWS's words: one sentence. Absent where AWS serves the request. */
  readonly symptom?: string;
  /** The evidence, one line each. */
  readonly evidence: readonly string[];
  /** The dependencies that it was inferred from, and how to proceed when the inference is wrong. */
  readonly inference?: ((language: Language) => string) | undefined;
  readonly fix?: Fix | undefined;
}

/** The policy that reports a violation, and whose rule the policy enforces. */
interface ReportingPolicy {
  readonly name: string;
  readonly rule: Rule;
}

/**
 * The message of a violation: that of several descriptions concatenates them.
 *
 * @param language the language of the program, for the code to paste into it
 */
export function violation(
  descriptions: readonly Description[],
  policy: ReportingPolicy,
  language: Language,
): string {
  return message(
    [...descriptions.map((description) => partsOf(description, policy, language)), page(policy.name)].flat(),
  );
}

function partsOf(
  { finding, refusedBefore = false, explanation, symptom, evidence, inference, fix }: Description,
  { name, rule }: ReportingPolicy,
  language: Language,
): readonly string[] {
  const reasons = [explanation, symptom].filter((text) => text !== undefined && text !== "").join(" ");
  return [
    `${finding} (${WHOSE_RULE[rule]}${rule === "two-step" ? `; ${refusedBefore ? REFUSED : SERVED}` : ""}).`,
    ...(reasons === "" ? [] : [`Why: ${reasons}`]),
    ...evidence.map((line) => `  - ${line}`),
    ...(inference?.(language).split("\n") ?? []),
    ...(fix === undefined ? [] : `Fix: ${fixText(fix, language)}`.split("\n")),
    ...(rule === "two-step" ? [disableAdvice(name)] : []),
  ];
}

const REFUSED = "AWS already denies the request at the route";

/** The configuration line that disables a policy, and the configuration that disables the two-step rule. */
export function disableAdvice(policy: string): string {
  return `To turn this rule off, configure { "${policy}": "disabled" }, or use presets/aws-rules-only.json.`;
}
