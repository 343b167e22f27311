import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "integration-role-lambda-invoke";
const only = [POLICY, "unproven-access", "route-function-permission"];
const ROLE = [`${POLICY} @ gateway`];
const OPEN = ["unproven-access @ integration"];

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

cases("rights", [
  { name: "on the function", program: assuming(), expected: [] },
  {
    name: "on every function, by AWSLambdaRole",
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
    name: "none",
    program: assuming({ gatewayPolicy: () => [allow("logs:PutLogEvents", "*")] }),
    expected: ROLE,
    messageIncludes: ["which API Gateway assumes to invoke it", "lambda:InvokeFunction"],
  },
  {
    name: "on another function",
    program: assuming({
      gatewayPolicy: () => [
        allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:other"),
      ],
    }),
    expected: ROLE,
  },
  {
    name: "on every function, literally",
    program: assuming({ gatewayPolicy: () => [allow("lambda:InvokeFunction", "*")] }),
    expected: [],
  },
  {
    name: "on versions and aliases only",
    program: assuming({
      gatewayPolicy: ({ fn }) => [allow("lambda:InvokeFunction", pulumi.interpolate`${fn.arn}:*`)],
    }),
    expected: { "first-preview": [], deployed: ROLE },
  },
  {
    name: "denied",
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
    name: "by a policy of another stack",
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
    name: "by the function's resource policy",
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
    name: "a function outside the stack",
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

cases("trust", [
  {
    name: "another service",
    program: assuming({ gatewayTrust: trustOf("lambda.amazonaws.com") }),
    expected: ROLE,
    messageIncludes: ["does not trust API Gateway", "sts:AssumeRole"],
  },
  {
    name: "both services",
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
    name: "a deny",
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
    name: "an ARN of the account",
    program: assuming({ gatewayTrust: trust({ Principal: { AWS: "arn:aws:iam::123456789012:root" } }) }),
    expected: ROLE,
  },
  {
    name: "neither rights nor trust: one finding with both",
    program: assuming({
      gatewayTrust: trustOf("ec2.amazonaws.com"),
      gatewayPolicy: () => [allow("s3:GetObject", "*")],
    }),
    expected: ROLE,
    messageIncludes: ["not allowed lambda:InvokeFunction", "does not trust API Gateway"],
  },
]);

cases("which role", [
  {
    name: "by written ARN of a role of the stack",
    program: assuming(
      { gatewayPolicy: () => [allow("s3:GetObject", "*")] },
      () => "arn:aws:iam::123456789012:role/gateway",
    ),
    expected: ROLE,
  },
  {
    name: "by written ARN of the role, with rights",
    program: assuming({}, () => "arn:aws:iam::123456789012:role/gateway"),
    expected: [],
  },
  {
    name: "of another stack",
    program: assuming({}, () => "arn:aws:iam::123456789012:role/elsewhere"),
    expected: OPEN,
    messageIncludes: ["is not a role of this stack"],
  },
  {
    name: "looked up",
    program: assuming({}, () => aws.iam.getRoleOutput({ name: "elsewhere" }).arn),
    expected: OPEN,
  },
  {
    name: "in another account",
    program: assuming({}, () => "arn:aws:iam::999999999999:role/elsewhere"),
    expected: { "first-preview": OPEN, deployed: [`${POLICY} @ integration`] },
  },
  {
    name: "of the same name in another account",
    program: assuming({}, () => "arn:aws:iam::999999999999:role/gateway"),
    expected: { "first-preview": [], deployed: [`${POLICY} @ integration`] },
  },
  {
    name: "several routes of one role, once",
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
    name: "prove",
    program: assuming(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": ["unproven-access @ gateway"], deployed: [] },
  },
]);
