import { subjectKey, type UnknownSubject } from "../../iam";
import type { PrincipalSource } from "../facts";
import { principalNamedBy } from "../labels";
import { appendTo } from "../pulumi/keys";
import { exists, labelOf, type ReadableResource, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ResourceKind } from "../pulumi/resource-types";
import { type Grant, type Owner, ownerOf } from "./exclusive";
import type { ExternalPrincipal } from "./external";
import type { Grants } from "./grants";
import {
  nameOf,
  PRINCIPAL_KINDS,
  type PrincipalFinder,
  type PrincipalKind,
  shownName,
} from "./principal-names";

/** The resources that give a policy to one type of principal, and the property that names the principal. */
const ASSIGNING_RESOURCES: Record<
  PrincipalKind,
  {
    property: string;
    list: string;
    inline: ResourceKind;
    attachment: ResourceKind;
    /** The resources that own all inline policies, or all attachments, of a principal. */
    inlineOwner: ResourceKind;
    attachmentOwner: ResourceKind;
  }
> = {
  Role: {
    property: "role",
    list: "roles",
    inline: "RolePolicy",
    attachment: "RolePolicyAttachment",
    inlineOwner: "RolePoliciesExclusive",
    attachmentOwner: "RolePolicyAttachmentsExclusive",
  },
  User: {
    property: "user",
    list: "users",
    inline: "UserPolicy",
    attachment: "UserPolicyAttachment",
    inlineOwner: "UserPoliciesExclusive",
    attachmentOwner: "UserPolicyAttachmentsExclusive",
  },
  Group: {
    property: "group",
    list: "groups",
    inline: "GroupPolicy",
    attachment: "GroupPolicyAttachment",
    inlineOwner: "GroupPoliciesExclusive",
    attachmentOwner: "GroupPolicyAttachmentsExclusive",
  },
};

/** The policies that the stack gives a principal by resources other than its own. */
export interface AssignedPolicies {
  readonly grants: Grant[];
  readonly owners: Owner[];
}

/** The policies of a principal: documents, and reasons why there may be others. */
export interface PrincipalPolicies {
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly UnknownSubject[];
}

function withoutDuplicates(subjects: readonly UnknownSubject[]): readonly UnknownSubject[] {
  return subjects.length < 2
    ? subjects
    : [...new Map(subjects.map((subject) => [subjectKey({ subject }), subject])).values()];
}

/** The policies of several origins as those of one principal, without duplicates among the unknown ones. */
export function combine(policies: readonly PrincipalPolicies[]): PrincipalPolicies {
  return {
    sources: policies.flatMap((entry) => entry.sources),
    unseen: withoutDuplicates(policies.flatMap((entry) => entry.unseen)),
  };
}

/**
 * The statements of a new document of an existing principal: it may replace a document whose statements may still be in
 * effect.
 */
export function markExisting(policies: PrincipalPolicies, principal: ReadableResource): PrincipalPolicies {
  return exists(principal) ? { ...policies, sources: policies.sources.map(markSourceExisting) } : policies;
}

/** Marks an unknown document as one that exists before this update: its earlier statements may still be in effect. */
export function markSourceExisting(source: PrincipalSource): PrincipalSource {
  return source.unknownDocument === undefined
    ? source
    : { ...source, unknownDocument: { ...source.unknownDocument, exists: true } };
}

/** The policies that the resources of a stack give to principals, in the stack or not. */
export interface PolicyAssignments {
  /** The policies of a principal of the stack. */
  ofPrincipal(urn: string): AssignedPolicies;
  readonly external: readonly ExternalPrincipal[];
  /** Why each principal of a type may have more policies: the name in a resource is encrypted. */
  readonly forAnyPrincipal: Readonly<Record<PrincipalKind, readonly UnknownSubject[]>>;
}

/** Adds a policy to a principal, which messages show as `ownerName`. */
type AddPolicies = (policies: AssignedPolicies, ownerName: string) => void;

class CollectedAssignments implements PolicyAssignments {
  readonly forAnyPrincipal: Record<PrincipalKind, UnknownSubject[]> = { Role: [], User: [], Group: [] };
  readonly #policies = new Map<string, AssignedPolicies>();
  readonly #external = new Map<string, ExternalPrincipal>();

  constructor(private readonly findPrincipals: PrincipalFinder) {}

  get external(): readonly ExternalPrincipal[] {
    return [...this.#external.values()];
  }

  ofPrincipal(key: string): AssignedPolicies {
    const policies = this.#policies.get(key) ?? { grants: [], owners: [] };
    this.#policies.set(key, policies);
    return policies;
  }

  /**
   * Gives a policy to the principal that a property names; a principal that is not in the stack is added the first
   * time.
   */
  assign(kind: PrincipalKind, resource: ReadableResource, property: string, add: AddPolicies): void {
    const { inStack, external, nameOrigins, isEncrypted } = this.findPrincipals(kind, resource, property);
    if (isEncrypted && inStack.length === 0)
      this.forAnyPrincipal[kind].push({ code: "encrypted-principal", resource: labelOf(resource) });
    for (const principal of inStack) add(this.ofPrincipal(principal.urn), shownName(kind, nameOf(principal)));
    for (const name of external) {
      const { policies } = this.#externalAt({ key: `${kind} ${name}`, kind, name, resource });
      add(policies, shownName(kind, name));
    }
    if (nameOrigins.length === 0) return;
    // Two unknown names with equal dependencies are assumed to be the same name.
    const key = `${kind} named by ${nameOrigins.map((origin) => origin.key).sort()}`;
    const name = principalNamedBy(kind.toLowerCase(), labelOf(resource));
    const principal = this.#externalAt({ key, kind, name, resource, nameOrigins });
    add(principal.policies, principal.name);
  }

  #externalAt({
    key,
    ...principal
  }: Omit<ExternalPrincipal, "policies"> & { readonly key: string }): ExternalPrincipal {
    const external = this.#external.get(key) ?? { ...principal, policies: this.ofPrincipal(key) };
    this.#external.set(key, external);
    return external;
  }
}

/**
 * Collects the policies that resources other than the principals give to them: inline policies, attachments and
 * exclusive lists of both.
 */
export function policyAssignments(
  resources: ResourceIndex,
  policies: Grants,
  findPrincipals: PrincipalFinder,
): PolicyAssignments {
  const collected = new CollectedAssignments(findPrincipals);
  for (const kind of PRINCIPAL_KINDS) assignPolicies(kind, resources, policies, collected);
  return collected;
}

function assignPolicies(
  kind: PrincipalKind,
  resources: ResourceIndex,
  policies: Grants,
  collected: CollectedAssignments,
): void {
  const { property, list, inline, attachment, inlineOwner, attachmentOwner } = ASSIGNING_RESOURCES[kind];
  for (const resource of resources.ofKind(inline))
    collected.assign(kind, resource, property, ({ grants }, ownerName) =>
      grants.push(policies.inline(resource, ownerName)),
    );
  for (const resource of resources.ofKind(attachment)) {
    const newGrants = policies.attached(resource, "policyArn", readString(resource, "policyArn"));
    collected.assign(kind, resource, property, ({ grants }) => grants.push(...newGrants));
  }
  for (const resource of resources.ofKind("PolicyAttachment")) {
    const newGrants = policies.attached(resource, "policyArn", readString(resource, "policyArn"));
    collected.assign(kind, resource, list, ({ grants }) => grants.push(...newGrants));
  }
  for (const resource of resources.ofKind("Policy"))
    if (resource.resourceType.reads.includes(list))
      collected.assign(kind, resource, list, ({ grants }) =>
        grants.push(policies.managedPolicy(resource, resource)),
      );
  for (const resource of resources.ofKind(attachmentOwner)) {
    const newGrants = policies.attachedList(resource, "policyArns");
    const owner = ownerOf(resources, resource, {
      kind: "managed",
      property: "policyArns",
      kinds: ["Policy"],
      keyOf: policies.keyOf,
    });
    collected.assign(kind, resource, property, ({ grants, owners }) => {
      grants.push(...newGrants);
      owners.push(owner);
    });
  }
  for (const resource of resources.ofKind(inlineOwner)) {
    const owner = ownerOf(resources, resource, { kind: "inline", property: "policyNames", kinds: [inline] });
    collected.assign(kind, resource, property, ({ owners }) => owners.push(owner));
  }
}

/** The PolicyAttachments of each managed policy, by each of its identities. */
export function attachmentsByPolicy(
  resources: ResourceIndex,
  policies: Grants,
): ReadonlyMap<string, readonly ReadableResource[]> {
  const attachments = new Map<string, ReadableResource[]>();
  for (const attachment of resources.ofKind("PolicyAttachment"))
    for (const { keys } of policies.attached(attachment, "policyArn", readString(attachment, "policyArn")))
      for (const key of keys) appendTo(attachments, key, attachment);
  return attachments;
}
