import { matchPattern } from "./match";
import {
  compile,
  holesOf,
  isPatternHole,
  type Pattern,
  type PatternPiece,
  patternOf,
  QUESTION_MARK,
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

const ARN_FIELDS = ["arn", "partition", "service", "region", "account", "resource"] as const;
const FUNCTION_SEGMENTS = ["resource-type", "function-name", "qualifier"] as const;
const ROUTE_SEGMENTS = ["api-id", "stage", "verb", "path"] as const;
const WEBSOCKET_SEGMENTS = ["api-id", "stage", "route-key"] as const;
const AUTHORIZER_SEGMENTS = ["api-id", "authorizers", "authorizer"] as const;

/** The parts of ARNs that are compared: the fields, and within the resource those of Lambda and of execute-api. */
export type ArnSegment =
  | (typeof ARN_FIELDS)[number]
  | (typeof FUNCTION_SEGMENTS)[number]
  | (typeof ROUTE_SEGMENTS)[number]
  | (typeof WEBSOCKET_SEGMENTS)[number]
  | (typeof AUTHORIZER_SEGMENTS)[number];

/** The kind of policy that contains the pattern, since the rules differ: see {@link compileArn}. */
export type ArnUse = "identity" | "resource" | "condition";

/** A hole that certainly contains no colon, so that the colons around it separate fields. */
function hasNoColon(hole: Hole): boolean {
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
export function splitPieces<P extends PatternPiece>(
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
      const isSplittable = !isPatternHole(piece) || hasNoColon(piece);
      if (!isSplittable && separator === ":" && parts.length < limit) return undefined;
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

interface ArnFields {
  /** The six fields, `arn` first; absent when colons cannot be determined. */
  readonly fields: readonly Text[] | undefined;
}

const arnFieldsByText = new WeakMap<Text, ArnFields>();

function arnFieldsOf(value: Text): ArnFields {
  let arnFields = arnFieldsByText.get(value);
  if (arnFields === undefined) {
    const fields = splitPieces<Piece>(value, ":", 6);
    const isArn = fields?.length === 6 && known(fields[0] as Text) === "arn";
    arnFields = { fields: isArn ? (fields as Text[]) : undefined };
    arnFieldsByText.set(value, arnFields);
  }
  return arnFields;
}

/**
 * The fields of an ARN, split at its first five colons; `undefined` for a text that is not an ARN, and for an ARN in
 * which a hole of shape `any`, `segment` or `tail` makes the end of a field unknown.
 */
export function splitArn(value: Text): ArnParts | undefined {
  const fields = arnFieldsOf(value).fields;
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
  readonly matchesAll: boolean;
  /** A Resource that is neither `*` nor an ARN; IAM refuses its document. */
  readonly isRefused: boolean;
  /** The six fields, with the fields that IAM adds. */
  readonly fields: readonly Pattern[] | undefined;
  /** The text after `execute-api:/` in the short form that API resource policies may use. */
  readonly shortForm: Pattern | undefined;
  /** The strongest answer that a match can have: see the rules of {@link compileArn}. */
  readonly bestResult: Trilean;
  /** The fields certainly correspond to those of an ARN: no `*` is intended to match a colon. */
  readonly hasAlignedFields: boolean;
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
 *   (`arn:aws:lambda:*:function:f`): where the two results differ, the answer is `unknown`.
 * - IAM refuses the whole document for a Resource that is neither `*` nor an ARN; the effect of such a document is unknown.
 * - API resource policies may write `execute-api:/stage/METHOD/path` for the API they are in
 *   (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html).
 *
 * ArnEquals and ArnLike are one operator that compares the six components separately, each with wildcards
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN);
 * there, ARNs are not completed.
 */
export function compileArn(source: Text, use: ArnUse): ArnPattern {
  return arnPatternOf(source, compile(source), use);
}

/** As {@link compileArn}, for a pattern whose wildcards were already distinguished from literal `*`. */
export function arnPatternOf(source: Text, flat: Pattern, use: ArnUse): ArnPattern {
  const matchesAll = use !== "condition" && known(source) === "*";
  let parts = splitPieces(flat.pieces, ":", 6);
  const isArn = parts !== undefined && parts.length > 1 && parts[0]?.length === 1 && parts[0][0] === "arn";
  if (!isArn) parts = undefined;
  else if (parts !== undefined && parts.length < 6)
    parts =
      use === "identity"
        ? [...parts, ...Array.from({ length: 6 - parts.length }, (): PatternPiece[] => [STAR])]
        : undefined;
  const fields = parts?.map(patternOf);
  const [first] = flat.pieces;
  const shortForm =
    use === "resource" && typeof first === "string" && first.startsWith("execute-api:/")
      ? patternOf([first.slice("execute-api:/".length), ...flat.pieces.slice(1)])
      : undefined;
  return {
    source,
    use,
    flat,
    matchesAll,
    isRefused:
      use !== "condition" && !isArn && !matchesAll && !shortForm && matchPattern(flat, ANY_ARN) === "no",
    fields,
    shortForm,
    bestResult: use !== "condition" && fields && hasForbiddenWildcard(fields) ? "unknown" : "yes",
    hasAlignedFields:
      fields?.[4]?.pieces.every((piece) => typeof piece !== "string" || /^\d*$/.test(piece)) ?? false,
  };
}

const ANY_ARN: Text = ["arn:", { id: "any ARN", shape: "any", label: { code: "arn" }, origins: [] }];

function isWildcard(piece: PatternPiece | undefined): boolean {
  return piece === STAR || piece === QUESTION_MARK;
}

function hasForbiddenWildcard(fields: readonly Pattern[]): boolean {
  const service = fields[2] as Pattern;
  if (service.pieces.some(isWildcard)) return true;
  const resource = fields[5] as Pattern;
  if (service.literal !== "lambda" || resource.prefix === "") return false;
  const [type, next] = resource.pieces;
  return isWildcard(type) || (typeof type === "string" && !type.includes(":") && isWildcard(next));
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
  if (pattern.matchesAll) return "yes";
  if (pattern.isRefused) return "unknown";
  const fields = arnFieldsOf(subject).fields;
  if (pattern.shortForm) return fields ? matchShortForm(pattern.shortForm, fields) : "unknown";
  if (pattern.fields === undefined || fields === undefined) return matchFlat(pattern, subject);
  let result = pattern.bestResult;
  for (const index of ORDER) {
    const fieldResult = matchPattern(pattern.fields[index] as Pattern, fields[index] as Text);
    if (fieldResult === "no")
      return pattern.hasAlignedFields || matchPattern(pattern.flat, subject) === "no" ? "no" : "unknown";
    if (fieldResult === "unknown") result = "unknown";
  }
  return result;
}

/**
 * For texts whose fields cannot be determined, such as a hole that is a whole ARN. They certainly match only when both
 * begin with the same holes and differ only where no colon can be.
 */
function matchFlat(pattern: ArnPattern, subject: Text): Trilean {
  if (neverMatchesFlat(pattern, subject)) return "no";
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
  if (colonsIn(restOfSubject) > 0 || restOfSubject.some(mayContainColon)) return "unknown";
  return matchPattern(patternOf(restOfPattern), restOfSubject) === "yes" ? "yes" : "unknown";
}

function samePiece(a: PatternPiece | undefined, b: Piece | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a === b || (isPatternHole(a) && isHole(b) && a.id === b.id);
}

function mayContainColon(piece: Piece): boolean {
  return isHole(piece) && !hasNoColon(piece);
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
function neverMatchesFlat({ flat, use }: ArnPattern, subject: Text): boolean {
  if (matchPattern(flat, subject) !== "no") return false;
  if (use !== "identity" || hasAllFields(flat.pieces, subject)) return true;
  return matchPattern(patternOf([...flat.pieces, ":", STAR]), subject) === "no";
}

/** Whether the pattern has all six fields because it begins with the same hole as the subject, which is an ARN. */
function hasAllFields(pieces: readonly PatternPiece[], [first, ...rest]: Text): boolean {
  return (
    samePiece(pieces[0], first) && !rest.some(mayContainColon) && colonsIn(pieces.slice(1)) >= colonsIn(rest)
  );
}

function matchShortForm(rest: Pattern, fields: readonly Text[]): Trilean {
  const service = known(fields[2] as Text);
  if (service !== undefined && service !== "execute-api") return "no";
  const parts = splitPieces<Piece>(fields[5] as Text, "/", 2);
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
  const fields = arnFieldsOf(subject).fields;
  if (result === "yes") return { match: result, depth: 10, varies: false };
  if (pattern.fields === undefined || fields === undefined) return { match: result, depth: 0, varies: false };
  for (let index = 1; index < 5; index++)
    if (matchPattern(pattern.fields[index] as Pattern, fields[index] as Text) !== "yes")
      return { match: result, segment: ARN_FIELDS[index] ?? "resource", depth: index, varies: false };
  const resourceMatch = resourceMismatch(
    known(fields[2] as Text),
    pattern.fields[5] as Pattern,
    fields[5] as Text,
  );
  return {
    match: result,
    segment: resourceMatch.segment,
    depth: 5 + resourceMatch.depth,
    varies: resourceMatch.varies && result === "unknown",
  };
}

function resourceMismatch(
  service: string | undefined,
  pattern: Pattern,
  subject: Text,
): { segment: ArnSegment; depth: number; varies: boolean } {
  const separator = service === "lambda" ? ":" : "/";
  if (service !== "lambda" && service !== "execute-api")
    return { segment: "resource", depth: 0, varies: false };
  const limit = service === "lambda" ? 3 : 4;
  const patternParts = splitPieces(pattern.pieces, separator, limit);
  const subjectParts = splitPieces<Piece>(subject, separator, limit);
  if (patternParts === undefined || subjectParts === undefined)
    return { segment: "resource", depth: 0, varies: false };
  const names: readonly [ArnSegment, ...ArnSegment[]] =
    service === "lambda"
      ? FUNCTION_SEGMENTS
      : subjectParts.length !== 3
        ? ROUTE_SEGMENTS
        : known(subjectParts[1] as Text) === "authorizers"
          ? AUTHORIZER_SEGMENTS
          : WEBSOCKET_SEGMENTS;
  const last = names[names.length - 1] ?? names[0];
  let hasWildcard = false;
  for (let index = 0; index < names.length; index++) {
    const [patternPart, subjectPart] = [patternParts[index], subjectParts[index]];
    if (patternPart === undefined || subjectPart === undefined)
      return { segment: names[index] ?? last, depth: index, varies: false };
    const coversRest =
      index === patternParts.length - 1 &&
      subjectParts.length > patternParts.length &&
      patternPart.some(isWildcard);
    const compared = coversRest
      ? joinParts(subjectParts.slice(index) as Piece[][], separator)
      : (subjectPart as Text);
    if (matchPattern(patternOf(patternPart), compared) !== "yes") {
      const remainingHoles = holesOf(...patternParts.slice(index), ...subjectParts.slice(index));
      const varies = remainingHoles.length > 0 && remainingHoles.every((hole) => hole.varies === true);
      return {
        segment: hasWildcard && patternParts.length < subjectParts.length ? last : (names[index] ?? last),
        depth: index,
        varies,
      };
    }
    hasWildcard ||= patternPart.some(isWildcard);
  }
  return { segment: last, depth: names.length - 1, varies: false };
}

function joinParts(parts: readonly (readonly Piece[])[], separator: string): Text {
  return text(...parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part])));
}
