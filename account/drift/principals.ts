import { plainCopy, read } from "../../stack";
import { type AccountResource, accountOf, type Entry, objects, strings } from "../resource";
import type { PrincipalKind } from "./account-index";
import { sameDocument } from "./documents";
import { type FoundDrift, NOTHING, type Reader, type Subject } from "./model";

/** A known string that is not empty. */
export function textOf({ planned }: Pick<Subject, "planned">, property: string): string | undefined {
  const value = read(planned, property);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const lower = (kind: PrincipalKind): string => kind.toLowerCase();

/** The items of a list that the program itself sets; a refresh adds to the list. */
function setByProgram({ planned }: Subject, property: string): readonly unknown[] {
  const { inputs } = planned.resource;
  if (inputs === undefined) return [];
  const value = (plainCopy(inputs, []) as Entry)[planned.resourceType.renamed[property] ?? property];
  return Array.isArray(value) ? value : [];
}

function inlineOf(
  { account }: Subject,
  kind: PrincipalKind,
  holder: AccountResource,
  { name, document }: { readonly name: unknown; readonly document: unknown },
): readonly FoundDrift[] {
  if (typeof name !== "string" || name === "") return NOTHING;
  const own = account.part(holder, `aws:iam/${lower(kind)}Policy:${kind}Policy`, name);
  const about = { part: "inline-policy", holder: String(holder.props.name), name, of: holder.urn } as const;
  if (own === undefined) return [{ ...about, code: "missing" }];
  return sameDocument(own.props.policy, document) ? NOTHING : [{ ...about, code: "differs" }];
}

function attachedTo(
  { account }: Subject,
  kind: PrincipalKind,
  holder: AccountResource,
  policyArn: unknown,
): readonly FoundDrift[] {
  if (typeof policyArn !== "string" || !policyArn.startsWith("arn:")) return NOTHING;
  const type = `aws:iam/${lower(kind)}PolicyAttachment:${kind}PolicyAttachment`;
  if (account.part(holder, type, policyArn) !== undefined) return NOTHING;
  return [
    {
      part: "attachment",
      code: "missing",
      holder: String(holder.props.name),
      name: policyArn,
      of: holder.urn,
    },
  ];
}

const inlinePolicy =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const holder = subject.account.holder(kind, textOf(subject, lower(kind)), subject.place);
    if (holder === undefined) return NOTHING;
    const { planned } = subject;
    return inlineOf(subject, kind, holder, {
      name: textOf(subject, "name"),
      document: read(planned, "policy"),
    });
  };

const attachment =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const holder = subject.account.holder(kind, textOf(subject, lower(kind)), subject.place);
    if (holder === undefined) return NOTHING;
    return attachedTo(subject, kind, holder, textOf(subject, "policyArn"));
  };

/** A policy that lists the principals that it is attached to. */
function attachments(subject: Subject, policyArn: string | undefined): readonly FoundDrift[] {
  return (["Role", "User", "Group"] as const).flatMap((kind) =>
    strings(read(subject.planned, `${lower(kind)}s`)).flatMap((name) => {
      const holder = subject.account.holder(kind, name, subject.place);
      return holder === undefined ? NOTHING : attachedTo(subject, kind, holder, policyArn);
    }),
  );
}

function membership(subject: Subject, user: unknown, group: unknown): readonly FoundDrift[] {
  const { account, place } = subject;
  const holder = account.holder("User", user, place);
  if (holder === undefined || typeof group !== "string") return NOTHING;
  const groups = strings(
    account.part(holder, "aws:iam/userGroupMembership:UserGroupMembership", "groups")?.props.groups,
  );
  if (groups.includes(group)) return NOTHING;
  return [
    {
      part: "membership",
      code: "missing",
      holder: String(holder.props.name),
      name: group,
      of: holder.urn,
    },
  ];
}

/** IDs of principals: AWS assigns different IDs to two principals with the same name. */
const ID = /^A[A-Z]{3}[A-Z0-9]{12,}$/;

function replaced({ planned }: Subject, holder: AccountResource): boolean {
  const { uniqueId, roleId } = plainCopy(planned.resource.props, []) as Entry;
  const [mine, yours] = [uniqueId ?? roleId, holder.props.uniqueId];
  return [mine, yours].every((id) => typeof id === "string" && ID.test(id)) && mine !== yours;
}

function boundaryOf(subject: Subject, holder: AccountResource): readonly FoundDrift[] {
  const mine = read(subject.planned, "permissionsBoundary") || undefined;
  const yours = holder.props.permissionsBoundary;
  if ((mine !== undefined && typeof mine !== "string") || mine === yours) return NOTHING;
  const code = mine === undefined ? "added" : yours === undefined ? "missing" : "differs";
  const name = String(mine ?? yours);
  return [{ part: "boundary", code, holder: String(holder.props.name), name, of: holder.urn }];
}

const principal =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const { account, planned } = subject;
    const [arn, name] = [textOf(subject, "arn"), textOf(subject, "name")];
    if (arn === undefined || name === undefined) return NOTHING;
    const holder = account.named(`aws:iam/${lower(kind)}:${kind}`, name).find(({ of }) => of === arn);
    if (holder === undefined) {
      const of = account.whole(accountOf(arn), kind);
      return of === undefined ? NOTHING : [{ part: "principal", code: "missing", holder: name, name, of }];
    }
    const about = { holder: name, of: holder.urn } as const;
    const trust = read(planned, "assumeRolePolicy");
    return [
      ...(replaced(subject, holder)
        ? [{ ...about, part: "principal", code: "replaced", name } as const]
        : []),
      ...(kind === "Role" && !sameDocument(holder.props.assumeRolePolicy, trust)
        ? [{ ...about, part: "trust-policy", code: "differs", name } as const]
        : []),
      ...(kind === "Group" ? NOTHING : boundaryOf(subject, holder)),
      ...objects(setByProgram(subject, "inlinePolicies")).flatMap((entry) =>
        inlineOf(subject, kind, holder, {
          name: entry.name ?? entry.policyName,
          document: entry.policy ?? entry.policyDocument,
        }),
      ),
      ...setByProgram(subject, "managedPolicyArns").flatMap((entry) =>
        attachedTo(subject, kind, holder, entry),
      ),
      ...(kind === "User"
        ? setByProgram(subject, "groups").flatMap((group) => membership(subject, name, group))
        : NOTHING),
    ];
  };

const managedPolicy: Reader = (subject) => {
  const { account, planned } = subject;
  const arn = textOf(subject, "arn");
  if (arn === undefined) return NOTHING;
  const [holder] = account.of("aws:iam/policy:Policy", arn);
  const isSame = holder === undefined || sameDocument(holder.props.policy, read(planned, "policy"));
  const name = String(holder?.props.name);
  return [
    ...(isSame
      ? NOTHING
      : [{ part: "managed-policy", code: "differs", holder: name, name, of: holder.urn } as const]),
    ...attachments(subject, arn),
  ];
};

export const PRINCIPAL_READERS = {
  Role: principal("Role"),
  User: principal("User"),
  Group: principal("Group"),
  RolePolicy: inlinePolicy("Role"),
  UserPolicy: inlinePolicy("User"),
  GroupPolicy: inlinePolicy("Group"),
  RolePolicyAttachment: attachment("Role"),
  UserPolicyAttachment: attachment("User"),
  GroupPolicyAttachment: attachment("Group"),
  PolicyAttachment: (subject) => attachments(subject, textOf(subject, "policyArn")),
  Policy: managedPolicy,
  GroupMembership: (subject) =>
    strings(read(subject.planned, "users")).flatMap((user) =>
      membership(subject, user, textOf(subject, "group")),
    ),
  UserGroupMembership: (subject) =>
    strings(read(subject.planned, "groups")).flatMap((group) =>
      membership(subject, textOf(subject, "user"), group),
    ),
} as const satisfies Readonly<Record<string, Reader>>;
