import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { type Case, findingLabel, runCases } from "../support/cases";
import {
  allowDocument,
  allowInvoke,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  shop,
  stage,
} from "../support/programs";
import { trustOf } from "../support/rest";

/**
 * Working programs whose plan has too many unknown values for a verdict: they are unproven instead of denied, and the
 * message states how to resolve it.
 */
const POLICY = "unproven-access";

const ALLOWED_ONCE_DEPLOYED = { deployed: [] } as const;
const unproven = (...names: string[]): string[] => names.map((name) => `${POLICY} @ ${name}`);

const URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions";

/** A resource of another provider. */
class Other extends pulumi.CustomResource {
  constructor(type: string, name: string, args: pulumi.Inputs = {}) {
    super(type, name, args);
  }
}

/** A stack whose caller has one document for the API and for the function; the case provides the ARN. */
const withOneDocument = (
  make: (suffix: pulumi.Output<string>) => {
    functionArgs?: Partial<aws.lambda.FunctionArgs>;
    grantedArn(fn: aws.lambda.Function): pulumi.Input<string>;
  },
) => {
  return () => {
    const { functionArgs, grantedArn: granted } = make(
      new Other("random:index/randomPet:RandomPet", "pet").id,
    );
    const base = shop({}, functionArgs);
    roleWithPolicy("app", [executeApi(base), ["lambda:InvokeFunction", granted(base.fn)]]);
  };
};

/** Routes with a function each, and a caller of the first route only. */
const callerOfFirst = (routes: readonly (readonly [verb: string, path: string])[], route: string) => () => {
  const api = new aws.apigateway.RestApi("shop");
  const parents = new Map([["", api.rootResourceId]]);
  const endpoints = routes.map(([verb, path], i) => {
    let at = "";
    for (const pathPart of path.split("/").slice(1)) {
      const parentId = parents.get(at) ?? api.rootResourceId;
      at = `${at}/${pathPart}`;
      if (!parents.has(at))
        parents.set(at, new aws.apigateway.Resource(`at${at}`, { restApi: api.id, parentId, pathPart }).id);
    }
    const fn = makeFunction(`fn-${i}`, { name: `fn-${i}` });
    allowInvoke(`in-${i}`, fn, pulumi.interpolate`${api.executionArn}/*/*`);
    const where = { restApi: api.id, resourceId: parents.get(at) ?? api.rootResourceId, httpMethod: verb };
    const method = new aws.apigateway.Method(`m-${i}`, { ...where, authorization: "AWS_IAM" });
    const integration = new aws.apigateway.Integration(
      `i-${i}`,
      { ...where, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: fn.invokeArn },
      { dependsOn: method },
    );
    return { fn, integration };
  });
  stage("prod", api, endpoints);
  const [first] = endpoints;
  if (first === undefined) return;
  roleWithPolicy("app", [
    ["execute-api:Invoke", pulumi.interpolate`${api.executionArn}/${route}`],
    invokeFunction(first),
  ]);
};

const withProvider =
  (settings: aws.ProviderArgs, make: (options: pulumi.CustomResourceOptions) => void) => () =>
    make({ provider: new aws.Provider("other", { region: "us-east-1", ...settings }) });

const SETTINGS: Readonly<Record<string, aws.ProviderArgs>> = {
  profile: { profile: "prod" },
  assumeRoles: { assumeRoles: [{ roleArn: "arn:aws:iam::123456789012:role/deploy" }] },
};

const cases: readonly Case[] = [
  {
    name: "looked-up function, grant in the document for the API",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const fn = aws.lambda.Function.get("existing", "existing");
      const ordersRoute = endpoint("orders", api, "GET", "orders", fn.invokeArn);
      allowInvoke("orders-in", fn.name as never, pulumi.interpolate`${api.executionArn}/*/*`);
      stage("prod", api, [ordersRoute]);
      roleWithPolicy("app", [executeApi({ api }), ["lambda:InvokeFunction", fn.arn]]);
    },
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  {
    name: "literal function ARN in the program",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      makeFunction("orders", { name: "orders" });
      const arn = pulumi.interpolate`arn:aws:lambda:us-east-1:${aws.getCallerIdentityOutput().accountId}:function:orders`;
      const ordersRoute = endpoint(
        "orders",
        api,
        "GET",
        "orders",
        pulumi.interpolate`${URI}/${arn}/invocations`,
      );
      allowInvoke("orders-in", "orders", pulumi.interpolate`${api.executionArn}/*/*`);
      stage("prod", api, [ordersRoute]);
      roleWithPolicy("app", [executeApi({ api }), ["lambda:InvokeFunction", arn]]);
    },
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
    messageIncludes: ["put the grant for the function in a separate document"],
  },
  {
    name: "credentials role with a literal function ARN, in a document that depends on a new queue",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      makeFunction("orders", { name: "orders" });
      const arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
      const queue = new aws.sqs.Queue("queue");
      const gateway = roleWithPolicy(
        "gateway",
        [
          ["sqs:SendMessage", queue.arn],
          ["lambda:InvokeFunction", arn],
        ],
        {
          assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
        },
      );
      const credentials = { credentials: gateway.arn };
      stage("prod", api, [
        endpoint("orders", api, "GET", "orders", `${URI}/${arn}/invocations`, {}, credentials, "NONE"),
      ]);
    },
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("gateway") },
  },
  {
    name: "function name and document that depend on a random suffix",
    program: withOneDocument((suffix) => ({
      functionArgs: { name: pulumi.interpolate`orders-${suffix}` },
      grantedArn: () => pulumi.interpolate`arn:aws:lambda:us-east-1:123456789012:function:orders-${suffix}`,
    })),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  {
    name: "function ARN from an SSM parameter",
    program: withOneDocument(() => ({
      grantedArn: (fn) => new aws.ssm.Parameter("arn", { type: "String", value: fn.arn }).value,
    })),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  {
    name: "function ARN from a function URL",
    program: withOneDocument(() => ({
      grantedArn: (fn) =>
        new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "NONE" }).functionArn,
    })),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  {
    name: "role and managed policy from another stack",
    program: () => {
      const peopleStack = new pulumi.StackReference("org/people/prod");
      const base = shop();
      new aws.iam.RolePolicy("call", {
        role: peopleStack.requireOutput("role") as pulumi.Output<string>,
        policy: allowDocument(executeApi(base)),
      });
      new aws.iam.RolePolicyAttachment("more", {
        role: roleWithPolicy("app", [executeApi(base)]).name,
        policyArn: peopleStack.getOutput("policy") as pulumi.Output<string>,
      });
    },
    plan: {
      stackReferences: {
        "org/people/prod": { role: "shared", policy: "arn:aws:iam::123456789012:policy/shared" },
      },
    },
    expected: { "first-preview": unproven("app"), deployed: unproven("app") },
    messageIncludes: ["To resolve: grant the action in a policy that is part of this stack"],
  },
  {
    name: "looked-up role, and a permissions boundary outside the stack",
    program: () => {
      const base = shop();
      const existing = aws.iam.Role.get("existing", "existing");
      new aws.iam.RolePolicy("call", { role: existing.name, policy: allowDocument(executeApi(base)) });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
        permissionsBoundary: "arn:aws:iam::123456789012:policy/org/developer",
      });
    },
    expected: { "first-preview": unproven("app"), deployed: unproven("app") },
    messageIncludes: [
      "permissions boundary arn:aws:iam::123456789012:policy/org/developer of Role app",
      "exempt the resource",
    ],
  },
  {
    name: "provider with an unknown configuration",
    program: () => {
      const deployer = caller("deployer");
      const options = {
        provider: new aws.Provider("later", {
          region: "us-east-1",
          assumeRoles: [{ roleArn: deployer.arn }],
        }),
      };
      const base = shop(options);
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {}, options);
    },
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  ...Object.entries(SETTINGS).flatMap(([setting, settings]): Case[] => [
    {
      name: `caller with both actions, API from a provider with ${setting}`,
      program: withProvider(settings, (options) => {
        const base = shop(options);
        roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
      }),
      // The caller has both actions of the two-step rule, in any account.
      expected: [],
    },
    {
      name: `caller without lambda:InvokeFunction, API from a provider with ${setting}`,
      program: withProvider(settings, (options) => {
        roleWithPolicy("app", [executeApi(shop(options))]);
      }),
      expected: { deployed: ["iam-route-caller-lambda-invoke @ app"], "first-preview": unproven("app") },
      messageIncludes: ["two-step rule"],
    },
    {
      name: `credentials role, API from a provider with ${setting}`,
      program: withProvider(settings, (options) => {
        const gateway = caller("gateway", { assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
        const { fn } = shop(options, {}, { credentials: gateway.arn });
        new aws.iam.RolePolicy("invoke", {
          role: gateway.name,
          policy: allowDocument(invokeFunction({ fn })),
        });
      }),
      expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("gateway") },
    },
  ]),
  {
    name: "permission by name, function from a provider with a profile",
    program: withProvider({ profile: "prod" }, (options) => {
      const api = new aws.apigateway.RestApi("shop", {}, options);
      const fn = makeFunction("orders", { name: "orders" }, options);
      const ordersRoute = endpoint("orders", api, "GET", "orders", fn.invokeArn, options, {}, "NONE");
      allowInvoke("in", "orders", pulumi.interpolate`${api.executionArn}/*/*`, {}, { dependsOn: fn });
      stage("prod", api, [ordersRoute], options);
    }),
    expected: [],
  },
  {
    name: "literal ARNs of a function in another account and a credentials role",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const uri = `${URI}/arn:aws:lambda:us-east-1:999999999999:function:orders/invocations`;
      const credentials = { credentials: "arn:aws:iam::123456789012:role/gateway" };
      stage("prod", api, [endpoint("orders", api, "GET", "orders", uri, {}, credentials, "NONE")]);
    },
    expected: unproven("orders-integration"),
  },
  {
    name: "literal ARN of a function in another account, credentials role of the stack",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const arn = "arn:aws:lambda:us-east-1:999999999999:function:orders";
      const gateway = roleWithPolicy("gateway", [["lambda:InvokeFunction", arn]], {
        name: "gateway",
        assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
      });
      const credentials = { credentials: gateway.arn };
      stage("prod", api, [
        endpoint("orders", api, "GET", "orders", `${URI}/${arn}/invocations`, {}, credentials, "NONE"),
      ]);
    },
    // While the stack's account is unknown, the only account id in the program is assumed to be it.
    expected: { "first-preview": [], deployed: unproven("gateway") },
  },
  {
    name: "permission for one stage of an API without a stage in the stack",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const fn = makeFunction("orders");
      endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, {}, "NONE");
      allowInvoke("in", fn, pulumi.interpolate`${api.executionArn}/prod/*`);
    },
    expected: { "first-preview": [], deployed: unproven("orders-integration") },
    messageIncludes: [
      "since the plan does not show the stage. To resolve: declare the stage in this stack, or write * for it",
    ],
  },
  {
    name: "path on a looked-up API",
    program: () => {
      const api = aws.apigateway.RestApi.get("existing", "abc123def4");
      const fn = makeFunction("orders");
      const at = new aws.apigateway.Resource("orders", {
        restApi: "abc123def4",
        parentId: "x1y2z3",
        pathPart: "orders",
      });
      const method = new aws.apigateway.Method("get", {
        restApi: "abc123def4",
        resourceId: at.id,
        httpMethod: "GET",
        authorization: "NONE",
      });
      const integration = new aws.apigateway.Integration("orders-integration", {
        restApi: "abc123def4",
        resourceId: at.id,
        httpMethod: method.httpMethod,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
      });
      allowInvoke("in", fn, "arn:aws:execute-api:us-east-1:123456789012:abc123def4/*/GET/shop/orders");
      stage("prod", api, [{ integration }]);
    },
    expected: {
      "first-preview": unproven("orders-integration"),
      deployed: ["route-function-permission @ orders-integration"],
    },
    messageIncludes: ["/orders"],
  },
  {
    name: "conditions on request data",
    program: () => {
      const base = shop();
      const withCondition = (name: string, condition: Record<string, Record<string, string>>) =>
        new aws.iam.RolePolicy(`${name}-fn`, {
          role: roleWithPolicy(name, [executeApi(base)]).name,
          policy: base.fn.arn.apply((arn) =>
            JSON.stringify({
              Version: "2012-10-17",
              Statement: {
                Effect: "Allow",
                Action: "lambda:InvokeFunction",
                Resource: arn,
                Condition: condition,
              },
            }),
          ),
        });
      withCondition("app", { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } });
    },
    expected: { "first-preview": [], deployed: unproven("app") },
    messageIncludes: ["condition aws:SourceIp of", "since a plan never shows this value"],
  },
  {
    name: "role name from another provider",
    program: () => {
      const base = shop();
      const idOf = (name: string) => new Other("random:index/randomPet:RandomPet", name).id;
      new aws.iam.RolePolicy("call", { role: idOf("pet"), policy: allowDocument(executeApi(base)) });
      new aws.iam.RolePolicy("both", {
        role: idOf("cat"),
        policy: allowDocument(executeApi(base), invokeFunction(base)),
      });
      const twice = idOf("dog");
      for (const [name, statement] of Object.entries({ api: executeApi(base), fn: invokeFunction(base) }))
        new aws.iam.RolePolicy(name, { role: twice, policy: allowDocument(statement) });
    },
    expected: unproven("call"),
    messageIncludes: ["has other policies"],
  },
  {
    name: "caller of one method next to ANY",
    program: callerOfFirst(
      [
        ["GET", "/orders"],
        ["ANY", "/orders"],
      ],
      "prod/GET/orders",
    ),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app") },
  },
  {
    name: "caller of one path next to a greedy path",
    program: callerOfFirst(
      [
        ["GET", "/orders/{id}"],
        ["ANY", "/{proxy+}"],
        ["ANY", "/orders/{proxy+}"],
      ],
      "prod/GET/orders/*",
    ),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app", "app") },
  },
  {
    name: "caller of one path next to a path with a parameter",
    program: callerOfFirst(
      [
        ["GET", "/orders/export"],
        ["GET", "/orders/{id}"],
        ["ANY", "/{kind}/export"],
      ],
      "*/GET/orders/export",
    ),
    expected: { ...ALLOWED_ONCE_DEPLOYED, "first-preview": unproven("app", "app") },
  },
  {
    name: "group with literal user names",
    program: () => {
      const base = shop();
      for (const [name, users] of [
        ["first", undefined],
        ["second", "ann"],
      ] as const) {
        const group = new aws.iam.Group(name);
        new aws.iam.GroupPolicy(name, { group: group.name, policy: allowDocument(executeApi(base)) });
        if (users === undefined) new aws.iam.UserGroupMembership(name, { user: "bob", groups: [group.name] });
        else new aws.iam.GroupMembership(name, { group: group.name, users: [users] });
      }
    },
    expected: unproven("first"),
    messageIncludes: [
      'user "ann", a member that is not in this stack',
      'user "bob", a member that is not in this stack',
    ],
  },
  {
    name: "permission for apigateway.amazonaws.com.cn",
    only: ["unproven-access"],
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const fn = makeFunction("orders");
      stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, {}, "NONE")]);
      allowInvoke("in", fn, pulumi.interpolate`${api.executionArn}/*/*`, {
        principal: "apigateway.amazonaws.com.cn",
      });
    },
    plan: { region: "cn-north-1" },
    expected: unproven("orders-integration"),
    messageIncludes: [
      "whether the Principal apigateway.amazonaws.com.cn of",
      "To resolve: write apigateway.amazonaws.com.",
    ],
  },
  {
    name: "unknown method, callers of any API by method and path",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const fn = makeFunction("orders");
      const verb = fn.arn.apply(() => "GET") as pulumi.Output<"GET">;
      stage("prod", api, [endpoint("orders", api, verb, "orders", fn.invokeArn)]);
      allowInvoke("orders-in", fn, pulumi.interpolate`${api.executionArn}/*/*`);
      const request = "arn:aws:execute-api:us-east-1:123456789012:*/*/GET";
      roleWithPolicy("app", [
        ["execute-api:Invoke", `${request}/orders`],
        ["lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:orders-*"],
      ]);
      roleWithPolicy("forgetful", [["execute-api:Invoke", `${request}/orders`]]);
      roleWithPolicy("other", [["execute-api:Invoke", `${request}/items`]]);
    },
    expected: {
      "first-preview": unproven("forgetful"),
      deployed: ["iam-route-caller-lambda-invoke @ forgetful"],
    },
  },
];

describe(`${POLICY}: working programs with unknown values`, () => {
  runCases(cases);

  it("functions with the same name in two accounts are unproven, with permissions on literal ARNs (first-preview)", async () => {
    const program = () => {
      for (const [profile, account] of [
        ["dev", "111111111111"],
        ["live", "222222222222"],
      ] as const) {
        const options = { provider: new aws.Provider(profile, { region: "us-east-1", profile }) };
        const api = new aws.apigateway.RestApi(`shop-${profile}`, {}, options);
        const fn = makeFunction(`orders-${profile}`, { name: "orders" }, options);
        const ordersRoute = endpoint(profile, api, "GET", "orders", fn.invokeArn, options, {}, "NONE");
        const arn = `arn:aws:lambda:us-east-1:${account}:function:orders`;
        allowInvoke(
          `in-${profile}`,
          arn,
          pulumi.interpolate`${api.executionArn}/*/*`,
          {},
          { ...options, dependsOn: fn },
        );
        stage(`live-${profile}`, api, [ordersRoute], options);
      }
    };
    const found = await check(await plan(program, { as: "first-preview" }));
    assert.deepEqual(found.map(findingLabel), unproven("dev-integration", "live-integration"));
  });
});

describe("a source account on a first preview", () => {
  const program = (args: Partial<aws.ProviderArgs>) => () => {
    const options = { provider: new aws.Provider("one", { region: "us-east-1", ...args }) };
    const fn = makeFunction("orders", {}, options);
    const api = new aws.apigateway.RestApi("api", {}, options);
    stage("prod", api, [endpoint("orders", api, "GET", "x", fn.invokeArn, options, {}, "NONE")], options);
    const sourceAccount = "123456789012";
    allowInvoke("in", fn.name, pulumi.interpolate`${api.executionArn}/*/*`, { sourceAccount }, options);
  };
  const findingsOf = async (args: Partial<aws.ProviderArgs>) =>
    check(await plan(program(args), { as: "first-preview" }));

  it("is unproven without a known account, and the suggested resolution works", async () => {
    const found = await findingsOf({});
    assert.deepEqual(found.map(findingLabel), unproven("orders-integration"));
    assert.match(found[0]?.message ?? "", /To resolve: set allowedAccountIds of the provider/);
    assert.deepEqual(await findingsOf({ allowedAccountIds: ["123456789012"] }), []);
  });
});
