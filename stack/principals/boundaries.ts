import { type ReadableResource, read } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ResourceKind } from "../pulumi/resource-types";
import type { Grants } from "./grants";

/** The properties that attach managed policies to a principal, one or a list of them. */
const ATTACHING_PROPERTIES: readonly (readonly [ResourceKind, string])[] = [
  ["RolePolicyAttachment", "policyArn"],
  ["UserPolicyAttachment", "policyArn"],
  ["GroupPolicyAttachment", "policyArn"],
  ["PolicyAttachment", "policyArn"],
  ["RolePolicyAttachmentsExclusive", "policyArns"],
  ["UserPolicyAttachmentsExclusive", "policyArns"],
  ["GroupPolicyAttachmentsExclusive", "policyArns"],
  ["Role", "managedPolicyArns"],
  ["User", "managedPolicyArns"],
  ["Group", "managedPolicyArns"],
];

/** The properties of a managed policy that list the principals that it is attached to. */
const PRINCIPAL_LISTS = ["roles", "users", "groups"];

/**
 * The managed policies (URNs) that principals of the stack have as permissions boundaries and that no resource
 * attaches: they grant no access.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function readBoundaryOnlyPolicies(resources: ResourceIndex, grants: Grants): ReadonlySet<string> {
  const boundaries = policiesNamedIn(resources, grants, [
    ["Role", "permissionsBoundary"],
    ["User", "permissionsBoundary"],
  ]);
  if (boundaries.size === 0) return boundaries;
  const attached = policiesNamedIn(resources, grants, ATTACHING_PROPERTIES);
  return new Set(
    resources
      .ofKind("Policy")
      .filter((policy) => boundaries.has(policy.urn) && !attached.has(policy.urn) && !listsPrincipals(policy))
      .map(({ urn }) => urn),
  );
}

function listsPrincipals(policy: ReadableResource): boolean {
  return PRINCIPAL_LISTS.some(
    (property) => policy.resourceType.reads.includes(property) && read(policy, property) !== undefined,
  );
}

function policiesNamedIn(
  resources: ResourceIndex,
  grants: Grants,
  properties: readonly (readonly [ResourceKind, string])[],
): ReadonlySet<string> {
  return new Set(
    properties.flatMap(([kind, property]) =>
      resources
        .ofKind(kind)
        .filter(({ resourceType }) => resourceType.reads.includes(property))
        .flatMap((resource) => grants.attachedList(resource, property))
        .flatMap(({ keys }) => keys),
    ),
  );
}
