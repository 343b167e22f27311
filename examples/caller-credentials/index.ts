import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// An orders API with one route, GET /orders, that only callers with IAM credentials may use.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const orders = new aws.lambda.Function("orders", {
  role: execution.arn,
  runtime: aws.lambda.Runtime.NodeJS22dX,
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(
      "exports.handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) });\n",
    ),
  }),
});

const api = new aws.apigateway.RestApi("shop", { endpointConfiguration: { types: "REGIONAL" } });

const path = new aws.apigateway.Resource("orders-path", {
  restApi: api,
  parentId: api.rootResourceId,
  pathPart: "orders",
});

const method = new aws.apigateway.Method("get-orders", {
  restApi: api,
  resourceId: path.id,
  httpMethod: "GET",
  authorization: "AWS_IAM",
});

const integration = new aws.apigateway.Integration("get-orders", {
  restApi: api,
  resourceId: path.id,
  httpMethod: method.httpMethod,
  type: "AWS_PROXY",
  integrationHttpMethod: "POST",
  uri: orders.invokeArn,
  // API Gateway invokes the function as the caller of the route.
  credentials: "arn:aws:iam::*:user/*",
});

const deployment = new aws.apigateway.Deployment(
  "shop",
  { restApi: api, triggers: { routes: pulumi.jsonStringify([path.id, method.id, integration.id]) } },
  { dependsOn: [integration] },
);

const stage = new aws.apigateway.Stage("live", { restApi: api, deployment, stageName: "live" });

// The caller: it may call the route, but it has no permission to invoke the function, which API Gateway invokes with
// its credentials.
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
        Resource: pulumi.interpolate`${api.executionArn}/${stage.stageName}/GET/orders`,
      },
    ],
  },
});

export const url = pulumi.interpolate`${stage.invokeUrl}/orders`;
