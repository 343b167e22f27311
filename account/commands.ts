import { isObject } from "../iam";
import { type ApiParts, HTTP_PART_IDS, httpApi, httpParts, restApi, restResources } from "./apis";
import { functionConfiguration, functionPolicy, functionUrl, isFunctionArn } from "./functions";
import { iamDetails } from "./iam-details";
import {
  attachedPolicies,
  describedPolicy,
  isPolicySummary,
  type OrganizationContent,
} from "./organizations";
import { type AccountResource, type Entry, objects } from "./resource";

/** The contents of one file of account data. */
export interface AccountContent {
  readonly resources: readonly AccountResource[];
  readonly parts?: ApiParts;
  readonly organization?: OrganizationContent;
  /** Whether it is one page of a longer list. */
  readonly truncated: boolean;
  /** Whether it contains all principals of an account: a principal that is absent does not exist. */
  readonly isWhole?: boolean;
}

interface Command {
  readonly name: string;
  readonly is: (value: Entry) => boolean;
  /** The output is a single object: when nothing in it can be read, it is the output of another command. */
  readonly isOfOne?: true;
  readonly read: (value: Entry) => Omit<AccountContent, "truncated" | "isWhole">;
}

const ofEach = (list: unknown, read: (entry: Entry) => readonly AccountResource[]) => ({
  resources: objects(list).flatMap(read),
});

/** Whether a list has entries with all of these keys; an empty list may be the output of any command. */
const isListOf = (list: unknown, key: string): boolean =>
  Array.isArray(list) && list.length > 0 && list.every((entry) => isObject(entry) && key in entry);

const IAM_LISTS = ["RoleDetailList", "UserDetailList", "GroupDetailList", "Policies"];

/** The commands whose output is read, recognized by its keys. */
const COMMANDS: readonly Command[] = [
  {
    name: "aws organizations describe-policy",
    is: ({ Policy }) => isObject(Policy) && isPolicySummary(Policy.PolicySummary),
    read: (value) => ({ resources: [], organization: describedPolicy(value) }),
  },
  {
    name: "aws organizations list-policies-for-target",
    is: ({ Policies }) => Array.isArray(Policies) && Policies.length > 0 && Policies.every(isPolicySummary),
    read: (value) => ({ resources: [], organization: attachedPolicies(value) }),
  },
  {
    name: "aws iam get-account-authorization-details",
    is: (value) => IAM_LISTS.some((key) => Array.isArray(value[key])),
    read: (value) => ({ resources: iamDetails(value) }),
  },
  {
    name: "aws lambda get-policy",
    is: ({ Policy }) => typeof Policy === "string",
    isOfOne: true,
    read: (value) => ({ resources: functionPolicy(value) }),
  },
  {
    name: "aws lambda get-function",
    is: ({ Configuration }) => isObject(Configuration) && isFunctionArn(Configuration.FunctionArn),
    read: (value) => ({ resources: functionConfiguration(value) }),
  },
  {
    name: "aws lambda get-function-url-config",
    is: (value) => "FunctionUrl" in value && isFunctionArn(value.FunctionArn),
    read: (value) => ({ resources: functionUrl(value) }),
  },
  {
    name: "aws lambda list-function-url-configs",
    is: ({ FunctionUrlConfigs }) => Array.isArray(FunctionUrlConfigs),
    read: ({ FunctionUrlConfigs }) => ofEach(FunctionUrlConfigs, functionUrl),
  },
  {
    name: "aws apigateway get-rest-api",
    is: (value) => typeof value.id === "string" && "endpointConfiguration" in value,
    read: (value) => ({ resources: restApi(value) }),
  },
  {
    name: "aws apigateway get-rest-apis",
    is: ({ items }) => isListOf(items, "endpointConfiguration"),
    read: ({ items }) => ofEach(items, restApi),
  },
  {
    name: "aws apigateway get-resources --embed methods",
    is: ({ items }) => isListOf(items, "path"),
    read: ({ items }) => ({ resources: [], parts: restResources(objects(items)) }),
  },
  {
    name: "aws apigatewayv2 get-api",
    is: (value) => typeof value.ApiId === "string" && "ProtocolType" in value,
    read: (value) => ({ resources: httpApi(value) }),
  },
  {
    name: "aws apigatewayv2 get-apis",
    is: ({ Items }) => isListOf(Items, "ApiId"),
    read: ({ Items }) => ofEach(Items, httpApi),
  },
  ...HTTP_PART_IDS.map(
    (id): Command => ({
      name: `aws apigatewayv2 get-${id.slice(0, -2).toLowerCase()}s`,
      is: ({ Items }) => isListOf(Items, id),
      read: ({ Items }) => ({ resources: [], parts: httpParts(id, objects(Items)) }),
    }),
  ),
];

export const ACCOUNT_COMMANDS: readonly string[] = COMMANDS.map(({ name }) => name);

/** Markers of a list with more pages: `IsTruncated` of IAM, tokens where the CLI was limited to some items. */
const MORE = ["NextToken", "nextToken", "NextMarker", "position", "Marker"];

/** The contents of a command's output; `undefined` for the output of any other command. */
export function readAccountFile(value: unknown): AccountContent | undefined {
  if (!isObject(value)) return undefined;
  const command = COMMANDS.find(({ is }) => is(value));
  if (command === undefined) return undefined;
  const content = command.read(value);
  if (command.isOfOne && content.resources.length === 0) return undefined;
  const truncated = value.IsTruncated === true || MORE.some((key) => typeof value[key] === "string");
  // With `--filter` the output has all lists, and those that were not requested are empty.
  const isWhole = !truncated && IAM_LISTS.every((key) => Array.isArray(value[key]));
  return { ...content, truncated, isWhole };
}
