import { INVOCATION_FORMS } from "../../aws";
import { splitArn, splitPieces } from "./arn";
import { known, type Piece, type Text, text } from "./text";

/** Whether the text is certainly one literal field, such as a service or a type. */
export function isLiteral(value: Text | undefined, literal: string): boolean {
  return value !== undefined && known(value) === literal;
}

/** `arn:P:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html). */
export function functionArn(parts: {
  readonly partition: Text;
  readonly region: Text;
  readonly account: Text;
  readonly name: Text;
  readonly qualifier?: Text | undefined;
}): Text {
  const { partition, region, account, name, qualifier } = parts;
  const arn = text("arn:", partition, ":lambda:", region, ":", account, ":function:", name);
  return qualifier ? text(arn, ":", qualifier) : arn;
}

/** `arn:P:execute-api:REGION:ACCOUNT:API/TAIL`, the tail being `STAGE/METHOD/path`, `STAGE/ROUTE_KEY` or
 * `authorizers/ID` (https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html). */
export function executeApiArn(parts: {
  readonly partition: Text;
  readonly region: Text;
  readonly account: Text;
  readonly apiId: Text;
  readonly tail: Text;
}): Text {
  const { partition, region, account, apiId, tail } = parts;
  return text("arn:", partition, ":execute-api:", region, ":", account, ":", apiId, "/", tail);
}

interface IamName {
  readonly partition: Text;
  readonly account: Text;
  /** Begins and ends with `/`; `/` when absent. */
  readonly path?: Text | undefined;
  readonly name: Text;
}

/** `arn:P:iam::ACCOUNT:role/PATH/NAME` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). */
export function roleArn({ partition, account, path, name }: IamName): Text {
  return text("arn:", partition, ":iam::", account, ":role", path ?? ["/"], name);
}

/** `arn:P:iam::ACCOUNT:user/PATH/NAME`. */
export function userArn({ partition, account, path, name }: IamName): Text {
  return text("arn:", partition, ":iam::", account, ":user", path ?? ["/"], name);
}

/** A function's name in any form that Lambda accepts; parts that the form omits are absent. */
export interface FunctionName {
  readonly partition?: Text;
  readonly region?: Text;
  readonly account?: Text;
  readonly name: Text;
  readonly qualifier?: Text;
}

/**
 * Parses the forms of a function's name: ARN, partial ARN (`123456789012:function:NAME`) and name, each with
 * `:QUALIFIER` or without (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html). `undefined` for
 * anything else, and where a hole of shape `any` may contain colons.
 */
export function parseFunctionArn(value: Text): FunctionName | undefined {
  const fields = splitPieces<Piece>(value, ":", 9) as Text[] | undefined;
  if (fields === undefined || value.length === 0) return undefined;
  const rest = [...fields];
  const result: { -readonly [K in keyof FunctionName]?: Text } = {};
  if (isLiteral(rest[0], "arn")) {
    if (rest.length < 7 || !isLiteral(rest[2], "lambda") || !isLiteral(rest[5], "function")) return undefined;
    [, result.partition, , result.region, result.account] = rest as [Text, Text, Text, Text, Text];
    rest.splice(0, 6);
  } else {
    const at = rest.findIndex((field) => isLiteral(field, "function"));
    if (at > 2 || rest.length > (at < 0 ? 2 : at + 3)) return undefined;
    if (at >= 1) result.account = rest[at - 1] as Text;
    if (at === 2) result.region = rest[0] as Text;
    rest.splice(0, at + 1);
  }
  const [name, qualifier] = rest;
  if (name === undefined || rest.length > 2 || name.length === 0 || qualifier?.length === 0) return undefined;
  if (name.some((piece) => typeof piece === "string" && piece.includes("/"))) return undefined;
  return { ...(result as Omit<FunctionName, "name">), name, ...(qualifier ? { qualifier } : {}) };
}

/** The function that an integration or authorizer URI invokes. */
export interface InvocationUri {
  readonly functionArn: Text;
  /** The response is streamed: `2021-11-15/…/response-streaming-invocations`. */
  readonly streaming: boolean;
}

/**
 * Parses `arn:P:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations`
 * (https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html) and its streaming form
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html).
 * `${stageVariables.x}` stays literal. `undefined` for anything else, and where holes hide the form.
 */
export function parseInvocationUri(uri: Text): InvocationUri | undefined {
  const arn = splitArn(uri);
  if (arn === undefined || !isLiteral(arn.service, "apigateway") || !isLiteral(arn.account, "lambda"))
    return undefined;
  const [head] = arn.resource;
  if (typeof head !== "string" || !head.startsWith("path/")) return undefined;
  let from = "path/".length;
  while (head[from] === "/") from++;
  for (const { version, operation, streaming } of INVOCATION_FORMS) {
    const [start, end] = [`${version}/functions/`, `/${operation}`];
    if (!head.startsWith(start, from)) continue;
    const rest = [...text(head.slice(from + start.length), arn.resource.slice(1))];
    const last = rest[rest.length - 1];
    if (typeof last !== "string" || !last.endsWith(end)) return undefined;
    rest[rest.length - 1] = last.slice(0, -end.length);
    const functionArn = text(rest);
    return functionArn.length === 0 ? undefined : { functionArn, streaming };
  }
  return undefined;
}
