import { isObject } from "../iam";
import { type AccountResource, accountOf, accountResource, type Entry, objects, strings } from "./resource";

/**
 * The roles, users, groups and policies from `aws iam get-account-authorization-details`.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export function iamDetails(value: Readonly<Record<string, unknown>>): readonly AccountResource[] {
  return [
    ...objects(value.Policies).flatMap(policy),
    ...objects(value.RoleDetailList).flatMap((entry) => principal("Role", entry)),
    ...objects(value.UserDetailList).flatMap((entry) => principal("User", entry)),
    ...objects(value.GroupDetailList).flatMap((entry) => principal("Group", entry)),
  ];
}

function policy(entry: Entry): readonly AccountResource[] {
  const { Arn: arn } = entry;
  const versions = objects(entry.PolicyVersionList);
  const version =
    versions.find((version) => version.IsDefaultVersion === true) ??
    versions.find((version) => version.VersionId === entry.DefaultVersionId);
  if (typeof arn !== "string" || version === undefined) return [];
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  const props = { name, arn, path: entry.Path, policy: document(version.Document) };
  return [accountResource(accountOf(arn), "aws:iam/policy:Policy", arn, { props, owner: arn })];
}

function principal(kind: "Role" | "User" | "Group", entry: Entry): readonly AccountResource[] {
  const arn = entry.Arn;
  const name = entry[`${kind}Name`];
  if (typeof arn !== "string" || typeof name !== "string") return [];
  const lower = kind.toLowerCase();
  const account = accountOf(arn);
  const part = (type: string, partName: string, props: Entry): AccountResource =>
    accountResource(account, `aws:iam/${lower}${type}:${kind}${type}`, `${name}/${partName}`, {
      props: { [lower]: name, ...props },
      owner: arn,
    });
  const boundary = isObject(entry.PermissionsBoundary)
    ? entry.PermissionsBoundary.PermissionsBoundaryArn
    : undefined;
  const props = {
    name,
    arn,
    path: entry.Path,
    uniqueId: entry[`${kind}Id`],
    ...(entry.AssumeRolePolicyDocument === undefined
      ? {}
      : { assumeRolePolicy: document(entry.AssumeRolePolicyDocument) }),
    ...(typeof boundary === "string" ? { permissionsBoundary: boundary } : {}),
    ...tags(entry.Tags),
  };
  const groups = strings(entry.GroupList);
  return [
    accountResource(account, `aws:iam/${lower}:${kind}`, name, { props, owner: arn }),
    ...objects(entry[`${kind}PolicyList`]).map((entry) =>
      part("Policy", String(entry.PolicyName), {
        name: entry.PolicyName,
        policy: document(entry.PolicyDocument),
      }),
    ),
    ...objects(entry.AttachedManagedPolicies).map((entry) =>
      part("PolicyAttachment", String(entry.PolicyArn), { policyArn: entry.PolicyArn }),
    ),
    ...(groups.length > 0 ? [part("GroupMembership", "groups", { groups })] : []),
  ];
}

/** Documents are objects in the output of the CLI, and percent-encoded text in that of other tools. */
function document(value: unknown): unknown {
  if (typeof value !== "string") return JSON.stringify(value);
  if (!value.startsWith("%7B")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function tags(value: unknown): { readonly tags?: Readonly<Record<string, unknown>> } {
  const list = objects(value);
  return list.length === 0
    ? {}
    : { tags: Object.fromEntries(list.map(({ Key, Value }) => [String(Key), Value])) };
}
