import assert from "node:assert/strict";
import {
  type LintCode,
  lintDocument,
  PartlyKnown,
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

function codes(document: unknown, place: "inline" | "managed" = "inline"): readonly LintCode[] {
  return lintDocument(parseDocument(document, "identity"), place).map(({ code }) => code);
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
    [
      "too long for inline",
      call({ Resource: Array.from({ length: 200 }, (_, at) => `${FUNCTION_ARN}${at}`) }),
      "size",
      /10240/,
    ],
  ];
  for (const [name, document, code, message] of wrong)
    it(name, () => {
      const findings = lintDocument(parseDocument(document, "identity"), "inline");
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

  it("has a lower limit for managed policies", () => {
    const long = call({ Resource: Array.from({ length: 150 }, (_, at) => `${FUNCTION_ARN}${at}`) });
    assert.deepEqual(codes(long, "inline"), []);
    assert.deepEqual(codes(long, "managed"), ["size"]);
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
  it("shows nothing that is no ARN and no action", () => {
    const secret = "hunter2-secret";
    for (const document of [
      call({ Resource: secret }),
      call({ Action: `lambda:Invoke${secret}!`, Resource: `${secret}/undefined` }),
    ])
      assert.ok(
        !JSON.stringify(lintDocument(parseDocument(document, "identity"))).includes("hunter2-secret"),
      );
  });
  it("says no more than people read", () =>
    assert.ok(
      codes(statements(...Array.from({ length: 500 }, () => ({ ...CALL, Action: "lambda:Invoke" }))))
        .length <= 50,
    ));
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
