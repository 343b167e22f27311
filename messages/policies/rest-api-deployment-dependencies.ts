import type { Undeployed } from "../../access";
import { deploymentFix } from "../fixes/deployments";
import { fixText } from "../fixes/fix";
import type { Language } from "../languages";
import { printable } from "../printable";
import { list, message, page } from "../text";

/** A deployment that may lack routes, or have outdated ones. */
export function describeUndeployed({ deployment, resources, isOld }: Undeployed, language: Language): string {
  const label = `${printable(deployment.label)} of API ${printable(deployment.api.name)}`;
  return message([
    isOld
      ? `${label} exists and is not replaced, so it ${outdated(resources)} (AWS's rule).`
      : `${label} may be created before ${labelsOf(resources)}: it does not depend on them (AWS's rule).`,
    // As reported: https://github.com/hashicorp/terraform-provider-aws/issues/7613 (403),
    // https://github.com/aws/aws-cdk/pull/8813 (the old integration), https://github.com/pulumi/pulumi-awsx/issues/667
    'Why: a deployment is a snapshot of the API at the time of its creation (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html). A request to a route that it does not contain gets 403 "Missing Authentication Token"; a changed route is served as before the change. A deployment that is created before all methods fails with "BadRequestException: The REST API doesn\'t contain any methods".',
    ...`Fix: ${fixText(deploymentFix(deployment, resources), language)}`.split("\n"),
    page("rest-api-deployment-dependencies"),
  ]);
}

function outdated(resources: Undeployed["resources"]): string {
  const added = resources.filter(({ changes }) => changes.length === 0);
  const changed = resources.filter(({ changes }) => changes.length > 0);
  return [
    ...(added.length === 0 ? [] : [`does not contain ${labelsOf(added)}`]),
    ...(changed.length === 0 ? [] : [`contains ${labelsOf(changed)} as before this update`]),
  ].join(" and ");
}

function labelsOf(resources: Undeployed["resources"]): string {
  return list(resources.map((resource) => printable(resource.label)).sort());
}
