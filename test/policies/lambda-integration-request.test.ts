import * as aws from "@pulumi/aws";
import { type Case, runCases } from "../support/cases";
import { Native } from "../support/native";

const POLICY = "lambda-integration-request";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const uriOf = (fn: string, head = "arn:aws:apigateway:us-east-1"): string =>
  `${head}:lambda:path/2015-03-31/functions/${fn}/invocations`;
const INVOKE = uriOf(FUNCTION);
const REST = { restApi: "a", resourceId: "r", httpMethod: "GET" };

/** Every place of a URI that invokes a function. */
const PLACES: readonly [string, (uri: string) => unknown, at: string][] = [
  [
    "an integration of a REST API",
    (uri) =>
      new aws.apigateway.Integration("i", { ...REST, type: "AWS_PROXY", integrationHttpMethod: "POST", uri }),
    "i",
  ],
  [
    "an integration that maps requests",
    (uri) =>
      new aws.apigateway.Integration("i", { ...REST, type: "AWS", integrationHttpMethod: "POST", uri }),
    "i",
  ],
  [
    "a method of aws-native",
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
    "an integration of an HTTP API",
    (integrationUri) =>
      new aws.apigatewayv2.Integration("i", { apiId: "a", integrationType: "AWS_PROXY", integrationUri }),
    "i",
  ],
  [
    "an integration of a WebSocket API that maps requests",
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
    "an integration of aws-native",
    (integrationUri) =>
      new Native("apigatewayv2:Integration", "i", {
        apiId: "a",
        integrationType: "AWS_PROXY",
        integrationUri,
      }),
    "i",
  ],
  [
    "a body",
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
    "the body of an HTTP API",
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
    "an authorizer",
    (authorizerUri) => new aws.apigateway.Authorizer("i", { restApi: "a", authorizerUri }),
    "i",
  ],
  [
    "an authorizer of an HTTP API",
    (authorizerUri) =>
      new aws.apigatewayv2.Authorizer("i", { apiId: "a", authorizerType: "REQUEST", authorizerUri }),
    "i",
  ],
  [
    "an authorizer of a body",
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

const URIS: readonly [string, string, says?: string][] = [
  ["the function", INVOKE],
  ["an alias", uriOf(`${FUNCTION}:live`)],
  ["a stage variable", uriOf("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}")],
  ["two slashes after the path", INVOKE.replace("path/", "path//")],
  ["a name that begins with undefined", uriOf(`${FUNCTION}-undefined`)],
  ["GovCloud", uriOf(FUNCTION, "arn:aws:apigateway:us-gov-west-1"), "region us-gov-west-1 is in aws-us-gov"],
  [
    "a function of China in the commercial partition",
    uriOf(FUNCTION.replace("us-east-1", "cn-north-1")),
    "region cn-north-1 is in aws-cn",
  ],
  ["no region", uriOf(FUNCTION, "arn:aws:apigateway:undefined"), 'holds "undefined"'],
  ["None for the region of the function", uriOf(FUNCTION.replace("us-east-1", "None")), 'holds "None"'],
  ["null for the account", uriOf(FUNCTION.replace("123456789012", "null")), 'holds "null"'],
  ["undefined for the function", uriOf("undefined"), 'holds "undefined"'],
  ["an object for the function", uriOf("[object Object]"), 'holds "[object Object]"'],
  ["undefined for the alias", uriOf(`${FUNCTION}:undefined`), 'holds "undefined"'],
  [
    "undefined for the partition",
    INVOKE.replace("arn:aws:apigateway", "arn:undefined:apigateway"),
    "undefined",
  ],
  [
    "an output that was not awaited",
    uriOf("Calling [toString] on an [Output<T>] is not supported."),
    'holds "Calling [toString] on an [Output<T>]"',
  ],
  [
    "an output of Python that was not awaited",
    uriOf("Calling __str__ on an Output[T] is not supported."),
    "Output<T>",
  ],
  ["another version of Lambda's API", INVOKE.replace("2015-03-31", "2020-01-01"), "version 2020-01-01"],
  ["the version of streams with invocations", INVOKE.replace("2015-03-31", "2021-11-15"), "malformed"],
  ["a version behind the URI", `${INVOKE}:4`, "malformed"],
];

describe(`${POLICY}: URIs`, () =>
  runCases(
    PLACES.flatMap(([place, make, at]): readonly Case[] =>
      URIS.map(([name, uri, says]) => ({
        name: `${name}: ${place}`,
        only: [POLICY],
        program: () => make(uri),
        expected: says === undefined ? [] : [`${POLICY} @ ${at}`],
        ...(says === undefined ? {} : { says: [says] }),
      })),
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

describe(`${POLICY}: methods of HTTP and WebSocket APIs`, () =>
  runCases(
    (
      [
        ["none", v2({}), false],
        ["POST", v2({ integrationMethod: "POST" }), false],
        ["GET", v2({ integrationMethod: "GET" }), true],
        ["ANY", v2({ integrationMethod: "ANY", integrationUri: INVOKE }), true],
        [
          "GET to another action of AWS",
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
          "GET, mapping requests",
          v2({ integrationType: "AWS", integrationMethod: "GET", integrationUri: INVOKE }),
          true,
        ],
        ["no method, mapping requests", v2({ integrationType: "AWS", integrationUri: INVOKE }), false],
        [
          "GET to another service, mapping requests",
          v2({
            integrationType: "AWS",
            integrationMethod: "GET",
            integrationUri: "arn:aws:apigateway:us-east-1:sqs:path/1/q",
          }),
          false,
        ],
        [
          "GET to a function that does not exist yet",
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
    ).map(([name, program, wrong]) => ({
      name,
      only: [POLICY],
      program,
      expected: wrong ? [`${POLICY} @ i`] : [],
      says: [REFUSED],
    })),
  ));

describe(`${POLICY}: quick create and authorizers`, () =>
  runCases([
    {
      name: "a function as target",
      only: [POLICY],
      program: () => new aws.apigatewayv2.Api("i", { protocolType: "HTTP", target: FUNCTION }),
      expected: [],
    },
    {
      name: "a URL as target",
      only: [POLICY],
      program: () =>
        new aws.apigatewayv2.Api("i", { protocolType: "HTTP", target: "https://example.com/undefined" }),
      expected: [],
    },
    {
      name: "undefined in the target",
      only: [POLICY],
      program: () =>
        new aws.apigatewayv2.Api("i", {
          protocolType: "HTTP",
          target: FUNCTION.replace("orders", "undefined"),
        }),
      expected: [`${POLICY} @ i`],
      says: ['The target holds "undefined"'],
    },
    {
      name: "a function for the URI of an authorizer",
      only: [POLICY],
      program: () => new aws.apigateway.Authorizer("i", { restApi: "a", authorizerUri: FUNCTION }),
      expected: [`${POLICY} @ i`],
      says: ["Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation"],
    },
    {
      name: "a stack in GovCloud with its own ARNs",
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
      name: "a stack in GovCloud with an ARN of the commercial partition and no region",
      only: [POLICY],
      plan: { region: "us-gov-west-1" },
      program: () =>
        new aws.apigatewayv2.Api("i", {
          protocolType: "HTTP",
          target: "arn:aws:lambda::123456789012:function:orders",
        }),
      expected: [`${POLICY} @ i`],
      says: ["its stack is in aws-us-gov"],
    },
  ]));
