import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { ApiComponent, type Component, type ComponentArgs, type ComponentRoute } from "../support/components";
import { allow, trustOf } from "../support/rest";

const both = (first: readonly string[], deployed: readonly string[]): Case["expected"] => ({
  "first-preview": first,
  deployed,
});

function makeFunction(name: string): aws.lambda.Function {
  return new aws.lambda.Function(name, {
    name,
    role: "arn:aws:iam::123456789012:role/execution",
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
  });
}

interface Base {
  readonly orders: aws.lambda.Function;
}

interface Patch {
  /** The authorization of `GET /orders/{id}`, to the function `orders`. */
  readonly route?: Partial<ComponentRoute>;
  readonly more?: (base: Base) => readonly ComponentRoute[];
  readonly args?: (base: Base) => Partial<ComponentArgs>;
  /** The statements of the role `caller`. */
  readonly caller?: (
    base: Base & { api: pulumi.Output<aws.apigateway.RestApi> },
  ) => pulumi.Input<aws.iam.PolicyStatement>[];
}

const component =
  (which: Component, patch: Patch = {}) =>
  (): void => {
    const orders = makeFunction("orders");
    const { api } = new ApiComponent(which, "shop", {
      routes: [
        { path: "/orders/{id}", method: "GET", eventHandler: orders, ...patch.route },
        ...(patch.more?.({ orders }) ?? []),
      ],
      ...patch.args?.({ orders }),
    });
    if (patch.caller === undefined) return;
    const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: patch.caller({ orders, api }) },
    });
  };

const execute = ({ api }: { api: pulumi.Output<aws.apigateway.RestApi> }) =>
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`);

/** A route as data, for which the component declares no permission. */
const raw = ({ orders }: Base, integration: Record<string, unknown> = {}): Partial<ComponentArgs> => ({
  routes: [
    {
      path: "/orders/{id}",
      method: "GET",
      data: {
        "x-amazon-apigateway-auth": { type: "AWS_IAM" },
        "x-amazon-apigateway-integration": {
          uri: orders.invokeArn,
          httpMethod: "POST",
          type: "aws_proxy",
          ...integration,
        },
      },
    },
  ],
});

const AT_API = ["route-function-permission @ shop"];
/** An unknown body can have caller credentials, so that the function needs no permission. */
const OPEN_AT_API = ["unproven-access @ shop"];

for (const which of ["aws-apigateway", "awsx.classic", "awsx.classic 2"] as const) {
  /** The results of a first preview with routes that contain unknown values. `aws-apigateway` has no resources then. */
  const expectedAt = (findings: readonly string[]): readonly string[] =>
    which === "aws-apigateway" ? [] : findings;
  const cases: readonly Case[] = [
    { name: "a function for a route", program: component(which), expected: [] },
    {
      name: "a greedy path for any method",
      program: component(which, { route: { path: "/{route+}", method: "ANY" } }),
      expected: [],
    },
    {
      name: "the root",
      program: component(which, { route: { path: "/" } }),
      expected: [],
    },
    {
      name: "a slash at the end of a path, which API Gateway removes and the permission contains",
      program: component(which, { route: { path: "/orders/" } }),
      expected: both([], AT_API),
    },
    {
      name: "IAM, and a caller with both actions",
      program: component(which, {
        route: { iamAuthEnabled: true, apiKeyRequired: true },
        caller: (base) => [execute(base), allow("lambda:InvokeFunction", base.orders.arn)],
      }),
      expected: [],
    },
    {
      name: "IAM, and a caller that may not invoke the function",
      program: component(which, { route: { iamAuthEnabled: true }, caller: (base) => [execute(base)] }),
      expected: both(["unproven-access @ caller"], ["iam-route-caller-lambda-invoke @ caller"]),
    },
    {
      name: "a route without authorization, and a caller that may not invoke the function",
      program: component(which, { caller: (base) => [execute(base)] }),
      expected: both(["unproven-access @ caller"], []),
    },
    {
      name: "an authorizer with the role that the component creates",
      program: component(which, {
        more: ({ orders }) => [
          {
            path: "/guarded",
            method: "POST",
            eventHandler: orders,
            authorizers: [{ authorizerName: "gate", handler: makeFunction("gate") }],
          },
        ],
      }),
      expected: [],
    },
    {
      name: "an authorizer with a role that may not invoke it",
      program: component(which, {
        more: ({ orders }) => {
          const credentials = new aws.iam.Role("gate-role", {
            assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
          });
          const handler = { uri: makeFunction("gate"), credentials };
          const authorizers = [{ authorizerName: "gate", handler }];
          return [{ path: "/guarded", method: "POST", eventHandler: orders, authorizers }];
        },
      }),
      expected: both(OPEN_AT_API, ["authorizer-function-permission @ shop"]),
    },
    {
      name: "files and a proxy alongside the function",
      program: component(which, {
        more: () => [
          { path: "/files", localPath: "www" },
          { path: "/elsewhere", target: "https://example.com" },
        ],
      }),
      expected: [],
    },
    {
      name: "a resource policy for everyone",
      program: component(which, {
        args: () => ({
          restApiArgs: {
            policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [
                { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
              ],
            }),
          },
        }),
      }),
      expected: [],
    },
    {
      name: "a route as data, without a permission",
      program: component(which, { args: (base) => raw(base) }),
      expected: both(expectedAt(OPEN_AT_API), AT_API),
    },
    {
      name: "a route as data with caller credentials, and a caller that may not invoke the function",
      program: component(which, {
        args: (base) => raw(base, { credentials: "arn:aws:iam::*:user/*" }),
        caller: (base) => [execute(base)],
      }),
      expected: both(expectedAt(["unproven-access @ caller"]), ["caller-credentials-lambda-invoke @ caller"]),
    },
    {
      name: "a document as text",
      program: component(which, {
        args: ({ orders }) => ({
          routes: [],
          swaggerString: orders.invokeArn.apply((uri) =>
            JSON.stringify({
              swagger: "2.0",
              paths: {
                "/": {
                  get: { "x-amazon-apigateway-integration": { uri, httpMethod: "GET", type: "aws_proxy" } },
                },
              },
            }),
          ),
        }),
      }),
      expected: both(OPEN_AT_API, [...AT_API, "lambda-integration-request @ shop"]),
    },
  ];
  describe(`the API of a component: ${which}`, () =>
    runCases(cases, ["lambda-permission-scope", "invoke-policy-scope", "caller-execute-api-invoke"]));
}
