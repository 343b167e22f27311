import type { Origin, UnknownReason } from "../iam";
import type { Route } from "../stack";
import type { Grantee, TargetName } from "./unknowns";

export type Outcome = "allowed" | "denied" | "unproven";

/**
 * Which verdicts are made: `all`, or those that findings report. Of the many pairs of a caller and a function those that
 * are allowed are then left out, or are one.
 */
export type Wanted = "all" | "reported";

/** A fact that is not evidence of a document. */
export type Note =
  /** A resource makes the call with the credentials of the principal. */
  | { readonly code: "call"; readonly call: string; readonly principal: string }
  /** An identity pool gives the role to identities that have logged in, or have not. */
  | {
      readonly code: "pool-role";
      readonly attachment: string;
      readonly pool?: string;
      readonly authenticated: boolean;
    }
  /** A permission is on another function, version or alias. */
  | { readonly code: "permission"; readonly permission: string; readonly target: TargetName };

/** A stage on which a route fails, and the verbs where some others work. */
export interface FailingStage {
  readonly stage: string;
  readonly verbs?: readonly string[];
}

/** What a role is used by, and the service principal that assumes it for that. */
export interface RoleUser {
  readonly label: string;
  readonly service: string;
  /** The subject of a web identity, where it assumes the role with one. */
  readonly subject?: string;
}

/** Whom a policy or permission names, and the policy or permission. */
export type NamedGrantee = Grantee & { readonly by: string };

/** What the verdicts of all gates have. */
export interface Answer {
  readonly outcome: Outcome;
  /** URN of the resource that the answer is about. */
  readonly urn: string;
  readonly routes: readonly Route[];
  /** The actions in question. */
  readonly actions: readonly string[];
  /** Set when the answer was concluded from what unknown values depend on. */
  readonly inferredFrom: readonly Origin[];
  readonly unknowns: readonly UnknownReason[];
  readonly notes: readonly Note[];
}

type Defaulted = "actions" | "inferredFrom" | "unknowns" | "notes";

/** What the maker of a gate's verdicts is given: the rest is the gate's, or nothing. */
export type Given<V extends Answer> = V extends Answer
  ? Omit<V, "gate" | Defaulted> & Partial<Pick<V, Defaulted>>
  : never;

const NONE: readonly never[] = [];

/** Neither inferred nor open, and without a note: shared by the verdicts of which there are many. */
export const PLAIN = { inferredFrom: NONE, unknowns: NONE, notes: NONE } as const;

/** The same for all of the many pairs of a URL and a principal. */
export const NO_ROUTES: readonly Route[] = NONE;

/** By the list that it was made of, and by itself. */
const unionsOfOne = new WeakMap<readonly Origin[], readonly Origin[]>();

/** Unions without repetition, in order. */
export function originsTogether(...lists: readonly (readonly Origin[] | undefined)[]): readonly Origin[] {
  let only: readonly Origin[] | undefined;
  for (const list of lists) {
    if (list === undefined || list.length === 0 || list === only) continue;
    if (only !== undefined) return union(lists);
    only = list;
  }
  // The usual case, and it is asked for each caller and function: nothing was inferred.
  if (only === undefined) return NONE;
  // A caller of many functions is asked for the origins of one document again and again.
  const found = unionsOfOne.get(only);
  if (found !== undefined) return found;
  const made = union([only]);
  unionsOfOne.set(only, made);
  unionsOfOne.set(made, made);
  return made;
}

function union(lists: readonly (readonly Origin[] | undefined)[]): readonly Origin[] {
  const byKey = new Map<string, Origin>();
  for (const list of lists) for (const origin of list ?? []) byKey.set(origin.key, origin);
  return [...byKey.values()].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
}
