import { equal, type Hole, parseDocument, type Text, text, Unknown } from "../iam";
import { managedPolicyDocument } from "../iam/managed-policies";
import { type Apis, documentSource, identitySource } from "./documents";
import type { PrincipalFacts, PrincipalSource } from "./facts";
import type { Functions } from "./lambda";
import { labelOf, type Planned, read, readString } from "./planned";
import { plannedDependencies, type Reading } from "./reading";
import { scopeOf } from "./scope";
import type { Kind } from "./vocabulary";

type PrincipalKind = "Role" | "User" | "Group";

/** The resources that give a policy to one kind of principal, and the property that names the principal. */
const GIVERS: Record<
  PrincipalKind,
  { property: string; list: string; inline: Kind; attachment: Kind; exclusive: Kind }
> = {
  Role: {
    property: "role",
    list: "roles",
    inline: "RolePolicy",
    attachment: "RolePolicyAttachment",
    exclusive: "RolePolicyAttachmentsExclusive",
  },
  User: {
    property: "user",
    list: "users",
    inline: "UserPolicy",
    attachment: "UserPolicyAttachment",
    exclusive: "UserPolicyAttachmentsExclusive",
  },
  Group: {
    property: "group",
    list: "groups",
    inline: "GroupPolicy",
    attachment: "GroupPolicyAttachment",
    exclusive: "GroupPolicyAttachmentsExclusive",
  },
};

/** What one resource adds to a principal: documents, or a reason why not all of them are known. */
interface Grant {
  readonly sources: readonly PrincipalSource[];
  readonly unseen: readonly string[];
}

const NOTHING: Grant = { sources: [], unseen: [] };

function merged(grants: readonly Grant[]): Grant {
  return {
    sources: grants.flatMap((grant) => grant.sources),
    unseen: [...new Set(grants.flatMap((grant) => grant.unseen))],
  };
}

export function readPrincipals(
  reading: Reading,
  functions: Functions,
  apis: Apis,
): readonly PrincipalFacts[] {
  const policies = managedPolicies(reading);

  const inline = (planned: Planned, what: string, given?: unknown, name?: unknown): Grant => {
    const called = name ?? readString(planned, "name");
    const label = `inline policy ${typeof called === "string" ? `"${called}"` : planned.name} of ${what}`;
    const property = given === undefined ? "policy" : "inlinePolicies";
    return {
      sources: [
        given === undefined
          ? identitySource(reading, functions, apis, planned, property, label)
          : identitySource(reading, functions, apis, planned, property, label, given),
      ],
      unseen: [],
    };
  };

  /** The managed policy that a known or unknown ARN names. */
  const attached = (planned: Planned, property: string, arn: unknown): Grant => {
    if (typeof arn === "string") {
      const own = policies.byArn(arn);
      if (own !== undefined) return ofPolicy(own);
      const managed = managedPolicyDocument(arn);
      if (managed === "grants neither") return NOTHING;
      if (managed !== undefined)
        return {
          sources: [{ label: `managed policy ${managed.name}`, document: managed.document }],
          unseen: [],
        };
      return { sources: [], unseen: [`the managed policy ${arn} is not in this stack`] };
    }
    if (!(arn instanceof Unknown)) return NOTHING;
    const own = plannedDependencies(reading, planned, property).filter((one) => one.kind === "Policy");
    if (own.length === 0)
      return { sources: [], unseen: [`which policy ${labelOf(planned)} attaches is unknown`] };
    return merged(own.map(ofPolicy));
  };

  const ofPolicy = (policy: Planned): Grant => {
    const name = readString(policy, "name");
    const label = `managed policy "${typeof name === "string" ? name : policy.name}"`;
    return { sources: [identitySource(reading, functions, apis, policy, "policy", label)], unseen: [] };
  };

  const attachedList = (planned: Planned, property: string): Grant => {
    const arns = read(planned, property);
    if (Array.isArray(arns)) return attachedEach(planned, property, arns);
    return arns instanceof Unknown ? attached(planned, property, arns) : NOTHING;
  };

  /** Unknown items of a partly known list are the policies it is computed from, each once. */
  const attachedEach = (planned: Planned, property: string, arns: readonly unknown[]): Grant => {
    const shown = arns.filter((arn) => typeof arn === "string");
    const hidden = arns.find((arn) => arn instanceof Unknown);
    return merged([
      ...shown.map((arn) => attached(planned, property, arn)),
      ...(hidden === undefined ? [] : [attached(planned, property, hidden)]),
    ]);
  };

  const given: Record<PrincipalKind, Map<string, Grant[]>> = {
    Role: new Map(),
    User: new Map(),
    Group: new Map(),
  };
  const outsiders = new Map<string, Outsider>();
  const byName = principalsByName(reading);
  /** Gives a policy to whom a property names; who is not in the stack is met here for the first time. */
  const give = (
    kind: PrincipalKind,
    planned: Planned,
    property: string,
    grant: (name: string) => Grant,
  ): void => {
    const { inside, outside } = byName(kind, planned, property);
    for (const to of inside) {
      const grants = given[kind].get(to.urn) ?? [];
      grants.push(grant(nameOf(to)));
      given[kind].set(to.urn, grants);
    }
    for (const name of outside) {
      const outsider = outsiders.get(`${kind} ${name}`) ?? { kind, name, by: planned, grants: [] };
      outsider.grants.push(grant(name));
      outsiders.set(`${kind} ${name}`, outsider);
    }
  };

  for (const kind of ["Role", "User", "Group"] as const) {
    const { property, list, inline: inlineKind, attachment, exclusive } = GIVERS[kind];
    for (const planned of reading.of(inlineKind))
      give(kind, planned, property, (name) => inline(planned, `${kind.toLowerCase()} "${name}"`));
    for (const planned of reading.of(attachment))
      give(kind, planned, property, () => attached(planned, "policyArn", readString(planned, "policyArn")));
    for (const planned of reading.of(exclusive))
      give(kind, planned, property, () => attachedList(planned, "policyArns"));
    for (const planned of reading.of("PolicyAttachment"))
      give(kind, planned, list, () => attached(planned, "policyArn", readString(planned, "policyArn")));
    for (const planned of reading.of("Policy"))
      if (planned.term.reads.includes(list)) give(kind, planned, list, () => ofPolicy(planned));
  }

  const own = (kind: PrincipalKind, planned: Planned): Grant => {
    const what = `${kind.toLowerCase()} "${nameOf(planned)}"`;
    const inlines = planned.term.reads.includes("inlinePolicies")
      ? read(planned, "inlinePolicies")
      : undefined;
    const grants: Grant[] = [];
    if (Array.isArray(inlines)) {
      for (const one of inlines) {
        if (one instanceof Unknown) grants.push(inline(planned, what, one, "?"));
        else if (typeof one === "object" && one !== null) {
          const { name, policyName, policy, policyDocument } = one as Record<string, unknown>;
          const document = policy ?? policyDocument;
          if (document !== undefined && document !== null)
            grants.push(inline(planned, what, document, name ?? policyName));
        }
      }
    } else if (inlines instanceof Unknown && !planned.blank) {
      grants.push(inline(planned, what, inlines, "?"));
    }
    if (planned.term.reads.includes("managedPolicyArns"))
      grants.push(attachedList(planned, "managedPolicyArns"));
    if (planned.blank)
      grants.push({ sources: [], unseen: [`nothing is known of ${labelOf(planned)} in this preview`] });
    return merged([...grants, ...(given[kind].get(planned.urn) ?? [])]);
  };

  const groups = memberships(reading, (kind, planned, property) => byName(kind, planned, property).inside);
  const facts = (kind: PrincipalKind, planned: Planned): PrincipalFacts => {
    const scope = scopeOf(reading, planned);
    const member = kind === "User" ? groups.ofUser(planned) : { groups: [], unseen: [] };
    const grant = merged([
      own(kind, planned),
      ...member.groups.map((group) => own("Group", group)),
      { sources: [], unseen: member.unseen },
    ]);
    const boundary = planned.term.reads.includes("permissionsBoundary")
      ? boundaryOf(planned, readString(planned, "permissionsBoundary"))
      : undefined;
    const name = nameOf(planned);
    return {
      urn: planned.urn,
      kind: kind.toLowerCase() as PrincipalFacts["kind"],
      name,
      label: `${kind.toLowerCase()} "${name}"`,
      arn: arnOf(reading, kind, planned),
      account: scope.account,
      sources: grant.sources,
      unseen: grant.unseen,
      ...(boundary === undefined ? {} : { boundary }),
      ...(kind === "Role"
        ? { trust: documentSource(planned, "assumeRolePolicy", `trust policy of role "${name}"`, "trust") }
        : {}),
    };
  };

  const boundaryOf = (planned: Planned, arn: string | Unknown | undefined): PrincipalSource | undefined => {
    if (arn === undefined || arn === "") return undefined;
    const grant = attached(planned, "permissionsBoundary", arn);
    const [only, ...more] = grant.sources;
    const label = `permissions boundary of ${labelOf(planned)}`;
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
    ...[...outsiders.values()].map((outsider) => outsiderFacts(reading, outsider)),
  ];
}

/** A principal that the stack gives policies to and does not make: what else it holds is not in the plan. */
interface Outsider {
  readonly kind: PrincipalKind;
  readonly name: string;
  /** The first resource that names it; findings about it are attached there. */
  readonly by: Planned;
  readonly grants: Grant[];
}

function outsiderFacts(reading: Reading, { kind, name, by, grants }: Outsider): PrincipalFacts {
  const { partition, account } = scopeOf(reading, by);
  const label = `${kind.toLowerCase()} "${name}"`;
  const path: Hole = { id: `path of ${label}`, shape: "any", label: "its path", from: [] };
  return {
    urn: by.urn,
    kind: kind.toLowerCase() as PrincipalFacts["kind"],
    name,
    label,
    arn: text("arn:", partition, ":iam::", account, `:${kind.toLowerCase()}/`, path, name),
    account,
    sources: merged(grants).sources,
    unseen: [...merged(grants).unseen, `${label} is not in this stack and may hold other policies`],
    ...(kind === "Role" ? { trust: new Unknown() } : {}),
  };
}

function nameOf(planned: Planned): string {
  const name = readString(planned, "name");
  return typeof name === "string" ? name : planned.name;
}

function arnOf(reading: Reading, kind: PrincipalKind, planned: Planned): Text {
  const shown = readString(planned, "arn");
  if (typeof shown === "string") return text(shown);
  const { partition, account } = scopeOf(reading, planned);
  const name = readString(planned, "name");
  const path = readString(planned, "path");
  return text(
    ...[text("arn:"), partition, text(":iam::"), account, text(`:${kind.toLowerCase()}`)],
    typeof path === "string" && path.startsWith("/") ? path : "/",
    typeof name === "string" ? name : text(reading.fresh(planned, "name")),
  );
}

interface ManagedPolicies {
  byArn(arn: string): Planned | undefined;
}

function managedPolicies(reading: Reading): ManagedPolicies {
  const arns = new Map<string, Planned>();
  const names = new Map<string, Planned>();
  for (const planned of reading.of("Policy")) {
    const arn = readString(planned, "arn");
    const path = readString(planned, "path");
    if (typeof arn === "string") arns.set(arn, planned);
    else names.set(`${typeof path === "string" ? path : "/"}${nameOf(planned)}`, planned);
  }
  return {
    byArn: (arn) => {
      const written = /^arn:[\w-]+:iam::(\d{12}):policy(\/.*)$/.exec(arn);
      return arns.get(arn) ?? (written?.[2] === undefined ? undefined : names.get(written[2]));
    },
  };
}

/** Whom a property names. */
interface Named {
  readonly inside: readonly Planned[];
  /** Names that no principal of the stack has. */
  readonly outside: readonly string[];
}

/** Finds the principals that a property names: one name or a list, by value or by dependency. */
function principalsByName(
  reading: Reading,
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
    const own = plannedDependencies(reading, planned, property).filter((one) => one.kind === kind);
    // A name that nobody is seen to have is that of a principal it is computed from and whose name is not shown.
    const unnamed = own.filter((one) => readString(one, "name") instanceof Unknown);
    const hidden = values.some((one) => one instanceof Unknown) ? own : strange.length > 0 ? unnamed : [];
    return {
      inside: [...new Set([...found, ...hidden])],
      outside: unnamed.length > 0 ? [] : strange,
    };
  };
}

interface Memberships {
  readonly members: ReadonlySet<string>;
  ofUser(user: Planned): { groups: readonly Planned[]; unseen: readonly string[] };
}

function memberships(
  reading: Reading,
  byName: (kind: PrincipalKind, planned: Planned, property: string) => readonly Planned[],
): Memberships {
  const groupsOf = new Map<string, Set<Planned>>();
  const outside = new Map<string, string[]>();
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
      outside.set(user.urn, [
        ...(outside.get(user.urn) ?? []),
        `a group that ${labelOf(planned)} names is not in this stack`,
      ]);
  };
  for (const planned of reading.of("GroupMembership")) {
    const users = byName("User", planned, "users");
    const groups = byName("Group", planned, "group");
    join(users, groups);
    note(users, planned, "group", groups.length);
  }
  for (const planned of reading.of("UserGroupMembership")) {
    const users = byName("User", planned, "user");
    const groups = byName("Group", planned, "groups");
    join(users, groups);
    note(users, planned, "groups", groups.length);
  }
  for (const planned of reading.of("User")) {
    if (!planned.term.reads.includes("groups")) continue;
    const groups = byName("Group", planned, "groups");
    join([planned], groups);
    if (read(planned, "groups") !== undefined) note([planned], planned, "groups", groups.length);
  }
  return {
    members,
    ofUser: (user) => ({ groups: [...(groupsOf.get(user.urn) ?? [])], unseen: outside.get(user.urn) ?? [] }),
  };
}
