import { INVOCATION_FORMS, isRegion, partitionOfRegion } from "../aws";
import { leftoverIn, parseInvocationUri, text, Unknown } from "../iam";
import { argument, type Phrase } from "../messages";
import { isFunctionArn } from "../stack";

/** What is wrong with one setting, and what to write instead. */
export interface Fault {
  readonly what: string;
  /** Set where the URI names a version of Lambda's API that is not documented for it. */
  readonly kind?: "version";
  readonly fix: string | Phrase;
}

/** By an example's name. */
export const INVOKE_ARN = { urn: "fn", property: "invokeArn" };

/**
 * A URI or an ARN into which a value was put that was not there. As reported of URIs that are none:
 * https://github.com/aws/aws-sdk-js/issues/868, https://github.com/aws/aws-sdk-java/issues/860
 */
export function leftoverFault(uri: string, name: string): Fault | undefined {
  const leftover = leftoverIn(uri);
  return leftover === undefined
    ? undefined
    : {
        what: `The ${name} holds "${leftover}" in place of a value (BadRequestException: Invalid ARN specified in the request)`,
        fix: [
          argument(name, INVOKE_ARN),
          ", or put outputs together: ",
          argument(name, "arn:…:function:", { urn: "fn", property: "name" }, "/invocations"),
        ],
      };
}

/** What keeps a URI that is intended to invoke a function, or a function's ARN, from doing so. */
export function uriFault(uri: string, name: string, partition: string | undefined): Fault | undefined {
  const bare = isFunctionArn(uri);
  const parsed = bare ? undefined : parseInvocationUri(text(uri));
  const wrong = partitionFault(uri, name, partition);
  if (wrong !== undefined) return wrong;
  if (bare || parsed !== undefined || !uri.includes(":lambda:path/")) return undefined;
  const [, version, operation] =
    /:lambda:path\/+(\d{4}-\d{2}-\d{2})\/functions\/(?:.*\/([a-z-]+)$)?/.exec(uri) ?? [];
  const documented = INVOCATION_FORMS.map((form) => `${form.version} for ${form.operation}`);
  const own = INVOCATION_FORMS.find((form) => form.operation === operation);
  const isOfNone = !INVOCATION_FORMS.some((form) => form.version === version);
  if (version !== undefined && (isOfNone || (own !== undefined && own.version !== version)))
    return {
      kind: "version",
      what: `The URI names version ${version} of Lambda's API${own === undefined ? "" : ` for ${own.operation}`}; documented are ${documented.join(" and ")}`,
      fix: [argument(name, INVOKE_ARN)],
    };
  return {
    what: "The integration's URI is malformed: it must read arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations",
    fix: [argument(name, INVOKE_ARN)],
  };
}

/** Every ARN of a partition names it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionFault(uri: string, name: string, partition: string | undefined): Fault | undefined {
  for (const [, written = "", region = ""] of uri.matchAll(/arn:([^:]*):[^:]*:([^:]*):/g)) {
    const expected = isRegion(region) ? partitionOfRegion(region) : partition;
    if (expected !== undefined && written !== expected && /^[a-z-]*$/.test(written))
      return {
        what: `The ${name} is of partition ${written === "" ? '""' : written}, while ${isRegion(region) ? `region ${region}` : "its stack"} is in ${expected}`,
        fix: [argument(name, INVOKE_ARN)],
      };
  }
  return undefined;
}

/** The URI of a Lambda authorizer, which is one that invokes a function. */
export function authorizerFault(authorizer: {
  readonly uri: unknown;
  readonly rest: boolean;
  readonly partition: string | undefined;
}): Fault | undefined {
  const { uri, rest, partition } = authorizer;
  if (uri instanceof Unknown || typeof uri !== "string" || uri === "" || uri.length > 8192) return undefined;
  const fault = leftoverFault(uri, "authorizerUri") ?? uriFault(uri, "authorizerUri", partition);
  if (fault !== undefined || !rest || !isFunctionArn(uri)) return fault;
  return {
    what: "The authorizerUri is the function's ARN; a REST API needs the URI that invokes it",
    fix: [argument("authorizerUri", INVOKE_ARN)],
  };
}
