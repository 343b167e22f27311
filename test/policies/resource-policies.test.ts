import assert from "node:assert/strict";
import { dump } from "js-yaml";
import { checkResources, type PlannedResource, type Value } from "../../testing";

/** Resource policies look at the inputs of one resource: a table of inputs each. */
type Inputs = Record<string, unknown>;
type Row = readonly [name: string, inputs: Inputs, found: number | string];

async function finds(policy: string, type: string, inputs: Inputs): Promise<string[]> {
  const given: Record<string, Value> = JSON.parse(JSON.stringify(inputs));
  const resource: PlannedResource = {
    urn: `urn:pulumi:dev::project::${type}::it`,
    type,
    name: "it",
    custom: true,
    id: "it",
    inputs: given,
    outputs: given,
    dependencies: [],
    propertyDependencies: {},
  };
  return (await checkResources([resource])).filter((one) => one.policy === policy).map((one) => one.message);
}

/** `found`: how many findings, or what the one finding says. */
function table(policy: string, type: string, base: Inputs, rows: readonly Row[]): void {
  describe(policy, () => {
    for (const [name, inputs, found] of rows)
      it(name, async () => {
        const messages = await finds(policy, type, { ...base, ...inputs });
        assert.equal(messages.length, typeof found === "number" ? found : 1, messages.join("\n"));
        if (typeof found === "string") assert.ok(messages[0]?.includes(found), messages[0]);
      });
  });
}

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PERMISSION = "aws:lambda/permission:Permission";
const permission = {
  action: "lambda:InvokeFunction",
  function: "orders",
  principal: "apigateway.amazonaws.com",
};
const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";

const source = (sourceArn: unknown): Inputs => ({ sourceArn });
table("lambda-permission-source-arn", PERMISSION, permission, [
  ["every route", source(`${API}/*`), 0],
  ["every stage, verb and path", source(`${API}/*/*/*`), 0],
  ["a route", source(`${API}/prod/GET/orders/{id}`), 0],
  ["the root", source(`${API}/*/GET/`), 0],
  ["the root of any verb", source(`${API}/*/*/`), 0],
  ["an authorizer", source(`${API}/authorizers/abc123`), 0],
  ["the $default route of an HTTP API", source(`${API}/*/$default`), 0],
  ["a WebSocket route", source(`${API}/prod/$connect`), 0],
  ["any API of the account", source("arn:aws:execute-api:us-east-1:123456789012:*/*"), 0],
  ["China", source("arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/*/*"), 0],
  ["a path that says undefined-ly", source(`${API}/*/GET/undefinedness`), 0],
  [
    "the commercial partition in GovCloud",
    source("arn:aws:execute-api:us-gov-west-1:123456789012:abcdef1234/*"),
    "region us-gov-west-1 is in aws-us-gov",
  ],
  [
    "China in the commercial partition",
    source("arn:aws-cn:execute-api:us-east-1:123456789012:abcdef1234/*"),
    "region us-east-1 is in aws",
  ],
  ["a path that ends in null", source(`${API}/*/GET/null`), 0],
  ["an output of Python", source("Calling __str__ on an Output[T] is not supported./*"), 1],
  ["not known", source(UNKNOWN), 0],
  ["none", {}, 0],
  ["of a bucket, for S3", { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::bucket" }, 0],
  ["bare execution ARN", source(API), "ends before the stage"],
  // An HTTP API may present these, and whether it is one does not show; see route-function-permission.
  ["ANY", source(`${API}/*/ANY/orders`), 0],
  ["trailing slash", source(`${API}/*/GET/orders/`), 0],
  [
    "the ARN for managing the API",
    source("arn:aws:apigateway:us-east-1::/restapis/abcdef1234"),
    "arn:aws:apigateway",
  ],
  ["region *", source("arn:aws:execute-api:*:123456789012:abcdef1234/*"), "no wildcard"],
  ["account *", source("arn:aws:execute-api:us-east-1:*:abcdef1234/*"), "no wildcard"],
  ["undefined", source("arn:aws:execute-api:us-east-1:123456789012:undefined/*/*"), "converted to a string"],
  ["None", source("arn:aws:execute-api:us-east-1:None:abcdef1234/*/*"), "converted to a string"],
  [
    "[object Object]",
    source("arn:aws:execute-api:us-east-1:123456789012:[object Object]/*/*"),
    "converted to a string",
  ],
  [
    "toString of an Output",
    source("Calling [toString] on an [Output<T>] is not supported./*/*"),
    "converted to a string",
  ],
  ["not an ARN", source("abcdef1234/*/*"), "not an ARN"],
  ["no slash before the path", source(`${API}/*/GETorders`), 0],
  ["empty region", source("arn:aws:execute-api::123456789012:abcdef1234/*"), "region or account is empty"],
  ["a wrong type", source({ arn: API }), 0],
  ["hostile", source(`${API}/${"*a".repeat(1500)}`), 0],
]);

table("lambda-permission-scope", PERMISSION, permission, [
  ["no source ARN", {}, "no source ARN"],
  ["no source ARN but a source account", { sourceAccount: "123456789012" }, 1],
  ["a source ARN", source(`${API}/*`), 0],
  ["a source ARN that is not known", source(UNKNOWN), 0],
  ["everybody", { principal: "*" }, "every AWS principal"],
  ["everybody of an organization", { principal: "*", principalOrgId: "o-abcdefghij" }, 0],
  [
    "everybody by function URL",
    { principal: "*", functionUrlAuthType: "NONE", action: "lambda:InvokeFunctionUrl" },
    0,
  ],
  ["another service", { principal: "events.amazonaws.com" }, 0],
  ["an account", { principal: "123456789012" }, 0],
  ["a principal that is not known", { principal: UNKNOWN }, 0],
  ["nothing at all", { principal: undefined, action: undefined, function: undefined }, 0],
]);

const INVOKE =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations";
const STREAM = INVOKE.replace("2015-03-31", "2021-11-15").replace(
  "/invocations",
  "/response-streaming-invocations",
);
const LIST = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const integration = {
  restApi: "a",
  resourceId: "r",
  httpMethod: "GET",
  type: "AWS_PROXY",
  integrationHttpMethod: "POST",
  uri: INVOKE,
};
table("lambda-integration-request", "aws:apigateway/integration:Integration", integration, [
  ["proxy", {}, 0],
  ["custom", { type: "AWS" }, 0],
  ["lower case", { type: "aws_proxy", integrationHttpMethod: "post" }, 0],
  ["a qualified function", { uri: INVOKE.replace(":orders/", ":orders:live/") }, 0],
  ["a stage variable", { uri: INVOKE.replace("orders", "$" + "{stageVariables.fn}") }, 0],
  ["two slashes", { uri: INVOKE.replace("path/", "path//") }, 0],
  ["not known", { uri: UNKNOWN, integrationHttpMethod: UNKNOWN }, 0],
  [
    "another service",
    {
      type: "AWS",
      uri: "arn:aws:apigateway:us-east-1:sqs:path/123456789012/q",
      integrationHttpMethod: "GET",
    },
    0,
  ],
  ["HTTP", { type: "HTTP_PROXY", uri: "https://example.com", integrationHttpMethod: "GET" }, 0],
  ["MOCK", { type: "MOCK", uri: undefined, integrationHttpMethod: undefined }, 0],
  ["streaming", { uri: STREAM, responseTransferMode: "STREAM" }, 0],
  ["buffered by name", { responseTransferMode: "BUFFERED" }, 0],
  ["GET", { integrationHttpMethod: "GET" }, "takes POST only"],
  ["no method", { integrationHttpMethod: undefined }, "takes POST only"],
  ["GET and a URI that is not known", { integrationHttpMethod: "GET", uri: UNKNOWN }, "takes POST only"],
  ["the function's ARN", { uri: FUNCTION }, "needs the URI that invokes it"],
  ["a URI without a tail", { uri: INVOKE.replace("/invocations", "") }, "malformed"],
  ["a URI of another date", { uri: INVOKE.replace("2015", "2016") }, "version 2016-03-31"],
  ["streaming URI, buffered mode", { uri: STREAM }, "transfer mode is not STREAM"],
  ["buffered URI, streaming mode", { responseTransferMode: "STREAM" }, "does not stream"],
  ["a mode that is not known", { uri: STREAM, responseTransferMode: UNKNOWN }, 0],
  ["another action of Lambda", { type: "AWS", uri: LIST, integrationHttpMethod: "GET" }, 0],
  ["another action of Lambda by a proxy", { uri: LIST }, "malformed"],
  ["wrong types", { type: 5, uri: {}, integrationHttpMethod: [] }, 0],
]);

/** A body of one operation at each of the paths, with this integration. */
const bodyOf = (changed: Inputs, paths = ["/orders"]): Record<string, unknown> => {
  const request = { type: "aws_proxy", httpMethod: "POST", uri: INVOKE, ...changed };
  const operation = { get: { "x-amazon-apigateway-integration": request } };
  return { openapi: "3.0.1", paths: Object.fromEntries(paths.map((path) => [path, operation])) };
};
const many = Array.from({ length: 500 }, (_, index) => `/orders/${index}`);
const inBody = (changed: Inputs, paths?: string[]): Inputs => ({
  body: JSON.stringify(bodyOf(changed, paths)),
});

const bodies: readonly Row[] = [
  ["none", {}, 0],
  ["healthy", inBody({}), 0],
  ["in small letters", inBody({ httpMethod: "post" }), 0],
  ["in YAML", { body: dump(bodyOf({})) }, 0],
  ["a method that is not POST, in YAML", { body: dump(bodyOf({ httpMethod: "GET" })) }, "GET /orders"],
  [
    "another service",
    inBody({ type: "aws", httpMethod: "GET", uri: "arn:aws:apigateway:us-east-1:s3:path/b" }),
    0,
  ],
  ["another action of Lambda", inBody({ type: "aws", httpMethod: "GET", uri: LIST }), 0],
  ["HTTP", inBody({ type: "http_proxy", httpMethod: "ANY", uri: "https://example.com" }), 0],
  ["a mock", inBody({ type: "mock", httpMethod: undefined, uri: undefined }), 0],
  ["streaming", inBody({ uri: STREAM, responseTransferMode: "STREAM" }), 0],
  ["a method that is not POST", inBody({ httpMethod: "GET" }), 'httpMethod: "POST"'],
  ["no method", inBody({ httpMethod: undefined }), "with no method"],
  ["what is no verb", inBody({ httpMethod: "s3cr3t" }), "with another method"],
  ["the function's ARN", inBody({ uri: FUNCTION }), "needs the URI that invokes it"],
  ["a URI without a tail", inBody({ uri: INVOKE.replace("/invocations", "") }), "malformed"],
  ["streaming URI, buffered mode", inBody({ uri: STREAM }), "transfer mode is not STREAM"],
  ["buffered URI, streaming mode", inBody({ responseTransferMode: "STREAM" }), "does not stream"],
  [
    "many operations",
    inBody({ httpMethod: "GET" }, many),
    "GET /orders/0, GET /orders/1, GET /orders/2, GET /orders/3, GET /orders/4, GET /orders/5, GET /orders/6, GET /orders/7, GET /orders/8, GET /orders/9, GET /orders/10, GET /orders/11 and 488 more: The Lambda",
  ],
  ["two faults of one body", inBody({ httpMethod: "GET", uri: STREAM }), 1],
  ["a body that is not known", { body: UNKNOWN }, 0],
  ["a body that is no document", { body: "{ paths: [unclosed" }, 0],
  ["a body that is no text", { body: 5 }, 0],
];
table("lambda-integration-request", "aws:apigateway/restApi:RestApi", { name: "api" }, bodies);
table("lambda-integration-request", "aws:apigateway/restApiPut:RestApiPut", { restApiId: "a" }, [
  ["a method that is not POST", inBody({ httpMethod: "GET" }), "GET /orders"],
]);
table("lambda-integration-request", "aws-native:apigateway:RestApi", { name: "api" }, [
  ["a document with a method that is not POST", { body: bodyOf({ httpMethod: "GET" }) }, "GET /orders"],
  [
    "a document with a method that is not POST and an unknown URI",
    { body: bodyOf({ httpMethod: "GET", uri: UNKNOWN }) },
    "GET /orders",
  ],
  ["a document with unknown leaves", { body: bodyOf({ httpMethod: UNKNOWN, uri: UNKNOWN }) }, 0],
]);
table("lambda-integration-request", "aws:apigatewayv2/api:Api", { name: "api", protocolType: "HTTP" }, [
  ["a method that is not POST, as exports have it", inBody({ httpMethod: "OPTIONS" }), 0],
  ["the function's ARN", inBody({ uri: FUNCTION }), 0],
  ["a URI without a tail", inBody({ uri: INVOKE.replace("/invocations", "") }), "malformed"],
  ["another service", inBody({ integrationSubtype: "SQS-SendMessage", uri: undefined }), 0],
]);
table(
  "lambda-integration-request",
  "aws-native:apigateway:Method",
  { restApiId: "a", resourceId: "r", httpMethod: "GET" },
  [
    ["healthy", { integration: { ...integration, httpMethod: undefined } }, 0],
    ["no integration", {}, 0],
    [
      "a method that is not POST",
      { integration: { ...integration, integrationHttpMethod: "GET" } },
      "takes POST only",
    ],
    [
      "the function's ARN",
      { integration: { ...integration, uri: FUNCTION } },
      "needs the URI that invokes it",
    ],
    ["not known", { integration: UNKNOWN }, 0],
  ],
);

const document = (Action: unknown, Resource: unknown, more: Inputs = {}): Inputs => ({
  policy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource, ...more }],
  }),
});
const INLINE = "aws:iam/rolePolicy:RolePolicy";
table("invoke-policy-resource", INLINE, { role: "caller" }, [
  ["a function", document("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", document("lambda:InvokeFunction", "*"), 0],
  ["a qualified function", document("lambda:InvokeFunction", `${FUNCTION}:live`), 0],
  ["a route", document("execute-api:Invoke", `${API}/*/GET/orders/*`), 0],
  [
    "both actions on both",
    document(["execute-api:Invoke", "lambda:InvokeFunction"], [`${API}/*`, FUNCTION]),
    0,
  ],
  ["another service", document("s3:GetObject", "arn:aws:s3:::bucket/{id}"), 0],
  ["not known", { policy: UNKNOWN }, 0],
  ["an invocation URI", document("lambda:InvokeFunction", INVOKE), 1],
  ["a function under execute-api", document("execute-api:Invoke", FUNCTION), 1],
  ["a route under lambda", document("lambda:InvokeFunction", `${API}/*`), 1],
  ["a literal parameter", document("execute-api:Invoke", `${API}/*/GET/orders/{id}`), "braces"],
  ["a misspelled action", document("lambda:InvokeFunctions", FUNCTION), 1],
  ["a misspelled service", document("execute-api:invoke-api", `${API}/*`), 1],
  ["malformed JSON", { policy: '{"Version":' }, 1],
]);

table("invoke-policy-scope", INLINE, { role: "caller" }, [
  ["a function", document("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", document("lambda:InvokeFunction", "*"), 1],
  [
    "every function of a region",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
    1,
  ],
  [
    "functions by prefix",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"),
    0,
  ],
  ["every API", document("execute-api:Invoke", "*"), 1],
  ["every API of the account", document("execute-api:Invoke", "arn:aws:execute-api:*:*:*"), 1],
  ["an API", document("execute-api:Invoke", `${API}/*`), 0],
  ["a deny of every function", document("lambda:InvokeFunction", "*", { Effect: "Deny" }), 0],
  ["another service", document("s3:*", "*"), 0],
]);
