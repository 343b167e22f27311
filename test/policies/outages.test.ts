import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import {
  allowDocument,
  allowInvoke,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  type Shop,
  shop,
  stage,
} from "../support/programs";
import { trustOf } from "../support/rest";

/** Typical mistakes in programs, reported before deployment or, if they depend on unknown values, after it. */
const LACKS_INVOKE = "iam-route-caller-lambda-invoke";
const NO_PERMISSION = "route-function-permission @ orders-integration";
const UNPROVEN = ["unproven-access @ orders-integration"];
/** Each mistake leaves its integration without a permission. */
const MISTAKES = ["a", "b", "c"].map((name) => `route-function-permission @ ${name}-integration`);

/** Findings on values that are unknown on a first preview. */
const onceDeployed = (...found: string[]): Case["expected"] => ({ "first-preview": [], deployed: found });

interface Public {
  readonly verb?: string;
  readonly stages?: readonly string[];
  readonly functionArgs?: Partial<aws.lambda.FunctionArgs>;
  readonly integration?: (fn: aws.lambda.Function) => Partial<aws.apigateway.IntegrationArgs>;
}

/** A public route `/orders`, with the case's permission if there is one. */
const publicRoute =
  (
    permission: (base: Pick<Shop, "api" | "fn">) => Partial<aws.lambda.PermissionArgs> | undefined,
    { verb = "GET", stages = ["prod"], functionArgs, integration }: Public = {},
  ) =>
  () => {
    const api = new aws.apigateway.RestApi("shop");
    const fn = makeFunction("orders", functionArgs);
    const ordersRoute = endpoint("orders", api, verb, "orders", fn.invokeArn, {}, integration?.(fn), "NONE");
    const args = permission({ api, fn });
    if (args !== undefined) allowInvoke("in", fn, pulumi.interpolate`${api.executionArn}/*/*`, args);
    for (const name of stages) stage(name, api, [ordersRoute]);
  };

const sourceArnWith =
  (text: string) =>
  ({ api }: Pick<Shop, "api">) => ({
    sourceArn: pulumi.interpolate`${api.executionArn}${text}`,
  });

const permissions: readonly Case[] = [
  { name: "function without a permission", program: publicRoute(() => undefined), expected: [NO_PERMISSION] },
  {
    name: "permission on another function",
    program: publicRoute(() => ({ function: makeFunction("other").name })),
    expected: [NO_PERMISSION],
  },
  {
    name: "permission for another API",
    program: publicRoute(() => sourceArnWith("/*/*")({ api: new aws.apigateway.RestApi("other") })),
    expected: [NO_PERMISSION],
  },
  {
    name: "permissions for another service, another action, and function URLs",
    program: () => {
      const mistakes: Record<string, Partial<aws.lambda.PermissionArgs>> = {
        a: { principal: "lambda.amazonaws.com" },
        b: { action: "lambda:GetFunction" },
        c: { invokedViaFunctionUrl: true },
      };
      const api = new aws.apigateway.RestApi("shop");
      const endpoints = Object.entries(mistakes).map(([name, mistake]) => {
        const fn = makeFunction(name);
        allowInvoke(name, fn, pulumi.interpolate`${api.executionArn}/*`, mistake);
        return endpoint(name, api, "GET", name, fn.invokeArn, {}, {}, "NONE");
      });
      stage("prod", api, endpoints);
    },
    expected: {
      "first-preview": MISTAKES,
      // The source ARN is unknown on a first preview.
      deployed: [...MISTAKES, "lambda-permission-request @ a"],
    },
  },
  {
    name: "permission on the first of three functions only",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const endpoints = ["a", "b", "c"].map((name, i) => {
        const fn = makeFunction(name);
        if (i === 0) allowInvoke(name, fn, pulumi.interpolate`${api.executionArn}/*`);
        return endpoint(name, api, "GET", name, fn.invokeArn, {}, {}, "NONE");
      });
      stage("prod", api, endpoints);
    },
    expected: ["b", "c"].map((name) => `route-function-permission @ ${name}-integration`),
  },
  {
    name: "permission on a function with the same name in another region",
    program: () => {
      const west = { provider: new aws.Provider("west", { region: "us-west-2" }) };
      const api = new aws.apigateway.RestApi("shop");
      const [fn, otherFunction] = [
        makeFunction("here", { name: "orders" }),
        makeFunction("there", { name: "orders" }, west),
      ];
      allowInvoke("in", otherFunction, pulumi.interpolate`${api.executionArn}/*/*`, {}, west);
      stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, {}, "NONE")]);
    },
    expected: [NO_PERMISSION],
  },
  {
    name: "permission by name in another region, that of the default provider",
    program: () => {
      const west = { provider: new aws.Provider("west", { region: "us-west-2" }) };
      const api = new aws.apigateway.RestApi("shop", {}, west);
      const fn = makeFunction("orders", { name: "orders" }, west);
      stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, west, {}, "NONE")], west);
      allowInvoke("in", fn.name, pulumi.interpolate`${api.executionArn}/*/*`);
    },
    expected: [NO_PERMISSION],
    messageIncludes: ["Permission in is on arn:aws:lambda:us-east-1:"],
  },
  {
    name: "source ARN without a stage",
    program: publicRoute(sourceArnWith("/GET/orders")),
    expected: onceDeployed(NO_PERMISSION),
  },
  {
    name: "source ARN with two slashes",
    program: publicRoute(sourceArnWith("/*/GET//orders")),
    expected: onceDeployed(NO_PERMISSION),
  },
  {
    name: "permission for one of two stages",
    program: publicRoute(sourceArnWith("/dev/*/*"), { stages: ["dev", "live"] }),
    expected: onceDeployed(NO_PERMISSION),
  },
  {
    name: "permission for one method of ANY",
    program: publicRoute(sourceArnWith("/*/GET/orders"), { verb: "ANY" }),
    expected: onceDeployed(NO_PERMISSION),
  },
  {
    name: "source ARN that is an apigateway ARN",
    program: publicRoute(({ api }) => ({ sourceArn: pulumi.interpolate`${api.arn}/*/*` })),
    expected: onceDeployed(NO_PERMISSION, "lambda-permission-source-arn @ in"),
  },
  {
    name: "permission with another account as the source account",
    program: publicRoute(() => ({ sourceAccount: "999999999999" })),
    expected: { "first-preview": ["unproven-access @ orders-integration"], deployed: [NO_PERMISSION] },
  },
  {
    name: "invocation URI with the API's region, function in another region",
    program: () => {
      const west = { provider: new aws.Provider("west", { region: "us-west-2" }) };
      const east = { provider: new aws.Provider("east", { region: "us-east-1" }) };
      const api = new aws.apigateway.RestApi("shop", {}, east);
      const fn = makeFunction("orders", {}, west);
      const uri = pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}/invocations`;
      const ordersRoute = endpoint("orders", api, "GET", "orders", uri, east, {}, "NONE");
      allowInvoke("in", fn.name, pulumi.interpolate`${api.executionArn}/*/*`, {}, west);
      stage("prod", api, [ordersRoute], east);
    },
    expected: onceDeployed(NO_PERMISSION),
  },
  {
    name: "permission on the unqualified function, route to a version",
    program: publicRoute(() => ({}), {
      functionArgs: { publish: true },
      integration: (fn) => ({ uri: fn.qualifiedInvokeArn }),
    }),
    expected: { "first-preview": UNPROVEN, deployed: [NO_PERMISSION] },
  },
];

const ROLE = "integration-role-lambda-invoke";

/** A public route whose integration assumes the role `gateway`. */
const withRole =
  (args: Partial<aws.iam.RoleArgs>, policy?: (fn: aws.lambda.Function) => ReturnType<typeof allowDocument>) =>
  () => {
    const gateway = caller("gateway", args);
    const api = new aws.apigateway.RestApi("shop");
    const fn = makeFunction("orders");
    if (policy !== undefined) new aws.iam.RolePolicy("invoke", { role: gateway.name, policy: policy(fn) });
    const credentials = { credentials: gateway.arn };
    stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, credentials, "NONE")]);
  };

const trusting = { assumeRolePolicy: trustOf("apigateway.amazonaws.com") };

const roles: readonly Case[] = [
  {
    name: "role without lambda:InvokeFunction",
    program: withRole(trusting),
    expected: [`${ROLE} @ gateway`],
  },
  {
    name: "role that trusts Lambda only",
    program: withRole({ assumeRolePolicy: trustOf("lambda.amazonaws.com") }, (fn) =>
      allowDocument(invokeFunction({ fn })),
    ),
    expected: [`${ROLE} @ gateway`],
  },
  {
    name: "role with lambda:InvokeFunction on another function",
    program: withRole(trusting, () => allowDocument(invokeFunction({ fn: makeFunction("other") }))),
    expected: [`${ROLE} @ gateway`],
  },
  {
    name: "role in another account",
    program: () => {
      const [roleAccount, apiAccount] = ["111111111111", "222222222222"].map((account) => ({
        provider: new aws.Provider(account, {
          region: "us-east-1",
          assumeRoles: [{ roleArn: `arn:aws:iam::${account}:role/deploy` }],
        }),
      }));
      const gateway = caller("gateway", trusting, roleAccount);
      const { fn } = shop(apiAccount, {}, { credentials: gateway.arn });
      new aws.iam.RolePolicy(
        "invoke",
        { role: gateway.name, policy: allowDocument(invokeFunction({ fn })) },
        roleAccount,
      );
      new aws.lambda.Permission(
        "gateway-in",
        { action: "lambda:InvokeFunction", function: fn.name, principal: gateway.arn },
        apiAccount,
      );
    },
    expected: [`${ROLE} @ gateway`],
    messageIncludes: ["Cross-account pass role is not allowed"],
  },
];

/** The base API, and the callers of the case. */
const withCallers =
  (make: (base: Shop) => void, functionArgs: Partial<aws.lambda.FunctionArgs> = {}) =>
  () =>
    make(shop({}, functionArgs));

const callers: readonly Case[] = [
  {
    name: "roles with execute-api:Invoke only, from an inline policy, managedPolicyArns and a PolicyAttachment",
    program: withCallers((base) => {
      const policy = new aws.iam.Policy("call", { policy: allowDocument(executeApi(base)) });
      caller("inline", {
        inlinePolicies: [{ name: "x", policy: pulumi.jsonStringify(allowDocument(executeApi(base))) }],
      });
      caller("listed", { managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"] });
      new aws.iam.PolicyAttachment("call", { policyArn: policy.arn, roles: [caller("attached").name] });
    }),
    expected: ["attached", "inline", "listed"].map((name) => `${LACKS_INVOKE} @ ${name}`),
  },
  {
    name: "role that the API's resource policy denies without aws:SourceVpce, on an API that is not private",
    program: withCallers((base) => {
      roleWithPolicy("app", [executeApi(base)]);
      new aws.apigateway.RestApiPolicy("endpoint", {
        restApiId: base.api.id,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
            {
              Effect: "Deny",
              Principal: "*",
              Action: "execute-api:Invoke",
              Resource: "execute-api:/*",
              Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
            },
          ],
        }),
      });
    }),
    expected: ["caller-execute-api-invoke @ app"],
    messageIncludes: [
      "under the condition StringNotEquals aws:SourceVpce (the request has no aws:SourceVpce)",
    ],
  },
  {
    name: "execution role of a function with execute-api:Invoke only",
    program: withCallers((base) => {
      const worker = makeFunction("worker");
      new aws.iam.RolePolicy("call", {
        role: worker.role.apply((arn) => arn.split("/").pop() ?? ""),
        policy: allowDocument(executeApi(base)),
      });
    }),
    expected: [`${LACKS_INVOKE} @ worker-exec`],
  },
  {
    name: "grants on a path of {proxy+}, and on every method of a path",
    program: () => {
      const api = new aws.apigateway.RestApi("shop");
      const reader = makeFunction("reader");
      const writer = makeFunction("writer");
      const orders = endpoint("orders", api, "GET", "orders", reader.invokeArn);
      const greedyRoute = endpoint("others", api, "ANY", "{proxy+}", writer.invokeArn);
      for (const [name, fn] of Object.entries({ reader, writer }))
        allowInvoke(`${name}-in`, fn, pulumi.interpolate`${api.executionArn}/*/*`);
      stage("prod", api, [orders, greedyRoute]);
      for (const [name, path] of [
        ["path", "GET/items"],
        ["verb", "*/orders"],
      ])
        roleWithPolicy(`${name}`, [
          ["execute-api:Invoke", pulumi.interpolate`${api.executionArn}/prod/${path}`],
          ["lambda:InvokeFunction", reader.arn],
        ]);
    },
    expected: {
      "first-preview": ["unproven-access @ path"],
      deployed: [`${LACKS_INVOKE} @ path`, `${LACKS_INVOKE} @ verb`],
    },
  },
  {
    name: "grant on the bare execution ARN",
    program: withCallers(({ api }) => roleWithPolicy("short", [["execute-api:Invoke", api.executionArn]])),
    expected: {
      "first-preview": [`${LACKS_INVOKE} @ short`],
      deployed: ["caller-execute-api-invoke @ short", "invoke-policy-resource @ short-policy"],
    },
  },
  {
    name: "user with execute-api:Invoke from a group",
    program: withCallers((base) => {
      const group = new aws.iam.Group("people");
      new aws.iam.GroupPolicy("call", { group: group.name, policy: allowDocument(executeApi(base)) });
      new aws.iam.UserGroupMembership("ann", { user: new aws.iam.User("ann").name, groups: [group.name] });
    }),
    expected: [`${LACKS_INVOKE} @ ann`],
  },
  {
    name: "role whose policy for lambda:InvokeFunction is not attached",
    program: withCallers((base) => {
      roleWithPolicy("app", [executeApi(base)]);
      new aws.iam.Policy("invoke", { policy: allowDocument(invokeFunction(base)) });
    }),
    expected: [`${LACKS_INVOKE} @ app`],
  },
  {
    name: "roles with lambda:InvokeFunction on another function, on a similar name and in another region",
    program: withCallers(
      (base) => {
        roleWithPolicy("other", [executeApi(base), invokeFunction({ fn: makeFunction("other-fn") })]);
        for (const [name, arn] of Object.entries({
          alike: "arn:aws:lambda:us-east-1:123456789012:function:order",
          abroad: "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        })) {
          const role = roleWithPolicy(name, [executeApi(base)]);
          new aws.iam.RolePolicy(`${name}-fn`, {
            role: role.name,
            policy: JSON.stringify(allowDocument(["lambda:InvokeFunction", arn])),
          });
        }
      },
      { name: "orders" },
    ),
    expected: ["abroad", "alike", "other"].map((name) => `${LACKS_INVOKE} @ ${name}`),
  },
  {
    name: "roles with a permissions boundary and with a Deny",
    program: withCallers((base) => {
      const boundary = new aws.iam.Policy("boundary", {
        policy: JSON.stringify(
          allowDocument(["execute-api:*", "arn:aws:execute-api:us-east-1:123456789012:*"]),
        ),
      });
      roleWithPolicy("bounded", [executeApi(base), invokeFunction(base)], {
        permissionsBoundary: boundary.arn,
      });
      const denied = roleWithPolicy("denied", [executeApi(base), invokeFunction(base)]);
      new aws.iam.RolePolicy("deny", {
        role: denied.name,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: { Effect: "Deny", Action: "lambda:*", Resource: "*" },
        }),
      });
    }),
    expected: [`${LACKS_INVOKE} @ bounded`, `${LACKS_INVOKE} @ denied`],
  },
  {
    name: "roles with a grant on the invocation URI, with a misspelled action, and with a grant on the version",
    program: withCallers(
      (base) => {
        roleWithPolicy("uri", [executeApi(base), ["lambda:InvokeFunction", base.fn.invokeArn]]);
        roleWithPolicy("spelling", [executeApi(base), ["lambda:Invoke", base.fn.arn]]);
        roleWithPolicy("version", [executeApi(base), ["lambda:InvokeFunction", base.fn.qualifiedArn]]);
      },
      { publish: true },
    ),
    expected: {
      "first-preview": UNPROVEN,
      deployed: [
        ...["spelling", "uri", "version"].map((name) => `${LACKS_INVOKE} @ ${name}`),
        "invoke-policy-resource @ spelling-policy",
        "invoke-policy-resource @ uri-policy",
      ],
    },
  },
];

describe("outages: permissions", () => runCases(permissions));
describe("outages: credentials roles", () => runCases(roles));
describe("outages: callers", () => runCases(callers));
