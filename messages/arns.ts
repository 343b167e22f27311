/** ARNs in the code of a fix: resources of the program are references. */
import { seenFrom } from "../access";
import { known, splitArn, type Text, Unknown } from "../iam";
import { type Api, type FunctionTarget, serviceOf } from "../stack";
import { type Code, isWritten, type Lookup, pasteable, wildcardsOf } from "./code";
import type { References } from "./references";

/** The ARN of a function, version or alias in a policy. */
export function functionArn(
  { function: fn, arn, qualifier, qualifierUrn }: FunctionTarget,
  names: References,
): Code {
  const type = names.typeOf(fn?.urn);
  if (fn === undefined || type === undefined)
    return [arn instanceof Unknown ? "<the function's ARN>" : literalArn(arn)];
  const ofQualifier = names.typeOf(qualifierUrn);
  if (qualifierUrn !== undefined && qualifierUrn !== fn.urn && ofQualifier !== undefined)
    return [names.property(qualifierUrn, ARN_OF_QUALIFIER[ofQualifier] ?? "arn")];
  if (qualifier === undefined) return [names.property(fn.urn, "arn")];
  if (fn.publishesVersions && !/\D/.test(known(qualifier) ?? ""))
    return [names.property(fn.urn, "qualifiedArn")];
  return [names.property(fn.urn, "arn"), `:${pasteable(qualifier)}`];
}

/** A wildcard for the name would grant every function. */
export function literalArn(arn: Exclude<FunctionTarget["arn"], Unknown>): string {
  const written = pasteable(arn);
  return written.includes(":function:*") ? "<the function's ARN>" : written;
}

const ARN_OF_QUALIFIER: Readonly<Record<string, string>> = {
  "aws-native:lambda:Alias": "aliasArn",
  "aws-native:lambda:Version": "functionArn",
};

/** The text for the ARN of a function that no resource of the program has. */
export function wildcardsOfTarget(
  { function: fn, arn }: FunctionTarget,
  names: References,
): readonly string[] {
  return arn instanceof Unknown || names.typeOf(fn?.urn) !== undefined ? [] : wildcardsOf(arn);
}

/** An API's execution ARN with the rest of the ARN, including the form for a function in another region. */
export function executionArn(api: Api, tail: Code, names: References, target?: FunctionTarget): Code {
  const type = names.typeOf(api.urn);
  if (api.external || type === undefined) return mergeText([`${pasteable(api.executionArn)}/`, ...tail]);
  const arn = target?.arn;
  const seen = arn === undefined || arn instanceof Unknown ? api : seenFrom(arn, { api }).api;
  const native = type.startsWith("aws-native:");
  if (seen === api && !native)
    return mergeText([names.property(api.urn, serviceOf(api).arnProperty), "/", ...tail]);
  return mergeText([
    ...place(seen.executionArn, native ? "aws-native" : "aws"),
    names.property(api.urn, native ? nativeId(type) : "id"),
    "/",
    ...tail,
  ]);
}

/**
 * `arn:aws:execute-api:us-east-1:123456789012:`. Parts that a plan does not show are looked up: AWS accepts no wildcard
 * for the partition, region or account of a source ARN.
 * https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
function place(arn: Text, provider: Lookup["provider"]): Code {
  const { partition, region, account } = splitArn(arn) ?? {};
  const written = (value: Text | undefined, lookup: Lookup["lookup"]): Code[number] =>
    value !== undefined && isWritten(value) ? pasteable(value) : { lookup, provider };
  return mergeText([
    "arn:",
    written(partition, "partition"),
    ":execute-api:",
    written(region, "region"),
    ":",
    written(account, "account"),
    ":",
  ]);
}

/** Adjacent pieces of text joined. */
function mergeText(code: Code): Code {
  return code.reduce<Code[number][]>((parts, part) => {
    const last = parts.at(-1);
    if (typeof last === "string" && typeof part === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
    return parts;
  }, []);
}

function nativeId(type: string): string {
  return type.startsWith("aws-native:apigatewayv2:") ? "apiId" : "restApiId";
}
