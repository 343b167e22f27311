import { serviceIntegrations } from "../access";
import { violation } from "../messages";
import { describeServiceIntegration } from "../messages/verdicts/service-integrations";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata = {
  name: "service-integration-role",
  displayName: "Credentials roles can call the services of their integrations",
  description:
    "The credentials role of an integration with Step Functions, SQS, EventBridge, SNS, DynamoDB, Kinesis or S3 is not allowed to perform the integration's action, or does not trust API Gateway.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Allow the action on the resource in a policy of the role, and allow apigateway.amazonaws.com to assume the role.",
} satisfies Metadata;

export const serviceIntegrationRole: StackPolicy = stackPolicy(
  metadata,
  { whenUnknown: true, subjects: ["api"] },
  [],
  (stack) => {
    const { refused, unproven } = serviceIntegrations(stack.access());
    return {
      findings: stack.findings(refused, (refusedIntegration) => ({
        urn: refusedIntegration.principal.urn,
        message: violation(
          [describeServiceIntegration(refusedIntegration)],
          metadata,
          stack.languageOf(refusedIntegration.principal.urn),
        ),
      })),
      unprovenIntegrations: unproven.filter(({ principal }) => stack.exemption(principal.urn) === undefined),
    };
  },
);
