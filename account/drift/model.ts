import type { ReadableResource } from "../../stack";
import type { AccountIndex } from "./account-index";

/** The part of a resource that may differ in AWS. */
export type DriftPart =
  | "principal"
  | "inline-policy"
  | "attachment"
  | "membership"
  | "boundary"
  | "trust-policy"
  | "managed-policy"
  | "statement"
  | "function-policy"
  | "url"
  | "api-policy"
  | "method"
  | "integration"
  | "route"
  | "authorizer";

/** `added`: only AWS has it. `replaced`: AWS has another one with the same name. */
export type DriftCode = "missing" | "differs" | "added" | "replaced";

/** A difference between AWS and the stack. */
export interface Drift {
  /** URN of the resource of the stack. */
  readonly urn: string;
  readonly code: DriftCode;
  readonly part: DriftPart;
  /** The role, user, group, function or API that has the part; for a managed policy, the policy itself. */
  readonly holder: string;
  /** The name of the part. */
  readonly name: string;
  /** The date of the data. */
  readonly asOf: string;
}

/** A difference, and the part of the account data that shows it. */
export type FoundDrift = Pick<Drift, "code" | "part" | "holder" | "name"> & { readonly evidenceUrn: string };

/** A deployed resource and the account data to compare it with. */
export interface DriftSubject {
  readonly planned: ReadableResource;
  /** Its id in the cloud. */
  readonly id: string | undefined;
  readonly account: AccountIndex;
  /** The accounts and regions of resources of the same provider. */
  readonly place: ProviderPlace;
}

/**
 * The accounts (twelve digits) and regions in which a provider creates resources, as far as ARNs in the state show.
 */
export interface ProviderPlace {
  readonly accounts: ReadonlySet<string>;
  readonly regions: ReadonlySet<string>;
}

/**
 * Compares a deployed resource with the account data. It returns no difference where the data does not contain the
 * resource's part.
 */
export type Reader = (subject: DriftSubject) => readonly FoundDrift[];

export const NOTHING: readonly FoundDrift[] = [];
