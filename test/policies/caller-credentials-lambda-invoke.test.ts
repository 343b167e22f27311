import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, executeOnly, type Patch, restStack } from "../support/rest";

const POLICY = "caller-credentials-lambda-invoke";
const only = [POLICY, "unproven-access", "route-function-permission", "iam-route-caller-lambda-invoke"];
const CALLER = [`${POLICY} @ caller`];
const INTEGRATION = [`${POLICY} @ integration`];

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const withCallerCredentials = (patch: Patch = {}, credentials = "arn:aws:iam::*:user/*"): (() => void) =>
  restStack({ permission: false, integration: () => ({ credentials }), ...patch });

cases("the caller", [
  { name: "caller with both actions", program: withCallerCredentials(), expected: [] },
  {
    name: "caller with execute-api:Invoke only",
    program: withCallerCredentials({ caller: executeOnly }),
    expected: CALLER,
    messageIncludes: ["the integration uses the caller's credentials", "Safer:", "API_CONFIGURATION_ERROR"],
  },
  {
    name: "caller without lambda:InvokeFunction, function with a permission for API Gateway",
    program: withCallerCredentials({ caller: executeOnly, permission: () => ({}) }),
    expected: CALLER,
  },
  { name: "no caller in the stack", program: withCallerCredentials({ caller: false }), expected: [] },
  {
    name: "caller that the function's resource policy allows",
    program: withCallerCredentials({
      caller: executeOnly,
      more: ({ fn }) => {
        new aws.lambda.Permission("for-caller", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "arn:aws:iam::123456789012:role/caller",
        });
      },
    }),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
  },
  {
    name: "account that the function's resource policy allows",
    program: withCallerCredentials({
      caller: executeOnly,
      more: ({ fn }) => {
        new aws.lambda.Permission("for-account", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "arn:aws:iam::123456789012:root",
        });
      },
    }),
    expected: CALLER,
  },
  {
    name: "lambda:InvokeFunction with an aws:SourceIp condition, a key that API Gateway does not send",
    program: withCallerCredentials({
      caller: executeOnly,
      more: ({ caller }) => {
        new aws.iam.RolePolicy("by-ip", {
          role: caller.name,
          policy: {
            Version: "2012-10-17",
            Statement: [
              {
                ...allow("lambda:InvokeFunction", "*"),
                Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
              },
            ],
          },
        });
      },
    }),
    expected: ["unproven-access @ caller"],
  },
  {
    name: "ANY method",
    program: withCallerCredentials({ verb: "ANY", caller: executeOnly }),
    expected: CALLER,
  },
  {
    name: "user without lambda:InvokeFunction",
    program: withCallerCredentials({
      caller: false,
      more: (base) => {
        const user = new aws.iam.User("someone");
        new aws.iam.UserPolicy("call", {
          user: user.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
      },
    }),
    expected: [`${POLICY} @ someone`],
  },
]);

/** The IAM-authorized route `GET /prices` to a function that allows API Gateway to invoke it. */
function addPricesRoute({ api, fn }: Base): void {
  const { id: resourceId } = new aws.apigateway.Resource("prices", {
    restApi: api.id,
    parentId: api.rootResourceId,
    pathPart: "prices",
  });
  const route = { restApi: api.id, resourceId, httpMethod: "GET" };
  new aws.apigateway.Method("prices", { ...route, authorization: "AWS_IAM" });
  new aws.apigateway.Integration("prices", {
    ...route,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  new aws.lambda.Permission("prices", {
    action: "lambda:InvokeFunction",
    function: fn.name,
    principal: "apigateway.amazonaws.com",
    sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/prices`,
  });
}

const pricesOnly = ({ api }: Base): aws.iam.PolicyStatement[] => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/prices`),
];

cases("caller credentials next to a route without them", [
  {
    name: "caller of the other route only, two-step rule disabled",
    program: withCallerCredentials({ caller: pricesOnly, more: addPricesRoute }),
    config: { "iam-route-caller-lambda-invoke": "disabled" },
    expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
  },
  {
    name: "caller of the route with caller credentials, two-step rule disabled",
    program: withCallerCredentials({ caller: executeOnly, more: addPricesRoute }),
    config: { "iam-route-caller-lambda-invoke": "disabled" },
    expected: { "first-preview": ["unproven-access @ caller"], deployed: CALLER },
  },
  {
    name: "caller of the other route only, two-step rule enabled",
    program: withCallerCredentials({ caller: pricesOnly, more: addPricesRoute }),
    expected: {
      "first-preview": ["iam-route-caller-lambda-invoke @ caller", "unproven-access @ caller"],
      deployed: ["iam-route-caller-lambda-invoke @ caller"],
    },
  },
]);

cases("the credentials ARN in every partition", [
  ...["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"].map(
    (partition): Case => ({
      name: partition,
      program: withCallerCredentials({ caller: executeOnly }, `arn:${partition}:iam::*:user/*`),
      expected: CALLER,
    }),
  ),
  {
    name: "credentials with the backslashes from the SDK's documentation are not caller credentials",
    program: withCallerCredentials({ caller: executeOnly }, "arn:aws:iam::\\*:user/\\*"),
    only: [POLICY],
    expected: [],
  },
  {
    name: "credentials built from getPartition",
    program: restStack({
      permission: false,
      caller: executeOnly,
      integration: () => ({
        credentials: pulumi.interpolate`arn:${aws.getPartitionOutput().partition}:iam::*:user/*`,
      }),
    }),
    expected: CALLER,
  },
  {
    name: "aws-cn in a region of China",
    program: withCallerCredentials({ caller: executeOnly }, "arn:aws-cn:iam::*:user/*"),
    plan: { region: "cn-north-1" },
    expected: CALLER,
  },
]);

cases("caller credentials that always fail", [
  {
    name: "route without authorization",
    program: withCallerCredentials({ authorization: "NONE" }),
    expected: INTEGRATION,
    messageIncludes: ["is not IAM-authorized"],
  },
  {
    name: "route with a Lambda authorizer",
    program: withCallerCredentials({ authorization: "CUSTOM" }),
    expected: INTEGRATION,
  },
  {
    name: "route with a Cognito authorizer",
    program: withCallerCredentials({ authorization: "COGNITO_USER_POOLS" }),
    expected: INTEGRATION,
  },
  {
    name: "API with a RestApiPolicy",
    program: withCallerCredentials({
      more: ({ api }) => {
        new aws.apigateway.RestApiPolicy("resource-policy", {
          restApiId: api.id,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
            ],
          }),
        });
      },
    }),
    expected: INTEGRATION,
    messageIncludes: ["Caller provided credentials not allowed when resource policy is set"],
  },
  {
    name: "API with a RestApiPolicy that contains the API's ARN",
    program: withCallerCredentials({
      more: ({ api }) => {
        new aws.apigateway.RestApiPolicy("resource-policy", {
          restApiId: api.id,
          policy: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: "*",
                Action: "execute-api:Invoke",
                Resource: pulumi.interpolate`${api.executionArn}/*`,
              },
            ],
          } as never,
        });
      },
    }),
    expected: INTEGRATION,
  },
]);

const policyOfApi =
  (policy: string | undefined): (() => void) =>
  () => {
    const fn = new aws.lambda.Function("orders", {
      role: "arn:aws:iam::123456789012:role/x",
      runtime: "nodejs22.x",
      handler: "i.h",
      s3Bucket: "code",
      s3Key: "orders.zip",
    });
    const api = new aws.apigateway.RestApi("api", { ...(policy === undefined ? {} : { policy }) });
    const method = new aws.apigateway.Method("method", {
      restApi: api.id,
      resourceId: api.rootResourceId,
      httpMethod: "GET",
      authorization: "AWS_IAM",
    });
    new aws.apigateway.Integration("integration", {
      restApi: api.id,
      resourceId: method.resourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: fn.invokeArn,
      credentials: "arn:aws:iam::*:user/*",
    });
  };

cases("the policy argument of RestApi", [
  { name: "no policy argument", program: policyOfApi(undefined), expected: [] },
  { name: "empty policy argument", program: policyOfApi(""), expected: [] },
  {
    name: "policy argument with a document",
    program: policyOfApi(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}',
    ),
    expected: INTEGRATION,
  },
]);

cases("configuration", [
  {
    name: "exempt integration",
    program: withCallerCredentials({ authorization: "NONE" }),
    config: { [POLICY]: { exempt: [{ resource: "integration", reason: "legacy" }] } },
    expected: [],
  },
  {
    name: "declared caller without any grant",
    program: withCallerCredentials({ caller: false }),
    config: { [POLICY]: { callers: [{ principal: "caller", routes: ["GET /orders/{id}"] }] } },
    expected: CALLER,
  },
  {
    name: "whenUnknown: prove",
    program: withCallerCredentials({ caller: executeOnly }),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": ["unproven-access @ caller"], deployed: CALLER },
  },
]);
