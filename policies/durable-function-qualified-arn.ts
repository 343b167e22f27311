import { Unknown } from "../iam";
import {
  type DurableFunctionQualifiedArnProblem,
  describeDurableFunctionQualifiedArn,
  summarizeDurableFunctionQualifiedArn,
} from "../messages/policies/durable-function-qualified-arn";
import type { Authorizer, FunctionTarget, Route, StackFacts } from "../stack";
import { appendTo, textKey } from "../stack/pulumi/keys";
import { type Metadata, type PlacedProblem, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "durable-function-qualified-arn",
  displayName: "Durable functions are invoked with a qualified ARN",
  description:
    "A route or authorizer invokes a durable function by its unqualified ARN; a durable function must be invoked with a version or an alias.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps:
    "Use an alias or a published version in the integration, and the same qualifier in the function's permission.",
};

export const durableFunctionQualifiedArn: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(durableFunctionProblems(stack.access().facts), ({ urn, problem }) => ({
      urn,
      message: describeDurableFunctionQualifiedArn(problem),
      request: summarizeDurableFunctionQualifiedArn(problem),
    })),
  }),
);

type PlacedDurableProblem = PlacedProblem<DurableFunctionQualifiedArnProblem>;

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html#durable-invoking-qualified-arns */
export function durableFunctionProblems(
  facts: Pick<StackFacts, "routes" | "authorizers">,
): readonly PlacedDurableProblem[] {
  const routes = new Map<string, Route[]>();
  for (const route of facts.routes) {
    const { integration } = route;
    if (integration === undefined || integration.mayNotBeFunction || !isUnqualified(integration.target))
      continue;
    appendTo(routes, integration.urn, route);
  }
  const isUsed = (authorizer: Authorizer): boolean =>
    facts.routes.some(
      (route) =>
        route.api.urn === authorizer.api.urn &&
        route.authorizer !== undefined &&
        textKey(route.authorizer) === textKey(authorizer.id),
    );
  return [
    ...[...routes].map(([urn, invoking]): PlacedDurableProblem => {
      const label = labelOf(invoking[0]?.integration?.target);
      return { urn, problem: { code: "routes", label, routes: invoking } };
    }),
    ...facts.authorizers
      .filter((authorizer) => isUnqualified(authorizer.target) && isUsed(authorizer))
      .map(({ urn, label, target }): PlacedDurableProblem => {
        const problem = { code: "authorizer", label: labelOf(target), authorizer: label } as const;
        return { urn, problem };
      }),
  ];
}

function labelOf(target: FunctionTarget | undefined): string {
  return target?.function?.label ?? "";
}

/** Whether a durable function is certainly referred to without a version or an alias. */
function isUnqualified(target: FunctionTarget): boolean {
  const { function: fn, arn, qualifier, otherQualifiers, mayHaveQualifier, inferredFrom } = target;
  return (
    fn?.isDurable === true &&
    !(arn instanceof Unknown) &&
    qualifier === undefined &&
    otherQualifiers === undefined &&
    mayHaveQualifier === undefined &&
    inferredFrom === undefined
  );
}
