import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { text, Unknown } from "../../iam";
import { durableFunctionProblems } from "../../policies/durable-function-qualified-arn";
import type { Authorizer, FunctionTarget, Route } from "../../stack";
import { API, FUNCTION, integration, route, TARGET } from "../access/gates/facts";
import { type Case, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { trustOf } from "../support/rest";

const POLICY = "durable-function-qualified-arn";

function functionOf(durable: boolean, more: Partial<aws.lambda.FunctionArgs> = {}): aws.lambda.Function {
  return new aws.lambda.Function("order", {
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
    role: new aws.iam.Role("order", { assumeRolePolicy: trustOf("lambda.amazonaws.com") }).arn,
    publish: true,
    ...(durable ? { durableConfig: { executionTimeout: 3600, retentionPeriod: 7 } } : {}),
    ...more,
  });
}
const aliasOf = (fn: aws.lambda.Function): aws.lambda.Alias =>
  new aws.lambda.Alias("live", { functionName: fn.name, functionVersion: fn.version, name: "live" });

/** Routes in each form of API, with the invocation URI or the ARN of a function. */
const rest = (uri: pulumi.Input<string>): void => {
  const api = new aws.apigateway.RestApi("api");
  const at = { restApi: api.id, resourceId: api.rootResourceId };
  new aws.apigateway.Method("m", { ...at, httpMethod: "POST", authorization: "NONE" });
  new aws.apigateway.Integration("i", {
    ...at,
    httpMethod: "POST",
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri,
  });
};
const body = (uri: pulumi.Input<string>): void => {
  new aws.apigateway.RestApi("i", {
    body: pulumi.jsonStringify({
      openapi: "3.0.1",
      paths: {
        "/o": { post: { "x-amazon-apigateway-integration": { type: "aws_proxy", httpMethod: "POST", uri } } },
      },
    }),
  });
};
const v2 =
  (protocolType: string, routeKey: string) =>
  (integrationUri: pulumi.Input<string>): void => {
    const api = new aws.apigatewayv2.Api("api", { protocolType });
    const i = new aws.apigatewayv2.Integration("i", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri,
    });
    new aws.apigatewayv2.Route("r", {
      apiId: api.id,
      routeKey,
      target: pulumi.interpolate`integrations/${i.id}`,
    });
  };
const quickCreate = (target: pulumi.Input<string>): void => {
  new aws.apigatewayv2.Api("i", { protocolType: "HTTP", target });
};
const authorizer =
  (used: boolean) =>
  (authorizerUri: pulumi.Input<string>): void => {
    const api = new aws.apigateway.RestApi("api");
    const at = { restApi: api.id, resourceId: api.rootResourceId };
    const guard = new aws.apigateway.Authorizer("i", { restApi: api.id, authorizerUri });
    new aws.apigateway.Method("m", {
      ...at,
      httpMethod: "POST",
      ...(used ? { authorization: "CUSTOM", authorizerId: guard.id } : { authorization: "NONE" }),
    });
    const otherFunction = "arn:aws:lambda:us-east-1:123456789012:function:other";
    new aws.apigateway.Integration("other", {
      ...at,
      httpMethod: "POST",
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${otherFunction}/invocations`,
    });
  };

const FORMS: readonly [string, (uri: pulumi.Input<string>) => void, "invokeArn" | "arn"][] = [
  ["REST API", rest, "invokeArn"],
  ["OpenAPI body", body, "invokeArn"],
  ["HTTP API", v2("HTTP", "POST /o"), "invokeArn"],
  ["HTTP API with the function's ARN", v2("HTTP", "POST /o"), "arn"],
  ["WebSocket API", v2("WEBSOCKET", "$default"), "invokeArn"],
  ["quick create", quickCreate, "arn"],
  ["Lambda authorizer", authorizer(true), "invokeArn"],
];
const FOUND = { "first-preview": [], deployed: [`${POLICY} @ i`] };

describe(POLICY, () =>
  runCases(
    withUpdate(
      [
        ...FORMS.flatMap(([name, route, property]): readonly Case[] => [
          {
            name: `unqualified ARN: ${name}`,
            only: [POLICY],
            program: () => route(functionOf(true)[property]),
            expected: FOUND,
          },
          {
            name: `alias: ${name}`,
            only: [POLICY],
            program: () => route(aliasOf(functionOf(true))[property]),
            expected: [],
          },
          {
            name: `published version: ${name}`,
            only: [POLICY],
            program: () =>
              route(functionOf(true)[property === "arn" ? "qualifiedArn" : "qualifiedInvokeArn"]),
            expected: [],
          },
          {
            name: `function that is not durable: ${name}`,
            only: [POLICY],
            program: () => route(functionOf(false)[property]),
            expected: [],
          },
        ]),
        {
          name: "Lambda authorizer that no route uses",
          only: [POLICY],
          program: () => authorizer(false)(functionOf(true).invokeArn),
          expected: [],
        },
        {
          name: "literal unqualified ARN",
          only: [POLICY],
          program: () => {
            functionOf(true, { name: "order" });
            rest(
              "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:order/invocations",
            );
          },
          expected: [`${POLICY} @ i`],
          messageIncludes: ["You cannot invoke a durable function using an unqualified ARN"],
        },
        {
          name: "literal ARN with $LATEST",
          only: [POLICY],
          program: () => {
            functionOf(true, { name: "order" });
            rest(
              "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:order:$LATEST/invocations",
            );
          },
          expected: [],
        },
        {
          name: "aws-native",
          only: [POLICY],
          program: () => {
            const fn = new Native(
              "lambda:Function",
              "order",
              {
                functionName: "order",
                role: "r",
                code: { imageUri: "a:1" },
                durableConfig: { executionTimeout: 3600 },
              },
              ["arn"],
            );
            quickCreate(fn.output("arn"));
          },
          expected: FOUND,
        },
      ],
      ["i", "m", "r"],
    ),
  ),
);

const DURABLE: FunctionTarget = { ...TARGET, function: { ...FUNCTION, isDurable: true } };
const routeTo = (target: FunctionTarget): Route => route({ integration: integration({ target }) });
const GUARD: Authorizer = {
  api: API,
  urn: "guard",
  label: "guard",
  id: text("a1"),
  target: DURABLE,
  credentials: { mode: "none" },
};
const guarded = (id: string): Route => route({ authorizer: text(id) });

interface Facts {
  readonly routes?: readonly Route[];
  readonly authorizers?: readonly Authorizer[];
}

/** `found`: the code of each problem and its resource. */
const FACTS: readonly (readonly [name: string, facts: Facts, ...found: string[]])[] = [
  ["reports a route to the unqualified ARN", { routes: [routeTo(DURABLE)] }, "routes integration"],
  [
    "reports an integration of two routes once",
    { routes: [routeTo(DURABLE), routeTo(DURABLE)] },
    "routes integration",
  ],
  ["allows a function that is not durable", { routes: [routeTo(TARGET)] }],
  ["allows an alias", { routes: [routeTo({ ...DURABLE, qualifier: text("live") })] }],
  [
    "allows an ARN that may be followed by a qualifier",
    { routes: [routeTo({ ...DURABLE, mayHaveQualifier: true })] },
  ],
  ["allows an unknown ARN", { routes: [routeTo({ ...DURABLE, arn: new Unknown() })] }],
  [
    "allows an integration that may belong to another route",
    { routes: [route({ integration: integration({ target: DURABLE, mayNotBeFunction: true }) })] },
  ],
  [
    "reports an authorizer that a route uses",
    { routes: [guarded("a1")], authorizers: [GUARD] },
    "authorizer guard",
  ],
  ["allows an authorizer that no route uses", { routes: [guarded("a2")], authorizers: [GUARD] }],
];

describe(`${POLICY} on facts`, () => {
  for (const [name, { routes = [], authorizers = [] }, ...found] of FACTS)
    it(name, () => {
      const problems = durableFunctionProblems({ routes, authorizers });
      assert.deepEqual(
        problems.map(({ urn, problem }) => `${problem.code} ${urn}`),
        found,
      );
      for (const { problem } of problems) assert.equal(problem.label, "orders");
    });
});
