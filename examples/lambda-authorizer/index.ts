import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// An orders API whose requests are authorized by a function.
//
// The pack finds that API Gateway may invoke the function of the route but not the authorizer function: every request
// gets a 500, AUTHORIZER_CONFIGURATION_ERROR.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const lambda = (name: string, code: string) =>
  new aws.lambda.Function(name, {
    role: execution.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(code) }),
  });

const orders = lambda("orders", "exports.handler = async () => ({ statusCode: 200, body: '[]' });\n");
const gate = lambda("gate", "exports.handler = async () => { throw new Error('Unauthorized'); };\n");

const api = new aws.apigateway.RestApi("shop", { endpointConfiguration: { types: "REGIONAL" } });

const authorizer = new aws.apigateway.Authorizer("gate", { restApi: api.id, authorizerUri: gate.invokeArn });

const get = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };

const method = new aws.apigateway.Method("get", {
  ...get,
  authorization: "CUSTOM",
  authorizerId: authorizer.id,
});

const integration = new aws.apigateway.Integration(
  "get",
  { ...get, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: orders.invokeArn },
  { dependsOn: method },
);

new aws.lambda.Permission("shop-invokes-orders", {
  action: "lambda:InvokeFunction",
  function: orders,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/`,
});

// Missing: a permission for the authorizer, whose source ARN has neither stage nor method nor path.
//
//   new aws.lambda.Permission("shop-invokes-gate", {
//     action: "lambda:InvokeFunction",
//     function: gate,
//     principal: "apigateway.amazonaws.com",
//     sourceArn: pulumi.interpolate`${api.executionArn}/authorizers/${authorizer.id}`,
//   });

const deployment = new aws.apigateway.Deployment("shop", { restApi: api }, { dependsOn: integration });

const stage = new aws.apigateway.Stage("live", { restApi: api, deployment, stageName: "live" });

export const url = stage.invokeUrl;
