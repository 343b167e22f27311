import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Moment, runCases } from "../support/cases";
import { functionOfExternalRole } from "../support/programs";
import { allow, trustOf } from "../support/rest";

const API = "abcdef1234";
const EXECUTION = `arn:aws:execute-api:us-east-1:123456789012:${API}`;

/** Origins of the id of a REST API in another stack. */
const IDS: Readonly<Record<string, () => { id: pulumi.Input<string>; root: pulumi.Input<string> }>> = {
  literal: () => ({ id: API, root: "rootid1234" }),
  "a StackReference": () => {
    const apiStack = new pulumi.StackReference("org/api/prod");
    return { id: apiStack.requireOutput("id"), root: apiStack.requireOutput("root") } as never;
  },
  "a looked-up API": () => {
    const api = aws.apigateway.RestApi.get("shared", API);
    return { id: api.id, root: api.rootResourceId };
  },
};

const stackReferences = { "org/api/prod": { id: API, root: "rootid1234", executionArn: EXECUTION } };

interface MethodOptions {
  readonly source?: string | false;
  readonly caller?: (fn: aws.lambda.Function) => aws.iam.PolicyStatement[];
  readonly authorization?: string;
  readonly credentials?: string;
  readonly permission?: Partial<aws.lambda.PermissionArgs>;
  readonly more?: (api: pulumi.Input<string>) => void;
}

const withMethod = (id: keyof typeof IDS, options: MethodOptions) => (): void => {
  const fn = functionOfExternalRole("orders");
  const api = (IDS[id] as () => { id: pulumi.Input<string>; root: pulumi.Input<string> })();
  const orders = new aws.apigateway.Resource("orders", {
    restApi: api.id,
    parentId: api.root,
    pathPart: "orders",
  });
  const item = new aws.apigateway.Resource("item", {
    restApi: api.id,
    parentId: orders.id,
    pathPart: "{id}",
  });
  const method = new aws.apigateway.Method("get", {
    restApi: api.id,
    resourceId: item.id,
    httpMethod: "GET",
    authorization: options.authorization ?? "AWS_IAM",
  });
  new aws.apigateway.Integration("integration", {
    restApi: method.restApi,
    resourceId: method.resourceId,
    httpMethod: method.httpMethod,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  if (options.source !== false)
    new aws.lambda.Permission("permission", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: options.source ?? `${EXECUTION}/*/*`,
      ...options.permission,
    });
  const caller = new aws.iam.Role("caller", {
    name: "caller",
    assumeRolePolicy: trustOf("ec2.amazonaws.com"),
  });
  if (options.caller !== undefined)
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: options.caller(fn) },
    });
  options.more?.(api.id);
};

const POLICY = "iam-route-caller-lambda-invoke";
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const calls = allow("execute-api:Invoke", `${EXECUTION}/prod/GET/orders/*`);
const ROUTE = "route-function-permission @ integration";
const UNPROVEN = "unproven-access @ integration";

const ROWS: readonly (readonly [
  string,
  MethodOptions,
  readonly string[] | Readonly<Record<Moment, readonly string[]>>,
])[] = [
  ["allowed", {}, []],
  ["function without a permission", { source: false }, [ROUTE]],
  ["permission for another API", { source: `${EXECUTION.replace(API, "zzzzzz1234")}/*/*` }, [ROUTE]],
  // The beginning of the path is unknown until the resources exist: the parent may be the root or any resource.
  [
    "permission for another method",
    { source: `${EXECUTION}/*/POST/*` },
    { "first-preview": [UNPROVEN], deployed: [ROUTE] },
  ],
  [
    "permission for the route",
    { source: `${EXECUTION}/*/GET/orders/{id}` },
    { "first-preview": [UNPROVEN], deployed: [] },
  ],
  // The stages are in the other stack.
  ["permission for one stage", { source: `${EXECUTION}/prod/*` }, [UNPROVEN]],
  [
    "permission on an alias",
    { permission: { qualifier: "live" } },
    { "first-preview": [UNPROVEN], deployed: [ROUTE] },
  ],
  ["caller with both actions", { caller: () => [calls, allow("lambda:InvokeFunction", ARN)] }, []],
  [
    "caller with both actions, ARN by reference",
    { caller: (fn) => [calls, allow("lambda:InvokeFunction", fn.arn)] },
    [],
  ],
  [
    "caller without lambda:InvokeFunction",
    { caller: () => [calls] },
    { "first-preview": ["unproven-access @ caller"], deployed: [`${POLICY} @ caller`] },
  ],
  [
    "caller of every route without lambda:InvokeFunction",
    { caller: () => [allow("execute-api:Invoke", `${EXECUTION}/*`)] },
    [`${POLICY} @ caller`],
  ],
  [
    "caller of a route that is not in the stack",
    { caller: () => [allow("execute-api:Invoke", `${EXECUTION}/*/GET/prices`)] },
    ["external-api-caller-lambda-invoke @ caller"],
  ],
  ["no caller", { caller: () => [allow("s3:GetObject", "*")] }, []],
  [
    "caller with a Deny on execute-api",
    { caller: () => [calls, { Effect: "Deny", Action: "execute-api:*", Resource: "*" }] },
    { "first-preview": [], deployed: ["caller-execute-api-invoke @ caller"] },
  ],
  [
    "caller credentials, caller without lambda:InvokeFunction",
    { source: false, credentials: "arn:aws:iam::*:user/*", caller: () => [calls] },
    {
      "first-preview": ["unproven-access @ caller"],
      deployed: ["caller-credentials-lambda-invoke @ caller"],
    },
  ],
  [
    "caller credentials without IAM authorization",
    { source: false, credentials: "arn:aws:iam::*:user/*", authorization: "NONE" },
    ["caller-credentials-lambda-invoke @ integration"],
  ],
  [
    "credentials role outside the stack",
    { source: false, credentials: "arn:aws:iam::123456789012:role/elsewhere" },
    ["unproven-access @ integration"],
  ],
  [
    "resource policy of this stack that allows the caller",
    {
      caller: () => [allow("lambda:ListFunctions", "*")],
      more: (id) =>
        new aws.apigateway.RestApiPolicy("policy", {
          restApiId: id,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { AWS: "arn:aws:iam::123456789012:role/caller" },
                Action: "execute-api:Invoke",
                Resource: "*",
              },
            ],
          }),
        }),
    },
    [`${POLICY} @ caller`],
  ],
];

for (const id of Object.keys(IDS))
  describe(`routes added to a REST API of another stack, by ${id}`, () =>
    runCases(
      ROWS.map(([name, options, expected]) => ({
        name,
        program: withMethod(id, options),
        expected,
        plan: { stackReferences },
      })),
      ["lambda-permission-scope", "invoke-policy-scope"],
    ));

interface RouteOptions {
  readonly key?: string;
  readonly id?: () => pulumi.Input<string>;
  readonly authorization?: string;
  readonly source?: string | false;
  readonly caller?: aws.iam.PolicyStatement[];
  readonly credentials?: string;
}

/** A Route and its Integration on an HTTP or WebSocket API in another stack. */
const withRoute = (options: RouteOptions) => (): void => {
  const fn = functionOfExternalRole("orders");
  const apiId = options.id?.() ?? API;
  const integration = new aws.apigatewayv2.Integration("integration", {
    apiId,
    integrationType: "AWS_PROXY",
    integrationUri: fn.invokeArn,
    ...(options.credentials === undefined ? {} : { credentialsArn: options.credentials }),
  });
  new aws.apigatewayv2.Route("route", {
    apiId,
    routeKey: options.key ?? "GET /orders/{id}",
    target: pulumi.interpolate`integrations/${integration.id}`,
    authorizationType: options.authorization ?? "AWS_IAM",
  });
  if (options.source !== false)
    new aws.lambda.Permission("permission", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: options.source ?? `${EXECUTION}/*/*`,
    });
  const caller = new aws.iam.Role("caller", {
    name: "caller",
    assumeRolePolicy: trustOf("ec2.amazonaws.com"),
  });
  if (options.caller !== undefined)
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: options.caller },
    });
};

/** An id that is known only after deployment, because CloudFormation creates the API. */
const fromCloudFormation = () =>
  new aws.cloudformation.Stack("sam", { name: "sam", templateUrl: "https://example.com/x" }).outputs.apply(
    (outputs) => outputs?.ApiId ?? API,
  );

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

describe("routes added to an HTTP or WebSocket API of another stack", () =>
  runCases(
    (
      [
        ["allowed", {}, []],
        ["function without a permission", { source: false }, [ROUTE]],
        ["permission for another API", { source: `${EXECUTION.replace(API, "zzzzzz1234")}/*` }, [ROUTE]],
        ["permission for another path", { source: `${EXECUTION}/*/GET/prices` }, [ROUTE]],
        ["$default, source ARN of the route", { key: "$default", source: `${EXECUTION}/*/$default` }, []],
        [
          "$default, source ARN with a method",
          { key: "$default", source: `${EXECUTION}/*/*/$default` },
          [ROUTE],
        ],
        ["$connect, source ARN of the route", { key: "$connect", source: `${EXECUTION}/*/$connect` }, []],
        ["caller without lambda:InvokeFunction", { caller: [calls] }, [`${POLICY} @ caller`]],
        ["caller with both actions", { caller: [calls, allow("lambda:*", ARN)] }, []],
        [
          "caller of $connect without lambda:InvokeFunction",
          { key: "$connect", caller: [allow("execute-api:Invoke", `${EXECUTION}/prod/$connect`)] },
          [`${POLICY} @ caller`],
        ],
        [
          "route without IAM authorization, caller of $connect",
          {
            key: "sendMessage",
            authorization: "NONE",
            caller: [allow("execute-api:Invoke", `${EXECUTION}/prod/$connect`)],
          },
          ["external-api-caller-lambda-invoke @ caller"],
        ],
        [
          "caller credentials, caller without lambda:InvokeFunction",
          { source: false, credentials: CALLER_CREDENTIALS, caller: [calls] },
          ["caller-credentials-lambda-invoke @ caller"],
        ],
        [
          "caller credentials, caller with every action",
          { source: false, credentials: CALLER_CREDENTIALS, caller: [allow("*", "*")] },
          [],
        ],
        [
          "unknown API id",
          { id: fromCloudFormation },
          { "first-preview": ["unproven-access @ integration"], deployed: [] },
        ],
        ["unknown API id, function without a permission", { id: fromCloudFormation, source: false }, [ROUTE]],
        [
          "unknown API id, no caller",
          { id: fromCloudFormation, caller: [allow("s3:GetObject", "*")] },
          { "first-preview": ["unproven-access @ integration"], deployed: [] },
        ],
      ] as const
    ).map(([name, options, expected]) => ({ name, program: withRoute(options as RouteOptions), expected })),
    ["lambda-permission-scope", "invoke-policy-scope"],
  ));
