import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { anotherFunction, httpStack } from "../support/http";
import { functionOfExternalRole } from "../support/programs";
import { allow, restStack, trustOf } from "../support/rest";

/**
 * API Gateway selects the most specific route for a request, so a caller of that route is not a caller of wider ones.
 */
const LACKS_INVOKE = ["iam-route-caller-lambda-invoke @ caller"];
const IGNORED = ["lambda-permission-scope", "invoke-policy-scope", "rest-api-deployment-dependencies"];

interface Routes {
  /** A route to the function `orders`, which the caller is not allowed to invoke. */
  readonly wide: string;
  /** A route to the function `second`, which the caller is allowed to invoke. */
  readonly narrow: string;
  readonly call: string;
  readonly hidden?: true;
}

/** An update in which all resources exist except those named `new`. */
const plan: NonNullable<Case["plan"]> = { as: { update: ({ name }) => name !== "new" } };

const http = ({ wide, narrow, call, hidden }: Routes) =>
  httpStack({
    routeKey: wide,
    caller: false,
    more: (base) => {
      const { api, caller } = base;
      const fn = anotherFunction("second", base);
      const integration = new aws.apigatewayv2.Integration("second", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.invokeArn,
      });
      new aws.apigatewayv2.Route("second", {
        apiId: api.id,
        routeKey: hidden
          ? new aws.iam.Role("new", { assumeRolePolicy: "{}" }).arn.apply(() => narrow)
          : narrow,
        authorizationType: "AWS_IAM",
        target: pulumi.interpolate`integrations/${integration.id}`,
      });
      new aws.lambda.Permission("second", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
      });
      new aws.iam.RolePolicy("calls", {
        role: caller.name,
        policy: {
          Version: "2012-10-17",
          Statement: [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/${call}`),
            allow("lambda:InvokeFunction", fn.arn),
          ],
        },
      });
    },
  });

/** An unknown document may be for any of several routes. */
const unprovenAtFirst = (deployed: readonly string[]): Case["expected"] => ({
  "first-preview": ["unproven-access @ caller"],
  deployed,
});
/** test/access/requests/precedence.test.ts tests which route takes precedence. */
const cases: readonly [name: string, routes: Routes, expected: readonly string[]][] = [
  [
    "request of a route that takes precedence over $default",
    { wide: "$default", narrow: "GET /orders", call: "GET/orders" },
    [],
  ],
  [
    "request of a route that takes precedence over a greedy path",
    { wide: "ANY /{proxy+}", narrow: "GET /orders", call: "GET/orders" },
    [],
  ],
  [
    "request with a method that only the wider route has",
    { wide: "ANY /{id}", narrow: "GET /orders", call: "POST/orders" },
    LACKS_INVOKE,
  ],
];

describe("callers of overlapping routes", () =>
  runCases(
    cases.map(([name, routes, expected]) => ({
      name,
      program: http(routes),
      expected: unprovenAtFirst(expected),
    })),
    IGNORED,
  ));

describe("callers of overlapping routes, one of which is unknown", () =>
  runCases(
    [
      {
        name: "unknown route that may take precedence",
        plan,
        program: http({ wide: "GET /{id}", narrow: "GET /orders", call: "GET/orders", hidden: true }),
        expected: ["unproven-access @ caller"],
      },
    ],
    IGNORED,
  ));

describe("callers of a REST API with a greedy path", () =>
  runCases(
    [
      {
        name: "request of a mock route that takes precedence over a greedy path",
        program: restStack({
          path: ["{proxy+}"],
          verb: "ANY",
          caller: ({ api }) => [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/prod/GET/health`),
          ],
          more: ({ api }) => {
            const resource = new aws.apigateway.Resource("health", {
              restApi: api.id,
              parentId: api.rootResourceId,
              pathPart: "health",
            });
            const at = { restApi: api.id, resourceId: resource.id, httpMethod: "GET" };
            new aws.apigateway.Method("health", { ...at, authorization: "AWS_IAM" });
            new aws.apigateway.Integration("health", { ...at, type: "MOCK" });
          },
        }),
        expected: unprovenAtFirst([]),
      },
    ],
    IGNORED,
  ));

/** A greedy path on an API whose other paths are in another stack. */
const ofAnotherStack = (call: string) => () => {
  const fn = functionOfExternalRole("orders");
  const restApi = "abcdef1234";
  const resource = new aws.apigateway.Resource("rest", {
    restApi,
    parentId: "rootid1234",
    pathPart: "{proxy+}",
  });
  const at = { restApi, resourceId: resource.id, httpMethod: "ANY" };
  new aws.apigateway.Method("rest", { ...at, authorization: "AWS_IAM" });
  new aws.apigateway.Integration("rest", {
    ...at,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  const execution = `arn:aws:execute-api:us-east-1:123456789012:${restApi}`;
  new aws.lambda.Permission("rest", {
    action: "lambda:InvokeFunction",
    function: fn.name,
    principal: "apigateway.amazonaws.com",
    sourceArn: `${execution}/*/*`,
  });
  const caller = new aws.iam.Role("caller", {
    name: "caller",
    assumeRolePolicy: trustOf("ec2.amazonaws.com"),
  });
  new aws.iam.RolePolicy("calls", {
    role: caller.name,
    policy: {
      Version: "2012-10-17",
      Statement: [allow("execute-api:Invoke", `${execution}/prod/${call}`)],
    },
  });
};

describe("callers of a greedy path on an API in another stack", () =>
  runCases(
    [
      {
        name: "one request, which may match a route of the other stack",
        program: ofAnotherStack("GET/health"),
        expected: ["unproven-access @ caller"],
      },
      { name: "every request", program: ofAnotherStack("*"), expected: LACKS_INVOKE },
    ],
    IGNORED,
  ));
