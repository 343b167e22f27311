/** Published programs and programs of public bug reports, reduced to their APIs, functions and permissions. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ApiComponent, type ComponentRoute } from "../../support/components";
import { allowDocument, allowInvoke, makeFunction, stage } from "../../support/programs";
import { trustOf } from "../../support/rest";
import { type Entry, fails, failsOnceKnown, WORKS } from "../corpus";
import { attach, gateway, httpApi, interpolate, open, restApi, routesTo, stageOf } from "../parts";

const PERMISSION = "route-function-permission";
const AUTHORIZER = "authorizer-function-permission";
const EXAMPLES = "https://github.com/pulumi/examples/tree/master";

/** An HTTP API with only the `$default` route, to one function. */
const httpDefault =
  (tail: string, permission: Partial<aws.lambda.PermissionArgs> = {}, publish = false) =>
  () => {
    const [api, fn] = [httpApi(), makeFunction("app", { publish })];
    allowInvoke("in", fn.name, interpolate`${api.executionArn}${tail}`, permission);
    routesTo("app", api.id, publish ? fn.qualifiedArn : fn.arn, { $default: {} });
    stageOf(api, "live");
  };

/** A REST API whose routes all have the same function. */
const restProxy =
  (
    sourceArn: (api: aws.apigateway.RestApi) => pulumi.Input<string>,
    args: aws.apigateway.RestApiArgs = {},
    paths: readonly string[] = ["{proxy+}"],
  ) =>
  () => {
    const fn = makeFunction("app");
    const api = restApi(
      (created) => paths.map((path, at) => open(created, `app-${at}`, "ANY", path, fn.invokeArn)),
      args,
    );
    allowInvoke("in", fn, sourceArn(api));
  };

/** A Swagger document with the same function for every path, as in `aws-ts-serverless-raw`. */
const swagger =
  (tail: string | undefined, uriOf = ({ arn }: aws.lambda.Function) => invocation(arn)) =>
  () => {
    const fn = makeFunction("app");
    const api = new aws.apigateway.RestApi("api", {
      body: uriOf(fn).apply((uri) =>
        JSON.stringify({
          swagger: "2.0",
          info: { title: "api", version: "1.0" },
          paths: {
            "/{proxy+}": {
              "x-amazon-apigateway-any-method": {
                "x-amazon-apigateway-integration": { uri, httpMethod: "POST", type: "aws_proxy" },
              },
            },
          },
        }),
      ),
    });
    const deployment = new aws.apigateway.Deployment("api", { restApi: api.id });
    new aws.apigateway.Stage("api", { restApi: api.id, deployment: deployment.id, stageName: "api" });
    if (tail !== undefined)
      allowInvoke("in", fn, interpolate`${api.executionArn}${tail}`, { action: "lambda:invokeFunction" });
  };

const invocation = (arn: pulumi.Input<string>) =>
  interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

/** An HTTP API with a Lambda authorizer. */
const httpAuthorizer =
  (
    more: (base: {
      api: aws.apigatewayv2.Api;
      auth: aws.lambda.Function;
    }) => Partial<aws.apigatewayv2.AuthorizerArgs>,
    permitted?: string,
  ) =>
  () => {
    const [api, fn, auth] = [httpApi(), makeFunction("app"), makeFunction("auth")];
    const { id: authorizerId } = new aws.apigatewayv2.Authorizer("auth", {
      apiId: api.id,
      name: "auth",
      authorizerType: "REQUEST",
      authorizerUri: auth.invokeArn,
      authorizerPayloadFormatVersion: "2.0",
      enableSimpleResponses: true,
      ...more({ api, auth }),
    });
    routesTo("app", api.id, fn.arn, { "GET /hello": { authorizationType: "CUSTOM", authorizerId } });
    allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
    if (permitted !== undefined) allowInvoke("auth", auth.name, interpolate`${api.executionArn}${permitted}`);
    stageOf(api);
  };

/** A role for the authorizer's function, trusted by this service. */
const authorizedBy =
  (service: string) =>
  ({ auth }: { auth: aws.lambda.Function }) => {
    const role = gateway({ assumeRolePolicy: trustOf(service) });
    attach("gateway", role, allowDocument(["lambda:InvokeFunction", auth.arn]));
    return { authorizerCredentialsArn: role.arn };
  };

/** A stage variable names the function. */
const byStageVariable = (permitted: boolean, value?: string) => () => {
  const fn = makeFunction("orders", { name: "orders" });
  const api = new aws.apigateway.RestApi("shop");
  const uri = invocation(
    "arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.LambdaFunctionName}",
  );
  const { integration } = open(api, "orders", "GET", "orders", uri);
  const deployment = new aws.apigateway.Deployment("shop", { restApi: api.id }, { dependsOn: [integration] });
  new aws.apigateway.Stage("shop", {
    restApi: api.id,
    deployment: deployment.id,
    stageName: "prod",
    variables: { LambdaFunctionName: value ?? fn.name },
  });
  if (permitted) allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
};

const component =
  (
    kind: ConstructorParameters<typeof ApiComponent>[0],
    routes: (fn: aws.lambda.Function) => ComponentRoute[],
  ) =>
  () => {
    new ApiComponent(kind, "hello-world", { routes: routes(makeFunction("app")) });
  };

const pulumiExamples: Entry[] = [
  {
    name: "aws-ts-serverless-raw",
    source: `${EXAMPLES}/aws-ts-serverless-raw`,
    program: swagger("/*/*"),
    answers: WORKS,
  },
  {
    name: "aws-ts-serverless-raw without its permission",
    source: `${EXAMPLES}/aws-ts-serverless-raw`,
    program: swagger(undefined),
    answers: { deployed: { denied: [`${PERMISSION} @ api`] } },
  },
  {
    name: "aws-ts-apigatewayv2-http-api-quickcreate",
    source: `${EXAMPLES}/aws-ts-apigatewayv2-http-api-quickcreate`,
    program: () => {
      const fn = makeFunction("app");
      new aws.lambda.Permission("app", {
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        function: fn,
      });
      httpApi("web", { routeKey: "GET /", target: fn.invokeArn });
    },
    answers: WORKS,
  },
  {
    name: "aws-ts-apigatewayv2-http-api",
    source: `${EXAMPLES}/aws-ts-apigatewayv2-http-api`,
    program: httpDefault("/*/*"),
    answers: WORKS,
  },
  {
    name: "aws-ts-apigatewayv2-eventbridge",
    source: `${EXAMPLES}/aws-ts-apigatewayv2-eventbridge`,
    program: () => {
      const api = httpApi();
      const bus = new aws.cloudwatch.EventBus("bus");
      const rule = new aws.cloudwatch.EventRule("rule", {
        eventBusName: bus.name,
        eventPattern: JSON.stringify({ source: ["mine"] }),
      });
      const role = gateway({ managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonEventBridgeFullAccess"] });
      const integration = new aws.apigatewayv2.Integration("put", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationSubtype: "EventBridge-PutEvents",
        credentialsArn: role.arn,
        requestParameters: {
          EventBusName: bus.name,
          Source: "mine",
          DetailType: "x",
          Detail: "$request.body",
        },
      });
      new aws.apigatewayv2.Route("put", {
        apiId: api.id,
        routeKey: "POST /uploads",
        target: interpolate`integrations/${integration.id}`,
      });
      stageOf(api, "dev");
      const fn = makeFunction("logs");
      new aws.cloudwatch.EventTarget("logs", { arn: fn.arn, rule: rule.name, eventBusName: bus.name });
      allowInvoke("logs", fn.arn, rule.arn, { principal: "events.amazonaws.com" });
    },
    answers: WORKS,
  },
  {
    name: "aws-ts-lambda-slack",
    source: `${EXAMPLES}/aws-ts-lambda-slack`,
    program: restProxy(({ executionArn }) => interpolate`${executionArn}/*/*`, {}, ["/"]),
    answers: WORKS,
  },
  {
    name: "aws-go-lambda-gateway",
    source: `${EXAMPLES}/aws-go-lambda-gateway`,
    program: restProxy(
      ({ id }) => {
        const { accountId } = aws.getCallerIdentityOutput();
        const { region } = aws.getRegionOutput();
        return interpolate`arn:aws:execute-api:${region}:${accountId}:${id}/*/*/*`;
      },
      {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" }, Effect: "Allow" },
            { Action: "execute-api:Invoke", Resource: "*", Principal: "*", Effect: "Allow" },
          ],
        }),
      },
    ),
    answers: WORKS,
  },
  {
    name: "aws-ts-apigateway-lambda-serverless",
    source: `${EXAMPLES}/aws-ts-apigateway-lambda-serverless`,
    program: component("aws-apigateway", (eventHandler) =>
      (["GET", "POST"] as const).map((method) => ({ path: "/{route+}", method, eventHandler })),
    ),
    answers: WORKS,
  },
  {
    name: "aws-apigateway-ts-routes",
    source: `${EXAMPLES}/aws-apigateway-ts-routes`,
    program: component("aws-apigateway", (eventHandler) => [
      { path: "/static", localPath: "www" },
      { path: "/lambda", method: "GET", eventHandler },
      { path: "/proxy", target: "https://example.com" },
      { path: "/key-authorized", method: "GET", eventHandler, apiKeyRequired: true },
      {
        path: "/lambda-authorized",
        method: "GET",
        eventHandler,
        authorizers: [{ authorizerName: "auth", handler: eventHandler }],
      },
    ]),
    answers: WORKS,
  },
  ...(["awsx.classic", "awsx.classic 2"] as const).map(
    (kind): Entry => ({
      name: `aws-ts-apigateway-auth0 (${kind})`,
      source: `${EXAMPLES}/aws-ts-apigateway-auth0`,
      program: component(kind, (eventHandler) => [
        {
          path: "/hello",
          method: "GET",
          eventHandler,
          authorizers: [{ authorizerName: "jwt-rsa-custom-authorizer", handler: eventHandler }],
        },
      ]),
      // In the SDK version of this repository's tests, a deployment no longer has an execution ARN:
      // https://github.com/pulumi/pulumi-awsx/pull/1888
      answers: WORKS,
    }),
  ),
];

const reports: Entry[] = [
  {
    name: "a permission with the API's logical id",
    source: "https://github.com/aws/serverless-application-model/issues/3393",
    program: restProxy(() => "arn:aws:execute-api:us-east-1:123456789012:CustomAPI/*/GET/hello", {}, [
      "hello",
    ]),
    answers: { deployed: { denied: [`${PERMISSION} @ app-0-integration`] } },
  },
  {
    name: "a permission with a literal ANY for {proxy+}",
    source: "https://github.com/aws/serverless-application-model/issues/296",
    program: restProxy(({ executionArn }) => interpolate`${executionArn}/*/ANY/*`),
    answers: {
      deployed: {
        denied: [`${PERMISSION} @ app-0-integration`],
      },
    },
  },
  {
    name: "a permission with the method * for {proxy+}",
    source: "https://github.com/aws/serverless-application-model/issues/296",
    program: restProxy(({ executionArn }) => interpolate`${executionArn}/*/*/*`),
    answers: WORKS,
  },
  {
    name: "a permission with the bare execution ARN",
    source: "https://github.com/hashicorp/terraform/issues/9271",
    program: restProxy(({ executionArn }) => executionArn),
    answers: {
      deployed: {
        denied: [`${PERMISSION} @ app-0-integration`, "lambda-permission-source-arn @ in"],
      },
    },
  },
  {
    name: "/ and {proxy+}, with a permission for one of them",
    source: "https://github.com/CodeGenieApp/serverless-express/issues/247",
    program: restProxy(({ executionArn }) => interpolate`${executionArn}/*/*/{proxy+}`, {}, [
      "/",
      "{proxy+}",
    ]),
    answers: failsOnceKnown(0, `${PERMISSION} @ app-0-integration`),
  },
  {
    name: "$default with three segments in the source ARN",
    source: "https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/41",
    program: httpDefault("/*/*/*"),
    answers: failsOnceKnown(0, `${PERMISSION} @ app`),
  },
  {
    name: "$default with two segments in the source ARN",
    source: "https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/issues/41",
    program: httpDefault("/*/*"),
    answers: WORKS,
  },
  {
    name: "a published version is called, with a permission on the function",
    source: "https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/97",
    program: httpDefault("/*/*", {}, true),
    answers: failsOnceKnown(1, `${PERMISSION} @ app`),
  },
  {
    name: "an alias is called, whose permission the exported definition does not contain",
    source: "https://github.com/amazon-archives/aws-apigateway-importer/issues/170",
    program: swagger("/*/*", (fn) => {
      const alias = new aws.lambda.Alias("prod", {
        name: "prod",
        functionName: fn.name,
        functionVersion: "1",
      });
      return alias.invokeArn;
    }),
    answers: { deployed: { denied: [`${PERMISSION} @ api`] } },
  },
  {
    name: "a stage variable names the function, which has no permission",
    source: "https://github.com/aws/serverless-application-model/issues/47",
    program: byStageVariable(false),
    answers: fails(`${PERMISSION} @ orders-integration`),
  },
  {
    name: "a stage variable names the function, which has a permission",
    source: "https://github.com/aws/serverless-application-model/issues/47",
    program: byStageVariable(true),
    answers: WORKS,
  },
  {
    name: "an HTTP API's authorizer without permission",
    source: "https://github.com/aws/aws-cdk/issues/11766",
    program: httpAuthorizer(() => ({})),
    answers: fails(`${AUTHORIZER} @ auth`),
  },
  {
    name: "an HTTP API's authorizer with permission for all authorizers",
    source: "https://github.com/aws/aws-cdk/issues/11766",
    program: httpAuthorizer(() => ({}), "/authorizers/*"),
    answers: WORKS,
  },
  {
    name: "an HTTP API's authorizer with permission for its routes",
    source: "https://github.com/aws/aws-cdk/issues/21775",
    program: httpAuthorizer(() => ({}), "/*/*/hello"),
    answers: failsOnceKnown(0, `${AUTHORIZER} @ auth`),
  },
  {
    name: "an authorizer's role that trusts Lambda",
    source: "https://github.com/aws/serverless-application-model/issues/2049",
    program: httpAuthorizer(authorizedBy("lambda.amazonaws.com")),
    answers: fails(`${AUTHORIZER} @ auth`),
  },
  {
    name: "an authorizer's role that trusts API Gateway",
    source: "https://github.com/aws/serverless-application-model/issues/2049",
    program: httpAuthorizer(authorizedBy("apigateway.amazonaws.com")),
    answers: WORKS,
  },
  ...[true, false].map(
    (both): Entry => ({
      name: `a public function URL ${both ? "with both permissions" : "whose permissions the provider adds"}`,
      source: "https://github.com/serverless/serverless/issues/13147",
      program: () => {
        const fn = makeFunction("page");
        new aws.lambda.FunctionUrl("page", { functionName: fn.name, authorizationType: "NONE" });
        const allow = { function: fn.name, principal: "*" };
        if (!both) return;
        new aws.lambda.Permission("page-url", {
          ...allow,
          action: "lambda:InvokeFunctionUrl",
          functionUrlAuthType: "NONE",
        });
        new aws.lambda.Permission("page-fn", {
          ...allow,
          action: "lambda:InvokeFunction",
          invokedViaFunctionUrl: true,
        });
      },
      answers: WORKS,
    }),
  ),
  {
    name: "lambda:InvokeFunction by getPolicyDocumentOutput in the role's inlinePolicies",
    source: "https://www.pulumi.com/registry/packages/aws/api-docs/iam/role/",
    program: () => {
      const fn = makeFunction("make");
      const role = gateway({
        inlinePolicies: [
          {
            name: "invoke",
            policy: aws.iam.getPolicyDocumentOutput({
              statements: [{ actions: ["lambda:InvokeFunction"], resources: [fn.arn] }],
            }).json,
          },
        ],
      });
      restApi((api) => [open(api, "make", "POST", "make", fn.invokeArn, { credentials: role.arn })]);
    },
    answers: WORKS,
  },
  {
    name: "two APIs with one function, with a permission for one of them",
    source: "https://repost.aws/knowledge-center/api-gateway-rest-api-lambda-integrations",
    program: () => {
      const fn = makeFunction("app");
      const first = restApi((api) => [open(api, "app", "GET", "app", fn.invokeArn)]);
      const second = new aws.apigateway.RestApi("second");
      stage("second", second, [open(second, "copy", "GET", "app", fn.invokeArn)]);
      allowInvoke("in", fn.name, interpolate`${first.executionArn}/*/*`);
    },
    answers: fails(`${PERMISSION} @ copy-integration`),
  },
];

export default [...pulumiExamples, ...reports];
