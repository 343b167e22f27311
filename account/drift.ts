import { plain, type SeenResource } from "../stack";
import type { AccountData } from "./data";
import { isOn } from "./own";
import { type AccountResource, type Entry, isObject, objects, parsedObject } from "./resource";

/** Where AWS has something else than the state of a stack. */
export interface Drift {
  /** URN of the resource of the stack. */
  readonly urn: string;
  readonly code: "missing" | "differs";
  readonly part: "inline-policy" | "attachment" | "statement" | "trust-policy" | "managed-policy";
  /** The role, user, group or function that the part belongs to; of a managed policy, itself. */
  readonly holder: string;
  /** What the part is called. */
  readonly name: string;
  /** The day of the data. */
  readonly asOf: string;
}

type Existing = Pick<SeenResource, "urn" | "type" | "props">;

/**
 * What AWS no longer has, or has otherwise, of resources that exist. What AWS has in addition may be another stack's. Of
 * what is not in the data nothing is said.
 */
export function driftOf(
  { resources, asOf }: Pick<AccountData, "resources" | "asOf">,
  existing: readonly Existing[],
): readonly Drift[] {
  if (resources.length === 0) return [];
  const byUrn = new Map(resources.map((one) => [keyOf(one), one]));
  const policies = resources.filter(({ type }) => type === "aws:lambda/resourcePolicy:ResourcePolicy");
  const has: Lookup = Object.assign((type: string, name: unknown) => byUrn.get(`${type} ${name}`), {
    policyOn: (permission: Entry) => {
      const [only, ...more] = policies.filter(({ props }) => isOn(permission, String(props.resourceArn)));
      return more.length > 0 ? undefined : only;
    },
  });
  return existing.flatMap((resource): readonly Drift[] => {
    const found = READERS[resource.type]?.(plain(resource.props, []) as Entry, has);
    if (found === undefined) return [];
    const { holder, ...drift } = found;
    return [
      { ...drift, urn: resource.urn, holder: String(holder.props.name), asOf: asOf.get(holder.urn) ?? "" },
    ];
  });
}

function keyOf({ type, name }: AccountResource): string {
  return `${type} ${name}`;
}

type Lookup = ((type: string, name: unknown) => AccountResource | undefined) & {
  /** The policy of the function, version or alias that a permission is on. */
  readonly policyOn: (permission: Entry) => AccountResource | undefined;
};
type Found = Pick<Drift, "code" | "part" | "name"> & { readonly holder: AccountResource };
type Reader = (props: Entry, has: Lookup) => Found | undefined;

const inlinePolicy =
  (kind: "Role" | "User" | "Group"): Reader =>
  (props, has) => {
    const lower = kind.toLowerCase();
    const holder = has(`aws:iam/${lower}:${kind}`, props[lower]);
    const { name } = props;
    if (holder === undefined || typeof name !== "string") return undefined;
    const own = has(`aws:iam/${lower}Policy:${kind}Policy`, `${props[lower]}/${name}`);
    const about = { part: "inline-policy", holder, name } as const;
    if (own === undefined) return { ...about, code: "missing" };
    return sameDocument(own.props.policy, props.policy) ? undefined : { ...about, code: "differs" };
  };

const attachment =
  (kind: "Role" | "User" | "Group"): Reader =>
  (props, has) => {
    const lower = kind.toLowerCase();
    const holder = has(`aws:iam/${lower}:${kind}`, props[lower]);
    const { policyArn } = props;
    if (holder === undefined || typeof policyArn !== "string") return undefined;
    const own = has(
      `aws:iam/${lower}PolicyAttachment:${kind}PolicyAttachment`,
      `${props[lower]}/${policyArn}`,
    );
    return own === undefined ? { part: "attachment", code: "missing", holder, name: policyArn } : undefined;
  };

const READERS: Readonly<Partial<Record<string, Reader>>> = {
  "aws:iam/rolePolicy:RolePolicy": inlinePolicy("Role"),
  "aws:iam/userPolicy:UserPolicy": inlinePolicy("User"),
  "aws:iam/groupPolicy:GroupPolicy": inlinePolicy("Group"),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment("Role"),
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": attachment("User"),
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": attachment("Group"),
  "aws:iam/role:Role": ({ name, arn, assumeRolePolicy }, has) => {
    const holder = has("aws:iam/role:Role", name);
    if (holder === undefined || holder.of !== arn) return undefined;
    const isSame = sameDocument(holder.props.assumeRolePolicy, assumeRolePolicy);
    return isSame ? undefined : { part: "trust-policy", code: "differs", holder, name: "" };
  },
  "aws:iam/policy:Policy": ({ arn, policy }, has) => {
    const holder = has("aws:iam/policy:Policy", arn);
    if (holder === undefined || sameDocument(holder.props.policy, policy)) return undefined;
    return { part: "managed-policy", code: "differs", holder, name: String(holder.props.name) };
  },
  "aws:lambda/permission:Permission": (props, has) => {
    const { statementId } = props;
    const on = has.policyOn(props);
    if (on === undefined || typeof statementId !== "string") return undefined;
    const statements = objects(parsedObject(String(on.props.policy))?.Statement);
    return statements.some(({ Sid }) => Sid === statementId)
      ? undefined
      : { part: "statement", code: "missing", holder: on, name: statementId };
  },
};

/** Whether two documents say the same, as far as both are known: AWS writes some parts in a way of its own. */
function sameDocument(one: unknown, other: unknown): boolean {
  if (typeof one !== "string" || typeof other !== "string") return true;
  const [a, b] = [parsedObject(one), parsedObject(other)];
  return a === undefined || b === undefined || canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    const items = [...new Set(value.map(canonical))].sort();
    return items.length === 1 ? (items[0] ?? "") : `[${items.join()}]`;
  }
  if (isObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join()}}`;
  const text = String(value);
  return JSON.stringify(/^\d{12}$/.test(text) ? `arn:aws:iam::${text}:root` : text);
}
