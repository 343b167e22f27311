import { isUniqueId } from "../../aws";
import { plainCopy, read } from "../../stack";
import { type AccountResource, accountOf, type Entry, objects, strings } from "../resource";
import type { PrincipalKind } from "./account-index";
import { sameDocument } from "./documents";
import { type DriftSubject, type FoundDrift, NOTHING, type Reader } from "./model";

/** A known string that is not empty. */
export function textOf({ planned }: Pick<DriftSubject, "planned">, property: string): string | undefined {
  const value = read(planned, property);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const lower = (kind: PrincipalKind): string => kind.toLowerCase();

/** The items of a list that the program itself sets; a refresh adds to the list. */
function setByProgram({ planned }: DriftSubject, property: string): readonly unknown[] {
  const { inputs } = planned.resource;
  if (inputs === undefined) return [];
  const value = (plainCopy(inputs, []) as Entry)[planned.resourceType.renamed[property] ?? property];
  return Array.isArray(value) ? value : [];
}

function inlinePolicyDrift(
  { account }: DriftSubject,
  kind: PrincipalKind,
  inAws: AccountResource,
  { name, document }: { readonly name: unknown; readonly document: unknown },
): readonly FoundDrift[] {
  if (typeof name !== "string" || name === "") return NOTHING;
  const policyInAws = account.part(inAws, `aws:iam/${lower(kind)}Policy:${kind}Policy`, name);
  const subjectOfDrift = {
    part: "inline-policy",
    holder: String(inAws.props.name),
    name,
    evidenceUrn: inAws.urn,
  } as const;
  if (policyInAws === undefined) return [{ ...subjectOfDrift, code: "missing" }];
  return sameDocument(policyInAws.props.policy, document)
    ? NOTHING
    : [{ ...subjectOfDrift, code: "differs" }];
}

function attachmentDrift(
  { account }: DriftSubject,
  kind: PrincipalKind,
  inAws: AccountResource,
  policyArn: unknown,
): readonly FoundDrift[] {
  if (typeof policyArn !== "string" || !policyArn.startsWith("arn:")) return NOTHING;
  const type = `aws:iam/${lower(kind)}PolicyAttachment:${kind}PolicyAttachment`;
  if (account.part(inAws, type, policyArn) !== undefined) return NOTHING;
  return [
    {
      part: "attachment",
      code: "missing",
      holder: String(inAws.props.name),
      name: policyArn,
      evidenceUrn: inAws.urn,
    },
  ];
}

const inlinePolicy =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const inAws = subject.account.principalNamed(kind, textOf(subject, lower(kind)), subject.place);
    if (inAws === undefined) return NOTHING;
    const { planned } = subject;
    return inlinePolicyDrift(subject, kind, inAws, {
      name: textOf(subject, "name"),
      document: read(planned, "policy"),
    });
  };

const attachment =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const inAws = subject.account.principalNamed(kind, textOf(subject, lower(kind)), subject.place);
    if (inAws === undefined) return NOTHING;
    return attachmentDrift(subject, kind, inAws, textOf(subject, "policyArn"));
  };

/** A policy that lists the principals that it is attached to. */
function attachments(subject: DriftSubject, policyArn: string | undefined): readonly FoundDrift[] {
  return (["Role", "User", "Group"] as const).flatMap((kind) =>
    strings(read(subject.planned, `${lower(kind)}s`)).flatMap((name) => {
      const inAws = subject.account.principalNamed(kind, name, subject.place);
      return inAws === undefined ? NOTHING : attachmentDrift(subject, kind, inAws, policyArn);
    }),
  );
}

function membership(subject: DriftSubject, user: unknown, group: unknown): readonly FoundDrift[] {
  const { account, place } = subject;
  const inAws = account.principalNamed("User", user, place);
  if (inAws === undefined || typeof group !== "string") return NOTHING;
  const groups = strings(
    account.part(inAws, "aws:iam/userGroupMembership:UserGroupMembership", "groups")?.props.groups,
  );
  if (groups.includes(group)) return NOTHING;
  return [
    {
      part: "membership",
      code: "missing",
      holder: String(inAws.props.name),
      name: group,
      evidenceUrn: inAws.urn,
    },
  ];
}

/** AWS assigns different IDs to two principals with the same name. */
function isReplaced({ planned }: DriftSubject, inAws: AccountResource): boolean {
  const { uniqueId, roleId } = plainCopy(planned.resource.props, []) as Entry;
  const [idInState, idInAws] = [uniqueId ?? roleId, inAws.props.uniqueId];
  return (
    [idInState, idInAws].every((id) => typeof id === "string" && isUniqueId(id)) && idInState !== idInAws
  );
}

function boundaryOf(subject: DriftSubject, inAws: AccountResource): readonly FoundDrift[] {
  const boundaryInState = read(subject.planned, "permissionsBoundary") || undefined;
  const boundaryInAws = inAws.props.permissionsBoundary;
  if (
    (boundaryInState !== undefined && typeof boundaryInState !== "string") ||
    boundaryInState === boundaryInAws
  )
    return NOTHING;
  const code = boundaryInState === undefined ? "added" : boundaryInAws === undefined ? "missing" : "differs";
  const name = String(boundaryInState ?? boundaryInAws);
  return [{ part: "boundary", code, holder: String(inAws.props.name), name, evidenceUrn: inAws.urn }];
}

const principal =
  (kind: PrincipalKind): Reader =>
  (subject) => {
    const { account, planned } = subject;
    const [arn, name] = [textOf(subject, "arn"), textOf(subject, "name")];
    if (arn === undefined || name === undefined) return NOTHING;
    const inAws = account
      .resourcesNamed(`aws:iam/${lower(kind)}:${kind}`, name)
      .find(({ owner }) => owner === arn);
    if (inAws === undefined) {
      const evidenceUrn = account.anyOfCompleteList(accountOf(arn), kind);
      return evidenceUrn === undefined
        ? NOTHING
        : [{ part: "principal", code: "missing", holder: name, name, evidenceUrn }];
    }
    const subjectOfDrift = { holder: name, evidenceUrn: inAws.urn } as const;
    const trust = read(planned, "assumeRolePolicy");
    return [
      ...(isReplaced(subject, inAws)
        ? [{ ...subjectOfDrift, part: "principal", code: "replaced", name } as const]
        : []),
      ...(kind === "Role" && !sameDocument(inAws.props.assumeRolePolicy, trust)
        ? [{ ...subjectOfDrift, part: "trust-policy", code: "differs", name } as const]
        : []),
      ...(kind === "Group" ? NOTHING : boundaryOf(subject, inAws)),
      ...objects(setByProgram(subject, "inlinePolicies")).flatMap((entry) =>
        inlinePolicyDrift(subject, kind, inAws, {
          name: entry.name ?? entry.policyName,
          document: entry.policy ?? entry.policyDocument,
        }),
      ),
      ...setByProgram(subject, "managedPolicyArns").flatMap((entry) =>
        attachmentDrift(subject, kind, inAws, entry),
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
  const [inAws] = account.partsOf("aws:iam/policy:Policy", arn);
  const isSame = inAws === undefined || sameDocument(inAws.props.policy, read(planned, "policy"));
  const name = String(inAws?.props.name);
  return [
    ...(isSame
      ? NOTHING
      : [{ part: "managed-policy", code: "differs", holder: name, name, evidenceUrn: inAws.urn } as const]),
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
