import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { type Case, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { type Inputs, type Row, testFindings, UNKNOWN } from "../support/resources";

const POLICY = "lambda-integration-request";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const uriOf = (fn: string, head = "arn:aws:apigateway:us-east-1"): string =>
  `${head}:lambda:path/2015-03-31/functions/${fn}/invocations`;
const INVOKE = uriOf(FUNCTION);
const REST = { restApi: "a", resourceId: "r", httpMethod: "GET" };

/** Every property and body that contains an invocation URI. */
const PLACES: readonly [string, (uri: string) => unknown, at: string][] = [
  [
    "REST API integration",
    (uri) =>
      new aws.apigateway.Integration("i", { ...REST, type: "AWS_PROXY", integrationHttpMethod: "POST", uri }),
    "i",
  ],
  [
    "non-proxy REST API integration",
    (uri) =>
      new aws.apigateway.Integration("i", { ...REST, type: "AWS", integrationHttpMethod: "POST", uri }),
    "i",
  ],
  [
    "aws-native REST API method",
    (uri) =>
      new Native("apigateway:Method", "i", {
        restApiId: "a",
        resourceId: "r",
        httpMethod: "GET",
        integration: { type: "AWS_PROXY", integrationHttpMethod: "POST", uri },
      }),
    "i",
  ],
  [
    "HTTP API integration",
    (integrationUri) =>
      new aws.apigatewayv2.Integration("i", { apiId: "a", integrationType: "AWS_PROXY", integrationUri }),
    "i",
  ],
  [
    "non-proxy WebSocket API integration",
    (integrationUri) =>
      new aws.apigatewayv2.Integration("i", {
        apiId: "a",
        integrationType: "AWS",
        integrationMethod: "POST",
        integrationUri,
      }),
    "i",
  ],
  [
    "aws-native HTTP API integration",
    (integrationUri) =>
      new Native("apigatewayv2:Integration", "i", {
        apiId: "a",
        integrationType: "AWS_PROXY",
        integrationUri,
      }),
    "i",
  ],
  [
    "REST API body",
    (uri) =>
      new aws.apigateway.RestApi("i", {
        body: JSON.stringify({
          openapi: "3.0.1",
          paths: {
            "/orders": {
              get: { "x-amazon-apigateway-integration": { type: "aws_proxy", httpMethod: "POST", uri } },
            },
          },
        }),
      }),
    "i",
  ],
  [
    "HTTP API body",
    (uri) =>
      new aws.apigatewayv2.Api("i", {
        protocolType: "HTTP",
        body: JSON.stringify({
          openapi: "3.0.1",
          paths: { "/orders": { get: { "x-amazon-apigateway-integration": { type: "AWS_PROXY", uri } } } },
        }),
      }),
    "i",
  ],
  [
    "REST API authorizer",
    (authorizerUri) => new aws.apigateway.Authorizer("i", { restApi: "a", authorizerUri }),
    "i",
  ],
  [
    "HTTP API authorizer",
    (authorizerUri) =>
      new aws.apigatewayv2.Authorizer("i", { apiId: "a", authorizerType: "REQUEST", authorizerUri }),
    "i",
  ],
  [
    "authorizer in a body",
    (authorizerUri) =>
      new aws.apigateway.RestApi("i", {
        body: JSON.stringify({
          openapi: "3.0.1",
          paths: { "/orders": { get: { security: [{ lambda: [] }] } } },
          components: {
            securitySchemes: {
              lambda: {
                type: "apiKey",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": { type: "token", authorizerUri },
              },
            },
          },
        }),
      }),
    "i",
  ],
];

const URIS: readonly [string, string, message?: string][] = [
  ["unqualified function", INVOKE],
  ["alias", uriOf(`${FUNCTION}:live`)],
  ["stage variable", uriOf("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}")],
  ["two slashes after the path", INVOKE.replace("path/", "path//")],
  ["function name that contains undefined", uriOf(`${FUNCTION}-undefined`)],
  [
    "commercial function in a GovCloud region",
    uriOf(FUNCTION, "arn:aws:apigateway:us-gov-west-1"),
    "region us-gov-west-1 is in aws-us-gov",
  ],
  [
    "function in China with the commercial partition",
    uriOf(FUNCTION.replace("us-east-1", "cn-north-1")),
    "region cn-north-1 is in aws-cn",
  ],
  ["undefined for the region", uriOf(FUNCTION, "arn:aws:apigateway:undefined"), 'contains "undefined"'],
  ["None for the region of the function", uriOf(FUNCTION.replace("us-east-1", "None")), 'contains "None"'],
  ["null for the account", uriOf(FUNCTION.replace("123456789012", "null")), 'contains "null"'],
  ["undefined for the function", uriOf("undefined"), 'contains "undefined"'],
  ["[object Object] for the function", uriOf("[object Object]"), 'contains "[object Object]"'],
  ["undefined for the alias", uriOf(`${FUNCTION}:undefined`), 'contains "undefined"'],
  [
    "undefined for the partition",
    INVOKE.replace("arn:aws:apigateway", "arn:undefined:apigateway"),
    "undefined",
  ],
  [
    "Output converted to a string",
    uriOf("Calling [toString] on an [Output<T>] is not supported."),
    'contains "Calling [toString] on an [Output<T>]"',
  ],
  [
    "Python Output converted to a string",
    uriOf("Calling __str__ on an Output[T] is not supported."),
    "Output<T>",
  ],
  ["unknown version of Lambda's API", INVOKE.replace("2015-03-31", "2020-01-01"), "version 2020-01-01"],
  [
    "streaming version of Lambda's API with invocations",
    INVOKE.replace("2015-03-31", "2021-11-15"),
    "version 2021-11-15",
  ],
  [
    "buffered version of Lambda's API with response-streaming-invocations",
    INVOKE.replace("/invocations", "/response-streaming-invocations"),
    "version 2015-03-31 of Lambda's API for response-streaming-invocations; the documented versions are",
  ],
  ["version after the URI", `${INVOKE}:4`, "malformed"],
];

describe(`${POLICY}: URIs`, () =>
  runCases(
    PLACES.flatMap(([place, make, at]): readonly Case[] =>
      withUpdate(
        URIS.map(([name, uri, message]) => ({
          name: `${name}: ${place}`,
          only: [POLICY],
          program: () => make(uri),
          expected: message === undefined ? [] : [`${POLICY} @ ${at}`],
          ...(message === undefined ? {} : { messageIncludes: [message] }),
        })),
        [at],
      ),
    ),
  ));

const v2 = (more: object) => () =>
  new aws.apigatewayv2.Integration("i", {
    apiId: "a",
    integrationType: "AWS_PROXY",
    integrationUri: FUNCTION,
    ...more,
  });
const REFUSED = "HttpMethod must be POST for AWS_PROXY IntegrationType";

/** An integration with an API and a function of the stack. */
const v1 =
  (more: object, isStreamed = false) =>
  () => {
    const api = new aws.apigateway.RestApi("api");
    const role = new aws.iam.Role("role", { assumeRolePolicy: "{}" });
    const fn = new aws.lambda.Function("fn", { role: role.arn, packageType: "Image", imageUri: "a:1" });
    new aws.lambda.Permission("in", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*`,
    });
    new aws.apigateway.Integration("i", {
      restApi: api.id,
      resourceId: api.rootResourceId,
      httpMethod: "GET",
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: isStreamed ? fn.responseStreamingInvokeArn : fn.invokeArn,
      ...more,
    });
  };
const STREAM_ONLY = "ResponseTransferMode STREAM is only supported for Lambda functions invoked by";
const NOT_BUFFERED = "Cannot use ResponseTransferMode BUFFERED for Lambda functions invoked by";

describe(`${POLICY}: methods and transfer modes of REST APIs`, () =>
  runCases(
    (
      [
        ["POST", v1({}), {}],
        ["GET", v1({ integrationHttpMethod: "GET" }), { first: true, message: "accepts only POST" }],
        ["STREAM with the streaming URI", v1({ responseTransferMode: "STREAM" }, true), {}],
        ["STREAM with the buffered URI", v1({ responseTransferMode: "STREAM" }), { message: STREAM_ONLY }],
        ["streaming URI without a transfer mode", v1({}, true), { message: NOT_BUFFERED }],
        [
          "non-proxy integration, STREAM with the buffered URI",
          v1({ type: "AWS", responseTransferMode: "STREAM" }),
          { first: true, message: "only proxy integrations (AWS_PROXY, HTTP_PROXY) can stream a response" },
        ],
        [
          "non-proxy integration, STREAM with the streaming URI",
          v1({ type: "AWS", responseTransferMode: "STREAM" }, true),
          { first: true, message: "or no responseTransferMode" },
        ],
        ["non-proxy integration, BUFFERED", v1({ type: "AWS", responseTransferMode: "BUFFERED" }), {}],
      ] as const
    ).map(([name, program, problem]: readonly [string, () => void, { first?: true; message?: string }]) => {
      const found = problem.message === undefined ? [] : [`${POLICY} @ i`];
      return {
        name,
        only: [POLICY],
        program,
        // The URI is unknown until the function exists.
        expected: { "first-preview": problem.first ? found : [], deployed: found },
        update: { creates: ["i"], expected: found },
        ...(problem.message === undefined ? {} : { messageIncludes: [problem.message] }),
      };
    }),
  ));

describe(`${POLICY}: methods of HTTP and WebSocket APIs`, () =>
  runCases(
    (
      [
        ["no method", v2({}), false],
        ["POST", v2({ integrationMethod: "POST" }), false],
        ["GET", v2({ integrationMethod: "GET" }), true],
        ["ANY", v2({ integrationMethod: "ANY", integrationUri: INVOKE }), true],
        [
          "GET with another integration subtype",
          v2({ integrationMethod: "GET", integrationSubtype: "SQS-SendMessage" }),
          false,
        ],
        [
          "GET to a URL",
          v2({
            integrationType: "HTTP_PROXY",
            integrationMethod: "GET",
            integrationUri: "https://example.com",
          }),
          false,
        ],
        [
          "GET, non-proxy integration",
          v2({ integrationType: "AWS", integrationMethod: "GET", integrationUri: INVOKE }),
          "accepts only POST",
        ],
        ["no method, non-proxy integration", v2({ integrationType: "AWS", integrationUri: INVOKE }), false],
        [
          "GET to another service, non-proxy integration",
          v2({
            integrationType: "AWS",
            integrationMethod: "GET",
            integrationUri: "arn:aws:apigateway:us-east-1:sqs:path/1/q",
          }),
          false,
        ],
        [
          "GET to a new function",
          () => {
            const role = new aws.iam.Role("r", { assumeRolePolicy: "{}" });
            const fn = new aws.lambda.Function("f", {
              role: role.arn,
              packageType: "Image",
              imageUri: "a:1",
            });
            v2({ integrationMethod: "GET", integrationUri: fn.invokeArn })();
          },
          true,
        ],
      ] as const
    ).map(([name, program, problem]) => ({
      name,
      only: [POLICY],
      program,
      expected: problem ? [`${POLICY} @ i`] : [],
      update: { creates: ["i"], expected: problem ? [`${POLICY} @ i`] : [] },
      messageIncludes: [problem === "accepts only POST" ? problem : REFUSED],
    })),
  ));

describe(`${POLICY}: quick create and authorizers`, () =>
  runCases([
    {
      name: "function's ARN as the target of quick create",
      only: [POLICY],
      program: () => new aws.apigatewayv2.Api("i", { protocolType: "HTTP", target: FUNCTION }),
      expected: [],
    },
    {
      name: "URL as the target of quick create",
      only: [POLICY],
      program: () =>
        new aws.apigatewayv2.Api("i", { protocolType: "HTTP", target: "https://example.com/undefined" }),
      expected: [],
    },
    {
      name: "undefined in the target of quick create",
      only: [POLICY],
      program: () =>
        new aws.apigatewayv2.Api("i", {
          protocolType: "HTTP",
          target: FUNCTION.replace("orders", "undefined"),
        }),
      expected: [`${POLICY} @ i`],
      messageIncludes: ['The target contains "undefined"'],
    },
    {
      name: "function's ARN as the URI of an authorizer",
      only: [POLICY],
      program: () => new aws.apigateway.Authorizer("i", { restApi: "a", authorizerUri: FUNCTION }),
      expected: [`${POLICY} @ i`],
      messageIncludes: [
        "Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation",
      ],
    },
    {
      name: "GovCloud ARN in a GovCloud region",
      only: [POLICY],
      plan: { region: "us-gov-west-1" },
      program: () =>
        new aws.apigatewayv2.Api("i", {
          protocolType: "HTTP",
          target: "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:orders",
        }),
      expected: [],
    },
    {
      name: "commercial ARN without a region in a GovCloud region",
      only: [POLICY],
      plan: { region: "us-gov-west-1" },
      program: () =>
        new aws.apigatewayv2.Api("i", {
          protocolType: "HTTP",
          target: "arn:aws:lambda::123456789012:function:orders",
        }),
      expected: [`${POLICY} @ i`],
      messageIncludes: ["its stack is in aws-us-gov"],
    },
  ]));

const STREAM = INVOKE.replace("2015-03-31", "2021-11-15").replace(
  "/invocations",
  "/response-streaming-invocations",
);
const LIST = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions";
const integration = {
  restApi: "a",
  resourceId: "r",
  httpMethod: "GET",
  type: "AWS_PROXY",
  integrationHttpMethod: "POST",
  uri: INVOKE,
};
testFindings("lambda-integration-request", "aws:apigateway/integration:Integration", integration, [
  ["proxy integration", {}, 0],
  ["non-proxy integration", { type: "AWS" }, 0],
  ["lower case", { type: "aws_proxy", integrationHttpMethod: "post" }, 0],
  ["qualified function", { uri: INVOKE.replace(":orders/", ":orders:live/") }, 0],
  ["stage variable", { uri: INVOKE.replace("orders", "$" + "{stageVariables.fn}") }, 0],
  ["two slashes after path", { uri: INVOKE.replace("path/", "path//") }, 0],
  ["unknown URI and method", { uri: UNKNOWN, integrationHttpMethod: UNKNOWN }, 0],
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
  ["streaming URI with STREAM", { uri: STREAM, responseTransferMode: "STREAM" }, 0],
  ["BUFFERED", { responseTransferMode: "BUFFERED" }, 0],
  ["GET", { integrationHttpMethod: "GET" }, "accepts only POST"],
  ["no method", { integrationHttpMethod: undefined }, "accepts only POST"],
  ["GET and an unknown URI", { integrationHttpMethod: "GET", uri: UNKNOWN }, "accepts only POST"],
  ["function's ARN instead of the URI", { uri: FUNCTION }, "must contain path or action"],
  ["URI that does not end with /invocations", { uri: INVOKE.replace("/invocations", "") }, "malformed"],
  [
    "URI with an unknown date",
    { uri: INVOKE.replace("2015", "2016") },
    "currently only supports Lambda function and Firehose",
  ],
  ["streaming URI without STREAM", { uri: STREAM }, "transfer mode is not STREAM"],
  ["buffered URI with STREAM", { responseTransferMode: "STREAM" }, "does not stream"],
  [
    "non-proxy integration with STREAM",
    { type: "AWS", responseTransferMode: "STREAM" },
    "only proxy integrations",
  ],
  [
    "STREAM and a streaming URI with the buffered version",
    { uri: STREAM.replace("2021-11-15", "2015-03-31"), responseTransferMode: "STREAM" },
    "Fix: uri: fn.responseStreamingInvokeArn",
  ],
  [
    "no mode and a streaming URI with the buffered version",
    { uri: STREAM.replace("2021-11-15", "2015-03-31") },
    'Fix: responseTransferMode: "STREAM" and uri: fn.responseStreamingInvokeArn, or uri: fn.invokeArn',
  ],
  ["unknown transfer mode", { uri: STREAM, responseTransferMode: UNKNOWN }, 0],
  ["another Lambda action", { type: "AWS", uri: LIST, integrationHttpMethod: "GET" }, 0],
  ["another Lambda action, proxy integration", { uri: LIST }, "malformed"],
  ["wrong types", { type: 5, uri: {}, integrationHttpMethod: [] }, 0],
]);

/** A body with one operation on each path, which has this integration. */
const bodyOf = (changed: Inputs, paths = ["/orders"]): Record<string, unknown> => {
  const request = { type: "aws_proxy", httpMethod: "POST", uri: INVOKE, ...changed };
  const operation = { get: { "x-amazon-apigateway-integration": request } };
  return { openapi: "3.0.1", paths: Object.fromEntries(paths.map((path) => [path, operation])) };
};
const manyPaths = Array.from({ length: 500 }, (_, index) => `/orders/${index}`);
const inBody = (changed: Inputs, paths?: string[]): Inputs => ({
  body: JSON.stringify(bodyOf(changed, paths)),
});

const bodies: readonly Row[] = [
  ["no method", {}, 0],
  ["correct integration", inBody({}), 0],
  ["in lower case", inBody({ httpMethod: "post" }), 0],
  ["in YAML", { body: dump(bodyOf({})) }, 0],
  ["a method that is not POST, in YAML", { body: dump(bodyOf({ httpMethod: "GET" })) }, "GET /orders"],
  [
    "another service",
    inBody({ type: "aws", httpMethod: "GET", uri: "arn:aws:apigateway:us-east-1:s3:path/b" }),
    0,
  ],
  ["another Lambda action", inBody({ type: "aws", httpMethod: "GET", uri: LIST }), 0],
  ["HTTP", inBody({ type: "http_proxy", httpMethod: "ANY", uri: "https://example.com" }), 0],
  ["a mock", inBody({ type: "mock", httpMethod: undefined, uri: undefined }), 0],
  ["streaming URI with STREAM", inBody({ uri: STREAM, responseTransferMode: "STREAM" }), 0],
  ["a method that is not POST", inBody({ httpMethod: "GET" }), 'httpMethod: "POST"'],
  ["no method", inBody({ httpMethod: undefined }), "with no method"],
  ["unknown method", inBody({ httpMethod: "s3cr3t" }), "with another method"],
  ["the function's ARN", inBody({ uri: FUNCTION }), "needs the URI that invokes it"],
  ["a URI without a tail", inBody({ uri: INVOKE.replace("/invocations", "") }), "malformed"],
  ["streaming URI without STREAM", inBody({ uri: STREAM }), "transfer mode is not STREAM"],
  [
    "non-proxy integration with STREAM",
    inBody({ type: "aws", responseTransferMode: "STREAM" }),
    "only proxy",
  ],
  ["buffered URI with STREAM", inBody({ responseTransferMode: "STREAM" }), "does not stream"],
  [
    "many operations",
    inBody({ httpMethod: "GET" }, manyPaths),
    "GET /orders/0, GET /orders/1, GET /orders/2, GET /orders/3, GET /orders/4, GET /orders/5, GET /orders/6, GET /orders/7, GET /orders/8, GET /orders/9, GET /orders/10, GET /orders/11 and 488 more: The Lambda",
  ],
  ["two problems in one body", inBody({ httpMethod: "GET", uri: STREAM }), 1],
  ["unknown body", { body: UNKNOWN }, 0],
  ["malformed body", { body: "{ paths: [unclosed" }, 0],
  ["number instead of a body", { body: 5 }, 0],
];
testFindings("lambda-integration-request", "aws:apigateway/restApi:RestApi", { name: "api" }, bodies);
testFindings("lambda-integration-request", "aws:apigateway/restApiPut:RestApiPut", { restApiId: "a" }, [
  ["a method that is not POST", inBody({ httpMethod: "GET" }), "GET /orders"],
]);
testFindings("lambda-integration-request", "aws-native:apigateway:RestApi", { name: "api" }, [
  ["a document with a method that is not POST", { body: bodyOf({ httpMethod: "GET" }) }, "GET /orders"],
  [
    "a document with a method that is not POST and an unknown URI",
    { body: bodyOf({ httpMethod: "GET", uri: UNKNOWN }) },
    "GET /orders",
  ],
  ["a document with an unknown method and URI", { body: bodyOf({ httpMethod: UNKNOWN, uri: UNKNOWN }) }, 0],
]);
testFindings(
  "lambda-integration-request",
  "aws:apigatewayv2/api:Api",
  { name: "api", protocolType: "HTTP" },
  [
    ["a method that is not POST, as in exported documents", inBody({ httpMethod: "OPTIONS" }), 0],
    ["the function's ARN", inBody({ uri: FUNCTION }), 0],
    ["a URI without a tail", inBody({ uri: INVOKE.replace("/invocations", "") }), "malformed"],
    ["another service", inBody({ integrationSubtype: "SQS-SendMessage", uri: undefined }), 0],
  ],
);
testFindings(
  "lambda-integration-request",
  "aws-native:apigateway:Method",
  { restApiId: "a", resourceId: "r", httpMethod: "GET" },
  [
    ["correct integration", { integration: { ...integration, httpMethod: undefined } }, 0],
    ["no integration", {}, 0],
    [
      "a method that is not POST",
      { integration: { ...integration, integrationHttpMethod: "GET" } },
      "accepts only POST",
    ],
    [
      "the function's ARN",
      { integration: { ...integration, uri: FUNCTION } },
      "needs the URI that invokes it",
    ],
    ["unknown integration", { integration: UNKNOWN }, 0],
  ],
);
