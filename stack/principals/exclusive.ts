import { type NotInEffect, type PolicySource, Unknown, type UnknownSubject } from "../../iam";
import type { PrincipalSource } from "../facts";
import { labelOf, type ReadableResource, read } from "../pulumi/properties";
import { plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import type { ResourceKind } from "../pulumi/resource-types";
import type { PolicyKind } from "../unknowns";

/**
 * Resources that own all policies of one type of a principal
 * (https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicyattachmentsexclusive/,
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepoliciesexclusive/ and the equivalents for users and
 * groups), or all attachments of one policy
 * (https://www.pulumi.com/registry/packages/aws/api-docs/iam/policyattachment/). They remove all policies that they do
 * not list:
 *
 * - A principal with such an owner keeps no policies from outside the stack.
 * - A policy of the stack that is not in the list is removed when the owner is applied after it, and remains when the
 *   owner is applied before it, until the stack is refreshed: it may or may not be in effect.
 *
 * A role's own `managedPolicyArns` and `inlinePolicies` are exclusive, too, when the program sets them. But a stack
 * policy sees outputs, in which the provider lists the policies at the time of the last refresh, whether the program
 * sets them or not: see {@link mergeListedGrants}.
 */

/** The policies that one resource adds to a principal, or a reason why they are not all known. */
export interface Grant {
  readonly kind: PolicyKind;
  /**
   * Names, ARNs and URNs that each identify the policy among its type; empty when it cannot be determined.
   */
  readonly keys: readonly string[];
  readonly resource: ReadableResource;
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly UnknownSubject[];
  /** The principal's own list of it may be the result of a refresh; see `isFromState` in `stack/pulumi/properties.ts`. */
  readonly isFromState?: boolean | undefined;
}

/** Lists all policies of one type of a principal, excluding others. */
export interface Owner {
  readonly kind: Grant["kind"];
  readonly resource: ReadableResource;
  readonly keys: ReadonlySet<string>;
  /** The whole list is known. */
  readonly isComplete: boolean;
}

/** The property in which an owner lists policies. */
interface OwnerList {
  readonly kind: Grant["kind"];
  readonly property: string;
  /** The resources that it may depend on. */
  readonly kinds: readonly ResourceKind[];
  /** The identity of a policy in a value. */
  keyOf?(value: string): string;
}

/**
 * Reads the list of an owner: values where the plan shows them, else the resources of the given types that the list
 * depends on.
 */
export function ownerOf(
  resources: ResourceIndex,
  resource: ReadableResource,
  { kind, property, kinds, keyOf = (value) => value }: OwnerList,
): Owner {
  const value = read(resource, property);
  const values = Array.isArray(value) ? value : [value];
  const hasUnknown = values.some((value) => value instanceof Unknown);
  const dependencies = hasUnknown
    ? plannedDependencies(resources, resource, property).filter((dependency) =>
        kinds.includes(dependency.kind),
      )
    : [];
  const keys = values.filter((value): value is string => typeof value === "string").map(keyOf);
  return {
    kind,
    resource,
    keys: new Set([...keys, ...dependencies.map(({ urn }) => urn)]),
    isComplete: !hasUnknown || dependencies.length > 0,
  };
}

/** Reasons why a principal may have policies that the owner lists and whose documents no grant contains. */
export function listedWithoutGrant(
  { kind, resource, keys, isComplete }: Owner,
  grants: readonly Grant[],
): readonly UnknownSubject[] {
  // An owner of attachments also creates the attachments that it lists.
  if (kind === "managed") return [];
  if (!isComplete) return [{ code: "policy-list", kind, resource: labelOf(resource) }];
  const granted = new Set(grants.flatMap((grant) => (grant.kind === kind ? grant.keys : [])));
  const missing = [...keys].some((key) => !granted.has(key));
  return missing ? [{ code: "listed-policies", kind, resource: labelOf(resource) }] : [];
}

/** The grants, marked as uncertain where an owner does not certainly list them. */
export function applyOwners(
  grants: readonly Grant[],
  owners: readonly Owner[],
  ownerName: string,
): readonly Grant[] {
  return grants.map((grant) => {
    const removing = owners.find(
      (owner) => owner.kind === grant.kind && !grant.keys.some((key) => owner.keys.has(key)),
    );
    return removing === undefined ? grant : markNotListed(grant, removing.resource, ownerName);
  });
}

/** The grants, marked as uncertain where a PolicyAttachment of the same policy does not name the principal. */
export function applyAttachments(
  grants: readonly Grant[],
  attachmentsOf: ReadonlyMap<string, readonly ReadableResource[]>,
  ownerName: string,
): readonly Grant[] {
  const attaching = new Set(grants.map(({ resource }) => resource));
  return grants.map((grant) => {
    if (grant.kind !== "managed") return grant;
    const attachments = grant.keys.flatMap((key) => attachmentsOf.get(key) ?? []);
    const removing = attachments.find((attachment) => !attaching.has(attachment));
    return removing === undefined ? grant : markNotListed(grant, removing, ownerName);
  });
}

/**
 * A principal's own lists, together with the policies that other resources of the stack give it. Where a refresh has
 * filled a list, these resources determine their own entries; any other entry may come from outside the stack and
 * remain, or from a resource that this update deletes.
 */
export function mergeListedGrants(
  listedGrants: readonly Grant[],
  assigned: readonly Grant[],
  ownerName: string,
): readonly Grant[] {
  const grantedKeys = {
    inline: new Set<string>(),
    managed: new Set<string>(),
  } satisfies Record<Grant["kind"], Set<string>>;
  for (const { kind, keys } of assigned) for (const key of keys) grantedKeys[kind].add(key);
  const remaining = listedGrants.flatMap((grant): readonly Grant[] => {
    const { kind, keys, isFromState } = grant;
    if (isFromState === false) return [grant];
    if (keys.some((key) => grantedKeys[kind].has(key))) return [];
    // Without the inputs: a program that gives policies of a type by other resources does not list them as well.
    return [(isFromState ?? grantedKeys[kind].size > 0) ? markFromState(grant, ownerName) : grant];
  });
  return [...remaining, ...assigned];
}

function markFromState(grant: Grant, ownerName: string): Grant {
  const resource = labelOf(grant.resource);
  return markUncertain(grant, ({ label }) => ({
    subject: { code: "policy-may-remain", principal: ownerName, policy: label, resource },
    resolution: { code: "set-in-program", principal: ownerName },
  }));
}

function markNotListed(grant: Grant, resource: ReadableResource, ownerName: string): Grant {
  return markUncertain(grant, ({ label }) => ({
    subject: { code: "policy-not-listed", principal: ownerName, policy: label, resource: labelOf(resource) },
    resolution: { code: "add-to-list", resource: labelOf(resource) },
  }));
}

function markUncertain(grant: Grant, reasonFor: (source: PolicySource) => NotInEffect): Grant {
  return {
    ...grant,
    sources: grant.sources.map((source) => ({ ...source, mayNotApply: reasonFor(source) })),
  };
}
