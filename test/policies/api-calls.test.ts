import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases, withUpdate } from "../support/cases";
import { allow, type Base, type Patch, restStack, trustOf } from "../support/rest";

/** Resources that call a route with the credentials of a role: that role is evidently intended to call it. */
const EXECUTE = "caller-execute-api-invoke";
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const only = [EXECUTE, INVOKE, CREDENTIALS, "unproven-access"];

type Grants = (base: Base) => aws.iam.PolicyStatement[];

function roleWith(base: Base, service: string, grants: Grants): aws.iam.Role {
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

/** The target of an EventBridge rule, by the execution ARN of the API. */
const target = ({ grants = both, tail = "/prod/GET/orders/*", role, stack = {} }: Target) =>
  restStack({
    ...stack,
    more: (base) => {
      stack.more?.(base);
      const maker = role === undefined ? roleWith(base, "events.amazonaws.com", grants) : undefined;
      const rule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" });
      new aws.cloudwatch.EventTarget("target", {
        rule: rule.name,
        arn: pulumi.interpolate`${base.api.executionArn}${tail}`,
        roleArn: maker?.arn ?? role,
      });
    },
  });

const executes: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
];
const invokes: Grants = ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)];
const both: Grants = (base) => [...executes(base), ...invokes(base)];
const none: Grants = () => [];
const STOPPED = [`${EXECUTE} @ maker`];
/** What a target calls is not shown on a first preview, so which function the role must invoke is not either. */
const NEITHER = { "first-preview": STOPPED, deployed: [...STOPPED, `${INVOKE} @ maker`] };
const callerCredentials = {
  permission: false as const,
  integration: () => ({ credentials: "arn:aws:iam::*:user/*" }),
};

function cases(title: string, rows: readonly Case[]): void {
  describe(`calls that the stack makes: ${title}`, () =>
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["target", "pipe", "machine"],
      ),
    ));
}

cases("EventBridge targets", [
  { name: "the role holds both actions", program: target({}), expected: [] },
  {
    name: "the role holds neither",
    program: target({ grants: none }),
    expected: NEITHER,
    messageIncludes: ["EventTarget target makes the call", "intended to call GET /orders/{id}"],
  },
  { name: "the role may not call", program: target({ grants: invokes }), expected: STOPPED },
  { name: "the role may not invoke", program: target({ grants: executes }), expected: [`${INVOKE} @ maker`] },
  {
    name: "the role may call another route",
    program: target({
      grants: (base) => [
        allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/*/POST/*`),
        ...invokes(base),
      ],
    }),
    expected: { "first-preview": [], deployed: STOPPED },
  },
  {
    name: "the role may call another stage",
    program: target({
      grants: (base) => [
        allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/dev/*`),
        ...invokes(base),
      ],
    }),
    expected: { "first-preview": [], deployed: STOPPED },
  },
  {
    name: "a deny",
    program: target({
      grants: (base) => [...both(base), { Effect: "Deny", Action: "execute-api:*", Resource: "*" }],
    }),
    expected: { "first-preview": [], deployed: STOPPED },
  },
  {
    name: "passed through, the role may not invoke",
    program: target({ grants: executes, stack: callerCredentials }),
    expected: [`${CREDENTIALS} @ maker`],
  },
  { name: "passed through, the role may", program: target({ stack: callerCredentials }), expected: [] },
  {
    name: "a route without IAM",
    program: target({ grants: none, stack: { authorization: "NONE" } }),
    expected: [],
  },
  {
    name: "no such route",
    program: target({ grants: none, tail: "/prod/GET/prices" }),
    expected: { "first-preview": STOPPED, deployed: [] },
  },
  {
    name: "any verb",
    program: target({ grants: none, tail: "/prod/*/orders/*" }),
    expected: NEITHER,
  },
  {
    name: "a role of another stack",
    program: target({ role: "arn:aws:iam::123456789012:role/elsewhere" }),
    expected: ["unproven-access @ orders-api"],
  },
  {
    name: "a policy of another stack",
    program: target({
      grants: none,
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
    name: "nothing is concluded",
    program: target({ grants: none }),
    config: Object.fromEntries(only.map((policy) => [policy, { whenUnknown: "prove" }])),
    expected: {
      "first-preview": ["unproven-access @ caller"],
      deployed: [`${EXECUTE} @ maker`, `${INVOKE} @ maker`],
    },
  },
  {
    name: "a target that is a function",
    program: restStack({
      more: (base) => {
        const maker = roleWith(base, "events.amazonaws.com", none);
        new aws.cloudwatch.EventTarget("target", { rule: "nightly", arn: base.fn.arn, roleArn: maker.arn });
      },
    }),
    expected: [],
  },
  {
    name: "an API outside the stack",
    program: restStack({
      more: (base) => {
        const maker = roleWith(base, "events.amazonaws.com", none);
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/x",
          roleArn: maker.arn,
        });
      },
    }),
    expected: [],
  },
  {
    name: "by the stage's execution ARN",
    program: restStack({
      stage: false,
      more: (base) => {
        const maker = roleWith(base, "events.amazonaws.com", none);
        const deployment = new aws.apigateway.Deployment("second", { restApi: base.api.id });
        const stage = new aws.apigateway.Stage("live", {
          restApi: base.api.id,
          deployment: deployment.id,
          stageName: "live",
        });
        new aws.cloudwatch.EventTarget("target", {
          rule: "nightly",
          arn: pulumi.interpolate`${stage.executionArn}/GET/orders/42`,
          roleArn: maker.arn,
        });
      },
    }),
    expected: NEITHER,
  },
  {
    name: "one of several routes is open",
    program: restStack({
      more: (base) => {
        const maker = roleWith(base, "events.amazonaws.com", none);
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
          roleArn: maker.arn,
        });
      },
    }),
    expected: [],
  },
]);

/** The target of a rule without a role, and the statements of the API's resource policy. */
const itself = (
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
const letIn =
  (rule: (rule: aws.cloudwatch.EventRule) => pulumi.Input<string>) =>
  (made: aws.cloudwatch.EventRule): aws.iam.PolicyStatement[] => [
    {
      ...allow("execute-api:Invoke", "execute-api:/*/GET/*"),
      ...events,
      Condition: { ArnEquals: { "aws:SourceArn": rule(made) } },
    },
  ];
const ALONE = [`${EXECUTE} @ target`];
const SHOWN_LATER = { "first-preview": [], deployed: ALONE };

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-api-gateway-permissions
cases("EventBridge targets without a role", [
  {
    name: "no resource policy",
    program: itself(),
    expected: ALONE,
    messageIncludes: [
      "EventTarget target calls GET /orders/{id} of API orders-api without a role",
      "roleArn",
    ],
  },
  {
    name: "a route without IAM",
    program: itself(undefined, { stack: { authorization: "NONE" } }),
    expected: [],
  },
  { name: "a resource policy for the rule", program: itself(letIn((rule) => rule.arn)), expected: [] },
  {
    name: "a resource policy for EventBridge as a whole",
    program: itself(() => [{ ...allow("execute-api:Invoke", "execute-api:/*"), ...events }]),
    expected: [],
  },
  {
    name: "a resource policy for everyone",
    program: itself(() => [{ ...allow("execute-api:Invoke", "execute-api:/*"), Principal: "*" }]),
    expected: [],
  },
  {
    name: "a resource policy for a rule of another name",
    program: itself(letIn(() => "arn:aws:events:us-east-1:123456789012:rule/hourly")),
    expected: ALONE,
  },
  {
    name: "a resource policy for a rule of another bus",
    program: itself(
      letIn(() => "arn:aws:events:us-east-1:123456789012:rule/nightly"),
      { bus: "shop" },
    ),
    expected: ALONE,
  },
  {
    name: "a resource policy for the rule of a bus",
    program: itself(
      letIn(() => "arn:aws:events:us-east-1:123456789012:rule/shop/nightly"),
      { bus: "arn:aws:events:us-east-1:123456789012:event-bus/shop" },
    ),
    expected: [],
  },
  {
    name: "a resource policy for another action",
    program: itself((rule) => [
      {
        ...allow("execute-api:ManageConnections", "execute-api:/*"),
        ...events,
        Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
      },
    ]),
    expected: SHOWN_LATER,
  },
  {
    name: "a resource policy for another service",
    program: itself(() => [
      { ...allow("execute-api:Invoke", "execute-api:/*"), Principal: { Service: "states.amazonaws.com" } },
    ]),
    expected: ALONE,
  },
  {
    name: "a resource policy that denies",
    program: itself((rule) => [
      ...letIn(() => rule.arn)(rule),
      { ...allow("execute-api:Invoke", "execute-api:/*"), ...events, Effect: "Deny" },
    ]),
    expected: SHOWN_LATER,
    messageIncludes: ["denies events.amazonaws.com"],
  },
  {
    name: "a resource policy with an undecidable condition",
    program: itself(() => [
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
      const maker = roleWith(base, "pipes.amazonaws.com", grants);
      const url = pulumi.interpolate`${base.api.executionArn}/prod/GET/orders/*`;
      const queue = "arn:aws:sqs:us-east-1:123456789012:queue";
      new aws.pipes.Pipe("pipe", {
        roleArn: maker.arn,
        source: queue,
        target: property === "target" ? url : queue,
        ...(property === "enrichment" ? { enrichment: url } : {}),
      });
    },
  });

cases("EventBridge pipes", [
  { name: "target, both actions", program: pipe("target", both), expected: [] },
  { name: "target, may not call", program: pipe("target", invokes), expected: STOPPED },
  { name: "enrichment, both actions", program: pipe("enrichment", both), expected: [] },
  { name: "enrichment, may not call", program: pipe("enrichment", invokes), expected: STOPPED },
]);

const machine = (grants: Grants, parameters: Record<string, unknown>, nested = false) =>
  restStack({
    more: (base) => {
      const maker = roleWith(base, "states.amazonaws.com", grants);
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
        roleArn: maker.arn,
        definition: pulumi.jsonStringify(
          nested
            ? { StartAt: "Each", States: { Each: { Type: "Map", ItemProcessor: states, End: true } } }
            : states,
        ),
      });
    },
  });

const SHOWN = { "first-preview": [], deployed: STOPPED };

// What an unknown definition does with the API that it depends on cannot be determined.
cases("state machines", [
  { name: "both actions", program: machine(both, { Path: "/orders/1" }), expected: [] },
  { name: "may not call", program: machine(invokes, { Path: "/orders/1" }), expected: SHOWN },
  { name: "a path chosen at run time", program: machine(invokes, { "Path.$": "$.path" }), expected: SHOWN },
  { name: "a task inside a map", program: machine(invokes, { Path: "orders/1" }, true), expected: SHOWN },
  {
    name: "without credentials",
    program: machine(invokes, { Path: "/orders/1", AuthType: "NO_AUTH" }),
    expected: [],
  },
  { name: "another route", program: machine(invokes, { Path: "/prices" }), expected: [] },
  {
    name: "another API",
    program: machine(invokes, { ApiEndpoint: "abcdef1234.execute-api.us-east-1.amazonaws.com" }),
    expected: [],
  },
]);

const HOSTILE: Readonly<Record<string, string>> = {
  "no JSON": "{apigateway:invoke",
  "no object": '"apigateway:invoke"',
  "parameters of no form": '{"a":{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":[1]}}',
  "fields of no form":
    '{"a":{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"AuthType":"IAM_ROLE","ApiEndpoint":7,"Path":{}}}}',
  "nested too deep": `${'{"Resource":"arn:aws:states:::apigateway:invoke","a":'.repeat(5000)}1${"}".repeat(5000)}`,
  "a prototype": '{"__proto__":{"Resource":"arn:aws:states:::apigateway:invoke"},"x":"apigateway:invoke"}',
};

cases(
  "hostile definitions",
  Object.entries(HOSTILE).map(([name, definition]) => ({
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
