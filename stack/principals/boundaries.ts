import { type Planned, read } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { Kind } from "../pulumi/resource-types";
import type { Grants } from "./grants";

/** The properties that attach managed policies to a principal, one or a list of them. */
const ATTACHING: readonly (readonly [Kind, string])[] = [
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
const HOLDERS = ["roles", "users", "groups"];

/**
 * The managed policies (URNs) that principals of the stack have as permissions boundaries and that no resource
 * attaches: they grant nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function onlyBoundaries(resources: ResourceIndex, grants: Grants): ReadonlySet<string> {
  const limiting = namedBy(resources, grants, [
    ["Role", "permissionsBoundary"],
    ["User", "permissionsBoundary"],
  ]);
  if (limiting.size === 0) return limiting;
  const attached = namedBy(resources, grants, ATTACHING);
  return new Set(
    resources
      .of("Policy")
      .filter((policy) => limiting.has(policy.urn) && !attached.has(policy.urn) && !hasHolders(policy))
      .map(({ urn }) => urn),
  );
}

function hasHolders(policy: Planned): boolean {
  return HOLDERS.some(
    (property) => policy.term.reads.includes(property) && read(policy, property) !== undefined,
  );
}

function namedBy(
  resources: ResourceIndex,
  grants: Grants,
  properties: readonly (readonly [Kind, string])[],
): ReadonlySet<string> {
  return new Set(
    properties.flatMap(([kind, property]) =>
      resources
        .of(kind)
        .filter(({ term }) => term.reads.includes(property))
        .flatMap((by) => grants.attachedList(by, property))
        .flatMap(({ keys }) => keys),
    ),
  );
}
