import type { Origin, UnknownReason } from "../iam";
import type { Route } from "../stack";
import { compareText } from "../stack/pulumi/keys";
import type { Grantee, TargetName } from "./unknowns";

/** The outcome of a gate: AWS certainly allows the request, certainly denies it, or unknown values decide. */
export type Outcome = "allowed" | "denied" | "unproven";

/**
 * Which verdicts are created: `all`, or those that findings report. In the second case, allowed pairs of a caller and a
 * function are omitted or combined.
 */
export type Wanted = "all" | "reported";

/** A fact that is not evidence from a document. */
export type Note =
  /** A resource makes the call with the credentials of the principal. */
  | { readonly code: "call"; readonly call: string; readonly principal: string }
  /** An identity pool assigns the role to authenticated, or to unauthenticated, identities. */
  | {
      readonly code: "pool-role";
      readonly attachment: string;
      readonly pool?: string;
      readonly authenticated: boolean;
    }
  /** A permission is on another function, version or alias. */
  | { readonly code: "permission"; readonly permission: string; readonly target: TargetName };

/** A stage on which a route fails, with the methods that fail where others work. */
export interface FailingStage {
  readonly stage: string;
  readonly verbs?: readonly string[];
}

/** The resource that uses a role, and the service principal that assumes the role for it. */
export interface RoleUser {
  readonly label: string;
  readonly service: string;
  /** The subject of a web identity, where it assumes the role with one. */
  readonly subject?: string;
}

/** A principal in a policy or permission, and the policy or permission. */
export type NamedGrantee = Grantee & { readonly grantedBy: string };

/** The fields of the verdicts of every gate. */
export interface Answer {
  readonly outcome: Outcome;
  /** URN of the resource that the answer is about. */
  readonly urn: string;
  readonly routes: readonly Route[];
  /** The actions that the answer is about. */
  readonly actions: readonly string[];
  /** Set when the answer was inferred from the dependencies of unknown values. */
  readonly inferredFrom: readonly Origin[];
  readonly unknowns: readonly UnknownReason[];
  readonly notes: readonly Note[];
}

type Defaulted = "actions" | "inferredFrom" | "unknowns" | "notes";

/** The input for the fields that all verdicts have; the other fields are specific to a gate. */
export type VerdictFields<V extends Answer> = V extends Answer
  ? Omit<V, "gate" | Defaulted> & Partial<Pick<V, Defaulted>>
  : never;

const NONE: readonly never[] = [];

/** Neither inferred nor unknown, and without a note: shared by many verdicts. */
export const NO_UNKNOWNS = { inferredFrom: NONE, unknowns: NONE, notes: NONE } as const;

/** Shared by the many pairs of a URL and a principal. */
export const NO_ROUTES: readonly Route[] = NONE;

/** The unions of single lists, by the list and by the union itself. */
const unionsOfOne = new WeakMap<readonly Origin[], readonly Origin[]>();

/** Unions without duplicates, in order. */
export function originsTogether(...lists: readonly (readonly Origin[] | undefined)[]): readonly Origin[] {
  let only: readonly Origin[] | undefined;
  for (const list of lists) {
    if (list === undefined || list.length === 0 || list === only) continue;
    if (only !== undefined) return union(lists);
    only = list;
  }
  // The usual case, evaluated for each caller and function: nothing was inferred.
  if (only === undefined) return NONE;
  // The dependencies of a document are requested for each of the caller's functions.
  const knownUnion = unionsOfOne.get(only);
  if (knownUnion !== undefined) return knownUnion;
  const newUnion = union([only]);
  unionsOfOne.set(only, newUnion);
  unionsOfOne.set(newUnion, newUnion);
  return newUnion;
}

function union(lists: readonly (readonly Origin[] | undefined)[]): readonly Origin[] {
  const byKey = new Map<string, Origin>();
  for (const list of lists) for (const origin of list ?? []) byKey.set(origin.key, origin);
  return [...byKey.values()].sort((a, b) => compareText(a.label, b.label));
}
