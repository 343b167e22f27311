import assert from "node:assert/strict";
import { PartlyKnown, parseDocument, type Trilean, text, Unknown } from "../../iam";
import { contextValue, evaluateCondition } from "../../iam/evaluate/condition";
import { context, hole } from "./support";

type Keys = Parameters<typeof context>[0];

function evaluate(condition: unknown, keys: Keys, Version: unknown = "2012-10-17"): Trilean {
  const document = parseDocument(
    { Version, Statement: { Effect: "Allow", Action: "*", Resource: "*", Condition: condition } },
    "identity",
  );
  const request = context(keys);
  const results = (document.statements[0]?.conditions ?? []).map((evaluated) =>
    evaluateCondition(evaluated, (key) => contextValue(request, key)),
  );
  return results.includes("no") ? "no" : results.includes("unknown") ? "unknown" : "yes";
}

const operators =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html";
const multiple =
  "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html";
const variables = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html";

describe(`single values (${operators})`, () => {
  const K = "aws:key";
  const arn = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/pets";
  const cases: readonly [
    operator: string,
    policy: unknown,
    request: string | "absent" | "unknown",
    Trilean,
  ][] = [
    ["StringEquals", "a", "a", "yes"],
    ["StringEquals", "a", "A", "no"],
    ["StringEquals", "a*", "ab", "no"],
    ["StringEquals", ["a", "b"], "b", "yes"],
    ["StringEquals", "a", "absent", "no"],
    ["StringEquals", "a", "unknown", "unknown"],
    ["StringNotEquals", "a", "b", "yes"],
    ["StringNotEquals", ["a", "b"], "b", "no"],
    ["StringNotEquals", "a", "absent", "yes"],
    ["StringEqualsIgnoreCase", "a", "A", "yes"],
    ["StringNotEqualsIgnoreCase", "a", "A", "no"],
    ["StringLike", "a*c?", "abcd", "yes"],
    ["StringLike", "a*", "b", "no"],
    ["StringLike", "a*", "A", "no"],
    ["StringNotLike", "a*", "abc", "no"],
    ["StringNotLike", "a*", "absent", "yes"],
    ["NumericEquals", "10", "10.0", "yes"],
    ["NumericEquals", 10, "10", "yes"],
    ["NumericNotEquals", "10", "11", "yes"],
    ["NumericLessThan", "10", "9", "yes"],
    ["NumericLessThan", "10", "10", "no"],
    ["NumericLessThanEquals", "10", "10", "yes"],
    ["NumericGreaterThan", "10", "9", "no"],
    ["NumericGreaterThanEquals", "10", "10", "yes"],
    ["NumericLessThanEquals", "10", "11", "no"],
    ["NumericGreaterThan", "10", "10", "no"],
    ["NumericGreaterThan", "10", "10.55", "yes"],
    ["NumericGreaterThanEquals", "10", "9", "no"],
    ["NumericEquals", "ten", "10", "unknown"],
    ["NumericEquals", "10", "ten", "unknown"],
    ["NumericNotEquals", "ten", "10", "unknown"],
    ["NumericEquals", ".", ".", "unknown"],
    ["NumericEquals", "-1234567.12345678", "-1234567.12345678", "yes"],
    ["NumericEquals", "+12345678.12345678", "12345678.12345678", "unknown"],
    ["NumericEquals", "9007199254740993", "9007199254740992", "unknown"],
    ["NumericLessThan", "-1.5", "-2", "yes"],
    ["DateEquals", "2024-01-01T00:00:00Z", "1704067200", "yes"],
    ["DateNotEquals", "2024-01-01T00:00:00Z", "1704067200", "no"],
    ["DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z", "yes"],
    ["DateLessThanEquals", "2024-01-01", "2024-01-01T00:00:00.000Z", "yes"],
    ["DateGreaterThan", "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00Z", "yes"],
    ["DateGreaterThanEquals", "1704067200", "2024-01-01T00:00:00Z", "yes"],
    ["DateEquals", "2024-01", "2024-01-01T00:00Z", "yes"],
    ["DateEquals", "2024-01-01T01:00+0100", "1704067200.0", "yes"],
    ["DateLessThan", "1704067200.75", "1704067200.5", "yes"],
    ["DateEquals", "x1704067200", "1704067200", "unknown"],
    ["DateEquals", "1704067200x", "1704067200", "unknown"],
    ["DateEquals", "1704067200.x", "1704067200", "unknown"],
    ["DateEquals", "x2024-01-01", "2024-01-01", "unknown"],
    ["DateEquals", "2024-01-01x", "2024-01-01", "unknown"],
    ["DateEquals", "2024-01-00", "2023-12-31", "unknown"],
    ["DateEquals", "2024-13-01", "2025-01-01", "unknown"],
    ["DateEquals", "2024-01-01T00:00:00.123456789+00:00", "2024-01-01T00:00:00.123Z", "yes"],
    ["DateEquals", "1704067200.".padEnd(41, "0"), "1704067200", "unknown"],
    ["DateEquals", "1704067200.".padEnd(40, "0"), "1704067200", "yes"],
    ["DateEquals", "2024", "2024-01-01T00:00:00Z", "unknown"],
    ["DateEquals", "yesterday", "2024-01-01T00:00:00Z", "unknown"],
    ["DateEquals", "2024-02-31", "2024-03-02T00:00:00Z", "unknown"],
    ["DateEquals", "2024-02-29T23:59:59-12:00", "2024-03-01T11:59:59Z", "yes"],
    ["Bool", "true", "true", "yes"],
    ["Bool", true, "true", "yes"],
    ["Bool", "TRUE", "true", "yes"],
    ["Bool", "false", "true", "no"],
    ["Bool", "yes", "true", "unknown"],
    ["Bool", "yes", "absent", "no"],
    ["Bool", "true", "absent", "no"],
    ["BinaryEquals", "QmluYXJ5", "QmluYXJ5", "yes"],
    ["BinaryEquals", "QQ==", "QQ", "yes"],
    ["BinaryEquals", "QQ==", "Qg==", "no"],
    ["IpAddress", "203.0.113.0/24", "203.0.113.7", "yes"],
    ["IpAddress", "203.0.113.0/24", "203.0.114.7", "no"],
    ["IpAddress", "203.0.113.7", "203.0.113.7", "yes"],
    ["IpAddress", "2001:db8::/32", "2001:db8:1234::1", "yes"],
    ["IpAddress", "2001:db8::/32", "2001:db9::1", "no"],
    ["IpAddress", "2001:db8::/32", "203.0.113.7", "no"],
    ["IpAddress", "0.0.0.0/0", "203.0.113.7", "yes"],
    ["IpAddress", "not an address", "203.0.113.7", "unknown"],
    ["IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", "yes"],
    ["IpAddress", "010.0.0.1", "8.0.0.1", "unknown"],
    ["IpAddress", "10.1", "10.0.0.1", "unknown"],
    ["IpAddress", "10.1/16", "10.0.0.1", "unknown"],
    ["IpAddress", "203.0.113.0/33", "203.0.113.7", "unknown"],
    ["IpAddress", "203.0.113.0/24/24", "203.0.113.7", "unknown"],
    ["IpAddress", "203.0.113.7", "203.0.113.8", "no"],
    ["IpAddress", "203.0.113.7", "2001:db8::1", "no"],
    ["IpAddress", "2001:db8::1", "2001:DB8:0::1", "yes"],
    ["IpAddress", "203.0.113.0/24", "here", "unknown"],
    ["NotIpAddress", "203.0.113.0/24", "203.0.113.7", "no"],
    ["NotIpAddress", "203.0.113.0/24", "absent", "yes"],
    ["ArnEquals", "arn:aws:execute-api:*:*:abc/*", arn, "yes"],
    ["ArnLike", "arn:aws:execute-api:*:*:abc/*", arn, "yes"],
    ["ArnLike", "arn:aws:execute-api:*:*:xyz/*", arn, "no"],
    ["ArnNotEquals", "arn:aws:execute-api:*:*:abc/*", arn, "no"],
    ["ArnNotLike", "arn:aws:execute-api:*:*:xyz/*", arn, "yes"],
    ["Null", "true", "absent", "yes"],
    ["Null", "false", "absent", "no"],
    ["Null", true, "a", "no"],
    ["Null", "false", "a", "yes"],
    ["Null", "true", "unknown", "unknown"],
    ["Null", "maybe", "a", "unknown"],
    ["Null", ["true", "false"], "a", "yes"],
    ["ForAllValues:Null", "true", "a", "yes"],
    ["ForAllValues:Null", "true", "unknown", "yes"],
    ["ForAnyValue:Null", "true", "absent", "no"],
    ["StringEqualsIfExists", "a", "absent", "yes"],
    ["StringEqualsIfExists", "a", "b", "no"],
    ["StringNotEqualsIfExists", "a", "absent", "yes"],
    ["BoolIfExists", "true", "absent", "yes"],
    ["IpAddressIfExists", "203.0.113.0/24", "absent", "yes"],
    ["StringLikeIfExists", "*", "unknown", "yes"],
    ["StringLike", "*", "unknown", "unknown"],
    ["StringLikes", "a", "a", "unknown"],
    ["NullIfExists", "true", "absent", "unknown"],
    ["stringequals", "a", "a", "unknown"],
  ];
  for (const [operator, policy, request, expected] of cases)
    it(`${operator} ${JSON.stringify(policy)} on ${request}`, () =>
      assert.equal(
        evaluate(
          { [operator]: { [K]: policy } },
          { [K]: request === "absent" || request === "unknown" ? request : [request] },
        ),
        expected,
      ));
});

describe(`many values and many keys (${multiple})`, () => {
  const cases: readonly [string, unknown, Keys, Trilean][] = [
    [
      "ForAllValues, all values match",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
      { "aws:TagKeys": ["a"] },
      "yes",
    ],
    [
      "ForAllValues, one value does not match",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
      { "aws:TagKeys": ["a", "c"] },
      "no",
    ],
    ["ForAllValues without the key", { "ForAllValues:StringEquals": { "aws:TagKeys": "a" } }, {}, "yes"],
    [
      "ForAllValues with no values",
      { "ForAllValues:StringEquals": { "aws:TagKeys": "a" } },
      { "aws:TagKeys": [] },
      "yes",
    ],
    [
      "ForAnyValue, one value matches",
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["a", "c"] },
      "yes",
    ],
    [
      "ForAnyValue, no value matches",
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["b", "c"] },
      "no",
    ],
    [
      "ForAnyValue negated, without the key",
      { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } },
      {},
      "no",
    ],
    ["a key with no values", { StringEquals: { "aws:TagKeys": "a" } }, { "aws:TagKeys": [] }, "no"],
    [
      "a key with no values, negated",
      { StringNotEquals: { "aws:TagKeys": "a" } },
      { "aws:TagKeys": [] },
      "yes",
    ],
    ["a key with no values is null", { Null: { "aws:TagKeys": "true" } }, { "aws:TagKeys": [] }, "yes"],
    ["an unknown value in the policy", { Null: { "aws:TagKeys": new Unknown() } }, {}, "unknown"],
    ["an unknown number", { NumericEquals: { "aws:n": new Unknown() } }, { "aws:n": ["1"] }, "unknown"],
    ["ForAnyValue without the key", { "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } }, {}, "no"],
    [
      "ForAllValues negated",
      { "ForAllValues:StringNotEquals": { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["b", "c"] },
      "yes",
    ],
    [
      "ForAnyValue negated",
      { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["a", "c"] },
      "yes",
    ],
    [
      "many values without a set prefix",
      { StringEquals: { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["a", "c"] },
      "unknown",
    ],
    [
      "keys are ANDed",
      { StringEquals: { "aws:a": "1", "aws:b": "2" } },
      { "aws:a": ["1"], "aws:b": ["3"] },
      "no",
    ],
    [
      "operators are ANDed",
      { StringEquals: { "aws:a": "1" }, StringLike: { "aws:b": "2*" } },
      { "aws:a": ["1"], "aws:b": ["22"] },
      "yes",
    ],
    [
      "condition keys are not case-sensitive",
      { StringEquals: { "AWS:SourceAccount": "1" } },
      { "aws:sourceaccount": ["1"] },
      "yes",
    ],
    [
      "a mismatch decides even if another condition is unknown",
      { StringEquals: { "aws:a": "1", "aws:b": "2" } },
      { "aws:a": "unknown", "aws:b": ["3"] },
      "no",
    ],
    [
      "a key in two spellings",
      { StringEquals: { "aws:a": "1", "AWS:A": "1" } },
      { "aws:a": ["1"] },
      "unknown",
    ],
    ["no conditions", {}, {}, "yes"],
    ["a condition that is not an object", "x", {}, "unknown"],
    ["an unknown condition", new Unknown(), {}, "unknown"],
    ["an unknown operator's block", { StringEquals: new Unknown() }, {}, "unknown"],
    ["an unknown value for an absent key", { StringEquals: { "aws:a": new Unknown() } }, {}, "no"],
    ["an unknown value", { StringEquals: { "aws:a": new Unknown() } }, { "aws:a": ["1"] }, "unknown"],
    ["no values", { StringEquals: { "aws:a": [] } }, { "aws:a": ["1"] }, "unknown"],
  ];
  for (const [name, condition, keys, expected] of cases)
    it(name, () => assert.equal(evaluate(condition, keys), expected));

  it("compares the known parts of values", () => {
    const account = hole("digits", { id: "account" });
    const accountKey = () => ({ state: "present" as const, values: [[account]] });
    const resultOf = (value: PartlyKnown | string): Trilean => {
      const [condition] =
        parseDocument(
          {
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Action: "*",
              Resource: "*",
              Condition: { StringEquals: { "aws:a": value } },
            },
          },
          "identity",
        ).statements[0]?.conditions ?? [];
      assert.ok(condition);
      return evaluateCondition(condition, accountKey);
    };
    assert.equal(resultOf(new PartlyKnown([account])), "yes");
    assert.equal(resultOf(new PartlyKnown(text(account, "x"))), "no");
    assert.equal(resultOf("123456789012"), "unknown");
    assert.equal(resultOf("not digits"), "no");
  });
});

describe(`policy variables (${variables})`, () => {
  const user: Keys = { "aws:username": ["ann"], "aws:name": ["ann"], "aws:path": ["home/ann"] };
  const cases: readonly [string, unknown, Keys, unknown, Trilean][] = [
    ["filled in", { StringEquals: { "aws:name": "${aws:username}" } }, user, "2012-10-17", "yes"],
    ["inside other text", { StringLike: { "aws:path": "home/${aws:username}*" } }, user, "2012-10-17", "yes"],
    [
      "variable names are not case-sensitive",
      { StringEquals: { "aws:name": "${AWS:UserName}" } },
      user,
      "2012-10-17",
      "yes",
    ],
    ["literal text in 2008", { StringEquals: { "aws:name": "${aws:username}" } }, user, "2008-10-17", "no"],
    [
      "literal text without Version",
      { StringEquals: { "aws:name": "${aws:username}" } },
      user,
      undefined,
      "no",
    ],
    [
      "an unknown Version",
      { StringEquals: { "aws:name": "${aws:username}" } },
      user,
      new Unknown(),
      "unknown",
    ],
    [
      "no value, no fallback",
      { StringEquals: { "aws:name": "${aws:PrincipalTag/x}" } },
      user,
      "2012-10-17",
      "no",
    ],
    [
      "no value, negated",
      { StringNotEquals: { "aws:name": "${aws:PrincipalTag/x}" } },
      user,
      "2012-10-17",
      "yes",
    ],
    [
      "no value alongside one that is equal, negated",
      { StringNotLike: { "aws:name": ["${aws:PrincipalTag/x}", "a*"] } },
      user,
      "2012-10-17",
      "no",
    ],
    [
      "an operator that does not support variables",
      { NumericEquals: { "aws:n": "${aws:n}" } },
      { "aws:n": ["5"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "an operator that does not support variables, absent key",
      { Bool: { "aws:n": "${aws:n}" } },
      {},
      "2012-10-17",
      "no",
    ],
    [
      "with ArnLike",
      { ArnLike: { "aws:a": "arn:aws:iam::1:user/${aws:username}" } },
      { ...user, "aws:a": ["arn:aws:iam::1:user/ann"] },
      "2012-10-17",
      "yes",
    ],
    [
      "a fallback",
      { StringEquals: { "aws:name": "${aws:PrincipalTag/x, 'ann'}" } },
      user,
      "2012-10-17",
      "yes",
    ],
    [
      "a fallback that is not needed",
      { StringEquals: { "aws:name": "${aws:username, 'bob'}" } },
      user,
      "2012-10-17",
      "yes",
    ],
    [
      "an unknown value",
      { StringEquals: { "aws:name": "${aws:username}" } },
      { "aws:username": "unknown", "aws:name": ["ann"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "many values",
      { StringEquals: { "aws:name": "${aws:TagKeys}" } },
      { "aws:TagKeys": ["ann", "bob"], "aws:name": ["ann"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "two of them, one without value",
      { StringEquals: { "aws:name": "${aws:username}${aws:none}" } },
      user,
      "2012-10-17",
      "no",
    ],
    ["a literal star", { StringLike: { "aws:name": "a${*}" } }, user, "2012-10-17", "no"],
    [
      "a literal star, present",
      { StringLike: { "aws:name": "a${*}" } },
      { "aws:name": ["a*"] },
      "2012-10-17",
      "yes",
    ],
    [
      "a literal question mark",
      { StringLike: { "aws:name": "a${?}" } },
      { "aws:name": ["ab"] },
      "2012-10-17",
      "no",
    ],
    [
      "a literal dollar",
      { StringEquals: { "aws:name": "${$}5" } },
      { "aws:name": ["$5"] },
      "2012-10-17",
      "yes",
    ],
    [
      "a value with a star",
      { StringLike: { "aws:name": "${aws:username}" } },
      { "aws:username": ["a*"], "aws:name": ["ab"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "never closed",
      { StringEquals: { "aws:name": "x${aws" } },
      { "aws:name": ["x${aws"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "never closed, alongside a known value",
      { StringEquals: { "aws:name": "x${aws" } },
      { "aws:name": ["y"] },
      "2012-10-17",
      "no",
    ],
    [
      "never closed before an unknown part",
      { StringEquals: { "aws:name": new PartlyKnown(text("x${aws:", hole("word"), "}y")) } },
      { "aws:name": ["xz"] },
      "2012-10-17",
      "unknown",
    ],
    [
      "closed before an unknown part",
      { StringEquals: { "aws:name": new PartlyKnown(text("${aws:username}", hole("word"), "c")) } },
      { ...user, "aws:name": ["annqd"] },
      "2012-10-17",
      "no",
    ],
    [
      "at the very beginning",
      { StringEquals: { "aws:name": "}${aws:username}" } },
      { ...user, "aws:name": ["}ann"] },
      "2012-10-17",
      "yes",
    ],
    [
      "with a space in its name",
      { StringEquals: { "aws:name": "${aws: username}" } },
      user,
      "2012-10-17",
      "unknown",
    ],
    ["with no name", { StringEquals: { "aws:name": "${}" } }, { "aws:name": [""] }, "2012-10-17", "unknown"],
    [
      "a fallback without quotes",
      { StringEquals: { "aws:name": "${aws:PrincipalTag/x, ann}" } },
      user,
      "2012-10-17",
      "unknown",
    ],
    [
      "a fallback without a space before it",
      { StringEquals: { "aws:name": "${aws:PrincipalTag/x,'ann'}" } },
      user,
      "2012-10-17",
      "unknown",
    ],
  ];
  for (const [name, condition, keys, version, expected] of cases)
    it(name, () => {
      const Version = version === undefined ? "2008-10-17" : version;
      assert.equal(evaluate(condition, keys, Version), expected);
    });
});
