import { concernsAccess, mentions, plainCopy, type SeenResource } from "../stack";
import { appendTo } from "../stack/pulumi/keys";
import { isApi } from "./apis";
import type { AccountData } from "./data";
import { type AccountResource, accountOf, strings } from "./resource";
import { StackResources } from "./stack-resources";

/**
 * The part of account data that a stack refers to: the roles, users, policies, functions and APIs that it names and
 * does not create. Other principals that may call its APIs are neither evaluated nor reported. For resources that the
 * stack creates or removes, the plan is used instead of the current state in AWS.
 */
export function relevantTo(
  { resources, namedResources, removed }: AccountData,
  stack: readonly SeenResource[],
): readonly AccountResource[] {
  const parts = new Map<string, AccountResource[]>();
  for (const resource of resources) appendTo(parts, resource.owner, resource);
  const ownersByUrn = new Map(
    resources.filter(isTopLevelResource).map((resource) => [resource.owner, resource]),
  );
  const groups = new Map(
    [...ownersByUrn.values()]
      .filter(isGroup)
      .map((resource) => [groupKey(resource.owner, resource.props.name), resource.owner]),
  );
  const createdByStack = resourcesCreatedBy([...stack, ...removed]);
  const ownParts = new StackResources(stack, removed);
  const names = namesIn(stack, namedResources);
  const relevantOwners = new Set<string>();
  const addOwner = (owner: unknown): void => {
    const topLevel = ownersByUrn.get(String(owner));
    if (
      topLevel !== undefined &&
      !createdByStack.has(topLevel.owner) &&
      !createdByStack.has(nameKey(topLevel.type, topLevel.props.name))
    )
      relevantOwners.add(topLevel.owner);
  };
  for (const topLevel of ownersByUrn.values())
    if (isNamed(topLevel, names, ownParts)) addOwner(topLevel.owner);
  // Iterating over a set includes the items added meanwhile: policies, boundaries, groups and their policies, functions
  // of APIs.
  for (const owner of relevantOwners)
    for (const { props } of parts.get(owner) ?? []) {
      addOwner(props.policyArn);
      addOwner(props.permissionsBoundary);
      for (const group of strings(props.groups)) addOwner(groups.get(groupKey(owner, group)));
      for (const uri of [props.uri, props.integrationUri])
        for (const [arn] of String(uri ?? "").matchAll(ARNS)) addOwner(arn);
    }
  return resources
    .flatMap((resource) =>
      relevantOwners.has(resource.owner) ? (ownParts.withoutOwnParts(resource) ?? []) : [],
    )
    .map((resource) => withLocation(resource, ownersByUrn.get(resource.owner) ?? resource, names));
}

/** Whether it is a resource that the stack would name itself, and not a part of one. */
function isTopLevelResource(resource: AccountResource): boolean {
  return isApi(resource) || TOP_LEVEL_PROPERTIES.some((name) => name in resource.props);
}

const TOP_LEVEL_PROPERTIES = ["arn", "resourceArn", "functionArn"];

function isGroup({ type }: AccountResource): boolean {
  return type === "aws:iam/group:Group";
}

/** The prefixes of the properties that contain such names: `role`, `roles`, `roleName`. */
const KINDS = ["role", "user", "group"] as const;

/** Group names are unique per account. */
function groupKey(arn: string, name: unknown): string {
  return `${arn.split(":", 5)[4]} ${name}`;
}

const ARNS =
  /arn:[\w-]+:(?:iam::(?:\d*|aws):(?:role|user|group|policy)\/[\w+=,.@/-]+|lambda:[\w-]+:\d+:function:[\w-]+)/g;

/** The position of an API id in a text. */
const API_IDS =
  /(?<arn>arn:[\w-]+:execute-api:(?<region>[\w-]+):(?<account>\d{12}):(?<id>[a-z0-9]{8,14}))(?![a-z0-9])|execute-api:[^:]*:[^:]*:(?<bare>[a-z0-9]{8,14})(?![a-z0-9])|\/\/(?<host>[a-z0-9]{8,14})\.execute-api\.|\/(?:restapis|apis)\/(?<path>[a-z0-9]{8,14})(?![a-z0-9])/g;

/** The names that a stack and its configuration use for resources of an account. */
interface ReferencedNames {
  readonly namedTexts: ReadonlySet<string> | "everything";
  /** Roles, users and groups by name, as `role shared`: functions, APIs and stages have names, too. */
  readonly principals: ReadonlySet<string>;
  /** The ARNs of APIs (`arn:aws:execute-api:REGION:ACCOUNT:ID`), by their ids. */
  readonly apis: ReadonlyMap<string, { readonly arn: string; readonly region: string }>;
  /** The resources of the stack that refer to a name, by that name. */
  readonly namingResources: ReadonlyMap<string, SeenResource>;
}

function namesIn(
  stack: readonly SeenResource[],
  configuredNames: AccountData["namedResources"],
): ReferencedNames {
  const namedTexts = new Set<string>(configuredNames === "everything" ? [] : configuredNames);
  const principals = new Set([...namedTexts].flatMap((name) => KINDS.map((kind) => `${kind} ${name}`)));
  const namingResources = new Map<string, SeenResource>();
  const apis = new Map<string, { readonly arn: string; readonly region: string }>();
  const read = (text: string): void => {
    for (const [arn] of text.matchAll(ARNS)) namedTexts.add(arn);
    for (const { groups = {} } of text.matchAll(API_IDS)) {
      const { arn, region, id, bare: idWithoutRegion, host, path } = groups;
      if (arn !== undefined && region !== undefined && id !== undefined) apis.set(id, { arn, region });
      const apiId = id ?? idWithoutRegion ?? host ?? path;
      if (apiId !== undefined) namedTexts.add(apiId);
    }
  };
  for (const text of namedTexts) read(text);
  for (const resource of stack) {
    if (!concernsAccess(resource.type)) continue;
    collect(plainCopy(resource.props, []), (text, property) => {
      namedTexts.add(text);
      const kind = KINDS.find((kind) => property.startsWith(kind));
      if (kind !== undefined) principals.add(`${kind} ${text}`);
      if (!namingResources.has(text)) namingResources.set(text, resource);
      read(text);
    });
  }
  return {
    namedTexts: configuredNames === "everything" ? configuredNames : namedTexts,
    principals,
    apis,
    namingResources,
  };
}

/** Whether a stack names the owner of a part of an account. A bare name refers to the stack's own account. */
function isNamed(
  topLevel: AccountResource,
  { namedTexts, principals }: ReferencedNames,
  ownParts: StackResources,
): boolean {
  const { owner, type, props } = topLevel;
  if (namedTexts === "everything" || namedTexts.has(owner)) return true;
  if (isApi(topLevel) || !ownParts.mayBeIn(accountOf(owner))) return false;
  const [, kind] = /^aws:iam\/(role|user|group|policy):/.exec(type) ?? [];
  return kind === undefined ? namedTexts.has(String(props.name)) : principals.has(`${kind} ${props.name}`);
}

function collect(value: unknown, visit: (text: string, property: string) => void, property = ""): void {
  if (typeof value === "string") visit(value, property);
  else if (Array.isArray(value)) for (const entry of value) collect(entry, visit, property);
  else if (typeof value === "object" && value !== null)
    for (const [name, entry] of Object.entries(value)) collect(entry, visit, name);
}

/**
 * The output of AWS contains neither account nor region of an API: they are those of its ARN in the stack, or else of
 * the resource that names its id.
 */
function withLocation(
  resource: AccountResource,
  topLevel: AccountResource,
  { apis, namingResources }: ReferencedNames,
): AccountResource {
  if (!isApi(topLevel)) return resource;
  const api = apis.get(topLevel.owner);
  if (api === undefined) {
    const namingResource = namingResources.get(topLevel.owner);
    return namingResource === undefined
      ? resource
      : { ...resource, fromAccountData: { sameScopeAs: namingResource } };
  }
  return resource === topLevel
    ? { ...resource, props: { ...resource.props, executionArn: api.arn, region: api.region } }
    : resource;
}

/** The ARNs and ids of the resources that a stack creates, and their names with their types. */
function resourcesCreatedBy(stack: readonly Pick<SeenResource, "type" | "props">[]): ReadonlySet<string> {
  const createdByStack = new Set<string>();
  for (const { type, props } of stack) {
    if (!TOP_LEVEL_TYPES.has(type)) continue;
    const { arn, name, id } = plainCopy(props, []) as Readonly<Record<string, unknown>>;
    if (isApi({ type })) {
      if (typeof id === "string") createdByStack.add(id);
    } else if (typeof arn === "string") createdByStack.add(arn);
    else if (typeof name === "string") createdByStack.add(nameKey(type, name));
  }
  return createdByStack;
}

/** All kinds of resources of a function have its name. */
function nameKey(type: string, name: unknown): string {
  return `${type.startsWith("aws:lambda/") ? FUNCTION : type} ${name}`;
}

const FUNCTION = "aws:lambda/function:Function";

const TOP_LEVEL_TYPES: ReadonlySet<string> = new Set([
  "aws:iam/role:Role",
  "aws:iam/user:User",
  "aws:iam/group:Group",
  "aws:iam/policy:Policy",
  "aws:apigateway/restApi:RestApi",
  "aws:apigatewayv2/api:Api",
  FUNCTION,
]);

/** The resource of the stack that refers to a part of an account: findings about that part are attached to it. */
export function principalsNaming(
  { resources }: AccountData,
  urn: string,
  stack: readonly SeenResource[],
): string | undefined {
  const topLevel = resources.find((resource) => resource.urn === urn);
  if (topLevel === undefined) return undefined;
  const [ownerPattern, namePattern] = [topLevel.owner, String(topLevel.props.name)].map((text) =>
    text.replace(/[^\w-]/g, "\\$&"),
  );
  const pattern = new RegExp(isApi(topLevel) ? `\\b${ownerPattern}\\b` : `${ownerPattern}|^${namePattern}$`);
  return stack.find(({ type, props }) => concernsAccess(type) && mentions(props, pattern))?.urn;
}
