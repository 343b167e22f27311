/** Integrations with a credentials role or with caller credentials. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { CALLER_CREDENTIALS, executeOnly as httpExecute, httpStack } from "../../support/http";
import { allow, type Base, executeOnly, restStack, trustOf } from "../../support/rest";
import { type Entry, fails, WORKS } from "../corpus";

const DENIED = "integration-role-lambda-invoke @ gateway";
const CALLER = "caller-credentials-lambda-invoke @ caller";

const byRole = {
  integration: ({ gateway }: Base) => ({ credentials: gateway.arn }),
  permission: false,
} as const;
const byCaller = { integration: () => ({ credentials: CALLER_CREDENTIALS }), permission: false } as const;
const otherFunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:refunds";

const entries: Entry[] = [
  { name: "REST with a role that may invoke the function", program: restStack(byRole), answers: WORKS },
  {
    name: "REST with a role that may invoke another function",
    program: restStack({
      ...byRole,
      gatewayPolicy: () => [allow("lambda:InvokeFunction", otherFunctionArn)],
    }),
    answers: fails(DENIED),
  },
  {
    name: "REST with a role with literal names and a wildcard",
    program: restStack({
      ...byRole,
      gatewayPolicy: () => [allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:ord*")],
    }),
    answers: { deployed: {} },
  },
  {
    name: "REST with a role that trusts another service",
    program: restStack({ ...byRole, gatewayTrust: trustOf("lambda.amazonaws.com") }),
    answers: fails(DENIED),
  },
  {
    name: "REST with a role whose boundary does not allow Lambda's actions",
    program: restStack({
      permission: false,
      integration: ({ fn }) => {
        const boundary = new aws.iam.Policy("boundary", {
          policy: { Version: "2012-10-17", Statement: [allow("logs:*", "*")] },
        });
        const role = new aws.iam.Role("bounded", {
          assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
          permissionsBoundary: boundary.arn,
        });
        new aws.iam.RolePolicy("bounded", {
          role: role.name,
          policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
        });
        return { credentials: role.arn };
      },
    }),
    answers: { deployed: { denied: ["integration-role-lambda-invoke @ bounded"] } },
  },
  {
    name: "REST with caller credentials, and a caller that may invoke the function",
    program: restStack(byCaller),
    answers: WORKS,
  },
  {
    name: "REST with caller credentials, and a caller that may not invoke the function",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-integration-types.html",
    program: restStack({ ...byCaller, caller: executeOnly }),
    answers: fails(CALLER),
  },
  {
    name: "HTTP with a role that may invoke the function",
    program: httpStack({
      permission: false,
      integration: ({ gateway }) => ({ credentialsArn: gateway.arn }),
    }),
    answers: WORKS,
  },
  {
    name: "HTTP with a role that may invoke another function",
    program: httpStack({
      permission: false,
      integration: ({ gateway }) => ({ credentialsArn: gateway.arn }),
      gatewayPolicy: () => [allow("lambda:InvokeFunction", otherFunctionArn)],
    }),
    answers: fails(DENIED),
  },
  {
    name: "HTTP with caller credentials, and a caller that may not invoke the function",
    program: httpStack({
      permission: false,
      integration: () => ({ credentialsArn: CALLER_CREDENTIALS }),
      caller: httpExecute,
    }),
    answers: fails(CALLER),
  },
  {
    name: "REST, a Lambda authorizer with its permission",
    program: restStack({
      caller: false,
      more: ({ api, fn }) => authorizer(api, fn, pulumi.interpolate`${api.executionArn}/authorizers/*`),
    }),
    answers: WORKS,
  },
  {
    name: "REST, execute-api:ManageConnections does not allow calls",
    program: restStack({
      caller: () => [allow("execute-api:ManageConnections", "arn:aws:execute-api:*:*:*/*")],
    }),
    answers: WORKS,
  },
];

function authorizer(
  api: aws.apigateway.RestApi,
  fn: aws.lambda.Function,
  sourceArn: pulumi.Input<string>,
): void {
  const checks = new aws.lambda.Function("checks", {
    name: "checks",
    role: fn.role,
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/checks:1",
  });
  const lambdaAuthorizer = new aws.apigateway.Authorizer("checks", {
    restApi: api.id,
    authorizerUri: checks.invokeArn,
  });
  const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
  new aws.apigateway.Method("checked", { ...at, authorization: "CUSTOM", authorizerId: lambdaAuthorizer.id });
  new aws.apigateway.Integration("checked", {
    ...at,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  new aws.lambda.Permission("checks", {
    action: "lambda:InvokeFunction",
    function: checks.name,
    principal: "apigateway.amazonaws.com",
    sourceArn,
  });
}

export default entries;
