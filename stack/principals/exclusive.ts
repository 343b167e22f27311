import { type NotInEffect, type Source, Unknown, type UnknownSubject } from "../../iam";
import type { PrincipalSource } from "../facts";
import { labelOf, type Planned, read } from "../pulumi/properties";
import { plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import type { Kind } from "../pulumi/resource-types";
import type { PolicyKind } from "../unknowns";

/**
 * Resources that own all policies of one type of a principal
 * (https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicyattachmentsexclusive/,
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepoliciesexclusive/ and their twins for users and
 * groups), or all attachments of one policy
 * (https://www.pulumi.com/registry/packages/aws/api-docs/iam/policyattachment/). They remove all policies that they do
 * not list:
 *
 * - A principal with such an owner keeps no policies from outside the stack.
 * - A policy of the stack that is not in the list is removed when the owner is applied after it, and stays when the
 *   owner is applied before it, until the stack is refreshed: it may or may not be in effect.
 *
 * A role's own `managedPolicyArns` and `inlinePolicies` are exclusive, too, when the program sets them. But a stack
 * policy sees outputs, in which the provider lists the policies at the time of the last refresh, whether the program
 * sets them or not: see {@link withListed}.
 */

/** The policies that one resource adds to a principal, or a reason why they are not all known. */
export interface Grant {
  readonly of: PolicyKind;
  /** Names, ARNs and URNs, any of which identifies the policy among its type; empty when it cannot be determined. */
  readonly keys: readonly string[];
  readonly by: Planned;
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly UnknownSubject[];
  /** The principal's own list of it may be the result of a refresh; see {@link isOfState}. */
  readonly ofState?: boolean | undefined;
}

/** Lists all policies of one type of a principal, excluding others. */
export interface Owner {
  readonly of: Grant["of"];
  readonly by: Planned;
  readonly keys: ReadonlySet<string>;
  /** The whole list is known. */
  readonly whole: boolean;
}

/** The property in which an owner lists policies. */
interface OwnerList {
  readonly of: Grant["of"];
  readonly property: string;
  /** The resources that it may depend on. */
  readonly kinds: readonly Kind[];
  /** The identity of a policy in a value. */
  keyOf?(value: string): string;
}

/**
 * Reads the list of an owner: values where the plan shows them, else the resources of the given types that the list
 * depends on.
 */
export function ownerOf(
  resources: ResourceIndex,
  by: Planned,
  { of, property, kinds, keyOf = (value) => value }: OwnerList,
): Owner {
  const value = read(by, property);
  const values = Array.isArray(value) ? value : [value];
  const hidden = values.some((value) => value instanceof Unknown);
  const from = hidden
    ? plannedDependencies(resources, by, property).filter(({ kind }) => kinds.includes(kind))
    : [];
  const shown = values.filter((value): value is string => typeof value === "string").map(keyOf);
  return {
    of,
    by,
    keys: new Set([...shown, ...from.map(({ urn }) => urn)]),
    whole: !hidden || from.length > 0,
  };
}

/** Why a principal may have policies, listed by the owner, whose documents no grant provides. */
export function missingFrom(
  { of, by, keys, whole }: Owner,
  grants: readonly Grant[],
): readonly UnknownSubject[] {
  // An owner of attachments also makes the attachments that it lists.
  if (of === "managed") return [];
  if (!whole) return [{ code: "policy-list", kind: of, by: labelOf(by) }];
  const brought = new Set(grants.flatMap((grant) => (grant.of === of ? grant.keys : [])));
  const missing = [...keys].some((key) => !brought.has(key));
  return missing ? [{ code: "listed-policies", kind: of, by: labelOf(by) }] : [];
}

/** The grants, marked as uncertain where an owner does not certainly list them. */
export function withOwners(
  grants: readonly Grant[],
  owners: readonly Owner[],
  ownerName: string,
): readonly Grant[] {
  return grants.map((grant) => {
    const against = owners.find(
      (owner) => owner.of === grant.of && !grant.keys.some((key) => owner.keys.has(key)),
    );
    return against === undefined ? grant : notListed(grant, against.by, ownerName);
  });
}

/** The grants, marked as uncertain where a PolicyAttachment of the same policy does not name the principal. */
export function withAttachments(
  grants: readonly Grant[],
  attachmentsOf: ReadonlyMap<string, readonly Planned[]>,
  ownerName: string,
): readonly Grant[] {
  const naming = new Set(grants.map(({ by }) => by));
  return grants.map((grant) => {
    if (grant.of !== "managed") return grant;
    const all = grant.keys.flatMap((key) => attachmentsOf.get(key) ?? []);
    const against = all.find((by) => !naming.has(by));
    return against === undefined ? grant : notListed(grant, against, ownerName);
  });
}

/**
 * A principal's own lists, together with the policies that other resources of the stack give it. Where a refresh has
 * filled a list, these resources decide on their own entries; any other entry may come from outside the stack and stay,
 * or from a resource that this update deletes.
 */
export function withListed(
  listed: readonly Grant[],
  given: readonly Grant[],
  ownerName: string,
): readonly Grant[] {
  const owned = {
    inline: new Set<string>(),
    managed: new Set<string>(),
  } satisfies Record<Grant["of"], Set<string>>;
  for (const { of, keys } of given) for (const key of keys) owned[of].add(key);
  const remaining = listed.flatMap((grant): readonly Grant[] => {
    const { of, keys, ofState } = grant;
    if (ofState === false) return [grant];
    if (keys.some((key) => owned[of].has(key))) return [];
    // Without the inputs: a program that gives policies of a type by other resources does not list them as well.
    return [(ofState ?? owned[of].size > 0) ? ofOldState(grant, ownerName) : grant];
  });
  return [...remaining, ...given];
}

function ofOldState(grant: Grant, ownerName: string): Grant {
  const by = labelOf(grant.by);
  return mayNotApply(grant, ({ label }) => ({
    subject: { code: "policy-of-old-state", holder: ownerName, policy: label, by },
    resolution: { code: "set-in-program", holder: ownerName },
  }));
}

function notListed(grant: Grant, by: Planned, ownerName: string): Grant {
  return mayNotApply(grant, ({ label }) => ({
    subject: { code: "policy-not-listed", holder: ownerName, policy: label, by: labelOf(by) },
    resolution: { code: "add-to-list", by: labelOf(by) },
  }));
}

function mayNotApply(grant: Grant, why: (source: Source) => NotInEffect): Grant {
  return { ...grant, sources: grant.sources.map((source) => ({ ...source, mayNotApply: why(source) })) };
}
