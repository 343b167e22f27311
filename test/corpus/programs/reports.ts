/** Public bug reports about APIs that answered 403 or 500, and their fixes. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  allowDocument,
  allowInvoke,
  distribution,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  stage,
} from "../../support/programs";
import { trustOf } from "../../support/rest";
import { type Entry, fails, failsOnceKnown, hard, WORKS, worksOnceKnown } from "../corpus";
import {
  attach,
  executionRole,
  gateway,
  interpolate,
  open,
  restApi,
  routesTo,
  socketApi,
  stageOf,
} from "../parts";

const PERMISSION = "route-function-permission";
const OTHER_ACCOUNT = "arn:aws:iam::999999999999:role/deploy";

/** An IAM-authorized route of a REST API, whose function allows API Gateway. */
function iamRoute(verb = "GET"): { api: aws.apigateway.RestApi; fn: aws.lambda.Function } {
  const fn = makeFunction("items");
  const api = restApi((created) => [endpoint("items", created, verb, "items", fn.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  return { api, fn };
}

/** A role for identities of an identity pool. */
function poolRole(action: string): aws.iam.Role {
  const pool = new aws.cognito.IdentityPool("pool", { identityPoolName: "pool" });
  const role = new aws.iam.Role("app", {
    assumeRolePolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: action,
          Condition: {
            StringEquals: { "cognito-identity.amazonaws.com:aud": pool.id },
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
          },
        },
      ],
    },
  });
  new aws.cognito.IdentityPoolRoleAttachment("pool", {
    identityPoolId: pool.id,
    roles: { authenticated: role.arn },
  });
  return role;
}

const amplify =
  (...paths: readonly string[]) =>
  () => {
    const { api, fn } = iamRoute("POST");
    const role = poolRole("sts:AssumeRoleWithWebIdentity");
    attach("fn", role, allowDocument(invokeFunction({ fn })));
    const resources = paths.map((path) => interpolate`${api.executionArn}/prod/POST${path}`);
    attach("api", role, allowDocument(["execute-api:Invoke", resources]));
  };

const cognito = (action: string) => () => {
  const base = iamRoute();
  attach("app", poolRole(action), allowDocument(executeApi(base), invokeFunction(base)));
};

const authorizerOnAlias = (qualified: boolean) => () => {
  const [auth, fn] = [makeFunction("auth", { publish: true }), makeFunction("orders")];
  const live = new aws.lambda.Alias("live", {
    name: "live",
    functionName: auth.name,
    functionVersion: auth.version,
  });
  const api = new aws.apigateway.RestApi("shop");
  const { id: authorizerId } = new aws.apigateway.Authorizer("auth", {
    restApi: api.id,
    authorizerUri: live.invokeArn,
  });
  const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
  new aws.apigateway.Method("orders", { ...at, authorization: "CUSTOM", authorizerId });
  const integration = new aws.apigateway.Integration("orders", {
    ...at,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  stage("prod", api, [{ integration }]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  allowInvoke(
    "auth",
    auth.name,
    interpolate`${api.executionArn}/authorizers/*`,
    qualified ? { qualifier: live.name } : {},
  );
};

const bounded =
  (...actions: readonly string[]) =>
  () => {
    const fn = makeFunction("orders", { name: "orders" });
    const boundary = new aws.iam.Policy("boundary", { policy: allowDocument([actions, "*"]) });
    const role = gateway({ permissionsBoundary: boundary.arn });
    attach("gateway", role, allowDocument(invokeFunction({ fn })));
    restApi((api) => [open(api, "orders", "GET", "orders", fn.invokeArn, { credentials: role.arn })]);
  };

const acrossAccounts = (withPolicy: boolean) => () => {
  const provider = new aws.Provider("other", {
    region: "us-east-1",
    assumeRoles: [{ roleArn: OTHER_ACCOUNT }],
  });
  const base = iamRoute("POST");
  const role = roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {}, { provider });
  if (withPolicy)
    new aws.apigateway.RestApiPolicy("policy", {
      restApiId: base.api.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: role.arn },
            Action: "execute-api:Invoke",
            Resource: interpolate`${base.api.executionArn}/*/*/*`,
          },
        ],
      }),
    });
};

/** An API whose resource policy allows the caller. */
const byResourcePolicy = (tail: string) => () => {
  const { api, fn } = iamRoute();
  const role = roleWithPolicy("app", [invokeFunction({ fn })]);
  const policy = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        principals: [{ type: "AWS", identifiers: [role.arn] }],
        actions: ["execute-api:Invoke"],
        resources: [interpolate`${api.executionArn}${tail}`],
      },
    ],
  });
  new aws.apigateway.RestApiPolicy("policy", { restApiId: api.id, policy: policy.json });
};

const stagePerAlias =
  (permitted: readonly string[], form: "rest" | "stage" | "http" = "rest") =>
  () => {
    const fn = makeFunction("hello", { publish: true });
    const uri = interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}:\${stageVariables.lambdaAlias}/invocations`;
    const alias = (name: string) =>
      new aws.lambda.Alias(name, { name, functionName: fn.name, functionVersion: fn.version });
    if (form === "http") {
      const api = new aws.apigatewayv2.Api("web", { protocolType: "HTTP" });
      routesTo("hello", api.id, uri, { "GET /hello": {} });
      for (const name of ["dev", "prod"]) {
        const { name: qualifier } = alias(name);
        new aws.apigatewayv2.Stage(name, {
          apiId: api.id,
          name,
          autoDeploy: true,
          stageVariables: { lambdaAlias: name },
        });
        if (permitted.includes(name))
          allowInvoke(name, fn.name, interpolate`${api.executionArn}/${name}/GET/hello`, { qualifier });
      }
      return;
    }
    const api = new aws.apigateway.RestApi("shop");
    const { integration } = open(api, "hello", "GET", "hello", uri);
    const deployment = new aws.apigateway.Deployment(
      "hello",
      { restApi: api.id },
      { dependsOn: [integration] },
    );
    for (const name of ["dev", "prod"]) {
      const { name: qualifier } = alias(name);
      const live = new aws.apigateway.Stage(name, {
        restApi: api.id,
        deployment: deployment.id,
        stageName: name,
        variables: { lambdaAlias: name },
      });
      const source =
        form === "stage"
          ? interpolate`${live.executionArn}/GET/hello`
          : interpolate`${api.executionArn}/${live.stageName}/GET/hello`;
      if (permitted.includes(name)) allowInvoke(name, fn.name, source, { qualifier });
    }
  };

const onVersion = (uriOf: (fn: aws.lambda.Function) => pulumi.Input<string>) => () => {
  const fn = makeFunction("post", { publish: true });
  const api = restApi((created) => [open(created, "post", "POST", "post", uriOf(fn))]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, { qualifier: fn.version });
};

/** $connect is IAM-authorized, and the client has both actions. */
const chat = (action: string, tail: string) => () => {
  const [api, fn] = [socketApi(), makeFunction("handler")];
  routesTo("chat", api.id, fn.invokeArn, {
    $connect: { authorizationType: "AWS_IAM" },
    $disconnect: {},
    sendmessage: {},
  });
  stageOf(api, "prod");
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  attach("post", executionRole(fn), allowDocument([action, interpolate`${api.executionArn}${tail}`]));
  roleWithPolicy("client", [
    ["execute-api:Invoke", interpolate`${api.executionArn}/prod/$connect`],
    invokeFunction({ fn }),
  ]);
};

const statementIds =
  (...ids: readonly string[]) =>
  () => {
    const fn = makeFunction("orders");
    const api = restApi((created) =>
      ["a", "b"].map((name) => open(created, name, "GET", name, fn.invokeArn)),
    );
    for (const [at, statementId] of ids.entries())
      allowInvoke(`in-${at}`, fn.name, interpolate`${api.executionArn}/*/GET/${"ab"[at]}`, { statementId });
  };

const PRIVATE = { endpointConfiguration: { types: "PRIVATE", vpcEndpointIds: ["vpce-0123456789abcdef0"] } };

/** A private API that is called through its VPC endpoint. */
const privateApi = (authorization: string, statements: readonly object[]) => () => {
  const fn = makeFunction("hello");
  const api = restApi(
    (created) => [endpoint("hello", created, "GET", "hello", fn.invokeArn, {}, {}, authorization)],
    PRIVATE,
  );
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`);
  if (authorization === "AWS_IAM") roleWithPolicy("app", [executeApi({ api }), invokeFunction({ fn })]);
  new aws.apigateway.RestApiPolicy("policy", {
    restApiId: api.id,
    policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
  });
};

const EVERYONE = { Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
const VPCE = { "aws:SourceVpce": "vpce-0123456789abcdef0" };

const throughCloudFront = (both: boolean) => () => {
  const fn = makeFunction("site");
  const url = new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
  const access = new aws.cloudfront.OriginAccessControl("access", {
    originAccessControlOriginType: "lambda",
    signingBehavior: "always",
    signingProtocol: "sigv4",
  });
  const { arn: sourceArn } = distribution("cdn", [
    {
      originId: "fn",
      domainName: url.functionUrl.apply((address) => new URL(address).host),
      originAccessControlId: access.id,
    },
  ]);
  const allow = { function: fn.name, principal: "cloudfront.amazonaws.com", sourceArn };
  new aws.lambda.Permission("cdn-url", {
    ...allow,
    action: "lambda:InvokeFunctionUrl",
    functionUrlAuthType: "AWS_IAM",
  });
  if (both)
    new aws.lambda.Permission("cdn-fn", {
      ...allow,
      action: "lambda:InvokeFunction",
      invokedViaFunctionUrl: true,
    });
};

/** A role that the function's policy allows to call its function URL. */
const urlGranted = () => {
  const fn = makeFunction("page");
  new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
  const { arn: principal } = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  const allow = { function: fn.name, principal };
  new aws.lambda.Permission("app-url", {
    ...allow,
    action: "lambda:InvokeFunctionUrl",
    functionUrlAuthType: "AWS_IAM",
  });
  new aws.lambda.Permission("app-fn", {
    ...allow,
    action: "lambda:InvokeFunction",
    invokedViaFunctionUrl: true,
  });
};

const durable = () => {
  const fn = makeFunction("order", {
    publish: true,
    durableConfig: { executionTimeout: 3600, retentionPeriod: 7 },
  });
  const live = new aws.lambda.Alias("live", {
    name: "live",
    functionName: fn.name,
    functionVersion: fn.version,
  });
  const api = restApi((created) => [open(created, "order", "POST", "order", live.invokeArn)]);
  allowInvoke("in", fn.name, interpolate`${api.executionArn}/*/*`, { qualifier: live.name });
};

const entries: Entry[] = [
  {
    name: "amplify-double-slash, broken",
    program: amplify("//*", "/"),
    answers: { deployed: { reported: ["caller-execute-api-invoke @ app"] } },
  },
  { name: "amplify-double-slash, fixed", program: amplify("/items/*", "/items"), answers: WORKS },
  {
    name: "authorizer-alias, broken",
    program: authorizerOnAlias(false),
    answers: fails("authorizer-function-permission @ auth"),
  },
  { name: "authorizer-alias, fixed", program: authorizerOnAlias(true), answers: WORKS },
  {
    name: "boundary, broken",
    source: "https://repost.aws/knowledge-center/api-gateway-lambda-stage-variable-500",
    program: bounded("logs:*", "dynamodb:*", "execute-api:*"),
    answers: fails("integration-role-lambda-invoke @ gateway"),
  },
  {
    name: "boundary, fixed",
    program: bounded("logs:*", "dynamodb:*", "execute-api:*", "lambda:InvokeFunction"),
    answers: WORKS,
  },
  {
    name: "cognito-sts-assumerole, broken",
    source: "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
    program: cognito("sts:AssumeRole"),
    answers: { deployed: { reported: ["caller-execute-api-invoke @ app"] } },
  },
  {
    name: "cognito-sts-assumerole, fixed",
    program: cognito("sts:AssumeRoleWithWebIdentity"),
    answers: WORKS,
  },
  {
    name: "cross-account-rest, broken",
    source: "https://repost.aws/knowledge-center/api-gateway-cross-account-403",
    program: acrossAccounts(false),
    // The first preview shows the caller's account but not the API's account.
    answers: { first: { unproven: 1 }, deployed: { reported: ["caller-execute-api-invoke @ app"] } },
  },
  { name: "cross-account-rest, fixed", program: acrossAccounts(true), answers: worksOnceKnown(1) },
  {
    name: "rest-policy-bare-arn, broken",
    program: byResourcePolicy(""),
    answers: { deployed: { reported: ["caller-execute-api-invoke @ policy"] } },
  },
  { name: "rest-policy-bare-arn, fixed", program: byResourcePolicy("/*"), answers: WORKS },
  {
    name: "stage-per-alias, broken",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/amazon-api-gateway-using-stage-variables.html",
    program: stagePerAlias(["dev"]),
    answers: failsOnceKnown(1, `${PERMISSION} @ hello-integration`),
  },
  { name: "stage-per-alias, fixed", program: stagePerAlias(["dev", "prod"]), answers: worksOnceKnown(1) },
  {
    name: "stage-per-alias by the stages' execution ARNs, broken",
    program: stagePerAlias(["dev"], "stage"),
    answers: failsOnceKnown(1, `${PERMISSION} @ hello-integration`),
  },
  {
    name: "stage-per-alias by the stages' execution ARNs, fixed",
    program: stagePerAlias(["dev", "prod"], "stage"),
    answers: worksOnceKnown(1),
  },
  {
    name: "stage-per-alias on an HTTP API, broken",
    program: stagePerAlias(["prod"], "http"),
    answers: failsOnceKnown(1, `${PERMISSION} @ hello`),
  },
  {
    name: "stage-per-alias on an HTTP API, fixed",
    program: stagePerAlias(["dev", "prod"], "http"),
    answers: worksOnceKnown(1),
  },
  {
    name: "version-suffix, broken",
    program: onVersion((fn) => interpolate`${fn.invokeArn}:4`),
    answers: { deployed: { denied: ["lambda-integration-request @ post-integration"], unproven: 1 } },
  },
  {
    name: "version-suffix, fixed",
    program: onVersion((fn) => fn.qualifiedInvokeArn),
    answers: worksOnceKnown(1),
  },
  {
    name: "ws-manage-connections, broken",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html",
    program: chat("execute-api:Invoke", "/*"),
    answers: {
      first: { unproven: 1 },
      deployed: { reported: ["websocket-manage-connections @ handler-exec"] },
    },
  },
  {
    name: "ws-manage-connections, fixed",
    program: chat("execute-api:ManageConnections", "/prod/POST/@connections/*"),
    answers: worksOnceKnown(1),
  },
  {
    name: "statement-id, fixed",
    program: statementIds("AllowApiGateway", "AllowApiGatewayB"),
    answers: WORKS,
  },
  {
    name: "private-no-policy, fixed",
    program: privateApi("NONE", [{ Effect: "Allow", ...EVERYONE, Condition: { StringEquals: VPCE } }]),
    answers: WORKS,
  },
  {
    name: "private-no-policy-iam, fixed",
    program: privateApi("AWS_IAM", [{ Effect: "Allow", ...EVERYONE, Condition: { StringEquals: VPCE } }]),
    answers: WORKS,
  },
  {
    name: "private-vpce, fixed",
    source:
      "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html",
    program: privateApi("NONE", [
      { Effect: "Deny", ...EVERYONE, Condition: { StringNotEquals: VPCE } },
      { Effect: "Allow", ...EVERYONE },
    ]),
    answers: WORKS,
  },
  {
    name: "cf-oac-url, broken",
    source:
      "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html",
    program: throughCloudFront(false),
    answers: fails("function-url-caller-lambda-invoke @ cdn-url"),
  },
  { name: "cf-oac-url, fixed", program: throughCloudFront(true), answers: WORKS },
  {
    name: "furl-authtype-action, fixed",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    program: urlGranted,
    answers: WORKS,
  },
  { name: "durable-unqualified, fixed", program: durable, answers: WORKS },
];

export default hard(entries);
