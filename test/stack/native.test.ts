import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { type Case, runCases } from "../support/cases";
import {
  documentOf,
  grant,
  invocation,
  Native,
  type NativeBase,
  type NativePatch,
  nativeExecute,
  nativeFunction,
  nativeStack,
} from "../support/native";
import { allow, trustOf } from "../support/rest";

/** Some cases declare a second deployment without dependencies. */
const ORDER = "rest-api-deployment-dependencies";

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

const both = (first: readonly string[], deployed: readonly string[]): Case["expected"] => ({
  "first-preview": first,
  deployed,
});

type Row = Omit<Case, "program"> & { readonly stack?: NativePatch; readonly program?: () => void };

function rows(title: string, cases: readonly Row[]): void {
  describe(title, () =>
    runCases(
      cases.map(({ stack, program, ...testCase }) => ({
        ...testCase,
        program: program ?? nativeStack(stack),
      })),
      ["lambda-permission-scope", "invoke-policy-scope", "caller-execute-api-invoke", ORDER],
    ),
  );
}

const DENIED = ["route-function-permission @ method"];
const TWO_STEP_DENIED = ["iam-route-caller-lambda-invoke @ caller"];

rows("REST APIs of aws-native", [
  { name: "healthy", expected: [] },
  { name: "no permission", stack: { permission: false }, expected: DENIED },
  {
    name: "a source ARN for another method",
    stack: { permission: (base) => ({ sourceArn: pulumi.interpolate`${base.executionArn}/*/POST/*` }) },
    expected: both([], DENIED),
  },
  {
    name: "a caller that may not invoke the function",
    stack: { caller: nativeExecute },
    expected: TWO_STEP_DENIED,
  },
  {
    name: "a route without authorization",
    stack: { caller: nativeExecute, method: () => ({ authorizationType: "NONE" }) },
    expected: [],
  },
  {
    name: "caller credentials",
    stack: { permission: false, integration: () => ({ credentials: CALLER_CREDENTIALS }) },
    expected: [],
  },
  {
    name: "caller credentials, and a caller that may not invoke the function",
    stack: {
      permission: false,
      caller: nativeExecute,
      integration: () => ({ credentials: CALLER_CREDENTIALS }),
    },
    expected: ["caller-credentials-lambda-invoke @ caller"],
  },
  {
    name: "caller credentials on a route without authorization",
    stack: {
      integration: () => ({ credentials: CALLER_CREDENTIALS }),
      method: () => ({ authorizationType: "NONE" }),
    },
    expected: ["caller-credentials-lambda-invoke @ method"],
  },
  {
    name: "caller credentials and a resource policy",
    stack: {
      integration: () => ({ credentials: CALLER_CREDENTIALS }),
      api: () => ({
        policy: documentOf([
          { ...grant("execute-api:Invoke", "execute-api:/*"), Principal: { AWS: "123456789012" } },
        ]),
      }),
    },
    expected: ["caller-credentials-lambda-invoke @ method"],
  },
  {
    name: "an unknown integration may use caller credentials",
    stack: {
      permission: false,
      method: ({ fn }) => ({
        integration: fn.output("arn").apply((arn) => ({
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          credentials: CALLER_CREDENTIALS,
          uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
        })),
      }),
    },
    expected: both(["unproven-access @ method"], []),
  },
  {
    name: "a plain integration with another service",
    stack: {
      permission: false,
      caller: nativeExecute,
      integration: ({ gateway }) => ({
        type: "AWS",
        credentials: gateway.output("arn"),
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:sqs:path/123456789012/${new aws.sqs.Queue("queue").name}`,
      }),
    },
    expected: [],
  },
  {
    name: "a mock",
    stack: { permission: false, caller: nativeExecute, method: () => ({ integration: { type: "MOCK" } }) },
    expected: [],
  },
]);

const byRole: NativePatch = {
  permission: false,
  integration: ({ gateway }) => ({ credentials: gateway.output("arn") }),
};
const NOTHING = [grant("logs:PutLogEvents", "*")];
rows("integration roles of aws-native", [
  { name: "a role with an inline policy", stack: byRole, expected: [] },
  {
    name: "a role that may not invoke the function",
    stack: { ...byRole, gatewayPolicy: () => NOTHING },
    expected: ["integration-role-lambda-invoke @ gateway"],
  },
  {
    name: "a role that does not trust API Gateway",
    stack: { ...byRole, gateway: { assumeRolePolicyDocument: trustOf("lambda.amazonaws.com") } },
    expected: ["integration-role-lambda-invoke @ gateway"],
  },
  {
    name: "a role with a RolePolicy",
    stack: {
      ...byRole,
      gatewayPolicy: () => NOTHING,
      more: ({ fn }) => {
        new Native("iam:RolePolicy", "role-policy", {
          roleName: "gateway",
          policyName: "invoke",
          policyDocument: documentOf([grant("lambda:InvokeFunction", fn.output("arn"))]),
        });
      },
    },
    expected: [],
  },
  {
    name: "a role that a managed policy names",
    stack: {
      ...byRole,
      gatewayPolicy: () => NOTHING,
      more: ({ fn }) => {
        new Native("iam:ManagedPolicy", "managed", {
          roles: ["gateway"],
          policyDocument: documentOf([grant("lambda:InvokeFunction", fn.output("arn"))]),
        });
      },
    },
    expected: [],
  },
  {
    name: "a managed policy for another role",
    stack: {
      ...byRole,
      gatewayPolicy: () => NOTHING,
      more: ({ fn }) => {
        new Native("iam:ManagedPolicy", "managed", {
          roles: ["caller"],
          policyDocument: documentOf([grant("lambda:InvokeFunction", fn.output("arn"))]),
        });
      },
    },
    expected: ["integration-role-lambda-invoke @ gateway"],
  },
  {
    name: "a role with an AWS managed policy",
    stack: {
      ...byRole,
      gatewayPolicy: () => NOTHING,
      gateway: { managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaRole"] },
    },
    expected: [],
  },
]);

/** The route calls the alias `live`; `on` returns the function name of the permission. */
const onAlias = (
  on: (base: NativeBase, aliasArn: pulumi.Output<string>) => pulumi.Input<string>,
): NativePatch => {
  const aliases = new WeakMap<Native, Native>();
  const alias = ({ fn }: NativeBase): pulumi.Output<string> => {
    const aliasPermission =
      aliases.get(fn) ??
      new Native(
        "lambda:Alias",
        "live",
        { functionName: fn.output("functionName"), functionVersion: "1", name: "live" },
        ["aliasArn"],
      );
    aliases.set(fn, aliasPermission);
    return aliasPermission.output("aliasArn");
  };
  return {
    caller: false,
    integration: (base) => ({ uri: invocation(alias(base)) }),
    permission: (base) => ({ functionName: on(base, alias(base)) }),
  };
};
rows("functions, aliases and versions of aws-native", [
  { name: "a permission on the alias by its ARN", stack: onAlias((_, arn) => arn), expected: [] },
  { name: "a permission on name and alias", stack: onAlias(() => "orders:live"), expected: [] },
  {
    name: "a permission on an ARN that ends with the alias",
    stack: onAlias(({ fn }) => pulumi.interpolate`${fn.output("arn")}:live`),
    expected: both(["unproven-access @ method"], []),
  },
  { name: "a permission on the name without the alias", stack: onAlias(() => "orders"), expected: DENIED },
  { name: "a permission on name and another alias", stack: onAlias(() => "orders:next"), expected: DENIED },
  {
    name: "a version",
    stack: {
      caller: false,
      integration: ({ fn }) => ({
        uri: invocation(
          new Native("lambda:Version", "version", { functionName: fn.output("functionName") }, [
            "functionArn",
            "version",
          ]).output("functionArn"),
        ),
      }),
    },
    expected: both(["unproven-access @ method"], DENIED),
  },
  {
    name: "a document as the function's resource policy",
    stack: {
      caller: false,
      permission: false,
      more: ({ fn, executionArn }) => {
        new Native("lambda:ResourcePolicy", "policy", {
          resourceArn: fn.output("arn"),
          policyDocument: documentOf([
            {
              ...grant("lambda:InvokeFunction", fn.output("arn")),
              Principal: { Service: "apigateway.amazonaws.com" },
              Condition: { ArnLike: { "aws:SourceArn": pulumi.interpolate`${executionArn}/*` } },
            },
          ]),
        });
      },
    },
    expected: both(["unproven-access @ method"], []),
  },
  {
    name: "a document that allows another service",
    stack: {
      caller: false,
      permission: false,
      more: () => {
        new Native("lambda:ResourcePolicy", "policy", {
          resourceArn: "arn:aws:lambda:us-east-1:123456789012:function:orders",
          policyDocument: documentOf([
            { ...grant("lambda:InvokeFunction", "*"), Principal: { Service: "events.amazonaws.com" } },
          ]),
        });
      },
    },
    expected: DENIED,
  },
]);

const variable = invocation("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}");
const returns = () => nativeFunction("returns");
rows("stages of aws-native", [
  {
    name: "a stage variable",
    stack: { caller: false, integration: () => ({ uri: variable }), stage: { variables: { fn: "orders" } } },
    expected: [],
  },
  {
    name: "a stage variable that names a function without a permission",
    stack: {
      caller: false,
      integration: () => ({ uri: variable }),
      stage: { variables: { fn: "returns" } },
      more: returns,
    },
    expected: DENIED,
    messageIncludes: ["cannot invoke function returns"],
  },
  {
    name: "a canary that overrides a stage variable",
    stack: {
      caller: false,
      integration: () => ({ uri: variable }),
      stage: {
        variables: { fn: "orders" },
        canarySetting: { percentTraffic: 5, stageVariableOverrides: { fn: "returns" } },
      },
      more: returns,
    },
    expected: DENIED,
  },
  {
    name: "a stage that lacks the variable",
    stack: { caller: false, integration: () => ({ uri: variable }) },
    expected: ["unproven-access @ method"],
    messageIncludes: ["which it does not have"],
  },
  {
    name: "a stage that the deployment creates, with its variables",
    stack: {
      caller: false,
      stage: false,
      integration: () => ({ uri: variable }),
      permission: ({ executionArn }) => ({ sourceArn: pulumi.interpolate`${executionArn}/live/*` }),
      more: ({ apiId }) => {
        new Native("apigateway:Deployment", "makes-stage", {
          restApiId: apiId,
          stageName: "live",
          stageDescription: { variables: { fn: "orders" } },
        });
      },
    },
    expected: [],
  },
  {
    name: "a permission for another stage than the deployment creates",
    stack: {
      caller: false,
      stage: false,
      permission: ({ executionArn }) => ({ sourceArn: pulumi.interpolate`${executionArn}/live/*` }),
      more: ({ apiId }) => {
        new Native("apigateway:Deployment", "makes-stage", { restApiId: apiId, stageName: "test" });
      },
    },
    expected: both([], DENIED),
  },
]);

type BodyBase = Parameters<NonNullable<NativePatch["api"]>>[0];
const operation = ({ fn }: BodyBase, integration: Record<string, unknown> = {}): Record<string, unknown> => ({
  "x-amazon-apigateway-auth": { type: "AWS_IAM" },
  "x-amazon-apigateway-integration": {
    type: "aws_proxy",
    httpMethod: "POST",
    uri: invocation(fn.output("arn")),
    ...integration,
  },
});
const ordersBody = (
  base: BodyBase,
  integration: Record<string, unknown> = {},
  paths: Record<string, unknown> = {},
): Record<string, unknown> => ({
  openapi: "3.0.1",
  info: { title: "orders", version: "1" },
  paths: { "/orders/{id}": { get: operation(base, integration) }, ...paths },
});
const withBody = (integration?: Record<string, unknown>): NativePatch => ({
  api: (base) => ({ body: ordersBody(base, integration) }),
});
const AT_API = ["route-function-permission @ orders-api"];
/** Two functions in one body: its unknown leaves do not show which operation calls which function. */
const twoFunctions = (permitted: readonly string[]): NativePatch => ({
  caller: false,
  permission: false,
  api: (base) => {
    const otherFunction = nativeFunction("returns");
    return {
      body: ordersBody(
        base,
        {},
        {
          "/returns": { post: operation(base, { uri: invocation(otherFunction.output("arn")) }) },
          "/returns/{id}": { get: operation(base, { uri: invocation(otherFunction.output("arn")) }) },
        },
      ),
    };
  },
  more: ({ executionArn }) => {
    for (const functionName of permitted)
      new Native("lambda:Permission", functionName, {
        action: "lambda:InvokeFunction",
        functionName,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${executionArn}/*/*`,
      });
  },
});
rows("bodies of aws-native: documents in which only leaves are unknown", [
  { name: "healthy", stack: withBody(), expected: [] },
  {
    name: "healthy, as YAML text",
    stack: { api: (base) => ({ body: pulumi.output(ordersBody(base)).apply((body) => dump(body)) }) },
    expected: [],
  },
  { name: "no permission", stack: { ...withBody(), permission: false }, expected: AT_API },
  {
    name: "a source ARN for another path",
    stack: {
      ...withBody(),
      permission: ({ executionArn }) => ({ sourceArn: pulumi.interpolate`${executionArn}/*/GET/refunds` }),
    },
    expected: both([], AT_API),
  },
  {
    name: "a caller that may not invoke the function",
    stack: { ...withBody(), caller: nativeExecute },
    expected: TWO_STEP_DENIED,
  },
  {
    name: "caller credentials, as SAM exports them",
    stack: { ...withBody({ credentials: CALLER_CREDENTIALS }), permission: false, caller: nativeExecute },
    expected: ["caller-credentials-lambda-invoke @ caller"],
  },
  {
    name: "a role that may not invoke the function",
    stack: {
      permission: false,
      gatewayPolicy: () => NOTHING,
      api: (base) => ({ body: ordersBody(base, { credentials: base.gateway.output("arn") }) }),
    },
    expected: ["integration-role-lambda-invoke @ gateway"],
  },
  {
    name: "a plain integration with another service",
    stack: {
      caller: false,
      permission: (base) => ({ sourceArn: pulumi.interpolate`${base.executionArn}/*/GET/orders/{id}` }),
      api: (base) => ({
        body: ordersBody(
          base,
          {},
          {
            "/queue": {
              post: operation(base, {
                type: "aws",
                credentials: base.gateway.output("arn"),
                uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:sqs:path/123456789012/${new aws.sqs.Queue("queue").name}`,
              }),
            },
          },
        ),
      }),
      gatewayPolicy: () => [grant("sqs:SendMessage", "*")],
    },
    expected: [],
  },
  {
    name: "two functions, both allowed",
    stack: twoFunctions(["orders", "returns"]),
    expected: both(["unproven-access @ orders-api"], []),
  },
  {
    name: "two functions, one allowed",
    stack: twoFunctions(["orders"]),
    expected: both(["unproven-access @ orders-api"], AT_API),
  },
  {
    name: "an import parameter that prepends the base path",
    stack: {
      caller: false,
      api: (base) => ({
        body: { ...ordersBody(base), servers: [{ url: "https://example.com/v1" }] },
        parameters: { basepath: "prepend" },
      }),
      permission: ({ executionArn }) => ({ sourceArn: pulumi.interpolate`${executionArn}/*/GET/orders/*` }),
    },
    expected: both([], AT_API),
  },
  {
    name: "a body in a bucket",
    stack: {
      caller: false,
      permission: false,
      api: () => ({ body: undefined, bodyS3Location: { bucket: "b", key: "k" } }),
      method: () => ({ integration: { type: "MOCK" } }),
    },
    expected: ["unproven-access @ orders-api"],
    messageIncludes: ["an object in S3"],
  },
]);

/** An HTTP or WebSocket API of `aws-native` with the resources that `make` adds. */
const version2 =
  (inputs: pulumi.Inputs, make: (apiId: pulumi.Output<string>, fn: Native) => void, tail: string | false) =>
  (): void => {
    const fn = nativeFunction("orders");
    const given = typeof inputs === "function" ? (inputs as (fn: Native) => pulumi.Inputs)(fn) : inputs;
    const api = new Native("apigatewayv2:Api", "api", { name: "api", ...given }, ["apiId"]);
    const apiId = api.output("apiId");
    make(apiId, fn);
    if (tail !== false)
      new Native("lambda:Permission", "permission", {
        action: "lambda:InvokeFunction",
        functionName: "orders",
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${apiId}${tail}`,
      });
  };
const socket = (tail: string | false) =>
  version2(
    { protocolType: "WEBSOCKET", routeSelectionExpression: "$request.body.action" },
    (apiId, fn) => {
      const integration = new Native(
        "apigatewayv2:Integration",
        "integration",
        { apiId, integrationType: "AWS_PROXY", integrationUri: invocation(fn.output("arn")) },
        ["integrationId"],
      );
      const target = pulumi.interpolate`integrations/${integration.output("integrationId")}`;
      for (const routeKey of ["$connect", "send"])
        new Native("apigatewayv2:Route", routeKey, { apiId, routeKey, target });
      new Native("apigatewayv2:Stage", "stage", { apiId, stageName: "live" });
    },
    tail,
  );
const imported = (tail: string | false) => (): void => {
  version2(
    ((fn: Native) => ({
      basePath: "prepend",
      body: {
        openapi: "3.0.1",
        servers: [{ url: "/v1" }],
        paths: {
          "/orders": {
            get: {
              "x-amazon-apigateway-integration": {
                type: "AWS_PROXY",
                uri: fn.output("arn"),
                payloadFormatVersion: "2.0",
              },
            },
          },
        },
      },
    })) as never,
    () => {},
    tail,
  )();
};
rows("HTTP and WebSocket APIs of aws-native", [
  { name: "WebSocket, healthy", program: socket("/*"), expected: [] },
  {
    name: "WebSocket, no permission",
    program: socket(false),
    expected: ["route-function-permission @ integration"],
  },
  {
    name: "WebSocket, a permission for one of two keys",
    program: socket("/*/$connect"),
    expected: both([], ["route-function-permission @ integration"]),
  },
  { name: "a body, healthy", program: imported("/*/GET/v1/orders"), expected: [] },
  {
    name: "a body, with a permission without the base path",
    program: imported("/*/GET/orders"),
    expected: both([], ["route-function-permission @ api"]),
  },
  { name: "a body, no permission", program: imported(false), expected: ["route-function-permission @ api"] },
]);

/** A Lambda authorizer of a REST or HTTP API, with a permission for the source ARN suffix `tail` or with a role. */
const authorizer =
  (kind: "REST" | "HTTP", { tail, role }: { tail?: string; role?: "invokes" | "lacks" | "not trusted" }) =>
  (): void => {
    const authorizerFunction = nativeFunction("guard");
    const [api, id, authorizerType] =
      kind === "REST"
        ? (["apigateway:RestApi", "restApiId", "type"] as const)
        : (["apigatewayv2:Api", "apiId", "authorizerType"] as const);
    const theApi = new Native(api, "api", { name: "api" }, [id, "rootResourceId"]);
    const apiId = theApi.output(id);
    const gate = new Native(
      "iam:Role",
      "gate",
      {
        roleName: "gate",
        assumeRolePolicyDocument: trustOf(
          role === "not trusted" ? "lambda.amazonaws.com" : "apigateway.amazonaws.com",
        ),
        policies: [
          {
            policyName: "invokes",
            policyDocument: documentOf(
              role === "lacks" ? NOTHING : [grant("lambda:InvokeFunction", authorizerFunction.output("arn"))],
            ),
          },
        ],
      },
      ["arn"],
    );
    const credentials = kind === "REST" ? "authorizerCredentials" : "authorizerCredentialsArn";
    const lambdaAuthorizer = new Native(
      api.replace(/:.*/, ":Authorizer"),
      "authorizer",
      {
        [id]: apiId,
        [authorizerType]: "REQUEST",
        name: "guard",
        authorizerUri: invocation(authorizerFunction.output("arn")),
        ...(role === undefined ? {} : { [credentials]: gate.output("arn") }),
      },
      ["authorizerId"],
    );
    const authorization = {
      authorizationType: "CUSTOM",
      authorizerId: lambdaAuthorizer.output("authorizerId"),
    };
    if (kind === "REST")
      new Native("apigateway:Method", "guarded", {
        restApiId: apiId,
        resourceId: theApi.output("rootResourceId"),
        httpMethod: "GET",
        ...authorization,
        integration: { type: "MOCK" },
      });
    else new Native("apigatewayv2:Route", "guarded", { apiId, routeKey: "GET /", ...authorization });
    if (tail !== undefined)
      new Native("lambda:Permission", "permission", {
        action: "lambda:InvokeFunction",
        functionName: "guard",
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${apiId}${tail.replace("ID", "")}${
          tail.endsWith("ID") ? lambdaAuthorizer.output("authorizerId") : ""
        }`,
      });
  };
const AUTHORIZER_DENIED = ["authorizer-function-permission @ authorizer"];
for (const kind of ["REST", "HTTP"] as const)
  rows(`Lambda authorizers of aws-native: ${kind}`, [
    { name: "by its id", program: authorizer(kind, { tail: "/authorizers/ID" }), expected: [] },
    { name: "any", program: authorizer(kind, { tail: "/authorizers/*" }), expected: [] },
    { name: "no permission", program: authorizer(kind, {}), expected: AUTHORIZER_DENIED },
    {
      name: "a source ARN of routes",
      program: authorizer(kind, { tail: "/*/*/*" }),
      expected: both([], AUTHORIZER_DENIED),
    },
    { name: "a role", program: authorizer(kind, { role: "invokes" }), expected: [] },
    {
      name: "a role that may not invoke the function",
      program: authorizer(kind, { role: "lacks" }),
      expected: AUTHORIZER_DENIED,
    },
    {
      name: "a role that does not trust API Gateway",
      program: authorizer(kind, { role: "not trusted" }),
      expected: AUTHORIZER_DENIED,
    },
  ]);

type Grants = readonly Record<string, unknown>[];
/** Principals named `someone` in `aws-native`, each with a different way to attach policies. */
const PRINCIPALS_WITH_POLICIES: Readonly<Record<string, (grants: Grants) => void>> = {
  "a user with its own policies": (grants) => {
    const policies = grants.map((grantPolicy, index) => ({
      policyName: `p${index}`,
      policyDocument: documentOf([grantPolicy]),
    }));
    new Native("iam:User", "someone", { userName: "someone", policies });
  },
  "a user with a UserPolicy": (grants) => {
    new Native("iam:User", "someone", { userName: "someone" });
    const policyDocument = documentOf(grants);
    new Native("iam:UserPolicy", "policy", { userName: "someone", policyName: "calls", policyDocument });
  },
  "a user that a managed policy names": (grants) => {
    new Native("iam:User", "someone", { userName: "someone" });
    new Native("iam:ManagedPolicy", "policy", { users: ["someone"], policyDocument: documentOf(grants) });
  },
  "a user that attaches a managed policy": (grants) => {
    const policy = new Native("iam:ManagedPolicy", "policy", { policyDocument: documentOf(grants) }, [
      "policyArn",
    ]);
    new Native("iam:User", "someone", {
      userName: "someone",
      managedPolicyArns: [policy.output("policyArn")],
    });
  },
  "a user with its own policies in a group": (grants) => {
    const policies = [{ policyName: "calls", policyDocument: documentOf(grants) }];
    new Native("iam:Group", "group", { groupName: "group", policies });
    new Native("iam:User", "someone", { userName: "someone", groups: ["group"] });
  },
  "a user of a group with a GroupPolicy": (grants) => {
    new Native("iam:Group", "group", { groupName: "group" });
    const policyDocument = documentOf(grants);
    new Native("iam:GroupPolicy", "policy", { groupName: "group", policyName: "calls", policyDocument });
    new Native("iam:User", "someone", { userName: "someone", groups: ["group"] });
  },
  "a user of a group that a managed policy names": (grants) => {
    new Native("iam:Group", "group", { groupName: "group" });
    new Native("iam:ManagedPolicy", "policy", { groups: ["group"], policyDocument: documentOf(grants) });
    new Native("iam:User", "someone", { userName: "someone", groups: ["group"] });
  },
  "a group without members": (grants) => {
    const policies = [{ policyName: "calls", policyDocument: documentOf(grants) }];
    new Native("iam:Group", "someone", { groupName: "someone", policies });
  },
  "a role with a RolePolicy": (grants) => {
    new Native("iam:Role", "someone", {
      roleName: "someone",
      assumeRolePolicyDocument: trustOf("ecs-tasks.amazonaws.com"),
    });
    const policyDocument = documentOf(grants);
    new Native("iam:RolePolicy", "policy", { roleName: "someone", policyName: "calls", policyDocument });
  },
};
rows(
  "callers of aws-native",
  Object.entries(PRINCIPALS_WITH_POLICIES).flatMap(([name, make]): Row[] => [
    {
      name: `${name}, both actions`,
      stack: {
        caller: false,
        more: (base) => make([...nativeExecute(base), grant("lambda:InvokeFunction", base.fn.output("arn"))]),
      },
      expected: [],
    },
    {
      name: `${name}, only execute-api:Invoke`,
      stack: { caller: false, more: (base) => make(nativeExecute(base)) },
      expected: ["iam-route-caller-lambda-invoke @ someone"],
    },
  ]),
);
rows("permissions boundaries of aws-native", [
  {
    name: "a boundary that denies functions",
    stack: {
      caller: false,
      more: (base) => {
        const boundary = new Native(
          "iam:ManagedPolicy",
          "boundary",
          { policyDocument: documentOf([grant("execute-api:*", "*")]) },
          ["policyArn"],
        );
        new Native("iam:Role", "someone", {
          roleName: "someone",
          assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
          permissionsBoundary: boundary.output("policyArn"),
          policies: [
            {
              policyName: "calls",
              policyDocument: documentOf([
                ...nativeExecute(base),
                grant("lambda:InvokeFunction", base.fn.output("arn")),
              ]),
            },
          ],
        });
      },
    },
    expected: ["iam-route-caller-lambda-invoke @ someone"],
  },
]);

rows(
  "HTTP APIs of aws-native with other services",
  ["EventBridge-PutEvents", "SQS-SendMessage", "StepFunctions-StartExecution"].map(
    (integrationSubtype): Row => ({
      name: integrationSubtype,
      program: version2(
        { protocolType: "HTTP" },
        (apiId) => {
          const integration = new Native(
            "apigatewayv2:Integration",
            "integration",
            {
              apiId,
              integrationType: "AWS_PROXY",
              integrationSubtype,
              credentialsArn: "arn:aws:iam::123456789012:role/elsewhere",
            },
            ["integrationId"],
          );
          new Native("apigatewayv2:Route", "route", {
            apiId,
            routeKey: "POST /orders",
            authorizationType: "AWS_IAM",
            target: pulumi.interpolate`integrations/${integration.output("integrationId")}`,
          });
        },
        false,
      ),
      expected: [],
    }),
  ),
);

const url = (actions: readonly string[], qualifier?: string) => (): void => {
  const fn = nativeFunction("orders");
  new Native("lambda:Url", "url", {
    targetFunctionArn: fn.output("arn"),
    authType: "AWS_IAM",
    ...(qualifier === undefined ? {} : { qualifier }),
  });
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:orders${qualifier === undefined ? "" : `:${qualifier}`}`;
  new Native("iam:Role", "caller", {
    assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
    policies: [
      { policyName: "calls", policyDocument: documentOf(actions.map((action) => grant(action, arn))) },
    ],
  });
};
const URL_LACKS = ["function-url-caller-lambda-invoke @ caller"];
rows("function URLs of aws-native", [
  { name: "both actions", program: url(["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]), expected: [] },
  { name: "the first only", program: url(["lambda:InvokeFunctionUrl"]), expected: URL_LACKS },
  {
    name: "both actions on an alias",
    program: url(["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "live"),
    expected: [],
  },
  {
    name: "the first only on an alias",
    program: url(["lambda:InvokeFunctionUrl"], "live"),
    expected: URL_LACKS,
  },
]);

/** A function URL without authorization, with these permissions. */
const publicUrl =
  (permissions: readonly pulumi.Inputs[], more: { qualifier?: string; make?: () => void } = {}) =>
  (): void => {
    const { qualifier, make } = more;
    const fn = nativeFunction("orders");
    new Native("lambda:Url", "url", {
      targetFunctionArn: fn.output("arn"),
      authType: "NONE",
      ...(qualifier === undefined ? {} : { qualifier }),
    });
    for (const [index, inputs] of permissions.entries())
      new Native("lambda:Permission", `permission-${index}`, {
        functionName: qualifier === undefined ? fn.output("arn") : `orders:${qualifier}`,
        principal: "*",
        ...inputs,
      });
    make?.();
  };
const calls = { action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "NONE" };
const invokes = { action: "lambda:InvokeFunction", invokedViaFunctionUrl: true };
const CLOSED = ["function-url-caller-lambda-invoke @ url"];
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-none
rows("function URLs of aws-native without authorization", [
  { name: "both permissions", program: publicUrl([calls, invokes]), expected: [] },
  {
    name: "no permission",
    program: publicUrl([]),
    expected: CLOSED,
    messageIncludes: [
      "cannot be called: it has no authorization",
      "lambda:InvokeFunctionUrl and lambda:InvokeFunction are not allowed for everyone",
      'functionUrlAuthType: "NONE"',
    ],
  },
  {
    name: "the first only",
    program: publicUrl([calls]),
    expected: CLOSED,
    messageIncludes: ["lambda:InvokeFunction is not allowed for everyone", "invokedViaFunctionUrl: true"],
  },
  { name: "the second only", program: publicUrl([invokes]), expected: CLOSED },
  {
    name: "permissions for an account",
    program: publicUrl([
      { ...calls, principal: "123456789012" },
      { ...invokes, principal: "123456789012" },
    ]),
    expected: CLOSED,
  },
  {
    name: "permissions for URLs with IAM authorization",
    program: publicUrl([{ ...calls, functionUrlAuthType: "AWS_IAM" }, invokes]),
    expected: CLOSED,
  },
  {
    name: "both permissions on an alias",
    program: publicUrl([calls, invokes], { qualifier: "live" }),
    expected: [],
  },
  {
    name: "permissions on the function, and a URL on an alias",
    program: publicUrl(
      [
        { ...calls, functionName: "orders" },
        { ...invokes, functionName: "orders" },
      ],
      { qualifier: "live" },
    ),
    expected: CLOSED,
  },
  {
    name: "both permissions of aws",
    program: publicUrl([], {
      make: () => {
        for (const [index, inputs] of [calls, invokes].entries())
          new aws.lambda.Permission(`of-aws-${index}`, { function: "orders", principal: "*", ...inputs });
      },
    }),
    expected: [],
  },
  {
    name: "a document with a Deny",
    program: publicUrl([calls, invokes], {
      make: () => {
        new Native("lambda:ResourcePolicy", "policy", {
          resourceArn: "arn:aws:lambda:us-east-1:123456789012:function:orders",
          policyDocument: documentOf([{ ...grant("lambda:*", "*"), Effect: "Deny", Principal: "*" }]),
        });
      },
    }),
    expected: CLOSED,
    messageIncludes: ["Deny"],
  },
  {
    name: "permissions for an organization and for a token",
    program: publicUrl([
      { ...calls, principalOrgId: "o-1234567890" },
      { ...invokes, eventSourceToken: "x" },
    ]),
    expected: CLOSED,
  },
  {
    name: "an unknown authorization",
    program: () => {
      const fn = nativeFunction("orders");
      const authType = fn.output("arn").apply(() => "NONE");
      new Native("lambda:Url", "url", { targetFunctionArn: "orders", authType });
    },
    expected: both(["unproven-access @ url"], CLOSED),
  },
  {
    name: "a function of another stack",
    program: () => {
      const targetFunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere";
      new Native("lambda:Url", "url", { targetFunctionArn, authType: "NONE" });
    },
    expected: ["unproven-access @ url"],
  },
]);

/** The function and the caller are of `aws`, the API of `aws-native`. */
const nativeApi =
  (patch: { permission?: false; caller?: false; credentials?: string } = {}) =>
  (): void => {
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      role: "arn:aws:iam::123456789012:role/execution",
      packageType: "Image",
      imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
    });
    const api = new Native("apigateway:RestApi", "api", { name: "api" }, ["restApiId", "rootResourceId"]);
    const restApiId = api.output("restApiId");
    new Native("apigateway:Method", "method", {
      restApiId,
      resourceId: api.output("rootResourceId"),
      httpMethod: "GET",
      authorizationType: "AWS_IAM",
      integration: {
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
        ...(patch.credentials === undefined ? {} : { credentials: patch.credentials }),
      },
    });
    const executionArn = pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${restApiId}`;
    if (patch.permission !== false)
      new aws.lambda.Permission("permission", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${executionArn}/*/GET/`,
      });
    const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: {
        Version: "2012-10-17",
        Statement: [
          allow("execute-api:Invoke", pulumi.interpolate`${executionArn}/*/GET/`),
          ...(patch.caller === false ? [] : [allow("lambda:InvokeFunction", fn.arn)]),
        ],
      },
    });
  };
/** The function and the caller are of `aws-native`, the API of `aws`. */
const nativeRest =
  (patch: { permission?: false; caller?: false; credentials?: string } = {}) =>
  (): void => {
    const fn = nativeFunction("orders");
    const api = new aws.apigateway.RestApi("api", { name: "api" });
    const method = new aws.apigateway.Method("method", {
      restApi: api.id,
      resourceId: api.rootResourceId,
      httpMethod: "GET",
      authorization: "AWS_IAM",
    });
    new aws.apigateway.Integration("method", {
      restApi: api.id,
      resourceId: method.resourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: invocation(fn.output("arn")),
      ...(patch.credentials === undefined ? {} : { credentials: patch.credentials }),
    });
    if (patch.permission !== false)
      new Native("lambda:Permission", "permission", {
        action: "lambda:InvokeFunction",
        functionName: fn.output("arn"),
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/`,
      });
    new Native("iam:Role", "caller", {
      assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
      policies: [
        {
          policyName: "calls",
          policyDocument: documentOf([
            grant("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/`),
            ...(patch.caller === false ? [] : [grant("lambda:InvokeFunction", fn.output("arn"))]),
          ]),
        },
      ],
    });
  };
for (const [title, program] of [
  ["aws, with an API of aws-native", nativeApi],
  ["aws-native, with an API of aws", nativeRest],
] as const)
  rows(`stacks of ${title}`, [
    { name: "healthy", program: program(), expected: [] },
    { name: "no permission", program: program({ permission: false }), expected: DENIED },
    {
      name: "a caller that may not invoke the function",
      program: program({ caller: false }),
      expected: TWO_STEP_DENIED,
    },
    {
      name: "caller credentials",
      program: program({ caller: false, permission: false, credentials: CALLER_CREDENTIALS }),
      expected: ["caller-credentials-lambda-invoke @ caller"],
    },
  ]);
