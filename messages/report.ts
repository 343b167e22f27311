/**
 * Text of reports about their results, in addition to the phrases for single answers in `answers.ts`. Loaded by the page
 * of the HTML report as well, so it imports only modules that the page loads.
 */
import { WHOSE_RULE } from "./answers";

/** The findings on a program, by the moments in which they occur. */
export const MOMENTS_OF_FINDINGS = {
  both: "As deployed and in the first preview",
  deployed: "Only as deployed: the first preview does not show the values that these depend on",
  preview: "Only in the first preview: resolved once every value is known",
} as const;

/** The meaning of the signs in tables of text. */
export const SIGN_MEANINGS = {
  allowed: "allowed",
  /** @param statuses the status codes of the gates */
  denied: (statuses: readonly string[]): string => `denied: AWS returns ${statuses.join(" or ")}`,
  "two-step": `denied by ${WHOSE_RULE["two-step"]}: AWS does not require it`,
  unproven: "unproven",
  inferred: "inferred: probably",
} as const;

/** The same for a verdict that was inferred, where there is space for a sentence. */
export const INFERRED_MEANING =
  "The verdict is probable: a value that it depends on is unknown; ~ follows the sign";

/** The meaning of the lines between routes, callers and functions on the access map. */
export const LINE_MEANINGS = [
  "Lines between a route and a caller show whether the caller can call the route.",
  "Lines to a function show whether the function is invoked.",
  "Thick solid: denied; dash-dot: denied by the two-step rule; short dashes: unproven; thin solid: allowed; a line with gaps: inferred.",
].join(" ");

/** Before the reason of an exemption. */
export const EXEMPT = "Exempt, so there is no finding";

export const CALLS_NO_FUNCTION = "calls no function";
export const NO_STAGE = "no stage in the plan";
export const OUTSIDE_STACKS = "outside the stacks";
export const NOT_A_CALLER = "not a caller of it";
export const NOT_EVALUATED = "not evaluated";
export const NO_GATE_EVALUATED = "No gate was evaluated for this selection.";

/** The caller of a route without a known caller in the stacks, by the authorization of the route. */
export const OTHER_CALLERS = {
  NONE: "anyone",
  LAMBDA: "callers that the Lambda authorizer allows",
  OTHER: "callers that another authorizer allows",
  AWS_IAM: "no caller in these stacks",
  unknown: "unknown callers",
} as const;

/** The policies that decide whether a route's function is invoked, by the credentials of the integration. */
export const INVOKED_BY = {
  none: "the function's resource policy",
  caller: "the caller's credentials",
  role: "a credentials role",
  unknown: "unknown credentials",
  "no function": CALLS_NO_FUNCTION,
} as const;

/** Stacks whose outputs other stacks use, and which are not among the inputs. */
export function describeMissingStacks(stacks: readonly string[]): string {
  return `the outputs of ${stacks.slice(0, 5).join(", ")} are unknown, and routes that depend on them are unproven; add the exported state or the program folder of ${stacks.length === 1 ? "this stack" : "these stacks"} to the inputs`;
}
