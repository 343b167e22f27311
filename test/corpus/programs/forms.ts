/** APIs of aws-native, function URLs, stage variables, canaries, and resources of other stacks and accounts. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { grant, type NativePatch, nativeExecute, nativeStack } from "../../support/native";
import {
  allowDocument,
  allowInvoke,
  caller,
  code,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  shop,
  stage,
} from "../../support/programs";
import { trustOf } from "../../support/rest";
import { type Entry, fails, failsOnceKnown, hard, WORKS, worksOnceKnown } from "../corpus";
import {
  attach,
  CALLER_CREDENTIALS,
  httpApi,
  interpolate,
  open,
  restApi,
  routesTo,
  socketApi,
  stageOf,
} from "../parts";

const PERMISSION = "route-function-permission";
const CALLER = "iam-route-caller-lambda-invoke @ app";
const URL_CALLER = "function-url-caller-lambda-invoke @ app";
const OTHER = "arn:aws:lambda:us-east-1:123456789012:function:refunds";

const native = (name: string, patch: NativePatch, answers: Entry["answers"]): Entry => ({
  name: `aws-native: ${name}`,
  program: nativeStack(patch),
  answers,
});

const byRole: NativePatch = {
  integration: ({ gateway }) => ({ credentials: gateway.output("arn") }),
  permission: false,
};

const natives: Entry[] = [
  native("a caller with both actions, a function that allows it", {}, WORKS),
  native(
    "a caller with only execute-api:Invoke",
    { caller: nativeExecute },
    fails("iam-route-caller-lambda-invoke @ caller"),
  ),
  native("no permission", { permission: false }, fails(`${PERMISSION} @ method`)),
  native("a role that may invoke the function", byRole, WORKS),
  native(
    "a role that may invoke another function",
    { ...byRole, gatewayPolicy: () => [grant("lambda:InvokeFunction", OTHER)] },
    fails("integration-role-lambda-invoke @ gateway"),
  ),
  native(
    "a role that trusts Lambda",
    { ...byRole, gateway: { assumeRolePolicyDocument: trustOf("lambda.amazonaws.com") } },
    fails("integration-role-lambda-invoke @ gateway"),
  ),
  native(
    "caller credentials, and a caller with both actions",
    { integration: () => ({ credentials: CALLER_CREDENTIALS }), permission: false },
    WORKS,
  ),
  native(
    "caller credentials, and a caller with only execute-api:Invoke",
    { integration: () => ({ credentials: CALLER_CREDENTIALS }), permission: false, caller: nativeExecute },
    fails("caller-credentials-lambda-invoke @ caller"),
  ),
];

/** A caller of a function URL with AWS_IAM authorization. */
const urlCaller =
  (
    statements: (fn: aws.lambda.Function) => Parameters<typeof roleWithPolicy>[1],
    onAlias: boolean | "live" = false,
  ) =>
  () => {
    const fn = makeFunction("page", { publish: onAlias !== false });
    const qualifier = onAlias === false ? undefined : "live";
    if (qualifier !== undefined)
      new aws.lambda.Alias("live", { name: qualifier, functionName: fn.name, functionVersion: fn.version });
    new aws.lambda.FunctionUrl("page", {
      functionName: fn.name,
      authorizationType: "AWS_IAM",
      ...(qualifier === undefined ? {} : { qualifier }),
    });
    attach("app", caller("app"), allowDocument(...statements(fn)));
  };

const urls: Entry[] = [
  {
    name: "a function URL's caller with both actions",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    program: urlCaller(({ arn }) => [[["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], arn]]),
    answers: WORKS,
  },
  {
    name: "a function URL's caller with only lambda:InvokeFunctionUrl",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    program: urlCaller(({ arn }) => [["lambda:InvokeFunctionUrl", arn]]),
    answers: { deployed: { denied: [URL_CALLER] } },
  },
  {
    name: "a function URL's caller with lambda:InvokeFunction on another function",
    program: urlCaller(({ arn }) => [
      ["lambda:InvokeFunctionUrl", arn],
      ["lambda:InvokeFunction", OTHER],
    ]),
    answers: { deployed: { denied: [URL_CALLER] } },
  },
  {
    name: "a function URL on an alias, both actions on all qualifiers of the function",
    program: urlCaller(
      ({ arn }) => [[["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], interpolate`${arn}:*`]],
      true,
    ),
    answers: WORKS,
  },
  {
    name: "a function URL with lambda:* on everything",
    program: urlCaller(() => [["lambda:*", "*"]]),
    answers: WORKS,
  },
];

const BY_VARIABLE =
  "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}/invocations";

/** A stage variable names one of two functions; a canary can name the other one. */
const byVariable = (permitted: readonly string[], canary?: string) => () => {
  const fns = ["blue", "green"].map((name) => makeFunction(name, { name }));
  const api = new aws.apigateway.RestApi("shop");
  const { integration } = open(api, "orders", "GET", "orders", BY_VARIABLE);
  const deployment = new aws.apigateway.Deployment("shop", { restApi: api.id }, { dependsOn: [integration] });
  new aws.apigateway.Stage("prod", {
    restApi: api.id,
    deployment: deployment.id,
    stageName: "prod",
    variables: { fn: "blue" },
    ...(canary === undefined
      ? {}
      : {
          canarySettings: {
            deploymentId: deployment.id,
            percentTraffic: 10,
            stageVariableOverrides: { fn: canary },
          },
        }),
  });
  for (const [at, name] of ["blue", "green"].entries()) {
    const { name: fn } = fns[at] as aws.lambda.Function;
    if (permitted.includes(name)) allowInvoke(name, fn, interpolate`${api.executionArn}/*/GET/orders`);
  }
};

const variables: Entry[] = [
  {
    name: "the function of a stage variable has a permission",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/amazon-api-gateway-using-stage-variables.html",
    program: byVariable(["blue"]),
    answers: WORKS,
  },
  {
    name: "the function of a stage variable has no permission, another one has",
    program: byVariable(["green"]),
    answers: fails(`${PERMISSION} @ orders-integration`),
  },
  {
    name: "the function of a canary has a permission, too",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
    program: byVariable(["blue", "green"], "green"),
    answers: WORKS,
  },
  {
    name: "the function of a canary has no permission",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html",
    program: byVariable(["blue"], "green"),
    answers: fails(`${PERMISSION} @ orders-integration`),
  },
];

const STACK = "org/functions/dev";
const API_STACK = "org/apis/dev";

/** A route to a function of another stack. */
const toOtherStack =
  (more: (api: aws.apigateway.RestApi, arn: pulumi.Output<string>) => void = () => {}, iam = false) =>
  () => {
    const otherStack = new pulumi.StackReference(STACK);
    const arn = otherStack.requireOutput("arn") as pulumi.Output<string>;
    const uri = interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;
    const api = new aws.apigateway.RestApi("shop");
    stage("prod", api, [endpoint("refunds", api, "GET", "refunds", uri, {}, {}, iam ? "AWS_IAM" : "NONE")]);
    more(api, arn);
  };

const ofOtherStack = { options: { stackReferences: { [STACK]: { arn: OTHER } } } };

/** A route of this stack on an HTTP API of another stack. */
const onOtherApi = (tail: string | undefined) => () => {
  const fn = makeFunction("orders");
  const id = new pulumi.StackReference(API_STACK).requireOutput("apiId") as pulumi.Output<string>;
  routesTo("orders", id, fn.invokeArn, { "ANY /orders": {} });
  if (tail !== undefined)
    allowInvoke("in", fn.name, interpolate`arn:aws:execute-api:us-east-1:123456789012:${id}${tail}`);
};

const ofOtherApi = { options: { stackReferences: { [API_STACK]: { apiId: "abcdef1234" } } } };

const OTHER_ACCOUNT = "arn:aws:lambda:us-east-1:999999999999:function:refunds";

const otherAccounts: Entry[] = [
  {
    name: "a route to a function of another stack, with a permission in that stack",
    program: toOtherStack(),
    ...ofOtherStack,
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  {
    name: "a route to a function of another stack, with a permission in this stack",
    program: toOtherStack((api, arn) => allowInvoke("in", arn, interpolate`${api.executionArn}/*/*`)),
    ...ofOtherStack,
    answers: WORKS,
  },
  {
    name: "a caller that may not invoke a function of another stack",
    program: toOtherStack((api, arn) => {
      allowInvoke("in", arn, interpolate`${api.executionArn}/*/*`);
      roleWithPolicy("app", [executeApi({ api })]);
    }, true),
    ...ofOtherStack,
    answers: failsOnceKnown(1, CALLER),
  },
  {
    name: "a caller that may invoke a function of another stack",
    program: toOtherStack((api, arn) => {
      allowInvoke("in", arn, interpolate`${api.executionArn}/*/*`);
      roleWithPolicy("app", [executeApi({ api }), ["lambda:InvokeFunction", arn]]);
    }, true),
    ...ofOtherStack,
    answers: worksOnceKnown(1),
  },
  {
    name: "a route on an HTTP API of another stack, * for its method",
    program: onOtherApi("/*/*/orders"),
    ...ofOtherApi,
    answers: WORKS,
  },
  {
    name: "a route on an HTTP API of another stack, without permission",
    program: onOtherApi(undefined),
    ...ofOtherApi,
    answers: fails(`${PERMISSION} @ orders`),
  },
  {
    name: "a route on an HTTP API of another stack, with a permission for another API",
    program: () => {
      const fn = makeFunction("orders");
      const id = new pulumi.StackReference(API_STACK).requireOutput("apiId") as pulumi.Output<string>;
      routesTo("orders", id, fn.invokeArn, { "GET /orders": {} });
      allowInvoke("in", fn.name, "arn:aws:execute-api:us-east-1:123456789012:zzzzzzzzzz/*/*");
    },
    ...ofOtherApi,
    answers: { deployed: { denied: [`${PERMISSION} @ orders`] } },
  },
  {
    name: "a function in another account, with a permission there",
    program: () => {
      const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${OTHER_ACCOUNT}/invocations`;
      restApi((api) => [open(api, "refunds", "GET", "refunds", uri)]);
    },
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  {
    name: "a function that this program creates in another account, with a permission",
    program: acrossAccounts(true),
    answers: WORKS,
  },
  {
    name: "a function that this program creates in another account, without a permission",
    program: acrossAccounts(false),
    answers: fails(`${PERMISSION} @ orders-integration`),
  },
  {
    name: "a declared caller of the account, while a document names another account",
    program: () => {
      const base = shop({}, {}, { credentials: CALLER_CREDENTIALS });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)]);
      roleWithPolicy("other", [["sts:AssumeRole", "arn:aws:iam::210987654321:role/x"]]);
    },
    config: {
      "caller-credentials-lambda-invoke": {
        callers: [{ principal: "arn:aws:iam::123456789012:role/partner" }],
      },
    },
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  {
    name: "a permissions boundary of another stack",
    program: () => {
      const base = shop();
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
        permissionsBoundary: "arn:aws:iam::123456789012:policy/developer-boundary",
      });
    },
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
];

function acrossAccounts(permitted: boolean): () => void {
  return () => {
    const provider = new aws.Provider("other", {
      region: "us-east-1",
      assumeRoles: [{ roleArn: "arn:aws:iam::999999999999:role/deploy" }],
    });
    const fn = makeFunction("orders", {}, { provider });
    const api = restApi((created) => [open(created, "orders", "GET", "orders", fn.invokeArn)]);
    if (permitted) allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, {}, { provider });
  };
}

/** Kinds of functions and of callers. */
const kinds: Entry[] = [
  {
    name: "a function from a container image",
    program: () => {
      const role = new aws.iam.Role("exec", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
      const fn = new aws.lambda.Function("image", {
        role: role.arn,
        packageType: "Image",
        imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:1",
      });
      const api = restApi((created) => [open(created, "image", "GET", "image", fn.invokeArn)]);
      allowInvoke("in", fn.arn, interpolate`${api.executionArn}/*/*`);
    },
    answers: WORKS,
  },
  {
    name: "a function with an explicit name and a literal in its permission",
    program: () => {
      const role = new aws.iam.Role("exec", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
      const fn = new aws.lambda.Function("orders", {
        name: "orders",
        role: role.arn,
        runtime: "nodejs22.x",
        handler: "index.handler",
        code: code(),
      });
      const api = restApi((created) => [open(created, "orders", "GET", "orders", fn.invokeArn)]);
      allowInvoke("in", "orders", interpolate`${api.executionArn}/*/*`, {}, { dependsOn: [fn] });
    },
    answers: WORKS,
  },
  {
    name: "an EventBridge target calls the API with a role that has both actions",
    program: target((base) => allowDocument(executeApi(base), invokeFunction(base))),
    answers: WORKS,
  },
  {
    name: "an EventBridge target calls the API with a role that has only execute-api:Invoke",
    program: target((base) => allowDocument(executeApi(base))),
    answers: fails(CALLER),
  },
  {
    name: "the $connect route of a WebSocket API with caller credentials",
    program: () => {
      const [api, fn] = [socketApi(), makeFunction("chat")];
      routesTo(
        "chat",
        api.id,
        fn.invokeArn,
        { $connect: { authorizationType: "AWS_IAM" } },
        {
          credentialsArn: CALLER_CREDENTIALS,
        },
      );
      stageOf(api, "prod");
      roleWithPolicy("app", [
        ["execute-api:Invoke", interpolate`${api.executionArn}/*`],
        invokeFunction({ fn }),
      ]);
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "an HTTP API with a Cognito authorizer needs no caller",
    program: () => {
      const [api, fn] = [httpApi(), makeFunction("orders")];
      const { id: authorizerId } = new aws.apigatewayv2.Authorizer("users", {
        apiId: api.id,
        name: "users",
        authorizerType: "JWT",
        identitySources: ["$request.header.Authorization"],
        jwtConfiguration: { audiences: ["a"], issuer: "https://example.com" },
      });
      routesTo("orders", api.id, fn.arn, { "GET /orders": { authorizationType: "JWT", authorizerId } });
      allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*/orders`);
      stageOf(api);
    },
    answers: WORKS,
  },
  {
    name: "the caller's ARN in the API's resource policy, and lambda:InvokeFunction in its own policy",
    program: () => {
      const base = shop();
      const role = roleWithPolicy("app", [invokeFunction(base)]);
      new aws.apigateway.RestApiPolicy("shop", {
        restApiId: base.api.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: role.arn },
              Action: "execute-api:Invoke",
              Resource: interpolate`${base.api.executionArn}/*`,
            },
          ],
        }),
      });
    },
    answers: worksOnceKnown(1),
  },
  {
    name: "a caller with a document from one data source for all statements",
    program: () => {
      const { api, fn } = shop();
      const { json } = aws.iam.getPolicyDocumentOutput({
        statements: [
          { actions: ["execute-api:Invoke"], resources: [interpolate`${api.executionArn}/*`] },
          { actions: ["lambda:InvokeFunction"], resources: [fn.arn] },
        ],
      });
      attach("app", caller("app"), json);
    },
    answers: worksOnceKnown(1),
  },
];

function target(rights: (base: ReturnType<typeof shop>) => aws.iam.PolicyDocument): () => void {
  return () => {
    const base = shop();
    const role = new aws.iam.Role("app", { assumeRolePolicy: trustOf("events.amazonaws.com") });
    attach("app", role, rights(base));
    const rule = new aws.cloudwatch.EventRule("nightly", { scheduleExpression: "rate(1 day)" });
    new aws.cloudwatch.EventTarget("nightly", {
      rule: rule.name,
      arn: interpolate`${base.live.executionArn}/GET/orders`,
      roleArn: role.arn,
    });
  };
}

export default [...natives, ...urls, ...variables, ...hard(otherAccounts), ...kinds];
