/** Routes of every form of API, their source ARNs, and the permissions that allow them. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  allowDocument,
  allowInvoke,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  shop,
  stage,
} from "../../support/programs";
import { trustOf } from "../../support/rest";
import { creating, type Entry, fails, failsOnceKnown, hard, WORKS, worksOnceKnown } from "../corpus";
import {
  attach,
  CALLER_CREDENTIALS,
  executionRole,
  gateway,
  httpApi,
  interpolate,
  open,
  restApi,
  routesTo,
  socketApi,
  stageOf,
} from "../parts";

const PERMISSION = "route-function-permission";
const IAM = { authorizationType: "AWS_IAM" };

/** Routes of an HTTP API to one function, whose permission has this suffix after the API's execution ARN. */
const httpRoutes =
  (
    routes: readonly string[],
    sourceArns: readonly string[],
    more: Partial<aws.apigatewayv2.IntegrationArgs> = {},
    args: Partial<aws.apigatewayv2.ApiArgs> = {},
  ) =>
  () => {
    const [api, fn] = [httpApi("web", args), makeFunction("orders")];
    routesTo("orders", api.id, fn.invokeArn, Object.fromEntries(routes.map((key) => [key, {}])), more);
    for (const [at, tail] of sourceArns.entries())
      allowInvoke(`in-${at}`, fn.name, interpolate`${api.executionArn}${tail}`);
    stageOf(api);
  };

/** A WebSocket API whose `$connect` is IAM-authorized, and whose handler has a role with this policy. */
const socketWith = (policy: (api: aws.apigatewayv2.Api) => aws.iam.RolePolicyArgs["policy"]) => () => {
  const [api, fn] = [socketApi(), makeFunction("chat")];
  attach("handler", executionRole(fn), policy(api));
  routesTo("chat", api.id, fn.invokeArn, { $connect: IAM, sendmessage: {} });
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  stageOf(api, "prod");
};

/** Routes of a REST API without authorization, to one function. */
const restRoutes =
  (
    routes: readonly (readonly [verb: string, path: string])[],
    sourceArns: readonly string[],
    more: Partial<aws.lambda.PermissionArgs> = {},
  ) =>
  () => {
    const fn = makeFunction("orders");
    const api = restApi((created) =>
      routes.map(([verb, path], at) => open(created, `route-${at}`, verb, path, fn.invokeArn)),
    );
    for (const [at, tail] of sourceArns.entries())
      allowInvoke(`in-${at}`, fn.name, interpolate`${api.executionArn}${tail}`, more);
  };

/** A REST API with a Lambda authorizer on its route. */
const authorized =
  (
    sourceArn: (api: aws.apigateway.RestApi, live: aws.apigateway.Stage) => pulumi.Input<string>,
    isUsed = true,
  ) =>
  () => {
    const [fn, auth] = [makeFunction("orders"), makeFunction("auth")];
    const api = new aws.apigateway.RestApi("shop");
    const { id } = new aws.apigateway.Authorizer("auth", { restApi: api.id, authorizerUri: auth.invokeArn });
    const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
    const method = new aws.apigateway.Method(
      "orders",
      isUsed ? { ...at, authorization: "CUSTOM", authorizerId: id } : { ...at, authorization: "NONE" },
    );
    const integration = new aws.apigateway.Integration(
      "orders",
      { ...at, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: fn.invokeArn },
      { dependsOn: [method] },
    );
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    allowInvoke("auth", auth.name, sourceArn(api, stage("prod", api, [{ integration }])));
  };

/** A state machine whose task calls the shop. */
const task = (rights: (base: ReturnType<typeof shop>) => aws.iam.PolicyDocument) => () => {
  const base = shop();
  const role = new aws.iam.Role("machine", { assumeRolePolicy: trustOf("states.amazonaws.com") });
  attach("machine", role, rights(base));
  new aws.sfn.StateMachine("machine", {
    roleArn: role.arn,
    definition: pulumi.jsonStringify({
      StartAt: "Call",
      States: {
        Call: {
          Type: "Task",
          End: true,
          Resource: "arn:aws:states:::apigateway:invoke",
          Parameters: {
            ApiEndpoint: interpolate`${base.api.id}.execute-api.us-east-1.amazonaws.com`,
            Method: "GET",
            Stage: "prod",
            Path: "/orders",
            AuthType: "IAM_ROLE",
          },
        },
      },
    }),
  });
};

/** Routes of one REST resource, and a permission whose source ARN refers to them. */
const fromRoutes =
  (
    sourceArn: (
      api: aws.apigateway.RestApi,
      method: aws.apigateway.Method,
      resource: aws.apigateway.Resource,
    ) => pulumi.Input<string>,
    each = false,
  ) =>
  () => {
    const fn = makeFunction("orders");
    const api = new aws.apigateway.RestApi("shop");
    const resource = new aws.apigateway.Resource("orders", {
      restApi: api.id,
      parentId: api.rootResourceId,
      pathPart: "orders",
    });
    const endpoints = ["GET", "POST"].map((httpMethod) => {
      const at = { restApi: api.id, resourceId: resource.id };
      const method = new aws.apigateway.Method(httpMethod, { ...at, httpMethod, authorization: "NONE" });
      const integration = new aws.apigateway.Integration(httpMethod, {
        ...at,
        httpMethod: method.httpMethod,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
      });
      return { method, integration };
    });
    for (const { method } of each ? endpoints : endpoints.slice(0, 1))
      allowInvoke(
        `in-${each ? endpoints.findIndex((routeEndpoint) => routeEndpoint.method === method) : 0}`,
        fn.name,
        sourceArn(api, method, resource),
      );
    stage("prod", api, endpoints);
  };

const http: Entry[] = [
  {
    name: "HTTP integration without a method",
    program: () => {
      const [api, fn] = [httpApi(), makeFunction("orders")];
      routesTo("none", api.id, fn.arn, { "GET /orders": {} }, { integrationMethod: undefined as never });
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
      stageOf(api);
    },
    answers: WORKS,
  },
  {
    name: "HTTP integration with the method ANY, which API Gateway refuses",
    source: "https://github.com/hashicorp/terraform-provider-aws/issues/42391",
    program: httpRoutes(["GET /x"], ["/*/*"], { integrationMethod: "ANY" }),
    answers: fails("lambda-integration-request @ orders"),
  },
  {
    name: "an integration without a route, to a function without permission",
    program: () => {
      const [api, fn, otherFunction] = [httpApi(), makeFunction("orders"), makeFunction("other")];
      routesTo("orders", api.id, fn.invokeArn, { "GET /orders": {} });
      routesTo("unused", api.id, otherFunction.invokeArn, {});
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
      stageOf(api);
    },
    answers: WORKS,
  },
  {
    name: "HTTP route with a trailing slash",
    program: httpRoutes(["GET /orders/"], ["/*/GET/orders/"]),
    answers: WORKS,
  },
  {
    name: "HTTP route with a trailing slash, permission without the slash",
    program: httpRoutes(["GET /orders/"], ["/*/GET/orders"]),
    answers: failsOnceKnown(0, `${PERMISSION} @ orders`),
  },
  {
    name: "a permission with a literal ANY for an API of another stack",
    program: () =>
      allowInvoke(
        "in",
        makeFunction("orders").name,
        "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*/ANY/orders",
      ),
    answers: WORKS,
  },
  { name: "HTTP root", program: httpRoutes(["ANY /"], ["/*/*/"]), answers: WORKS },
  {
    name: "HTTP permission with * for the method and the path of one of two routes",
    program: () => {
      const [api, fn] = [httpApi(), makeFunction("orders")];
      const [get] = routesTo("orders", api.id, fn.invokeArn, { "GET /orders": {}, "POST /orders": {} });
      const path = get?.routeKey.apply((key) => key.split(" ")[1]);
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*${path}`);
      stageOf(api);
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "HTTP permission by stage.apiId, $default route",
    program: () => {
      const [api, fn] = [httpApi(), makeFunction("orders")];
      routesTo("orders", api.id, fn.invokeArn, { $default: {} });
      const { apiId } = stageOf(api);
      stageOf(api, "beta");
      allowInvoke("in", fn.name, interpolate`arn:aws:execute-api:us-east-1:123456789012:${apiId}/*/*`);
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "HTTP permission by a route's apiId",
    program: () => {
      const [api, fn] = [httpApi(), makeFunction("orders")];
      const [get] = routesTo("orders", api.id, fn.invokeArn, { "GET /orders": {}, "POST /orders": {} });
      allowInvoke(
        "in",
        fn.name,
        interpolate`arn:aws:execute-api:us-east-1:123456789012:${get?.apiId}/*/*/orders`,
      );
      stageOf(api);
    },
    answers: WORKS,
  },
  {
    name: "quick create with a route key, and its permission",
    program: quickCreate("/*/*", { routeKey: "GET /x" }),
    answers: WORKS,
  },
  {
    name: "quick create: $default has two segments, the permission requires three",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    program: quickCreate("/*/*/*"),
    answers: failsOnceKnown(0, `${PERMISSION} @ quick`),
  },
  {
    name: "quick create without permission",
    program: quickCreate(undefined),
    answers: fails(`${PERMISSION} @ quick`),
  },
];

function quickCreate(tail: string | undefined, args: Partial<aws.apigatewayv2.ApiArgs> = {}): () => void {
  return () => {
    const fn = makeFunction("orders");
    const api = httpApi("quick", { target: fn.arn, ...args });
    if (tail !== undefined) allowInvoke("in", fn.name, interpolate`${api.executionArn}${tail}`);
  };
}

const webSocket: Entry[] = [
  {
    name: "WebSocket with an authorizer, permissions for the whole API",
    program: () => {
      const [api, fn, auth] = [socketApi(), makeFunction("chat"), makeFunction("auth")];
      const { id: authorizerId } = new aws.apigatewayv2.Authorizer("auth", {
        apiId: api.id,
        name: "auth",
        authorizerType: "REQUEST",
        authorizerUri: auth.invokeArn,
        identitySources: ["route.request.header.Auth"],
      });
      routesTo("chat", api.id, fn.invokeArn, {
        $connect: { authorizationType: "CUSTOM", authorizerId },
        $disconnect: {},
        sendmessage: {},
      });
      for (const authorizedFunction of [fn, auth])
        allowInvoke(
          `in-${authorizedFunction === fn ? "chat" : "auth"}`,
          authorizedFunction.name,
          interpolate`${api.executionArn}/*/*`,
        );
      stageOf(api, "prod");
    },
    answers: WORKS,
  },
  {
    name: "WebSocket permission only for $connect",
    program: () => {
      const [api, fn] = [socketApi(), makeFunction("chat")];
      routesTo("chat", api.id, fn.invokeArn, { $connect: IAM, $disconnect: {}, sendmessage: {} });
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/$connect`);
      stageOf(api, "prod");
    },
    answers: failsOnceKnown(0, `${PERMISSION} @ chat`),
  },
  {
    name: "a WebSocket handler with ManageConnections and Invoke on @connections",
    program: socketWith(({ executionArn }) =>
      allowDocument([
        ["execute-api:Invoke", "execute-api:ManageConnections"],
        interpolate`${executionArn}/*/POST/@connections/*`,
      ]),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "a WebSocket handler with execute-api:* on @connections/{connectionId}, which is not a connection's path",
    program: socketWith(({ executionArn }) =>
      allowDocument(["execute-api:*", interpolate`${executionArn}/*/POST/@connections/{connectionId}`]),
    ),
    answers: failsOnceKnown(1, "invoke-policy-resource @ handler"),
  },
  {
    name: "a WebSocket handler with AmazonAPIGatewayInvokeFullAccess is not a caller of $connect",
    program: () => {
      const [api, fn] = [socketApi(), makeFunction("chat")];
      new aws.iam.RolePolicyAttachment("post", {
        role: executionRole(fn).name,
        policyArn: "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess",
      });
      routesTo("chat", api.id, fn.invokeArn, { $connect: IAM, sendmessage: {} });
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
      stageOf(api, "prod");
    },
    answers: WORKS,
  },
  {
    name: "a WebSocket handler with ManageConnections on the whole API",
    program: socketWith(({ executionArn }) =>
      allowDocument(["execute-api:ManageConnections", interpolate`${executionArn}/*`]),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "a WebSocket handler with execute-api:* on @connections",
    program: socketWith(({ executionArn }) =>
      allowDocument(["execute-api:*", interpolate`${executionArn}/prod/POST/@connections/*`]),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "a WebSocket handler with ManageConnections on the API's ARN, its execution ARN and all requests",
    program: () => {
      const api = socketApi();
      const role = new aws.iam.Role("handler", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
      attach(
        "push",
        role,
        allowDocument([
          "execute-api:ManageConnections",
          [api.arn, api.executionArn, interpolate`${api.executionArn}/*`],
        ]),
      );
    },
    answers: WORKS,
  },
];

const rest: Entry[] = [
  {
    name: "an authorizer with a permission for a stage",
    program: authorized((_api, live) => interpolate`${live.executionArn}/*`),
    answers: failsOnceKnown(1, "authorizer-function-permission @ auth"),
  },
  {
    name: "an authorizer with a permission for all authorizers of the API",
    program: authorized(({ executionArn }) => interpolate`${executionArn}/authorizers/*`),
    answers: WORKS,
  },
  {
    name: "an authorizer that no route uses, without permission",
    program: authorized(() => "arn:aws:execute-api:us-east-1:123456789012:zzzzzzzzzz/*", false),
    answers: WORKS,
  },
  {
    name: "a permission on alias.functionName, which names the function",
    program: () => {
      const fn = makeFunction("orders", { publish: true });
      const alias = new aws.lambda.Alias("live", {
        name: "live",
        functionName: fn.arn,
        functionVersion: fn.version,
      });
      const api = restApi((created) => [open(created, "orders", "GET", "orders", fn.invokeArn)]);
      allowInvoke("in", alias.functionName, interpolate`${api.executionArn}/*/*`);
    },
    answers: worksOnceKnown(1),
  },
  { name: "REST root", program: restRoutes([["GET", "/"]], ["/*/GET/"]), answers: WORKS },
  {
    name: "the root and {proxy+}, with a permission only for {proxy+}",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html",
    program: restRoutes(
      [
        ["ANY", "/"],
        ["ANY", "{proxy+}"],
      ],
      ["/*/*/{proxy+}"],
    ),
    answers: failsOnceKnown(0, `${PERMISSION} @ route-0-integration`),
  },
  {
    name: "the root and {proxy+}, with a permission for /*/*/*",
    program: restRoutes(
      [
        ["ANY", "/"],
        ["ANY", "{proxy+}"],
      ],
      ["/*/*/*"],
    ),
    answers: WORKS,
  },
  {
    name: "ANY with permissions for GET and POST",
    program: restRoutes([["ANY", "{proxy+}"]], ["/*/GET/*", "/*/POST/*"]),
    answers: failsOnceKnown(0, `${PERMISSION} @ route-0-integration`),
  },
  {
    name: "update: a new stage, with a permission only for prod",
    program: () => {
      const fn = makeFunction("orders");
      const api = new aws.apigateway.RestApi("shop");
      const route = open(api, "orders", "GET", "orders", fn.invokeArn);
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/prod/*/*`);
      for (const name of ["prod", "new"]) stage(name, api, [route]);
    },
    update: creating("new*"),
    answers: {
      deployed: { denied: [`${PERMISSION} @ orders-integration`] },
      update: { denied: [`${PERMISSION} @ orders-integration`] },
    },
  },
  ...Object.entries({
    eventSourceToken: { eventSourceToken: "t" },
    principalOrgId: { principalOrgId: "o-1234567890" },
    invokedViaFunctionUrl: { invokedViaFunctionUrl: true },
    "an account as its principal": { principal: "123456789012" },
  }).map(
    ([name, more]): Entry => ({
      name: `a permission with ${name}`,
      program: restRoutes([["GET", "orders"]], ["/*/*"], more),
      answers: fails(`${PERMISSION} @ route-0-integration`),
    }),
  ),
  {
    name: "a permission with functionUrlAuthType, which Lambda refuses",
    program: restRoutes([["GET", "orders"]], ["/*/*"], { functionUrlAuthType: "AWS_IAM" }),
    answers: fails(`${PERMISSION} @ route-0-integration`, "lambda-permission-request @ in-0"),
  },
  {
    name: "a permission for a service that does not invoke functions for APIs",
    program: restRoutes([["GET", "orders"]], ["/*/*"], { principal: "apigatewayv2.amazonaws.com" }),
    answers: fails(`${PERMISSION} @ route-0-integration`, "lambda-permission-request @ in-0"),
  },
  {
    name: "a permission with another source account",
    program: restRoutes([["GET", "orders"]], ["/*/*"], { sourceAccount: "210987654321" }),
    answers: failsOnceKnown(1, `${PERMISSION} @ route-0-integration`),
  },
  {
    name: "a permission for everyone with a source ARN",
    program: restRoutes([["GET", "orders"]], ["/*/*"], { principal: "*" }),
    answers: WORKS,
  },
  {
    name: "permission by stage.restApi for two stages and an authorizer",
    program: authorized(
      (_api, { restApi: id }) => interpolate`arn:aws:execute-api:us-east-1:123456789012:${id}/*`,
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "REST permission by the method's API, * and the resource's path",
    program: fromRoutes(
      (_api, { restApi: id }, { path }) =>
        interpolate`arn:aws:execute-api:us-east-1:123456789012:${id}/*/*${path}`,
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "REST permission by the execution ARN, the Method's httpMethod and the Resource's path, for one of two",
    program: fromRoutes(
      ({ executionArn }, { httpMethod }, { path }) => interpolate`${executionArn}/*/${httpMethod}${path}`,
    ),
    answers: failsOnceKnown(1, `${PERMISSION} @ POST`),
  },
  {
    name: "a permission for each method, path literal",
    program: fromRoutes(
      ({ executionArn }, { httpMethod }) => interpolate`${executionArn}/*/${httpMethod}/orders`,
      true,
    ),
    answers: WORKS,
  },
  {
    name: "VPC link, mock and S3 integrations call no function",
    program: () => {
      const role = gateway();
      const bucket = new aws.s3.Bucket("files");
      attach("gateway", role, allowDocument(["s3:GetObject", interpolate`${bucket.arn}/*`]));
      const { id: connectionId } = new aws.apigateway.VpcLink("link", {
        targetArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/x/1",
      });
      const api = restApi((created) => [
        endpoint(
          "link",
          created,
          "GET",
          "link",
          "http://example.com",
          {},
          {
            type: "HTTP_PROXY",
            connectionType: "VPC_LINK",
            connectionId,
            integrationHttpMethod: "GET",
          },
        ),
        open(created, "mock", "OPTIONS", "mock", undefined as never, { type: "MOCK" }),
        endpoint(
          "files",
          created,
          "GET",
          "files",
          interpolate`arn:aws:apigateway:us-east-1:s3:path/${bucket.bucket}/x`,
          {},
          {
            type: "AWS",
            credentials: role.arn,
            integrationHttpMethod: "GET",
          },
        ),
      ]);
      roleWithPolicy("app", [executeApi({ api })]);
    },
    answers: WORKS,
  },
  {
    name: "the URI of an alias, built from the function's ARN and the alias's name",
    program: onQualifier((fn) => {
      const { name } = new aws.lambda.Alias("live", {
        name: "live",
        functionName: fn.name,
        functionVersion: fn.version,
      });
      return name;
    }),
    answers: WORKS,
  },
  {
    name: "the URI of the newest version",
    program: onQualifier((fn) => fn.version),
    answers: worksOnceKnown(1),
  },
  {
    name: "quick create on an alias, with a permission on the function",
    program: () => {
      const fn = makeFunction("orders", { publish: true });
      const alias = new aws.lambda.Alias("live", {
        name: "live",
        functionName: fn.name,
        functionVersion: fn.version,
      });
      allowInvoke("in", fn.name, interpolate`${httpApi("quick", { target: alias.arn }).executionArn}/*`);
    },
    answers: fails(`${PERMISSION} @ quick`),
  },
  {
    name: "a function in another region",
    program: () => {
      const fn = makeFunction("orders", { region: "us-west-2" });
      const api = restApi((created) => [open(created, "orders", "GET", "orders", fn.invokeArn)]);
      const sourceArn = api.executionArn.apply((arn) => `${arn.replace("us-east-1", "us-west-2")}/*/*`);
      allowInvoke("in", fn.name, sourceArn, { region: "us-west-2" });
    },
    answers: WORKS,
  },
];

function onQualifier(qualifierOf: (fn: aws.lambda.Function) => pulumi.Output<string>): () => void {
  return () => {
    const fn = makeFunction("orders", { publish: true });
    const qualifier = qualifierOf(fn);
    const uri = interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}:${qualifier}/invocations`;
    const api = restApi((created) => [open(created, "orders", "GET", "orders", uri)]);
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, { qualifier });
  };
}

const roles: Entry[] = [
  {
    name: "a state machine's role without lambda:InvokeFunction",
    program: task((base) => allowDocument(executeApi(base))),
    answers: fails("iam-route-caller-lambda-invoke @ machine"),
  },
  {
    name: "a state machine's role with both actions",
    program: task((base) => allowDocument(executeApi(base), invokeFunction(base))),
    answers: WORKS,
  },
  {
    name: "a role that trusts several services, with a pattern of actions",
    program: byRole(
      {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"] },
            Action: ["sts:AssumeRole", "sts:TagSession"],
          },
        ],
      },
      (fn) => allowDocument(["lambda:Invoke*", interpolate`${fn.arn}*`]),
    ),
    answers: WORKS,
  },
  {
    name: "a role with an ARN built from the function's name and data sources",
    program: byRole(trustOf("apigateway.amazonaws.com"), (fn) => {
      const { accountId } = aws.getCallerIdentityOutput();
      const { region } = aws.getRegionOutput();
      return allowDocument([
        "lambda:InvokeFunction",
        interpolate`arn:aws:lambda:${region}:${accountId}:function:${fn.name}`,
      ]);
    }),
    answers: WORKS,
  },
  {
    name: "a grant on a private custom domain name",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [
        executeApi(base),
        invokeFunction(base),
        [
          "execute-api:Invoke",
          "arn:aws:execute-api:us-east-1:123456789012:/domainnames/private.example.com+abcd1234",
        ],
      ]);
    },
    answers: WORKS,
  },
  {
    name: "grants on layers and event source mappings alongside the function",
    program: () => {
      const base = shop();
      const layer = "arn:aws:lambda:us-east-1:123456789012:layer:x:1";
      roleWithPolicy("app", [
        executeApi(base),
        invokeFunction(base),
        ["lambda:*", layer],
        ["*", "arn:aws:s3:::b/*"],
      ]);
      roleWithPolicy("dev", [
        ["lambda:*", "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:*"],
        [
          ["lambda:InvokeFunction", "lambda:GetLayerVersion"],
          [layer, "arn:aws:lambda:us-east-1:123456789012:function:y"],
        ],
      ]);
    },
    answers: WORKS,
  },
  {
    name: "redundant grants: execution ARN and all requests, function ARN and invoke ARN",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [
        ["execute-api:Invoke", [base.api.executionArn, interpolate`${base.api.executionArn}/*`]],
        ["lambda:InvokeFunction", [base.fn.arn, base.fn.invokeArn]],
      ]);
    },
    answers: WORKS,
  },
  {
    name: "a caller that is denied DELETE",
    program: () => {
      const base = shop();
      const removal = makeFunction("removal");
      endpoint("removal", base.api, "DELETE", "removal", removal.invokeArn);
      allowInvoke("removal", removal.name, interpolate`${base.api.executionArn}/*/*`);
      const { executionArn } = base.api;
      const { name } = roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
      attach(
        "deny",
        { name },
        {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Action: "execute-api:Invoke",
              Resource: interpolate`${executionArn}/*/DELETE/*`,
            },
          ],
        },
      );
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "all actions except IAM's, by NotAction",
    program: () => {
      shop();
      const { name } = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      attach(
        "app",
        { name },
        {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" }],
        },
      );
    },
    answers: WORKS,
  },
  {
    name: "all resources except functions, by NotResource",
    program: () => {
      shop();
      const { name } = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      attach(
        "app",
        { name },
        {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:lambda:*:*:function:*" }],
        },
      );
    },
    answers: fails("iam-route-caller-lambda-invoke @ app"),
  },
  {
    name: "a caller with caller credentials that another account may assume",
    program: () => {
      const base = shop({}, {}, { credentials: CALLER_CREDENTIALS });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: "arn:aws:iam::210987654321:root" },
              Action: "sts:AssumeRole",
            },
          ],
        },
      });
    },
    answers: WORKS,
  },
  {
    name: "a record in another account's zone",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
      const provider = new aws.Provider("dns", {
        region: "us-east-1",
        assumeRoles: [{ roleArn: "arn:aws:iam::210987654321:role/dns" }],
      });
      new aws.route53.Record(
        "api",
        { zoneId: "Z1", name: "api", type: "CNAME", ttl: 60, records: ["x"] },
        { provider },
      );
    },
    answers: WORKS,
  },
  {
    name: "the API's resource policy names a role of the account, and another account",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [invokeFunction(base)], { name: "app" });
      new aws.apigateway.RestApiPolicy("policy", {
        restApiId: base.api.id,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: ["arn:aws:iam::123456789012:role/app", "arn:aws:iam::210987654321:root"] },
              Action: "execute-api:Invoke",
              Resource: "execute-api:/*",
            },
          ],
        }),
      });
    },
    answers: WORKS,
  },
  {
    name: "an EC2 role with only AmazonAPIGatewayInvokeFullAccess",
    program: () => {
      shop();
      const role = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      new aws.iam.RolePolicyAttachment("call", {
        role: role.name,
        policyArn: "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess",
      });
    },
    answers: fails("iam-route-caller-lambda-invoke @ app"),
  },
];

function byRole(
  assumeRolePolicy: aws.iam.PolicyDocument,
  policy: (fn: aws.lambda.Function) => aws.iam.PolicyDocument,
): () => void {
  return () => {
    const fn = makeFunction("orders");
    const role = gateway({ assumeRolePolicy });
    attach("gateway", role, policy(fn));
    restApi((api) => [open(api, "orders", "GET", "orders", fn.invokeArn, { credentials: role.arn })]);
  };
}

export default hard([...http, ...webSocket, ...rest, ...roles]);
