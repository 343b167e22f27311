import ipaddr from "ipaddr.js";
import type { Condition, ConditionFamily, Template, Variable } from "../document/types";
import { type ArnPattern, type ArnUse, arnPatternOf, matchArnPattern } from "../text/arn";
import { equal, equalIgnoreCase, matchPattern } from "../text/match";
import { type Pattern, type PatternPiece, patternOf } from "../text/pattern";
import { type Hole, known, type Text } from "../text/text";
import { and, not, or, type Trilean, trilean } from "../text/trilean";
import type { Context, ContextValue, Tags } from "./model";

/**
 * Evaluates conditions in three-valued logic.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */

/** The value of a condition key in a request, by the key's name in lower case. */
export type Lookup = (key: string) => ContextValue;

/** The value of a key in a context: its own entry, that of its family, or the default. */
export function contextValue(context: Context, key: string): ContextValue {
  const value = context.keys.get(key);
  if (value !== undefined) return value;
  if (context.resourceTags !== undefined && key.startsWith(RESOURCE_TAG))
    return tagValue(context.resourceTags, key.slice(RESOURCE_TAG.length));
  for (const [prefix, value] of context.prefixes ?? []) if (key.startsWith(prefix)) return value;
  const isOutsideFamilies = context.families?.every((family) => !key.startsWith(family)) ?? false;
  return DEFAULT_VALUES[isOutsideFamilies ? "absent" : context.otherKeys];
}

export const RESOURCE_TAG = "aws:resourcetag/";

function tagValue({ values, otherKeys }: Tags, key: string): ContextValue {
  // Prefixes of AWS's own keys, which callers cannot set.
  // https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
  return values.get(key) ?? DEFAULT_VALUES[key.startsWith("aws:") ? "unknown" : otherKeys];
}

const DEFAULT_VALUES = { unknown: { state: "unknown" }, absent: { state: "absent" } } as const;

/**
 * Operators whose values may contain policy variables
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement).
 */
const WITH_VARIABLES: ReadonlySet<ConditionFamily> = new Set([
  "String",
  "StringIgnoreCase",
  "StringLike",
  "Arn",
]);

/** Whether the condition is met. */
export function evaluateCondition(condition: Condition, lookup: Lookup): Trilean {
  if (condition.family === "unknown") return "unknown";
  const value = lookup(condition.key);
  if (condition.family === "Null") return evaluateNull(condition, value);
  switch (value.state) {
    case "absent":
      return whenAbsent(condition);
    case "present":
      return value.values.length === 0 ? whenAbsent(condition) : whenPresent(condition, value.values, lookup);
    case "unknown": {
      const absent = whenAbsent(condition);
      return whenPresent(condition, value.values ?? [[ANY_VALUE]], lookup) === absent ? absent : "unknown";
    }
  }
}

const ANY_VALUE: Hole = { id: "condition-value", shape: "any", label: { code: "unknown" }, origins: [] };

/**
 * A key that the request does not have: `ForAllValues:` and `…IfExists` match, `ForAnyValue:` does not, a negated
 * operator matches and any other does not.
 */
function whenAbsent(condition: Condition): Trilean {
  if (condition.set === "all" || condition.ifExists) return "yes";
  if (condition.set === "any") return "no";
  return trilean(condition.negated);
}

function whenPresent(condition: Condition, values: readonly Text[], lookup: Lookup): Trilean {
  const results = values.map((value) => {
    const matches = condition.values.map((template) =>
      compareWithTemplate(condition, template, value, lookup),
    );
    return condition.negated ? not(or(matches)) : or(matches);
  });
  if (condition.set === "all") return and(results);
  if (condition.set === "any") return or(results);
  // AWS does not document the result of an operator without a set prefix for a key with several values.
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
      const expected = known(template.text)?.toLowerCase();
      return expected === "true" ? not(exists) : expected === "false" ? exists : "unknown";
    }),
  );
}

function compareWithTemplate(condition: Condition, template: Template, value: Text, lookup: Lookup): Trilean {
  if (template.pattern === undefined && !WITH_VARIABLES.has(condition.family)) return "unknown";
  const pattern = fillTemplate(template, lookup);
  // "Inverted condition operators … do match against a null value."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
  if (pattern === undefined) return "no";
  return compareValue(condition.family, pattern, template, value);
}

interface FilledTemplate {
  readonly values: readonly ContextValue[];
  readonly pattern: Pattern | undefined;
}

/** The last replacement of each template: consecutive requests are often of the same principal. */
const lastFilled = new WeakMap<Template, FilledTemplate>();

/** Replaces policy variables by the request's values; `undefined` when the request lacks one of them. */
export function fillTemplate(template: Template, lookup: Lookup): Pattern | undefined {
  if (template.pattern !== undefined) return template.pattern;
  const variables = template.pieces.filter(isVariable);
  const values = variables.map(({ variable }) => lookup(variable));
  const last = lastFilled.get(template);
  if (last?.values.every((value, index) => value === values[index])) return last.pattern;
  const texts = new Map(
    variables.map((variable, index) => [variable, textOf(variable, values[index] as ContextValue)]),
  );
  const pattern = [...texts.values()].includes(undefined)
    ? undefined
    : patternOf(
        template.pieces.flatMap((piece): readonly PatternPiece[] =>
          isVariable(piece) ? (texts.get(piece) ?? []) : [piece],
        ),
      );
  lastFilled.set(template, { values, pattern });
  return pattern;
}

function isVariable(piece: PatternPiece | Variable): piece is Variable {
  return typeof piece === "object" && "variable" in piece;
}

const arnPatterns = new WeakMap<Pattern, ArnPattern>();

/**
 * The pattern of a template for matching ARNs: compiled when the document was read, or after its variables are
 * replaced.
 */
export function arnPatternFor(template: Template, pattern: Pattern, use: ArnUse): ArnPattern {
  if (template.arn !== undefined) return template.arn;
  const arn = arnPatterns.get(pattern) ?? arnPatternOf(template.text, pattern, use);
  arnPatterns.set(pattern, arn);
  return arn;
}

function textOf({ variable, fallback }: Variable, value: ContextValue): Text | undefined {
  if (value.state === "absent") return fallback === undefined ? undefined : [fallback];
  const [singleValue] = value.state === "present" ? value.values : [];
  // AWS does not document whether a `*` inside a value is a wildcard, so such a value is treated as unknown.
  const hasNoWildcards = singleValue?.every((piece) => typeof piece !== "string" || !/[*?]/.test(piece));
  if (value.state === "present" && value.values.length === 1 && hasNoWildcards) return singleValue;
  const label = { code: "named", name: `\${${variable}}` } as const;
  return [{ id: `variable ${variable}`, shape: "any", label, origins: [] }];
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
      return matchArnPattern(arnPatternFor(template, pattern, "condition"), value);
    default: {
      const [a, b] = [known(literalsOf(pattern)), known(value)];
      return a === undefined || b === undefined ? "unknown" : compareKnown(family, a, b);
    }
  }
}

/** The pattern as text; called only for operators whose values have no wildcards. */
function literalsOf(pattern: Pattern): Text {
  return pattern.pieces.filter((piece): piece is string | Hole => typeof piece === "string" || "id" in piece);
}

/**
 * Compares the value in the policy with the one in the request; `unknown` when one of them has the wrong type.
 */
function compareKnown(family: ConditionFamily, policyValue: string, value: string): Trilean {
  switch (family) {
    case "Bool": {
      const [a, b] = [policyValue.toLowerCase(), value.toLowerCase()];
      return BOOLEANS.has(a) && BOOLEANS.has(b) ? trilean(a === b) : "unknown";
    }
    case "Binary":
      return policyValue === value ? "yes" : trilean(bytes(policyValue) === bytes(value));
    case "IpAddress":
      return inRange(policyValue, value);
    default: {
      const parse = family.startsWith("Date") ? parseDate : parseNumber;
      const [a, b] = [parse(policyValue), parse(value)];
      if (a === undefined || b === undefined) return "unknown";
      return trilean(compareNumbers(family.replace(/^(Date|Numeric)/, ""), b, a));
    }
  }
}

const BOOLEANS: ReadonlySet<string> = new Set(["true", "false"]);

function bytes(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex");
}

function compareNumbers(relation: string, value: number, policyValue: number): boolean {
  switch (relation) {
    case "LessThan":
      return value < policyValue;
    case "LessThanEquals":
      return value <= policyValue;
    case "GreaterThan":
      return value > policyValue;
    case "GreaterThanEquals":
      return value >= policyValue;
    default:
      return value === policyValue;
  }
}

/** A decimal number with no more digits than a JavaScript number distinguishes. */
function parseNumber(value: string): number | undefined {
  return value.length <= 17 && /^[+-]?(\d{1,15}|\d{0,15}\.\d{0,15})$/.test(value) && /\d/.test(value)
    ? Number(value)
    : undefined;
}

/**
 * Milliseconds of an ISO 8601 date in one of the W3C's formats (https://www.w3.org/TR/NOTE-datetime) or of seconds
 * since 1970. Four digits alone could be either and are therefore rejected.
 */
function parseDate(value: string): number | undefined {
  if (value.length > 40) return undefined;
  if (/^\d{5,15}(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const form = /^(\d{4})-(\d\d)(-(\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?)?$/;
  const [, year, month, , day = "01"] = form.exec(value) ?? [];
  if (year === undefined) return undefined;
  // `Date.parse` accepts February 31 as a day in March.
  const first = new Date(`${year}-${month}-01T00:00:00Z`);
  first.setUTCDate(Number(day));
  if (Number.isNaN(first.getTime()) || first.getUTCDate() !== Number(day) || day === "00") return undefined;
  const time = Date.parse(value.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(time) ? undefined : time;
}

/** Whether the address is in the CIDR range, or equals the address, in the policy. */
function inRange(range: string, address: string): Trilean {
  const [network = "", bits, ...more] = range.split("/");
  if (!isAddress(network) || !isAddress(address) || more.length > 0) return "unknown";
  const isInRange = rangeContains(range, bits === undefined ? network : undefined, address);
  return isInRange === undefined ? "unknown" : trilean(isInRange);
}

/** `undefined` where the range is not one. */
function rangeContains(
  range: string,
  singleAddress: string | undefined,
  address: string,
): boolean | undefined {
  try {
    const value = ipaddr.process(address);
    if (singleAddress !== undefined) {
      const address = ipaddr.process(singleAddress);
      return address.kind() === value.kind() && address.toNormalizedString() === value.toNormalizedString();
    }
    const [network, length] = ipaddr.parseCIDR(range);
    return network.kind() === value.kind() && value.match(network, length);
  } catch {
    return undefined;
  }
}

/** The usual notations only: the library also accepts `10.1` and octal numbers. */
function isAddress(value: string): boolean {
  return value.includes(":") ? ipaddr.IPv6.isValid(value) : ipaddr.IPv4.isValidFourPartDecimal(value);
}
