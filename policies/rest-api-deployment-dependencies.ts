import { undeployedRoutes } from "../access";
import { describeUndeployed } from "../messages/policies/rest-api-deployment-dependencies";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata: Metadata = {
  name: "rest-api-deployment-dependencies",
  displayName: "REST deployments are created after their routes",
  description:
    "A REST deployment is a snapshot of the API; a method or integration that it does not depend on, or that is added or changed without a new deployment, may not be served.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "List all methods and integrations in dependsOn and triggers of the Deployment.",
};

export const restApiDeploymentDependencies: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(undeployedRoutes(stack.access()), (undeployed) => ({
      urn: undeployed.deployment.urn,
      message: describeUndeployed(undeployed, stack.languageOf(undeployed.deployment.urn)),
    })),
  }),
);
