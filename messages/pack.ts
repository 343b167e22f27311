/** The pack's messages about itself, for Pulumi and for packs that include its policies. */

import type { ResourceKind, Subject } from "../stack";

/** An error in the pack's own code. Its message is not kept, since it may contain a secret. */
export interface Fault {
  /** For example, `TypeError`. */
  readonly kind: string;
  /** The innermost line of the pack's own code, where that is known. */
  readonly place?: string;
}

/** `TypeError at read (facts.js:10:3)` */
export function showFault({ kind, place = "at an unknown place" }: Fault): string {
  return `${kind} ${place}`;
}

/** The message for a fault, with the policy that had it first. */
export function faultMessage(fault: Fault, policy: string): string {
  return `Internal error in this policy pack (${showFault(fault)}): ${policy} could not be evaluated completely, nor could other policies that use the same code. This is a bug in the pack, not a problem with the stack; please report it. Everything else was evaluated.`;
}

/** For a failure in {@link faultMessage} itself. */
export const INTERNAL_ERROR = "Internal error in this policy pack. Please report it.";

/** For a version of the SDK that ran none of the policies. */
export const NOT_RUN = "the policies did not run";

const SUBJECTS: Readonly<Record<Subject, string>> = {
  api: "an API of API Gateway",
  "function-url": "a function URL",
  "external-api": "a policy document that names execute-api",
  permission: "a Lambda function permission",
};

/** Why a policy does not apply to a stack: the stack has none of these. */
export function appliesToStacksWith(subjects: readonly Subject[]): string {
  return `Policy only applies to stacks that have ${subjects.map((subject) => SUBJECTS[subject]).join(" or ")}`;
}

/** Why the policies on access do not apply to a stack. */
export const NO_SUBJECTS =
  "The stack has no API of API Gateway, no function URL, and no policy document that names execute-api";

export function appliesToResources(kinds: readonly ResourceKind[]): string {
  return `Policy only applies to ${kinds.join(", ")} resources`;
}

export function moreFindings(count: number): string {
  return `${count} more findings of this policy are not shown; fix these first.`;
}

/** A mistake in the options of `apiGatewayLambdaAccess`. */
export type OptionProblem =
  | { readonly code: "no-policy-selected" }
  | { readonly code: "unknown-option"; readonly option: string; readonly options: readonly string[] }
  | { readonly code: "not-a-list"; readonly option: string }
  | {
      readonly code: "unknown-choice";
      readonly option: string;
      readonly given: unknown;
      readonly choices: readonly string[];
    };

export function showOptionProblem(problem: OptionProblem): string {
  return `apiGatewayLambdaAccess: ${withoutName(problem)}`;
}

function withoutName(problem: OptionProblem): string {
  switch (problem.code) {
    case "no-policy-selected":
      return "the options select no policy";
    case "unknown-option":
      return `there is no option ${problem.option}; the options are ${problem.options.join(", ")}`;
    case "not-a-list":
      return `${problem.option} is not a list`;
    case "unknown-choice":
      return `${problem.option} cannot be ${JSON.stringify(problem.given)}; it can be ${problem.choices.join(", ")}`;
  }
}
