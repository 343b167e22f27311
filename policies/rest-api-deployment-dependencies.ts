import { type Undeployed, undeployedRoutes } from "../access";
import { deploymentFix, fixText, type Language, list, message, page } from "../messages";
import { printable } from "../messages/printable";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "rest-api-deployment-dependencies",
  displayName: "REST deployments are made after the routes they carry",
  description:
    "A REST deployment is a copy of the API when it is made; a method or integration that it does not wait for, or that is added without a new deployment, may not be served.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps: "Give the Deployment dependsOn and triggers with all methods and integrations.",
};

export const restApiDeploymentDependencies: StackPolicy = stackPolicy(
  metadata,
  { subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(undeployedRoutes(stack.access()), (found) => ({
      urn: found.deployment.urn,
      message: messageOf(found, stack.languageOf(found.deployment.urn)),
    })),
  }),
);

function messageOf({ deployment, resources, isOld }: Undeployed, language: Language): string {
  const label = printable(deployment.label);
  const missing = list(resources.map((resource) => printable(resource.label)).sort());
  return message([
    isOld
      ? `${label} of API ${printable(deployment.api.name)} exists and is not replaced, so it does not carry ${missing} (AWS's rule).`
      : `${label} of API ${printable(deployment.api.name)} may be made before ${missing}: it does not depend on them (AWS's rule).`,
    'Why: a deployment is a copy of the API as it is when it is made (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html). A route that it does not have is answered with 403 "Missing Authentication Token", and one that changed as it was before. Where it is made before every method, it fails with "BadRequestException: The REST API doesn\'t contain any methods".',
    ...`Fix: ${fixText(deploymentFix(deployment, resources), language)}`.split("\n"),
    page(metadata.name),
  ]);
}
