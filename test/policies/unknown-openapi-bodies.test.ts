import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { invocation, Native, nativeFunction } from "../support/native";
import { allowDocument, allowInvoke, endpoint, makeFunction, stage } from "../support/programs";
import { trustOf } from "../support/rest";

/** OpenAPI bodies that are unknown in whole or in part: they may call any function and contain a resource policy. */

const EXTERNAL_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:far";

/** A body whose description contains a function of the stack, and whose only route calls the given function. */
const withDescription = (called: (fn: Native) => pulumi.Input<string>) => () => {
  const fn = nativeFunction("orders");
  const body = {
    openapi: "3.0.1",
    info: { title: "shop", version: "1", description: fn.output("arn") },
    paths: {
      "/orders": {
        get: {
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            uri: invocation(called(fn)),
          },
        },
      },
    },
  };
  const api = new Native("apigateway:RestApi", "api", { name: "api", body }, ["restApiId"]);
  const restApiId = api.output("restApiId");
  const deployment = new Native("apigateway:Deployment", "d", { restApiId }, ["deploymentId"]);
  new Native("apigateway:Stage", "s", {
    restApiId,
    deploymentId: deployment.output("deploymentId"),
    stageName: "prod",
  });
};

/** A string that is unknown until the queue exists. */
const unknownArn = () => new aws.sqs.Queue("queue").arn.apply(() => EXTERNAL_FUNCTION);

/** A declared caller of a route from Method and Integration; the resource policy, if there is one, is in the body. */
const withPut = (policy: boolean) => () => {
  const fn = makeFunction("orders");
  const role = new aws.iam.Role("target", {
    name: "target",
    assumeRolePolicy: trustOf("ec2.amazonaws.com"),
  });
  new aws.iam.RolePolicy("target", {
    role: role.name,
    policy: allowDocument(["lambda:InvokeFunction", "arn:aws:lambda:*:*:function:orders-*"]),
  });
  const api = new aws.apigateway.RestApi("api", { name: "api" });
  const statement = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::123456789012:role/target" },
    Action: "execute-api:Invoke",
    Resource: "execute-api:/*",
  };
  new aws.apigateway.RestApiPut("put", {
    restApiId: api.id,
    body: fn.invokeArn.apply((description) =>
      JSON.stringify({
        openapi: "3.0.1",
        info: { title: "shop", version: "1", description },
        paths: {},
        ...(policy
          ? { "x-amazon-apigateway-policy": { Version: "2012-10-17", Statement: [statement] } }
          : {}),
      }),
    ),
  });
  allowInvoke("in", fn.name, pulumi.interpolate`${api.executionArn}/*/*`);
  stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn)]);
};

const declared = { "caller-execute-api-invoke": { callers: [{ principal: "target" }] } };
const UNPROVEN = ["unproven-access @ api"];

const cases: readonly Case[] = [
  {
    name: "OpenAPI body that depends on a function without a permission",
    program: withDescription((fn) => fn.output("arn")),
    expected: ["route-function-permission @ api"],
  },
  {
    name: "OpenAPI body with a function's ARN from an SSM parameter",
    program: withDescription(
      () => new aws.ssm.Parameter("arn", { type: "String", value: unknownArn() }).value,
    ),
    expected: UNPROVEN,
  },
  {
    name: "OpenAPI body with a function's ARN from a CloudFormation output",
    program: withDescription(() =>
      new aws.cloudformation.Stack("far").outputs.apply((outputs) => outputs?.arn ?? EXTERNAL_FUNCTION),
    ),
    expected: UNPROVEN,
  },
  {
    name: "declared caller that the resource policy in the body allows",
    program: withPut(true),
    config: declared,
    expected: { "first-preview": ["unproven-access @ target"], deployed: [] },
  },
  {
    name: "declared caller without a grant",
    program: withPut(false),
    config: declared,
    expected: {
      "first-preview": ["unproven-access @ target"],
      deployed: ["caller-execute-api-invoke @ target"],
    },
  },
];

describe("OpenAPI bodies that are unknown in whole or in part", () => {
  runCases(cases);
});
