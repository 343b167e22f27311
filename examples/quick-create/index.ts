import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// The shortest HTTP API: with a target, API Gateway creates the route $default, its integration and the stage $default.
//
// The pack finds that no permission allows API Gateway to invoke the function: quick create adds none, and every
// request gets a 500.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const orders = new aws.lambda.Function("orders", {
  role: execution.arn,
  runtime: aws.lambda.Runtime.NodeJS22dX,
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({ orders: [] });\n"),
  }),
});

const api = new aws.apigatewayv2.Api("shop", { protocolType: "HTTP", target: orders.arn });

// Missing:
//
//   new aws.lambda.Permission("shop-invokes-orders", {
//     action: "lambda:InvokeFunction",
//     function: orders,
//     principal: "apigateway.amazonaws.com",
//     sourceArn: pulumi.interpolate`${api.executionArn}/*/$default`,
//   });

export const url = api.apiEndpoint;
