import assert from "node:assert/strict";
import {
  type DocumentUse,
  PartlyKnown,
  type ProblemCode,
  parseDocument,
  show,
  text,
  Unknown,
} from "../../iam";
import { arnPatternFor, fillTemplate } from "../../iam/evaluate/condition";
import { duplicateKeys } from "../../iam/text/json";
import { showProblem } from "../../messages/document-problems";
import { ACCOUNT, ALLOW_ALL, hole, statements } from "./support";

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
const BASE = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" };
const TRUST = {
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "sts:AssumeRole",
};

describe("documents", () => {
  const problems: readonly [string, unknown, readonly ProblemCode[], DocumentUse?][] = [
    ["a document", statements(BASE), []],
    ["a document as text", JSON.stringify(statements(BASE)), []],
    ["a single statement without list", { Version: "2012-10-17", Statement: BASE }, []],
    ["without Version", { Statement: [BASE] }, []],
    ["with an Id", { ...statements(BASE), Id: "x" }, []],
    ["empty text", "", ["not-json"]],
    ["text that is not JSON", "{", ["not-json"]],
    ["a number", 5, ["not-an-object"]],
    ["null", "null", ["not-an-object"]],
    ["a list", [BASE], ["not-an-object"]],
    ["undefined", undefined, ["not-an-object"]],
    ["no Statement", { Version: "2012-10-17" }, ["missing-element"]],
    ["an empty Statement", statements(), ["missing-element"]],
    ["a statement that is not an object", statements("x"), ["wrong-type"]],
    ["a Version with another date", { ...statements(BASE), Version: "2012-10-16" }, ["version"]],
    ["a Version as a date", { ...statements(BASE), Version: new Date(0) }, ["version"]],
    ["a Version as a number", { ...statements(BASE), Version: 2012 }, ["version"]],
    [
      "an unknown element",
      { ...statements({ ...BASE, effect: "Allow" }), Comment: "x" },
      ["unknown-element", "unknown-element"],
    ],
    [
      "__proto__ as an element",
      '{"Statement":[],"__proto__":{"Statement":1}}',
      ["unknown-element", "missing-element"],
    ],
    ["no Effect", statements({ Action: "*", Resource: "*" }), ["missing-element"]],
    ["an Effect in lower case", statements({ ...BASE, Effect: "allow" }), ["effect"]],
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
    ["a repeated Sid", statements({ ...BASE, Sid: "a" }, { ...BASE, Sid: "a" }), ["sid"]],
    ["an empty Sid", statements({ ...BASE, Sid: "" }, { ...BASE, Sid: "" }), []],
    [
      "an unknown operator",
      statements({ ...BASE, Condition: { StringMatches: { "aws:a": "1" } } }),
      ["operator"],
    ],
    ["a condition that is a list", statements({ ...BASE, Condition: [] }), ["wrong-type"]],
    [
      "a repeated condition key",
      statements({ ...BASE, Condition: { StringEquals: { "aws:a": "1", "aws:A": "2" } } }),
      ["duplicate-key"],
    ],
    [
      "a repeated key",
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
      "a Principal of an unknown type",
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
    ["a deleted user", statements({ ...TRUST, Principal: { AWS: "AIDAJQABLZS4A3QDU576Q" } }), [], "trust"],
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

  it("are unknown if IAM rejects them", () => {
    for (const text of ["", "{", "[]", '{"Statement":[],"Statement":[]}'])
      assert.ok(parseDocument(text, "identity").opaque, text);
    assert.equal(parseDocument(statements(BASE), "identity").opaque, undefined);
  });
  it("keep the dependencies of unknown documents", () => {
    const from = [{ key: "urn", label: "role x" }];
    assert.deepEqual(parseDocument(new Unknown(from), "identity").opaque, from);
    assert.deepEqual(parseDocument({ Statement: new Unknown(from) }, "identity").opaque, from);
  });
  it("have a distinct identity for each unknown leaf", () => {
    const [statement] = parseDocument(
      statements({ ...BASE, Resource: [new Unknown(), new Unknown()] }),
      "identity",
    ).statements;
    const ids = statement?.resource?.templates.map(({ text }) => (text[0] as { id: string }).id);
    assert.equal(new Set(ids).size, 2);
  });
  it("have a size without white space if they are known", () => {
    assert.equal(parseDocument('{ "Statement" : [ ] }', "identity").size, '{"Statement":[]}'.length);
    assert.equal(
      parseDocument(statements(ALLOW_ALL), "identity").size,
      JSON.stringify(statements(ALLOW_ALL)).length,
    );
    assert.equal(parseDocument(statements({ ...BASE, Resource: new Unknown() }), "identity").size, undefined);
  });
  it("have each Resource and condition ARN compiled once", () => {
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
  it("have variables replaced once for each caller", () => {
    const [template] =
      parseDocument(
        statements({ ...BASE, Resource: "arn:aws:lambda:*:*:function:${aws:username}" }),
        "identity",
      ).statements[0]?.resource?.templates ?? [];
    assert.ok(template);
    const ann = { state: "present" as const, values: [["ann"]] };
    const bob = { state: "present" as const, values: [["bob"]] };
    const first = fillTemplate(template, () => ann);
    assert.ok(first);
    assert.equal(
      fillTemplate(template, () => ann),
      first,
    );
    assert.equal(arnPatternFor(template, first, "identity"), arnPatternFor(template, first, "identity"));
    assert.notDeepEqual(
      fillTemplate(template, () => bob),
      first,
    );
    assert.equal(
      fillTemplate(template, () => ({ state: "absent" })),
      undefined,
    );
  });
  it("have statements named by Sid or position", () => {
    const { statements: read } = parseDocument(statements({ ...BASE, Sid: "Call" }, BASE), "identity");
    assert.deepEqual(
      read.map(({ label }) => label),
      ['Sid "Call"', "statement 2"],
    );
  });
  it("accept objects whose properties throw", () => {
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

function problemIn(document: unknown, use: DocumentUse): string | undefined {
  const [problem] = parseDocument(document, use).problems;
  return problem && showProblem(problem);
}

describe("the message about a document that IAM rejects", () => {
  const rows: readonly [unknown, string | undefined, DocumentUse?][] = [
    ["", "the document is not JSON"],
    [5, "the document is not a JSON object"],
    [new Proxy({}, { ownKeys: () => assert.fail() }), "the document cannot be read"],
    [{ ...statements(BASE), Version: "2012-10-16" }, 'Version is "2012-10-16", not "2012-10-17"'],
    [
      { ...statements(BASE), Version: "x2012-10-17" },
      'Version is not a version of the policy language, such as "2012-10-17"',
    ],
    [
      { ...statements(BASE), Version: "2012-10-17x" },
      'Version is not a version of the policy language, such as "2012-10-17"',
    ],
    [{ ...statements(BASE), Version: null }, 'Version is of type null, not "2012-10-17"'],
    [{ ...statements(BASE), Version: [] }, 'Version is of type list, not "2012-10-17"'],
    [{ ...statements(BASE), Version: new Date(0) }, 'Version is of type date, not "2012-10-17"'],
    [{ ...statements(BASE), Version: 2012 }, 'Version is of type number, not "2012-10-17"'],
    [{ ...statements(BASE), Version: new Unknown() }, undefined],
    [{ ...statements(BASE), Version: new PartlyKnown(["2012"]) }, undefined],
    [{ ...statements(BASE), Hunter2: [] }, "unknown element"],
    [{ ...statements(BASE), Versoin: "x" }, "unknown element Versoin"],
    [{ Version: "2012-10-17" }, "the document has no Statement"],
    [statements(), "Statement is empty"],
    [statements("x"), "the statement is not a JSON object"],
    [statements(new Unknown()), undefined],
    [statements({ ...BASE, Sid: 5 }), "Sid is not a string"],
    [statements({ ...BASE, Sid: "a-b" }), "the Sid contains characters other than letters and digits"],
    [statements({ ...BASE, Sid: new PartlyKnown(["a-b"]) }), undefined],
    [statements({ ...BASE, Sid: "a" }, { ...BASE, Sid: "a" }), "another statement has the same Sid"],
    [statements({ Action: "*", Resource: "*" }), "the statement has no Effect"],
    [statements({ ...BASE, Effect: "allow" }), "Effect is neither Allow nor Deny"],
    [statements({ ...BASE, Effect: new Unknown() }), undefined],
    [statements({ ...BASE, Effect: new PartlyKnown(["A"]) }), undefined],
    [statements({ Effect: "Allow", Resource: "*" }), "the statement has no Action"],
    [statements({ ...BASE, Action: [] }), "Action is empty"],
    [statements({ ...BASE, NotAction: "*" }), "the statement has both Action and NotAction"],
    [statements({ ...BASE, Action: null }), "Action contains a value of type null"],
    [
      statements({ ...BASE, Action: ":Invoke" }),
      'an action has no service before a colon, such as "lambda:"',
    ],
    [statements({ ...BASE, Resource: [[]] }), "Resource contains a value of type list"],
    [statements({ ...BASE, Principal: "*" }), "an identity-based policy cannot have a Principal element"],
    [statements({ ...BASE, NotPrincipal: "*" }), "an identity-based policy cannot have a Principal element"],
    [statements({ ...BASE, Condition: "x" }), "Condition is not a JSON object"],
    [statements({ ...BASE, Condition: new Unknown() }), undefined],
    [
      statements({ ...BASE, Condition: { Bool: "x" } }),
      "the value of a condition operator is not a JSON object",
    ],
    [statements({ ...BASE, Condition: { Bool: new Unknown() } }), undefined],
    [statements({ ...BASE, Condition: { Bool: { "aws:a": [] } } }), "Condition Bool has no value"],
    [
      statements({ ...BASE, Condition: { Bool: { "aws:a": {} } } }),
      "Condition contains a value of type object",
    ],
    [statements({ ...BASE, Condition: { Bools: { "aws:a": "x" } } }), "unknown condition operator Bools"],
    [
      statements({ ...BASE, Condition: { Bool: { "aws:a": "x", "aws:A": "x" } } }),
      "the condition key appears twice",
    ],
    [statements({ ...TRUST, Resource: "*" }), "a trust policy cannot have a Resource element", "trust"],
    [statements({ ...TRUST, NotResource: "*" }), "a trust policy cannot have a Resource element", "trust"],
    [
      statements({ Effect: "Allow", Action: "sts:AssumeRole", NotPrincipal: { AWS: "*" } }),
      "a trust policy cannot have a NotPrincipal element",
      "trust",
    ],
    [
      statements({ ...TRUST, Principal: "*" }),
      'Principal is not an object such as {"Service": "…"}',
      "trust",
    ],
    [statements({ ...TRUST, Principal: { AWS: "*" } }), undefined, "trust"],
    [
      statements({ ...BASE, Principal: "ann" }),
      'Principal is neither "*" nor an object such as {"Service": "…"}',
      "resource",
    ],
    [statements({ ...BASE, Principal: new Unknown() }), undefined, "resource"],
    [statements({ ...BASE, Principal: new PartlyKnown(text("a", hole())) }), undefined, "resource"],
    [statements({ ...BASE, Principal: { Services: "x" } }), "unknown principal type Services", "resource"],
    [statements({ ...BASE, Principal: { aws: "x" } }), "unknown principal type aws", "resource"],
    [statements({ ...BASE, Principal: { Hunter: "x" } }), "unknown principal type", "resource"],
    [
      statements({ ...BASE, Principal: { Service: 5 } }),
      "Principal contains a value of type number",
      "resource",
    ],
    [
      statements({ ...BASE, Principal: { Service: "a*" } }),
      "a principal of type Service contains a wildcard",
      "resource",
    ],
    ['{"Statement":[],"Statement":[]}', "the key Statement appears twice"],
    ['{"a":[],"a":[],"Statement":[]}', "the key appears twice"],
  ];
  for (const [document, message, use = "identity"] of rows)
    it(`${message}`, () => assert.equal(problemIn(document, use), message));
});

describe("kinds of principals (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)", () => {
  const kind = (leaf: unknown): string => {
    const { statements: read, problems } = parseDocument(
      statements({ ...BASE, Principal: { AWS: leaf } }),
      "resource",
    );
    return [read[0]?.principal?.entries[0]?.kind, ...problems.map(showProblem)].join(": ");
  };
  const NOT_ARN_OR_ACCOUNT = "unknown: the principal is neither an ARN nor an account ID";
  const WILD = "unknown: a wildcard cannot match part of a principal";
  const arn = (service: string, resource: string): string => `arn:aws:${service}::${ACCOUNT}:${resource}`;
  const rows: readonly [unknown, string][] = [
    ["*", "everyone"],
    [ACCOUNT, "account"],
    [`${ACCOUNT}1`, NOT_ARN_OR_ACCOUNT],
    [`x${ACCOUNT}`, NOT_ARN_OR_ACCOUNT],
    [new PartlyKnown([hole("digits")]), "account"],
    [new PartlyKnown([hole("word")]), "unknown"],
    [new PartlyKnown(text(hole("digits"), "x")), "unknown"],
    [new PartlyKnown(text("arn:aws:iam::", hole("digits"), ":root")), "account"],
    [new PartlyKnown(text("arn:aws:iam::", hole("digits"), ":role/", hole())), "role"],
    [new PartlyKnown(text("arn:aws:iam::", hole("digits"), ":", hole("any"))), "unknown"],
    [arn("iam", "root"), "account"],
    [arn("iam", "roots"), "unknown"],
    [arn("sts", "root"), "unknown"],
    [arn("iam", "role/r"), "role"],
    [arn("sts", "role/r"), "unknown"],
    [arn("iam", "user/u"), "user"],
    [arn("sts", "user/u"), "unknown"],
    [arn("sts", "assumed-role/r/s"), "session"],
    [arn("iam", "assumed-role/r/s"), "unknown"],
    [arn("sts", "assumed-role/"), "unknown"],
    [arn("sts", "federated-user/u"), "federated-user"],
    [arn("iam", "federated-user/u"), "unknown"],
    [arn("iam", "group/g"), "unknown"],
    [arn("iam", "role/*"), WILD],
    ["a*", WILD],
    ["AIDAJQABLZS4A3QDU576Q", "unknown"],
    ["xAIDAJQABLZS4A3QDU576Q", NOT_ARN_OR_ACCOUNT],
    ["AIDAJQABLZS4A3QDU576Q!", NOT_ARN_OR_ACCOUNT],
    ["A1DAJQABLZS4A3QDU576Q", NOT_ARN_OR_ACCOUNT],
    ["ann", NOT_ARN_OR_ACCOUNT],
  ];
  for (const [leaf, expected] of rows)
    it(`${typeof leaf === "string" ? leaf : show((leaf as PartlyKnown).text)}: ${expected}`, () =>
      assert.equal(kind(leaf), expected));
  it("are unknown for other types", () => {
    const [statement] = parseDocument(
      statements({ ...BASE, Principal: { Service: "s", Federated: "f", CanonicalUser: "c", Other: "o" } }),
      "resource",
    ).statements;
    assert.deepEqual(
      statement?.principal?.entries.map((entry) => entry.kind),
      ["service", "federated", "canonical", "unknown"],
    );
  });
});

describe("unknown statements and leaves", () => {
  const from = [
    { key: "a", label: "role a" },
    { key: "b", label: "role b" },
  ];
  const read = (statement: unknown, use: DocumentUse) =>
    parseDocument(statements(BASE, statement), use).statements[1];
  it("can be any statement", () => {
    for (const [use, principal, resource] of [
      ["identity", false, true],
      ["resource", true, true],
      ["trust", true, false],
    ] as const) {
      const statement = read(new Unknown(from), use);
      assert.deepEqual(
        [statement?.label, statement?.effect, statement?.action.not, statement?.conditions],
        ["statement 2", "unknown", false, []],
      );
      assert.deepEqual(
        statement?.principal && [
          statement.principal.not,
          statement.principal.entries.map(({ kind }) => kind),
        ],
        principal ? [false, ["unknown"]] : undefined,
      );
      assert.deepEqual(
        statement?.resource && [statement.resource.not, statement.resource.templates.length],
        resource ? [false, 1] : undefined,
      );
    }
  });
  it("have dependencies", () => {
    const [text = []] = read({ ...BASE, Action: new Unknown(from) }, "identity")?.action.texts ?? [];
    assert.equal(show(text), "<depends on role a, role b>");
    assert.equal(
      show(read({ ...BASE, Action: new Unknown() }, "identity")?.action.texts[0] ?? []),
      "<unknown>",
    );
  });
  it("have truncated labels", () => {
    assert.equal(read({ ...BASE, Sid: "a".repeat(80) }, "identity")?.label, `Sid "${"a".repeat(80)}"`);
    assert.equal(read({ ...BASE, Sid: "a".repeat(81) }, "identity")?.label, `Sid "${"a".repeat(79)}…"`);
    assert.equal(read({ ...BASE, Sid: "" }, "identity")?.sid, undefined);
  });
  it("are read up to the size limit of IAM's API", () => {
    const sized = (size: number): string => {
      const withSid = (Sid: string): string => JSON.stringify(statements({ ...BASE, Sid }));
      return withSid("a".repeat(size - withSid("").length));
    };
    assert.equal(parseDocument(sized(131_072), "identity").opaque, undefined);
    assert.equal(parseDocument(sized(131_073), "identity").problems[0]?.code, "too-large");
    assert.equal(parseDocument(JSON.parse(sized(131_073)), "identity").problems[0]?.code, "too-large");
    assert.equal(
      problemIn(" ".repeat(4_000_001), "identity"),
      "the document has 4000001 characters, more than IAM accepts for any policy",
    );
  });
});

describe("keys that appear twice", () => {
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
