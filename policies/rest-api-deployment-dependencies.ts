import { type Undeployed, undeployedRoutes } from "../access";
import { deploymentFix, fixText, type Language, list, message, page } from "../messages";
import { printable } from "../messages/printable";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "rest-api-deployment-dependencies",
  displayName: "REST deployments are made after the routes they carry",
  description:
    "A REST deployment is a copy of the API when it is made; a method or integration that it does not wait for, or that is added or changed without a new deployment, may not be served.",
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
  const listed = (some: typeof resources): string => list(some.map((one) => printable(one.label)).sort());
  const added = resources.filter(({ changes }) => changes.length === 0);
  const changed = resources.filter(({ changes }) => changes.length > 0);
  const kept = [
    ...(added.length === 0 ? [] : [`does not carry ${listed(added)}`]),
    ...(changed.length === 0 ? [] : [`keeps ${listed(changed)} as before this update`]),
  ].join(" and ");
  return message([
    isOld
      ? `${label} of API ${printable(deployment.api.name)} exists and is not replaced, so it ${kept} (AWS's rule).`
      : `${label} of API ${printable(deployment.api.name)} may be made before ${listed(resources)}: it does not depend on them (AWS's rule).`,
    // As reported: https://github.com/hashicorp/terraform-provider-aws/issues/7613 (403),
    // https://github.com/aws/aws-cdk/pull/8813 (the old integration), https://github.com/pulumi/pulumi-awsx/issues/667
    'Why: a deployment is a copy of the API as it is when it is made (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html). A route that it does not have is answered with 403 "Missing Authentication Token", and one that changed as it was before. Where it is made before every method, it fails with "BadRequestException: The REST API doesn\'t contain any methods".',
    ...`Fix: ${fixText(deploymentFix(deployment, resources), language)}`.split("\n"),
    page(metadata.name),
  ]);
}
