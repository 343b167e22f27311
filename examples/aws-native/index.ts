import * as native from "@pulumi/aws-native";
import * as pulumi from "@pulumi/pulumi";

// An orders API with one route, GET /, in resources of @pulumi/aws-native, with an integration that uses the caller's
// credentials.
//
// The pack finds that the caller may call the route but not invoke the function: it gets a 500. The documents of
// aws-native remain objects, so the finding of the first preview is based on their content and is not inferred.

const region = new pulumi.Config("aws-native").require("region");

const execution = new native.iam.Role("orders-execution", {
  assumeRolePolicyDocument: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  },
  managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
});

const orders = new native.lambda.Function("orders", {
  role: execution.arn,
  runtime: "nodejs22.x",
  handler: "index.handler",
  code: { zipFile: "exports.handler = async () => ({ statusCode: 200, body: '[]' });" },
});

const api = new native.apigateway.RestApi("shop", { name: "shop" });

const method = new native.apigateway.Method("get", {
  restApiId: api.restApiId,
  resourceId: api.rootResourceId,
  httpMethod: "GET",
  authorizationType: "AWS_IAM",
  integration: {
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: pulumi.interpolate`arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${orders.arn}/invocations`,
    credentials: "arn:aws:iam::*:user/*",
  },
});

const deployment = new native.apigateway.Deployment(
  "shop",
  { restApiId: api.restApiId },
  { dependsOn: method },
);

new native.apigateway.Stage("live", {
  restApiId: api.restApiId,
  deploymentId: deployment.deploymentId,
  stageName: "live",
});

new native.iam.Role("orders-client", {
  assumeRolePolicyDocument: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  },
  policies: [
    {
      policyName: "calls-shop",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            // Missing: lambda:InvokeFunction on the function, which is invoked with the caller's credentials.
            Action: "execute-api:Invoke",
            Resource: pulumi.interpolate`arn:aws:execute-api:${region}:*:${api.restApiId}/live/GET/`,
          },
        ],
      },
    },
  ],
});
