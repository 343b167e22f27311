import { INVOCATION_FORMS, isRegion, partitionOfRegion } from "../../aws";
import { leftoverIn, parseInvocationUri, text, Unknown } from "../../iam";
import type { InvocationUriProblem } from "../../messages/policies/invocation-uri";
import { isFunctionArn } from "../../stack";

/**
 * A URI or an ARN that contains the text of a missing value. As reported for such URIs:
 * https://github.com/aws/aws-sdk-js/issues/868, https://github.com/aws/aws-sdk-java/issues/860
 */
export function leftoverProblem(uri: string, setting: string): InvocationUriProblem | undefined {
  const leftover = leftoverIn(uri);
  return leftover === undefined ? undefined : { code: "leftover", setting, leftover };
}

/** Why a URI that is intended to invoke a function, or a function's ARN, cannot. */
export function uriProblem(
  uri: string,
  setting: string,
  stackPartition: string | undefined,
): InvocationUriProblem | undefined {
  const wrongPartition = partitionProblem(uri, setting, stackPartition);
  if (wrongPartition !== undefined) return wrongPartition;
  if (isFunctionArn(uri) || parseInvocationUri(text(uri)) !== undefined || !uri.includes(":lambda:path/"))
    return undefined;
  const [, version, operationName] =
    /:lambda:path\/+(\d{4}-\d{2}-\d{2})\/functions\/(?:.*\/([a-z-]+)$)?/.exec(uri) ?? [];
  const form = INVOCATION_FORMS.find(({ operation }) => operation === operationName);
  const isUndocumented = !INVOCATION_FORMS.some((invocationForm) => invocationForm.version === version);
  if (version === undefined || !(isUndocumented || (form !== undefined && form.version !== version)))
    return { code: "malformed", setting };
  return { code: "version", setting, version, ...(form === undefined ? {} : { operation: form.operation }) };
}

/** Every ARN contains its partition: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionProblem(
  uri: string,
  setting: string,
  stackPartition: string | undefined,
): InvocationUriProblem | undefined {
  for (const [, partition = "", region = ""] of uri.matchAll(/arn:([^:]*):[^:]*:([^:]*):/g)) {
    const expected = isRegion(region) ? partitionOfRegion(region) : stackPartition;
    if (expected !== undefined && partition !== expected && /^[a-z-]*$/.test(partition))
      return { code: "partition", setting, partition, expected, ...(isRegion(region) ? { region } : {}) };
  }
  return undefined;
}

/** The URI of a Lambda authorizer, which invokes a function. */
export function authorizerProblem(authorizer: {
  readonly uri: unknown;
  readonly isRest: boolean;
  readonly partition: string | undefined;
}): InvocationUriProblem | undefined {
  const { uri, isRest, partition } = authorizer;
  const setting = "authorizerUri";
  if (uri instanceof Unknown || typeof uri !== "string" || uri === "" || uri.length > 8192) return undefined;
  const problem = leftoverProblem(uri, setting) ?? uriProblem(uri, setting, partition);
  return problem === undefined && isRest && isFunctionArn(uri) ? { code: "function-arn", setting } : problem;
}
