import { serviceIntegrations } from "../access";
import { violation } from "../messages";
import { describeServiceIntegration } from "../messages/verdicts/service-integrations";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "service-integration-role",
  displayName: "Roles of integrations with other services may call them",
  description:
    "The credentials role of an integration with Step Functions, SQS, EventBridge, SNS, DynamoDB, Kinesis or S3 lacks the action that it calls, or does not trust API Gateway.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Allow the role the action on the resource, and allow apigateway.amazonaws.com to assume it.",
};

export const serviceIntegrationRole: StackPolicy = stackPolicy(
  metadata,
  { whenUnknown: true, subjects: ["api"] },
  [],
  (stack) => {
    const { refused, open } = serviceIntegrations(stack.access());
    return {
      findings: stack.findings(refused, (found) => ({
        urn: found.principal.urn,
        message: violation(
          [describeServiceIntegration(found)],
          metadata.name,
          stack.languageOf(found.principal.urn),
        ),
      })),
      open: open.filter(({ principal }) => stack.exemption(principal.urn) === undefined),
    };
  },
);
