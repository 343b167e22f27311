import type { Api, Deployment, RouteResource } from "../facts";
import { exists, labelOf, type Planned, type SeenResource } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";

type PartOf = (planned: Planned) => ApiPart | undefined;

/** What a deployment takes a copy of: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html */
export function readRouteResources(reading: ResourceIndex, partOf: PartOf): readonly RouteResource[] {
  return [...reading.of("RestMethod"), ...reading.of("RestIntegration")].flatMap((planned) =>
    ofApi(planned, partOf).map((api) => ({ ...named(planned), api, exists: exists(planned) })),
  );
}

/** The deployments of a stack, with what is surely made before each of them. */
export function readDeployments(reading: ResourceIndex, partOf: PartOf): readonly Deployment[] {
  const all = reading.of("RestDeployment");
  if (all.length === 0) return [];
  const holders = holdersOf([...reading.of("RestMethod"), ...reading.of("RestIntegration")]);
  return all.flatMap((planned) =>
    ofApi(planned, partOf).map((api) => ({
      ...named(planned),
      api,
      exists: exists(planned),
      ...madeBefore(reading, planned.resource, holders),
    })),
  );
}

function named({ urn, ...planned }: Planned): { readonly urn: string; readonly label: string } {
  return { urn, label: labelOf(planned) };
}

function ofApi(planned: Planned, partOf: PartOf): readonly Api[] {
  const api = partOf(planned)?.api;
  return api === undefined || api.external ? [] : [api];
}

/** By the URN of a component: the resources inside it, however deep. */
function holdersOf(resources: readonly Planned[]): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>();
  for (const { urn, resource } of resources) {
    const seen = new Set<string>();
    for (let at = resource.parent; at !== undefined && !seen.has(at.urn); at = at.parent) {
      seen.add(at.urn);
      holders.set(at.urn, [...(holders.get(at.urn) ?? []), urn]);
    }
  }
  return holders;
}

/**
 * The resources that another one waits for, and whether more may be among them: what a resource waits for that is not
 * read here is not shown.
 */
function madeBefore(
  reading: ResourceIndex,
  resource: SeenResource,
  holders: ReadonlyMap<string, readonly string[]>,
): Pick<Deployment, "after" | "mayWaitForMore"> {
  const after = new Set<string>();
  const waiting: SeenResource[] = [resource];
  let mayWaitForMore = false;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const next of [...(at.dependencies ?? []), ...Object.values(at.propertyDependencies ?? {}).flat()]) {
      if (after.has(next.urn)) continue;
      after.add(next.urn);
      const inside = holders.get(next.urn);
      for (const urn of inside ?? []) after.add(urn);
      const planned = reading.byUrn(next.urn);
      if (planned !== undefined) waiting.push(planned.resource);
      else if (inside === undefined) mayWaitForMore = true;
    }
  return { after, mayWaitForMore };
}
