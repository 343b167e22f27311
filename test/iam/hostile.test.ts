import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  decide,
  directCallContext,
  lintDocument,
  lintSize,
  managedPolicyDocument,
  match,
  parseDocument,
  parseFunctionArn,
  parseInvocationUri,
  scopeFindings,
  splitArn,
  type Text,
  text,
} from "../../iam";
import { explain } from "../../messages/decisions";
import { FUNCTION, FUNCTION_ARN, property, ROLE, statements } from "./support";

const REQUEST = {
  principal: ROLE,
  action: "lambda:InvokeFunction",
  resource: FUNCTION,
  context: directCallContext({ caller: ROLE }),
};

/** Parses, lints and evaluates a document, to check that nothing throws and everything ends. */
function processDocument(source: unknown): void {
  for (const use of ["identity", "resource", "trust"] as const) {
    const document = parseDocument(source, use);
    const decision = decide({
      request: REQUEST,
      identity: { sources: [{ label: "a", document }], unseen: [], boundary: { label: "b", document } },
      resource: { sources: [{ label: "c", document }], unseen: [] },
      sameAccount: "yes",
    });
    assert.match(decision.answer, /^(yes|no|unknown)$/);
    explain(decision);
    lintDocument(document);
    lintSize([document], "role");
    scopeFindings(document);
  }
}

const allow = (more: object) => statements({ Effect: "Allow", Action: "lambda:*", Resource: "*", ...more });

describe("hostile documents are processed", () => {
  it("with deep nesting", () => {
    processDocument("[".repeat(100_000));
    processDocument(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    processDocument(`{"Statement":${"[".repeat(50_000)}${"]".repeat(50_000)}}`);
    let deep: unknown = "*";
    for (let at = 0; at < 20_000; at++) deep = [deep];
    processDocument(allow({ Resource: deep }));
    processDocument(allow({ Condition: { StringEquals: { "aws:a": deep } } }));
  });
  it("with thousands of statements", () =>
    processDocument({
      Version: "2012-10-17",
      Statement: Array.from({ length: 5_000 }, (_, at) => ({
        Sid: `s${at}`,
        Effect: "Allow",
        Action: `lambda:Invoke${at}*`,
        Resource: `${FUNCTION_ARN}${at}`,
      })),
    }));
  it("with thousands of resources and actions", () => {
    processDocument(allow({ Resource: Array.from({ length: 20_000 }, (_, at) => `${FUNCTION_ARN}*${at}`) }));
    processDocument(allow({ Action: Array.from({ length: 20_000 }, (_, at) => `lambda:*${at}`) }));
  });
  it("with a string of a megabyte", () => {
    const long = "a".repeat(1_000_000);
    processDocument(long);
    processDocument(JSON.stringify(long));
    processDocument(allow({ Resource: `arn:aws:lambda:*:*:function:${long}` }));
    processDocument(allow({ Sid: long, Action: long, Resource: long }));
    processDocument(allow({ Condition: { [long]: { [long]: long } } }));
    processDocument({ [long]: long, Statement: { [long]: long, Principal: { [long]: long } } });
  });
  it("with thousands of wildcards", () => {
    for (const wild of ["*", "?", "*a", "a*", "?*", "*?a", "**a?"])
      processDocument(allow({ Resource: `arn:aws:lambda:*:*:function:${wild.repeat(20_000)}b` }));
    assert.equal(match(["*a".repeat(2_000), "b"], ["a".repeat(100_000)]), "no");
  });
  it("with many braces and dollar signs", () => {
    processDocument(allow({ Resource: "arn:aws:lambda:*:*:function:".concat("${".repeat(50_000)) }));
    processDocument(
      allow({ Resource: "arn:aws:lambda:*:*:function:".concat("${aws:username}".repeat(20_000)) }),
    );
    processDocument(
      allow({
        Action: "execute-api:Invoke",
        Resource: "arn:aws:execute-api:*:*:a/b/GET/".concat("{".repeat(100_000)),
      }),
    );
  });
  it("with much white space and many quotes", () => {
    processDocument(" ".repeat(3_000_000));
    processDocument(`{"a":"${'\\"'.repeat(500_000)}"}`);
    processDocument(`${" ".repeat(1_000_000)}{}`);
  });
  it("with keys of Object.prototype", () => {
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      processDocument(
        `{"${key}":{"Statement":[]},"Statement":{"${key}":1,"Effect":"${key}","Action":"${key}","Resource":"${key}","Condition":{"${key}":{"${key}":"${key}"}},"Principal":{"${key}":"${key}"}}}`,
      );
      assert.equal(managedPolicyDocument(`arn:aws:iam::aws:policy/${key}`), undefined);
    }
    assert.equal(({} as Record<string, unknown>).Statement, undefined);
  });
  it("with unusual Unicode characters", () => {
    for (const pattern of ["\ud800", "\u0000", "\u202e", "🦄", "İ", "ﬀ", "\uffff", "a\u0301"]) {
      processDocument(pattern);
      processDocument(
        allow({
          Sid: pattern,
          Action: `lambda:${pattern}`,
          Resource: `${FUNCTION_ARN}${pattern}`,
          Condition: { [pattern]: { [pattern]: pattern } },
        }),
      );
      assert.equal(match([pattern], [pattern]), "yes");
    }
  });
  it("with objects that are not plain data", () => {
    for (const pattern of [
      new Map(),
      new Date(),
      /x/,
      () => 1,
      Symbol("x"),
      1n,
      Number.NaN,
      new Proxy([], {}),
      Object.create(null),
    ]) {
      processDocument(pattern);
      processDocument(
        allow({ Resource: pattern, Action: pattern, Effect: pattern, Sid: pattern, Condition: pattern }),
      );
    }
    processDocument({
      get Statement(): never {
        throw new Error("no");
      },
    });
  });
});

/** With quadratic time, none of these tests would end before the test runner's timeout. */
describe("large input", () => {
  const a = (size: number): string => "a".repeat(size);
  const SIZE = 3_200_000;
  const rows: readonly [name: string, pattern: Text, subject: Text][] = [
    ["one star", ["*b"], [a(SIZE)]],
    ["many stars", ["*a".repeat(SIZE / 16), "b"], [a(SIZE)]],
    ["many question marks", ["?".repeat(SIZE)], [a(SIZE)]],
    ["stars and question marks", ["*?a".repeat(SIZE / 16), "b"], [a(SIZE)]],
    ["a long run that nearly fits", ["*b", a(SIZE / 2), "*"], [a(SIZE)]],
  ];
  for (const [name, pattern, subject] of rows)
    it(`is matched before the timeout: ${name} on 3 MB`, () => {
      assert.notEqual(match(pattern, subject), "unknown");
    });

  it("is evaluated before the timeout: 100,000 statements", () => {
    const sources = Array.from({ length: 5_000 }, (_, at) => ({
      label: "",
      document: parseDocument(
        statements(
          ...Array.from({ length: 20 }, (_, index) => ({
            Effect: "Allow",
            Action: "lambda:Invoke*",
            Resource: `arn:aws:lambda:*:*:function:*-${at}-${index}`,
          })),
        ),
        "identity",
      ),
    }));
    const decision = decide({
      request: REQUEST,
      identity: { sources, unseen: [] },
      sameAccount: "yes",
    });
    assert.equal(decision.answer, "no");
  });

  it("has the result unknown if matching would exceed the limit", () => {
    const whole = { id: "h", shape: "any", label: { code: "unknown" }, origins: [] } as const;
    const cases: readonly [pattern: Text, subject: Text][] = [
      [["*".concat("a?".repeat(2_000), "b*")], [a(100_000)]],
      [["*a".repeat(1_000)], text(a(900), whole, a(900))],
      [text("*a".repeat(900), whole), text(whole, a(900), { ...whole, id: "i" })],
      [["*?".repeat(1_900)], text(whole, "b".repeat(1_900))],
    ];
    for (const [pattern, subject] of cases) assert.equal(match(pattern, subject), "unknown");
  });
});

describe("random input is processed", () => {
  const tokens = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    '"Statement"',
    '"Effect":"Allow"',
    '"Action":"lambda:*"',
    '"Resource":"*"',
    '"Condition":{"StringLike":{"aws:a":"*"}}',
    '"Version":"2012-10-17"',
    '"Principal":"*"',
    "null",
    "1",
    "\\",
    "${",
    "*",
  );
  it("as the text of a document", () =>
    property(
      20_000,
      fc.property(fc.array(tokens, { maxLength: 20 }), (parts) => processDocument(parts.join(""))),
    ));
  it("as elements of a document", () =>
    property(
      3_000,
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
            "__proto__",
          ),
          fc.jsonValue({ maxDepth: 3 }),
        ),
        fc.jsonValue({ maxDepth: 1 }),
        (statement, version) => processDocument({ Version: version, Statement: [statement] }),
      ),
    ));
  it("as a document of any type", () => property(2_000, fc.property(fc.anything(), processDocument)));
  it("as strings instead of ARNs", () =>
    property(
      6_000,
      fc.property(
        fc.string({ unit: fc.constantFrom(..."arn:aws/*?${}lmbd12 \u0000") }),
        fc.string(),
        (pattern, subject) => {
          for (const value of [text(pattern), text(subject), text("arn:aws:", pattern)]) {
            splitArn(value);
            parseFunctionArn(value);
            parseInvocationUri(value);
            managedPolicyDocument(value.join(""));
            match(value, text(subject));
          }
        },
      ),
    ));
});
