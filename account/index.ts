import { mentions, plain, RESOURCE_TYPES, type SeenResource, type StackFacts } from "../stack";
import { functionPolicy } from "./functions";
import { iamDetails, isObject } from "./iam-details";
import { type AccountResource, isOfAccount } from "./resource";

export { type AccountResource, isOfAccount } from "./resource";

/** What AWS's CLI printed of an account, and when. */
export interface AccountData {
  /** What is named outside of the stack; `everything`: whoever is in the account may be meant. */
  readonly named: readonly string[] | "everything";
  readonly resources: readonly AccountResource[];
  /** The day of each resource (URN), `YYYY-MM-DD`. */
  readonly asOf: ReadonlyMap<string, string>;
}

interface Shape {
  readonly command: string;
  readonly is: (value: Readonly<Record<string, unknown>>) => boolean;
  readonly read: (value: Readonly<Record<string, unknown>>) => readonly AccountResource[];
}

/** What is read, recognized by the keys that each command prints. */
const SHAPES: readonly Shape[] = [
  {
    command: "aws iam get-account-authorization-details",
    is: (value) =>
      ["RoleDetailList", "UserDetailList", "GroupDetailList", "Policies"].some((key) =>
        Array.isArray(value[key]),
      ),
    read: iamDetails,
  },
  {
    command: "aws lambda get-policy",
    is: ({ Policy }) => typeof Policy === "string",
    read: functionPolicy,
  },
];

export const ACCOUNT_COMMANDS: readonly string[] = SHAPES.map(({ command }) => command);

export type AccountFile =
  | { readonly resources: readonly AccountResource[]; readonly truncated: boolean }
  /** It is the output of no command that is read. */
  | undefined;

/** The resources in what a command printed. */
export function readAccountFile(value: unknown): AccountFile {
  if (!isObject(value)) return undefined;
  const shape = SHAPES.find(({ is }) => is(value));
  return shape && { resources: shape.read(value), truncated: value.IsTruncated === true };
}

/** The data of several files: of what stands in two, the newer counts. */
export function accountData(
  files: readonly { readonly resources: readonly AccountResource[]; readonly asOf: string }[],
  named: AccountData["named"],
): AccountData {
  const newestFirst = [...files].sort((a, b) => (a.asOf < b.asOf ? 1 : a.asOf > b.asOf ? -1 : 0));
  const resources = new Map<string, AccountResource>();
  const asOf = new Map<string, string>();
  const owners = new Map<string, unknown>();
  for (const file of newestFirst)
    for (const resource of file.resources) {
      // Of one role, the policies of two days must not be taken together.
      if ((owners.get(resource.of) ?? file) !== file) continue;
      owners.set(resource.of, file);
      resources.set(resource.urn, resource);
      asOf.set(resource.urn, file.asOf);
    }
  return { named, resources: [...resources.values()], asOf };
}

/**
 * What of an account a stack speaks of: the roles, users, policies and functions that it names and does not make
 * itself. Others that may call its APIs are not asked about, nor reported. What the stack makes is what the update makes
 * of it, whatever AWS has now.
 */
export function relevantTo(
  { resources, named }: AccountData,
  stack: readonly SeenResource[],
): readonly AccountResource[] {
  const parts = new Map<string, AccountResource[]>();
  for (const one of resources) {
    const before = parts.get(one.of);
    if (before === undefined) parts.set(one.of, [one]);
    else before.push(one);
  }
  const heads = new Map(resources.filter(isHead).map((one) => [one.of, one]));
  const groups = new Map(
    [...heads.values()].filter(isGroup).map((one) => [groupKey(one.of, one.props.name), one.of]),
  );
  const made = madeBy(stack);
  const isNamed = namedIn(stack, named);
  const wanted = new Set<string>();
  const want = (arn: unknown): void => {
    const head = heads.get(String(arn));
    if (head !== undefined && !made.has(head.of) && !made.has(`${head.type} ${head.props.name}`))
      wanted.add(head.of);
  };
  for (const head of heads.values()) if (isNamed(head)) want(head.of);
  // A set is walked to its end, with what is added meanwhile: policies, boundaries, groups and theirs.
  for (const of of wanted)
    for (const { props } of parts.get(of) ?? []) {
      want(props.policyArn);
      want(props.permissionsBoundary);
      for (const group of Array.isArray(props.groups) ? props.groups : [])
        want(groups.get(groupKey(of, group)));
    }
  const kept = partsOf(stack);
  return resources.filter((one) => wanted.has(one.of) && !kept.has(partKey(one)));
}

/** What an inline policy is known by: its holder's name, and its own. */
function partKey({ type, props }: Pick<SeenResource, "type" | "props">): string {
  const { role, user, group, name } = plain(props, []) as Readonly<Record<string, unknown>>;
  return `${type} ${role ?? user ?? group} ${name}`;
}

/** Inline policies of the stack: of those the update makes what the stack says, whatever AWS has now. */
function partsOf(stack: readonly SeenResource[]): ReadonlySet<string> {
  return new Set(stack.filter(({ type }) => /^aws:iam\/(role|user|group)Policy:/.test(type)).map(partKey));
}

/** Whether it is what the stack would name, and no part of another. */
function isHead({ props }: AccountResource): boolean {
  return "arn" in props || "resourceArn" in props;
}

function isGroup({ type }: AccountResource): boolean {
  return type === "aws:iam/group:Group";
}

/** Names of groups are those of an account. */
function groupKey(arn: string, name: unknown): string {
  return `${arn.split(":", 5)[4]} ${name}`;
}

const ARNS =
  /arn:[\w-]+:(?:iam::(?:\d*|aws):(?:role|user|group|policy)\/[\w+=,.@/-]+|lambda:[\w-]+:\d+:function:[\w-]+)/g;

/** Whether a stack, or what else names them, names the head of a part of an account. */
function namedIn(
  stack: readonly SeenResource[],
  also: AccountData["named"],
): (head: AccountResource) => boolean {
  if (also === "everything") return () => true;
  const texts = new Set<string>(also);
  for (const { type, props } of stack) if (RESOURCE_TYPES.has(type)) collect(plain(props, []), texts);
  const found = new Set(texts);
  for (const text of texts) for (const [arn] of text.matchAll(ARNS)) found.add(arn);
  return ({ of, type, props }) =>
    found.has(of) || (type !== "aws:iam/policy:Policy" && found.has(String(props.name)));
}

function collect(value: unknown, texts: Set<string>): void {
  if (typeof value === "string") texts.add(value);
  else if (typeof value === "object" && value !== null)
    for (const one of Object.values(value)) collect(one, texts);
}

/** The ARNs of what a stack makes, and the names, with their types. */
function madeBy(stack: readonly SeenResource[]): ReadonlySet<string> {
  const made = new Set<string>();
  for (const { type, props } of stack) {
    if (!HEADS.has(type)) continue;
    const { arn, name } = plain(props, []) as { readonly arn?: unknown; readonly name?: unknown };
    if (typeof arn === "string") made.add(arn);
    else if (typeof name === "string") made.add(`${type === FUNCTION ? FUNCTION_POLICY : type} ${name}`);
  }
  return made;
}

const FUNCTION = "aws:lambda/function:Function";
const FUNCTION_POLICY = "aws:lambda/resourcePolicy:ResourcePolicy";

const HEADS: ReadonlySet<string> = new Set([
  "aws:iam/role:Role",
  "aws:iam/user:User",
  "aws:iam/group:Group",
  "aws:iam/policy:Policy",
  FUNCTION,
]);

/** The resource of the stack by which it speaks of a part of an account: findings about that are attached there. */
export function whoNames(
  { resources }: AccountData,
  urn: string,
  stack: readonly SeenResource[],
): string | undefined {
  const head = resources.find((one) => one.urn === urn);
  if (head === undefined) return undefined;
  const name = String(head.props.name);
  const escaped = [head.of, name].map((text) => text.replace(/[^\w-]/g, "\\$&"));
  const pattern = new RegExp(`${escaped[0]}|^${escaped[1]}$`);
  return stack.find(({ type, props }) => RESOURCE_TYPES.has(type) && mentions(props, pattern))?.urn;
}

/** The facts with the day of account data in the evidence of its documents. */
export function dated(facts: StackFacts, { asOf }: AccountData): StackFacts {
  const label = <T extends { readonly label: string; readonly key?: string }>(source: T): T => {
    const day = source.key === undefined ? undefined : asOf.get(source.key);
    return day === undefined ? source : { ...source, label: `${source.label} (account data as of ${day})` };
  };
  return {
    ...facts,
    principals: facts.principals.map((principal) => ({
      ...principal,
      sources: principal.sources.map(label),
      ...(principal.boundary === undefined ? {} : { boundary: label(principal.boundary) }),
      ...(principal.trust !== undefined && "label" in principal.trust
        ? { trust: label(principal.trust) }
        : {}),
    })),
    functionPolicies: facts.functionPolicies.map((policy) =>
      isOfAccount(policy.urn)
        ? { ...policy, whole: true as const, source: label({ key: policy.urn, ...policy.source }) }
        : policy,
    ),
  };
}
