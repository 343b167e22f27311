import { INVOCATION_FORMS } from "../../aws";
import { matchPattern } from "./match";
import {
  compile,
  holesOf,
  isPatternHole,
  ONE,
  type Pattern,
  type PatternPiece,
  patternOf,
  STAR,
} from "./pattern";
import { type Hole, isHole, known, type Piece, type Text, text } from "./text";
import type { Trilean } from "./trilean";

/**
 * Partly known ARNs: `arn:partition:service:region:account:resource`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). The resource is the text after the fifth
 * colon, including further colons.
 */
export interface ArnParts {
  readonly partition: Text;
  readonly service: Text;
  readonly region: Text;
  readonly account: Text;
  readonly resource: Text;
}

const FIELD_NAMES = ["arn", "partition", "service", "region", "account", "resource"] as const;
const FUNCTION_SEGMENTS = ["resource-type", "function-name", "qualifier"] as const;
const ROUTE_SEGMENTS = ["api-id", "stage", "verb", "path"] as const;
const WEBSOCKET_SEGMENTS = ["api-id", "stage", "route-key"] as const;
const AUTHORIZER_SEGMENTS = ["api-id", "authorizers", "authorizer"] as const;

/** The parts of ARNs that are compared: the fields, and within the resource those of Lambda and of execute-api. */
export type ArnSegment =
  | (typeof FIELD_NAMES)[number]
  | (typeof FUNCTION_SEGMENTS)[number]
  | (typeof ROUTE_SEGMENTS)[number]
  | (typeof WEBSOCKET_SEGMENTS)[number]
  | (typeof AUTHORIZER_SEGMENTS)[number];

/** The kind of policy that contains the pattern, since the rules differ: see {@link compileArn}. */
export type ArnUse = "identity" | "resource" | "condition";

/** A hole that certainly contains no colon, so that the colons around it separate fields. */
function colonFree(hole: Hole): boolean {
  return (
    hole.shape === "word" ||
    hole.shape === "digits" ||
    (hole.oneOf?.every((text) => !text.includes(":")) ?? false)
  );
}

/**
 * Splits pieces at separators into at most `limit` parts; the last part keeps the remaining separators. `undefined`
 * when a hole before the last split may contain a separator.
 */
function split<P extends PatternPiece>(
  pieces: readonly P[],
  separator: ":" | "/",
  limit: number,
): (P | string)[][] | undefined {
  const parts: (P | string)[][] = [[]];
  const push = (piece: P | string): void => {
    if (piece !== "") parts[parts.length - 1]?.push(piece);
  };
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      const free = !isPatternHole(piece) || colonFree(piece);
      if (!free && separator === ":" && parts.length < limit) return undefined;
      push(piece);
      continue;
    }
    let start = 0;
    while (parts.length < limit) {
      const at = piece.indexOf(separator, start);
      if (at < 0) break;
      push(piece.slice(start, at));
      parts.push([]);
      start = at + 1;
    }
    push(piece.slice(start));
  }
  return parts;
}

interface Subject {
  /** The six fields, `arn` first; absent when colons cannot be determined. */
  readonly fields: readonly Text[] | undefined;
}

const subjects = new WeakMap<Text, Subject>();

function subjectOf(value: Text): Subject {
  let subject = subjects.get(value);
  if (subject === undefined) {
    const fields = split<Piece>(value, ":", 6);
    const isArn = fields?.length === 6 && known(fields[0] as Text) === "arn";
    subject = { fields: isArn ? (fields as Text[]) : undefined };
    subjects.set(value, subject);
  }
  return subject;
}

/**
 * The fields of an ARN, split at its first five colons; `undefined` for a text that is not an ARN, and for an ARN in
 * which a hole of shape `any`, `segment` or `tail` makes the end of a field unknown.
 */
export function splitArn(value: Text): ArnParts | undefined {
  const fields = subjectOf(value).fields;
  if (fields === undefined) return undefined;
  const [, partition, service, region, account, resource] = fields as [Text, Text, Text, Text, Text, Text];
  return { partition, service, region, account, resource };
}

/** A compiled ARN pattern. */
export interface ArnPattern {
  readonly source: Text;
  readonly use: ArnUse;
  /** The pattern as one string whose wildcards also match colons. */
  readonly flat: Pattern;
  /** A bare `*` in Resource. */
  readonly all: boolean;
  /** A Resource that is neither `*` nor an ARN; IAM refuses its document. */
  readonly refused: boolean;
  /** The six fields, with the fields that IAM adds. */
  readonly fields: readonly Pattern[] | undefined;
  /** The text after `execute-api:/` in the short form that API resource policies may use. */
  readonly ofThisApi: Pattern | undefined;
  /** The strongest answer that a match can have: see the rules of {@link compileArn}. */
  readonly atMost: Trilean;
  /** The fields certainly correspond to those of an ARN: no `*` is intended to match a colon. */
  readonly aligned: boolean;
}

/**
 * Compiles an ARN pattern.
 *
 * Resource and NotResource
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html):
 *
 * - `*` alone is every resource; else the six fields are matched one by one.
 * - An ARN of fewer than six fields is completed with `*` in identity-based policies; in resource-based ones it matches
 *   nothing.
 * - Wildcards may not stand for the service, nor inside the resource type (`functi*:f`). AWS does not document the
 *   effect of such a statement, so where it would match, the answer is `unknown`.
 * - According to this page, a `*` at the end of a field also matches colons; according to other pages, wildcards stay
 *   in their field. The two differ only for patterns whose fields do not correspond to an ARN's
 *   (`arn:aws:lambda:*:function:f`): where the two readings differ, the answer is `unknown`.
 * - IAM refuses the whole document for a Resource that is neither `*` nor an ARN; nothing is known of such a document.
 * - API resource policies may write `execute-api:/stage/VERB/path` for the API they are in
 *   (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html).
 *
 * ArnEquals and ArnLike are one operator that compares the six components separately, each with wildcards
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN);
 * nothing is completed there.
 */
export function compileArn(source: Text, use: ArnUse): ArnPattern {
  return arnPatternOf(source, compile(source), use);
}

/** As {@link compileArn}, for a pattern whose wildcards were already distinguished from literal `*`. */
export function arnPatternOf(source: Text, flat: Pattern, use: ArnUse): ArnPattern {
  const all = use !== "condition" && known(source) === "*";
  let parts = split(flat.pieces, ":", 6);
  const isArn = parts !== undefined && parts.length > 1 && parts[0]?.length === 1 && parts[0][0] === "arn";
  if (!isArn) parts = undefined;
  else if (parts !== undefined && parts.length < 6)
    parts =
      use === "identity"
        ? [...parts, ...Array.from({ length: 6 - parts.length }, (): PatternPiece[] => [STAR])]
        : undefined;
  const fields = parts?.map(patternOf);
  const [first] = flat.pieces;
  const short =
    use === "resource" && typeof first === "string" && first.startsWith("execute-api:/")
      ? patternOf([first.slice("execute-api:/".length), ...flat.pieces.slice(1)])
      : undefined;
  return {
    source,
    use,
    flat,
    all,
    refused: use !== "condition" && !isArn && !all && !short && matchPattern(flat, ANY_ARN) === "no",
    fields,
    ofThisApi: short,
    atMost: use !== "condition" && fields && wildWhereForbidden(fields) ? "unknown" : "yes",
    aligned: fields?.[4]?.pieces.every((piece) => typeof piece !== "string" || /^\d*$/.test(piece)) ?? false,
  };
}

const ANY_ARN: Text = ["arn:", { id: "any ARN", shape: "any", label: "any ARN", from: [] }];

function isWild(piece: PatternPiece | undefined): boolean {
  return piece === STAR || piece === ONE;
}

function wildWhereForbidden(fields: readonly Pattern[]): boolean {
  const service = fields[2] as Pattern;
  if (service.pieces.some(isWild)) return true;
  const resource = fields[5] as Pattern;
  if (service.literal !== "lambda" || resource.prefix === "") return false;
  const [type, next] = resource.pieces;
  return isWild(type) || (typeof type === "string" && !type.includes(":") && isWild(next));
}

/** Whether the Resource pattern matches the ARN. `use` is the kind of policy that contains it. */
export function matchArn(pattern: Text, subject: Text, use: ArnUse = "identity"): Trilean {
  return matchArnPattern(compileArn(pattern, use), subject);
}

/** ArnLike and ArnEquals, which are equivalent: see {@link compileArn}. */
export function arnLike(pattern: Text, subject: Text): Trilean {
  return matchArnPattern(compileArn(pattern, "condition"), subject);
}

/** The order in which fields are compared: the most distinctive fields come first. */
const ORDER = [5, 2, 4, 3, 1] as const;

/** Matches a compiled pattern. */
export function matchArnPattern(pattern: ArnPattern, subject: Text): Trilean {
  if (pattern.all) return "yes";
  if (pattern.refused) return "unknown";
  const fields = subjectOf(subject).fields;
  if (pattern.ofThisApi) return fields ? matchOfThisApi(pattern.ofThisApi, fields) : "unknown";
  if (pattern.fields === undefined || fields === undefined) return matchFlat(pattern, subject);
  let result = pattern.atMost;
  for (const at of ORDER) {
    const answer = matchPattern(pattern.fields[at] as Pattern, fields[at] as Text);
    if (answer === "no")
      return pattern.aligned || matchPattern(pattern.flat, subject) === "no" ? "no" : "unknown";
    if (answer === "unknown") result = "unknown";
  }
  return result;
}

/**
 * For texts whose fields cannot be determined, such as a hole that is a whole ARN. They certainly match only when both
 * begin with the same holes and differ only where no colon can be.
 */
function matchFlat(pattern: ArnPattern, subject: Text): Trilean {
  if (missesFlat(pattern, subject)) return "no";
  const { pieces } = pattern.flat;
  let at = 0;
  while (at < subject.length && samePiece(pieces[at], subject[at])) at++;
  if (!subject.slice(0, at).some(isHole)) return "unknown";
  const [a, b] = [pieces[at], subject[at]];
  let [restOfPattern, restOfSubject] = [pieces.slice(at), subject.slice(at)];
  if (typeof a === "string" && typeof b === "string" && b.startsWith(a)) {
    restOfPattern = restOfPattern.slice(1);
    restOfSubject = [...text(b.slice(a.length), subject.slice(at + 1))];
  }
  if (colonsIn(restOfSubject) > 0 || restOfSubject.some(mayHoldColon)) return "unknown";
  return matchPattern(patternOf(restOfPattern), restOfSubject) === "yes" ? "yes" : "unknown";
}

function samePiece(a: PatternPiece | undefined, b: Piece | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a === b || (isPatternHole(a) && isHole(b) && a.id === b.id);
}

function mayHoldColon(piece: Piece): boolean {
  return isHole(piece) && !colonFree(piece);
}

function colonsIn(pieces: readonly PatternPiece[]): number {
  return pieces.reduce(
    (sum, piece) => sum + (typeof piece === "string" ? piece.split(":").length - 1 : 0),
    0,
  );
}

/**
 * Whether the pattern, as one string, certainly does not match. A pattern that may have fewer than six fields is
 * completed in identity-based policies.
 */
function missesFlat({ flat, use }: ArnPattern, subject: Text): boolean {
  if (matchPattern(flat, subject) !== "no") return false;
  if (use !== "identity" || asManyFields(flat.pieces, subject)) return true;
  return matchPattern(patternOf([...flat.pieces, ":", STAR]), subject) === "no";
}

/** Whether the pattern has all six fields because it begins with the same hole as the subject, which is an ARN. */
function asManyFields(pieces: readonly PatternPiece[], [first, ...rest]: Text): boolean {
  return (
    samePiece(pieces[0], first) && !rest.some(mayHoldColon) && colonsIn(pieces.slice(1)) >= colonsIn(rest)
  );
}

function matchOfThisApi(rest: Pattern, fields: readonly Text[]): Trilean {
  const service = known(fields[2] as Text);
  if (service !== undefined && service !== "execute-api") return "no";
  const parts = split<Piece>(fields[5] as Text, "/", 2);
  if (service === undefined || parts === undefined) return "unknown";
  return parts.length === 2 ? matchPattern(rest, parts[1] as Text) : "no";
}

/** The result of matching a pattern, and the first segment that does not certainly match. */
export interface ArnMatch {
  readonly match: Trilean;
  /** Absent on `yes`. */
  readonly segment?: ArnSegment;
  /** The number of segments from the left that certainly match: the higher, the nearer. */
  readonly depth: number;
  /** `unknown` only because each request chooses the value. */
  readonly varies: boolean;
}

/** As {@link matchArnPattern}, and also returns the segment that does not match. For messages; slower. */
export function arnMismatch(pattern: ArnPattern, subject: Text): ArnMatch {
  const result = matchArnPattern(pattern, subject);
  const fields = subjectOf(subject).fields;
  if (result === "yes") return { match: result, depth: 10, varies: false };
  if (pattern.fields === undefined || fields === undefined) return { match: result, depth: 0, varies: false };
  for (let at = 1; at < 5; at++)
    if (matchPattern(pattern.fields[at] as Pattern, fields[at] as Text) !== "yes")
      return { match: result, segment: FIELD_NAMES[at] ?? "resource", depth: at, varies: false };
  const inner = resourceMiss(known(fields[2] as Text), pattern.fields[5] as Pattern, fields[5] as Text);
  return {
    match: result,
    segment: inner.segment,
    depth: 5 + inner.depth,
    varies: inner.varies && result === "unknown",
  };
}

function resourceMiss(
  service: string | undefined,
  pattern: Pattern,
  subject: Text,
): { segment: ArnSegment; depth: number; varies: boolean } {
  const separator = service === "lambda" ? ":" : "/";
  if (service !== "lambda" && service !== "execute-api")
    return { segment: "resource", depth: 0, varies: false };
  const limit = service === "lambda" ? 3 : 4;
  const p = split(pattern.pieces, separator, limit);
  const s = split<Piece>(subject, separator, limit);
  if (p === undefined || s === undefined) return { segment: "resource", depth: 0, varies: false };
  const names: readonly [ArnSegment, ...ArnSegment[]] =
    service === "lambda"
      ? FUNCTION_SEGMENTS
      : s.length !== 3
        ? ROUTE_SEGMENTS
        : known(s[1] as Text) === "authorizers"
          ? AUTHORIZER_SEGMENTS
          : WEBSOCKET_SEGMENTS;
  const last = names[names.length - 1] ?? names[0];
  let starred = false;
  for (let at = 0; at < names.length; at++) {
    const [own, other] = [p[at], s[at]];
    if (own === undefined || other === undefined)
      return { segment: names[at] ?? last, depth: at, varies: false };
    const whole = at === p.length - 1 && s.length > p.length && own.some(isWild);
    const against = whole ? joinParts(s.slice(at) as Piece[][], separator) : (other as Text);
    if (matchPattern(patternOf(own), against) !== "yes") {
      const rest = holesOf(...p.slice(at), ...s.slice(at));
      const varies = rest.length > 0 && rest.every((hole) => hole.varies === true);
      return { segment: starred && p.length < s.length ? last : (names[at] ?? last), depth: at, varies };
    }
    starred ||= own.some(isWild);
  }
  return { segment: last, depth: names.length - 1, varies: false };
}

function joinParts(parts: readonly (readonly Piece[])[], separator: string): Text {
  return text(...parts.flatMap((part, at) => (at === 0 ? [part] : [separator, part])));
}

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

/** `arn:P:execute-api:REGION:ACCOUNT:API/TAIL`, the tail being `STAGE/VERB/path`, `STAGE/ROUTE_KEY` or
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
  const fields = split<Piece>(value, ":", 9) as Text[] | undefined;
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
