import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

// A chat: callers with IAM credentials may connect, and then send messages.
//
// The pack finds that API Gateway may not invoke the function behind the route "send": everyone connects, and every
// message ends in an internal server error.

const execution = new aws.iam.Role("chat-execution", {
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

const connect = lambda("connect", "exports.handler = async () => ({ statusCode: 200 });\n");
const send = lambda("send", "exports.handler = async () => ({ statusCode: 200, body: 'sent' });\n");

const api = new aws.apigatewayv2.Api("chat", {
  protocolType: "WEBSOCKET",
  routeSelectionExpression: "$request.body.action",
});

const stage = new aws.apigatewayv2.Stage("live", { apiId: api.id, name: "live", autoDeploy: true });

const route = (routeKey: string, fn: aws.lambda.Function, authorizationType?: string) => {
  const name = routeKey.replace("$", "");
  const integration = new aws.apigatewayv2.Integration(name, {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationUri: fn.invokeArn,
  });
  new aws.apigatewayv2.Route(name, {
    apiId: api.id,
    routeKey,
    target: pulumi.interpolate`integrations/${integration.id}`,
    ...(authorizationType === undefined ? {} : { authorizationType }),
  });
};

// IAM authorizes the connection, not each message.
route("$connect", connect, "AWS_IAM");
route("send", send);

// The source ARN of a WebSocket API has a stage and a route key. The route "send" needs a separate permission for:
// `${api.executionArn}/*/send`.
new aws.lambda.Permission("chat-invokes-connect", {
  action: "lambda:InvokeFunction",
  function: connect,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/$connect`,
});

const client = new aws.iam.Role("chat-client", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
});

new aws.iam.RolePolicy("chat-client-connects", {
  role: client,
  policy: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`${api.executionArn}/${stage.name}/$connect`,
      },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: connect.arn },
    ],
  },
});

export const url = stage.invokeUrl;
