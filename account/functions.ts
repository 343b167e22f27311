import { accountOf, isObject, objects } from "./iam-details";
import { type AccountResource, accountResource } from "./resource";

/**
 * The whole resource policy of a function, or of a version or alias, of `aws lambda get-policy`. What it prints does not
 * name the function, but every statement in it does.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
 */
export function functionPolicy(value: Readonly<Record<string, unknown>>): readonly AccountResource[] {
  const policy = typeof value.Policy === "string" ? parsed(value.Policy) : undefined;
  const arns = objects(policy?.Statement).map(({ Resource }) => Resource);
  const [, functionArn, name] =
    /^(arn:[^:]+:lambda:[^:]+:\d{12}:function:([^:]+))(?::[^:]+)?$/.exec(String(arns[0])) ?? [];
  if (functionArn === undefined || name === undefined) return [];
  const account = accountOf(functionArn);
  const resourceArn = String(arns[0]);
  return [
    accountResource(account, "aws:lambda/resourcePolicy:ResourcePolicy", resourceArn, {
      props: { resourceArn, policy: value.Policy, name },
      of: functionArn,
    }),
  ];
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
