import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readStack } from "../../stack";
import { type Case, runCases } from "../support/cases";
import {
  anotherFunction,
  type Base,
  CALLER_CREDENTIALS,
  executeOnly,
  httpStack,
  sourceArn,
} from "../support/http";
import { Native } from "../support/native";
import { allow, trustOf } from "../support/rest";

/** The policies that decide about routes, without the advisory policies on documents. */
const DECISIONS = [
  "iam-route-caller-lambda-invoke",
  "caller-credentials-lambda-invoke",
  "route-function-permission",
  "integration-role-lambda-invoke",
  "authorizer-function-permission",
  "caller-execute-api-invoke",
  "unproven-access",
  "policy-configuration",
];

type Decided = Omit<Case, "only" | "program"> & { readonly stack: Parameters<typeof httpStack>[0] };

function decided(cases: readonly Decided[]): void {
  runCases(
    cases.map(({ stack, ...testCase }) => ({ ...testCase, program: httpStack(stack), only: DECISIONS })),
  );
}

/** An unknown source ARN is treated as a source ARN of the API that it depends on. */
const onceDeployed = (...findings: string[]) => ({ "first-preview": [], deployed: findings });

const NO_PERMISSION = "route-function-permission @ integration";

describe("HTTP APIs", () => {
  describe("integrations without credentials", () => {
    decided([
      { name: "healthy", stack: {}, expected: [] },
      {
        name: "the function by its ARN",
        stack: { integration: ({ fn }) => ({ integrationUri: fn.arn }) },
        expected: [],
      },
      {
        name: "no permission",
        stack: { permission: false },
        expected: [NO_PERMISSION],
        messageIncludes: ["GET /orders/{id}", "has no permission for it"],
      },
      {
        name: "no permission, the function by its ARN",
        stack: { permission: false, integration: ({ fn }) => ({ integrationUri: fn.arn }) },
        expected: [NO_PERMISSION],
      },
      {
        name: "a source ARN with another path",
        stack: { permission: sourceArn("/*/GET/customers/*") },
        expected: onceDeployed(NO_PERMISSION),
      },
      {
        name: "a source ARN with the route's template",
        stack: { permission: sourceArn("/*/GET/orders/{id}") },
        expected: [],
      },
      {
        name: "a permission under another qualifier",
        stack: { permission: () => ({ qualifier: "live" }) },
        expected: { "first-preview": ["unproven-access @ integration"], deployed: [NO_PERMISSION] },
      },
      {
        name: "a permission for another action",
        stack: { permission: () => ({ action: "lambda:GetFunction" }) },
        expected: [NO_PERMISSION],
      },
      {
        name: "lower-case action and no slash before the wildcards",
        stack: {
          permission: ({ api }) => ({
            action: "lambda:invokeFunction",
            sourceArn: pulumi.interpolate`${api.executionArn}*/*`,
          }),
        },
        expected: [],
      },
      { name: "no stage in the stack", stack: { stage: false, permission: sourceArn("/*/*") }, expected: [] },
    ]);
  });

  describe("an alias", () => {
    const alias = ({ fn }: Base) =>
      new aws.lambda.Alias("live", { name: "live", functionName: fn.name, functionVersion: "1" });
    decided([
      {
        name: "permission on the function only",
        stack: {
          route: { authorizationType: "NONE" },
          integration: (base) => ({ integrationUri: alias(base).invokeArn }),
        },
        expected: [NO_PERMISSION],
        messageIncludes: ["only for another qualifier"],
      },
      {
        name: "permission on the alias",
        stack: {
          integration: (base) => ({ integrationUri: alias(base).arn }),
          permission: () => ({ qualifier: "live" }),
          caller: (base) => [
            ...executeOnly(base),
            allow("lambda:InvokeFunction", pulumi.interpolate`${base.fn.arn}:*`),
          ],
        },
        expected: [],
      },
    ]);
  });

  describe("the $default route", () => {
    const stack = { routeKey: "$default" };
    decided([
      { name: "two segments", stack: { ...stack, permission: sourceArn("/*/$default") }, expected: [] },
      {
        name: "three wildcards",
        stack: { ...stack, permission: sourceArn("/*/*/*") },
        expected: onceDeployed(NO_PERMISSION),
      },
      {
        name: "callers may use any method and path",
        stack: {
          ...stack,
          caller: (base) => [
            allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/$default/POST/any/path`),
          ],
        },
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
    ]);
  });

  describe("an ANY route", () => {
    const stack = { routeKey: "ANY /orders" };
    decided([
      { name: "* as the method", stack: { ...stack, permission: sourceArn("/*/*/orders") }, expected: [] },
      {
        name: "ANY as the method, where AWS does not document the source ARN",
        stack: { ...stack, permission: sourceArn("/*/ANY/orders") },
        expected: onceDeployed("unproven-access @ integration"),
      },
    ]);
  });

  describe("callers", () => {
    decided([
      {
        name: "lacks lambda:InvokeFunction",
        stack: { caller: executeOnly },
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "lacks it on a route without authorization",
        stack: { caller: executeOnly, route: { authorizationType: "NONE" } },
        expected: [],
      },
      {
        name: "lacks it on a route with a JWT",
        stack: { caller: executeOnly, route: { authorizationType: "JWT" } },
        expected: [],
      },
      {
        name: "may call another stage only",
        stack: {
          caller: ({ api }) => [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/prod/GET/orders/*`),
          ],
        },
        expected: {
          "first-preview": ["iam-route-caller-lambda-invoke @ caller"],
          deployed: ["caller-execute-api-invoke @ caller"],
        },
      },
      {
        name: "may call no route",
        stack: { caller: false },
        expected: [],
      },
    ]);
  });

  describe("caller credentials", () => {
    const stack = { integration: () => ({ credentialsArn: CALLER_CREDENTIALS }), permission: false } as const;
    decided([
      { name: "the caller has both actions", stack, expected: [] },
      {
        name: "the caller lacks lambda:InvokeFunction",
        stack: { ...stack, caller: executeOnly },
        expected: ["caller-credentials-lambda-invoke @ caller"],
      },
      {
        name: "on a route without authorization",
        stack: { ...stack, route: { authorizationType: "NONE" } },
        expected: ["caller-credentials-lambda-invoke @ integration"],
      },
    ]);
  });

  describe("a role in the credentials", () => {
    const stack = {
      integration: ({ gateway }: Base) => ({ credentialsArn: gateway.arn }),
      permission: false,
    } as const;
    decided([
      { name: "healthy", stack, expected: [] },
      {
        name: "lacks lambda:InvokeFunction",
        stack: { ...stack, gatewayPolicy: () => [allow("logs:PutLogEvents", "*")] },
        expected: ["integration-role-lambda-invoke @ gateway"],
      },
      {
        name: "does not trust API Gateway",
        stack: { ...stack, gatewayTrust: trustOf("lambda.amazonaws.com") },
        expected: ["integration-role-lambda-invoke @ gateway"],
      },
    ]);
  });

  describe("integrations that are not with Lambda", () => {
    decided([
      {
        name: "another service, by a subtype",
        stack: {
          permission: false,
          caller: executeOnly,
          integration: ({ gateway }) => ({
            integrationUri: undefined as never,
            integrationSubtype: "SQS-SendMessage",
            credentialsArn: gateway.arn,
            requestParameters: { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders" },
          }),
        },
        // The role's new document and the queue's policy can grant the service's action by a literal.
        expected: ["unproven-access @ gateway"],
      },
      {
        name: "a proxy of a URL",
        stack: {
          permission: false,
          caller: executeOnly,
          integration: () => ({ integrationType: "HTTP_PROXY", integrationUri: "https://example.com" }),
        },
        expected: [],
      },
      {
        name: "an integration that is not in the plan",
        stack: { permission: false, caller: executeOnly, route: { target: "integrations/abc1234" } },
        expected: ["unproven-access @ caller"],
      },
    ]);
  });
});

describe("quick create", () => {
  const stack = { routes: false, apiArgs: (fn: aws.lambda.Function) => ({ target: fn.arn }) } as const;
  const WITHOUT_PERMISSION = "route-function-permission @ orders-api";
  decided([
    { name: "healthy", stack, expected: [] },
    {
      name: "no permission",
      stack: { ...stack, permission: false },
      expected: [WITHOUT_PERMISSION],
      messageIncludes: ["$default of API orders-api", "/*/$default`"],
    },
    {
      name: "a source ARN for the $default route",
      stack: { ...stack, permission: sourceArn("/$default/$default") },
      expected: [],
    },
    {
      name: "a source ARN with a method and a path",
      stack: { ...stack, permission: sourceArn("/*/*/*") },
      expected: onceDeployed(WITHOUT_PERMISSION),
    },
    {
      name: "a route key",
      stack: {
        ...stack,
        apiArgs: (fn) => ({ target: fn.arn, routeKey: "POST /orders" }),
        permission: sourceArn("/$default/POST/orders"),
      },
      expected: [],
    },
    {
      name: "a route key that the source ARN does not match",
      stack: {
        ...stack,
        apiArgs: (fn) => ({ target: fn.arn, routeKey: "POST /orders" }),
        permission: sourceArn("/$default/GET/orders"),
      },
      expected: onceDeployed(WITHOUT_PERMISSION),
    },
    {
      name: "a caller on a route without authorization",
      stack: { ...stack, caller: executeOnly },
      expected: [],
    },
    {
      name: "a target that is a URL",
      stack: { ...stack, permission: false, apiArgs: () => ({ target: "https://example.com" }) },
      expected: [],
    },
    {
      name: "a role that lacks lambda:InvokeFunction",
      stack: {
        ...stack,
        permission: false,
        apiArgs: (fn, gateway) => ({ target: fn.arn, credentialsArn: gateway.arn }),
        gatewayPolicy: () => [allow("logs:PutLogEvents", "*")],
      },
      expected: ["integration-role-lambda-invoke @ gateway"],
    },
    {
      name: "caller credentials, and no authorization",
      stack: {
        ...stack,
        permission: false,
        apiArgs: (fn) => ({ target: fn.arn, credentialsArn: CALLER_CREDENTIALS }),
      },
      expected: ["caller-credentials-lambda-invoke @ orders-api"],
    },
    {
      name: "IAM authorization by an override",
      stack: {
        ...stack,
        caller: executeOnly,
        more: ({ api }) => {
          new Native("apigatewayv2:ApiGatewayManagedOverrides", "overrides", {
            apiId: api.id,
            route: { authorizationType: "AWS_IAM" },
          });
        },
      },
      expected: ["iam-route-caller-lambda-invoke @ caller"],
    },
    {
      name: "another function by an override",
      stack: {
        ...stack,
        more: (base) => {
          const otherFunction = anotherFunction("other", base);
          new Native("apigatewayv2:ApiGatewayManagedOverrides", "overrides", {
            apiId: base.api.id,
            route: { target: otherFunction.arn },
          });
        },
      },
      expected: ["route-function-permission @ overrides"],
      messageIncludes: ["cannot invoke function other"],
    },
  ]);
});

describe("WebSocket APIs", () => {
  const stack = { protocol: "WEBSOCKET" } as const;
  /** An additional route to the same function, with its integration. */
  const message = (integration: Partial<aws.apigatewayv2.IntegrationArgs> = {}) => ({
    more: ({ api, fn }: Base) => {
      const send = new aws.apigatewayv2.Integration("send", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.invokeArn,
        ...integration,
      });
      new aws.apigatewayv2.Route("send-route", {
        apiId: api.id,
        routeKey: "send",
        target: pulumi.interpolate`integrations/${send.id}`,
      });
    },
  });
  const connect = ({ api }: Base) =>
    allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/live/$connect`);
  const send = ({ api }: Base) =>
    allow("execute-api:ManageConnections", pulumi.interpolate`${api.executionArn}/live/POST/@connections/*`);

  decided([
    { name: "healthy", stack, expected: [] },
    { name: "no permission", stack: { ...stack, permission: false }, expected: [NO_PERMISSION] },
    {
      name: "a source ARN with the key",
      stack: { ...stack, permission: sourceArn("/*/$connect") },
      expected: [],
    },
    {
      name: "a source ARN with a method and a path",
      stack: { ...stack, permission: sourceArn("/*/*/*") },
      expected: onceDeployed(NO_PERMISSION),
    },
    {
      name: "a permission for one of two keys",
      stack: { ...stack, permission: sourceArn("/*/$connect"), ...message() },
      expected: onceDeployed("route-function-permission @ send"),
    },
    {
      name: "the caller may connect and lacks lambda:InvokeFunction",
      stack: { ...stack, caller: (base) => [connect(base)] },
      // Before the API exists, the document can also be for sending messages.
      expected: {
        "first-preview": ["unproven-access @ caller"],
        deployed: ["iam-route-caller-lambda-invoke @ caller"],
      },
    },
    {
      name: "a principal that may only send messages is not a caller",
      stack: { ...stack, caller: (base) => [send(base)] },
      expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
    },
    {
      name: "authorization of messages has no effect",
      stack: {
        ...stack,
        routeKey: "send",
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
      },
      expected: [],
    },
    {
      name: "caller credentials on $connect",
      stack: {
        ...stack,
        permission: false,
        integration: () => ({ credentialsArn: CALLER_CREDENTIALS }),
        caller: (base) => [connect(base)],
      },
      expected: {
        "first-preview": ["unproven-access @ caller"],
        deployed: ["caller-credentials-lambda-invoke @ caller"],
      },
    },
    {
      name: "caller credentials on messages, which AWS does not document",
      stack: { ...stack, ...message({ credentialsArn: CALLER_CREDENTIALS }), caller: executeOnly },
      expected: {
        "first-preview": ["unproven-access @ caller", "unproven-access @ caller"],
        deployed: ["iam-route-caller-lambda-invoke @ caller", "unproven-access @ caller"],
      },
    },
    {
      name: "caller credentials on messages of a connection without credentials",
      stack: {
        ...stack,
        ...message({ credentialsArn: CALLER_CREDENTIALS }),
        route: { authorizationType: "NONE" },
      },
      expected: ["caller-credentials-lambda-invoke @ send"],
    },
  ]);
});

describe("Lambda authorizers of HTTP and WebSocket APIs", () => {
  const AUTHORIZER = "authorizer-function-permission @ authorizer";
  const authorized = (
    tail: string | false,
    args: (base: Base) => Partial<aws.apigatewayv2.AuthorizerArgs> = () => ({}),
  ) => ({
    caller: false as const,
    route: { authorizationType: "CUSTOM" },
    more: (base: Base) => {
      const { api } = base;
      const gate = anotherFunction("gate", base);
      const authorizer = new aws.apigatewayv2.Authorizer("authorizer", {
        apiId: api.id,
        authorizerType: "REQUEST",
        authorizerUri: gate.invokeArn,
        ...args(base),
      });
      if (tail !== false)
        new aws.lambda.Permission("gate-permission", {
          action: "lambda:InvokeFunction",
          function: gate.name,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${api.executionArn}${tail === "id" ? pulumi.interpolate`/authorizers/${authorizer.id}` : tail}`,
        });
    },
  });
  decided([
    { name: "healthy", stack: authorized("/authorizers/*"), expected: [] },
    { name: "its own id", stack: authorized("id"), expected: [] },
    { name: "no permission", stack: authorized(false), expected: [AUTHORIZER] },
    { name: "three wildcards", stack: authorized("/*/*/*"), expected: onceDeployed(AUTHORIZER) },
    {
      name: "no permission on a WebSocket API",
      stack: { protocol: "WEBSOCKET", ...authorized(false) },
      expected: [AUTHORIZER],
    },
    {
      name: "a role that may not invoke it",
      stack: authorized(false, ({ gateway }) => ({ authorizerCredentialsArn: gateway.arn })),
      expected: [AUTHORIZER],
    },
    {
      name: "a JWT authorizer, which calls no function",
      stack: authorized(false, () => ({ authorizerType: "JWT", authorizerUri: undefined as never })),
      expected: [],
    },
  ]);
});

describe("source ARNs that begin with a stage's", () => {
  const permitted = ({ api, fn }: Base): void => {
    const stage = new aws.apigatewayv2.Stage("made", { apiId: api.id, name: "made", autoDeploy: true });
    new aws.lambda.Permission("by-stage", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${stage.executionArn}/*`,
    });
  };
  const stack = { stage: false, permission: false, more: permitted } as const;
  decided([
    { name: "a route", stack, expected: [] },
    { name: "the $default route", stack: { ...stack, routeKey: "$default" }, expected: [] },
    { name: "a route of a WebSocket API", stack: { ...stack, protocol: "WEBSOCKET" }, expected: [] },
    {
      name: "the stage of a caller's grant on a WebSocket API",
      stack: {
        protocol: "WEBSOCKET",
        caller: ({ api, fn }) => [
          allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/${stageOf(api).name}/$connect`),
          allow("lambda:InvokeFunction", fn.arn),
        ],
      },
      expected: [],
    },
  ]);
});

/** An additional stage, whose name is an output. */
function stageOf(api: aws.apigatewayv2.Api): aws.apigatewayv2.Stage {
  return new aws.apigatewayv2.Stage("another", { apiId: api.id, name: "another" });
}

describe("resources of an API that refer to each other", () => {
  /** A second route whose target is the first route's target. */
  const second = (routeKey: string) => ({
    more: ({ api }: Base) => {
      const stage = new aws.apigatewayv2.Stage("second-stage", { apiId: api.id, name: "second" });
      const integration = new aws.apigatewayv2.Integration("second", {
        apiId: stage.apiId,
        integrationType: "AWS_PROXY",
        integrationUri: "arn:aws:lambda:us-east-1:123456789012:function:orders",
      });
      const first = new aws.apigatewayv2.Route("second-first", {
        apiId: integration.apiId,
        routeKey,
        target: pulumi.interpolate`integrations/${integration.id}`,
      });
      new aws.apigatewayv2.Route("second-second", {
        apiId: first.apiId,
        routeKey: `${routeKey}/{id}`,
        target: first.target.apply((target) => target ?? ""),
      });
    },
  });
  decided([
    { name: "healthy", stack: second("GET /customers"), expected: [] },
    {
      name: "several routes of one integration are one finding",
      stack: { permission: false, ...second("GET /customers") },
      expected: [NO_PERMISSION, "route-function-permission @ second"],
      messageIncludes: ["GET /customers and GET /customers/{id} of API orders-api"],
    },
    {
      name: "two APIs with one function, with a permission for one of them",
      stack: {
        more: ({ fn }) => {
          new aws.apigatewayv2.Api("second", { protocolType: "HTTP", name: "second", target: fn.arn });
        },
      },
      expected: ["route-function-permission @ second"],
    },
    {
      name: "an API in another region than the function's",
      stack: { apiArgs: () => ({ region: "eu-west-1" }), permission: false },
      expected: [NO_PERMISSION],
    },
    {
      name: "a choice between two integrations",
      stack: {
        permission: false,
        routes: false,
        more: ({ api, fn }) => {
          const [first, two] = ["one", "two"].map(
            (name) =>
              new aws.apigatewayv2.Integration(name, {
                apiId: api.id,
                integrationType: "AWS_PROXY",
                integrationUri: fn.arn,
              }),
          );
          new aws.apigatewayv2.Route("chosen", {
            apiId: api.id,
            routeKey: "GET /chosen",
            target: pulumi.all([first?.id, two?.id]).apply(([id]) => `integrations/${id}`),
          });
        },
      },
      expected: {
        "first-preview": ["unproven-access @ chosen"],
        deployed: ["route-function-permission @ one"],
      },
    },
    {
      name: "an unknown route key",
      stack: { routeKey: pulumi.output("x").apply(() => "GET /orders/{id}") },
      expected: [],
    },
    {
      name: "a route without a target",
      stack: {
        more: ({ api }) => {
          new aws.apigatewayv2.Route("aimless", { apiId: api.id, routeKey: "GET /nothing" });
        },
      },
      expected: [],
    },
    {
      name: "parts of an API of another stack, without a permission for it",
      stack: {
        more: ({ fn }) => {
          const integration = new aws.apigatewayv2.Integration("foreign", {
            apiId: "a1b2c3d4e5",
            integrationType: "AWS_PROXY",
            integrationUri: fn.arn,
          });
          new aws.apigatewayv2.Route("foreign-route", {
            apiId: "a1b2c3d4e5",
            routeKey: "GET /foreign",
            target: pulumi.interpolate`integrations/${integration.id}`,
          });
        },
      },
      expected: ["route-function-permission @ foreign"],
    },
  ]);
});

describe("whenUnknown: prove", () => {
  const config = Object.fromEntries(
    DECISIONS.filter((policy) => policy !== "policy-configuration").map((policy) => [
      policy,
      { whenUnknown: "prove" },
    ]),
  );
  decided([
    {
      name: "no permission",
      stack: { permission: false },
      config,
      // There is one finding for the route; the caller's unproven verdict is first.
      expected: { "first-preview": ["unproven-access @ caller"], deployed: [NO_PERMISSION] },
    },
    {
      name: "a source ARN with another path",
      stack: { permission: sourceArn("/*/GET/customers") },
      config,
      expected: { "first-preview": ["unproven-access @ caller"], deployed: [NO_PERMISSION] },
    },
  ]);
});

describe("HTTP APIs of aws-native", () => {
  interface NativePatch {
    readonly permission?: false;
    readonly caller?: readonly string[];
    readonly credentials?: string;
    readonly quick?: true;
  }
  const nativeStack =
    (patch: NativePatch = {}) =>
    (): void => {
      const fn = new Native(
        "lambda:Function",
        "orders",
        { functionName: "orders", role: "arn:aws:iam::123456789012:role/execution", code: { zipFile: "//" } },
        ["arn"],
      );
      const api = new Native(
        "apigatewayv2:Api",
        "api",
        { name: "api", protocolType: "HTTP", ...(patch.quick ? { target: fn.output("arn") } : {}) },
        ["apiId"],
      );
      const apiId = api.output("apiId");
      const executionArn = pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${apiId}`;
      if (!patch.quick) {
        const integration = new Native(
          "apigatewayv2:Integration",
          "integration",
          {
            apiId,
            integrationType: "AWS_PROXY",
            integrationUri: fn.output("arn"),
            payloadFormatVersion: "2.0",
            ...(patch.credentials === undefined ? {} : { credentialsArn: patch.credentials }),
          },
          ["integrationId"],
        );
        new Native("apigatewayv2:Route", "route", {
          apiId,
          routeKey: "GET /orders",
          authorizationType: "AWS_IAM",
          target: pulumi.interpolate`integrations/${integration.output("integrationId")}`,
        });
        new Native("apigatewayv2:Stage", "stage", { apiId, stageName: "$default", autoDeploy: true });
      }
      if (patch.permission !== false)
        new Native("lambda:Permission", "permission", {
          action: "lambda:InvokeFunction",
          functionName: fn.output("arn"),
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${executionArn}/*/*`,
        });
      const resources: Record<string, pulumi.Output<string>> = {
        "execute-api:Invoke": pulumi.interpolate`${executionArn}/*/GET/orders`,
        "lambda:InvokeFunction": fn.output("arn"),
      };
      new Native("iam:Role", "caller", {
        roleName: "caller",
        assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
        policies: [
          {
            policyName: "calls",
            policyDocument: {
              Version: "2012-10-17",
              Statement: (patch.caller ?? Object.keys(resources)).map((action) => ({
                Effect: "Allow",
                Action: action,
                Resource: resources[action],
              })),
            },
          },
        ],
      });
    };
  runCases(
    [
      { name: "healthy", program: nativeStack(), expected: [] },
      { name: "no permission", program: nativeStack({ permission: false }), expected: [NO_PERMISSION] },
      {
        name: "the caller lacks lambda:InvokeFunction",
        program: nativeStack({ caller: ["execute-api:Invoke"] }),
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "caller credentials",
        program: nativeStack({
          caller: ["execute-api:Invoke"],
          credentials: CALLER_CREDENTIALS,
          permission: false,
        }),
        expected: ["caller-credentials-lambda-invoke @ caller"],
      },
      { name: "quick create", program: nativeStack({ quick: true }), expected: [] },
      {
        name: "quick create, no permission",
        program: nativeStack({ quick: true, permission: false }),
        expected: ["route-function-permission @ api"],
      },
    ].map((testCase) => ({ ...testCase, only: DECISIONS })),
  );
});

describe("circular references", () => {
  it("are followed once", () => {
    const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const resources = Array.from({ length: 200 }, (_, index) => {
      const name = `route-${index}`;
      const type = "aws:apigatewayv2/route:Route";
      const props = { apiId: UNKNOWN, routeKey: "GET /", target: UNKNOWN };
      return { type, name, urn: `urn:pulumi:dev::project::${type}::${name}`, props };
    });
    const propertyDependencies = { apiId: resources, target: resources };
    const circular = resources.map((resource) => ({ ...resource, propertyDependencies }));
    assert.deepEqual(readStack(circular as never, "infer").routes, []);
  });
});
