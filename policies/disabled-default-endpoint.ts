import { unreachableEndpoints } from "../access";
import { violation } from "../messages";
import { describeDisabledEndpoint } from "../messages/verdicts/default-endpoints";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata = {
  name: "disabled-default-endpoint",
  displayName: "APIs without a default endpoint have a custom domain",
  description:
    "The default endpoint of an API is disabled, and no custom domain of the stack maps to the API, or a resource of the stack calls the default endpoint.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Map a custom domain to the API and call the API at that domain, or remove disableExecuteApiEndpoint from the API.",
} satisfies Metadata;

export const disabledDefaultEndpoint: StackPolicy = stackPolicy(
  metadata,
  { whenUnknown: true, subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(unreachableEndpoints(stack.access()), (endpoint) => ({
      urn: endpoint.urn,
      message: violation([describeDisabledEndpoint(endpoint)], metadata, stack.languageOf(endpoint.urn)),
    })),
  }),
);
