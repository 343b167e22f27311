import { Unknown } from "../../iam";
import { managedPolicyDocument } from "../../iam/managed-policies/managed-policies";
import type { PrincipalSource } from "../facts";
import { isFromState, labelOf, type ReadableResource, read, readString } from "../pulumi/properties";
import { plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import { type DocumentContext, identitySource } from "./documents";
import type { Grant } from "./exclusive";
import { nameOf } from "./principal-names";

/** The policies that a resource gives to a principal. */
export interface Grants {
  inline(resource: ReadableResource, ownerName: string): Grant;
  /** The inline policies and the managed policies that a principal lists itself. */
  listedBy(principal: ReadableResource, ownerName: string): readonly Grant[];
  /** The managed policies that a known or unknown ARN refers to. */
  attached(resource: ReadableResource, property: string, arn: unknown): readonly Grant[];
  /**
   * The managed policies in a list of ARNs. Unknown items are the policies that the list depends on, without
   * duplicates.
   */
  attachedList(resource: ReadableResource, property: string): readonly Grant[];
  managedPolicy(resource: ReadableResource, policy: ReadableResource): Grant;
  /** The identity of the policy with an ARN: its resource, where that is in the stack. */
  keyOf(arn: string): string;
}

/**
 * Reads the policies that resources give to principals, each document once. Managed policies outside the stack are
 * unknown, except those of AWS.
 */
export function grantReader(context: DocumentContext): Grants {
  const policies = managedPolicies(context.resources);
  const attached: Grants["attached"] = (resource, property, arn) => {
    const policy = typeof arn === "string" ? policies.byArn(arn) : undefined;
    if (policy !== undefined) return [policyGrant(context, resource, policy)];
    if (typeof arn === "string") return attachedByArn(context, resource, property, arn);
    if (!(arn instanceof Unknown)) return [];
    const possible = policiesOf(context.resources, resource, property);
    return possible.length === 0
      ? managedGrant(resource, [], { unseen: [{ code: "attached-policy", resource: labelOf(resource) }] })
      : possible.map((policy) => policyGrant(context, resource, policy));
  };
  const attachedList: Grants["attachedList"] = (resource, property) => {
    const arns = read(resource, property);
    const items = Array.isArray(arns) ? arns : [arns];
    const knownArns = items.filter((arn) => typeof arn === "string");
    const unknownArn = items.find((arn) => arn instanceof Unknown);
    return [
      ...knownArns.flatMap((arn) => attached(resource, property, arn)),
      ...(unknownArn === undefined ? [] : attached(resource, property, unknownArn)),
    ];
  };
  return {
    inline: (resource, ownerName) => inlineGrant(context, resource, ownerName, {}),
    listedBy(principal, ownerName) {
      const managed = principal.resourceType.reads.includes("managedPolicyArns")
        ? attachedList(principal, "managedPolicyArns")
        : [];
      return [
        ...inlineList(context, principal, ownerName).map((grant) => ({
          ...grant,
          isFromState: isFromState(principal, "inlinePolicies"),
        })),
        ...managed.map((grant) => ({ ...grant, isFromState: isFromState(principal, "managedPolicyArns") })),
      ];
    },
    attached,
    attachedList,
    managedPolicy: (resource, policy) => policyGrant(context, resource, policy),
    keyOf: policies.keyOf,
  };
}

/** An inline policy: its name, and its document where that is in the principal's own list. */
interface InlinePolicy {
  readonly name?: unknown;
  readonly document?: unknown;
}

function inlineGrant(
  context: DocumentContext,
  resource: ReadableResource,
  ownerName: string,
  { name, document }: InlinePolicy,
): Grant {
  const policyName = name ?? readString(resource, "name");
  const label = `inline policy ${typeof policyName === "string" ? `"${policyName}"` : resource.name} of ${ownerName}`;
  const place =
    document === undefined
      ? { property: "policy", label }
      : { property: "inlinePolicies", label, value: document };
  return {
    kind: "inline",
    keys: [...(typeof policyName === "string" ? [policyName] : []), resource.urn],
    resource,
    sources: [identitySource(context, resource, place)],
    unseen: [],
  };
}

/** The inline policies that a principal lists itself. */
function inlineList(
  context: DocumentContext,
  principal: ReadableResource,
  ownerName: string,
): readonly Grant[] {
  if (!principal.resourceType.reads.includes("inlinePolicies")) return [];
  const inlinePolicies = read(principal, "inlinePolicies");
  const unnamed = (document: unknown) => [
    inlineGrant(context, principal, ownerName, { name: "?", document }),
  ];
  if (inlinePolicies instanceof Unknown) return principal.hasNoProperties ? [] : unnamed(inlinePolicies);
  if (!Array.isArray(inlinePolicies)) return [];
  return inlinePolicies.flatMap((item: unknown) => {
    if (item instanceof Unknown) return unnamed(item);
    if (typeof item !== "object" || item === null) return [];
    const { name, policyName, policy, policyDocument } = item as Record<string, unknown>;
    const document = policy ?? policyDocument;
    return document === undefined || document === null
      ? []
      : [inlineGrant(context, principal, ownerName, { name: name ?? policyName, document })];
  });
}

function managedGrant(
  resource: ReadableResource,
  keys: readonly string[],
  more: Partial<Pick<Grant, "sources" | "unseen">>,
): readonly Grant[] {
  return [{ kind: "managed", keys, resource, sources: [], unseen: [], ...more }];
}

/** The grant of an ARN that no policy of the stack is known to have. */
function attachedByArn(
  context: DocumentContext,
  resource: ReadableResource,
  property: string,
  arn: string,
): readonly Grant[] {
  const managed = managedPolicyDocument(arn, context.shared.parse);
  if (managed === "grants-neither") return managedGrant(resource, [arn], {});
  if (managed !== undefined) {
    const source: PrincipalSource = { label: `managed policy ${managed.name}`, document: managed.document };
    return managedGrant(resource, [arn], { sources: [source] });
  }
  // It is the ARN of a policy which the property depends on and whose ARN is unknown.
  const unknownPolicies = policiesOf(context.resources, resource, property).filter(
    (policy) => readString(policy, "arn") instanceof Unknown,
  );
  return unknownPolicies.length > 0
    ? unknownPolicies.map((policy) => policyGrant(context, resource, policy))
    : managedGrant(resource, [arn], {
        unseen: [{ code: "managed-policy", ...shownArn(arn), resource: labelOf(resource) }],
      });
}

function policyGrant(context: DocumentContext, resource: ReadableResource, policy: ReadableResource): Grant {
  const name = readString(policy, "name");
  const label = `managed policy "${typeof name === "string" ? name : policy.name}"`;
  return {
    kind: "managed",
    keys: [policy.urn],
    resource,
    sources: [identitySource(context, policy, { property: "policy", label })],
    unseen: [],
  };
}

function policiesOf(
  resources: ResourceIndex,
  resource: ReadableResource,
  property: string,
): readonly ReadableResource[] {
  return plannedDependencies(resources, resource, property).filter(({ kind }) => kind === "Policy");
}

/** An ARN as it is written; a value that is not an ARN may be a secret. */
export function shownArn(arn: string): { readonly arn?: string } {
  return /^arn:[a-z-]{1,20}:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,640}$/.test(arn) ? { arn } : {};
}

interface ManagedPolicies {
  byArn(arn: string): ReadableResource | undefined;
  /** The identity of the policy with an ARN: its resource, where that is in the stack. */
  keyOf(arn: string): string;
}

function managedPolicies(resources: ResourceIndex): ManagedPolicies {
  const arns = new Map<string, ReadableResource>();
  const names = new Map<string, ReadableResource>();
  for (const planned of resources.ofKind("Policy")) {
    const arn = readString(planned, "arn");
    const path = readString(planned, "path");
    if (typeof arn === "string") arns.set(arn, planned);
    else names.set(`${typeof path === "string" ? path : "/"}${nameOf(planned)}`, planned);
  }
  const byArn = (arn: string): ReadableResource | undefined => {
    const parts = /^arn:[\w-]+:iam::(\d{12}):policy(\/.*)$/.exec(arn);
    return arns.get(arn) ?? (parts?.[2] === undefined ? undefined : names.get(parts[2]));
  };
  return { byArn, keyOf: (arn) => byArn(arn)?.urn ?? arn };
}
