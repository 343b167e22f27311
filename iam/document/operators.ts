import type { Condition } from "./types";

/** A condition operator, parsed from its name. */
export type Operator = Pick<Condition, "family" | "negated" | "set" | "ifExists">;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const OPERATORS: ReadonlyMap<string, Pick<Operator, "family" | "negated">> = new Map([
  ["StringEquals", { family: "String", negated: false }],
  ["StringNotEquals", { family: "String", negated: true }],
  ["StringEqualsIgnoreCase", { family: "StringIgnoreCase", negated: false }],
  ["StringNotEqualsIgnoreCase", { family: "StringIgnoreCase", negated: true }],
  ["StringLike", { family: "StringLike", negated: false }],
  ["StringNotLike", { family: "StringLike", negated: true }],
  ["NumericEquals", { family: "NumericEquals", negated: false }],
  ["NumericNotEquals", { family: "NumericEquals", negated: true }],
  ["NumericLessThan", { family: "NumericLessThan", negated: false }],
  ["NumericLessThanEquals", { family: "NumericLessThanEquals", negated: false }],
  ["NumericGreaterThan", { family: "NumericGreaterThan", negated: false }],
  ["NumericGreaterThanEquals", { family: "NumericGreaterThanEquals", negated: false }],
  ["DateEquals", { family: "DateEquals", negated: false }],
  ["DateNotEquals", { family: "DateEquals", negated: true }],
  ["DateLessThan", { family: "DateLessThan", negated: false }],
  ["DateLessThanEquals", { family: "DateLessThanEquals", negated: false }],
  ["DateGreaterThan", { family: "DateGreaterThan", negated: false }],
  ["DateGreaterThanEquals", { family: "DateGreaterThanEquals", negated: false }],
  ["Bool", { family: "Bool", negated: false }],
  ["BinaryEquals", { family: "Binary", negated: false }],
  ["IpAddress", { family: "IpAddress", negated: false }],
  ["NotIpAddress", { family: "IpAddress", negated: true }],
  ["ArnEquals", { family: "Arn", negated: false }],
  ["ArnLike", { family: "Arn", negated: false }],
  ["ArnNotEquals", { family: "Arn", negated: true }],
  ["ArnNotLike", { family: "Arn", negated: true }],
  ["Null", { family: "Null", negated: false }],
]);

/**
 * Parses the name of a condition operator with its prefix and suffix; `undefined` for a name that IAM does not know.
 * Names are case-sensitive.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function parseOperator(operatorName: string): Operator | undefined {
  let name = operatorName;
  let set: Operator["set"];
  for (const [prefix, value] of [
    ["ForAllValues:", "all"],
    ["ForAnyValue:", "any"],
  ] as const) {
    if (!name.startsWith(prefix)) continue;
    name = name.slice(prefix.length);
    set = value;
    break;
  }
  const ifExists = name.endsWith("IfExists");
  if (ifExists) name = name.slice(0, -"IfExists".length);
  const operator = OPERATORS.get(name);
  if (operator === undefined || (operator.family === "Null" && ifExists)) return undefined;
  return { ...operator, set, ifExists };
}
