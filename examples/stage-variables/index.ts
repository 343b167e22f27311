import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// One route for two stages: the stage variable `fn` names the function of each stage.
//
// The pack finds that the stage "test" calls orders-next, which has no permission: callers of the next version get a
// 500.

const execution = new aws.iam.Role("orders-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

for (const name of ["orders", "orders-next"])
  new aws.lambda.Function(name, {
    name,
    role: execution.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({
      "index.js": new pulumi.asset.StringAsset(
        `exports.handler = async () => ({ statusCode: 200, body: "${name}" });\n`,
      ),
    }),
  });

const account = aws.getCallerIdentityOutput().accountId;
const region = aws.getRegionOutput().region;

const api = new aws.apigateway.RestApi("shop", { endpointConfiguration: { types: "REGIONAL" } });

const get = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };

const method = new aws.apigateway.Method("get", { ...get, authorization: "NONE" });

const integration = new aws.apigateway.Integration(
  "get",
  {
    ...get,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: pulumi.interpolate`arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${region}:${account}:function:\${stageVariables.fn}/invocations`,
  },
  { dependsOn: method },
);

for (const [stageName, fn] of [
  ["live", "orders"],
  ["test", "orders-next"],
] as const) {
  const deployment = new aws.apigateway.Deployment(stageName, { restApi: api }, { dependsOn: integration });
  const stage = new aws.apigateway.Stage(stageName, {
    restApi: api,
    deployment,
    stageName,
    variables: { fn },
  });
  // Each function needs a permission for the stages that invoke it. The error: the `function` below should be `fn`.
  new aws.lambda.Permission(`shop-invokes-${stageName}`, {
    action: "lambda:InvokeFunction",
    function: "orders",
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${stage.executionArn}/GET/`,
  });
}
