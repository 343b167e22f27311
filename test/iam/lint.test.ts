import assert from "node:assert/strict";
import {
  type LintCode,
  lintDocument,
  lintSize,
  PartlyKnown,
  type Place,
  type PolicyDocument,
  parseDocument,
  scopeFindings,
  text,
  Unknown,
} from "../../iam";
import { ACCOUNT, API, FUNCTION_ARN, hole, statements } from "./support";

const CALL = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };
const ROUTE = { Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/prod/GET/pets` };
const OTHER = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*" };
const call = (more: object): unknown => statements({ ...CALL, ...more });
const route = (Resource: unknown, more: object = {}): unknown => statements({ ...ROUTE, Resource, ...more });
const INVOKE_ARN = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;

function codes(document: unknown): readonly LintCode[] {
  return lintDocument(parseDocument(document, "identity")).map(({ code }) => code);
}

describe("documents people get wrong", () => {
  const wrong: readonly [string, unknown, LintCode, RegExp?][] = [
    [
      "an invoke ARN as Resource",
      call({ Resource: INVOKE_ARN }),
      "invoke-arn",
      /not the ARN of the function/,
    ],
    [
      "an invoke ARN under everything",
      call({ Action: ["lambda:*", "execute-api:*"], Resource: INVOKE_ARN }),
      "invoke-arn",
    ],
    ["a function under execute-api", route(FUNCTION_ARN), "other-service", /is of lambda/],
    ["an API under lambda", call({ Resource: `${API}/*` }), "other-service", /is of execute-api/],
    [
      "a control-plane ARN under execute-api",
      route("arn:aws:apigateway:us-east-1::/restapis/abc/*"),
      "other-service",
    ],
    [
      "both actions, only APIs",
      route(`${API}/*`, { Action: ["execute-api:Invoke", "lambda:InvokeFunction"] }),
      "no-resource-for-action",
      /lambda:InvokeFunction is allowed on no function/,
    ],
    [
      "both actions, only functions",
      call({ Action: ["execute-api:Invoke", "lambda:InvokeFunction"] }),
      "no-resource-for-action",
      /on no API/,
    ],
    ["a path parameter in braces", route(`${API}/prod/GET/pets/{petId}`), "path-parameter"],
    ["a proxy path in braces", route(`${API}/*/*/{proxy+}`), "path-parameter"],
    ["no stage", route(API), "no-stage-or-verb", /no stage/],
    ["no verb", route(`${API}/prod`), "no-stage-or-verb", /no verb/],
    ["no verb, but a slash", route(`${API}/prod/`), "no-stage-or-verb", /no verb/],
    ["two slashes", route(`${API}/prod/GET//pets`), "double-slash"],
    [
      "undefined for the account",
      call({ Resource: "arn:aws:lambda:us-east-1:undefined:function:orders" }),
      "placeholder",
      /"undefined"/,
    ],
    [
      "undefined for the name",
      call({ Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:undefined` }),
      "placeholder",
    ],
    [
      "None for the API",
      route(`arn:aws:execute-api:us-east-1:${ACCOUNT}:None/prod/GET/pets`),
      "placeholder",
      /"None"/,
    ],
    ["an object", call({ Resource: "[object Object]" }), "placeholder"],
    [
      "an output that was not awaited",
      call({ Resource: "Calling [toString] on an [Output<T>] is not supported.\n\nTo get the value…" }),
      "placeholder",
      /Output<T>/,
    ],
    [
      "an output in an ARN",
      route(`${API.replace("abc123", "Calling [toString] on an [Output<T>] is not supported")}/*`),
      "placeholder",
    ],
    [
      "a pseudo parameter",
      call({ Resource: "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:orders" }),
      "pseudo-parameter",
    ],
    ["a name in place of an ARN", call({ Resource: "orders" }), "not-an-arn"],
    ["nothing in place of an ARN", call({ Resource: "" }), "not-an-arn"],
    [
      "no account",
      call({ Resource: "arn:aws:lambda:us-east-1::function:orders" }),
      "empty-field",
      /no account/,
    ],
    ["no region", route(`arn:aws:execute-api::${ACCOUNT}:abc/*`), "empty-field", /no region/],
    [
      "no function: before the name",
      call({ Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:orders` }),
      "not-a-function",
    ],
    ["lambda:Invoke", call({ Action: "lambda:Invoke" }), "unknown-action"],
    ["lambda:InvokeFunctions", call({ Action: "lambda:InvokeFunctions" }), "unknown-action"],
    ["a space in the action", call({ Action: "lambda: InvokeFunction" }), "unknown-action"],
    ["an operation that is no action", call({ Action: "lambda:InvokeWithResponseStream" }), "unknown-action"],
    ["execute-api:InvokeApi", route(`${API}/*`, { Action: "execute-api:InvokeApi" }), "unknown-action"],
    ["apigateway:Invoke", route(`${API}/*`, { Action: "apigateway:Invoke" }), "unknown-action"],
    ["lamda:InvokeFunction", call({ Action: "lamda:InvokeFunction" }), "unknown-action"],
    ["no JSON", "{'Version': '2012-10-17'}", "malformed", /not JSON/],
    ["a list", "[]", "malformed"],
    ["a Version of another day", { ...(call({}) as object), Version: "2012-10-18" }, "version"],
    ["an Effect in small letters", call({ Effect: "allow" }), "malformed", /Effect/],
    ["no Effect", statements({ Action: "lambda:*", Resource: "*" }), "malformed"],
    ["no Resource", statements({ Effect: "Allow", Action: "lambda:*" }), "malformed"],
    ["a Principal", call({ Principal: "*" }), "malformed"],
    ["an action without service", call({ Action: ["InvokeFunction"] }), "malformed"],
    ["a Sid with a blank", call({ Sid: "call it" }), "malformed"],
    ["an operator nobody knows", call({ Condition: { StringMatches: { "aws:a": "b" } } }), "malformed"],
    [
      "a key twice",
      '{"Statement":[{"Effect":"Allow","Action":"lambda:*","Action":"s3:*","Resource":"*"}]}',
      "malformed",
      /twice/,
    ],
  ];
  for (const [name, document, code, message] of wrong)
    it(name, () => {
      const findings = lintDocument(parseDocument(document, "identity"));
      assert.deepEqual(
        findings.map((one) => one.code),
        [code],
        JSON.stringify(findings),
      );
      assert.match(findings[0]?.message ?? "", message ?? /./);
      assert.ok((findings[0]?.fix ?? "").length > 5);
    });

  it("suggests what was meant", () => {
    const fix = (action: string): string | undefined =>
      lintDocument(parseDocument(call({ Action: action, Resource: "*" }), "identity"))[0]?.fix;
    for (const [action, meant] of [
      ["lambda:Invoke", "lambda:InvokeFunction"],
      ["lambda:InvokeFunctionUrls", "lambda:InvokeFunctionUrl"],
      ["execute-api:Invok", "execute-api:Invoke"],
      ["execute-api:InvalidCache", "execute-api:Invoke"],
      ["execute-api:InvalidateCaches", "execute-api:InvalidateCache"],
      ["execute-api:ManageConnection", "execute-api:ManageConnections"],
      ["executeapi:Invoke", "execute-api:Invoke"],
    ])
      assert.equal(fix(action as string), `did you mean ${meant}?`);
  });

  const right: readonly [string, unknown][] = [
    ["a function", call({})],
    ["a function and its qualifiers", call({ Resource: [FUNCTION_ARN, `${FUNCTION_ARN}:*`] })],
    ["a function with a star", call({ Resource: `${FUNCTION_ARN}*` })],
    ["every function", call({ Resource: "*" })],
    ["every function of a region", call({ Resource: "arn:aws:lambda:us-east-1:*:*" })],
    ["an incomplete ARN", call({ Resource: "arn:aws:lambda" })],
    ["small letters", call({ Action: "lambda:invokefunction" })],
    ["all actions", call({ Action: "*" })],
    ["actions by wildcard", call({ Action: "lambda:Invoke*" })],
    [
      "other actions of Lambda",
      call({
        Action: ["lambda:GetFunction", "lambda:ListLayers", "lambda:InvokeAsync", "lambda:SomethingNew"],
      }),
    ],
    [
      "a layer",
      call({ Action: ["lambda:GetLayerVersion"], Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:layer:x:1` }),
    ],
    ["all requests to an API", route(`${API}/*`)],
    ["all requests to any API", route("arn:aws:execute-api:*:*:*")],
    ["a verb", route(`${API}/*/GET/*`)],
    ["the root", route(`${API}/prod/GET/`)],
    ["a route of a WebSocket API", route(`${API}/prod/$connect`)],
    ["connections", route(`${API}/prod/POST/@connections/*`, { Action: "execute-api:ManageConnections" })],
    ["a private domain", route(`arn:aws:execute-api:us-east-1:${ACCOUNT}:/domainnames/a.example+x`)],
    [
      "functions and APIs together",
      statements({
        Effect: "Allow",
        Action: ["lambda:InvokeFunction", "execute-api:Invoke"],
        Resource: [FUNCTION_ARN, `${API}/*`],
      }),
    ],
    [
      "actions of several services",
      statements({
        Effect: "Allow",
        Action: ["lambda:InvokeFunction", "s3:GetObject"],
        Resource: [FUNCTION_ARN, "arn:aws:s3:::a/*"],
      }),
    ],
    ["all but something", statements({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })],
    ["a path with a tag", route(`${API}/prod/GET/users/\${aws:username}`)],
    [
      "a function named by a tag",
      call({ Resource: "arn:aws:lambda:*:*:function:${aws:PrincipalTag/team}-*" }),
    ],
    ["a function with undefined in its name", call({ Resource: `${FUNCTION_ARN}-undefined` })],
    ["an unknown resource", call({ Resource: new Unknown() })],
    [
      "an unknown API",
      route(new PartlyKnown(text(`arn:aws:execute-api:us-east-1:${ACCOUNT}:`, hole("any")))),
    ],
    [
      "an unknown API and a tail",
      route(
        new PartlyKnown(text(`arn:aws:execute-api:us-east-1:${ACCOUNT}:`, hole("word"), "/prod/GET/pets")),
      ),
    ],
    ["an unknown document", new Unknown()],
    ["something else that is wrong", statements({ Effect: "allow", Action: "s3:GetObject", Resource: "x" })],
    ["something else altogether", statements(OTHER, { Effect: "Allow", Action: "sqs:*", Resource: "*" })],
    ["no statements, which is said to be nothing", statements()],
  ];
  for (const [name, document] of right)
    it(`leaves alone: ${name}`, () => assert.deepEqual(codes(document), []));

  it("finds an unknown API without stage", () =>
    assert.deepEqual(
      codes(route(new PartlyKnown(text(`arn:aws:execute-api:us-east-1:${ACCOUNT}:`, hole("word"))))),
      ["no-stage-or-verb"],
    ));
  it("shows only what is an ARN or can be nothing but a misspelling", () => {
    for (const secret of ["hunter2secret", "CorrectHorseBatteryStaple", "AKIAIOSFODNN7EXAMPLE"])
      for (const document of [
        call({ Resource: secret }),
        call({ Action: `lambda:Invoke${secret}!`, Resource: `${secret}/undefined` }),
        call({ Action: secret }),
        call({ Action: [`lambda:${secret}`, "lambda:Invoke"] }),
        route(`${API}/*`, { Action: `execute-api:${secret}` }),
        call({ Effect: secret }),
        call({ Sid: `${secret} x` }),
        call({ [secret]: "x" }),
        call({ Condition: { [secret]: { "aws:a": "b" } } }),
        call({ Condition: { StringMatches: { [secret]: "b" } } }),
        call({ Condition: { StringEquals: { [secret.toLowerCase()]: [], [secret.toUpperCase()]: secret } } }),
        call({ Condition: { StringEquals: secret } }),
        { ...(call({}) as object), Version: secret },
        { ...(call({}) as object), [secret]: secret },
        `{"${secret}":1,"${secret}":1,"Statement":[${JSON.stringify(CALL)}]}`,
      ]) {
        const findings = lintDocument(parseDocument(document, "identity"));
        assert.ok(findings.length > 0, JSON.stringify(document));
        const said = findings.map(({ message, fix }) => message + fix).join();
        assert.ok(!said.toLowerCase().includes(secret.toLowerCase()), said);
      }
  });
  it("repeats misspellings", () => {
    const said = (document: unknown): string =>
      lintDocument(parseDocument(document, "identity"))
        .map(({ message }) => message)
        .join();
    assert.match(said(call({ Action: "execute-api:InvokeApi" })), /"execute-api:InvokeApi"/);
    assert.match(said(call({ Action: "lambda:invokeLambda" })), /"lambda:invokeLambda"/);
    assert.match(said(call({ Condition: { StringMatches: { "aws:a": "b" } } })), /operator StringMatches/);
    assert.match(said(call({ Condition: { stringEquals: { "aws:a": "b" } } })), /operator stringEquals/);
    assert.match(said(call({ Resources: "*" })), /element Resources/);
    assert.match(said({ ...(call({}) as object), Version: "2012-10-18" }), /"2012-10-18"/);
    assert.match(
      said('{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}'),
      /key Effect is/,
    );
  });
  it("says no more than people read", () =>
    assert.ok(
      codes(statements(...Array.from({ length: 500 }, () => ({ ...CALL, Action: "lambda:Invoke" }))))
        .length <= 50,
    ));
});

describe("size (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)", () => {
  /** A document of so many characters without white space, and some with. */
  const long = (size: number, statement: object = CALL): PolicyDocument => {
    const made = (Sid: string): string => JSON.stringify(statements({ ...statement, Sid }), undefined, 2);
    const bare = made("").replace(/\s/g, "").length;
    return parseDocument(made("a".repeat(size - bare)), "identity");
  };
  const limits: readonly [Place, number][] = [
    ["managed", 6_144],
    ["role", 10_240],
    ["user", 2_048],
    ["group", 5_120],
  ];
  for (const [place, limit] of limits)
    it(`of ${place}: ${limit}`, () => {
      assert.equal(lintSize([long(limit)], place), undefined);
      const finding = lintSize([long(limit + 1)], place);
      assert.equal(finding?.code, "size");
      assert.match(finding?.message ?? "", new RegExp(`has ${limit + 1} characters .* of ${limit} that`));
    });
  it("of all inline policies of one role together", () => {
    assert.equal(lintSize([long(5_120), long(5_120)], "role"), undefined);
    assert.match(
      lintSize([long(5_121), long(5_120)], "role")?.message ?? "",
      /the documents have 10241 .* together/,
    );
  });
  it("of documents about other things is left alone", () => {
    assert.equal(lintSize([long(9_000, OTHER)], "managed"), undefined);
    assert.equal(lintSize([], "managed"), undefined);
  });
  it("of a document of which a part is unknown is left alone", () => {
    const hidden = { ...CALL, Sid: "a".repeat(7_000), Effect: new Unknown() };
    assert.equal(lintSize([parseDocument(statements(hidden), "identity")], "managed"), undefined);
  });
  it("above what IAM's API takes at all is told whatever the document is about", () =>
    assert.deepEqual(codes(JSON.stringify(statements({ ...OTHER, Sid: "a".repeat(131_072) }))), ["size"]));
});

describe("grants on everything", () => {
  it("says what to name instead", () => {
    const fixes = scopeFindings(
      parseDocument(statements({ Effect: "Allow", Action: "*", Resource: "*" }), "identity"),
    );
    assert.match(fixes[0]?.fix ?? "", /:function:NAME/);
    assert.match(fixes[1]?.fix ?? "", /API\/STAGE\/VERB/);
  });
  const rows: readonly [string, object, readonly string[]][] = [
    ["*", { ...CALL, Resource: "*" }, ["function"]],
    [
      "every function of an account",
      { ...CALL, Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:*` },
      ["function"],
    ],
    ["every resource of Lambda", { ...CALL, Resource: "arn:aws:lambda:*:*:*" }, ["function"]],
    ["every API", { ...ROUTE, Resource: "arn:aws:execute-api:*:*:*" }, ["API"]],
    ["both", { Effect: "Allow", Action: "*", Resource: "*" }, ["function", "API"]],
    ["one function", CALL, []],
    ["functions by prefix", { ...CALL, Resource: "arn:aws:lambda:*:*:function:orders-*" }, []],
    ["one API", { ...ROUTE, Resource: `${API}/*` }, []],
    ["a deny", { ...CALL, Effect: "Deny", Resource: "*" }, []],
    [
      "under a condition",
      { ...CALL, Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/team": "a" } } },
      [],
    ],
    ["other actions", { ...OTHER, Resource: "*" }, []],
    ["an unknown resource", { ...CALL, Resource: new Unknown() }, []],
  ];
  for (const [name, statement, expected] of rows)
    it(name, () =>
      assert.deepEqual(
        scopeFindings(parseDocument(statements(statement), "identity")).map(
          ({ message }) => /every (\w+)/.exec(message)?.[1],
        ),
        expected,
      ),
    );
});
