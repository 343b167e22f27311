import { partitionOfRegion } from "../../aws";
import { type Text, text } from "../../iam";
import { plannedOf, type ReadableResource } from "./properties";
import { credentialsKey, regionOf } from "./provider";
import type { ResourceIndex } from "./resource-index";

/** The location of a resource. Each part is known, or a hole that all resources in the same location share. */
export interface Scope {
  readonly partition: Text;
  readonly region: Text;
  readonly account: Text;
  /** The account is not shown: it is the only account literal of the program, which may be that of another one. */
  readonly isAccountAssumed?: true;
}

/** The location of a resource, as far as the plan shows it or (under `infer`) it can be assumed. */
export function scopeOf(resources: ResourceIndex, resource: ReadableResource): Scope {
  const sameScopeAs = resource.resource.fromAccountData?.sameScopeAs;
  const planned = (sameScopeAs === undefined ? undefined : plannedOf(sameScopeAs)) ?? resource;
  const credentials = credentialsKey(planned.resource);
  const provider = planned.resource.provider?.urn ?? "";
  const region = regionOf(planned) ?? resources.regions.get(provider);
  const account = resources.accounts.get(credentials);
  return {
    ...(account === undefined && resources.whenUnknown === "infer"
      ? { isAccountAssumed: true as const }
      : {}),
    partition: text(
      region !== undefined
        ? partitionOfRegion(region)
        : resources.locationPart("partition", credentials, "word"),
    ),
    region: text(region ?? resources.locationPart("region", provider, "word")),
    account: text(account ?? resources.locationPart("account", credentials, "digits")),
  };
}
