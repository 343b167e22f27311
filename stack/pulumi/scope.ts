import { partitionOfRegion } from "../../aws";
import { type Text, text } from "../../iam";
import { type Planned, plannedOf } from "./properties";
import { credentialsKey, regionOf } from "./provider";
import type { ResourceIndex } from "./resource-index";

/** The location of a resource. Each part is known, or a hole that all resources in the same location share. */
export interface Scope {
  readonly partition: Text;
  readonly region: Text;
  readonly account: Text;
  /** The account is not shown: it is the only account literal of the program, which may be that of another one. */
  readonly accountAssumed?: true;
}

/** The location of a resource, as far as the plan shows it or (under `infer`) it can be assumed. */
export function scopeOf(resources: ResourceIndex, resource: Planned): Scope {
  const near = resource.resource.outside?.near;
  const planned = (near === undefined ? undefined : plannedOf(near)) ?? resource;
  const credentials = credentialsKey(planned.resource);
  const provider = planned.resource.provider?.urn ?? "";
  const region = regionOf(planned) ?? resources.regions.get(provider);
  const account = resources.accounts.get(credentials);
  return {
    ...(account === undefined && resources.whenUnknown === "infer" ? { accountAssumed: true as const } : {}),
    partition: text(
      region !== undefined ? partitionOfRegion(region) : resources.place("partition", credentials, "word"),
    ),
    region: text(region ?? resources.place("region", provider, "word")),
    account: text(account ?? resources.place("account", credentials, "digits")),
  };
}
