import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { type Case, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { allow, trustOf } from "../support/rest";

const POLICY = "service-integration-role";
const FOUND = [`${POLICY} @ integrations`];
const AT = "arn:aws:apigateway:us-east-1";

type Integration = Partial<aws.apigateway.IntegrationArgs>;

interface Options {
  readonly grants?: readonly aws.iam.PolicyStatement[];
  readonly uri?: pulumi.Input<string>;
  readonly service?: string;
  readonly role?: Partial<aws.iam.RoleArgs>;
  readonly integration?: Integration | (() => Integration);
  readonly more?: (role: aws.iam.Role) => void;
}

function roleOf({ grants = [], service = "apigateway.amazonaws.com", role, more }: Options): aws.iam.Role {
  const integrationRole = new aws.iam.Role("integrations", {
    name: "integrations",
    assumeRolePolicy: trustOf(service),
    ...role,
  });
  if (grants.length > 0)
    new aws.iam.RolePolicy("policy", {
      role: integrationRole.name,
      policy: { Version: "2012-10-17", Statement: [...grants] },
    });
  more?.(integrationRole);
  return integrationRole;
}

const rest = (options: Options) => (): void => {
  const api = new aws.apigateway.RestApi("api");
  const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "POST" };
  new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
  new aws.apigateway.Integration("integration", {
    ...at,
    type: "AWS",
    integrationHttpMethod: "POST",
    uri: options.uri ?? `${AT}:states:action/StartExecution`,
    credentials: roleOf(options).arn,
    ...(typeof options.integration === "function" ? options.integration() : options.integration),
  });
};

/** The queue and the bucket in the URIs of these programs. */
function jobs(): aws.sqs.Queue {
  new aws.s3.Bucket("files", { bucket: "files" });
  return new aws.sqs.Queue("jobs", { name: "jobs" });
}

const http = (integrationSubtype: string, options: Options) => (): void => {
  const api = new aws.apigatewayv2.Api("api", { protocolType: "HTTP" });
  new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationSubtype,
    credentialsArn: roleOf(options).arn,
    requestParameters: { QueueUrl: jobs().url },
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
      requestTemplates: {
        "application/json": new Native("events:EventBus", "bus", {}, ["arn"]).output("arn"),
      },
      credentials: role.output("arn"),
    },
  });
};

const start = allow("states:StartExecution", "*");

const CASES: readonly Case[] = [
  { name: "role with the action", program: rest({ grants: [start] }), expected: [] },
  {
    name: "role with another action",
    program: rest({ grants: [allow("states:StopExecution", "*")] }),
    expected: FOUND,
    messageIncludes: ["calls states:StartExecution as role"],
  },
  { name: "role without a policy", program: rest({}), expected: FOUND },
  {
    name: "role with a wildcard in the action",
    program: rest({ grants: [allow("states:*", "*")] }),
    expected: [],
  },
  {
    name: "role with the action on one resource",
    program: rest({ grants: [allow("states:StartExecution", "arn:aws:states:us-east-1:123456789012:x")] }),
    expected: [],
  },
  {
    name: "role with a Deny",
    program: rest({ grants: [start, { Effect: "Deny", Action: "states:*", Resource: "*" }] }),
    expected: FOUND,
  },
  {
    name: "role that trusts Lambda only",
    program: rest({ grants: [start], service: "lambda.amazonaws.com" }),
    expected: FOUND,
    messageIncludes: ["does not trust API Gateway"],
  },
  {
    name: "role with a policy that depends on a new queue",
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
    name: "role with an AWS managed policy",
    program: rest({ role: { managedPolicyArns: ["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess"] } }),
    expected: [],
  },
  {
    name: "role with an attached AWS managed policy",
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
    name: "AWS managed policy attached to another role",
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
    name: "role with a managed policy from another stack",
    program: rest({ role: { managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"] } }),
    expected: [],
  },
  {
    name: "unsupported action",
    program: rest({ uri: `${AT}:sqs:action/ListQueues` }),
    expected: [],
  },
  {
    name: "unsupported service",
    program: rest({ uri: `${AT}:ec2:action/RunInstances` }),
    expected: [],
  },
  {
    name: "URI that is not an API Gateway ARN",
    program: rest({ uri: "constructor:toString" }),
    expected: [],
  },
  { name: "HTTP integration", program: rest({ integration: { type: "HTTP" } }), expected: [] },
  {
    name: "unknown URI",
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
      rest({
        uri,
        integration: { integrationHttpMethod },
        grants: [allow(action, resource)],
        more: () => void jobs(),
      });
    return [
      {
        name: `role with ${action} on the bucket's objects`,
        program: object("arn:aws:s3:::files/*"),
        expected: [],
      },
      {
        name: `role with ${action} on another bucket`,
        program: object("arn:aws:s3:::others/*"),
        expected: FOUND,
      },
      {
        name: `role with ${action} on the bucket only`,
        program: object("arn:aws:s3:::files"),
        expected: FOUND,
      },
    ];
  }),
  { name: "integration that lists a bucket", program: rest({ uri: `${AT}:s3:path/files` }), expected: [] },
  {
    name: "HTTP API, role with the action",
    program: http("SQS-SendMessage", { grants: [allow("sqs:SendMessage", "*")] }),
    expected: [],
  },
  {
    name: "HTTP API, role with another action",
    program: http("SQS-SendMessage", { grants: [start] }),
    expected: FOUND,
  },
  {
    name: "HTTP API, unknown integration subtype",
    program: http("toString", { grants: [start] }),
    expected: [],
  },
  {
    name: "aws-native, role with the action",
    program: native([allow("events:PutEvents", "*")]),
    expected: [],
  },
  { name: "aws-native, role with another action", program: native([start]), expected: FOUND },
];

const QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs";
const JOBS = `${AT}:sqs:path/123456789012/jobs`;
const CREATES = ["integration", "method"];
const send = (resource: string) => [allow("sqs:SendMessage", resource)];
const QUERY = { requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$input.body" } };

/** Properties that can contain the action of a request to a path. */
const ACTIONS: Readonly<Record<string, Partial<aws.apigateway.IntegrationArgs>>> = {
  "a mapping template": QUERY,
  "a mapping template with several lines": {
    requestTemplates: {
      "application/json": "#set($body = $util.urlEncode($input.body))\nAction=SendMessage&MessageBody=$body",
    },
  },
  "the query string": { requestParameters: { "integration.request.querystring.Action": "'SendMessage'" } },
  "the JSON protocol": {
    requestParameters: { "integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'" },
  },
};

const table = (): aws.dynamodb.Table =>
  new aws.dynamodb.Table("items", {
    attributes: [{ name: "id", type: "S" }],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
  });

const inBody = (grants: readonly aws.iam.PolicyStatement[], kind: "REST" | "HTTP") => (): void => {
  const role = roleOf({ grants });
  const queue = jobs();
  const integration =
    kind === "REST"
      ? { type: "aws", httpMethod: "POST", uri: JOBS, credentials: "ROLE", ...QUERY }
      : { type: "aws_proxy", integrationSubtype: "SQS-SendMessage", credentials: "ROLE" };
  const body = pulumi.all([role.arn, queue.url]).apply(([arn, QueueUrl]) =>
    JSON.stringify({
      openapi: "3.0.1",
      paths: {
        "/jobs": {
          post: {
            "x-amazon-apigateway-integration": {
              ...integration,
              credentials: arn,
              ...(kind === "HTTP" ? { requestParameters: { QueueUrl } } : {}),
            },
          },
        },
      },
    }),
  );
  if (kind === "REST") new aws.apigateway.RestApi("api", { body });
  else new aws.apigatewayv2.Api("api", { protocolType: "HTTP", body });
};

const webSocket = (options: Options) => (): void => {
  const api = new aws.apigatewayv2.Api("api", {
    protocolType: "WEBSOCKET",
    routeSelectionExpression: "$request.body.action",
  });
  new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS",
    integrationMethod: "POST",
    integrationUri: options.uri ?? JOBS,
    credentialsArn: roleOf({ ...options, more: () => void jobs() }).arn,
    requestTemplates: { $default: "Action=SendMessage&MessageBody=$input.body" },
  });
};

const path = (name: string, options: Options, expected: Case["expected"]): Case => ({
  name,
  program: rest({ uri: JOBS, integration: QUERY, more: () => void jobs(), ...options }),
  expected,
  update: { creates: CREATES, expected: Array.isArray(expected) ? expected : [] },
});

const PATHS: readonly Case[] = [
  ...Object.entries(ACTIONS).flatMap(([name, integration]): Case[] => [
    path(`SendMessage in ${name}, allowed`, { integration, grants: send(QUEUE) }, []),
    path(`SendMessage in ${name}, another action`, { integration, grants: [start] }, FOUND),
  ]),
  path("grant on another queue", { grants: send("arn:aws:sqs:us-east-1:123456789012:others") }, FOUND),
  path(
    "grant on a queue in another region",
    { grants: send("arn:aws:sqs:eu-west-1:123456789012:jobs") },
    FOUND,
  ),
  path(
    "grant on a queue in another account",
    { grants: send("arn:aws:sqs:us-east-1:111122223333:jobs") },
    FOUND,
  ),
  path("path with the queue's name only", { uri: `${AT}:sqs:path/jobs`, grants: send(QUEUE) }, []),
  path(
    "path with the queue's name only, grant on another queue",
    { uri: `${AT}:sqs:path/jobs`, grants: send(`${QUEUE}s`) },
    FOUND,
  ),
  path("path without a queue", { uri: `${AT}:sqs:path/`, grants: send(QUEUE) }, []),
  path("path with a path parameter", { uri: `${AT}:sqs:path/123456789012/{queue}`, grants: send(QUEUE) }, []),
  path("path with too many segments", { uri: `${AT}:sqs:path/a/b/c`, grants: send(QUEUE) }, []),
  path("request without an action", { integration: {} }, []),
  path(
    "request with two actions",
    { integration: { requestTemplates: { "application/json": "Action=SendMessage&Action=PurgeQueue" } } },
    [],
  ),
  path("unsupported action", { integration: { requestTemplates: { x: "Action=toString" } } }, []),
  path("list in place of mapping templates", { integration: { requestTemplates: ["Action"] as never } }, []),
  path(
    "SNS path without the permission",
    {
      uri: `${AT}:sns:path//`,
      integration: () => ({
        requestParameters: {
          "integration.request.querystring.Action": "'Publish'",
          "integration.request.querystring.TopicArn": pulumi.interpolate`'${new aws.sns.Topic("topic").arn}'`,
        },
      }),
    },
    FOUND,
  ),
  path(
    "DynamoDB path with another action",
    {
      uri: `${AT}:dynamodb:path//`,
      integration: () => ({
        requestParameters: { "integration.request.header.X-Amz-Target": "'DynamoDB_20120810.PutItem'" },
        requestTemplates: { "application/json": table().name },
      }),
      grants: [allow("dynamodb:GetItem", "*")],
    },
    FOUND,
  ),
  ...(["REST", "HTTP"] as const).flatMap((kind): Case[] => [
    { name: `body of a ${kind} API, role with the action`, program: inBody(send(QUEUE), kind), expected: [] },
    {
      name: `body of a ${kind} API, role with another action`,
      program: inBody([start], kind),
      expected: { "first-preview": [], deployed: FOUND },
    },
  ]),
  { name: "WebSocket API, role with the action", program: webSocket({ grants: send(QUEUE) }), expected: [] },
  {
    name: "WebSocket API, role with another action",
    program: webSocket({ grants: [start] }),
    expected: FOUND,
    update: { creates: ["integration"], expected: FOUND },
  },
];

const UNPROVEN = ["unproven-access @ integrations"];
const joined = (resource: () => pulumi.Input<string>, options: Options = {}) =>
  rest({
    uri: JOBS,
    integration: QUERY,
    ...options,
    more: (role) => {
      new aws.iam.RolePolicy("joined", {
        role: role.name,
        policy: { Version: "2012-10-17", Statement: [allow("sqs:SendMessage", resource())] },
      });
    },
  });

const UNPROVEN_CASES: readonly Case[] = [
  {
    name: "role with a document that depends on a queue",
    program: joined(() => new aws.sqs.Queue("queue", { name: "jobs" }).arn),
    expected: [],
    update: { creates: ["queue", "joined"], expected: [] },
  },
  {
    name: "role with a document that depends on a parameter",
    program: joined(() => {
      jobs();
      return new aws.ssm.Parameter("parameter", { type: "String", value: QUEUE }).arn;
    }),
    expected: { "first-preview": UNPROVEN, deployed: FOUND },
    messageIncludes: ["integrations"],
  },
  {
    name: "role with a managed policy from another stack",
    program: rest({ role: { managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"] } }),
    expected: UNPROVEN,
    update: { creates: CREATES, expected: UNPROVEN },
    messageIncludes: ['could not determine whether role "integrations" is allowed states:StartExecution'],
  },
  {
    name: "role with a trust policy that depends on a new topic",
    program: () =>
      rest({
        grants: [start],
        role: {
          assumeRolePolicy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "apigateway.amazonaws.com" },
                Action: "sts:AssumeRole",
                Condition: { ArnLike: { "aws:SourceArn": new aws.sns.Topic("topic").arn } },
              },
            ],
          }),
        },
      })(),
    expected: UNPROVEN,
    messageIncludes: ["trusts API Gateway"],
  },
];

/** A resource-based policy of the called resource, for the principals `to`. */
const resourcePolicy = (
  action: string,
  to: object | "*",
  more: { readonly Effect?: string; readonly Condition?: object } = {},
) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: to, Action: action, Resource: "*", ...more }],
  });

const statementOn = (Effect: string, Principal: object, Action: string, Resource: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Principal, Action, Resource }] });

const ROLE = { AWS: "arn:aws:iam::123456789012:role/integrations" };
// While the account is unknown, the role may be in another one.
const ALLOWED = { "first-preview": UNPROVEN, deployed: [] };
const OTHER_ROLE = { AWS: "arn:aws:iam::123456789012:role/someone" };

/** A role with these grants, and a queue with this policy. */
const queueWith = (
  policy: string | undefined,
  args: Partial<aws.sqs.QueueArgs> = {},
  grants: Options["grants"] = [],
) =>
  rest({
    uri: JOBS,
    integration: QUERY,
    grants,
    more: () => {
      const queue = new aws.sqs.Queue("jobs", { name: "jobs", ...args });
      if (policy !== undefined) new aws.sqs.QueuePolicy("policy", { queueUrl: queue.url, policy });
    },
  });

const onTopic = (policy: (topic: aws.sns.Topic) => unknown) =>
  rest({
    uri: `${AT}:sns:path//`,
    integration: () => {
      const topic = new aws.sns.Topic("topic");
      policy(topic);
      return {
        requestParameters: {
          "integration.request.querystring.Action": "'Publish'",
          "integration.request.querystring.TopicArn": pulumi.interpolate`'${topic.arn}'`,
        },
      };
    },
  });

const onBucket = (policy: (bucket: aws.s3.Bucket) => unknown) =>
  rest({
    uri: `${AT}:s3:path/files/{key}`,
    integration: { integrationHttpMethod: "PUT" },
    more: () => void policy(new aws.s3.Bucket("files", { bucket: "files" })),
  });

const onBus = (policy: (bus: aws.cloudwatch.EventBus) => unknown, bus: "own" | "default" = "own") =>
  rest({
    uri: `${AT}:events:action/PutEvents`,
    integration: () => {
      const eventBus = new aws.cloudwatch.EventBus("bus");
      policy(eventBus);
      return bus === "own" ? { requestTemplates: { "application/json": eventBus.name } } : {};
    },
  });

const BY_RESOURCE: readonly Case[] = [
  { name: "queue without a policy", program: queueWith(undefined), expected: FOUND },
  {
    name: "QueuePolicy that allows the role",
    program: queueWith(resourcePolicy("sqs:SendMessage", ROLE)),
    expected: ALLOWED,
  },
  {
    name: "queue's policy argument that allows the role",
    program: queueWith(undefined, { policy: resourcePolicy("sqs:*", ROLE) }),
    expected: ALLOWED,
  },
  { name: "queue policy for everyone", program: queueWith(resourcePolicy("sqs:*", "*")), expected: [] },
  {
    name: "queue policy for the account",
    program: queueWith(resourcePolicy("sqs:SendMessage", { AWS: "123456789012" })),
    expected: FOUND,
  },
  {
    name: "queue policy for another role",
    program: queueWith(resourcePolicy("sqs:SendMessage", OTHER_ROLE)),
    expected: FOUND,
    messageIncludes: ["this stack has none"],
  },
  {
    name: "queue policy for another action",
    program: queueWith(resourcePolicy("sqs:ReceiveMessage", ROLE)),
    expected: FOUND,
  },
  {
    name: "queue policy for the API Gateway service",
    program: queueWith(resourcePolicy("sqs:SendMessage", { Service: "apigateway.amazonaws.com" })),
    expected: FOUND,
  },
  {
    name: "queue policy with another service's source ARN",
    program: queueWith(
      resourcePolicy("sqs:SendMessage", "*", {
        Condition: { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:*" } },
      }),
    ),
    expected: FOUND,
  },
  {
    name: "queue policy with a condition on request data",
    program: queueWith(
      resourcePolicy("sqs:SendMessage", ROLE, { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }),
    ),
    expected: UNPROVEN,
  },
  {
    name: "queue policy, role with a Deny",
    program: queueWith(resourcePolicy("sqs:SendMessage", ROLE), {}, [
      { Effect: "Deny", Action: "sqs:*", Resource: "*" },
    ]),
    expected: FOUND,
  },
  {
    name: "policy on another queue",
    program: rest({
      uri: JOBS,
      integration: QUERY,
      more: () => {
        jobs();
        const { url } = new aws.sqs.Queue("others", { name: "others" });
        new aws.sqs.QueuePolicy("policy", { queueUrl: url, policy: resourcePolicy("sqs:SendMessage", ROLE) });
      },
    }),
    expected: FOUND,
  },
  {
    name: "bucket policy for the objects",
    program: onBucket((bucket) => {
      const policy = statementOn("Allow", ROLE, "s3:PutObject", "arn:aws:s3:::files/*");
      return new aws.s3.BucketPolicy("policy", { bucket: bucket.bucket, policy });
    }),
    expected: ALLOWED,
  },
  {
    name: "bucket policy for the bucket only",
    program: onBucket((bucket) => {
      const policy = statementOn("Allow", ROLE, "s3:PutObject", "arn:aws:s3:::files");
      return new aws.s3.BucketPolicy("policy", { bucket: bucket.bucket, policy });
    }),
    expected: FOUND,
  },
  {
    name: "queue policy with a Deny for everyone, role with the action",
    program: queueWith(resourcePolicy("sqs:*", "*", { Effect: "Deny" }), {}, [allow("sqs:SendMessage", "*")]),
    expected: FOUND,
    messageIncludes: ["which is denied that action", "explicit deny"],
  },
  {
    name: "queue policy with a Deny without TLS",
    program: queueWith(
      resourcePolicy("sqs:*", "*", {
        Effect: "Deny",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      {},
      [allow("sqs:SendMessage", "*")],
    ),
    expected: [],
  },
  {
    name: "queue policy with a Deny outside an organization",
    program: queueWith(
      resourcePolicy("sqs:*", "*", {
        Effect: "Deny",
        Condition: { StringNotEquals: { "aws:PrincipalOrgID": "o-1234567890" } },
      }),
      {},
      [allow("sqs:SendMessage", "*")],
    ),
    expected: [],
  },
  {
    name: "queue policy with a Deny on another action",
    program: queueWith(resourcePolicy("sqs:DeleteMessage", "*", { Effect: "Deny" }), {}, [
      allow("sqs:SendMessage", "*"),
    ]),
    expected: [],
  },
  {
    name: "role with a policy that depends on a new queue",
    program: rest({
      uri: JOBS,
      integration: QUERY,
      more: (role) => {
        const queue = new aws.sqs.Queue("jobs", { name: "jobs" });
        new aws.sqs.QueuePolicy("policy", {
          queueUrl: queue.url,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { AWS: role.arn },
                Action: "sqs:SendMessage",
                Resource: queue.arn,
              },
            ],
          }),
        });
      },
    }),
    expected: { "first-preview": UNPROVEN, deployed: [] },
    update: { creates: ["policy"], expected: [] },
  },
  {
    name: "queue in another stack",
    program: rest({ uri: `${AT}:sqs:path/123456789012/elsewhere`, integration: QUERY }),
    expected: UNPROVEN,
    messageIncludes: ["the policy of the resource that sqs:SendMessage is called on"],
  },
  {
    name: "topic without a policy",
    program: onTopic(() => {}),
    expected: FOUND,
  },
  {
    name: "topic with SNS's default policy",
    program: onTopic(({ arn }) => {
      new aws.sns.TopicPolicy("policy", {
        arn,
        policy: resourcePolicy(
          "SNS:Publish",
          { AWS: "*" },
          {
            Condition: { StringEquals: { "AWS:SourceOwner": "123456789012" } },
          },
        ),
      });
    }),
    expected: FOUND,
  },
  {
    name: "topic policy that allows the role",
    program: onTopic(
      ({ arn }) => new aws.sns.TopicPolicy("policy", { arn, policy: resourcePolicy("sns:Publish", ROLE) }),
    ),
    expected: ALLOWED,
  },
  {
    name: "bucket policy that allows the role",
    program: onBucket(
      ({ bucket }) =>
        new aws.s3.BucketPolicy("policy", { bucket, policy: resourcePolicy("s3:PutObject", ROLE) }),
    ),
    expected: ALLOWED,
  },
  {
    name: "bucket policy for reading only",
    program: onBucket(
      ({ bucket }) =>
        new aws.s3.BucketPolicy("policy", { bucket, policy: resourcePolicy("s3:GetObject", ROLE) }),
    ),
    expected: FOUND,
  },
  {
    name: "event bus policy that allows the role",
    program: onBus(
      ({ name }) =>
        new aws.cloudwatch.EventBusPolicy("policy", {
          eventBusName: name,
          policy: resourcePolicy("events:PutEvents", ROLE),
        }),
    ),
    expected: ALLOWED,
  },
  {
    name: "event bus permission for everyone",
    program: onBus(
      ({ name }) =>
        new aws.cloudwatch.EventPermission("policy", {
          eventBusName: name,
          principal: "*",
          statementId: "Everyone",
        }),
    ),
    expected: [],
  },
  { name: "event bus without a policy", program: onBus(() => {}), expected: FOUND },
  { name: "default event bus", program: onBus(() => {}, "default"), expected: UNPROVEN },
  {
    name: "table policy that allows the role",
    program: rest({
      uri: `${AT}:dynamodb:action/PutItem`,
      integration: () => {
        const { name, arn } = table();
        new aws.dynamodb.ResourcePolicy("policy", {
          resourceArn: arn,
          policy: resourcePolicy("dynamodb:PutItem", ROLE),
        });
        return { requestTemplates: { "application/json": name } };
      },
    }),
    expected: ALLOWED,
  },
  {
    name: "stream policy that allows the role",
    program: rest({
      uri: `${AT}:kinesis:action/PutRecord`,
      integration: () => {
        const { name, arn } = new aws.kinesis.Stream("stream", { shardCount: 1 });
        new aws.kinesis.ResourcePolicy("policy", {
          resourceArn: arn,
          policy: resourcePolicy("kinesis:PutRecord", ROLE),
        });
        return { requestTemplates: { "application/json": name } };
      },
    }),
    expected: ALLOWED,
  },
  {
    name: "Step Functions, which has no resource-based policies",
    program: rest({ more: () => void jobs() }),
    expected: FOUND,
  },
];

describe(POLICY, () => {
  runCases(CASES.map((testCase) => ({ ...testCase, only: [POLICY] })));
  describe("path integrations", () => runCases(PATHS.map((testCase) => ({ ...testCase, only: [POLICY] }))));
  describe("resource-based policy of the called resource", () =>
    runCases(
      withUpdate(
        BY_RESOURCE.map((testCase) => ({ ...testCase, only: [POLICY, "unproven-access"] })),
        CREATES,
      ),
    ));
  describe("unproven", () =>
    runCases(UNPROVEN_CASES.map((testCase) => ({ ...testCase, only: [POLICY, "unproven-access"] }))));
  it("reports nothing if the resource depends on the request", () =>
    assertNoFindings({
      grants: [allow("states:StartExecution", "arn:aws:states:us-east-1:123456789012:x")],
    }));
});

async function assertNoFindings(options: Options): Promise<void> {
  const found = await check(await plan(rest(options), { as: "deployed" }));
  assert.deepEqual(
    found.map(({ policy }) => policy).filter((policy) => policy === "unproven-access" || policy === POLICY),
    [],
  );
}
