import type { Planned } from "../../stack";
import type { AccountIndex } from "./account-index";

/** What of a resource AWS may have otherwise. */
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

/** `added`: AWS has it, and the stack says that there is none. `replaced`: AWS has another one of the same name. */
export type DriftCode = "missing" | "differs" | "added" | "replaced";

/** Where AWS has something else than the stack. */
export interface Drift {
  /** URN of the resource of the stack. */
  readonly urn: string;
  readonly code: DriftCode;
  readonly part: DriftPart;
  /** The role, user, group, function or API that the part belongs to; of a managed policy, itself. */
  readonly holder: string;
  /** What the part is called. */
  readonly name: string;
  /** The day of the data. */
  readonly asOf: string;
}

/** What a reader found: `of` is the part of account data that says so. */
export type Found = Pick<Drift, "code" | "part" | "holder" | "name"> & { readonly of: string };

/** A resource that exists, and what account data have. */
export interface Subject {
  readonly planned: Planned;
  /** Its id in the cloud. */
  readonly id: string | undefined;
  readonly account: AccountIndex;
  /** The accounts and regions that resources of the same provider are in. */
  readonly place: ProviderPlace;
}

export interface ProviderPlace {
  readonly accounts: ReadonlySet<string>;
  readonly regions: ReadonlySet<string>;
}

export type Reader = (subject: Subject) => readonly Found[];

export const NOTHING: readonly Found[] = [];
