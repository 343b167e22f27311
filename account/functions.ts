import {
  type AccountResource,
  accountOf,
  accountResource,
  type Entry,
  objects,
  parsedObject,
} from "./resource";

const FUNCTION_ARN = /^(arn:[^:]+:lambda:[^:]+:\d{12}:function:([^:]+))(?::([^:]+))?$/;

interface FunctionName {
  /** Without its qualifier. */
  readonly arn: string;
  readonly name: string;
  readonly qualifier: string | undefined;
}

function functionIn(arn: unknown): FunctionName | undefined {
  const [, unqualified, name, qualifier] = FUNCTION_ARN.exec(typeof arn === "string" ? arn : "") ?? [];
  return unqualified === undefined || name === undefined ? undefined : { arn: unqualified, name, qualifier };
}

/** Whether a value is the ARN of a function, version or alias. */
export function isFunctionArn(arn: unknown): boolean {
  return functionIn(arn) !== undefined;
}

/**
 * The resource policy of a function, version or alias, from `aws lambda get-policy`. The output does not name the
 * function, but every statement in it does.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
 */
export function functionPolicy(value: Entry): readonly AccountResource[] {
  const policy = typeof value.Policy === "string" ? parsedObject(value.Policy) : undefined;
  const [first] = objects(policy?.Statement).map(({ Resource }) => Resource);
  const fn = functionIn(first);
  if (fn === undefined) return [];
  const resourceArn = String(first);
  return [
    accountResource(accountOf(fn.arn), "aws:lambda/resourcePolicy:ResourcePolicy", resourceArn, {
      props: { resourceArn, policy: value.Policy, name: fn.name },
      owner: fn.arn,
    }),
  ];
}

/**
 * The function of `aws lambda get-function`: its ARN and its tags. Its environment, which may contain secrets, is not
 * read.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export function functionConfiguration({ Configuration, Tags, TagsError }: Entry): readonly AccountResource[] {
  const fn = functionIn((Configuration as Entry).FunctionArn);
  // Tags that could not be read are not absent.
  if (fn === undefined || TagsError !== undefined) return [];
  const { arn, name } = fn;
  return [
    accountResource(accountOf(arn), "aws:lambda/function:Function", name, {
      props: { arn, name, ...(Tags === undefined ? {} : { tags: Tags }) },
      owner: arn,
    }),
  ];
}

/**
 * The function URLs from `aws lambda get-function-url-config` and `list-function-url-configs`.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html
 */
export function functionUrl(entry: Entry): readonly AccountResource[] {
  const fn = functionIn(entry.FunctionArn);
  if (fn === undefined) return [];
  const { arn, name, qualifier } = fn;
  const props = {
    name,
    functionName: arn,
    functionArn: entry.FunctionArn,
    functionUrl: entry.FunctionUrl,
    authorizationType: entry.AuthType,
    ...(qualifier === undefined ? {} : { qualifier }),
  };
  return [
    accountResource(
      accountOf(arn),
      "aws:lambda/functionUrl:FunctionUrl",
      [name, ...(qualifier === undefined ? [] : [qualifier])].join("/"),
      { props, owner: arn },
    ),
  ];
}
