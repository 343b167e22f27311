import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { allow, trustOf } from "../support/rest";

const POLICY = "websocket-manage-connections";
const INVOKE = "iam-route-caller-lambda-invoke";
const only = [POLICY, INVOKE];

interface ProgramOptions {
  /** The grants of the handler's role, for the API's execution ARN. */
  readonly grants?: (arn: pulumi.Output<string>) => aws.iam.PolicyStatement[];
  readonly protocol?: "WEBSOCKET" | "HTTP";
  readonly authorization?: string;
  readonly trust?: string;
  readonly stages?: readonly string[];
  readonly role?: Partial<aws.iam.RoleArgs>;
  readonly more?: (role: aws.iam.Role) => void;
  /** The API's routes invoke another function. */
  readonly elsewhere?: true;
}

/** A WebSocket API whose `$connect` is IAM-authorized. */
const webSocketApi =
  ({
    grants,
    protocol = "WEBSOCKET",
    authorization = "AWS_IAM",
    stages = ["prod"],
    role: args,
    more,
    elsewhere,
  }: ProgramOptions) =>
  (): void => {
    const api = new aws.apigatewayv2.Api("chat", { protocolType: protocol });
    const role = new aws.iam.Role("handler", {
      name: "handler",
      assumeRolePolicy: trustOf("lambda.amazonaws.com"),
      ...args,
    });
    const Statement = grants?.(api.executionArn) ?? [];
    if (Statement.length > 0)
      new aws.iam.RolePolicy("post", { role: role.name, policy: { Version: "2012-10-17", Statement } });
    const handler = functionOf("handler", role.arn);
    const called = elsewhere
      ? functionOf(
          "other",
          new aws.iam.Role("other", { assumeRolePolicy: trustOf("lambda.amazonaws.com") }).arn,
        )
      : handler;
    const integration = new aws.apigatewayv2.Integration("integration", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: called.invokeArn,
    });
    const key = protocol === "HTTP" ? "GET /chat" : "$connect";
    new aws.apigatewayv2.Route("connect", {
      apiId: api.id,
      routeKey: key,
      target: pulumi.interpolate`integrations/${integration.id}`,
      authorizationType: authorization,
    });
    for (const name of stages) new aws.apigatewayv2.Stage(name, { apiId: api.id, name, autoDeploy: true });
    new aws.lambda.Permission("in", {
      action: "lambda:InvokeFunction",
      function: called.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*`,
    });
    more?.(role);
  };

function functionOf(name: string, role: pulumi.Input<string>): aws.lambda.Function {
  return new aws.lambda.Function(name, {
    role,
    runtime: "nodejs22.x",
    handler: "index.handler",
    s3Bucket: "code",
    s3Key: `${name}.zip`,
  });
}

const invokeGrants = (tail: string) => (arn: pulumi.Output<string>) => [
  allow("execute-api:Invoke", pulumi.interpolate`${arn}${tail}`),
];
const manageGrants = (tail: string) => (arn: pulumi.Output<string>) => [
  allow("execute-api:ManageConnections", pulumi.interpolate`${arn}${tail}`),
];
// A document with the API's ARN is unknown on a first preview.
const FOUND = { "first-preview": [], deployed: [`${POLICY} @ handler`] };

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => {
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["connect", "integration", "route", "post"],
      ),
    );
  });
}

cases("execution role of the API's function", [
  {
    name: "execute-api:Invoke only",
    program: webSocketApi({ grants: invokeGrants("/*") }),
    expected: FOUND,
    messageIncludes: ["function handler", "execute-api:ManageConnections is missing"],
  },
  {
    name: "execute-api:Invoke on connections",
    program: webSocketApi({ grants: invokeGrants("/prod/POST/@connections/*") }),
    expected: FOUND,
  },
  {
    name: "route without authorization",
    program: webSocketApi({ grants: invokeGrants("/*"), authorization: "NONE" }),
    expected: FOUND,
  },
  { name: "no grant on the API", program: webSocketApi({}), expected: [] },
  { name: "grant on the whole API", program: webSocketApi({ grants: manageGrants("/*") }), expected: [] },
  {
    name: "grant on @connections",
    program: webSocketApi({ grants: manageGrants("/prod/POST/@connections/*") }),
    expected: [],
  },
  {
    name: "grant on @connections in any stage",
    program: webSocketApi({ grants: manageGrants("/*/@connections/*") }),
    expected: [],
  },
  {
    name: "grant on DELETE @connections only",
    program: webSocketApi({ grants: manageGrants("/prod/DELETE/@connections/*") }),
    expected: [],
  },
  {
    name: "both actions",
    program: webSocketApi({ grants: (arn) => [allow("execute-api:*", pulumi.interpolate`${arn}/*`)] }),
    expected: [],
  },
  {
    name: "AmazonAPIGatewayInvokeFullAccess",
    program: webSocketApi({
      grants: invokeGrants("/*"),
      role: { managedPolicyArns: [aws.iam.ManagedPolicy.AmazonAPIGatewayInvokeFullAccess] },
    }),
    expected: [],
  },
  {
    name: "managed policy from another stack",
    program: webSocketApi({
      grants: invokeGrants("/*"),
      role: { managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"] },
    }),
    expected: [],
  },
]);

cases("resources that match no connection", [
  {
    name: "ARN without a method",
    program: webSocketApi({ grants: manageGrants("/prod/@connections/*") }),
    expected: FOUND,
    messageIncludes: ["allowed on a resource that matches none of its connections"],
  },
  { name: "bare execution ARN", program: webSocketApi({ grants: manageGrants("") }), expected: FOUND },
  {
    name: "another stage",
    program: webSocketApi({ grants: manageGrants("/dev/POST/@connections/*") }),
    expected: FOUND,
  },
  {
    name: "one of two stages",
    program: webSocketApi({ grants: manageGrants("/dev/POST/@connections/*"), stages: ["dev", "prod"] }),
    expected: [],
  },
  {
    name: "ARN of a route",
    program: webSocketApi({ grants: manageGrants("/prod/$connect") }),
    expected: FOUND,
  },
  {
    name: "Deny",
    program: webSocketApi({
      grants: (arn) => [
        ...manageGrants("/*")(arn),
        { Effect: "Deny", Action: "execute-api:Manage*", Resource: "*" },
      ],
    }),
    expected: FOUND,
  },
  {
    name: "function that no route calls",
    program: webSocketApi({ grants: manageGrants("/prod/@connections/*"), elsewhere: true }),
    expected: FOUND,
  },
  {
    name: "an HTTP API",
    program: webSocketApi({
      grants: manageGrants("/prod/@connections/*"),
      protocol: "HTTP",
      authorization: "NONE",
    }),
    expected: [],
  },
  {
    name: "another API",
    program: webSocketApi({
      grants: () => [
        allow("execute-api:ManageConnections", "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/x"),
      ],
    }),
    expected: [],
  },
]);

cases("the two-step rule", [
  {
    name: "applies to a role that is also used by a client",
    program: webSocketApi({
      grants: invokeGrants("/*"),
      more: (role) => void functionOf("client", role.arn),
    }),
    expected: { "first-preview": [], deployed: [`${POLICY} @ handler`, `${INVOKE} @ handler`] },
  },
  {
    name: "applies to a function that no route calls",
    program: webSocketApi({ grants: invokeGrants("/prod/$connect"), elsewhere: true }),
    expected: { "first-preview": [], deployed: [`${INVOKE} @ handler`] },
  },
]);

const native = (action: string, tail: string) => (): void => {
  const api = new Native("apigatewayv2:Api", "chat", { protocolType: "WEBSOCKET", name: "chat" }, ["apiId"]);
  const id = api.output("apiId");
  const role = new Native(
    "iam:Role",
    "handler",
    {
      assumeRolePolicyDocument: trustOf("lambda.amazonaws.com"),
      policies: [
        {
          policyName: "post",
          policyDocument: {
            Version: "2012-10-17",
            Statement: [
              allow(action, pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${id}${tail}`),
            ],
          },
        },
      ],
    },
    ["arn"],
  );
  const fn = new Native("lambda:Function", "fn", { role: role.output("arn"), code: {} }, ["arn"]);
  const integration = new Native(
    "apigatewayv2:Integration",
    "integration",
    {
      apiId: id,
      integrationType: "AWS_PROXY",
      integrationUri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.output("arn")}/invocations`,
    },
    ["integrationId"],
  );
  new Native("apigatewayv2:Route", "route", {
    apiId: id,
    routeKey: "$default",
    target: pulumi.interpolate`integrations/${integration.output("integrationId")}`,
  });
};

cases("aws-native", [
  {
    name: "aws-native, execute-api:Invoke only",
    program: native("execute-api:Invoke", "/*"),
    expected: [`${POLICY} @ handler`],
  },
  {
    name: "aws-native, execute-api:ManageConnections",
    program: native("execute-api:ManageConnections", "/*"),
    expected: [],
  },
]);
