import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "integration-role-lambda-invoke";
const only = [POLICY, "unproven-access", "route-function-permission"];
const ROLE = [`${POLICY} @ gateway`];
const UNPROVEN = ["unproven-access @ integration"];

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const assuming = (patch: Patch = {}, credentials?: (base: Base) => pulumi.Input<string>): (() => void) =>
  restStack({
    permission: false,
    integration: (base) => ({ credentials: credentials?.(base) ?? base.gateway.arn }),
    ...patch,
  });

const trust = (statement: Record<string, unknown>): aws.iam.PolicyDocument =>
  ({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "sts:AssumeRole",
        ...statement,
      },
    ],
  }) as never;

cases("role's permissions", [
  { name: "lambda:InvokeFunction on the function", program: assuming(), expected: [] },
  {
    name: "AWSLambdaRole",
    program: assuming({
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
      more: ({ gateway }) => {
        new aws.iam.RolePolicyAttachment("lambda", {
          role: gateway.name,
          policyArn: aws.iam.ManagedPolicy.AWSLambdaRole,
        });
      },
    }),
    expected: [],
  },
  {
    name: "no lambda:InvokeFunction",
    program: assuming({ gatewayPolicy: () => [allow("logs:PutLogEvents", "*")] }),
    expected: ROLE,
    messageIncludes: ["which API Gateway assumes to invoke it", "lambda:InvokeFunction"],
  },
  {
    name: "lambda:InvokeFunction on another function",
    program: assuming({
      gatewayPolicy: () => [
        allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:other"),
      ],
    }),
    expected: ROLE,
  },
  {
    name: "lambda:InvokeFunction on *",
    program: assuming({ gatewayPolicy: () => [allow("lambda:InvokeFunction", "*")] }),
    expected: [],
  },
  {
    name: "lambda:InvokeFunction on versions and aliases only",
    program: assuming({
      gatewayPolicy: ({ fn }) => [allow("lambda:InvokeFunction", pulumi.interpolate`${fn.arn}:*`)],
    }),
    expected: { "first-preview": [], deployed: ROLE },
  },
  {
    name: "Deny on lambda:InvokeFunction",
    program: assuming({
      gatewayPolicy: () => [
        allow("lambda:*", "*"),
        { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" },
      ],
    }),
    expected: ROLE,
    messageIncludes: ["exclude function orders from the Deny"],
  },
  {
    name: "attached policy from another stack",
    program: assuming({
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
      more: ({ gateway }) => {
        new aws.iam.RolePolicyAttachment("other", {
          role: gateway.name,
          policyArn: "arn:aws:iam::123456789012:policy/other",
        });
      },
    }),
    expected: ["unproven-access @ gateway"],
  },
  {
    name: "function's resource policy that allows the role",
    program: assuming({
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
      more: ({ fn }) => {
        new aws.lambda.Permission("for-role", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "arn:aws:iam::123456789012:role/gateway",
        });
      },
    }),
    expected: { "first-preview": ["unproven-access @ gateway"], deployed: [] },
  },
  {
    name: "lambda:InvokeFunction on a function outside the stack",
    program: assuming({
      caller: false,
      integration: ({ gateway }) => ({
        credentials: gateway.arn,
        uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:other/invocations",
      }),
      gatewayPolicy: () => [
        allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:other"),
      ],
    }),
    expected: [],
  },
]);

cases("role's trust policy", [
  {
    name: "another service",
    program: assuming({ gatewayTrust: trustOf("lambda.amazonaws.com") }),
    expected: ROLE,
    messageIncludes: ["does not trust API Gateway", "sts:AssumeRole"],
  },
  {
    name: "API Gateway and another service",
    program: assuming({
      gatewayTrust: trust({ Principal: { Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"] } }),
    }),
    expected: [],
  },
  { name: "sts:*", program: assuming({ gatewayTrust: trust({ Action: "sts:*" }) }), expected: [] },
  {
    name: "sts:TagSession only",
    program: assuming({ gatewayTrust: trust({ Action: "sts:TagSession" }) }),
    expected: ROLE,
  },
  {
    name: "aws:SourceAccount, which API Gateway does not send",
    program: assuming({
      gatewayTrust: trust({ Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }),
    }),
    expected: ROLE,
  },
  {
    name: "aws:SourceArn, which is not documented",
    program: assuming({
      gatewayTrust: trust({
        Condition: { ArnLike: { "aws:SourceArn": "arn:aws:execute-api:us-east-1:123456789012:*" } },
      }),
    }),
    expected: ["unproven-access @ gateway"],
  },
  {
    name: "Deny",
    program: assuming({
      gatewayTrust: {
        Version: "2012-10-17",
        Statement: [
          ...(trust({}).Statement as []),
          { Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
        ],
      } as never,
    }),
    expected: ROLE,
  },
  {
    name: "account root",
    program: assuming({ gatewayTrust: trust({ Principal: { AWS: "arn:aws:iam::123456789012:root" } }) }),
    expected: ROLE,
  },
  {
    name: "neither lambda:InvokeFunction nor trust, in one finding",
    program: assuming({
      gatewayTrust: trustOf("ec2.amazonaws.com"),
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
    }),
    expected: ROLE,
    messageIncludes: ["not allowed lambda:InvokeFunction", "does not trust API Gateway"],
  },
]);

cases("credentials", [
  {
    name: "literal ARN of a role without lambda:InvokeFunction",
    program: assuming(
      { gatewayPolicy: () => [allow("s3:GetObject", "*")] },
      () => "arn:aws:iam::123456789012:role/gateway",
    ),
    expected: ROLE,
  },
  {
    name: "literal ARN of a role with lambda:InvokeFunction",
    program: assuming({}, () => "arn:aws:iam::123456789012:role/gateway"),
    expected: [],
  },
  {
    name: "role outside the stack",
    program: assuming({}, () => "arn:aws:iam::123456789012:role/elsewhere"),
    expected: UNPROVEN,
    messageIncludes: ["is not a role of this stack"],
  },
  {
    name: "role that is looked up",
    program: assuming({}, () => aws.iam.getRoleOutput({ name: "elsewhere" }).arn),
    expected: UNPROVEN,
  },
  {
    name: "role in another account",
    program: assuming({}, () => "arn:aws:iam::999999999999:role/elsewhere"),
    expected: { "first-preview": UNPROVEN, deployed: [`${POLICY} @ integration`] },
  },
  {
    name: "role with the same name in another account",
    program: assuming({}, () => "arn:aws:iam::999999999999:role/gateway"),
    expected: { "first-preview": [], deployed: [`${POLICY} @ integration`] },
  },
  {
    name: "three routes with one role, in one finding",
    program: assuming({
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
      more: ({ api, fn, gateway, resource }) => {
        for (const httpMethod of ["POST", "PUT"]) {
          new aws.apigateway.Method(`method-${httpMethod}`, {
            restApi: api.id,
            resourceId: resource.id,
            httpMethod,
            authorization: "AWS_IAM",
          });
          new aws.apigateway.Integration(`integration-${httpMethod}`, {
            restApi: api.id,
            resourceId: resource.id,
            httpMethod,
            type: "AWS_PROXY",
            integrationHttpMethod: "POST",
            uri: fn.invokeArn,
            credentials: gateway.arn,
          });
        }
      },
    }),
    expected: ROLE,
    messageIncludes: ["GET /orders/{id}, POST /orders/{id} and PUT /orders/{id}"],
  },
]);

cases("configuration", [
  {
    name: "whenUnknown: prove",
    program: assuming(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": ["unproven-access @ gateway"], deployed: [] },
  },
]);
