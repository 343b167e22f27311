import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { Native } from "../support/native";
import { allow, trustOf } from "../support/rest";

const POLICY = "service-integration-role";
const FOUND = [`${POLICY} @ integrations`];
const AT = "arn:aws:apigateway:us-east-1";

interface Given {
  readonly grants?: readonly aws.iam.PolicyStatement[];
  readonly uri?: pulumi.Input<string>;
  readonly service?: string;
  readonly role?: Partial<aws.iam.RoleArgs>;
  readonly integration?: Partial<aws.apigateway.IntegrationArgs>;
  readonly more?: (role: aws.iam.Role) => void;
}

function roleOf({ grants = [], service = "apigateway.amazonaws.com", role, more }: Given): aws.iam.Role {
  const made = new aws.iam.Role("integrations", {
    name: "integrations",
    assumeRolePolicy: trustOf(service),
    ...role,
  });
  if (grants.length > 0)
    new aws.iam.RolePolicy("policy", {
      role: made.name,
      policy: { Version: "2012-10-17", Statement: [...grants] },
    });
  more?.(made);
  return made;
}

const rest = (given: Given) => (): void => {
  const api = new aws.apigateway.RestApi("api");
  const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "POST" };
  new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
  new aws.apigateway.Integration("integration", {
    ...at,
    type: "AWS",
    integrationHttpMethod: "POST",
    uri: given.uri ?? `${AT}:states:action/StartExecution`,
    credentials: roleOf(given).arn,
    ...given.integration,
  });
};

const http = (integrationSubtype: string, given: Given) => (): void => {
  const api = new aws.apigatewayv2.Api("api", { protocolType: "HTTP" });
  new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationSubtype,
    credentialsArn: roleOf(given).arn,
  });
};

const native = (grants: readonly object[]) => (): void => {
  const api = new Native("apigateway:RestApi", "api", {}, ["restApiId", "rootResourceId"]);
  const role = new Native(
    "iam:Role",
    "integrations",
    {
      assumeRolePolicyDocument: trustOf("apigateway.amazonaws.com"),
      policies: [{ policyName: "p", policyDocument: { Version: "2012-10-17", Statement: grants } }],
    },
    ["arn"],
  );
  new Native("apigateway:Method", "method", {
    restApiId: api.output("restApiId"),
    resourceId: api.output("rootResourceId"),
    httpMethod: "POST",
    authorizationType: "NONE",
    integration: {
      type: "AWS",
      integrationHttpMethod: "POST",
      uri: `${AT}:events:action/PutEvents`,
      credentials: role.output("arn"),
    },
  });
};

const start = allow("states:StartExecution", "*");

const CASES: readonly Case[] = [
  { name: "the action", program: rest({ grants: [start] }), expected: [] },
  {
    name: "another action",
    program: rest({ grants: [allow("states:StopExecution", "*")] }),
    expected: FOUND,
    says: ["calls states:StartExecution as role"],
  },
  { name: "no policy", program: rest({}), expected: FOUND },
  { name: "a wildcard", program: rest({ grants: [allow("states:*", "*")] }), expected: [] },
  {
    name: "one resource",
    program: rest({ grants: [allow("states:StartExecution", "arn:aws:states:us-east-1:123456789012:x")] }),
    expected: [],
  },
  {
    name: "a deny",
    program: rest({ grants: [start, { Effect: "Deny", Action: "states:*", Resource: "*" }] }),
    expected: FOUND,
  },
  {
    name: "a role for Lambda",
    program: rest({ grants: [start], service: "lambda.amazonaws.com" }),
    expected: FOUND,
    says: ["does not trust API Gateway"],
  },
  {
    name: "a policy that is not shown at first",
    program: rest({
      more: (role) => {
        const queue = new aws.sqs.Queue("queue");
        new aws.iam.RolePolicy("send", {
          role: role.name,
          policy: { Version: "2012-10-17", Statement: [allow("sqs:SendMessage", queue.arn)] },
        });
      },
    }),
    expected: { "first-preview": [], deployed: FOUND },
  },
  {
    name: "a policy of AWS's",
    program: rest({ role: { managedPolicyArns: ["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess"] } }),
    expected: [],
  },
  {
    name: "a policy of AWS's, attached",
    program: rest({
      more: (role) => {
        new aws.iam.RolePolicyAttachment("aws", {
          role: role.name,
          policyArn: "arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess",
        });
      },
    }),
    expected: [],
  },
  {
    name: "a policy of AWS's of another role",
    program: rest({
      more: () => {
        new aws.iam.RolePolicyAttachment("aws", {
          role: "another",
          policyArn: "arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess",
        });
      },
    }),
    expected: FOUND,
  },
  {
    name: "a policy of another stack",
    program: rest({ role: { managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"] } }),
    expected: [],
  },
  {
    name: "an action that is not known",
    program: rest({ uri: `${AT}:sqs:action/ListQueues` }),
    expected: [],
  },
  {
    name: "a service that is not known",
    program: rest({ uri: `${AT}:ec2:action/RunInstances` }),
    expected: [],
  },
  { name: "no URI of API Gateway", program: rest({ uri: "constructor:toString" }), expected: [] },
  { name: "an HTTP integration", program: rest({ integration: { type: "HTTP" } }), expected: [] },
  {
    name: "a URI that is not shown",
    program: rest({
      uri: pulumi.interpolate`${AT}:states:action/${new aws.sns.Topic("topic").name}`,
    }),
    expected: [],
  },
  ...(
    [
      ["GET", "s3:GetObject"],
      ["PUT", "s3:PutObject"],
      ["DELETE", "s3:DeleteObject"],
    ] as const
  ).flatMap(([integrationHttpMethod, action]): Case[] => {
    const uri = `${AT}:s3:path/files/{key}`;
    const object = (resource: string) =>
      rest({ uri, integration: { integrationHttpMethod }, grants: [allow(action, resource)] });
    return [
      { name: `${action} on the bucket's objects`, program: object("arn:aws:s3:::files/*"), expected: [] },
      { name: `${action} on another bucket`, program: object("arn:aws:s3:::others/*"), expected: FOUND },
      { name: `${action} on the bucket alone`, program: object("arn:aws:s3:::files"), expected: FOUND },
    ];
  }),
  { name: "listing a bucket", program: rest({ uri: `${AT}:s3:path/files` }), expected: [] },
  {
    name: "HTTP API, the action",
    program: http("SQS-SendMessage", { grants: [allow("sqs:SendMessage", "*")] }),
    expected: [],
  },
  {
    name: "HTTP API, another action",
    program: http("SQS-SendMessage", { grants: [start] }),
    expected: FOUND,
  },
  { name: "HTTP API, no known subtype", program: http("toString", { grants: [start] }), expected: [] },
  { name: "aws-native, the action", program: native([allow("events:PutEvents", "*")]), expected: [] },
  { name: "aws-native, another action", program: native([start]), expected: FOUND },
];

describe(POLICY, () => runCases(CASES.map((one) => ({ ...one, only: [POLICY] }))));
