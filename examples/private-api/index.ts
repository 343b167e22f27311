import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A private reports API whose responses are streamed, and a role that may call it from inside the VPC.
//
// The pack finds that the role may call the route but may not invoke the function behind it.

const vpc = new aws.ec2.Vpc("reports", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true });

const endpoint = new aws.ec2.VpcEndpoint("reports", {
  vpcId: vpc.id,
  serviceName: "com.amazonaws.us-east-1.execute-api",
  vpcEndpointType: "Interface",
});

const execution = new aws.iam.Role("reports-execution", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: [aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole],
});

const CODE = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write("...");
  stream.end();
});
`;

const reports = new aws.lambda.Function("reports", {
  role: execution.arn,
  runtime: aws.lambda.Runtime.NodeJS22dX,
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(CODE) }),
});

const api = new aws.apigateway.RestApi("reports", {
  endpointConfiguration: { types: "PRIVATE", vpcEndpointIds: [endpoint.id] },
});

// Without a resource policy a private API denies every request.
const policy = new aws.apigateway.RestApiPolicy("reports", {
  restApiId: api.id,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: "*",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`${api.executionArn}/*`,
        Condition: { StringEquals: { "aws:SourceVpce": endpoint.id } },
      },
    ],
  }),
});

const get = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };

const method = new aws.apigateway.Method("get", { ...get, authorization: "AWS_IAM" });

const integration = new aws.apigateway.Integration(
  "get",
  {
    ...get,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: reports.responseStreamingInvokeArn,
    responseTransferMode: "STREAM",
  },
  { dependsOn: method },
);

new aws.lambda.Permission("api-invokes-reports", {
  action: "lambda:InvokeFunction",
  function: reports,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/`,
});

const client = new aws.iam.Role("reports-client", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" }),
});

new aws.iam.RolePolicy("reports-client", {
  role: client.name,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`${api.executionArn}/live/GET/`,
      },
      // Missing:
      //
      //   { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: reports.arn },
    ],
  },
});

const deployment = new aws.apigateway.Deployment(
  "reports",
  { restApi: api },
  { dependsOn: [integration, policy] },
);

new aws.apigateway.Stage("live", { restApi: api, deployment, stageName: "live" });
