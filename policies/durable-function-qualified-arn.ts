import { Unknown } from "../iam";
import { message, page, showRoutes } from "../messages";
import { printable } from "../messages/printable";
import type { Authorizer, FunctionTarget, Route, StackFacts } from "../stack";
import { key } from "../stack/pulumi/keys";
import { type Finding, type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "durable-function-qualified-arn",
  displayName: "Durable functions are invoked by a qualified ARN",
  description:
    "A route or authorizer invokes a durable function by its unqualified ARN; a durable function is invoked by a version or an alias.",
  enforcementLevel: "mandatory",
  severity: "high",
  rule: "aws",
  remediationSteps: "Point the integration at an alias or a published version, and its permission too.",
};

export const durableFunctionQualifiedArn: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["api"] },
  [],
  (stack) => ({
    findings: durableFindings(stack.access().facts),
  }),
);

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html#durable-invoking-qualified-arns */
function durableFindings(facts: StackFacts): readonly Finding[] {
  const routes = new Map<string, Route[]>();
  for (const route of facts.routes) {
    const { integration } = route;
    if (integration === undefined || integration.mayBeOther || !isUnqualified(integration.target)) continue;
    routes.set(integration.urn, [...(routes.get(integration.urn) ?? []), route]);
  }
  const used = (authorizer: Authorizer): boolean =>
    facts.routes.some(
      (route) =>
        route.api.urn === authorizer.api.urn &&
        route.authorizer !== undefined &&
        key(route.authorizer) === key(authorizer.id),
    );
  return [
    ...[...routes].map(([urn, some]) => ({
      urn,
      message: said(`${showRoutes(some)} invokes`, some[0]?.integration?.target),
    })),
    ...facts.authorizers
      .filter((authorizer) => isUnqualified(authorizer.target) && used(authorizer))
      .map(({ urn, label, target }) => ({ urn, message: said(`${printable(label)} invokes`, target) })),
  ];
}

/** Whether a durable function is certainly named without a version or an alias. */
function isUnqualified(target: FunctionTarget): boolean {
  const { function: fn, arn, qualifier, otherQualifiers, mayBeQualified, inferredFrom } = target;
  return (
    fn?.durable === true &&
    !(arn instanceof Unknown) &&
    qualifier === undefined &&
    otherQualifiers === undefined &&
    mayBeQualified === undefined &&
    inferredFrom === undefined
  );
}

/** As reported: https://github.com/serverless/serverless/pull/13589 */
function said(who: string, target: FunctionTarget | undefined): string {
  return message([
    `${who} durable function ${printable(target?.function?.label ?? "")} by its unqualified ARN, and Lambda refuses that.`,
    'Why: AWS\'s own rule (https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html). Lambda answers "InvalidParameterValueException: You cannot invoke a durable function using an unqualified ARN.", and callers get 500.',
    "Fix: use the invokeArn of an alias (or fn.qualifiedInvokeArn with publish: true), and name the same qualifier in the function's permission",
    page(metadata.name),
  ]);
}
