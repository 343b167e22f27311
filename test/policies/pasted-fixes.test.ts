import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createPolicies } from "../../pulumi";
import { check, type Finding, type PolicyConfig } from "../../testing";
import { planWithNewNames } from "../../testing/plan";
import { bodyStack, ordersBody } from "../support/body";
import { findingLabel, MOMENTS, type Moment } from "../support/cases";
import { type Base as HttpBase, executeOnly as httpExecuteOnly, httpStack } from "../support/http";
import { grant, invocation, Native, nativeExecute, nativeFunction, nativeStack } from "../support/native";
import { fixesIn, withFixes } from "../support/pasting";
import {
  allowDocument,
  allowInvoke,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  routeWithAuthorizer,
  shop,
  stage,
} from "../support/programs";
import { allow, executeOnly, type Patch, restStack, trustOf } from "../support/rest";

/**
 * The fix of every policy removes the finding when it is pasted into the program: on a first preview, with new random
 * suffixes in the generated names, and once the stack is deployed.
 */

interface Case {
  readonly name: string;
  readonly program: () => unknown;
  readonly config?: PolicyConfig;
  readonly account?: string;
  /** Moments at which there is no finding, with the reason. */
  readonly noFindingBecause?: Readonly<Partial<Record<Moment, string>>>;
  /** The target of the route, if the message of a first preview lists several. */
  readonly calls?: string;
  /** The logical name of the resource that a fix without code changes. */
  readonly defaultResource?: string;
}

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";
const OTHER_REGION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:far";
const uriOf = (arn: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

/** Reasons for no finding while values are unknown. */
const UNKNOWN = {
  arn: "the ARN in the document is unknown",
  id: "the id is unknown, so the literal may be correct",
  permission: "the source ARN is unknown and may cover the route",
  body: "the body is unknown, and therefore also its operations",
  role: "the role's document is unknown and depends on the function",
  alias: "the document depends on the function and may contain the alias",
  text: "the document is unknown and may contain the literal ARN of the function",
  actions: "the document is unknown and may allow each of its actions on each dependency",
  account: "the accounts are unknown and may be the same",
} as const;

/** The reason for no finding once the stack is deployed. */
const CARRIED = "the deployment was created after the routes";

/** The base stack, with names that the engine generates. */
const rest = (patch: Patch) =>
  restStack({
    ...patch,
    functionArgs: { name: undefined, ...patch.functionArgs },
    api: { name: undefined, ...patch.api },
  });

const http = (patch: Parameters<typeof httpStack>[0] = {}) =>
  httpStack({
    ...patch,
    functionArgs: { name: undefined, ...patch.functionArgs },
    apiArgs: (...base) => ({ name: undefined, ...patch.apiArgs?.(...base) }),
  });

const aliasOf = (fn: aws.lambda.Function, name = "live") =>
  new aws.lambda.Alias(name, { functionName: fn.name, functionVersion: fn.version, name });

/** A route of the REST API to an alias. */
const toAlias = (fn: aws.lambda.Function) => ({ uri: aliasOf(fn).invokeArn });

const guarded = (
  aliasArgs: (fn: aws.lambda.Function, gateway: aws.iam.Role) => Partial<aws.apigateway.AuthorizerArgs>,
) =>
  rest({
    caller: false,
    permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
    more: ({ api, fn, gateway }) => {
      const guard = new aws.apigateway.Authorizer("guard", { restApi: api.id, ...aliasArgs(fn, gateway) });
      routeWithAuthorizer("guarded", api, guard);
    },
  });

const withShop =
  (
    add: (base: ReturnType<typeof shop>) => unknown,
    integration: Partial<aws.apigateway.IntegrationArgs> = {},
  ) =>
  () => {
    add(shop({}, {}, integration));
  };

/** A route to a function in another account, whose resource policy allows API Gateway to invoke it. */
const acrossAccounts =
  (grants: "execute-api" | "both", integration: Partial<aws.apigateway.IntegrationArgs> = {}) =>
  () => {
    const otherAccount = {
      provider: new aws.Provider("there", {
        region: "us-east-1",
        assumeRoles: [{ roleArn: "arn:aws:iam::999988887777:role/deploy" }],
      }),
    };
    const api = new aws.apigateway.RestApi("shop");
    const fn = makeFunction("orders", {}, otherAccount);
    const ordersRoute = endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, integration);
    allowInvoke("orders-in", fn.name, pulumi.interpolate`${api.executionArn}/*/GET/orders`, {}, otherAccount);
    stage("prod", api, [ordersRoute]);
    roleWithPolicy(
      "app",
      grants === "both" ? [executeApi({ api }), invokeFunction({ fn })] : [executeApi({ api })],
    );
  };

const resourcePolicy = (principal: pulumi.Input<unknown>, resource: pulumi.Input<string>) =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "execute-api:Invoke", Resource: resource }],
  });

/** A role of an identity pool; `trusted`: its trust policy allows the pool. */
const visitors =
  (
    grants: "execute-api" | "both",
    trusted = true,
    integration: Partial<aws.apigateway.IntegrationArgs> = {},
  ) =>
  () => {
    const base = shop({}, {}, integration);
    const pool = new aws.cognito.IdentityPool("pool", { identityPoolName: "pool" });
    const trust = pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "cognito-identity.amazonaws.com:aud": trusted
                ? pool.id
                : "us-east-1:00000000-0000-0000-0000-000000000000",
            },
          },
        },
      ],
    });
    const statements = grants === "both" ? [executeApi(base), invokeFunction(base)] : [executeApi(base)];
    const role = roleWithPolicy("visitor", statements, { assumeRolePolicy: trust });
    new aws.cognito.IdentityPoolRoleAttachment("attachment", {
      identityPoolId: pool.id,
      roles: { authenticated: role.arn },
    });
  };

/** A route to the alias in a stage variable. */
const byStageVariable = (patch: Patch, integration: Partial<aws.apigateway.IntegrationArgs> = {}) =>
  rest({
    functionArgs: { publish: true },
    stage: false,
    integration: ({ fn }) => {
      aliasOf(fn);
      return {
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}:\${stageVariables.alias}/invocations`,
        ...integration,
      };
    },
    more: ({ api, resource }) => {
      const deployment = new aws.apigateway.Deployment(
        "staged",
        { restApi: api.id },
        { dependsOn: [resource] },
      );
      new aws.apigateway.Stage("live", {
        restApi: api.id,
        deployment: deployment.id,
        stageName: "live",
        variables: { alias: "live" },
      });
    },
    ...patch,
  });

/** A route to another service with a credentials role that has no policy. */
const withQueueOrMachine =
  (
    integration: (
      role: aws.iam.Role,
      machine: aws.sfn.StateMachine,
    ) => Partial<aws.apigateway.IntegrationArgs>,
    service = "apigateway.amazonaws.com",
  ) =>
  () => {
    const api = new aws.apigateway.RestApi("api");
    const role = new aws.iam.Role("integrations", { assumeRolePolicy: trustOf(service) });
    const machine = new aws.sfn.StateMachine("machine", {
      roleArn: "arn:aws:iam::123456789012:role/machine",
      definition: "{}",
    });
    new aws.sqs.Queue("jobs", { name: "jobs" });
    new aws.s3.Bucket("files", { bucket: "files" });
    const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "POST" };
    new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
    new aws.apigateway.Integration("integration", {
      ...at,
      type: "AWS",
      integrationHttpMethod: "POST",
      ...integration(role, machine),
    });
  };

const undeployed =
  (deploy: (routes: { api: aws.apigateway.RestApi; integration: aws.apigateway.Integration }) => void) =>
  () => {
    const api = new aws.apigateway.RestApi("api");
    const { integration } = endpoint(
      "orders",
      api,
      "GET",
      "orders",
      "https://example.com",
      {},
      {
        type: "HTTP_PROXY",
        integrationHttpMethod: "GET",
      },
    );
    deploy({ api, integration });
  };

/** A function with the permission `in`, and an API. */
const withPermission = (args: Partial<aws.lambda.PermissionArgs>) => () => {
  const api = new aws.apigateway.RestApi("shop");
  const fn = makeFunction("orders");
  allowInvoke("in", fn.name, pulumi.interpolate`${api.executionArn}/*`, args);
};

const nativeCallerCredentials = {
  permission: false,
  integration: () => ({ credentials: CALLER_CREDENTIALS }),
} as const;

const partner = { AWS: "arn:aws:iam::999988887777:role/partner" };

const BARE_ARN_POLICY = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: partner,
      Action: "execute-api:Invoke",
      Resource: "arn:aws:execute-api:us-east-1:123456789012:abcdef1234",
    },
  ],
};

/** A resource policy that covers the bare execution ARN and no route, in every resource that can contain one. */
const BARE: readonly Case[] = [
  {
    name: "a bare execution ARN in a RestApiPolicy",
    program: rest({
      caller: ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)],
      more: ({ api, caller }) => {
        new aws.apigateway.RestApiPolicy("open", {
          restApiId: api.id,
          policy: resourcePolicy({ AWS: caller.arn }, api.executionArn),
        });
      },
    }),
    noFindingBecause: { "first-preview": UNKNOWN.arn },
  },
  {
    name: "a stage's execution ARN in a RestApiPolicy",
    program: withShop(({ api, fn, live }) => {
      const role = roleWithPolicy("app", [invokeFunction({ fn })]);
      new aws.apigateway.RestApiPolicy("open", {
        restApiId: api.id,
        policy: resourcePolicy({ AWS: role.arn }, live.executionArn),
      });
    }),
    noFindingBecause: { "first-preview": UNKNOWN.arn },
  },
  {
    name: "a bare execution ARN in the policy of a RestApi",
    program: rest({
      caller: false,
      api: { policy: resourcePolicy(partner, "arn:aws:execute-api:us-east-1:123456789012:abcdef1234") },
    }),
    noFindingBecause: { "first-preview": UNKNOWN.id },
  },
  {
    name: "a bare execution ARN in the policy of an aws-native RestApi",
    program: nativeStack({
      caller: false,
      api: () => ({
        policy: BARE_ARN_POLICY,
      }),
    }),
    noFindingBecause: { "first-preview": UNKNOWN.id },
  },
  {
    name: "a bare execution ARN in an OpenAPI document",
    program: bodyStack({
      caller: false,
      body: (base) =>
        ordersBody(
          base,
          {},
          {
            "x-amazon-apigateway-policy": BARE_ARN_POLICY,
          },
        ),
    }),
    noFindingBecause: { "first-preview": UNKNOWN.id },
  },
];

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "route-function-permission": [
    { name: "REST", program: rest({ caller: false, permission: false }) },
    {
      name: "the route of a REST API's root",
      program: rest({ caller: false, permission: false, path: [] }),
    },
    {
      name: "a greedy route with any method",
      program: rest({ caller: false, permission: false, path: ["{proxy+}"], verb: "ANY" }),
    },
    {
      name: "an alias",
      program: rest({
        caller: false,
        permission: false,
        functionArgs: { publish: true },
        integration: ({ fn }) => toAlias(fn),
      }),
    },
    {
      name: "an alias with a permission on the function",
      program: rest({ caller: false, functionArgs: { publish: true }, integration: ({ fn }) => toAlias(fn) }),
    },
    {
      name: "a version",
      calls: "the published version",
      program: rest({
        caller: false,
        permission: false,
        functionArgs: { publish: true },
        integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
      }),
    },
    {
      name: "a permission for another method",
      program: rest({
        caller: false,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/POST/*` }),
      }),
      noFindingBecause: { "first-preview": UNKNOWN.permission },
    },
    {
      name: "the alias that a stage variable names",
      calls: "alias live",
      program: byStageVariable({ caller: false, permission: false }),
    },
    { name: "HTTP", program: http({ caller: false, permission: false }) },
    {
      name: "the $default route of an HTTP API",
      program: http({ caller: false, permission: false, routeKey: "$default" }),
    },
    {
      name: "HTTP, an alias",
      program: http({
        caller: false,
        permission: false,
        functionArgs: { publish: true },
        integration: ({ fn }: HttpBase) => ({ integrationUri: aliasOf(fn).invokeArn }),
      }),
    },
    {
      name: "quick create",
      program: http({
        caller: false,
        permission: false,
        routes: false,
        apiArgs: (fn) => ({ target: fn.arn }),
      }),
    },
    { name: "WebSocket", program: http({ protocol: "WEBSOCKET", caller: false, permission: false }) },
    {
      name: "OpenAPI",
      program: bodyStack({ caller: false, permission: false }),
      noFindingBecause: { "first-preview": UNKNOWN.body },
    },
    { name: "aws-native", program: nativeStack({ caller: false, permission: false }) },
    {
      name: "aws-native, an alias",
      program: nativeStack({
        caller: false,
        permission: false,
        integration: ({ fn }) => {
          const version = new Native("lambda:Version", "v", { functionName: fn.output("arn") }, [
            "version",
            "functionArn",
          ]);
          const alias = new Native(
            "lambda:Alias",
            "live",
            { functionName: fn.output("arn"), functionVersion: version.output("version"), name: "live" },
            ["aliasArn"],
          );
          return { uri: invocation(alias.output("aliasArn")) };
        },
      }),
    },
    {
      name: "a provider in another region than the default provider",
      program: () => {
        const otherRegion = { provider: new aws.Provider("there", { region: "eu-west-1" }) };
        const api = new aws.apigateway.RestApi("shop", {}, otherRegion);
        const fn = makeFunction("orders", {}, otherRegion);
        stage(
          "prod",
          api,
          [endpoint("orders", api, "GET", "orders", fn.invokeArn, otherRegion, {}, "NONE")],
          otherRegion,
        );
      },
    },
    {
      name: "a function in another account",
      program: () => {
        const otherAccountProvider = new aws.Provider("there", {
          region: "us-east-1",
          assumeRoles: [{ roleArn: "arn:aws:iam::999988887777:role/deploy" }],
        });
        const api = new aws.apigateway.RestApi("shop");
        const fn = makeFunction("orders", {}, { provider: otherAccountProvider });
        stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, {}, "NONE")]);
      },
    },
    {
      name: "a function and an API with the region argument",
      program: () => {
        const api = new aws.apigateway.RestApi("shop", { region: "eu-west-1" });
        const fn = makeFunction("orders", { region: "eu-west-1" });
        const region = { region: "eu-west-1" };
        const resource = new aws.apigateway.Resource("orders", {
          restApi: api.id,
          parentId: api.rootResourceId,
          pathPart: "orders",
          ...region,
        });
        const at = { restApi: api.id, resourceId: resource.id, httpMethod: "GET", ...region };
        new aws.apigateway.Method("orders", { ...at, authorization: "NONE" });
        new aws.apigateway.Integration("orders", {
          ...at,
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri: fn.invokeArn,
        });
      },
    },
    {
      name: "a function in another region",
      program: () => {
        const otherRegion = new aws.Provider("far", { region: "eu-west-1" });
        const api = new aws.apigateway.RestApi("shop");
        const fn = makeFunction("orders", {}, { provider: otherRegion });
        stage("prod", api, [endpoint("orders", api, "GET", "orders", fn.invokeArn, {}, {}, "NONE")]);
      },
    },
  ],
  "authorizer-function-permission": [
    {
      name: "REST",
      program: guarded((fn) => ({ authorizerUri: fn.invokeArn })),
      noFindingBecause: { "first-preview": UNKNOWN.permission },
    },
    { name: "an alias", program: guarded((fn) => ({ authorizerUri: aliasOf(fn).invokeArn })) },
    {
      name: "a role without the permission",
      program: guarded((fn, gateway) => ({
        authorizerUri: aliasOf(fn).invokeArn,
        authorizerCredentials: gateway.arn,
      })),
      noFindingBecause: { "first-preview": UNKNOWN.role },
    },
    {
      name: "HTTP",
      program: http({
        caller: false,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
        more: ({ api, fn }) => {
          const guard = new aws.apigatewayv2.Authorizer("guard", {
            apiId: api.id,
            authorizerType: "REQUEST",
            authorizerUri: fn.invokeArn,
            authorizerPayloadFormatVersion: "2.0",
          });
          new aws.apigatewayv2.Route("guarded", {
            apiId: api.id,
            routeKey: "GET /guarded",
            authorizationType: "CUSTOM",
            authorizerId: guard.id,
          });
        },
      }),
      noFindingBecause: { "first-preview": UNKNOWN.permission },
    },
    {
      name: "OpenAPI",
      program: bodyStack({
        caller: false,
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/*` }),
        body: (base) =>
          ordersBody(
            base,
            { auth: { security: [{ guard: [] }] } },
            {
              components: {
                securitySchemes: {
                  guard: {
                    type: "apiKey",
                    name: "Authorization",
                    in: "header",
                    "x-amazon-apigateway-authtype": "custom",
                    "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: base.fn.invokeArn },
                  },
                },
              },
            },
          ),
      }),
      noFindingBecause: { "first-preview": UNKNOWN.permission },
    },
    {
      name: "aws-native",
      program: nativeStack({
        caller: false,
        permission: (base) => ({ sourceArn: pulumi.interpolate`${base.executionArn}/*/GET/orders/*` }),
        method: ({ apiId, fn }) => ({
          authorizationType: "CUSTOM",
          authorizerId: new Native(
            "apigateway:Authorizer",
            "guard",
            { restApiId: apiId, name: "guard", type: "TOKEN", authorizerUri: invocation(fn.output("arn")) },
            ["authorizerId"],
          ).output("authorizerId"),
        }),
      }),
      noFindingBecause: { "first-preview": UNKNOWN.permission },
    },
  ],
  "integration-role-lambda-invoke": [
    {
      name: "REST, an alias",
      program: rest({
        caller: false,
        functionArgs: { publish: true },
        integration: ({ fn, gateway }) => ({ ...toAlias(fn), credentials: gateway.arn }),
      }),
      noFindingBecause: { "first-preview": UNKNOWN.alias },
    },
    {
      name: "REST",
      program: rest({
        caller: false,
        gatewayPolicy: () => [allow("lambda:InvokeFunction", OTHER_REGION_ARN)],
        integration: ({ gateway }) => ({ credentials: gateway.arn }),
      }),
    },
    {
      name: "a role that does not trust API Gateway",
      program: rest({
        caller: false,
        gatewayTrust: trustOf("lambda.amazonaws.com"),
        integration: ({ gateway }) => ({ credentials: gateway.arn }),
      }),
    },
    {
      name: "HTTP",
      program: http({
        caller: false,
        gatewayPolicy: () => [allow("lambda:InvokeFunction", OTHER_REGION_ARN)],
        integration: ({ gateway }) => ({ credentialsArn: gateway.arn }),
      }),
    },
    {
      name: "aws-native",
      program: nativeStack({
        caller: false,
        gatewayPolicy: () => [grant("lambda:InvokeFunction", OTHER_REGION_ARN)],
        integration: ({ gateway }) => ({ credentials: gateway.output("arn") }),
      }),
    },
  ],
  "iam-route-caller-lambda-invoke": [
    { name: "a role", program: withShop((base) => roleWithPolicy("app", [executeApi(base)])) },
    {
      name: "a user",
      program: withShop((base) => {
        const user = new aws.iam.User("app");
        new aws.iam.UserPolicy("app", { user: user.name, policy: allowDocument(executeApi(base)) });
      }),
    },
    {
      name: "a group",
      program: withShop((base) => {
        const group = new aws.iam.Group("staff");
        new aws.iam.GroupPolicy("staff", { group: group.name, policy: allowDocument(executeApi(base)) });
        const user = new aws.iam.User("app");
        new aws.iam.UserGroupMembership("app", { user: user.name, groups: [group.name] });
      }),
    },
    {
      name: "a group without users",
      program: withShop((base) => {
        const group = new aws.iam.Group("staff");
        new aws.iam.GroupPolicy("staff", { group: group.name, policy: allowDocument(executeApi(base)) });
      }),
    },
    { name: "a function in another account", program: acrossAccounts("execute-api") },
    { name: "a role of an identity pool", program: visitors("execute-api") },
    {
      name: "the alias that a stage variable names",
      calls: "alias live",
      program: byStageVariable({ caller: executeOnly, permission: () => ({ qualifier: "live" }) }),
    },
    {
      name: "a boundary",
      program: withShop((base) => {
        const boundary = new aws.iam.Policy("boundary", {
          policy: JSON.stringify(allowDocument(["execute-api:*", "*"])),
        });
        roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
          permissionsBoundary: boundary.arn,
        });
      }),
    },
    {
      name: "an alias",
      program: rest({
        caller: executeOnly,
        functionArgs: { publish: true },
        integration: ({ fn }) => toAlias(fn),
      }),
    },
    {
      name: "a version",
      calls: "the published version",
      program: rest({
        caller: executeOnly,
        permission: ({ fn }) => ({ qualifier: fn.version }),
        functionArgs: { publish: true },
        integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
      }),
    },
    {
      name: "a function outside the stack",
      program: rest({ caller: executeOnly, integration: () => ({ uri: uriOf(OTHER_REGION_ARN) }) }),
      noFindingBecause: { "first-preview": UNKNOWN.text },
    },
    { name: "HTTP", program: http({ caller: httpExecuteOnly }) },
    {
      name: "WebSocket",
      program: http({ protocol: "WEBSOCKET", caller: httpExecuteOnly }),
      noFindingBecause: { "first-preview": UNKNOWN.actions },
    },
    {
      name: "OpenAPI",
      program: bodyStack({
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
      }),
      noFindingBecause: { "first-preview": UNKNOWN.body },
    },
    { name: "aws-native", program: nativeStack({ caller: nativeExecute }) },
    {
      name: "several functions",
      program: withShop((base) => {
        const items = makeFunction("items");
        endpoint("items", base.api, "GET", "items", items.invokeArn);
        new aws.lambda.Permission("items", {
          action: "lambda:InvokeFunction",
          function: items.name,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${base.api.executionArn}/*/GET/items`,
        });
        roleWithPolicy("app", [executeApi(base)]);
      }),
    },
  ],
  "caller-credentials-lambda-invoke": [
    {
      name: "a role",
      program: withShop((base) => roleWithPolicy("app", [executeApi(base)]), {
        credentials: CALLER_CREDENTIALS,
      }),
    },
    {
      name: "an alias",
      program: rest({
        caller: executeOnly,
        functionArgs: { publish: true },
        integration: ({ fn }) => ({ ...toAlias(fn), credentials: CALLER_CREDENTIALS }),
      }),
    },
    {
      name: "OpenAPI",
      program: bodyStack({
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
        body: (base) => ordersBody(base, { integration: { credentials: CALLER_CREDENTIALS } }),
      }),
      noFindingBecause: { "first-preview": UNKNOWN.body },
    },
    { name: "aws-native", program: nativeStack({ ...nativeCallerCredentials, caller: nativeExecute }) },
    {
      name: "a user",
      program: withShop(
        (base) => {
          const user = new aws.iam.User("app");
          new aws.iam.UserPolicy("app", { user: user.name, policy: allowDocument(executeApi(base)) });
        },
        { credentials: CALLER_CREDENTIALS },
      ),
    },
    {
      name: "a group",
      program: withShop(
        (base) => {
          const group = new aws.iam.Group("staff");
          new aws.iam.GroupPolicy("staff", { group: group.name, policy: allowDocument(executeApi(base)) });
          const user = new aws.iam.User("app");
          new aws.iam.UserGroupMembership("app", { user: user.name, groups: [group.name] });
        },
        { credentials: CALLER_CREDENTIALS },
      ),
    },
    {
      name: "a function in another account",
      program: acrossAccounts("execute-api", { credentials: CALLER_CREDENTIALS }),
    },
    {
      name: "a function in another account, whose policy does not name the caller",
      program: acrossAccounts("both", { credentials: CALLER_CREDENTIALS }),
      noFindingBecause: { "first-preview": UNKNOWN.account },
    },
    {
      name: "a role of an identity pool",
      program: visitors("execute-api", true, { credentials: CALLER_CREDENTIALS }),
    },
    {
      name: "the alias that a stage variable names",
      calls: "alias live",
      program: byStageVariable(
        { caller: executeOnly, permission: false },
        { credentials: CALLER_CREDENTIALS },
      ),
    },
  ],
  "caller-execute-api-invoke": [
    {
      name: "a path parameter in braces",
      program: rest({
        caller: ({ api, fn }) => [
          allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/{id}`),
          allow("lambda:InvokeFunction", fn.arn),
        ],
      }),
      noFindingBecause: { "first-preview": UNKNOWN.arn },
    },
    {
      name: "a caller that the configuration declares",
      program: withShop((base) => roleWithPolicy("app", [invokeFunction(base)], { name: "app" })),
      config: {
        "caller-execute-api-invoke": { callers: [{ principal: "arn:aws:iam::123456789012:role/app" }] },
      },
    },
    {
      name: "an identity pool that may not assume its role",
      program: visitors("both", false),
      noFindingBecause: { "first-preview": UNKNOWN.id },
    },
    ...BARE,
  ],
  "function-url-caller-lambda-invoke": [
    {
      name: "a role",
      program: () => {
        const fn = makeFunction("orders");
        new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
        roleWithPolicy("app", [["lambda:InvokeFunctionUrl", fn.arn]]);
      },
      noFindingBecause: { "first-preview": UNKNOWN.actions },
    },
    {
      name: "the URL of an alias",
      program: () => {
        const fn = makeFunction("orders", { publish: true });
        const alias = aliasOf(fn);
        new aws.lambda.FunctionUrl("url", {
          functionName: fn.name,
          qualifier: alias.name,
          authorizationType: "AWS_IAM",
        });
        roleWithPolicy("app", [["lambda:InvokeFunctionUrl", alias.arn]]);
      },
      noFindingBecause: { "first-preview": UNKNOWN.actions },
    },
    {
      name: "everyone, aws-native",
      program: () => {
        const fn = nativeFunction("orders");
        new Native("lambda:Url", "url", { targetFunctionArn: fn.output("arn"), authType: "NONE" });
      },
    },
    {
      name: "CloudFront",
      program: withShop(({ fn }) => {
        new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
        new aws.lambda.Permission("cloudfront", {
          action: "lambda:InvokeFunctionUrl",
          statementId: "AllowCloudFront",
          function: fn.name,
          principal: "cloudfront.amazonaws.com",
          sourceArn: "arn:aws:cloudfront::123456789012:distribution/E2ABCDEFGHIJKL",
          functionUrlAuthType: "AWS_IAM",
        });
      }),
    },
    {
      name: "another account with lambda:InvokeFunctionUrl only",
      program: () => {
        const fn = makeFunction("orders");
        new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
        new aws.lambda.Permission("partner", {
          action: "lambda:InvokeFunctionUrl",
          function: fn.name,
          principal: "999988887777",
          functionUrlAuthType: "AWS_IAM",
        });
      },
      noFindingBecause: { "first-preview": UNKNOWN.account },
    },
    {
      name: "a user",
      program: () => {
        const fn = makeFunction("orders");
        new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
        const user = new aws.iam.User("app");
        new aws.iam.UserPolicy("app", {
          user: user.name,
          policy: allowDocument(["lambda:InvokeFunctionUrl", fn.arn]),
        });
      },
      noFindingBecause: { "first-preview": UNKNOWN.actions },
    },
  ],
  "rest-api-resource-policy": [
    {
      name: "an Allow for one role only",
      program: rest({ caller: false, authorization: "NONE", api: { policy: resourcePolicy(partner, "*") } }),
    },
    {
      name: "an Allow on another route, in a RestApiPolicy",
      program: rest({
        caller: false,
        authorization: "NONE",
        more: ({ api }) => {
          new aws.apigateway.RestApiPolicy("open", {
            restApiId: api.id,
            policy: resourcePolicy("*", pulumi.interpolate`${api.executionArn}/*/POST/*`),
          });
        },
      }),
      noFindingBecause: { "first-preview": UNKNOWN.arn },
    },
    {
      name: "the bare execution ARN",
      program: rest({
        caller: false,
        authorization: "NONE",
        more: ({ api }) => {
          new aws.apigateway.RestApiPolicy("open", {
            restApiId: api.id,
            policy: resourcePolicy("*", api.executionArn),
          });
        },
      }),
      noFindingBecause: { "first-preview": UNKNOWN.arn },
    },
  ],
  "websocket-manage-connections": [
    {
      name: "a role with execute-api:Invoke only",
      program: http({
        protocol: "WEBSOCKET",
        caller: false,
        functionArgs: { role: "arn:aws:iam::123456789012:role/handler" },
        more: ({ api }) => {
          new aws.iam.Role("handler", {
            name: "handler",
            assumeRolePolicy: trustOf("lambda.amazonaws.com"),
            inlinePolicies: [
              {
                name: "calls",
                policy: pulumi.jsonStringify(
                  allowDocument(["execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`]),
                ),
              },
            ],
          });
        },
      }),
      noFindingBecause: { "first-preview": UNKNOWN.arn },
    },
  ],
  "service-integration-role": [
    {
      name: "a state machine that a template names",
      program: withQueueOrMachine((role, machine) => ({
        uri: "arn:aws:apigateway:us-east-1:states:action/StartExecution",
        credentials: role.arn,
        requestTemplates: { "application/json": pulumi.interpolate`{"stateMachineArn":"${machine.arn}"}` },
      })),
    },
    {
      name: "a queue that the path names",
      program: withQueueOrMachine((role) => ({
        uri: "arn:aws:apigateway:us-east-1:sqs:path/123456789012/jobs",
        credentials: role.arn,
        requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$input.body" },
      })),
    },
    {
      name: "a bucket with a request for its objects",
      program: withQueueOrMachine((role) => ({
        uri: "arn:aws:apigateway:us-east-1:s3:path/files/{key}",
        integrationHttpMethod: "GET",
        credentials: role.arn,
      })),
    },
    {
      name: "a role that does not trust API Gateway",
      program: withQueueOrMachine(
        (role) => ({
          uri: "arn:aws:apigateway:us-east-1:states:action/StartExecution",
          credentials: role.arn,
        }),
        "lambda.amazonaws.com",
      ),
    },
    {
      name: "an HTTP API's queue",
      program: () => {
        const api = new aws.apigatewayv2.Api("web", { protocolType: "HTTP" });
        const queue = new aws.sqs.Queue("queue");
        const role = new aws.iam.Role("integrations", {
          assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
        });
        new aws.apigatewayv2.Integration("integration", {
          apiId: api.id,
          integrationType: "AWS_PROXY",
          integrationSubtype: "SQS-SendMessage",
          credentialsArn: role.arn,
          requestParameters: { QueueUrl: queue.url, MessageBody: "$request.body" },
        });
      },
    },
  ],
  "rest-api-deployment-dependencies": [
    {
      name: "a deployment without dependencies",
      program: undeployed(({ api }) => {
        new aws.apigateway.Deployment("deployment", { restApi: api.id });
      }),
      noFindingBecause: { deployed: CARRIED },
    },
    {
      name: "a deployment of aws-native",
      program: () => {
        const api = new Native("apigateway:RestApi", "api", {}, ["restApiId", "rootResourceId"]);
        new Native("apigateway:Method", "method", {
          restApiId: api.output("restApiId"),
          resourceId: api.output("rootResourceId"),
          httpMethod: "GET",
          authorizationType: "NONE",
          integration: { type: "MOCK" },
        });
        new Native("apigateway:Deployment", "deployment", { restApiId: api.output("restApiId") });
      },
      noFindingBecause: { deployed: CARRIED },
    },
  ],
  "lambda-permission-request": [
    {
      name: "the principal of another service",
      defaultResource: "in",
      program: withPermission({ principal: "execute-api.amazonaws.com" }),
    },
  ],
  "lambda-permission-source-arn": [
    {
      name: "an apigateway ARN",
      defaultResource: "in",
      program: withPermission({ sourceArn: "arn:aws:apigateway:us-east-1::/restapis/abc" }),
    },
    {
      name: "a source ARN that is not an ARN",
      defaultResource: "in",
      program: withPermission({ sourceArn: "*/GET/path" }),
    },
    {
      name: "a wildcard for the account",
      defaultResource: "in",
      program: withPermission({ sourceArn: "arn:aws:execute-api:*:*:abc/*/GET/path" }),
    },
  ],
  "lambda-permission-scope": [
    { name: "no source ARN", defaultResource: "in", program: withPermission({ sourceArn: undefined }) },
  ],
  "lambda-integration-request": [
    {
      name: "another method",
      defaultResource: "orders-integration",
      program: withShop(() => undefined, { integrationHttpMethod: "GET" }),
    },
    {
      name: "a malformed URI",
      defaultResource: "orders-integration",
      program: withShop(() => undefined, {
        uri: "arn:aws:apigateway:us-east-1:lambda:path/functions/orders/invocations",
      }),
    },
    {
      name: "undefined in the URI",
      defaultResource: "orders-integration",
      program: withShop(() => undefined, { uri: uriOf("arn:aws:lambda:undefined:123456789012:function:x") }),
    },
    {
      name: "a streaming URI without the transfer mode",
      defaultResource: "orders-integration",
      program: withShop(() => undefined, {
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/${OTHER_REGION_ARN}/response-streaming-invocations`,
      }),
    },
  ],
};

/** Policies whose fixes are text without code, with the reason. */
const WITHOUT_CODE: Readonly<Record<string, string>> = {
  "external-api-caller-lambda-invoke":
    "the function is in another stack, and the code has a placeholder for its ARN",
  "disabled-default-endpoint": "only the user can choose the domain name and the certificate",
  "durable-function-qualified-arn": "the program has to choose a version or an alias",
  "invoke-policy-resource": "the fix changes an existing statement",
  "invoke-policy-scope": "the fix narrows an existing statement to functions that only the author can choose",
  "unproven-access": "its findings describe unknown values, not mistakes",
  "policy-configuration": "its findings are about the configuration",
};

async function findingsOn(
  program: () => unknown,
  as: Moment,
  { config = {}, account }: Case,
): Promise<Finding[]> {
  return check(await planWithNewNames(program, { as, ...(account === undefined ? {} : { account }) }), {
    config,
  });
}

const mandatory = (found: readonly Finding[]): readonly string[] =>
  found.filter(({ level }) => level === "mandatory").map(findingLabel);

for (const [policy, cases] of Object.entries(CASES))
  describe(`the fix of ${policy}, pasted into the program`, () => {
    for (const testCase of cases)
      for (const as of MOMENTS) {
        const noFindingBecause = testCase.noFindingBecause?.[as];
        if (noFindingBecause !== undefined) {
          it(`${testCase.name} (${as}): no finding, because ${noFindingBecause}`, async () => {
            const found = await findingsOn(testCase.program, as, testCase);
            assert.deepEqual(
              found.filter((finding) => finding.policy === policy).map(({ message }) => message),
              [],
            );
          });
          continue;
        }
        it(`removes the finding: ${testCase.name} (${as})`, async () => {
          const before = await findingsOn(testCase.program, as, testCase);
          const ofPolicy = before.filter((finding) => finding.policy === policy);
          const text = ofPolicy.map(({ message }) => message).join("\n");
          assert.ok(ofPolicy.length > 0, `no finding; others: ${before.map(findingLabel)}`);
          const fixes = ofPolicy.flatMap(({ message }) =>
            fixesIn(message, as === "first-preview" ? testCase.calls : undefined),
          );
          assert.ok(fixes.length > 0, `no code: ${text}`);
          // A deployed stack has no first preview.
          for (const laterMoment of as === "deployed" ? [as] : MOMENTS) {
            const after = await findingsOn(
              withFixes(testCase.program, fixes, testCase.defaultResource),
              laterMoment,
              testCase,
            );
            assert.deepEqual(
              [
                ...after.filter((finding) => finding.policy === policy).map(findingLabel),
                ...mandatory(after).filter((name) => !mandatory(before).includes(name)),
              ],
              [],
              `${laterMoment}:\n${text}\n${after.map(({ message }) => message).join("\n")}`,
            );
          }
        });
      }
  });

describe("fixes", () => {
  it("of every policy are either pasted in these tests or listed as text with a reason", () => {
    const covered = [...Object.keys(CASES), ...Object.keys(WITHOUT_CODE)];
    assert.deepEqual(
      covered.sort(),
      createPolicies()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
