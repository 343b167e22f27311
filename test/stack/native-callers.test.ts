import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { documentOf, grant, Native, type NativeBase, type NativePatch, nativeStack } from "../support/native";
import { trustOf } from "../support/rest";

/** Callers of an API in `aws-native`: targets of rules, pipes, state machines and identity pools. */
const EXECUTE = "caller-execute-api-invoke";
const INVOKE = "iam-route-caller-lambda-invoke";
const only = [EXECUTE, INVOKE, "unproven-access"];

type Grants = (base: NativeBase) => Record<string, unknown>[];
type Row = Omit<Case, "program"> & {
  readonly make: (base: NativeBase) => void;
  readonly stack?: NativePatch;
};

function cases(title: string, rows: readonly Row[]): void {
  describe(`callers of aws-native: ${title}`, () =>
    runCases(
      rows.map(({ make, stack, ...row }) => ({
        only,
        program: nativeStack({ ...stack, more: make }),
        ...row,
      })),
    ));
}

const executes: Grants = ({ executionArn }) => [
  grant("execute-api:Invoke", pulumi.interpolate`${executionArn}/*`),
];
const invokes: Grants = ({ fn }) => [grant("lambda:InvokeFunction", fn.output("arn"))];
const both: Grants = (base) => [...executes(base), ...invokes(base)];
const none: Grants = () => [];

function maker(base: NativeBase, service: string, grants: Grants, name = "maker"): Native {
  const statements = grants(base);
  const policies = [{ policyName: "calls", policyDocument: documentOf(statements) }];
  const inputs = { roleName: name, assumeRolePolicyDocument: trustOf(service) };
  return new Native("iam:Role", name, { ...inputs, ...(statements.length > 0 ? { policies } : {}) }, ["arn"]);
}

const request = ({ executionArn }: NativeBase): pulumi.Output<string> =>
  pulumi.interpolate`${executionArn}/prod/GET/orders/*`;

interface Target {
  readonly grants?: Grants;
  /** `false` if the target has no role. */
  readonly role?: false;
  /** Further targets of the rule. */
  readonly more?: (base: NativeBase) => pulumi.Inputs[];
}

const rule =
  ({ grants = both, role, more }: Target = {}) =>
  (base: NativeBase): void => {
    const target = {
      id: "call",
      arn: request(base),
      ...(role === false ? {} : { roleArn: maker(base, "events.amazonaws.com", grants).output("arn") }),
    };
    new Native("events:Rule", "nightly", {
      name: "nightly",
      scheduleExpression: "rate(1 day)",
      targets: [...(more?.(base) ?? []), target],
    });
  };

const ROUTE_DENIED = [`${EXECUTE} @ maker`];
/** In a first preview, the target is unknown, and so is the function that the role must invoke. */
const LACKS_BOTH = { "first-preview": ROUTE_DENIED, deployed: [...ROUTE_DENIED, `${INVOKE} @ maker`] };
const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: LACKS_BOTH.deployed };
const RULE_DENIED = [`${EXECUTE} @ nightly`];

cases("targets of rules", [
  { name: "the role has both actions", make: rule(), expected: [] },
  { name: "the role has neither action", make: rule({ grants: none }), expected: LACKS_BOTH },
  { name: "the role may not call", make: rule({ grants: invokes }), expected: ROUTE_DENIED },
  { name: "the role may not invoke", make: rule({ grants: executes }), expected: [`${INVOKE} @ maker`] },
  {
    name: "alongside a target with a literal ARN",
    make: rule({
      grants: none,
      more: () => [{ id: "queue", arn: "arn:aws:sqs:us-east-1:123456789012:queue" }],
    }),
    expected: LACKS_BOTH,
  },
  {
    name: "alongside an unknown target",
    make: rule({
      grants: none,
      more: () => [
        { id: "bus", arn: new Native("events:EventBus", "bus", { name: "bus" }, ["arn"]).output("arn") },
      ],
    }),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "a function as a target",
    make: (base) => {
      const targets = [{ id: "fn", arn: base.fn.output("arn") }];
      new Native("events:Rule", "nightly", { scheduleExpression: "rate(1 day)", targets });
    },
    expected: [],
  },
  {
    name: "an unknown list of targets",
    make: (base) => {
      const targets = base.apiId.apply((id) => [
        { id: "call", arn: `arn:aws:execute-api:us-east-1:123456789012:${id}/prod/GET/orders/*` },
      ]);
      new Native("events:Rule", "nightly", { scheduleExpression: "rate(1 day)", targets });
    },
    expected: { "first-preview": [], deployed: RULE_DENIED },
  },
  { name: "no role, and no resource policy", make: rule({ role: false }), expected: RULE_DENIED },
  {
    name: "no role, and a resource policy for the rule",
    make: rule({ role: false }),
    stack: {
      api: () => ({
        policy: documentOf([
          {
            ...grant("execute-api:Invoke", "execute-api:/*"),
            Principal: { Service: "events.amazonaws.com" },
            Condition: {
              ArnEquals: { "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/nightly" },
            },
          },
        ]),
      }),
    },
    expected: [],
  },
]);

const pipe =
  (property: "target" | "enrichment", grants: Grants) =>
  (base: NativeBase): void => {
    const queue = "arn:aws:sqs:us-east-1:123456789012:queue";
    new Native("pipes:Pipe", "pipe", {
      roleArn: maker(base, "pipes.amazonaws.com", grants).output("arn"),
      source: queue,
      target: queue,
      [property]: request(base),
    });
  };

cases("pipes", [
  { name: "target, both actions", make: pipe("target", both), expected: [] },
  { name: "target, may not call", make: pipe("target", invokes), expected: ROUTE_DENIED },
  { name: "enrichment, both actions", make: pipe("enrichment", both), expected: [] },
  { name: "enrichment, may not call", make: pipe("enrichment", invokes), expected: ROUTE_DENIED },
]);

type Definition = (endpoint: pulumi.Output<string>, task: (endpoint: unknown) => object) => pulumi.Inputs;

const machine =
  (grants: Grants, definition: Definition, parameters: Record<string, unknown> = { Path: "/orders/1" }) =>
  (base: NativeBase): void => {
    const task = (endpoint: unknown): object => ({
      StartAt: "Call",
      States: {
        Call: {
          Type: "Task",
          Resource: "arn:aws:states:::apigateway:invoke",
          Parameters: {
            ApiEndpoint: endpoint,
            Method: "GET",
            Stage: "prod",
            AuthType: "IAM_ROLE",
            ...parameters,
          },
          End: true,
        },
      },
    });
    const endpoint = pulumi.interpolate`${base.apiId}.execute-api.us-east-1.amazonaws.com`;
    new Native("stepfunctions:StateMachine", "machine", {
      roleArn: maker(base, "states.amazonaws.com", grants).output("arn"),
      ...definition(endpoint, task),
    });
  };

const asText: Definition = (endpoint, task) => ({ definitionString: pulumi.jsonStringify(task(endpoint)) });
const asObject: Definition = (endpoint, task) => ({ definition: task(endpoint) });
const withSubstitutions: Definition = (endpoint, task) => ({
  definitionString: JSON.stringify(task("${endpoint}")),
  definitionSubstitutions: { endpoint, stage: "prod" },
});

cases("state machines", [
  { name: "both actions", make: machine(both, asText), expected: [] },
  // The purpose of an unknown text that depends on the API cannot be determined.
  {
    name: "may not call",
    make: machine(invokes, asText),
    expected: { "first-preview": [], deployed: ROUTE_DENIED },
  },
  { name: "an object, both actions", make: machine(both, asObject), expected: [] },
  { name: "an object, may not call", make: machine(invokes, asObject), expected: ROUTE_DENIED },
  { name: "an object, another route", make: machine(invokes, asObject, { Path: "/prices" }), expected: [] },
  { name: "substitutions, both actions", make: machine(both, withSubstitutions), expected: [] },
  { name: "substitutions, may not call", make: machine(invokes, withSubstitutions), expected: ROUTE_DENIED },
  {
    name: "substitutions for the stage",
    make: machine(invokes, withSubstitutions, { Stage: "${stage}", Path: "/orders/1" }),
    expected: ROUTE_DENIED,
  },
  {
    name: "without credentials",
    make: machine(invokes, asObject, { AuthType: "NO_AUTH", Path: "/orders/1" }),
    expected: [],
  },
  {
    name: "nothing is inferred",
    make: machine(invokes, asObject),
    config: Object.fromEntries(only.map((policy) => [policy, { whenUnknown: "prove" }])),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: ROUTE_DENIED },
  },
]);

type Login = "authenticated" | "unauthenticated";

const pool =
  (login: Login, grants: Grants, { audience, mapped }: { audience?: string; mapped?: true } = {}) =>
  (base: NativeBase): void => {
    const inputs = { identityPoolName: "pool", allowUnauthenticatedIdentities: true };
    const identities = new Native("cognito:IdentityPool", "pool", inputs, ["awsId"]);
    const role = new Native(
      "iam:Role",
      "visitor",
      {
        roleName: "visitor",
        assumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: "cognito-identity.amazonaws.com" },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: {
                StringEquals: {
                  "cognito-identity.amazonaws.com:aud": audience ?? identities.output("awsId"),
                },
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": mapped ? "*" : login },
              },
            },
          ],
        },
        policies: [{ policyName: "calls", policyDocument: documentOf(grants(base)) }],
      },
      ["arn"],
    );
    const rules = [{ claim: "isAdmin", matchType: "Equals", value: "paid", roleArn: role.output("arn") }];
    const mappings = { facebook: { type: "Rules", rulesConfiguration: { rules } } };
    new Native("cognito:IdentityPoolRoleAttachment", "attachment", {
      identityPoolId: identities.output("awsId"),
      ...(mapped ? { roleMappings: mappings } : { roles: { [login]: role.output("arn") } }),
    });
  };

const OTHER_POOL = { audience: "us-east-1:00000000-0000-0000-0000-000000000000" };
// In a first preview, the ID of the pool is unknown.
const UNTRUSTED = { "first-preview": [], deployed: [`${EXECUTE} @ visitor`] };
const stack: NativePatch = { caller: false };

for (const login of ["authenticated", "unauthenticated"] as const)
  cases(`${login} identities of a pool`, [
    { name: "have both actions", stack, make: pool(login, both), expected: [] },
    {
      name: "lack lambda:InvokeFunction",
      stack,
      make: pool(login, executes),
      expected: [`${INVOKE} @ visitor`],
    },
    {
      name: "the role is for another pool",
      stack,
      make: pool(login, both, OTHER_POOL),
      expected: UNTRUSTED,
    },
  ]);
cases("roles that a pool gives by rules", [
  { name: "have both actions", stack, make: pool("authenticated", both, { mapped: true }), expected: [] },
  {
    name: "lack lambda:InvokeFunction",
    stack,
    make: pool("authenticated", executes, { mapped: true }),
    expected: [`${INVOKE} @ visitor`],
  },
  {
    name: "are for another pool",
    stack,
    make: pool("authenticated", both, { mapped: true, ...OTHER_POOL }),
    expected: UNTRUSTED,
  },
]);

const HOSTILE: Readonly<Record<string, pulumi.Inputs>> = {
  "targets of no form": { targets: [7, null, "arn", { arn: 7, roleArn: {} }, { arn: [], roleArn: [] }] },
  "no list": { targets: "arn:aws:execute-api:::x/y" },
  "a map": { targets: { a: { arn: "arn:aws:execute-api::::::/", roleArn: ":" } } },
};
cases(
  "hostile inputs",
  Object.entries(HOSTILE).map(([name, inputs]) => ({
    name,
    make: () => {
      new Native("events:Rule", "nightly", { eventBusName: 7, ...inputs });
      new Native("stepfunctions:StateMachine", "machine", {
        definition: [{ Resource: "arn:aws:states:::apigateway:invoke", Parameters: 7 }],
        definitionString:
          '{"Resource":"arn:aws:states:::apigateway:invoke","Parameters":{"AuthType":"IAM_ROLE"}}',
        definitionSubstitutions: "x",
        roleArn: 7,
      });
      new Native("cognito:IdentityPoolRoleAttachment", "attachment", {
        identityPoolId: "us-east-1:x",
        roles: [1],
        roleMappings: { a: 1, b: { rulesConfiguration: { rules: { c: { roleArn: "x" } } } }, d: null },
      });
      new Native("pipes:Pipe", "pipe", { target: [], enrichment: {}, source: "", roleArn: {} });
    },
    expected: [],
  })),
);
