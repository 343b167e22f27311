import type { Deployment, RouteResource } from "../../stack";
import { groupBy } from "../../stack/pulumi/keys";
import type { Access } from "../decisions/access";

/** Methods and integrations of an API that none of its deployments certainly carries as they will be. */
export interface Undeployed {
  readonly deployment: Deployment;
  readonly resources: readonly RouteResource[];
  /** The deployment exists and is not made anew, so it has none of them, or as they were; else it may be made before them. */
  readonly isOld: boolean;
}

/**
 * A deployment is a copy of the API as it is when it is made, so what is made later is not served until the next one.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
 */
export function undeployedRoutes({ facts }: Access): readonly Undeployed[] {
  const byApi = new Map(
    groupBy(facts.routeResources, ({ api }) => api.urn).map((some) => [some[0].api.urn, some]),
  );
  return groupBy(facts.deployments, ({ api }) => api.urn).flatMap((deployments): readonly Undeployed[] => {
    const [first] = deployments;
    const fresh = deployments.filter((one) => !one.exists);
    if (fresh.some(({ mayWaitForMore }) => mayWaitForMore)) return [];
    const resources = (byApi.get(first.api.urn) ?? []).filter(
      ({ urn, exists, changes }) =>
        (!exists || changes.length > 0) && !fresh.some(({ after }) => after.has(urn)),
    );
    return resources.length === 0
      ? []
      : [{ deployment: fresh[0] ?? first, resources, isOld: fresh.length === 0 }];
  });
}
