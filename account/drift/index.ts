import { plannedOf, type ResourceKind, readString, type SeenResource } from "../../stack";
import type { AccountData } from "../data";
import { AccountIndex } from "./account-index";
import { API_READERS } from "./apis";
import { FUNCTION_READERS } from "./functions";
import type { Drift, ProviderPlace, Reader } from "./model";
import { PRINCIPAL_READERS } from "./principals";

export type { Drift } from "./model";

/** A deployed resource, from the state. */
export interface Existing extends Pick<SeenResource, "urn" | "type" | "name" | "props" | "inputs"> {
  /** Its id in the cloud. */
  readonly id?: string;
  /** The URN of its provider. */
  readonly providerUrn?: string;
  /** When the engine last changed it (ISO 8601). */
  readonly modified?: string;
}

const READERS: Readonly<Partial<Record<ResourceKind, Reader>>> = {
  ...PRINCIPAL_READERS,
  ...FUNCTION_READERS,
  ...API_READERS,
};

/**
 * Deployed resources that no longer exist in AWS, or differ there. Resources that only AWS has may belong to another
 * stack. Resources that are not in the data, or that changed after it was written, are not reported.
 */
export function driftOf(data: AccountData, existing: readonly Existing[]): readonly Drift[] {
  if (data.resources.length === 0) return [];
  const account = new AccountIndex(data);
  const places = placesOf(existing);
  return existing.flatMap((resource): readonly Drift[] => {
    const planned = plannedOf(resource);
    const reader = planned === undefined ? undefined : READERS[planned.kind];
    if (planned === undefined || reader === undefined) return [];
    const place = places(resource.providerUrn);
    return reader({ planned, id: resource.id, account, place })
      .filter(({ evidenceUrn }) => !isOlder(data.written.get(evidenceUrn), resource.modified))
      .map(({ evidenceUrn, ...drift }) => ({
        ...drift,
        urn: resource.urn,
        asOf: data.asOf.get(evidenceUrn) ?? "",
      }));
  });
}

/** Whether data is older than the last change of a resource. */
function isOlder(written: string | undefined, modified: string | undefined): boolean {
  return written !== undefined && modified !== undefined && Date.parse(written) < Date.parse(modified);
}

/** The accounts and regions of the resources of each provider, from their ARNs. */
function placesOf(existing: readonly Existing[]): (provider: string | undefined) => ProviderPlace {
  const placesByProvider = new Map<
    string,
    { readonly accounts: Set<string>; readonly regions: Set<string> }
  >();
  const placeOf = (provider: string | undefined) => {
    const place = placesByProvider.get(provider ?? "") ?? {
      accounts: new Set<string>(),
      regions: new Set<string>(),
    };
    placesByProvider.set(provider ?? "", place);
    return place;
  };
  for (const resource of existing) {
    const planned = plannedOf(resource);
    if (planned === undefined) continue;
    const { providerUrn } = resource;
    for (const property of ["arn", "executionArn", "functionArn"]) {
      const arn = readString(planned, property);
      const [, , service, region, account] = (typeof arn === "string" ? arn : "").split(":");
      if (account === undefined || !/^\d{12}$/.test(account)) continue;
      placeOf(providerUrn).accounts.add(account);
      if (region && service === "lambda") placeOf(providerUrn).regions.add(region);
    }
  }
  return placeOf;
}
