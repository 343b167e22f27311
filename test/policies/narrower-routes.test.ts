import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { anotherFunction, httpStack } from "../support/http";
import { allow, restStack, trustOf } from "../support/rest";

/** A request goes to the narrowest route: who may make just that one is not a caller of the wider ones. */
const LACKS = ["iam-route-caller-lambda-invoke @ caller"];
const IGNORED = ["lambda-permission-scope", "invoke-policy-scope", "rest-api-deployment-dependencies"];

interface Routes {
  /** To the function `orders`, which the caller may not invoke. */
  readonly wide: string;
  /** To the function `second`, which it may. */
  readonly narrow: string;
  readonly call: string;
  readonly hidden?: true;
}

/** Everything exists but what is named `new`, of which nothing is computed yet. */
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

/** Which of several routes an unknown document is for cannot be determined. */
const later = (deployed: readonly string[]): Case["expected"] => ({
  "first-preview": ["unproven-access @ caller"],
  deployed,
});
/** Which of several routes answers is in test/access/requests/precedence.test.ts. */
const cases: readonly [name: string, routes: Routes, expected: readonly string[]][] = [
  ["before the default route", { wide: "$default", narrow: "GET /orders", call: "GET/orders" }, []],
  ["before a greedy path", { wide: "ANY /{proxy+}", narrow: "GET /orders", call: "GET/orders" }, []],
  ["another verb", { wide: "ANY /{id}", narrow: "GET /orders", call: "POST/orders" }, LACKS],
];

describe("callers of the narrowest route", () =>
  runCases(
    cases.map(([name, routes, expected]) => ({ name, program: http(routes), expected: later(expected) })),
    IGNORED,
  ));

describe("callers of routes of which some are not shown", () =>
  runCases(
    [
      {
        name: "a narrower one may take the request",
        plan,
        program: http({ wide: "GET /{id}", narrow: "GET /orders", call: "GET/orders", hidden: true }),
        expected: ["unproven-access @ caller"],
      },
    ],
    IGNORED,
  ));

describe("callers of REST APIs with a greedy path", () =>
  runCases(
    [
      {
        name: "a mock on a path of its own",
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
        expected: later([]),
      },
    ],
    IGNORED,
  ));

/** A greedy path, added to an API whose other paths are those of another stack. */
const ofAnotherStack = (call: string) => () => {
  const fn = new aws.lambda.Function("orders", {
    name: "orders",
    role: "arn:aws:iam::123456789012:role/execution",
    runtime: "nodejs22.x",
    handler: "index.handler",
    s3Bucket: "code",
    s3Key: "function.zip",
  });
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

describe("callers of a greedy path of another stack's API", () =>
  runCases(
    [
      {
        name: "one request, which may go to a path of the other stack",
        program: ofAnotherStack("GET/health"),
        expected: ["unproven-access @ caller"],
      },
      { name: "all requests", program: ofAnotherStack("*"), expected: LACKS },
    ],
    IGNORED,
  ));
