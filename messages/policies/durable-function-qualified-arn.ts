import type { Route } from "../../stack";
import { showRoutes } from "../names";
import { printable } from "../printable";
import { message, page, type RequestSummary } from "../text";

/** A durable function is invoked by its unqualified ARN. */
export type DurableFunctionQualifiedArnProblem = {
  /** The function's name in the program. */
  readonly label: string;
} & (
  | { readonly code: "routes"; readonly routes: readonly Route[] }
  | { readonly code: "authorizer"; readonly authorizer: string }
);

const FIX =
  "use the invokeArn of an alias (or fn.qualifiedInvokeArn with publish: true), and name the same qualifier in the function's permission";

export function describeDurableFunctionQualifiedArn(problem: DurableFunctionQualifiedArnProblem): string {
  return message([
    finding(problem),
    // As reported: https://github.com/serverless/serverless/pull/13589
    'Why: AWS\'s own rule (https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html). Lambda returns "InvalidParameterValueException: You cannot invoke a durable function using an unqualified ARN.", and callers get 500.',
    `Fix: ${FIX}`,
    page("durable-function-qualified-arn"),
  ]);
}

export function summarizeDurableFunctionQualifiedArn(
  problem: DurableFunctionQualifiedArnProblem,
): RequestSummary {
  return { summary: message([finding(problem)]), fix: FIX };
}

function finding(problem: DurableFunctionQualifiedArnProblem): string {
  return `${invoker(problem)} durable function ${printable(problem.label)} by its unqualified ARN, which Lambda refuses.`;
}

function invoker(problem: DurableFunctionQualifiedArnProblem): string {
  switch (problem.code) {
    case "routes":
      return `${showRoutes(problem.routes)} ${problem.routes.length > 1 ? "invoke" : "invokes"}`;
    case "authorizer":
      return `${printable(problem.authorizer)} invokes`;
  }
}
