import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A function that is called by its URL, with IAM credentials.
//
// The pack finds that the caller has lambda:InvokeFunctionUrl only. Since October 2025 AWS also requires
// lambda:InvokeFunction, and the caller gets a 403.

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
    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({ orders: [] });\n"),
  }),
});

const url = new aws.lambda.FunctionUrl("orders", {
  functionName: orders.name,
  authorizationType: "AWS_IAM",
});

const account = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

const client = new aws.iam.Role("orders-client", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
});

new aws.iam.RolePolicy("orders-client-calls-orders", {
  role: client,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        // Missing: "lambda:InvokeFunction".
        Action: ["lambda:InvokeFunctionUrl"],
        // The function is named, not referred to, so that a preview shows the document before the function exists.
        Resource: pulumi.interpolate`arn:aws:lambda:${region}:${account}:function:orders`,
      },
    ],
  },
});

export const endpoint = url.functionUrl;
