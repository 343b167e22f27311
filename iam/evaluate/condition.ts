import ipaddr from "ipaddr.js";
import type { Condition, ConditionFamily, Template, Variable } from "../document/types";
import { type ArnPattern, type ArnUse, arnPatternOf, matchArnPattern } from "../text/arn";
import { equal, equalIgnoreCase, matchPattern } from "../text/match";
import { type Pattern, type PatternPiece, patternOf } from "../text/pattern";
import { type Hole, known, type Text } from "../text/text";
import { and, not, or, type Trilean, trilean } from "../text/trilean";
import type { Context, ContextValue, Tags } from "./model";

/**
 * Conditions, three-valued.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */

/** What the request says of a key, by its name in small letters. */
export type Lookup = (key: string) => ContextValue;

/** The value of a key in a context: its own entry, that of its family, or what holds otherwise. */
export function lookup(context: Context, key: string): ContextValue {
  const own = context.keys.get(key);
  if (own !== undefined) return own;
  if (context.resourceTags !== undefined && key.startsWith(RESOURCE_TAG))
    return tagValue(context.resourceTags, key.slice(RESOURCE_TAG.length));
  for (const [prefix, value] of context.prefixes ?? []) if (key.startsWith(prefix)) return value;
  const foreign = context.families?.every((family) => !key.startsWith(family)) ?? false;
  return OTHERWISE[foreign ? "absent" : context.otherwise];
}

export const RESOURCE_TAG = "aws:resourcetag/";

function tagValue({ values, others }: Tags, key: string): ContextValue {
  // Keys that begin with it are AWS's own: nobody sets them.
  // https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
  return values.get(key) ?? OTHERWISE[key.startsWith("aws:") ? "unknown" : others];
}

const OTHERWISE = { unknown: { state: "unknown" }, absent: { state: "absent" } } as const;

/**
 * Operators whose values may hold policy variables
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement).
 */
const WITH_VARIABLES: ReadonlySet<ConditionFamily> = new Set([
  "String",
  "StringIgnoreCase",
  "StringLike",
  "Arn",
]);

/** Is the condition met? */
export function evaluateCondition(condition: Condition, look: Lookup): Trilean {
  if (condition.family === "unknown") return "unknown";
  const value = look(condition.key);
  if (condition.family === "Null") return evaluateNull(condition, value);
  switch (value.state) {
    case "absent":
      return whenAbsent(condition);
    case "present":
      return value.values.length === 0 ? whenAbsent(condition) : whenPresent(condition, value.values, look);
    case "unknown": {
      const absent = whenAbsent(condition);
      return whenPresent(condition, value.values ?? [[ANY_VALUE]], look) === absent ? absent : "unknown";
    }
  }
}

const ANY_VALUE: Hole = { id: "condition-value", shape: "any", label: "unknown", from: [] };

/**
 * A key that the request does not have: `ForAllValues:` and `…IfExists` hold, `ForAnyValue:` does not, a
 * negated operator holds and any other does not.
 */
function whenAbsent(condition: Condition): Trilean {
  if (condition.set === "all" || condition.ifExists) return "yes";
  if (condition.set === "any") return "no";
  return trilean(condition.negated);
}

function whenPresent(condition: Condition, values: readonly Text[], look: Lookup): Trilean {
  const results = values.map((value) => {
    const hits = condition.values.map((template) => compareOne(condition, template, value, look));
    return condition.negated ? not(or(hits)) : or(hits);
  });
  if (condition.set === "all") return and(results);
  if (condition.set === "any") return or(results);
  // AWS leaves open how an operator without a set prefix treats a key of many values.
  const [first = "unknown"] = results;
  return results.every((result) => result === first) ? first : "unknown";
}

function evaluateNull(condition: Condition, value: ContextValue): Trilean {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-null-with-qualifier
  if (condition.set !== undefined) return trilean(condition.set === "all");
  const exists: Trilean =
    value.state === "unknown" ? "unknown" : trilean(value.state === "present" && value.values.length > 0);
  return or(
    condition.values.map((template) => {
      const wanted = known(template.text)?.toLowerCase();
      return wanted === "true" ? not(exists) : wanted === "false" ? exists : "unknown";
    }),
  );
}

function compareOne(condition: Condition, template: Template, value: Text, look: Lookup): Trilean {
  if (template.pattern === undefined && !WITH_VARIABLES.has(condition.family)) return "unknown";
  const pattern = fill(template, look);
  // "Inverted condition operators … do match against a null value."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
  if (pattern === undefined) return "no";
  return compareValue(condition.family, pattern, template, value);
}

interface Filling {
  readonly values: readonly ContextValue[];
  readonly pattern: Pattern | undefined;
}

/** What each template was filled in with last: many requests in a row are those of one principal. */
const fillings = new WeakMap<Template, Filling>();

/** Puts the request's values in place of policy variables; `undefined` when one has none. */
export function fill(template: Template, look: Lookup): Pattern | undefined {
  if (template.pattern !== undefined) return template.pattern;
  const variables = template.pieces.filter(isVariable);
  const values = variables.map(({ variable }) => look(variable));
  const last = fillings.get(template);
  if (last?.values.every((value, at) => value === values[at])) return last.pattern;
  const texts = new Map(variables.map((one, at) => [one, textOf(one, values[at] as ContextValue)]));
  const pattern = [...texts.values()].includes(undefined)
    ? undefined
    : patternOf(
        template.pieces.flatMap((piece): readonly PatternPiece[] =>
          isVariable(piece) ? (texts.get(piece) ?? []) : [piece],
        ),
      );
  fillings.set(template, { values, pattern });
  return pattern;
}

function isVariable(piece: PatternPiece | Variable): piece is Variable {
  return typeof piece === "object" && "variable" in piece;
}

const arns = new WeakMap<Pattern, ArnPattern>();

/** A template's pattern as an ARN's: made when the document was read, or of variables that were filled in. */
export function arnOf(template: Template, pattern: Pattern, use: ArnUse): ArnPattern {
  if (template.arn !== undefined) return template.arn;
  const arn = arns.get(pattern) ?? arnPatternOf(template.text, pattern, use);
  arns.set(pattern, arn);
  return arn;
}

function textOf({ variable, fallback }: Variable, value: ContextValue): Text | undefined {
  if (value.state === "absent") return fallback === undefined ? undefined : [fallback];
  const [only] = value.state === "present" ? value.values : [];
  // Whether a `*` inside a value acts as a wildcard is not documented, so such a value is taken as unknown.
  const plain = only?.every((piece) => typeof piece !== "string" || !/[*?]/.test(piece));
  if (value.state === "present" && value.values.length === 1 && plain) return only;
  return [{ id: `variable ${variable}`, shape: "any", label: `\${${variable}}`, from: [] }];
}

function compareValue(family: ConditionFamily, pattern: Pattern, template: Template, value: Text): Trilean {
  switch (family) {
    case "String":
      return equal(literalsOf(pattern), value);
    case "StringIgnoreCase":
      return equalIgnoreCase(literalsOf(pattern), value);
    case "StringLike":
      return matchPattern(pattern, value);
    case "Arn":
      return matchArnPattern(arnOf(template, pattern, "condition"), value);
    default: {
      const [a, b] = [known(literalsOf(pattern)), known(value)];
      return a === undefined || b === undefined ? "unknown" : compareKnown(family, a, b);
    }
  }
}

/** The pattern as text; only called for operators whose values are read without wildcards. */
function literalsOf(pattern: Pattern): Text {
  return pattern.pieces.filter((piece): piece is string | Hole => typeof piece === "string" || "id" in piece);
}

/** `wanted` as the policy has it, `value` as the request has it; `unknown` when one is not of the type. */
function compareKnown(family: ConditionFamily, wanted: string, value: string): Trilean {
  switch (family) {
    case "Bool": {
      const [a, b] = [wanted.toLowerCase(), value.toLowerCase()];
      return BOOLEANS.has(a) && BOOLEANS.has(b) ? trilean(a === b) : "unknown";
    }
    case "Binary":
      return wanted === value ? "yes" : trilean(bytes(wanted) === bytes(value));
    case "IpAddress":
      return inRange(wanted, value);
    default: {
      const parse = family.startsWith("Date") ? parseDate : parseNumber;
      const [a, b] = [parse(wanted), parse(value)];
      if (a === undefined || b === undefined) return "unknown";
      return trilean(ordered(family.replace(/^(Date|Numeric)/, ""), b, a));
    }
  }
}

const BOOLEANS: ReadonlySet<string> = new Set(["true", "false"]);

function bytes(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex");
}

function ordered(relation: string, value: number, wanted: number): boolean {
  switch (relation) {
    case "LessThan":
      return value < wanted;
    case "LessThanEquals":
      return value <= wanted;
    case "GreaterThan":
      return value > wanted;
    case "GreaterThanEquals":
      return value >= wanted;
    default:
      return value === wanted;
  }
}

/** A decimal number of as many digits as a JavaScript number distinguishes. */
function parseNumber(value: string): number | undefined {
  return value.length <= 17 && /^[+-]?(\d{1,15}|\d{0,15}\.\d{0,15})$/.test(value) && /\d/.test(value)
    ? Number(value)
    : undefined;
}

/**
 * Milliseconds of an ISO 8601 date in one of the W3C's forms (https://www.w3.org/TR/NOTE-datetime) or of
 * seconds since 1970. Four digits alone could be either and are neither here.
 */
function parseDate(value: string): number | undefined {
  if (value.length > 40) return undefined;
  if (/^\d{5,15}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const form = /^(\d{4})-(\d\d)(-(\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?)?$/;
  const [, year, month, , day = "01"] = form.exec(value) ?? [];
  if (year === undefined) return undefined;
  // `Date.parse` takes the 31st of February for a day in March.
  const first = new Date(`${year}-${month}-01T00:00:00Z`);
  first.setUTCDate(Number(day));
  if (Number.isNaN(first.getTime()) || first.getUTCDate() !== Number(day) || day === "00") return undefined;
  const time = Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(time) ? undefined : time;
}

/** Is the address in the CIDR range, or the same as the address, that the policy names? */
function inRange(range: string, address: string): Trilean {
  const [wanted = "", bits, ...more] = range.split("/");
  if (!isAddress(wanted) || !isAddress(address) || more.length > 0) return "unknown";
  try {
    const value = ipaddr.process(address);
    if (bits === undefined) {
      const one = ipaddr.process(wanted);
      return trilean(one.kind() === value.kind() && one.toNormalizedString() === value.toNormalizedString());
    }
    const [network, length] = ipaddr.parseCIDR(range);
    return trilean(network.kind() === value.kind() && value.match(network, length));
  } catch {
    return "unknown";
  }
}

/** The usual notations only: the library reads `10.1` and octal numbers, too. */
function isAddress(value: string): boolean {
  return value.includes(":") ? ipaddr.IPv6.isValid(value) : ipaddr.IPv4.isValidFourPartDecimal(value);
}
