import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// An orders API with one route, GET /orders, defined in an OpenAPI document. Documents exported from SAM use caller
// credentials on every route with AWS_IAM authorization.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const orders = new aws.lambda.Function("orders", {
  name: "orders",
  role: execution.arn,
  runtime: aws.lambda.Runtime.NodeJS22dX,
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(
      "exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) });\n",
    ),
  }),
});

const account = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

// The function is named, not referred to, so that a preview shows the document before the function exists.
const ordersArn = pulumi.interpolate`arn:aws:lambda:${region}:${account}:function:orders`;

const api = new aws.apigateway.RestApi("shop", {
  endpointConfiguration: { types: "REGIONAL" },
  body: pulumi.jsonStringify({
    openapi: "3.0.1",
    info: { title: "shop", version: "1.0" },
    paths: {
      "/orders": {
        get: {
          "x-amazon-apigateway-auth": { type: "AWS_IAM" },
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            uri: pulumi.interpolate`arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${ordersArn}/invocations`,
            credentials: "arn:aws:iam::*:user/*",
          },
        },
      },
    },
  }),
});

new aws.lambda.Permission("shop-invokes-orders", {
  action: "lambda:InvokeFunction",
  function: orders.name,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
});

const deployment = new aws.apigateway.Deployment("shop", {
  restApi: api,
  triggers: { body: api.body.apply((body) => body ?? "") },
});

const stage = new aws.apigateway.Stage("live", { restApi: api, deployment, stageName: "live" });

// The caller: it may call the route. With an integration without caller credentials it would also need
// lambda:InvokeFunction. Its policy does not contain the API's id, so that a preview shows this document too.
const client = new aws.iam.Role("orders-client", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
});

new aws.iam.RolePolicy("orders-client-calls-shop", {
  role: client,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`arn:aws:execute-api:${region}:${account}:*/${stage.stageName}/GET/orders`,
      },
    ],
  },
});

export const url = pulumi.interpolate`${stage.invokeUrl}/orders`;
