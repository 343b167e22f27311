import assert from "node:assert/strict";
import { type DocumentUse, PartlyKnown, type ProblemCode, parseDocument, Unknown } from "../../iam";
import { arnOf, fill } from "../../iam/condition";
import { duplicateKeys } from "../../iam/json";
import { ALLOW_ALL, statements } from "./support";

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
const BASE = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" };
const TRUST = {
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "sts:AssumeRole",
};

describe("documents", () => {
  const problems: readonly [string, unknown, readonly ProblemCode[], DocumentUse?][] = [
    ["a plain one", statements(BASE), []],
    ["as text", JSON.stringify(statements(BASE)), []],
    ["a single statement without list", { Version: "2012-10-17", Statement: BASE }, []],
    ["without Version", { Statement: [BASE] }, []],
    ["with an Id", { ...statements(BASE), Id: "x" }, []],
    ["empty text", "", ["not-json"]],
    ["no JSON", "{", ["not-json"]],
    ["a number", 5, ["not-an-object"]],
    ["null", "null", ["not-an-object"]],
    ["a list", [BASE], ["not-an-object"]],
    ["undefined", undefined, ["not-an-object"]],
    ["no Statement", { Version: "2012-10-17" }, ["missing-element"]],
    ["an empty Statement", statements(), ["missing-element"]],
    ["a statement that is none", statements("x"), ["wrong-type"]],
    ["a Version of another day", { ...statements(BASE), Version: "2012-10-16" }, ["version"]],
    ["a Version as a date", { ...statements(BASE), Version: new Date(0) }, ["version"]],
    ["a Version as a number", { ...statements(BASE), Version: 2012 }, ["version"]],
    [
      "an element nobody knows",
      { ...statements({ ...BASE, effect: "Allow" }), Comment: "x" },
      ["unknown-element", "unknown-element"],
    ],
    [
      "__proto__ as an element",
      '{"Statement":[],"__proto__":{"Statement":1}}',
      ["unknown-element", "missing-element"],
    ],
    ["no Effect", statements({ Action: "*", Resource: "*" }), ["missing-element"]],
    ["an Effect in small letters", statements({ ...BASE, Effect: "allow" }), ["effect"]],
    ["no Action", statements({ Effect: "Allow", Resource: "*" }), ["missing-element"]],
    ["an empty Action", statements({ ...BASE, Action: [] }), ["missing-element"]],
    ["Action and NotAction", statements({ ...BASE, NotAction: "s3:*" }), ["conflicting-elements"]],
    ["an Action without service", statements({ ...BASE, Action: "InvokeFunction" }), ["action"]],
    ["a wildcard in the service", statements({ ...BASE, Action: "lamb*:Invoke" }), ["action"]],
    ["an Action that is a number", statements({ ...BASE, Action: 5 }), ["wrong-type"]],
    ["no Resource", statements({ Effect: "Allow", Action: "*" }), ["missing-element"]],
    ["Resource and NotResource", statements({ ...BASE, NotResource: "*" }), ["conflicting-elements"]],
    ["a Principal in an identity policy", statements({ ...BASE, Principal: "*" }), ["prohibited-element"]],
    ["a Sid that is a number", statements({ ...BASE, Sid: 5 }), ["wrong-type"]],
    ["a Sid with a space", statements({ ...BASE, Sid: "a b" }), ["sid"]],
    [
      "a Sid with a space in a resource policy",
      statements({ ...BASE, Principal: "*", Sid: "a b" }),
      [],
      "resource",
    ],
    ["a Sid twice", statements({ ...BASE, Sid: "a" }, { ...BASE, Sid: "a" }), ["sid"]],
    ["an empty Sid", statements({ ...BASE, Sid: "" }, { ...BASE, Sid: "" }), []],
    [
      "an operator nobody knows",
      statements({ ...BASE, Condition: { StringMatches: { "aws:a": "1" } } }),
      ["operator"],
    ],
    ["a condition that is a list", statements({ ...BASE, Condition: [] }), ["wrong-type"]],
    [
      "a condition key twice",
      statements({ ...BASE, Condition: { StringEquals: { "aws:a": "1", "aws:A": "2" } } }),
      ["duplicate-key"],
    ],
    [
      "a key twice",
      '{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}',
      ["duplicate-key"],
    ],
    ["a trust policy", statements(TRUST), [], "trust"],
    [
      "a Resource in a trust policy",
      statements({ ...TRUST, Resource: "*" }),
      ["prohibited-element"],
      "trust",
    ],
    ["no Principal", statements({ Effect: "Allow", Action: "sts:AssumeRole" }), ["missing-element"], "trust"],
    ["a Principal that is a name", statements({ ...TRUST, Principal: "ann" }), ["principal"], "trust"],
    [
      "a Principal of a kind nobody knows",
      statements({ ...TRUST, Principal: { Aws: "*" } }),
      ["principal"],
      "trust",
    ],
    [
      "a wildcard in a Principal",
      statements({ ...TRUST, Principal: { AWS: "arn:aws:iam::123456789012:role/*" } }),
      ["principal"],
      "trust",
    ],
    [
      "a user that was deleted",
      statements({ ...TRUST, Principal: { AWS: "AIDAJQABLZS4A3QDU576Q" } }),
      [],
      "trust",
    ],
    ["an unknown document", new Unknown(), []],
    ["unknown statements", { Version: "2012-10-17", Statement: new Unknown() }, []],
    ["an unknown leaf", statements({ ...BASE, Resource: [new Unknown(), "*"] }), []],
    ["a leaf known in part", statements({ ...BASE, Resource: new PartlyKnown(["arn:"]) }), []],
  ];
  for (const [name, document, expected, use = "identity"] of problems)
    it(name, () => {
      const parsed = parseDocument(document, use);
      assert.deepEqual(
        parsed.problems.map(({ code }) => code),
        expected,
        JSON.stringify(parsed.problems),
      );
    });

  it("knows nothing of a document that IAM refuses", () => {
    for (const text of ["", "{", "[]", '{"Statement":[],"Statement":[]}'])
      assert.ok(parseDocument(text, "identity").opaque, text);
    assert.equal(parseDocument(statements(BASE), "identity").opaque, undefined);
  });
  it("keeps where unknown documents come from", () => {
    const from = [{ key: "urn", label: "role x" }];
    assert.deepEqual(parseDocument(new Unknown(from), "identity").opaque, from);
    assert.deepEqual(parseDocument({ Statement: new Unknown(from) }, "identity").opaque, from);
  });
  it("gives each unknown leaf an identity of its own", () => {
    const [statement] = parseDocument(
      statements({ ...BASE, Resource: [new Unknown(), new Unknown()] }),
      "identity",
    ).statements;
    const ids = statement?.resource?.templates.map(({ text }) => (text[0] as { id: string }).id);
    assert.equal(new Set(ids).size, 2);
  });
  it("counts characters without white space, when it knows them all", () => {
    assert.equal(parseDocument('{ "Statement" : [ ] }', "identity").size, '{"Statement":[]}'.length);
    assert.equal(
      parseDocument(statements(ALLOW_ALL), "identity").size,
      JSON.stringify(statements(ALLOW_ALL)).length,
    );
    assert.equal(parseDocument(statements({ ...BASE, Resource: new Unknown() }), "identity").size, undefined);
  });
  it("reads a text once", () => {
    const text = JSON.stringify(statements({ ...BASE, Sid: "once" }));
    assert.equal(parseDocument(text, "identity"), parseDocument(text, "identity"));
    assert.notEqual(parseDocument(text, "identity"), parseDocument(text, "resource"));
  });
  it("compiles a Resource, and an ARN in a condition, once", () => {
    const arn = "arn:aws:lambda:*:*:function:*";
    const { statements: read } = parseDocument(
      statements({
        ...BASE,
        Resource: arn,
        Condition: { ArnLike: { "aws:a": arn }, StringLike: { "aws:a": arn } },
      }),
      "identity",
    );
    const [like, text] = read[0]?.conditions.map(({ values }) => values[0]) ?? [];
    assert.equal(read[0]?.resource?.templates[0]?.arn?.use, "identity");
    assert.equal(like?.arn?.use, "condition");
    assert.equal(text?.arn, undefined);
  });
  it("fills variables in once for each caller", () => {
    const [template] =
      parseDocument(
        statements({ ...BASE, Resource: "arn:aws:lambda:*:*:function:${aws:username}" }),
        "identity",
      ).statements[0]?.resource?.templates ?? [];
    assert.ok(template);
    const ann = { state: "present" as const, values: [["ann"]] };
    const bob = { state: "present" as const, values: [["bob"]] };
    const first = fill(template, () => ann);
    assert.ok(first);
    assert.equal(
      fill(template, () => ann),
      first,
    );
    assert.equal(arnOf(template, first, "identity"), arnOf(template, first, "identity"));
    assert.notDeepEqual(
      fill(template, () => bob),
      first,
    );
    assert.equal(
      fill(template, () => ({ state: "absent" })),
      undefined,
    );
  });
  it("forgets the oldest texts", () => {
    const first = parseDocument('{"Id":"first"}', "identity");
    for (let at = 0; at < 1_100; at++) parseDocument(`{"Id":"${at}"}`, "identity");
    assert.notEqual(parseDocument('{"Id":"first"}', "identity"), first);
  });
  it("names statements by Sid or place", () => {
    const { statements: read } = parseDocument(statements({ ...BASE, Sid: "Call" }, BASE), "identity");
    assert.deepEqual(
      read.map(({ label }) => label),
      ['Sid "Call"', "statement 2"],
    );
  });
  it("survives objects that fight back", () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    assert.ok(parseDocument(hostile, "identity").opaque);
    const cycle: Record<string, unknown> = { Version: "2012-10-17" };
    cycle.Statement = cycle;
    assert.ok(parseDocument(cycle, "identity").problems.length > 0);
  });
});

describe("keys that stand twice", () => {
  const cases: readonly [string, readonly string[]][] = [
    ['{"a":1,"b":{"a":1}}', []],
    ['{"a":1,"a":2}', ["a"]],
    ['[{"a":1},{"a":2}]', []],
    ['{"a":["a","a"],"b":"a"}', []],
    ['{"a\\"":1,"x":{"b":[{"c":1,"c":2}]}}', ["c"]],
    ['{"a":"\\\\","a":"{\\"a\\":1}"}', ["a"]],
    ['{"a":1,"\\u0061":2}', ["a"]],
    ['{"\\\\":1,"a":{"\\\\":2}}', []],
  ];
  for (const [json, expected] of cases) it(json, () => assert.deepEqual(duplicateKeys(json), expected));
});
