import { isObject } from "../iam";
import { plainCopy, type SeenResource } from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { isApi } from "./apis";
import { type AccountResource, accountOf, objects, parsedObject } from "./resource";

type Resource = Pick<SeenResource, "type" | "props">;
type Properties = Readonly<Record<string, unknown>>;

/**
 * Account data on resources that belong to the stack itself, which the update creates or removes: the plan is used
 * instead of the current state in AWS.
 */
export class StackResources {
  /** The accounts that the stack is known to be in; empty when none of its resources exists yet. */
  private readonly accounts: ReadonlySet<string>;
  private readonly keys: ReadonlySet<string>;
  private readonly policies: ReadonlySet<string>;
  private readonly statements = new Map<string, Properties[]>();

  constructor(stack: readonly Resource[], removed: readonly Resource[]) {
    const resources = [...stack, ...removed];
    this.accounts = new Set(resources.flatMap(({ props }) => accountIn(props)));
    this.keys = new Set(resources.flatMap((resource) => partKey(resource) ?? []));
    this.policies = new Set(
      resources
        .filter(({ type }) => type === POLICY_OF_FUNCTION)
        .flatMap(({ props }) => {
          const { resourceArn } = properties(props);
          return typeof resourceArn === "string" ? [resourceArn] : [];
        }),
    );
    for (const { type, props } of resources) {
      if (type !== PERMISSION) continue;
      const permission = properties(props);
      const sid = String(permission.statementId);
      appendTo(this.statements, sid, permission);
    }
  }

  /** Whether the stack may have resources in an account. */
  mayBeIn(account: string): boolean {
    return this.accounts.size === 0 || this.accounts.has(account);
  }

  /** A resource of account data without the stack's part; `undefined` when nothing is left. */
  withoutOwnParts(resource: AccountResource): AccountResource | undefined {
    // A role of this name may exist in each of two accounts.
    if (!this.mayBeIn(accountOf(resource.owner)) && !isApi(resource)) return resource;
    const key = partKey(resource);
    if (key !== undefined && this.keys.has(key)) return undefined;
    if (resource.type !== POLICY_OF_FUNCTION) return resource;
    const arn = String(resource.props.resourceArn);
    if (this.policies.has(arn)) return undefined;
    const policy = parsedObject(String(resource.props.policy));
    const statements = objects(policy?.Statement);
    const foreignStatements = statements.filter(({ Sid }) => !this.isOwn(String(Sid), arn));
    if (foreignStatements.length === statements.length) return resource;
    return {
      ...resource,
      props: { ...resource.props, policy: JSON.stringify({ ...policy, Statement: foreignStatements }) },
    };
  }

  /** A statement ID is unique in the policy of a function, version or alias. */
  private isOwn(sid: string, arn: string): boolean {
    return (this.statements.get(sid) ?? []).some((permission) => mayBeOn(permission, arn));
  }
}

/** The account of a resource, where the resource shows it. */
function accountIn(props: object): readonly string[] {
  const arn: unknown = Object.getOwnPropertyDescriptor(props, "arn")?.value;
  const account = typeof arn === "string" ? accountOf(arn) : "";
  return /^\d{12}$/.test(account) ? [account] : [];
}

const PERMISSION = "aws:lambda/permission:Permission";
const POLICY_OF_FUNCTION = "aws:lambda/resourcePolicy:ResourcePolicy";

/** Whether a permission is on a function, version or alias, as far as that is known. */
function mayBeOn(permission: Properties, arn: string): boolean {
  return typeof permission.function !== "string" || isObject(permission.qualifier) || isOn(permission, arn);
}

/** Whether a permission certainly names a function, version or alias. */
export function isOn(
  { function: fn, qualifier: givenQualifier, region: ownRegion }: Properties,
  arn: string,
): boolean {
  const [, , , region, account, , name = "", qualifier] = arn.split(":");
  if (typeof fn !== "string" || isObject(givenQualifier)) return false;
  const [, itsRegion = ownRegion, itsAccount = account] =
    /^(?:arn:[^:]*:lambda:([^:]*):)?(?:(\d{12}):)?(?:function:)?[\w-]+(?::[\w$-]+)?$/.exec(fn) ?? [];
  if ((typeof itsRegion === "string" && itsRegion !== region) || itsAccount !== account) return false;
  // A name, a partial ARN or an ARN, each with or without a qualifier.
  const nameAndQualifier = fn.replace(/^(arn:[^:]*:lambda:[^:]*:)?(\d{12}:)?(function:)?/, "").split(":");
  if (nameAndQualifier[0] !== name) return false;
  return (givenQualifier || nameAndQualifier[1] || undefined) === qualifier;
}

/** The identity of an inline policy or an attachment: its principal's name, and its own name or the policy's ARN. */
function partKey({ type, props }: Resource): string | undefined {
  if (!/^aws:iam\/(role|user|group)Policy(Attachment)?:/.test(type)) return undefined;
  const { role, user, group, name, policyArn } = properties(props);
  return `${type} ${role ?? user ?? group} ${name ?? policyArn}`;
}

function properties(props: object): Properties {
  return plainCopy(props, []) as Properties;
}
