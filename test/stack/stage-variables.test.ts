import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, bothActions, restStack } from "../support/rest";

const ACCOUNT = "123456789012";
const functionArn = (rest: string): string => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${rest}`;
const uri = (rest: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(rest)}/invocations`;

const BY_NAME = { integration: () => ({ uri: uri("${stageVariables.fn}") }), stage: false as const };

interface StageSpec {
  readonly name: string;
  readonly variables?: Record<string, pulumi.Input<string>>;
  readonly canary?: Record<string, string>;
}

/** Stages and another function, `returns`, without permissions. */
const stages =
  (...specs: readonly StageSpec[]) =>
  ({ api }: Base): void => {
    new aws.lambda.Function("returns", {
      name: "returns",
      role: `arn:aws:iam::${ACCOUNT}:role/execution`,
      packageType: "Image",
      imageUri: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/returns:1`,
    });
    for (const { name, variables, canary } of specs) {
      const deployment = new aws.apigateway.Deployment(`${name}-deployment`, { restApi: api.id });
      new aws.apigateway.Stage(name, {
        restApi: api.id,
        deployment: deployment.id,
        stageName: name,
        ...(variables === undefined ? {} : { variables }),
        ...(canary === undefined
          ? {}
          : {
              canarySettings: {
                deploymentId: deployment.id,
                percentTraffic: 10,
                stageVariableOverrides: canary,
              },
            }),
      });
    }
  };

const UNPROVEN = ["unproven-access @ integration"];

describe("stage variables", () => {
  const cases: readonly Case[] = [
    {
      name: "a stage that names the function",
      program: restStack({ ...BY_NAME, more: stages({ name: "live", variables: { fn: "orders" } }) }),
      expected: [],
    },
    {
      name: "stages that name two functions, one of them without a permission",
      program: restStack({
        ...BY_NAME,
        caller: false,
        more: stages(
          { name: "live", variables: { fn: "orders" } },
          { name: "test", variables: { fn: "returns" } },
        ),
      }),
      expected: ["route-function-permission @ integration"],
      messageIncludes: ["cannot invoke function returns", "/test/GET/"],
    },
    {
      name: "permissions for the stages of each function",
      program: restStack({
        ...BY_NAME,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/live/*/*` }),
        caller: false,
        more: (base) => {
          stages(
            { name: "live", variables: { fn: "orders" } },
            { name: "test", variables: { fn: "returns" } },
          )(base);
          new aws.lambda.Permission("test-permission", {
            action: "lambda:InvokeFunction",
            function: "returns",
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${base.api.executionArn}/test/*/*`,
          });
        },
      }),
      expected: [],
    },
    {
      name: "a caller of one stage, which needs only the function of that stage",
      program: restStack({
        ...BY_NAME,
        permission: () => ({}),
        caller: ({ api, fn }) => [
          allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/live/GET/orders/*`),
          allow("lambda:InvokeFunction", fn.arn),
        ],
        more: stages(
          { name: "live", variables: { fn: "orders" } },
          { name: "test", variables: { fn: "returns" } },
        ),
      }),
      expected: [],
      only: ["iam-route-caller-lambda-invoke"],
    },
    {
      name: "a value with the function and the alias",
      program: restStack({
        ...BY_NAME,
        caller: false,
        permission: () => ({ qualifier: "live" }),
        more: (base) => {
          stages({ name: "live", variables: { fn: "orders:live" } })(base);
          new aws.lambda.Alias("live-alias", {
            name: "live",
            functionName: base.fn.name,
            functionVersion: "1",
          });
        },
      }),
      expected: [],
    },
    {
      name: "a value with an alias, and a permission on the function",
      program: restStack({
        ...BY_NAME,
        caller: false,
        more: stages({ name: "live", variables: { fn: "orders:live" } }),
      }),
      expected: ["route-function-permission @ integration"],
      messageIncludes: ["only for another qualifier"],
    },
    {
      name: "two variables in one URI",
      program: restStack({
        integration: () => ({ uri: uri("${stageVariables.fn}:${stageVariables.alias}") }),
        stage: false,
        caller: false,
        permission: () => ({ qualifier: "live" }),
        more: stages({ name: "live", variables: { fn: "orders", alias: "live" } }),
      }),
      expected: [],
    },
    {
      name: "a canary that calls another function",
      program: restStack({
        ...BY_NAME,
        caller: false,
        more: stages({ name: "live", variables: { fn: "orders" }, canary: { fn: "returns" } }),
      }),
      expected: ["route-function-permission @ integration"],
      messageIncludes: ["cannot invoke function returns"],
    },
    {
      name: "a canary that overrides one of two variables",
      program: restStack({
        integration: () => ({ uri: uri("${stageVariables.fn}:${stageVariables.alias}") }),
        stage: false,
        caller: false,
        permission: () => ({ qualifier: "live" }),
        more: (base) => {
          stages({
            name: "live",
            variables: { fn: "orders", alias: "live" },
            canary: { fn: "returns", alias: "next" },
          })(base);
          new aws.lambda.Permission("canary-permission", {
            action: "lambda:InvokeFunction",
            function: "returns",
            qualifier: "next",
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${base.api.executionArn}/*/*`,
          });
        },
      }),
      expected: [],
    },
    {
      name: "a stage that lacks the variable",
      program: restStack({ ...BY_NAME, caller: false, more: stages({ name: "live" }) }),
      expected: UNPROVEN,
      messageIncludes: ["stage variable fn of stage live, which it does not have"],
    },
    {
      name: "a variable with an unknown value",
      program: restStack({
        ...BY_NAME,
        caller: false,
        more: ({ api, ...base }) =>
          stages({ name: "live", variables: { fn: pulumi.interpolate`${api.id}` } })({ api, ...base }),
      }),
      expected: { "first-preview": UNPROVEN, deployed: UNPROVEN },
    },
    {
      name: "no stage",
      program: restStack({ ...BY_NAME, caller: false }),
      expected: UNPROVEN,
    },
    {
      name: "a role in the credentials",
      program: restStack({
        integration: () => ({ credentials: `arn:aws:iam::${ACCOUNT}:\${stageVariables.role}` }),
        stage: false,
        caller: bothActions,
        more: stages({ name: "live", variables: { role: "role/gateway" } }),
      }),
      expected: [],
    },
    {
      name: "a role in the credentials that may not invoke the function",
      program: restStack({
        integration: () => ({ credentials: `arn:aws:iam::${ACCOUNT}:\${stageVariables.role}` }),
        gatewayPolicy: () => [allow("logs:PutLogEvents", "*")],
        stage: false,
        caller: false,
        more: stages({ name: "live", variables: { role: "role/gateway" } }),
      }),
      expected: ["integration-role-lambda-invoke @ gateway"],
    },
    ...(["orders", "returns"] as const).map(
      (fn): Case => ({
        name: `an authorizer that calls ${fn}`,
        program: restStack({
          authorization: "CUSTOM",
          caller: false,
          stage: false,
          more: (base) => {
            stages({ name: "live", variables: { gate: fn } })(base);
            new aws.apigateway.Authorizer("authorizer", {
              restApi: base.api.id,
              authorizerUri: uri("${stageVariables.gate}"),
            });
          },
        }),
        expected: fn === "orders" ? [] : ["authorizer-function-permission @ authorizer"],
      }),
    ),
    {
      name: "an authorizer, on a stage that lacks the variable",
      program: restStack({
        authorization: "CUSTOM",
        caller: false,
        more: ({ api }) => {
          new aws.apigateway.Authorizer("authorizer", {
            restApi: api.id,
            authorizerUri: uri("${stageVariables.gate}"),
          });
        },
      }),
      expected: ["unproven-access @ authorizer"],
      messageIncludes: ["stage variable gate of stage prod, which it does not have"],
    },
    {
      name: "in a body",
      program: () => {
        const api = new aws.apigateway.RestApi("orders-api", {
          body: JSON.stringify({
            openapi: "3.0.1",
            paths: {
              "/orders": {
                get: {
                  "x-amazon-apigateway-integration": {
                    type: "aws_proxy",
                    httpMethod: "POST",
                    uri: uri("${stageVariables.fn}"),
                  },
                },
              },
            },
          }),
        });
        const fn = new aws.lambda.Function("orders", {
          name: "orders",
          role: `arn:aws:iam::${ACCOUNT}:role/execution`,
          packageType: "Image",
          imageUri: `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/orders:1`,
        });
        stages(
          { name: "live", variables: { fn: fn.name } },
          { name: "test", variables: { fn: "returns" } },
        )({
          api,
        } as Base);
        new aws.lambda.Permission("permission", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        });
      },
      expected: ["route-function-permission @ orders-api"],
      messageIncludes: ["cannot invoke function returns"],
    },
  ];
  runCases(cases, ["lambda-permission-scope", "invoke-policy-scope", "caller-execute-api-invoke"]);
});
