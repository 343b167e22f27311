import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { type BodyBase, bodyStack, ordersBody } from "../support/body";
import { type Case, runCases } from "../support/cases";
import { allow, trustOf } from "../support/rest";

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

/** The result of a first preview with an unknown body. */
const UNPROVEN = ["unproven-access @ orders-api"];

const executeOnly = ({ api }: { api: aws.apigateway.RestApi }): pulumi.Input<aws.iam.PolicyStatement>[] => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
];

const both = (first: readonly string[], deployed: readonly string[]): Case["expected"] => ({
  "first-preview": first,
  deployed,
});

const sigv4 = {
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "awsSigv4",
};

/** A Lambda authorizer alongside the route, in OpenAPI 3. */
function withAuthorizer(base: BodyBase, credentials?: pulumi.Input<string>): Record<string, unknown> {
  return ordersBody(
    base,
    { auth: { security: [{ tokens: [] }] } },
    {
      components: {
        securitySchemes: {
          tokens: {
            type: "apiKey",
            name: "Authorization",
            in: "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
              type: "token",
              authorizerUri: base.fn.invokeArn,
              ...(credentials === undefined ? {} : { authorizerCredentials: credentials }),
            },
          },
        },
      },
    },
  );
}

function ordersFunction(): aws.lambda.Function {
  const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
  return new aws.lambda.Function("orders", {
    name: "orders",
    role: execution.arn,
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
  });
}

function otherFunction(): aws.lambda.Function {
  return new aws.lambda.Function("reports", {
    name: "reports",
    role: "arn:aws:iam::123456789012:role/execution",
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/reports:1",
  });
}

/** An HTTP API with only the route `$default`. */
function httpStack(
  patch: { permission?: false; sourceArn?: string; shared?: boolean; path?: string } = {},
): () => void {
  return () => {
    const fn = ordersFunction();
    const integration = {
      type: "AWS_PROXY",
      httpMethod: "POST",
      uri: patch.shared ? fn.arn : fn.invokeArn,
      payloadFormatVersion: "2.0",
    };
    const api = new aws.apigatewayv2.Api("http", {
      protocolType: "HTTP",
      body: pulumi.jsonStringify({
        openapi: "3.0.1",
        info: { title: "http", version: "1" },
        paths: {
          [patch.path ?? "/$default"]: {
            "x-amazon-apigateway-any-method": {
              isDefaultRoute: true,
              "x-amazon-apigateway-integration": patch.shared
                ? { $ref: "#/components/x-amazon-apigateway-integrations/orders" }
                : integration,
            },
          },
        },
        components: { "x-amazon-apigateway-integrations": { orders: integration } },
      }),
    });
    new aws.apigatewayv2.Stage("stage", { apiId: api.id, name: "$default", autoDeploy: true });
    if (patch.permission !== false)
      new aws.lambda.Permission("permission", {
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        function: fn.name,
        sourceArn: pulumi.interpolate`${api.executionArn}/${patch.sourceArn ?? "*/$default"}`,
      });
  };
}

describe("APIs with an OpenAPI body", () => {
  const cases: readonly Case[] = [
    { name: "healthy", program: bodyStack(), expected: [] },
    {
      name: "healthy, in YAML",
      program: bodyStack({
        written: (body) => pulumi.output(body as object).apply((value) => dump(value)),
      }),
      expected: [],
    },
    {
      name: "healthy, in OpenAPI 2 with security of the whole document and a base path",
      program: bodyStack({
        body: (base) =>
          ordersBody(
            base,
            { auth: {} },
            {
              openapi: undefined,
              swagger: "2.0",
              basePath: "/ignored",
              security: [{ sigv4: [] }],
              securityDefinitions: { sigv4 },
            },
          ),
      }),
      expected: [],
    },
    {
      name: "no permission and no caller",
      program: bodyStack({ permission: false, caller: false }),
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
      messageIncludes: ["of API orders-api"],
    },
    {
      name: "no permission, and a caller with both actions",
      program: bodyStack({ permission: false }),
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
    },
    {
      name: "a permission for another API",
      program: bodyStack({
        caller: false,
        permission: () => {
          const otherApi = new aws.apigateway.RestApi("other", { name: "other" });
          return { sourceArn: pulumi.interpolate`${otherApi.executionArn}/*/*` };
        },
      }),
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
    },
    {
      name: "a permission for another method",
      program: bodyStack({
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/POST/orders/*` }),
      }),
      expected: both([], ["route-function-permission @ orders-api"]),
      only: ["route-function-permission", "unproven-access"],
    },
    {
      name: "a permission for paths without the base path",
      program: bodyStack({
        body: (base) => ordersBody(base, {}, { openapi: undefined, swagger: "2.0", basePath: "/shop/v1/" }),
        apiArgs: { parameters: { basepath: "prepend" } },
        caller: false,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/*` }),
      }),
      expected: both([], ["route-function-permission @ orders-api"]),
    },
    {
      name: "a caller that may not invoke the function",
      program: bodyStack({ caller: executeOnly }),
      expected: both(["unproven-access @ caller"], ["iam-route-caller-lambda-invoke @ caller"]),
    },
    {
      name: "caller credentials, as SAM exports them",
      program: bodyStack({
        body: (base) => ordersBody(base, { integration: { credentials: CALLER_CREDENTIALS } }),
        caller: executeOnly,
      }),
      expected: both(["unproven-access @ caller"], ["caller-credentials-lambda-invoke @ caller"]),
    },
    {
      name: "caller credentials with a caller that may invoke the function, and no permission",
      program: bodyStack({
        body: (base) => ordersBody(base, { integration: { credentials: CALLER_CREDENTIALS } }),
        permission: false,
      }),
      expected: both(UNPROVEN, []),
    },
    {
      name: "caller credentials, as SAM exports them, in YAML with security of the whole document",
      program: bodyStack({
        body: (base) =>
          ordersBody(
            base,
            { auth: {}, integration: { credentials: CALLER_CREDENTIALS } },
            { security: [{ sigv4: [] }], components: { securitySchemes: { sigv4 } } },
          ),
        written: (body) => pulumi.output(body as object).apply((value) => dump(value)),
        caller: executeOnly,
      }),
      expected: both(["unproven-access @ caller"], ["caller-credentials-lambda-invoke @ caller"]),
    },
    {
      name: "caller credentials on a route without authorization",
      program: bodyStack({
        body: (base) => ordersBody(base, { auth: {}, integration: { credentials: CALLER_CREDENTIALS } }),
      }),
      expected: both([], ["caller-credentials-lambda-invoke @ orders-api"]),
    },
    {
      name: "caller credentials and a resource policy in the body",
      program: bodyStack({
        body: (base) =>
          ordersBody(
            base,
            { integration: { credentials: CALLER_CREDENTIALS } },
            {
              "x-amazon-apigateway-policy": {
                Version: "2012-10-17",
                Statement: [
                  {
                    Effect: "Allow",
                    Principal: { AWS: base.caller.arn },
                    Action: "execute-api:Invoke",
                    Resource: "execute-api:/*",
                  },
                ],
              },
            },
          ),
      }),
      expected: both([], ["caller-credentials-lambda-invoke @ orders-api"]),
      only: ["caller-credentials-lambda-invoke"],
    },
    {
      name: "a credentials role",
      program: bodyStack({
        body: (base) => ordersBody(base, { integration: { credentials: base.gateway.arn } }),
        permission: false,
      }),
      expected: [],
    },
    {
      name: "a credentials role that may not invoke the function",
      program: bodyStack({
        body: (base) => ordersBody(base, { integration: { credentials: base.gateway.arn } }),
        permission: false,
        caller: false,
        gatewayPolicy: () => [allow("logs:PutLogEvents", "*")],
      }),
      expected: both(UNPROVEN, ["integration-role-lambda-invoke @ gateway"]),
    },
    {
      name: "an authorizer with a permission",
      program: bodyStack({ body: (base) => withAuthorizer(base), caller: false }),
      expected: [],
    },
    {
      name: "an authorizer that the permission does not cover",
      program: bodyStack({
        body: (base) => withAuthorizer(base),
        caller: false,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
      }),
      expected: both([], ["authorizer-function-permission @ orders-api"]),
      only: ["authorizer-function-permission", "route-function-permission"],
    },
    {
      name: "an authorizer with a role that may not invoke the function",
      program: bodyStack({
        body: (base) => withAuthorizer(base, base.gateway.arn),
        caller: false,
        gatewayPolicy: () => [allow("logs:PutLogEvents", "*")],
      }),
      expected: both([], ["authorizer-function-permission @ orders-api"]),
    },
    {
      name: "a second document by RestApiPut",
      program: bodyStack({
        body: () => undefined,
        caller: false,
        permission: false,
        more: (base) => {
          new aws.apigateway.RestApiPut("put", {
            restApiId: base.api.id,
            body: pulumi.jsonStringify(ordersBody(base)),
          });
        },
      }),
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
    },
    ...(["merge", "overwrite"] as const).flatMap((putRestApiMode): Case[] => {
      /** A route in addition to those of the body. */
      const alongside = ({ api, fn }: { api: aws.apigateway.RestApi; fn: aws.lambda.Function }): void => {
        const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "POST" };
        new aws.apigateway.Method("alongside", { ...at, authorization: "NONE" });
        new aws.apigateway.Integration("alongside", {
          ...at,
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri: fn.invokeArn,
        });
      };
      return [
        {
          name: `a route alongside the body, import by ${putRestApiMode}`,
          program: bodyStack({ apiArgs: { putRestApiMode }, more: alongside }),
          expected: [],
        },
        {
          name: `a route alongside the body that the permission leaves out, import by ${putRestApiMode}`,
          program: bodyStack({
            apiArgs: { putRestApiMode },
            more: alongside,
            permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
          }),
          expected: both([], ["route-function-permission @ alongside"]),
        },
        {
          name: `no permission for either, import by ${putRestApiMode}`,
          program: bodyStack({
            apiArgs: { putRestApiMode },
            more: alongside,
            permission: false,
            caller: false,
          }),
          expected: both(
            [...UNPROVEN, "route-function-permission @ alongside"],
            ["route-function-permission @ alongside", "route-function-permission @ orders-api"],
          ),
        },
      ];
    }),
    {
      name: "any method on a greedy path",
      program: bodyStack({
        caller: false,
        body: ({ fn }) => ({
          openapi: "3.0.1",
          paths: {
            "/{proxy+}": {
              "x-amazon-apigateway-any-method": {
                "x-amazon-apigateway-integration": {
                  type: "aws_proxy",
                  httpMethod: "POST",
                  uri: fn.invokeArn,
                },
              },
            },
          },
        }),
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/*/{proxy+}` }),
      }),
      expected: [],
    },
    {
      name: "any method, with a permission for one method",
      program: bodyStack({
        caller: false,
        body: ({ fn }) => ({
          openapi: "3.0.1",
          paths: {
            "/{proxy+}": {
              "x-amazon-apigateway-any-method": {
                "x-amazon-apigateway-integration": {
                  type: "aws_proxy",
                  httpMethod: "POST",
                  uri: fn.invokeArn,
                },
              },
            },
          },
        }),
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
      }),
      expected: both([], ["route-function-permission @ orders-api"]),
    },
    {
      name: "a slash at the end of a path, which API Gateway removes",
      program: bodyStack({
        caller: false,
        body: ({ fn }) => ({
          openapi: "3.0.1",
          paths: {
            "/orders/": {
              get: {
                "x-amazon-apigateway-integration": {
                  type: "aws_proxy",
                  httpMethod: "POST",
                  uri: fn.invokeArn,
                },
              },
            },
          },
        }),
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders` }),
      }),
      expected: [],
    },
    {
      name: "unknown values from which nothing is inferred",
      program: bodyStack({ permission: false, caller: false }),
      config: { all: {}, "route-function-permission": { whenUnknown: "prove" } },
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
    },
    {
      name: "a function that is only in the description",
      program: bodyStack({
        body: (base) => ({
          ...ordersBody(base),
          info: {
            title: "orders",
            version: "1",
            description: pulumi.interpolate`reports go to ${otherFunction().arn}`,
          },
        }),
        caller: false,
      }),
      expected: both(UNPROVEN, []),
      messageIncludes: ["whether an integration in the body calls reports"],
    },
    {
      name: "no function",
      program: bodyStack({
        body: () => ({
          openapi: "3.0.1",
          paths: { "/health": { get: { "x-amazon-apigateway-integration": { type: "mock" } } } },
          info: {
            title: "orders",
            version: "1",
            description: new aws.sqs.Queue("orders-queue").arn,
          },
        }),
        caller: false,
      }),
      expected: [],
    },
    {
      name: "no function, but a parameter with its ARN",
      program: bodyStack({
        body: ({ fn }) => {
          const parameter = new aws.ssm.Parameter("handler", { type: "String", value: fn.arn });
          return {
            openapi: "3.0.1",
            paths: {
              "/orders": {
                get: {
                  "x-amazon-apigateway-integration": {
                    type: "aws_proxy",
                    httpMethod: "POST",
                    uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${parameter.value}/invocations`,
                  },
                },
              },
            },
          };
        },
        permission: false,
        caller: false,
      }),
      expected: both(UNPROVEN, ["route-function-permission @ orders-api"]),
    },
    {
      name: "an external reference",
      program: bodyStack({
        body: (base) => ({
          ...ordersBody(base),
          paths: { "/orders": { get: { "x-amazon-apigateway-integration": { $ref: "other.yaml#/x" } } } },
        }),
        caller: false,
        permission: false,
      }),
      expected: UNPROVEN,
      messageIncludes: ["$ref other.yaml#/x"],
      only: ["unproven-access"],
    },
    {
      name: "a document that is not an OpenAPI document",
      program: bodyStack({
        body: () => undefined,
        apiArgs: { body: "{ paths: [unclosed" },
        permission: false,
        caller: false,
      }),
      expected: UNPROVEN,
      messageIncludes: ["a body that is not an OpenAPI document"],
    },
  ];
  const httpApis: readonly Case[] = [
    { name: "HTTP API, healthy", program: httpStack(), expected: [] },
    {
      name: "HTTP API, healthy, with the function's ARN in a shared integration",
      program: httpStack({ shared: true }),
      expected: [],
    },
    {
      name: "HTTP API with the default route as SAM writes it, without a slash",
      program: httpStack({ path: "$default" }),
      expected: [],
    },
    {
      name: "HTTP API with an explicit default route",
      program: httpStack({ path: "/ignored" }),
      expected: [],
    },
    {
      name: "HTTP API without a permission",
      program: httpStack({ permission: false }),
      expected: both(["unproven-access @ http"], ["route-function-permission @ http"]),
    },
    {
      name: "HTTP API with a permission for paths, which does not cover $default",
      program: httpStack({ sourceArn: "*/*/orders" }),
      expected: both([], ["route-function-permission @ http"]),
      only: ["route-function-permission"],
    },
  ];
  /** An HTTP API whose only route is IAM-authorized, and a caller with access to the route. */
  const signed =
    (integration: Record<string, unknown> = {}, more: { invoke?: true; permission?: false } = {}) =>
    (): void => {
      const fn = ordersFunction();
      const api = new aws.apigatewayv2.Api("http", {
        protocolType: "HTTP",
        body: pulumi.jsonStringify({
          openapi: "3.0.1",
          paths: {
            "/orders": {
              get: {
                security: [{ sigv4: [] }],
                "x-amazon-apigateway-integration": {
                  type: "AWS_PROXY",
                  httpMethod: "POST",
                  uri: fn.arn,
                  payloadFormatVersion: "2.0",
                  ...integration,
                },
              },
            },
          },
          components: { securitySchemes: { sigv4 } },
        }),
      });
      new aws.apigatewayv2.Stage("stage", { apiId: api.id, name: "$default", autoDeploy: true });
      if (more.permission !== false)
        new aws.lambda.Permission("permission", {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          function: fn.name,
          sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        });
      const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      new aws.iam.RolePolicy("caller-policy", {
        role: caller.name,
        policy: {
          Version: "2012-10-17",
          Statement: [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders`),
            ...(more.invoke ? [allow("lambda:InvokeFunction", fn.arn)] : []),
          ],
        },
      });
    };
  const signedCases: readonly Case[] = [
    { name: "HTTP API with IAM authorization, healthy", program: signed({}, { invoke: true }), expected: [] },
    {
      name: "HTTP API with IAM authorization, a caller that may not invoke the function",
      program: signed(),
      expected: both(["unproven-access @ caller"], ["iam-route-caller-lambda-invoke @ caller"]),
    },
    {
      name: "HTTP API with IAM authorization, caller credentials and a caller that may not invoke the function",
      program: signed({ credentials: CALLER_CREDENTIALS }),
      expected: both(["unproven-access @ caller"], ["caller-credentials-lambda-invoke @ caller"]),
    },
    {
      name: "HTTP API whose integration calls another service",
      program: signed(
        {
          integrationSubtype: "SQS-SendMessage",
          uri: undefined,
          credentials: "arn:aws:iam::123456789012:role/q",
        },
        { permission: false },
      ),
      expected: [],
    },
  ];
  runCases(
    [...cases, ...httpApis, ...signedCases],
    [
      "lambda-permission-scope",
      "invoke-policy-scope",
      "caller-execute-api-invoke",
      "rest-api-deployment-dependencies",
    ],
  );
});
