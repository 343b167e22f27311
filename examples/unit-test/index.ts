import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// An orders API with one route, GET /orders, that only callers with IAM credentials may use.

const orders = new aws.lambda.Function("orders", {
  role: new aws.iam.Role("orders-execution", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
    managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
  }).arn,
  runtime: aws.lambda.Runtime.NodeJS22dX,
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(
      "exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) });\n",
    ),
  }),
});

const api = new aws.apigatewayv2.Api("shop", { protocolType: "HTTP" });

const stage = new aws.apigatewayv2.Stage("shop", { apiId: api.id, name: "$default", autoDeploy: true });

const integration = new aws.apigatewayv2.Integration("orders", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: orders.invokeArn,
  payloadFormatVersion: "2.0",
});

new aws.apigatewayv2.Route("get-orders", {
  apiId: api.id,
  routeKey: "GET /orders",
  authorizationType: "AWS_IAM",
  target: pulumi.interpolate`integrations/${integration.id}`,
});

new aws.lambda.Permission("shop-invokes-orders", {
  action: "lambda:InvokeFunction",
  function: orders,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
});

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
        Resource: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
      },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: orders.arn },
    ],
  },
});

export const url = pulumi.interpolate`${stage.invokeUrl}orders`;
