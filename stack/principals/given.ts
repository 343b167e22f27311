import { subjectKey, type UnknownSubject } from "../../iam";
import type { PrincipalSource } from "../facts";
import { principalNamedBy } from "../labels";
import { exists, labelOf, type Planned, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { Kind } from "../pulumi/resource-types";
import { type Grant, type Owner, ownerOf } from "./exclusive";
import type { ExternalPrincipal } from "./external";
import type { Grants } from "./grants";
import { type NamedBy, nameOf, PRINCIPAL_KINDS, type PrincipalKind, shownName } from "./names";

/** The resources that give a policy to one type of principal, and the property that names the principal. */
const GIVERS: Record<
  PrincipalKind,
  {
    property: string;
    list: string;
    inline: Kind;
    attachment: Kind;
    /** Own all inline policies, all attachments. */
    inlineOwner: Kind;
    attachmentOwner: Kind;
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
export interface Given {
  readonly grants: Grant[];
  readonly owners: Owner[];
}

/** The policies of a principal: documents, and reasons why there may be others. */
export interface Held {
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly UnknownSubject[];
}

function onceEach(subjects: readonly UnknownSubject[]): readonly UnknownSubject[] {
  return subjects.length < 2
    ? subjects
    : [...new Map(subjects.map((subject) => [subjectKey({ subject }), subject])).values()];
}

export function together(held: readonly Held[]): Held {
  return {
    sources: held.flatMap((entry) => entry.sources),
    unseen: onceEach(held.flatMap((entry) => entry.unseen)),
  };
}

/**
 * The statements of a new document of an existing principal: it may replace a document whose statements may still be in
 * effect.
 */
export function ofHolder(held: Held, holder: Planned): Held {
  return exists(holder) ? { ...held, sources: held.sources.map(ofExisting) } : held;
}

export function ofExisting(source: PrincipalSource): PrincipalSource {
  return source.unknownDocument === undefined
    ? source
    : { ...source, unknownDocument: { ...source.unknownDocument, exists: true } };
}

/** The policies that the resources of a stack give to principals, in the stack or not. */
export interface GivenPolicies {
  /** The policies of a principal of the stack. */
  to(urn: string): Given;
  readonly external: readonly ExternalPrincipal[];
  /** Why each principal of a type may have more policies: the name in a resource is encrypted. */
  readonly anyone: Readonly<Record<PrincipalKind, readonly UnknownSubject[]>>;
}

/** Adds a policy to a principal, which messages show as `ownerName`. */
type Add = (to: Given, ownerName: string) => void;

class Collected implements GivenPolicies {
  readonly anyone: Record<PrincipalKind, UnknownSubject[]> = { Role: [], User: [], Group: [] };
  readonly #given = new Map<string, Given>();
  readonly #external = new Map<string, ExternalPrincipal>();

  constructor(private readonly named: NamedBy) {}

  get external(): readonly ExternalPrincipal[] {
    return [...this.#external.values()];
  }

  to(key: string): Given {
    const found = this.#given.get(key) ?? { grants: [], owners: [] };
    this.#given.set(key, found);
    return found;
  }

  /**
   * Gives a policy to the principal that a property names; a principal that is not in the stack is added the first
   * time.
   */
  give(kind: PrincipalKind, by: Planned, property: string, add: Add): void {
    const { inside, external, hidden, encrypted } = this.named(kind, by, property);
    if (encrypted && inside.length === 0)
      this.anyone[kind].push({ code: "encrypted-principal", by: labelOf(by) });
    for (const to of inside) add(this.to(to.urn), shownName(kind, nameOf(to)));
    for (const name of external) {
      const { given } = this.#externalAt({ key: `${kind} ${name}`, kind, name, by });
      add(given, shownName(kind, name));
    }
    if (hidden.length === 0) return;
    // Two unknown names with equal dependencies are assumed to be the same name.
    const key = `${kind} named by ${hidden.map((origin) => origin.key).sort()}`;
    const name = principalNamedBy(kind.toLowerCase(), labelOf(by));
    const principal = this.#externalAt({ key, kind, name, by, hidden });
    add(principal.given, principal.name);
  }

  #externalAt({
    key,
    ...principal
  }: Omit<ExternalPrincipal, "given"> & { readonly key: string }): ExternalPrincipal {
    const found = this.#external.get(key) ?? { ...principal, given: this.to(key) };
    this.#external.set(key, found);
    return found;
  }
}

export function givenPolicies(resources: ResourceIndex, policies: Grants, named: NamedBy): GivenPolicies {
  const collected = new Collected(named);
  for (const kind of PRINCIPAL_KINDS) giveTo(kind, resources, policies, collected);
  return collected;
}

function giveTo(kind: PrincipalKind, resources: ResourceIndex, policies: Grants, collected: Collected): void {
  const { property, list, inline, attachment, inlineOwner, attachmentOwner } = GIVERS[kind];
  for (const by of resources.of(inline))
    collected.give(kind, by, property, ({ grants }, ownerName) =>
      grants.push(policies.inline(by, ownerName)),
    );
  for (const by of resources.of(attachment)) {
    const all = policies.attached(by, "policyArn", readString(by, "policyArn"));
    collected.give(kind, by, property, ({ grants }) => grants.push(...all));
  }
  for (const by of resources.of("PolicyAttachment")) {
    const all = policies.attached(by, "policyArn", readString(by, "policyArn"));
    collected.give(kind, by, list, ({ grants }) => grants.push(...all));
  }
  for (const by of resources.of("Policy"))
    if (by.term.reads.includes(list))
      collected.give(kind, by, list, ({ grants }) => grants.push(policies.ofPolicy(by, by)));
  for (const by of resources.of(attachmentOwner)) {
    const all = policies.attachedList(by, "policyArns");
    const owner = ownerOf(resources, by, {
      of: "managed",
      property: "policyArns",
      kinds: ["Policy"],
      keyOf: policies.keyOf,
    });
    collected.give(kind, by, property, ({ grants, owners }) => {
      grants.push(...all);
      owners.push(owner);
    });
  }
  for (const by of resources.of(inlineOwner)) {
    const owner = ownerOf(resources, by, { of: "inline", property: "policyNames", kinds: [inline] });
    collected.give(kind, by, property, ({ owners }) => owners.push(owner));
  }
}

/** The PolicyAttachments of each managed policy, by each of its identities. */
export function attachmentsByPolicy(
  resources: ResourceIndex,
  policies: Grants,
): ReadonlyMap<string, readonly Planned[]> {
  const attachments = new Map<string, Planned[]>();
  for (const by of resources.of("PolicyAttachment"))
    for (const { keys } of policies.attached(by, "policyArn", readString(by, "policyArn")))
      for (const key of keys) {
        const same = attachments.get(key);
        if (same === undefined) attachments.set(key, [by]);
        else same.push(by);
      }
  return attachments;
}
