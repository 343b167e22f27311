import type { Deployment, RouteResource } from "../../stack";
import { groupBy } from "../../stack/pulumi/keys";
import type { Access } from "../decisions/access";

/** Methods and integrations of an API that none of its deployments certainly contains in their planned form. */
export interface Undeployed {
  readonly deployment: Deployment;
  readonly resources: readonly RouteResource[];
  /**
   * The deployment exists and is not replaced, so it contains none of them, or earlier versions; otherwise it may be
   * created before them.
   */
  readonly isOld: boolean;
}

/**
 * A deployment is a snapshot of the API, so a later change is not served until the next deployment.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 */
export function undeployedRoutes({ facts }: Access): readonly Undeployed[] {
  const byApi = new Map(
    groupBy(facts.routeResources, ({ api }) => api.urn).map((group) => [group[0].api.urn, group]),
  );
  return groupBy(facts.deployments, ({ api }) => api.urn).flatMap((deployments): readonly Undeployed[] => {
    const [first] = deployments;
    const newDeployments = deployments.filter((deployment) => !deployment.exists);
    if (newDeployments.some(({ mayHaveMoreDependencies }) => mayHaveMoreDependencies)) return [];
    const resources = (byApi.get(first.api.urn) ?? []).filter(
      ({ urn, exists, changes }) =>
        (!exists || changes.length > 0) && !newDeployments.some(({ dependsOn }) => dependsOn.has(urn)),
    );
    return resources.length === 0
      ? []
      : [{ deployment: newDeployments[0] ?? first, resources, isOld: newDeployments.length === 0 }];
  });
}
