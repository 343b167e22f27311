/** Documents that are unknown in previews because a provider computes them, in the first preview and in updates. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, type Base, restStack, trustOf } from "../../support/rest";
import { type Entry, hard } from "../corpus";

const DENIED = "iam-route-caller-lambda-invoke @ caller";

/** The caller's policy from `aws.iam.getPolicyDocument`. */
const byDataSource =
  (...actions: readonly ("api" | "function")[]) =>
  ({ api, fn, caller }: Base & { caller: aws.iam.Role }): void => {
    const statements = actions.map((of) => ({
      actions: [of === "api" ? "execute-api:Invoke" : "lambda:InvokeFunction"],
      resources: [of === "api" ? pulumi.interpolate`${api.executionArn}/*` : fn.arn],
    }));
    new aws.iam.RolePolicy("calls", {
      role: caller.name,
      policy: aws.iam.getPolicyDocumentOutput({ statements }).json,
    });
  };

/** A queue's ARN is added to the document of a credentials role, which names functions by literals. */
const joinedByQueue = restStack({
  caller: false,
  permission: false,
  integration: ({ gateway }) => ({ credentials: gateway.arn }),
  gatewayPolicy: () => {
    const queue = new aws.sqs.Queue("jobs", {});
    return [
      allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:ord*"),
      allow("sqs:SendMessage", queue.arn),
    ];
  },
});

const callerJoinedByQueue = restStack({
  caller: ({ api }) => {
    const queue = new aws.sqs.Queue("jobs", {});
    return [
      allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
      allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:ord*"),
      allow("sqs:SendMessage", queue.arn),
    ];
  },
});

const existsBut =
  (...created: readonly string[]) =>
  ({ name }: { name: string }): boolean =>
    !created.includes(name);

const entries: Entry[] = [
  {
    name: "a caller's document by data source, with both actions",
    program: restStack({ caller: false, more: byDataSource("api", "function") }),
    // In Pulumi's SDK, the unknown result of a data source has no dependencies.
    answers: { first: { unproven: 1 }, deployed: {} },
  },
  {
    name: "a caller's document by data source, without lambda:InvokeFunction",
    program: restStack({ caller: false, more: byDataSource("api") }),
    answers: { first: { unproven: 1 }, deployed: { denied: [DENIED] } },
  },
  {
    name: "a credentials role with a literal, whose document gets the ARN of a new queue",
    program: joinedByQueue,
    update: existsBut("jobs"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "a caller with a literal, whose document gets the ARN of a new queue",
    program: callerJoinedByQueue,
    update: existsBut("jobs"),
    answers: { first: { acceptedDenials: [DENIED] }, deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "an unrelated queue is added to a working stack",
    program: restStack({ more: () => new aws.sqs.Queue("jobs", {}) }),
    update: existsBut("jobs"),
    answers: { deployed: {}, update: {} },
  },
  {
    name: "a new caller without lambda:InvokeFunction is added to a working stack",
    program: restStack({
      caller: false,
      more: ({ api }) => {
        const role = new aws.iam.Role("newcomer", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
        new aws.iam.RolePolicy("newcomer", {
          role: role.name,
          policy: {
            Version: "2012-10-17",
            Statement: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
          },
        });
      },
    }),
    update: existsBut("newcomer"),
    answers: {
      deployed: { denied: ["iam-route-caller-lambda-invoke @ newcomer"] },
      update: { denied: ["iam-route-caller-lambda-invoke @ newcomer"] },
    },
  },
  {
    name: "the permission is removed from a working stack",
    program: restStack({ permission: false }),
    update: () => true,
    answers: { update: { denied: ["route-function-permission @ integration"] } },
  },
  {
    name: "an OpenAPI body with a permission on its function",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html",
    program: described(true),
    answers: { deployed: {} },
  },
  {
    name: "an OpenAPI body without a permission on its function",
    program: described(false),
    answers: { deployed: { denied: ["route-function-permission @ described"] } },
  },
];

function described(permitted: boolean): () => void {
  return () => {
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      role: "arn:aws:iam::123456789012:role/execution",
      packageType: "Image",
      imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
    });
    const call = fn.invokeArn.apply((uri) => ({ type: "aws_proxy", httpMethod: "POST", uri }));
    const api = new aws.apigateway.RestApi("described", {
      body: pulumi.jsonStringify({
        openapi: "3.0.1",
        info: { title: "orders", version: "1" },
        paths: { "/orders": { get: { "x-amazon-apigateway-integration": call } } },
      }),
    });
    const deployment = new aws.apigateway.Deployment("described", { restApi: api.id });
    new aws.apigateway.Stage("described", { restApi: api.id, deployment: deployment.id, stageName: "v1" });
    if (permitted)
      new aws.lambda.Permission("described", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
      });
  };
}

export default hard(entries);
