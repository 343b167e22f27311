import { equal, type Hole, type Origin, parseDocument, type Text, text, Unknown } from "../../iam";
import { managedPolicyDocument } from "../../iam/managed-policies/managed-policies";
import type { PrincipalFacts, PrincipalSource } from "../facts";
import type { Functions } from "../functions/functions";
import { exists, isOfState, labelOf, type Planned, read, readString, SECRET } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import type { Kind } from "../pulumi/resource-types";
import { scopeOf } from "../pulumi/scope";
import { type Apis, documentSource, identitySource } from "./documents";
import {
  type Grant,
  missingFrom,
  type Owner,
  ownerOf,
  withAttachments,
  withListed,
  withOwners,
} from "./exclusive";
import { tagsOfRequests } from "./tags";

type PrincipalKind = "Role" | "User" | "Group";

/** The resources that give a policy to one kind of principal, and the property that names the principal. */
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

/** What the stack gives a principal by resources other than its own. */
interface Given {
  readonly grants: Grant[];
  readonly owners: Owner[];
}

/** What a principal holds: documents, and reasons why these may not be all. */
interface Held {
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly string[];
}

function together(held: readonly Held[]): Held {
  return {
    sources: held.flatMap((one) => one.sources),
    unseen: [...new Set(held.flatMap((one) => one.unseen))],
  };
}

/** What a new document of somebody who exists says: it may replace one, and then what that held it may still hold. */
function ofHolder(held: Held, holder: Planned): Held {
  return exists(holder) ? { ...held, sources: held.sources.map(ofExisting) } : held;
}

function ofExisting(source: PrincipalSource): PrincipalSource {
  return source.hidden === undefined ? source : { ...source, hidden: { ...source.hidden, exists: true } };
}

export function readPrincipals(
  reading: ResourceIndex,
  functions: Functions,
  apis: Apis,
): readonly PrincipalFacts[] {
  const policies = managedPolicies(reading);

  const inline = (by: Planned, what: string, given?: unknown, name?: unknown): Grant => {
    const called = name ?? readString(by, "name");
    const label = `inline policy ${typeof called === "string" ? `"${called}"` : by.name} of ${what}`;
    const property = given === undefined ? "policy" : "inlinePolicies";
    return {
      of: "inline policies",
      keys: [...(typeof called === "string" ? [called] : []), by.urn],
      by,
      sources: [
        given === undefined
          ? identitySource(reading, functions, apis, by, property, label)
          : identitySource(reading, functions, apis, by, property, label, given),
      ],
      unseen: [],
    };
  };

  /** The managed policies that a known or unknown ARN names. */
  const attached = (by: Planned, property: string, arn: unknown): readonly Grant[] => {
    const grant = (key: string[], more: Partial<Held>): readonly Grant[] => [
      { of: "managed policies", keys: key, by, sources: [], unseen: [], ...more },
    ];
    if (typeof arn === "string") {
      const own = policies.byArn(arn);
      if (own !== undefined) return [ofPolicy(by, own)];
      const managed = managedPolicyDocument(arn);
      if (managed === "grants neither") return grant([arn], {});
      if (managed !== undefined)
        return grant([arn], {
          sources: [{ label: `managed policy ${managed.name}`, document: managed.document }],
        });
      // An ARN that no policy is seen to have is that of one that it is computed from and whose ARN is not shown.
      const unnamed = policiesOf(by, property).filter((one) => readString(one, "arn") instanceof Unknown);
      return unnamed.length > 0
        ? unnamed.map((policy) => ofPolicy(by, policy))
        : grant([arn], { unseen: [`the managed policy ${shownArn(arn, by)} is not in this stack`] });
    }
    if (!(arn instanceof Unknown)) return [];
    const own = policiesOf(by, property);
    if (own.length === 0) return grant([], { unseen: [`which policy ${labelOf(by)} attaches is unknown`] });
    return own.map((policy) => ofPolicy(by, policy));
  };

  const policiesOf = (by: Planned, property: string): readonly Planned[] =>
    plannedDependencies(reading, by, property).filter((one) => one.kind === "Policy");

  const ofPolicy = (by: Planned, policy: Planned): Grant => {
    const name = readString(policy, "name");
    const label = `managed policy "${typeof name === "string" ? name : policy.name}"`;
    return {
      of: "managed policies",
      keys: [policy.urn],
      by,
      sources: [identitySource(reading, functions, apis, policy, "policy", label)],
      unseen: [],
    };
  };

  /** Unknown items of a partly known list are the policies it is computed from, each once. */
  const attachedList = (by: Planned, property: string): readonly Grant[] => {
    const arns = read(by, property);
    const items = Array.isArray(arns) ? arns : [arns];
    const shown = items.filter((arn) => typeof arn === "string");
    const hidden = items.find((arn) => arn instanceof Unknown);
    return [
      ...shown.flatMap((arn) => attached(by, property, arn)),
      ...(hidden === undefined ? [] : attached(by, property, hidden)),
    ];
  };

  const given = new Map<string, Given>();
  const givenTo = (key: string): Given => {
    const found = given.get(key) ?? { grants: [], owners: [] };
    given.set(key, found);
    return found;
  };
  const externalPrincipals = new Map<string, Outsider>();
  /** Why each of a kind may hold more: whom a resource is for is encrypted. */
  const anybody: Record<PrincipalKind, string[]> = { Role: [], User: [], Group: [] };
  const byName = principalsByName(reading);
  /** Gives something to whom a property names; who is not in the stack is met here for the first time. */
  const give = (
    kind: PrincipalKind,
    by: Planned,
    property: string,
    add: (to: Given, whose: string) => void,
  ): void => {
    const { inside, external, hidden, encrypted } = byName(kind, by, property);
    if (encrypted && inside.length === 0)
      anybody[kind].push(`whether ${labelOf(by)} is for it is encrypted in the state`);
    for (const to of inside) add(givenTo(to.urn), shownName(kind, nameOf(to)));
    for (const name of external) {
      const key = `${kind} ${name}`;
      if (!externalPrincipals.has(key)) externalPrincipals.set(key, { kind, name, by, given: givenTo(key) });
      add(givenTo(key), shownName(kind, name));
    }
    if (hidden.length === 0) return;
    // What two resources compute from the same is taken for the same name.
    const key = `${kind} named by ${hidden.map((origin) => origin.key).sort()}`;
    const name = `the ${kind.toLowerCase()} that ${labelOf(by)} names`;
    const met = externalPrincipals.get(key) ?? { kind, name, by, given: givenTo(key), hidden };
    externalPrincipals.set(key, met);
    add(met.given, met.name);
  };

  for (const kind of ["Role", "User", "Group"] as const) {
    const { property, list, inline: inlineKind, attachment, inlineOwner, attachmentOwner } = GIVERS[kind];
    for (const by of reading.of(inlineKind))
      give(kind, by, property, ({ grants }, whose) => grants.push(inline(by, whose)));
    for (const by of reading.of(attachment)) {
      const all = attached(by, "policyArn", readString(by, "policyArn"));
      give(kind, by, property, ({ grants }) => grants.push(...all));
    }
    for (const by of reading.of("PolicyAttachment")) {
      const all = attached(by, "policyArn", readString(by, "policyArn"));
      give(kind, by, list, ({ grants }) => grants.push(...all));
    }
    for (const by of reading.of("Policy"))
      if (by.term.reads.includes(list)) give(kind, by, list, ({ grants }) => grants.push(ofPolicy(by, by)));
    for (const by of reading.of(attachmentOwner)) {
      const owner = ownerOf(reading, "managed policies", by, "policyArns", ["Policy"], policies.keyOf);
      const all = attachedList(by, "policyArns");
      give(kind, by, property, ({ grants, owners }) => {
        grants.push(...all);
        owners.push(owner);
      });
    }
    for (const by of reading.of(inlineOwner)) {
      const owner = ownerOf(reading, "inline policies", by, "policyNames", [inlineKind]);
      give(kind, by, property, ({ owners }) => owners.push(owner));
    }
  }
  const attachments = new Map<string, Planned[]>();
  for (const by of reading.of("PolicyAttachment"))
    for (const { keys } of attached(by, "policyArn", readString(by, "policyArn")))
      for (const key of keys) {
        const same = attachments.get(key);
        if (same === undefined) attachments.set(key, [by]);
        else same.push(by);
      }

  /** What the grants come to once the resources are applied that take policies away. */
  const held = (grants: readonly Grant[], owners: readonly Owner[], whose: string): Held => {
    const stay = withAttachments(withOwners(grants, owners, whose), attachments, whose);
    return together([
      ...stay,
      { sources: [], unseen: owners.flatMap((owner) => missingFrom(owner, grants)) },
    ]);
  };

  const own = (kind: PrincipalKind, planned: Planned): Held => {
    const what = shownName(kind, nameOf(planned));
    const inlines = planned.term.reads.includes("inlinePolicies")
      ? read(planned, "inlinePolicies")
      : undefined;
    const inlineGrants: Grant[] = [];
    if (Array.isArray(inlines)) {
      for (const one of inlines) {
        if (one instanceof Unknown) inlineGrants.push(inline(planned, what, one, "?"));
        else if (typeof one === "object" && one !== null) {
          const { name, policyName, policy, policyDocument } = one as Record<string, unknown>;
          const document = policy ?? policyDocument;
          if (document !== undefined && document !== null)
            inlineGrants.push(inline(planned, what, document, name ?? policyName));
        }
      }
    } else if (inlines instanceof Unknown && !planned.blank) {
      inlineGrants.push(inline(planned, what, inlines, "?"));
    }
    const listed = [
      ...inlineGrants.map((grant) => ({ ...grant, ofState: isOfState(planned, "inlinePolicies") })),
      ...(planned.term.reads.includes("managedPolicyArns")
        ? attachedList(planned, "managedPolicyArns").map((grant) => ({
            ...grant,
            ofState: isOfState(planned, "managedPolicyArns"),
          }))
        : []),
    ];
    const more = givenTo(planned.urn);
    const unseen = [
      ...anybody[kind],
      ...(planned.blank ? [`nothing is known of ${labelOf(planned)} in this preview`] : []),
    ];
    return together([
      held(withListed(listed, more.grants, what), more.owners, what),
      { sources: [], unseen },
    ]);
  };

  const groups = memberships(reading, byName);
  const facts = (kind: PrincipalKind, planned: Planned): PrincipalFacts => {
    const scope = scopeOf(reading, planned);
    const member = kind === "User" ? groups.ofUser(planned) : { groups: [], unseen: [] };
    const all = together([
      own(kind, planned),
      ...member.groups.map((group) => ofHolder(own("Group", group), group)),
      { sources: [], unseen: kind === "Group" ? groups.ofOthers(planned) : member.unseen },
    ]);
    const boundary = planned.term.reads.includes("permissionsBoundary")
      ? boundaryOf(planned, readString(planned, "permissionsBoundary"))
      : undefined;
    const name = nameOf(planned);
    const trust =
      kind === "Role"
        ? documentSource(planned, "assumeRolePolicy", `trust policy of role "${name}"`, "trust")
        : undefined;
    const tags = tagsOfRequests(planned, trust);
    return {
      urn: planned.urn,
      kind: kind.toLowerCase() as PrincipalFacts["kind"],
      name,
      label: shownName(kind, name),
      arn: arnOf(reading, kind, planned),
      account: scope.account,
      ...ofHolder(all, planned),
      ...(boundary === undefined ? {} : { boundary }),
      ...(trust === undefined ? {} : { trust }),
      ...(tags === undefined ? {} : { tags }),
    };
  };

  const boundaryOf = (planned: Planned, arn: string | Unknown | undefined): PrincipalSource | undefined => {
    if (arn === undefined || arn === "") return undefined;
    const [only, ...more] = together(attached(planned, "permissionsBoundary", arn)).sources;
    const shown = only === undefined && typeof arn === "string" ? ` ${shownArn(arn, planned)}` : "";
    const label = `permissions boundary${shown} of ${labelOf(planned)}`;
    if (only !== undefined && more.length === 0) return { ...only, label: `${only.label}, the ${label}` };
    // A boundary that grants nothing here stops everything; one that is not shown may.
    const granting = typeof arn === "string" && managedPolicyDocument(arn) === "grants neither";
    return {
      label,
      document: granting
        ? parseDocument({ Version: "2012-10-17", Statement: [] }, "identity")
        : new Unknown(),
    };
  };

  const membersOf = groups.members;
  return [
    ...reading.of("Role").map((planned) => facts("Role", planned)),
    ...reading.of("User").map((planned) => facts("User", planned)),
    // A group with members in the plan is judged through them; one without stands for a member to come.
    ...reading
      .of("Group")
      .flatMap((planned) => (membersOf.has(planned.urn) ? [] : [facts("Group", planned)])),
    ...[...externalPrincipals.values()].map((externalPrincipal) =>
      outsiderFacts(
        reading,
        externalPrincipal,
        held(
          externalPrincipal.given.grants,
          externalPrincipal.given.owners,
          labelOfOutsider(externalPrincipal),
        ),
      ),
    ),
  ];
}

/** A principal that the stack gives policies to and does not make: what else it holds is not in the plan. */
interface Outsider {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The first resource that names it; findings about it are attached there. */
  readonly by: Planned;
  readonly given: Given;
  /** Set when the plan does not show its name: what that is computed from. */
  readonly hidden?: readonly Origin[];
}

function labelOfOutsider({ kind, name, hidden }: Outsider): string {
  return hidden === undefined ? shownName(kind, name) : name;
}

function outsiderFacts(
  reading: ResourceIndex,
  externalPrincipal: Outsider,
  { sources, unseen }: Held,
): PrincipalFacts {
  const { kind, name, by, given, hidden } = externalPrincipal;
  const { partition, account } = scopeOf(reading, by);
  const label = labelOfOutsider(externalPrincipal);
  const path: Hole = { id: `path of ${label}`, shape: "any", label: "its path", from: [] };
  return {
    urn: by.urn,
    kind: kind.toLowerCase() as PrincipalFacts["kind"],
    name,
    label,
    arn: text("arn:", partition, ":iam::", account, `:${kind.toLowerCase()}/`, path, hidden ? "" : name),
    account,
    sources: sources.map(ofExisting),
    unseen: [
      ...unseen,
      ...besides(kind, `${label} is not ${hidden === undefined ? "in this stack" : "shown"}`, given.owners),
    ],
    ...(kind === "Role" ? { trust: new Unknown() } : {}),
  };
}

/** What else a principal that is not in the stack may hold, where no resource of the stack owns it all. */
function besides(kind: PrincipalKind, itIsOutside: string, owners: readonly Owner[]): readonly string[] {
  const open = (["inline policies", "managed policies"] as const).filter(
    (of) => !owners.some((owner) => owner.of === of),
  );
  const what = open.length === 2 ? "may hold other policies" : open[0] && `may hold other ${open[0]}`;
  if (what !== undefined) return [`${itIsOutside} and ${what}`];
  return kind === "User" ? [`${itIsOutside} and may be in groups that hold policies`] : [];
}

/** An ARN as it is written; what is none may be anything, a secret too. */
function shownArn(arn: string, by: Planned): string {
  return /^arn:[a-z-]{1,20}:iam::(\d{12}|aws):policy\/[\w+=,.@/-]{1,640}$/.test(arn)
    ? arn
    : `that ${labelOf(by)} names`;
}

function shownName(kind: PrincipalKind, name: string): string {
  return `${kind.toLowerCase()} "${name}"`;
}

function nameOf(planned: Planned): string {
  const name = readString(planned, "name");
  return typeof name === "string" ? name : planned.name;
}

/** The ARN of a role, user or group. */
export function arnOf(reading: ResourceIndex, kind: PrincipalKind, planned: Planned): Text {
  const shown = readString(planned, "arn");
  if (typeof shown === "string") return text(shown);
  const { partition, account } = scopeOf(reading, planned);
  const name = readString(planned, "name");
  const path = readString(planned, "path");
  return text(
    ...[text("arn:"), partition, text(":iam::"), account, text(`:${kind.toLowerCase()}`)],
    typeof path === "string" && path.startsWith("/") ? path : "/",
    typeof name === "string" ? name : text(reading.unassigned(planned, "name")),
  );
}

interface ManagedPolicies {
  byArn(arn: string): Planned | undefined;
  /** What identifies the policy of an ARN: its resource, where that is in the stack. */
  keyOf(arn: string): string;
}

function managedPolicies(reading: ResourceIndex): ManagedPolicies {
  const arns = new Map<string, Planned>();
  const names = new Map<string, Planned>();
  for (const planned of reading.of("Policy")) {
    const arn = readString(planned, "arn");
    const path = readString(planned, "path");
    if (typeof arn === "string") arns.set(arn, planned);
    else names.set(`${typeof path === "string" ? path : "/"}${nameOf(planned)}`, planned);
  }
  const byArn = (arn: string): Planned | undefined => {
    const written = /^arn:[\w-]+:iam::(\d{12}):policy(\/.*)$/.exec(arn);
    return arns.get(arn) ?? (written?.[2] === undefined ? undefined : names.get(written[2]));
  };
  return { byArn, keyOf: (arn) => byArn(arn)?.urn ?? arn };
}

/** Whom a property names. */
interface Named {
  readonly inside: readonly Planned[];
  /** Names that no principal of the stack has. */
  readonly external: readonly string[];
  /** It names somebody whom it does not show, and who may be computed from nothing. */
  readonly encrypted: boolean;
  /** What a name that the plan does not show is computed from, when that is no principal of the stack. */
  readonly hidden: readonly Origin[];
}

/** Finds the principals that a property names: one name or a list, by value or by dependency. */
function principalsByName(
  reading: ResourceIndex,
): (kind: PrincipalKind, planned: Planned, property: string) => Named {
  const names = {
    Role: new Map<string, Planned[]>(),
    User: new Map<string, Planned[]>(),
    Group: new Map<string, Planned[]>(),
  };
  for (const kind of ["Role", "User", "Group"] as const)
    for (const planned of reading.of(kind)) {
      const name = nameOf(planned);
      names[kind].set(name, [...(names[kind].get(name) ?? []), planned]);
    }
  const named = (kind: PrincipalKind, name: string, by: Planned): readonly Planned[] => {
    const same = (names[kind].get(name) ?? []).filter((one) => mayShareAccount(one, by));
    // Accounts differ by provider: of several roles of one name, the one of the same provider is meant.
    const near = same.filter((one) => one.resource.provider?.urn === by.resource.provider?.urn);
    return near.length > 0 ? near : same;
  };
  const mayShareAccount = (a: Planned, b: Planned): boolean =>
    equal(scopeOf(reading, a).account, scopeOf(reading, b).account) !== "no";
  return (kind, planned, property) => {
    const value = read(planned, property);
    const values = Array.isArray(value) ? value : [value];
    const shown = values.filter((one) => typeof one === "string" && one !== "");
    const found = shown.flatMap((one) => named(kind, one, planned));
    const strange = shown.filter((one) => named(kind, one, planned).length === 0);
    const own = plannedDependencies(reading, planned, property)
      // What names a role and is computed from a function is made of the role that the function runs as.
      .flatMap((one) => (kind === "Role" && one.kind === "Function" ? rolesOf(reading, one) : [one]))
      .filter((one) => one.kind === kind);
    // A name that nobody is seen to have is that of a principal it is computed from and whose name is not shown.
    const unnamed = own.filter((one) => readString(one, "name") instanceof Unknown);
    const someHidden = values.some((one) => one instanceof Unknown);
    const encrypted = values.some((one) => one instanceof Unknown && one.from.includes(SECRET));
    const meant = someHidden ? own : strange.length > 0 ? unnamed : [];
    return {
      inside: [...new Set([...found, ...meant])],
      external: unnamed.length > 0 ? [] : strange,
      encrypted,
      hidden: someHidden && !encrypted && own.length === 0 ? originsOf(planned, property) : [],
    };
  };
}

/** The roles of the stack that a function may run as. */
function rolesOf(reading: ResourceIndex, fn: Planned): readonly Planned[] {
  return plannedDependencies(reading, fn, "role");
}

/** As many members of a group as people read about. */
const MOST_OTHERS = 3;

interface Memberships {
  readonly members: ReadonlySet<string>;
  /** What the members of a group that are not in the stack may hold. */
  ofOthers(group: Planned): readonly string[];
  ofUser(user: Planned): { groups: readonly Planned[]; unseen: readonly string[] };
}

function memberships(
  reading: ResourceIndex,
  named: (kind: PrincipalKind, planned: Planned, property: string) => Named,
): Memberships {
  const byName = (kind: PrincipalKind, planned: Planned, property: string): readonly Planned[] =>
    named(kind, planned, property).inside;
  const others = new Map<string, string[]>();
  const noteOthers = (planned: Planned, users: string, groups: readonly Planned[]): void => {
    for (const name of named("User", planned, users).external)
      for (const group of groups)
        others.set(group.urn, [
          ...(others.get(group.urn) ?? []),
          `${shownName("User", name)}, a member, is not in this stack and may hold other policies`,
        ]);
  };
  const groupsOf = new Map<string, Set<Planned>>();
  const external = new Map<string, string[]>();
  const members = new Set<string>();
  const join = (users: readonly Planned[], groups: readonly Planned[]): void => {
    for (const user of users) {
      const set = groupsOf.get(user.urn) ?? new Set();
      for (const group of groups) {
        set.add(group);
        members.add(group.urn);
      }
      groupsOf.set(user.urn, set);
    }
  };
  const note = (users: readonly Planned[], planned: Planned, property: string, found: number): void => {
    const value = read(planned, property);
    const wanted = Array.isArray(value) ? value.length : 1;
    if (found >= wanted) return;
    for (const user of users)
      external.set(user.urn, [
        ...(external.get(user.urn) ?? []),
        `a group that ${labelOf(planned)} names is not in this stack`,
      ]);
  };
  for (const planned of reading.of("GroupMembership")) {
    const users = byName("User", planned, "users");
    const groups = byName("Group", planned, "group");
    join(users, groups);
    note(users, planned, "group", groups.length);
    noteOthers(planned, "users", groups);
  }
  for (const planned of reading.of("UserGroupMembership")) {
    const users = byName("User", planned, "user");
    const groups = byName("Group", planned, "groups");
    join(users, groups);
    note(users, planned, "groups", groups.length);
    noteOthers(planned, "user", groups);
  }
  for (const planned of reading.of("User")) {
    if (!planned.term.reads.includes("groups")) continue;
    const groups = byName("Group", planned, "groups");
    if (isOfState(planned, "groups") === true) {
      if (groups.length > 0)
        external.set(planned.urn, [
          ...(external.get(planned.urn) ?? []),
          `whether it is still in the groups that the state of ${labelOf(planned)} lists is unknown`,
        ]);
      continue;
    }
    join([planned], groups);
    if (read(planned, "groups") !== undefined) note([planned], planned, "groups", groups.length);
  }
  return {
    members,
    ofOthers: (group) => (others.get(group.urn) ?? []).slice(0, MOST_OTHERS),
    ofUser: (user) => ({ groups: [...(groupsOf.get(user.urn) ?? [])], unseen: external.get(user.urn) ?? [] }),
  };
}
