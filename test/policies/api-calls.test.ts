import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { allow, type Base, type Patch, restStack, trustOf } from "../support/rest";

/**
 * Resources of the stack that call a route with a role's credentials. The role is an intended caller of the route.
 */
const EXECUTE = "caller-execute-api-invoke";
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const only = [EXECUTE, INVOKE, CREDENTIALS, "unproven-access"];

type Grants = (base: Base) => aws.iam.PolicyStatement[];

function serviceRole(base: Base, service: string, grants: Grants): aws.iam.Role {
  const role = new aws.iam.Role("maker", { name: "maker", assumeRolePolicy: trustOf(service) });
  const Statement = grants(base);
  if (Statement.length > 0)
    new aws.iam.RolePolicy("maker-policy", { role: role.name, policy: { Version: "2012-10-17", Statement } });
  return role;
}

interface Target {
  readonly grants?: Grants;
  readonly tail?: string;
  readonly role?: string;
  readonly stack?: Patch;
}

/** A rule with the API as its target. */
const target = ({ grants = bothGrants, tail = "/prod/GET/orders/*", role, stack = {} }: Target) =>
  restStack({
    ...stack,
    more: (base) => {
      stack.more?.(base);
      const callerRole = role === undefined ? serviceRole(base, "events.amazonaws.com", grants) : undefined;
      const rule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" });
      new aws.cloudwatch.EventTarget("target", {
        rule: rule.name,
        arn: pulumi.interpolate`${base.api.executionArn}${tail}`,
        roleArn: callerRole?.arn ?? role,
      });
    },
  });

const executeGrants: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
];
const invokeGrants: Grants = ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)];
const bothGrants: Grants = (base) => [...executeGrants(base), ...invokeGrants(base)];
const noGrants: Grants = () => [];
const DENIED = [`${EXECUTE} @ maker`];
/** The target's route is unknown on a first preview, and therefore also the function that the role must invoke. */
const BOTH_DENIED = { "first-preview": DENIED, deployed: [...DENIED, `${INVOKE} @ maker`] };
const callerCredentials = {
  permission: false as const,
  integration: () => ({ credentials: "arn:aws:iam::*:user/*" }),
};

function cases(title: string, rows: readonly Case[]): void {
  describe(`callers that are services: ${title}`, () =>
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["target", "pipe", "machine"],
      ),
    ));
}

cases("EventBridge target with a role", [
  { name: "role with both actions", program: target({}), expected: [] },
  {
    name: "role with neither action",
    program: target({ grants: noGrants }),
    expected: BOTH_DENIED,
    messageIncludes: ["EventTarget target makes the call", "intended to call GET /orders/{id}"],
  },
  { name: "role without execute-api:Invoke", program: target({ grants: invokeGrants }), expected: DENIED },
  {
    name: "role without lambda:InvokeFunction",
    program: target({ grants: executeGrants }),
    expected: [`${INVOKE} @ maker`],
  },
  {
    name: "role with execute-api:Invoke on another route only",
    program: target({
      grants: (base) => [
        allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/*/POST/*`),
        ...invokeGrants(base),
      ],
    }),
    expected: { "first-preview": [], deployed: DENIED },
  },
  {
    name: "role with execute-api:Invoke on another stage only",
    program: target({
      grants: (base) => [
        allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/dev/*`),
        ...invokeGrants(base),
      ],
    }),
    expected: { "first-preview": [], deployed: DENIED },
  },
  {
    name: "role with a Deny on execute-api",
    program: target({
      grants: (base) => [...bothGrants(base), { Effect: "Deny", Action: "execute-api:*", Resource: "*" }],
    }),
    expected: { "first-preview": [], deployed: DENIED },
  },
  {
    name: "caller credentials, role without lambda:InvokeFunction",
    program: target({ grants: executeGrants, stack: callerCredentials }),
    expected: [`${CREDENTIALS} @ maker`],
  },
  {
    name: "caller credentials, role with both actions",
    program: target({ stack: callerCredentials }),
    expected: [],
  },
  {
    name: "route without IAM authorization",
    program: target({ grants: noGrants, stack: { authorization: "NONE" } }),
    expected: [],
  },
  {
    name: "path that matches no route",
    program: target({ grants: noGrants, tail: "/prod/GET/prices" }),
    expected: { "first-preview": DENIED, deployed: [] },
  },
  {
    name: "wildcard for the method in the target",
    program: target({ grants: noGrants, tail: "/prod/*/orders/*" }),
    expected: BOTH_DENIED,
  },
  {
    name: "role outside the stack",
    program: target({ role: "arn:aws:iam::123456789012:role/elsewhere" }),
    expected: ["unproven-access @ orders-api"],
  },
  {
    name: "role with an attached policy from another stack",
    program: target({
      grants: noGrants,
      stack: {
        more: () => {
          new aws.iam.RolePolicyAttachment("other", {
            role: "maker",
            policyArn: "arn:aws:iam::123456789012:policy/of-another-stack",
          });
        },
      },
    }),
    expected: ["unproven-access @ maker"],
  },
  {
    name: "role with neither action, whenUnknown: prove",
    program: target({ grants: noGrants }),
    config: Object.fromEntries(only.map((policy) => [policy, { whenUnknown: "prove" }])),
    expected: {
      "first-preview": ["unproven-access @ caller"],
      deployed: [`${EXECUTE} @ maker`, `${INVOKE} @ maker`],
    },
  },
  {
    name: "target that is a Lambda function",
    program: restStack({
      more: (base) => {
        const callerRole = serviceRole(base, "events.amazonaws.com", noGrants);
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: base.fn.arn,
          roleArn: callerRole.arn,
        });
      },
    }),
    expected: [],
  },
  {
    name: "target that is an API outside the stack",
    program: restStack({
      more: (base) => {
        const callerRole = serviceRole(base, "events.amazonaws.com", noGrants);
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/x",
          roleArn: callerRole.arn,
        });
      },
    }),
    expected: [],
  },
  {
    name: "target built from the stage's execution ARN",
    program: restStack({
      stage: false,
      more: (base) => {
        const callerRole = serviceRole(base, "events.amazonaws.com", noGrants);
        const deployment = new aws.apigateway.Deployment("second", { restApi: base.api.id });
        const stage = new aws.apigateway.Stage("live", {
          restApi: base.api.id,
          deployment: deployment.id,
          stageName: "live",
        });
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: pulumi.interpolate`${stage.executionArn}/GET/orders/42`,
          roleArn: callerRole.arn,
        });
      },
    }),
    expected: BOTH_DENIED,
  },
  {
    name: "target that is a route without IAM authorization, next to an IAM-authorized one",
    program: restStack({
      more: (base) => {
        const callerRole = serviceRole(base, "events.amazonaws.com", noGrants);
        new aws.apigateway.Method("open", {
          restApi: base.api.id,
          resourceId: base.api.rootResourceId,
          httpMethod: "GET",
          authorization: "NONE",
        });
        new aws.apigateway.Integration("open", {
          restApi: base.api.id,
          resourceId: base.api.rootResourceId,
          httpMethod: "GET",
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri: base.fn.invokeArn,
        });
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: pulumi.interpolate`${base.api.executionArn}/prod/GET/`,
          roleArn: callerRole.arn,
        });
      },
    }),
    expected: [],
  },
]);

/** A rule whose target has no role, and an API with these statements in its resource policy. */
const targetWithoutRole = (
  statements?: (rule: aws.cloudwatch.EventRule) => aws.iam.PolicyStatement[],
  { stack = {}, bus }: { stack?: Patch; bus?: string } = {},
) =>
  restStack({
    ...stack,
    more: ({ api }) => {
      const rule = new aws.cloudwatch.EventRule("nightly", {
        name: "nightly",
        eventPattern: "{}",
        ...(bus === undefined ? {} : { eventBusName: bus }),
      });
      new aws.cloudwatch.EventTarget("target", {
        rule: rule.name,
        arn: pulumi.interpolate`${api.executionArn}/prod/GET/orders/*`,
        ...(bus === undefined ? {} : { eventBusName: bus }),
      });
      if (statements !== undefined)
        new aws.apigateway.RestApiPolicy("policy", {
          restApiId: api.id,
          policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements(rule) }),
        });
    },
  });

const events = { Principal: { Service: "events.amazonaws.com" } };
const allowEvents =
  (rule: (rule: aws.cloudwatch.EventRule) => pulumi.Input<string>) =>
  (targetRule: aws.cloudwatch.EventRule): aws.iam.PolicyStatement[] => [
    {
      ...allow("execute-api:Invoke", "execute-api:/*/GET/*"),
      ...events,
      Condition: { ArnEquals: { "aws:SourceArn": rule(targetRule) } },
    },
  ];
const API_DENIED = [`${EXECUTE} @ target`];
const API_DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: API_DENIED };

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-api-gateway-permissions
cases("EventBridge target without a role", [
  {
    name: "API without a resource policy",
    program: targetWithoutRole(),
    expected: API_DENIED,
    messageIncludes: [
      "EventTarget target calls GET /orders/{id} of API orders-api without a role",
      "roleArn",
    ],
  },
  {
    name: "route without IAM authorization",
    program: targetWithoutRole(undefined, { stack: { authorization: "NONE" } }),
    expected: [],
  },
  {
    name: "resource policy that allows the rule",
    program: targetWithoutRole(allowEvents((rule) => rule.arn)),
    expected: [],
  },
  {
    name: "resource policy that allows EventBridge without a condition",
    program: targetWithoutRole(() => [{ ...allow("execute-api:Invoke", "execute-api:/*"), ...events }]),
    expected: [],
  },
  {
    name: "resource policy that allows everyone",
    program: targetWithoutRole(() => [{ ...allow("execute-api:Invoke", "execute-api:/*"), Principal: "*" }]),
    expected: [],
  },
  {
    name: "resource policy that allows a rule with another name",
    program: targetWithoutRole(allowEvents(() => "arn:aws:events:us-east-1:123456789012:rule/hourly")),
    expected: API_DENIED,
  },
  {
    name: "resource policy that allows a rule on another event bus",
    program: targetWithoutRole(
      allowEvents(() => "arn:aws:events:us-east-1:123456789012:rule/nightly"),
      { bus: "shop" },
    ),
    expected: API_DENIED,
  },
  {
    name: "resource policy that allows the rule on a custom event bus",
    program: targetWithoutRole(
      allowEvents(() => "arn:aws:events:us-east-1:123456789012:rule/shop/nightly"),
      { bus: "arn:aws:events:us-east-1:123456789012:event-bus/shop" },
    ),
    expected: [],
  },
  {
    name: "resource policy that allows another action",
    program: targetWithoutRole((rule) => [
      {
        ...allow("execute-api:ManageConnections", "execute-api:/*"),
        ...events,
        Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
      },
    ]),
    expected: API_DENIED_ONCE_DEPLOYED,
  },
  {
    name: "resource policy that allows another service",
    program: targetWithoutRole(() => [
      { ...allow("execute-api:Invoke", "execute-api:/*"), Principal: { Service: "states.amazonaws.com" } },
    ]),
    expected: API_DENIED,
  },
  {
    name: "resource policy with a Deny",
    program: targetWithoutRole((rule) => [
      ...allowEvents(() => rule.arn)(rule),
      { ...allow("execute-api:Invoke", "execute-api:/*"), ...events, Effect: "Deny" },
    ]),
    expected: API_DENIED_ONCE_DEPLOYED,
    messageIncludes: ["denies events.amazonaws.com"],
  },
  {
    name: "resource policy with a condition on request data",
    program: targetWithoutRole(() => [
      {
        ...allow("execute-api:Invoke", "execute-api:/*"),
        ...events,
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]),
    expected: ["unproven-access @ target"],
  },
]);

const pipe = (property: "target" | "enrichment", grants: Grants) =>
  restStack({
    more: (base) => {
      const callerRole = serviceRole(base, "pipes.amazonaws.com", grants);
      const url = pulumi.interpolate`${base.api.executionArn}/prod/GET/orders/*`;
      const queue = "arn:aws:sqs:us-east-1:123456789012:queue";
      new aws.pipes.Pipe("pipe", {
        roleArn: callerRole.arn,
        source: queue,
        target: property === "target" ? url : queue,
        ...(property === "enrichment" ? { enrichment: url } : {}),
      });
    },
  });

cases("EventBridge pipe", [
  { name: "pipe target, role with both actions", program: pipe("target", bothGrants), expected: [] },
  {
    name: "pipe target, role without execute-api:Invoke",
    program: pipe("target", invokeGrants),
    expected: DENIED,
  },
  { name: "pipe enrichment, role with both actions", program: pipe("enrichment", bothGrants), expected: [] },
  {
    name: "pipe enrichment, role without execute-api:Invoke",
    program: pipe("enrichment", invokeGrants),
    expected: DENIED,
  },
]);

const machine = (grants: Grants, parameters: Record<string, unknown>, nested = false) =>
  restStack({
    more: (base) => {
      const callerRole = serviceRole(base, "states.amazonaws.com", grants);
      const task = {
        Type: "Task",
        Resource: "arn:aws:states:::apigateway:invoke",
        Parameters: {
          ApiEndpoint: pulumi.interpolate`${base.api.id}.execute-api.us-east-1.amazonaws.com`,
          Method: "GET",
          Stage: "prod",
          AuthType: "IAM_ROLE",
          ...parameters,
        },
        End: true,
      };
      const states = { StartAt: "Call", States: { Call: task } };
      new aws.sfn.StateMachine("machine", {
        roleArn: callerRole.arn,
        definition: pulumi.jsonStringify(
          nested
            ? { StartAt: "Each", States: { Each: { Type: "Map", ItemProcessor: states, End: true } } }
            : states,
        ),
      });
    },
  });

const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: DENIED };

// An unknown definition that depends on the API may call any route of it.
cases("state machine", [
  { name: "role with both actions", program: machine(bothGrants, { Path: "/orders/1" }), expected: [] },
  {
    name: "role without execute-api:Invoke",
    program: machine(invokeGrants, { Path: "/orders/1" }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "path that is chosen at run time",
    program: machine(invokeGrants, { "Path.$": "$.path" }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "task inside a Map state",
    program: machine(invokeGrants, { Path: "orders/1" }, true),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "task without AuthType IAM_ROLE",
    program: machine(invokeGrants, { Path: "/orders/1", AuthType: "NO_AUTH" }),
    expected: [],
  },
  { name: "path of another route", program: machine(invokeGrants, { Path: "/prices" }), expected: [] },
  {
    name: "endpoint of another API",
    program: machine(invokeGrants, { ApiEndpoint: "abcdef1234.execute-api.us-east-1.amazonaws.com" }),
    expected: [],
  },
]);

const MALFORMED: Readonly<Record<string, string>> = {
  "definition that is not JSON": "{apigateway:invoke",
  "definition that is not an object": '"apigateway:invoke"',
  "Parameters of the wrong type": '{"a":{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":[1]}}',
  "fields of the wrong type":
    '{"a":{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"AuthType":"IAM_ROLE","ApiEndpoint":7,"Path":{}}}}',
  "deeply nested states": `${'{"Resource":"arn:aws:states:::apigateway:invoke","a":'.repeat(5000)}1${"}".repeat(5000)}`,
  "keys such as __proto__":
    '{"__proto__":{"Resource":"arn:aws:states:::apigateway:invoke"},"x":"apigateway:invoke"}',
};

cases(
  "state machine with a malformed definition",
  Object.entries(MALFORMED).map(([name, definition]) => ({
    name,
    program: restStack({
      more: () => {
        new aws.sfn.StateMachine("machine", { roleArn: "not an ARN", definition });
        new aws.cloudwatch.EventTarget("target", { rule: "x", arn: `${definition}:`, roleArn: definition });
        new aws.cloudwatch.EventTarget("colons", {
          rule: "x",
          arn: "arn:aws:execute-api::::::/",
          roleArn: ":",
        });
      },
    }),
    expected: [],
  })),
);
