import assert from "node:assert/strict";
import { apiGatewayServiceContext, PartlyKnown, text, Unknown } from "../../iam";
import { denyAdvice, explain } from "../../messages/decisions";
import { showElement } from "../../messages/quotes";
import {
  ACCOUNT,
  ALLOW_ALL,
  API,
  type Case,
  decideCase,
  describeUnknown,
  FUNCTION_ARN,
  GATEWAY,
  hole,
  statements,
  USER,
} from "./support";

const ALLOW = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/caller`;
const otherRole = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const from = [{ key: "urn", label: "role x" }];
const withStatements = (...list: object[]): Case => ({ identity: [statements(...list)] });
const to = (Principal: unknown, more: object = {}): Case => ({
  resourcePolicies: [statements({ ...ALLOW, Principal, ...more })],
});
const when = (Condition: unknown): Case => withStatements({ ...ALLOW, Condition });
const asGateway = (given: Case): Case => ({
  ...given,
  principal: GATEWAY,
  context: apiGatewayServiceContext({ sourceArn: [`${API}/prod/GET/pets`], sourceAccount: [ACCOUNT] }),
});

describe("the message about the nearest statement", () => {
  const IDENTITY_POLICY_STATEMENT = "statement 1 in identity policy 0";
  const RESOURCE_POLICY_STATEMENT = "statement 1 in resource policy";
  const rows: readonly [string, Case, string][] = [
    [
      "five principals of many",
      to({ AWS: ["a", "b", "c", "d", "e", "f"].map(otherRole) }),
      `Nearest: ${RESOURCE_POLICY_STATEMENT} is for ${["a", "b", "c", "d", "e"].map(otherRole).join(", ")}, not for ${ROLE_ARN}`,
    ],
    [
      "an identity provider",
      { ...to({ Federated: "x.example" }), principal: USER },
      `Nearest: ${RESOURCE_POLICY_STATEMENT} is for (federated), not for arn:aws:iam::${ACCOUNT}:user/ann`,
    ],
    [
      "a canonical user",
      asGateway(to({ CanonicalUser: "79a59df9" })),
      `Nearest: ${RESOURCE_POLICY_STATEMENT} is for (canonical), not for apigateway.amazonaws.com`,
    ],
    [
      "a service with an odd name",
      to({ Service: "!events.amazonaws.com" }),
      `Nearest: ${RESOURCE_POLICY_STATEMENT} is for (not a service), not for ${ROLE_ARN}`,
    ],
    [
      "no principal that signed",
      { ...to({ AWS: ACCOUNT }), principal: { kind: "anonymous" } },
      `Nearest: ${RESOURCE_POLICY_STATEMENT} is for ${ACCOUNT}, not for an anonymous request`,
    ],
    [
      "an unknown principal",
      to({ AWS: new Unknown() }),
      `Undecided: ${RESOURCE_POLICY_STATEMENT} may be for ${ROLE_ARN}`,
    ],
    [
      "an unknown action",
      withStatements({ ...ALLOW, Action: new Unknown() }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} has an unknown Action`,
    ],
    [
      "a prefix of an action",
      withStatements({ ...ALLOW, Action: "lambda:InvokeFunction!" }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows (not an action), not lambda:InvokeFunction`,
    ],
    [
      "an action known in part",
      withStatements({
        ...ALLOW,
        Action: new PartlyKnown(text("lambda:", hole("word", { name: "it" }), "!")),
      }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows lambda:<it>!, not lambda:InvokeFunction`,
    ],
    [
      "the related action before another of the same service",
      withStatements({ ...ALLOW, Action: ["lambda:GetFunction", "execute-api:Invoke", "s3:Get*"] }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows execute-api:Invoke, not lambda:InvokeFunction`,
    ],
    [
      "the first of equals",
      withStatements({ ...ALLOW, Action: ["lambda:GetFunction", "lambda:ListFunctions"] }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows lambda:GetFunction, not lambda:InvokeFunction`,
    ],
    [
      "a variable without value",
      withStatements({ ...ALLOW, Resource: "arn:aws:lambda:*:*:function:${aws:username}" }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows it on (a variable without value), which does not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "an unknown resource",
      withStatements({ ...ALLOW, Resource: new Unknown() }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} has a Resource that may not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "a resource that may be the function's name",
      withStatements({
        ...ALLOW,
        Resource: new PartlyKnown(text("arn:aws:lambda:us-east-1:", ACCOUNT, ":function:", hole("word"))),
      }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} has a Resource whose function name may not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "the nearest resource of several",
      withStatements({
        ...ALLOW,
        Resource: [`${FUNCTION_ARN}2`, "arn:aws:lambda:eu-west-1:*:*", `${API}/*`],
      }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows it on ${FUNCTION_ARN}2, whose function name does not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "all resources except the requested one",
      { identity: [statements({ Effect: "Allow", Action: "lambda:*", NotResource: [FUNCTION_ARN] })] },
      `Nearest: ${IDENTITY_POLICY_STATEMENT} allows it on all except ${FUNCTION_ARN}, which does not match: the request is for ${FUNCTION_ARN}`,
    ],
    [
      "the ARN of another caller",
      when({
        ArnLike: { "aws:PrincipalArn": [otherRole("a"), otherRole("b"), otherRole("c"), otherRole("d")] },
      }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires ArnLike aws:PrincipalArn ${[otherRole("a"), otherRole("b"), otherRole("c")].join(" or ")}, whose resource does not match: the request has ${ROLE_ARN}`,
    ],
    [
      "the ARN of another caller, compared as a string",
      when({ StringEquals: { "aws:PrincipalArn": otherRole("a") } }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires StringEquals aws:PrincipalArn ${otherRole("a")}, whose resource does not match: the request has ${ROLE_ARN}`,
    ],
    [
      "another value",
      when({ StringEquals: { "aws:PrincipalAccount": "x" } }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires StringEquals aws:PrincipalAccount; the request has another aws:PrincipalAccount`,
    ],
    [
      "no value",
      when({ StringEquals: { "aws:SourceArn": `${API}/*` } }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires StringEquals aws:SourceArn ${API}/*; the request has no aws:SourceArn`,
    ],
    [
      "a wildcard value",
      when({ "ForAnyValue:Null": { "aws:SourceIp": "true" } }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires ForAnyValue:Null aws:SourceIp; the request has an unknown aws:SourceIp`,
    ],
    [
      "the condition that certainly misses before one that may",
      when({ StringEquals: { "aws:SourceIp": "x", "aws:SourceArn": "x" } }),
      `Nearest: ${IDENTITY_POLICY_STATEMENT} requires StringEquals aws:SourceArn (not an ARN); the request has no aws:SourceArn`,
    ],
    [
      "an unknown operator",
      when({ "hunter2!": { "aws:SourceIp": "x" } }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} requires (not an operator) aws:SourceIp, and whether the request meets this is unknown`,
    ],
    [
      "an invalid condition key",
      when({ StringEquals: { "hunter 2:x": "x" } }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} requires StringEquals (not a condition key), and whether the request meets this is unknown`,
    ],
    [
      "a key with something after it",
      when({ StringEquals: { "aws:x y": "x" } }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} requires StringEquals (not a condition key), and whether the request meets this is unknown`,
    ],
    [
      "something that is not an ARN",
      withStatements({ ...ALLOW, Resource: `x arn:${FUNCTION_ARN}` }),
      `Undecided: ${IDENTITY_POLICY_STATEMENT} has a Resource that may not match: the request is for ${FUNCTION_ARN}`,
    ],
  ];
  for (const [name, given, expected] of rows)
    it(name, () => assert.deepEqual(explain(decideCase(given)), [expected]));

  it("truncates long text", () => {
    const shown = (length: number): string => {
      const Resource = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:`.padEnd(length, "x");
      const mismatch = decideCase(withStatements({ ...ALLOW, Resource })).decidedBy?.mismatch;
      return mismatch?.element === "Resource" ? showElement(mismatch.pattern) : "";
    };
    assert.equal(shown(200).length, 200);
    assert.ok(shown(200).endsWith("x"));
    assert.equal(shown(201).length, 200);
    assert.ok(shown(201).endsWith("x…"));
  });
});

describe("the nearest statement", () => {
  const nearest = (given: Case): string | undefined => decideCase(given).decidedBy?.statement;
  const otherRegion = { ...ALLOW, Resource: "arn:aws:lambda:eu-west-1:*:*" };
  const rows: readonly [string, Case, string | undefined][] = [
    [
      "for unrelated statements",
      withStatements({ Effect: "Allow", Action: "s3:*", Resource: "*" }),
      undefined,
    ],
    ["for a deny", withStatements({ ...otherRegion, Effect: "Deny" }), undefined],
    [
      "the statement with the action",
      withStatements({ ...ALLOW_ALL, Action: "lambda:GetFunction" }, otherRegion),
      "statement 2",
    ],
    ["the first of equals", withStatements(otherRegion, otherRegion), "statement 1"],
    [
      "a statement on another resource before one whose action is partly unknown",
      withStatements({ ...otherRegion, Action: new PartlyKnown(text("lambda:", hole("any"))) }, otherRegion),
      "statement 2",
    ],
    [
      "the statement with the more similar resource",
      withStatements(otherRegion, { ...ALLOW, Resource: `${FUNCTION_ARN}2` }),
      "statement 2",
    ],
    [
      "a statement with an unmet condition before one on another resource",
      withStatements(
        { ...ALLOW, Resource: `${FUNCTION_ARN}2` },
        { ...ALLOW, Condition: { StringEquals: { "aws:SourceArn": "x" } } },
      ),
      "statement 2",
    ],
    [
      "the statement for the caller",
      {
        resourcePolicies: [
          statements(
            { ...ALLOW, Principal: { AWS: otherRole("a") } },
            { ...ALLOW, Principal: "*", Condition: { StringEquals: { "aws:SourceArn": "x" } } },
          ),
        ],
      },
      "statement 2",
    ],
    [
      "one of the first five hundred",
      withStatements(...Array.from({ length: 500 }, () => otherRegion), {
        ...ALLOW,
        Resource: `${FUNCTION_ARN}2`,
      }),
      "statement 1",
    ],
    [
      "the five hundredth",
      withStatements(...Array.from({ length: 499 }, () => otherRegion), {
        ...ALLOW,
        Resource: `${FUNCTION_ARN}2`,
      }),
      "statement 500",
    ],
  ];
  for (const [name, given, expected] of rows) it(name, () => assert.equal(nearest(given), expected));

  it("has a mismatch that is certain or not", () => {
    const { decidedBy } = decideCase(withStatements(otherRegion));
    assert.equal(decidedBy?.applies, "no");
    assert.deepEqual(decidedBy?.mismatch, {
      element: "Resource",
      pattern: { not: false, patterns: [otherRegion.Resource] },
      subject: FUNCTION_ARN,
      segment: "region",
      match: "no",
    });
  });
  it("has no mismatching segment for NotResource", () => {
    const { decidedBy } = decideCase({
      identity: [statements({ Effect: "Allow", Action: "lambda:*", NotResource: `${FUNCTION_ARN}*` })],
    });
    assert.equal("segment" in (decidedBy?.mismatch ?? { segment: 1 }), false);
  });
  it("can have an unknown Effect", () =>
    assert.deepEqual(decideCase(withStatements({ ...ALLOW, Effect: new Unknown() })).decidedBy?.mismatch, {
      element: "Effect",
      match: "unknown",
    }));
  it("is the statement that may apply if the result is unknown", () => {
    const { decidedBy } = decideCase(withStatements(otherRegion, { ...ALLOW, Action: new Unknown() }));
    assert.deepEqual([decidedBy?.statement, decidedBy?.applies], ["statement 2", "unknown"]);
  });
});

describe("unknowns of a decision", () => {
  const FIRST_STATEMENT = "statement 1 in identity policy 0";
  const account = hole("digits", { name: "account", origins: from });
  const rows: readonly [string, Case, object[]][] = [
    [
      "a document that IAM refuses",
      { identity: ["{"] },
      [
        {
          subject: "the document of identity policy 0",
          from: [],
          could: "either",
          resolution: "correct the document, which IAM refuses: the document is not JSON",
        },
      ],
    ],
    [
      "statements that depend on something",
      { identity: [{ Version: "2012-10-17", Statement: new Unknown(from) }] },
      [{ subject: "the document of identity policy 0", from: ["role x"], could: "either" }],
    ],
    [
      "an invalid Resource",
      withStatements({ ...ALLOW, Resource: "orders" }),
      [
        {
          subject: `the Resource of ${FIRST_STATEMENT}`,
          from: [],
          could: "allow",
          resolution: 'write an ARN or "*" as the Resource: IAM refuses the document as it is',
        },
      ],
    ],
    [
      "an element that IAM does not know",
      withStatements({ ...ALLOW, Condtion: {} }),
      [
        {
          subject: `condition (not a condition key) of ${FIRST_STATEMENT}`,
          from: [],
          could: "allow",
          resolution: "correct the statement, which IAM refuses: unknown element Condtion",
        },
      ],
    ],
    [
      "the function",
      { ...withStatements(ALLOW), resource: text("arn:aws:lambda:us-east-1:", account, ":function:orders") },
      [
        {
          subject: `the Resource of ${FIRST_STATEMENT}, since the plan does not show account`,
          from: ["role x"],
          could: "allow",
        },
      ],
    ],
    [
      "the function, with its own unknown",
      {
        ...withStatements(ALLOW),
        resource: text(
          "arn:aws:lambda:us-east-1:",
          { ...account, resolution: { code: "declare-stage" } },
          ":function:orders",
        ),
      },
      [
        {
          subject: `the Resource of ${FIRST_STATEMENT}, since the plan does not show account`,
          from: ["role x"],
          could: "allow",
          resolution: "declare the stage in this stack, or write * for it",
        },
      ],
    ],
    [
      "a condition key that no plan shows",
      when({ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }),
      [
        {
          subject: `condition aws:SourceIp of ${FIRST_STATEMENT}`,
          from: [],
          could: "allow",
          resolution:
            "remove the condition; or exempt the resource if requests meet the condition, since a plan never shows this value",
        },
      ],
    ],
    [
      "the value of a condition",
      when({ StringEquals: { "aws:PrincipalAccount": new Unknown(from) } }),
      [{ subject: `condition aws:PrincipalAccount of ${FIRST_STATEMENT}`, from: ["role x"], could: "allow" }],
    ],
    [
      "the request's value of a key",
      {
        ...when({ StringEquals: { "aws:Account": ACCOUNT } }),
        context: {
          keys: new Map([["aws:account", { state: "present", values: [[account]] }]]),
          otherKeys: "absent",
        },
      },
      [
        {
          subject: `condition aws:Account of ${FIRST_STATEMENT}, since the plan does not show account`,
          from: ["role x"],
          could: "allow",
        },
      ],
    ],
    [
      "a principal",
      to({ AWS: new Unknown(from) }),
      [{ subject: "the Principal of statement 1 in resource policy", from: ["role x"], could: "allow" }],
    ],
    [
      "a principal alongside everyone",
      to({ AWS: [new Unknown(from), "*"] }, { Resource: new Unknown(from) }),
      [{ subject: "the Resource of statement 1 in resource policy", from: ["role x"], could: "allow" }],
    ],
    [
      "an effect",
      withStatements({ ...ALLOW, Effect: new Unknown() }),
      [{ subject: `the Effect of ${FIRST_STATEMENT}`, from: [], could: "either" }],
    ],
  ];
  for (const [name, given, expected] of rows)
    it(name, () => assert.deepEqual(decideCase(given).unknowns.map(describeUnknown), expected));
  it("do not include values that vary by request", () => {
    const chosen = hole("segment", { varies: true, origins: [{ key: "r", label: "route" }] });
    const given: Case = {
      action: "execute-api:Invoke",
      resource: text("arn:aws:execute-api:us-east-1:", account, ":abc/prod/GET/", chosen),
      identity: [
        statements({
          Effect: "Allow",
          Action: "execute-api:Invoke",
          Resource: `${API.replace("abc123", "abc")}/*`,
        }),
      ],
    };
    assert.deepEqual(
      decideCase(given).unknowns.map(({ dependsOn }) => dependsOn.map(({ label }) => label)),
      [["role x"]],
    );
  });
  it("name at most ten resources", () => {
    const manyDependencies = Array.from({ length: 12 }, (_, at) => ({ key: `k${at}`, label: `r${at}` }));
    const unknowns = (given: Case) => decideCase(given).unknowns[0]?.dependsOn.length;
    assert.equal(unknowns({ identity: [new Unknown(manyDependencies)] }), 10);
    assert.equal(unknowns(withStatements({ ...ALLOW, Resource: new Unknown(manyDependencies) })), 10);
  });
  it("vary only if nothing else in the statement is unknown", () => {
    const id = hole("segment", { name: "{id}", varies: true });
    const statement = {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: `${API}/prod/GET/pets/a1`,
    };
    const request = { action: "execute-api:Invoke", resource: text(`${API}/prod/GET/pets/`, id) };
    const unknownsOf = (given: Case) =>
      decideCase({ ...given, ...request })
        .unknowns.map(describeUnknown)
        .map(({ subject, varies }) => [subject, varies]);
    assert.deepEqual(unknownsOf(withStatements(statement)), [
      [`which requests the Resource ${statement.Resource} of ${FIRST_STATEMENT} covers`, true],
    ]);
    const open: readonly Case[] = [
      withStatements({ ...statement, Action: new PartlyKnown(text("execute-api:Inv", hole("any"))) }),
      withStatements({ ...statement, Condition: { StringEquals: { "aws:x": new Unknown() } } }),
      { resourcePolicies: [statements({ ...statement, Principal: { AWS: new Unknown() } })] },
    ];
    for (const given of open)
      assert.ok(decideCase({ ...given, ...request }).unknowns.every(({ varies }) => varies === undefined));
  });
});

describe("the statements that must change to deny a request", () => {
  const first = "statement 1 in identity policy 0";
  const second = "statement 2 in identity policy 0";
  const statementLabel = "statement 1 in resource policy";
  const deny = "or add a Deny that covers it";
  const caller = to({ AWS: ROLE_ARN }).resourcePolicies ?? [];
  const rows: readonly [string, Case, string | undefined][] = [
    ["the statement that allows it", withStatements(ALLOW), `remove ${first}; ${deny}`],
    [
      "all statements that allow it",
      withStatements(ALLOW, { ...ALLOW, Action: "lambda:*" }),
      `remove ${first}; and ${second}, which also allows it; ${deny}`,
    ],
    [
      "also a statement that may allow it",
      withStatements(ALLOW, { ...ALLOW, Resource: new Unknown(from) }),
      `remove ${first}; and ${second}, which may also allow it; ${deny}`,
    ],
    [
      "not statements for other actions",
      withStatements(ALLOW, { ...ALLOW, Resource: `${FUNCTION_ARN}2` }),
      `remove ${first}; ${deny}`,
    ],
    [
      "also those of the resource policy, in the same account",
      { ...withStatements(ALLOW), resourcePolicies: caller },
      `remove ${first}; and ${statementLabel}, which also allows it; ${deny}`,
    ],
    [
      "one of both policies, across accounts",
      { ...withStatements(ALLOW), resourcePolicies: caller, sameAccount: "no" },
      `remove ${first}; ${deny}`,
    ],
    [
      "a limited number of many",
      withStatements(...Array.from({ length: 6 }, () => ALLOW)),
      `remove ${first}; ${[2, 3, 4].map((n) => `and statement ${n} in identity policy 0, which also allows it; `).join("")}and 2 more statements that allow or may allow it; ${deny}`,
    ],
    ["none if the request is denied", withStatements({ ...ALLOW, Effect: "Deny" }), undefined],
  ];
  for (const [name, given, expected] of rows)
    it(`are ${name}`, () => assert.equal(denyAdvice(decideCase(given)), expected));
});
