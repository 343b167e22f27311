import assert from "node:assert/strict";
import {
  type LintCode,
  lintDocument,
  lintSize,
  PartlyKnown,
  type PolicyDocument,
  type PolicyQuota,
  parseDocument,
  scopeFindings,
  text,
  Unknown,
} from "../../iam";
import { lintFix, lintMessage } from "../../messages/lint";
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

describe("mistakes in documents", () => {
  const invalidDocuments: readonly [string, unknown, LintCode, RegExp?][] = [
    [
      "an invoke ARN as Resource",
      call({ Resource: INVOKE_ARN }),
      "invoke-arn",
      /invoke ARN for integrations/,
    ],
    [
      "an invoke ARN with all actions",
      call({ Action: ["lambda:*", "execute-api:*"], Resource: INVOKE_ARN }),
      "invoke-arn",
    ],
    ["a function under execute-api", route(FUNCTION_ARN), "other-service", /is a resource of lambda/],
    ["an API under lambda", call({ Resource: `${API}/*` }), "other-service", /is a resource of execute-api/],
    [
      "a control-plane ARN for an execute-api action",
      route("arn:aws:apigateway:us-east-1::/restapis/abc/*"),
      "other-service",
    ],
    [
      "only APIs for actions on functions and buckets",
      route(`${API}/*`, { Action: ["s3:GetObject", "lambda:InvokeFunction"] }),
      "no-resource-for-action",
      /lambda:InvokeFunction is not allowed on any function/,
    ],
    [
      "only functions for actions on APIs and buckets",
      call({ Action: ["execute-api:Invoke", "s3:GetObject"] }),
      "no-resource-for-action",
      /on any API/,
    ],
    ["a path parameter in braces", route(`${API}/prod/GET/pets/{petId}`), "path-parameter"],
    ["a proxy path in braces", route(`${API}/*/*/{proxy+}`), "path-parameter"],
    ["no stage", route(API), "no-stage-or-method", /no stage/],
    ["no method", route(`${API}/prod`), "no-stage-or-method", /no method/],
    ["no method, but a slash", route(`${API}/prod/`), "no-stage-or-method", /no method/],
    ["two slashes", route(`${API}/prod/GET//pets`), "double-slash"],
    [
      "undefined for the account",
      call({ Resource: "arn:aws:lambda:us-east-1:undefined:function:orders" }),
      "leftover",
      /"undefined"/,
    ],
    [
      "undefined for the name",
      call({ Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:undefined` }),
      "leftover",
    ],
    [
      "None for the API",
      route(`arn:aws:execute-api:us-east-1:${ACCOUNT}:None/prod/GET/pets`),
      "leftover",
      /"None"/,
    ],
    ["an object", call({ Resource: "[object Object]" }), "leftover"],
    [
      "an output that was not awaited",
      call({ Resource: "Calling [toString] on an [Output<T>] is not supported.\n\nTo get the value…" }),
      "leftover",
      /Output<T>/,
    ],
    [
      "an output in an ARN",
      route(`${API.replace("abc123", "Calling [toString] on an [Output<T>] is not supported")}/*`),
      "leftover",
    ],
    [
      "a pseudo parameter",
      call({ Resource: "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:orders" }),
      "pseudo-parameter",
    ],
    ["a name instead of an ARN", call({ Resource: "orders" }), "not-an-arn"],
    ["an empty string instead of an ARN", call({ Resource: "" }), "not-an-arn"],
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
    [
      "an operation that is not an action",
      call({ Action: "lambda:InvokeWithResponseStream" }),
      "unknown-action",
    ],
    ["execute-api:InvokeApi", route(`${API}/*`, { Action: "execute-api:InvokeApi" }), "unknown-action"],
    ["apigateway:Invoke", route(`${API}/*`, { Action: "apigateway:Invoke" }), "unknown-action"],
    ["lamda:InvokeFunction", call({ Action: "lamda:InvokeFunction" }), "unknown-action"],
    ["an invoke ARN with any action", call({ Action: "*", Resource: INVOKE_ARN }), "invoke-arn"],
    [
      "an invoke ARN with an unknown action",
      call({ Action: new Unknown(), Resource: INVOKE_ARN }),
      "invoke-arn",
    ],
    [
      "an invoke ARN for an execute-api action",
      route(INVOKE_ARN),
      "other-service",
      /is a resource of apigateway/,
    ],
    [
      "a misspelled action among other actions",
      call({ Action: ["s3:GetObject", "lambda:Invoke"], Resource: "*" }),
      "unknown-action",
    ],
    ["a space before the colon", call({ Action: "lambda :InvokeFunction" }), "unknown-action"],
    ["two wrong letters in an action", call({ Action: "lambda:InvokeFunxxion" }), "unknown-action"],
    [
      "a space in an action of execute-api",
      route(`${API}/*`, { Action: "execute-api: Invoke" }),
      "unknown-action",
    ],
    [
      "braces for the API",
      route(`arn:aws:execute-api:us-east-1:${ACCOUNT}:{api}/prod/GET/x`),
      "path-parameter",
    ],
    ["only undefined", call({ Resource: "undefined" }), "leftover"],
    ["text that begins with undefined", call({ Resource: "undefinedx" }), "not-an-arn"],
    ["a star after text that is not an ARN", call({ Resource: "orders*" }), "not-an-arn"],
    [
      "text that is not an ARN before an unknown part",
      call({ Resource: new PartlyKnown(text("xr", hole("any"))) }),
      "not-an-arn",
    ],
    [
      "an API for actions on functions and of another service",
      call({ Action: ["lambda:InvokeFunction", "s3:GetObject"], Resource: `${API}/*` }),
      "no-resource-for-action",
    ],
    [
      "an ARN of the partition aws in a GovCloud region",
      call({ Resource: `arn:aws:lambda:us-gov-west-1:${ACCOUNT}:function:orders` }),
      "partition",
      /in partition aws, but region us-gov-west-1 is in aws-us-gov/,
    ],
    [
      "an ARN of China in a commercial region",
      route(`arn:aws-cn:execute-api:us-east-1:${ACCOUNT}:abc123/*`),
      "partition",
      /region us-east-1 is in aws$/,
    ],
    [
      "no partition, alongside a function",
      call({ Resource: [FUNCTION_ARN, `arn:undefined:lambda:us-east-1:${ACCOUNT}:function:orders`] }),
      "partition",
      /does not have a valid partition: IAM refuses/,
    ],
    [
      "an empty partition",
      call({ Resource: `arn::lambda:us-east-1:${ACCOUNT}:function:orders` }),
      "partition",
    ],
    [
      "text that is not an ARN, alongside a function",
      call({ Resource: [FUNCTION_ARN, "orders"] }),
      "not-an-arn",
      /refuses/,
    ],
    ["undefined alongside a function", call({ Resource: [FUNCTION_ARN, "undefined"] }), "leftover"],
    [
      "undefined for the region",
      call({ Resource: `arn:aws:lambda:undefined:${ACCOUNT}:function:orders` }),
      "leftover",
    ],
    [
      "an invoke ARN alongside another service",
      call({ Resource: [INVOKE_ARN, "arn:aws:s3:::a/*"] }),
      "invoke-arn",
    ],
    ["no JSON", "{'Version': '2012-10-17'}", "malformed", /not JSON/],
    ["a list", "[]", "malformed"],
    ["a Version with another date", { ...(call({}) as object), Version: "2012-10-18" }, "version"],
    ["an Effect in lower case", call({ Effect: "allow" }), "malformed", /Effect/],
    ["no Effect", statements({ Action: "lambda:*", Resource: "*" }), "malformed"],
    ["no Resource", statements({ Effect: "Allow", Action: "lambda:*" }), "malformed"],
    ["a Principal", call({ Principal: "*" }), "malformed"],
    ["an action without service", call({ Action: ["InvokeFunction"] }), "malformed"],
    ["a Sid with a space", call({ Sid: "call it" }), "malformed"],
    ["an unknown operator", call({ Condition: { StringMatches: { "aws:a": "b" } } }), "malformed"],
    [
      "a key twice",
      '{"Statement":[{"Effect":"Allow","Action":"lambda:*","Action":"s3:*","Resource":"*"}]}',
      "malformed",
      /twice/,
    ],
  ];
  for (const [name, document, code, message] of invalidDocuments)
    it(name, () => {
      const findings = lintDocument(parseDocument(document, "identity"));
      assert.deepEqual(
        findings.map((finding) => finding.code),
        [code],
        JSON.stringify(findings),
      );
      assert.match(findings.map(lintMessage).join(), message ?? /./);
      assert.ok(findings.map(lintFix).join().length > 5);
    });

  it("are reported for each resource if none can match", () => {
    assert.deepEqual(codes(route([API, `${API}/*/GET/pets/{id}`, FUNCTION_ARN])), [
      "no-stage-or-method",
      "path-parameter",
      "other-service",
    ]);
  });

  it("include ARNs of another partition", () => {
    const inGov = (Resource: unknown): readonly string[] =>
      lintDocument(parseDocument(call({ Resource }), "identity"), { partition: "aws-us-gov" }).map(
        lintMessage,
      );
    const [message, ...more] = inGov([FUNCTION_ARN, FUNCTION_ARN.replace("arn:aws:", "arn:aws-us-gov:")]);
    assert.match(
      message ?? "",
      /in partition aws, but its policy is created in aws-us-gov: IAM refuses the document \(MalformedPolicyDocument: Partition "aws" is not valid/,
    );
    assert.deepEqual(more, []);
    const govCloudArn = `arn:aws-us-gov:lambda:us-gov-west-1:${ACCOUNT}:function:orders`;
    for (const right of [govCloudArn, "*", "arn:*:lambda:*:*:*", new Unknown()])
      assert.deepEqual(inGov(right), []);
  });

  it("have a suggested correction", () => {
    const fix = (action: string): string | undefined =>
      lintDocument(parseDocument(call({ Action: action, Resource: "*" }), "identity")).map(lintFix)[0];
    for (const [action, suggestion] of [
      ["lambda:Invoke", "lambda:InvokeFunction"],
      ["lambda:InvokeModel", "lambda:InvokeFunction"],
      ["lambda:InvokeEndpoint", "lambda:InvokeFunction"],
      ["lambda:ExecuteFunction", "lambda:InvokeFunction"],
      ["lambda:CallFunction", "lambda:InvokeFunction"],
      ["lambda:RunLambdaFunction", "lambda:InvokeFunction"],
      ["lambda:InvkoeFunction", "lambda:InvokeFunction"],
      ["lambda:InvokeAsnyc", "lambda:InvokeAsync"],
      ["lambda:GetFuncton", "lambda:GetFunction"],
      ["lambda:ListFunction", "lambda:ListFunctions"],
      ["lambda:GteFunction", "lambda:GetFunction"],
      ["execute-api:Execute", "execute-api:Invoke"],
      ["lambda:InvokeFunctionUrls", "lambda:InvokeFunctionUrl"],
      ["execute-api:Invok", "execute-api:Invoke"],
      ["execute-api:InvalidCache", "execute-api:Invoke"],
      ["execute-api:InvalidateCaches", "execute-api:InvalidateCache"],
      ["execute-api:InvalidateCaxxe", "execute-api:InvalidateCache"],
      ["execute-api: invalidatecache", "execute-api:InvalidateCache"],
      ["lambda: InvokeFunctionUrl", "lambda:InvokeFunctionUrl"],
      ["execute-api:ManageConnection", "execute-api:ManageConnections"],
      ["executeapi:Invoke", "execute-api:Invoke"],
    ])
      assert.equal(fix(action as string), `did you mean ${suggestion}?`);
  });

  const right: readonly [string, unknown][] = [
    ["an action that differs from an older one in its verb", call({ Action: "lambda:PutFunctionUrlConfig" })],
    [
      "an action that is similar to no other",
      call({ Action: "lambda:DescribeFleet", Resource: "arn:aws:s3:::a" }),
    ],
    [
      "a misspelled action alongside the correct one",
      call({ Action: ["lambda:Invoke", "lambda:InvokeModel", "lambda:InvokeFunction"] }),
    ],
    ["a misspelled action alongside a wildcard", call({ Action: ["lambda:Invoke", "lambda:Invoke*"] })],
    ["a misspelled action alongside every action", call({ Action: ["lambda:GetFuncton", "*"] })],
    [
      "another misspelled action alongside one that works",
      call({ Action: ["lambda:GetFuncton", "s3:GetObject"] }),
    ],
    [
      "a misspelled action of execute-api alongside the correct one",
      route(`${API}/*`, { Action: ["execute-api:Invok", "execute-api:Invoke"] }),
    ],
    [
      "both actions, only APIs",
      route(`${API}/*`, { Action: ["execute-api:Invoke", "lambda:InvokeFunction"] }),
    ],
    ["both actions, only functions", call({ Action: ["execute-api:Invoke", "lambda:InvokeFunction"] })],
    ["an API and all of its requests", route([API, `${API}/*`])],
    ["an API in two spellings", route([`${API}/prod/GET//pets`, `${API}/prod/GET/pets`])],
    ["braces alongside a star", route([`${API}/*/GET/pets/{id}`, `${API}/*/GET/pets/*`])],
    ["a function and its invoke ARN", call({ Resource: [FUNCTION_ARN, INVOKE_ARN] })],
    [
      "a function and an ARN with an undefined account",
      call({ Resource: [FUNCTION_ARN, "arn:aws:lambda:us-east-1:undefined:function:orders"] }),
    ],
    ["a possible function alongside an invoke ARN", call({ Resource: [INVOKE_ARN, new Unknown()] })],
    ["every resource alongside an invoke ARN", call({ Resource: [INVOKE_ARN, "*"] })],
    [
      "execute-api:ManageConnections on every ARN with the API's id",
      route([API.replace("execute-api", "apigateway"), API, `${API}/*`], {
        Action: "execute-api:ManageConnections",
      }),
    ],
    [
      "execute-api:ManageConnections on an ARN of no message",
      route(API, { Action: "execute-api:ManageConnections" }),
    ],
    ["other actions on an invoke ARN", call({ Action: "lambda:GetFunction", Resource: INVOKE_ARN })],
    [
      "an entry that works for another service's action",
      call({ Action: ["lambda:InvokeFunction", "s3:GetObject"], Resource: [INVOKE_ARN, "arn:aws:s3:::a/*"] }),
    ],
    ["any partition", call({ Resource: FUNCTION_ARN.replace("arn:aws:", "arn:*:") })],
    ["partitions that begin with aws", call({ Resource: FUNCTION_ARN.replace("arn:aws:", "arn:aws*:") })],
    ["regions by wildcard", call({ Resource: `arn:aws:lambda:us-gov-*:${ACCOUNT}:function:orders` })],
    ["a condition without values", call({ Condition: { StringEquals: { "aws:a": [] } } })],
    [
      "another service with a similar name",
      statements({ Effect: "allow", Action: "my-lambda:Run", Resource: "x" }),
    ],
    [
      "an action that is too long to be a misspelling",
      route(`${API}/*`, { Action: `execute-api:${"x".repeat(90)}` }),
    ],
    ["all except some functions", statements({ Effect: "Allow", Action: "lambda:*", NotResource: "orders" })],
    [
      "any action on an ARN that does not name a function",
      call({ Action: "*", Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:orders` }),
    ],
    ["any service's actions on a function", call({ Action: "*:*" })],
    [
      "any action among others on a bucket",
      call({ Action: ["*", "lambda:InvokeFunction"], Resource: "arn:aws:s3:::a" }),
    ],
    [
      "an unknown action on a bucket",
      call({ Action: ["lambda:InvokeFunction", new Unknown()], Resource: "arn:aws:s3:::a" }),
    ],
    [
      "all actions except some on a bucket",
      statements({ Effect: "Allow", NotAction: "lambda:Get*", Resource: "arn:aws:s3:::a" }),
    ],
    [
      "a deny of both actions on functions",
      call({ Effect: "Deny", Action: ["execute-api:Invoke", "lambda:InvokeFunction"] }),
    ],
    [
      "other actions of Lambda on a bucket",
      call({ Action: "lambda:GetFunction", Resource: "arn:aws:s3:::a" }),
    ],
    [
      "a control-plane ARN with control-plane actions",
      statements({
        Effect: "Allow",
        Action: ["apigateway:GET", "lambda:GetFunction"],
        Resource: ["arn:aws:apigateway:us-east-1::/restapis", "*"],
      }),
    ],
    ["a private domain without account", route("arn:aws:execute-api:us-east-1::/domainnames/a.example+x")],
    [
      "a name that ends in undefined after an unknown part",
      call({
        Resource: new PartlyKnown(text("arn:aws:lambda:us-east-1:1:function:", hole("word"), "undefined")),
      }),
    ],
    [
      "the beginning of an ARN before an unknown part",
      call({ Resource: new PartlyKnown(text("ar", hole("any"))) }),
    ],
    ["a wildcard for the beginning of the ARN", call({ Resource: "*:function:orders" })],
    [
      "a path that each request chooses",
      route(new PartlyKnown(text(`${API}/prod/`, hole("word", { varies: true })))),
    ],
    ["a function", call({})],
    ["a function and its qualifiers", call({ Resource: [FUNCTION_ARN, `${FUNCTION_ARN}:*`] })],
    ["a function with a star", call({ Resource: `${FUNCTION_ARN}*` })],
    ["every function", call({ Resource: "*" })],
    ["every function of a region", call({ Resource: "arn:aws:lambda:us-east-1:*:*" })],
    ["an incomplete ARN", call({ Resource: "arn:aws:lambda" })],
    ["an action in lower case", call({ Action: "lambda:invokefunction" })],
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
    ["a method", route(`${API}/*/GET/*`)],
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
    ["NotResource", statements({ Effect: "Allow", NotAction: "iam:*", Resource: "*" })],
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
    [
      "mistakes in unrelated statements",
      statements({ Effect: "allow", Action: "s3:GetObject", Resource: "x" }),
    ],
    ["an unrelated document", statements(OTHER, { Effect: "Allow", Action: "sqs:*", Resource: "*" })],
    ["an empty list of statements", statements()],
  ];
  for (const [name, document] of right)
    it(`do not include: ${name}`, () => assert.deepEqual(codes(document), []));

  it("include an unknown API without a stage", () =>
    assert.deepEqual(
      codes(route(new PartlyKnown(text(`arn:aws:execute-api:us-east-1:${ACCOUNT}:`, hole("word"))))),
      ["no-stage-or-method"],
    ));
  it("are quoted only if they are ARNs or misspellings", () => {
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
        const messages = findings.map((finding) => lintMessage(finding) + lintFix(finding)).join();
        assert.ok(!messages.toLowerCase().includes(secret.toLowerCase()), messages);
      }
  });
  it("are quoted if they are misspellings", () => {
    const messagesFor = (document: unknown): string =>
      lintDocument(parseDocument(document, "identity")).map(lintMessage).join();
    assert.match(messagesFor(call({ Action: "execute-api:InvokeApi" })), /"execute-api:InvokeApi"/);
    assert.match(messagesFor(call({ Action: "lambda:invokeLambda" })), /"lambda:invokeLambda"/);
    assert.match(
      messagesFor(call({ Condition: { StringMatches: { "aws:a": "b" } } })),
      /operator StringMatches/,
    );
    assert.match(
      messagesFor(call({ Condition: { stringEquals: { "aws:a": "b" } } })),
      /operator stringEquals/,
    );
    assert.match(messagesFor(call({ Resources: "*" })), /element Resources/);
    assert.match(messagesFor({ ...(call({}) as object), Version: "2012-10-18" }), /"2012-10-18"/);
    assert.match(
      messagesFor('{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}'),
      /key Effect appears/,
    );
  });
  const expectedMessages: readonly [string, unknown, message: string, fix: string][] = [
    [
      "not JSON",
      "{",
      "the document is not JSON: IAM refuses it (MalformedPolicyDocument)",
      "use a JSON object with Version and Statement, from JSON.stringify or aws.iam.getPolicyDocument",
    ],
    [
      "a list",
      "[]",
      "the document is not a JSON object: IAM refuses it (MalformedPolicyDocument)",
      "use a JSON object with Version and Statement, from JSON.stringify or aws.iam.getPolicyDocument",
    ],
    [
      "too large",
      JSON.stringify(call({ Sid: "a".repeat(140_000) })),
      "the document has 140166 characters, more than IAM accepts for any policy: IAM refuses it (LimitExceeded)",
      "split it into several policies",
    ],
    [
      "a Version",
      { ...(call({}) as object), Version: "latest" },
      'Version is not a version of the policy language, such as "2012-10-17": IAM refuses the document',
      'write "Version": "2012-10-17"',
    ],
    [
      "an element",
      call({ Note: "x" }),
      "statement 1: unknown element: IAM refuses it (MalformedPolicyDocument)",
      "correct its spelling or remove it: a statement has Sid, Effect, Action, Resource and Condition, case-sensitive",
    ],
    [
      "an Effect",
      call({ Effect: "allow" }),
      "statement 1: Effect is neither Allow nor Deny: IAM refuses it (MalformedPolicyDocument)",
      'write "Effect": "Allow" or "Effect": "Deny"',
    ],
    [
      "an action",
      call({ Action: ["lambda:*", "InvokeFunction"] }),
      'statement 1: an action has no service before a colon, such as "lambda:": IAM refuses it (MalformedPolicyDocument)',
      "write the action with its service: lambda:InvokeFunction, execute-api:Invoke",
    ],
    [
      "a Sid",
      call({ Sid: "a b" }),
      'Sid "a b": the Sid contains characters other than letters and digits: IAM refuses it (MalformedPolicyDocument)',
      "use letters and digits, and another Sid for each statement",
    ],
    [
      "a key twice",
      '{"Statement":[{"Effect":"Allow","Action":"lambda:*","Action":"s3:*","Resource":"*"}]}',
      "the key Action appears twice: one of the two values is lost",
      "write one list with all values",
    ],
    [
      "an operator",
      call({ Condition: { StringMatches: { "aws:a": "b" } } }),
      "statement 1: unknown condition operator StringMatches: IAM refuses it (MalformedPolicyDocument)",
      "use one of IAM's condition operators, such as StringEquals or ArnLike, case-sensitive",
    ],
    [
      "a Principal",
      call({ Principal: "*" }),
      "statement 1: an identity-based policy cannot have a Principal element: IAM refuses it (MalformedPolicyDocument)",
      "remove it: the principal is the identity that the policy is attached to",
    ],
    [
      "a number",
      call({ Resource: [FUNCTION_ARN, 5] }),
      "statement 1: Resource contains a value of type number: IAM refuses it (MalformedPolicyDocument)",
      "use strings and lists of strings",
    ],
    [
      "no Resource",
      statements({ Effect: "Allow", Action: "lambda:*" }),
      "statement 1: the statement has no Resource: IAM refuses it (MalformedPolicyDocument)",
      "correct it: the statement has no Resource",
    ],
    [
      "an unknown action, quoted",
      call({ Action: "APIGateway:Invoke", Resource: "*" }),
      'statement 1: the action "APIGateway:Invoke" does not exist',
      "did you mean execute-api:Invoke?",
    ],
    [
      "an action with spaces around it",
      call({ Action: " executeapi:Invoke ", Resource: "*" }),
      'statement 1: the action " executeapi:Invoke " does not exist',
      "did you mean execute-api:Invoke?",
    ],
    [
      "an action with a space inside",
      call({ Action: "lambda: invokeLambda", Resource: "*" }),
      'statement 1: the action "lambda: invokeLambda" does not exist',
      "did you mean lambda:InvokeFunction?",
    ],
    [
      "an unknown action, not quoted",
      call({ Action: "execute-api:hunter2", Resource: "*" }),
      "statement 1: an action does not exist",
      "did you mean execute-api:Invoke?",
    ],
    [
      "a name",
      call({ Resource: "orders" }),
      'statement 1: a Resource is neither an ARN nor "*": IAM refuses the document (MalformedPolicyDocument)',
      "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME; or name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, * for any",
    ],
    [
      "an object",
      call({ Resource: "[object Object]" }),
      'statement 1: a Resource contains "[object Object]" in place of a value',
      "combine outputs with the SDK's functions for outputs instead of string concatenation, and check that the value is set",
    ],
    [
      "a function under execute-api",
      route(FUNCTION_ARN, { Action: ["execute-api:Invoke", "execute-api:InvalidateCache"] }),
      `statement 1: ${FUNCTION_ARN} is a resource of lambda, but the statement's actions are of execute-api`,
      "name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, * for any",
    ],
    [
      "an API under lambda",
      call({ Resource: `${API}/*` }),
      `statement 1: ${API}/* is a resource of execute-api, but the statement's actions are of lambda`,
      "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME",
    ],
    [
      "no region of a function",
      call({ Resource: `arn:aws:lambda::${ACCOUNT}:function:orders` }),
      `statement 1: arn:aws:lambda::${ACCOUNT}:function:orders has no region`,
      "name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME",
    ],
    [
      "no account of an API",
      route("arn:aws:execute-api:us-east-1::abc/*"),
      "statement 1: arn:aws:execute-api:us-east-1::abc/* has no account",
      "name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, * for any",
    ],
    [
      "no stage",
      route(`${API}/`),
      `statement 1: ${API}/ has no stage, which the ARN of every request has`,
      "end it with /* for all routes, or with STAGE/METHOD/path",
    ],
    [
      "no method",
      route(`${API}/prod/`),
      `statement 1: ${API}/prod/ has no method, which the ARN of every request has`,
      "end it with /* for all routes, or with STAGE/METHOD/path",
    ],
    [
      "only functions",
      call({ Action: ["execute-api:Invoke", "s3:GetObject"] }),
      "statement 1: execute-api:Invoke is not allowed on any API: every Resource is of another service",
      "add a statement that allows execute-api:Invoke; name the route: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, * for any",
    ],
    [
      "only APIs",
      route(`${API}/*`, { Action: ["s3:GetObject", "lambda:InvokeFunction"] }),
      "statement 1: lambda:InvokeFunction is not allowed on any function: every Resource is of another service",
      "add a statement that allows lambda:InvokeFunction; name the function: arn:aws:lambda:REGION:ACCOUNT:function:NAME",
    ],
  ];
  for (const [name, document, message, fix] of expectedMessages)
    it(`have this message: ${name}`, () =>
      assert.deepEqual(
        lintDocument(parseDocument(document, "identity")).map((finding) => [
          `${finding.statement === undefined ? "" : `${finding.statement}: `}${lintMessage(finding)}`,
          lintFix(finding),
        ]),
        [[message, fix]],
      ));

  it("are reported with long text truncated", () => {
    const shown = (length: number): string => {
      const Resource = `${API}/prod/GET//`.padEnd(length, "x");
      return (
        lintDocument(parseDocument(route(Resource), "identity"))
          .map(lintMessage)[0]
          ?.split(" contains ")[0] ?? ""
      );
    };
    assert.equal(shown(200), `${API}/prod/GET//`.padEnd(200, "x"));
    assert.equal(shown(201), `${`${API}/prod/GET//`.padEnd(199, "x")}…`);
  });
  it("are reported for each statement", () => {
    const findings = lintDocument(
      parseDocument(
        statements(
          { ...OTHER, Effect: "allow" },
          { ...CALL, Action: "lambda:Invoke" },
          { ...CALL, Action: "lambda:Invoke" },
          { ...CALL, Effect: "allow" },
        ),
        "identity",
      ),
    );
    assert.deepEqual(
      findings.map(({ code, statement }) => [code, statement]),
      [
        ["malformed", "statement 4"],
        ["unknown-action", "statement 2"],
        ["unknown-action", "statement 3"],
      ],
    );
  });

  it("are limited in number", () =>
    assert.ok(
      codes(statements(...Array.from({ length: 500 }, () => ({ ...CALL, Action: "lambda:Invoke" }))))
        .length <= 50,
    ));
});

describe("size (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)", () => {
  /** A document with this number of characters other than white space, and some white space. */
  const long = (size: number, statement: object = CALL): PolicyDocument => {
    const withSid = (Sid: string): string => JSON.stringify(statements({ ...statement, Sid }), undefined, 2);
    const bare = withSid("").replace(/\s/g, "").length;
    return parseDocument(withSid("a".repeat(size - bare)), "identity");
  };
  const limits: readonly [PolicyQuota, number][] = [
    ["managed", 6_144],
    ["role", 10_240],
    ["user", 2_048],
    ["group", 5_120],
  ];
  for (const [quota, limit] of limits)
    it(`limits ${quota} policies to ${limit}`, () => {
      assert.equal(lintSize([long(limit)], quota), undefined);
      const finding = lintSize([long(limit + 1)], quota);
      assert.equal(finding?.code, "size");
      const limited = quota === "managed" ? "a managed policy" : `all inline policies of a ${quota} together`;
      assert.equal(
        finding && lintMessage(finding),
        `the document has ${limit + 1} characters without white space; the limit for ${limited} is ${limit} (LimitExceeded)`,
      );
      assert.equal(
        finding && lintFix(finding),
        "split it into several managed policies, or use wildcards in place of lists",
      );
    });
  it("limits all inline policies of one role together", () => {
    assert.equal(lintSize([long(5_120), long(5_120)], "role"), undefined);
    const finding = lintSize([long(5_121), long(5_120)], "role");
    assert.match(finding ? lintMessage(finding) : "", /the documents have 10241 .* together/);
  });
  it("is not reported for unrelated documents", () => {
    assert.equal(lintSize([long(9_000, OTHER)], "managed"), undefined);
    assert.equal(lintSize([long(9_000, OTHER), long(2_000)], "role")?.code, "size");
    assert.equal(lintSize([], "managed"), undefined);
  });
  it("is not reported for a partly unknown document", () => {
    const hidden = { ...CALL, Sid: "a".repeat(7_000), Effect: new Unknown() };
    assert.equal(lintSize([parseDocument(statements(hidden), "identity")], "managed"), undefined);
  });
  it("above the limit of IAM's API is reported for any document", () =>
    assert.deepEqual(codes(JSON.stringify(statements({ ...OTHER, Sid: "a".repeat(131_072) }))), ["size"]));
});

describe("grants on everything", () => {
  it("are reported with the statement that grants them", () => {
    const scopeMessages = (Resource: string): string =>
      scopeFindings(parseDocument(statements({ ...CALL, Resource }), "identity"))
        .map((finding) => `${finding.code} ${finding.statement}: ${lintMessage(finding)}`)
        .join();
    assert.equal(scopeMessages("*"), "scope statement 1: lambda:InvokeFunction is allowed on every function");
    assert.equal(
      scopeMessages("arn:aws:lambda:*:*:*"),
      "scope statement 1: lambda:InvokeFunction is allowed on every function of arn:aws:lambda:*:*:*",
    );
  });
  it("are reported with the resources to name instead", () => {
    const fixes = scopeFindings(
      parseDocument(statements({ Effect: "Allow", Action: "*", Resource: "*" }), "identity"),
    ).map(lintFix);
    assert.match(fixes[0] ?? "", /:function:NAME/);
    assert.match(fixes[1] ?? "", /API\/STAGE\/METHOD/);
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
      "a grant with a condition",
      { ...CALL, Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/team": "a" } } },
      [],
    ],
    ["other actions", { ...OTHER, Resource: "*" }, []],
    ["all actions on all buckets", { ...CALL, Action: "*", Resource: "arn:aws:s3:*:*:*" }, []],
    ["all actions except some", { Effect: "Allow", NotAction: "s3:*", Resource: "*" }, []],
    ["all functions except one", { Effect: "Allow", Action: "lambda:*", NotResource: FUNCTION_ARN }, []],
    ["an incomplete ARN", { ...CALL, Resource: "arn:aws:lambda" }, ["function"]],
    ["an unknown resource", { ...CALL, Resource: new Unknown() }, []],
  ];
  for (const [name, statement, expected] of rows)
    it(name, () =>
      assert.deepEqual(
        scopeFindings(parseDocument(statements(statement), "identity")).map(
          (finding) => /every (\w+)/.exec(lintMessage(finding))?.[1],
        ),
        expected,
      ),
    );
});
