import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createPolicies } from "../../pulumi";
import { check, type PolicyConfig, plan } from "../../testing";
import { findingLabel, type Moment } from "../support/cases";
import { assertGolden } from "../support/golden";
import {
  allowDocument,
  allowInvoke,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  routeWithAuthorizer,
  type Shop,
  shop,
  stage,
} from "../support/programs";
import { allow, restStack, trustOf } from "../support/rest";
import { assertSameFindingsOnFullStack } from "../support/same-as-sdk";

/**
 * The complete messages of all policies: the caller, the route, the function and the missing permission; the reason
 * with the nearest statement; the fix; and the link to the page.
 */
interface Golden {
  readonly policy: string;
  readonly as: Moment;
  readonly program: () => unknown;
  readonly config?: PolicyConfig;
}

class ServiceAccount extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs) {
    super("kubernetes:core/v1:ServiceAccount", name, args);
  }
}

const CALLER_CREDENTIALS = { credentials: "arn:aws:iam::*:user/*" };

/** A stack with the base API, and the resources of the case. */
const withShop =
  (add: (base: Shop) => unknown, integration: Partial<aws.apigateway.IntegrationArgs> = {}) =>
  () => {
    add(shop({}, { name: "orders" }, integration));
  };

/** A route of the base API to another service. */
function serviceIntegration(
  name: string,
  api: aws.apigateway.RestApi,
  integration: Partial<aws.apigateway.IntegrationArgs>,
): void {
  new aws.apigateway.Integration(name, {
    restApi: api.id,
    resourceId: api.rootResourceId,
    httpMethod: "POST",
    type: "AWS",
    integrationHttpMethod: "POST",
    ...integration,
  });
}

/** A public route of the base stack, with the case's permission if there is one. */
const published = (tail: string | undefined) =>
  restStack({
    authorization: "NONE",
    caller: false,
    permission:
      tail === undefined
        ? false
        : ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}${tail}` }),
  });

const GOLDEN: Readonly<Record<string, Golden>> = {
  "caller-without-lambda-invoke": {
    policy: "iam-route-caller-lambda-invoke",
    as: "first-preview",
    program: withShop((base) => roleWithPolicy("app", [executeApi(base)], { name: "app" })),
  },
  "caller-with-another-version": {
    policy: "iam-route-caller-lambda-invoke",
    as: "deployed",
    program: withShop((base) =>
      roleWithPolicy(
        "app",
        [executeApi(base), ["lambda:InvokeFunction", pulumi.interpolate`${base.fn.arn}:*`]],
        {
          name: "app",
        },
      ),
    ),
  },
  "caller-credentials": {
    policy: "caller-credentials-lambda-invoke",
    as: "deployed",
    program: withShop(
      (base) => roleWithPolicy("app", [executeApi(base)], { name: "app" }),
      CALLER_CREDENTIALS,
    ),
  },
  "caller-credentials-with-resource-policy": {
    policy: "caller-credentials-lambda-invoke",
    as: "first-preview",
    program: withShop(
      ({ api }) =>
        new aws.apigateway.RestApiPolicy("everyone", {
          restApiId: api.id,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Principal: "*",
              Action: "execute-api:Invoke",
              Resource: "execute-api:/*",
            },
          }),
        }),
      CALLER_CREDENTIALS,
    ),
  },
  "caller-limited-by-permissions-boundary": {
    policy: "iam-route-caller-lambda-invoke",
    as: "deployed",
    program: withShop((base) => {
      const boundary = new aws.iam.Policy("boundary", {
        name: "boundary",
        policy: JSON.stringify(allowDocument(["execute-api:*", "*"])),
      });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
        name: "app",
        permissionsBoundary: boundary.arn,
      });
    }),
  },
  "durable-function-unqualified-arn": {
    policy: "durable-function-qualified-arn",
    as: "deployed",
    program: restStack({
      functionArgs: { durableConfig: { executionTimeout: 3600, retentionPeriod: 7 }, publish: true },
    }),
  },
  "disabled-default-endpoint": {
    policy: "disabled-default-endpoint",
    as: "first-preview",
    program: restStack({ api: { disableExecuteApiEndpoint: true } }),
  },
  "duplicate-statement-id": {
    policy: "lambda-permission-request",
    as: "first-preview",
    program: () => {
      for (const verb of ["GET", "POST"])
        new aws.lambda.Permission(verb, {
          statementId: "AllowExecutionFromAPIGateway",
          action: "lambda:InvokeFunction",
          function: "orders",
          principal: "apigateway.amazonaws.com",
        });
    },
  },
  "function-url-behind-cloudfront": {
    policy: "function-url-caller-lambda-invoke",
    as: "first-preview",
    program: withShop(({ fn }) => {
      new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
      new aws.lambda.Permission("cloudfront", {
        action: "lambda:InvokeFunctionUrl",
        function: fn.name,
        principal: "cloudfront.amazonaws.com",
        sourceArn: "arn:aws:cloudfront::123456789012:distribution/E2ABCDEFGHIJKL",
        functionUrlAuthType: "AWS_IAM",
      });
    }),
  },
  "caller-in-another-account": {
    policy: "caller-execute-api-invoke",
    as: "deployed",
    program: withShop((base) => {
      const provider = new aws.Provider("abroad", {
        region: "us-east-1",
        allowedAccountIds: ["999999999999"],
        profile: "abroad",
      });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { name: "app" }, { provider });
    }),
  },
  "route-without-permission": {
    policy: "route-function-permission",
    as: "first-preview",
    program: published(undefined),
  },
  "permission-for-another-path": {
    policy: "route-function-permission",
    as: "deployed",
    program: published("/*/GET/orders/{order}"),
  },
  "permissions-for-some-methods-of-one-stage": {
    policy: "route-function-permission",
    as: "deployed",
    program: () => {
      const api = new aws.apigateway.RestApi("shop", { name: "shop" });
      const fn = makeFunction("orders", { name: "orders" });
      const ordersRoute = endpoint("orders", api, "ANY", "orders", fn.invokeArn, {}, {}, "NONE");
      for (const name of ["prod", "beta"]) stage(name, api, [ordersRoute]);
      for (const verb of ["GET", "POST"])
        allowInvoke(verb, fn, pulumi.interpolate`${api.executionArn}/prod/${verb}/orders`);
    },
  },
  "credentials-role-without-trust": {
    policy: "integration-role-lambda-invoke",
    as: "first-preview",
    program: restStack({
      caller: false,
      gatewayTrust: trustOf("lambda.amazonaws.com"),
      gatewayPolicy: () => [
        allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:other"),
      ],
      integration: ({ gateway }) => ({ credentials: gateway.arn }),
    }),
  },
  "authorizer-without-permission": {
    policy: "authorizer-function-permission",
    as: "deployed",
    program: withShop(({ api, fn }) => {
      const guard = new aws.apigateway.Authorizer("guard", {
        restApi: api.id,
        name: "guard",
        authorizerUri: fn.invokeArn,
      });
      routeWithAuthorizer("guarded", api, guard);
    }),
  },
  "function-url": {
    policy: "function-url-caller-lambda-invoke",
    as: "deployed",
    program: () => {
      const fn = makeFunction("orders", { name: "orders" });
      new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
      roleWithPolicy("app", [["lambda:InvokeFunctionUrl", fn.arn]], { name: "app" });
    },
  },
  "literal-path-parameter": {
    policy: "caller-execute-api-invoke",
    as: "deployed",
    program: restStack({
      caller: ({ api, fn }) => [
        allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/{id}`),
        allow("lambda:InvokeFunction", fn.arn),
      ],
    }),
  },
  "caller-denied-by-resource-policy": {
    policy: "caller-execute-api-invoke",
    as: "first-preview",
    program: restStack({
      api: {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "FromEndpoint",
              Effect: "Deny",
              Principal: "*",
              Action: "execute-api:Invoke",
              Resource: "execute-api:/*",
              Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } },
            },
          ],
        }),
      },
    }),
  },
  "external-api-caller": {
    policy: "external-api-caller-lambda-invoke",
    as: "first-preview",
    program: () => {
      roleWithPolicy(
        "app",
        [["execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/GET/*"]],
        {
          name: "app",
        },
      );
    },
  },
  unproven: {
    policy: "unproven-access",
    as: "deployed",
    program: () => {
      const api = new aws.apigateway.RestApi("shop", { name: "shop" });
      const fn = makeFunction("orders", { name: "orders" });
      const ordersRoute = endpoint("orders", api, "GET", "orders", fn.invokeArn);
      allowInvoke("in", fn, pulumi.interpolate`${api.executionArn}/*/*`);
      stage("prod", api, [ordersRoute]);
      roleWithPolicy("app", [executeApi({ api })], {
        name: "app",
        managedPolicyArns: ["arn:aws:iam::123456789012:policy/platform"],
      });
      new aws.iam.RolePolicy("call", {
        role: caller("office", { name: "office" }).name,
        policy: fn.arn.apply((arn) =>
          JSON.stringify({
            Version: "2012-10-17",
            Statement: {
              Sid: "FromOffice",
              Effect: "Allow",
              Action: ["lambda:InvokeFunction", "execute-api:Invoke"],
              Resource: [arn, "arn:aws:execute-api:us-east-1:123456789012:*/prod/GET/orders"],
              Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
            },
          }),
        ),
      });
    },
  },
  "private-api-without-resource-policy": {
    policy: "rest-api-resource-policy",
    as: "first-preview",
    program: restStack({
      authorization: "NONE",
      caller: false,
      api: { endpointConfiguration: { types: "PRIVATE" } },
    }),
  },
  "resource-policy-for-principals": {
    policy: "rest-api-resource-policy",
    as: "first-preview",
    program: restStack({
      authorization: "NONE",
      caller: false,
      api: {
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: {
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::123456789012:role/partner" },
            Action: "execute-api:Invoke",
            Resource: "execute-api:/*",
          },
        }),
      },
    }),
  },
  "task-role-without-trust": {
    policy: "caller-execute-api-invoke",
    as: "deployed",
    program: withShop((base) => {
      const role = roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { name: "app" });
      new aws.ecs.TaskDefinition("app", { family: "app", containerDefinitions: "[]", taskRoleArn: role.arn });
    }),
  },
  "inferred-resource-policy-for-principals": {
    policy: "caller-execute-api-invoke",
    as: "first-preview",
    program: restStack({
      authorization: "NONE",
      caller: false,
      more: ({ api, caller: { arn } }) => {
        new aws.apigateway.RestApiPolicy("policy", {
          restApiId: api.id,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: { ...allow("execute-api:Invoke", "execute-api:/*"), Principal: { AWS: arn } },
          }),
        });
      },
    }),
  },
  "websocket-role-without-manage-connections": {
    policy: "websocket-manage-connections",
    as: "deployed",
    program: () => {
      const api = new aws.apigatewayv2.Api("chat", { name: "chat", protocolType: "WEBSOCKET" });
      const role = caller("chat", { name: "chat", assumeRolePolicy: trustOf("lambda.amazonaws.com") });
      new aws.iam.RolePolicy("post", {
        role: role.name,
        policy: allowDocument([
          "execute-api:ManageConnections",
          pulumi.interpolate`${api.executionArn}/prod/@connections/*`,
        ]),
      });
      const fn = makeFunction("chat", { name: "chat", role: role.arn });
      allowInvoke("in", fn, pulumi.interpolate`${api.executionArn}/*`);
      const integration = new aws.apigatewayv2.Integration("chat", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.invokeArn,
      });
      new aws.apigatewayv2.Route("chat", {
        apiId: api.id,
        routeKey: "$default",
        target: pulumi.interpolate`integrations/${integration.id}`,
      });
    },
  },
  "step-functions-role-without-permission": {
    policy: "service-integration-role",
    as: "first-preview",
    program: withShop(({ api }) => {
      const role = caller("start", { name: "start", assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
      serviceIntegration("start", api, {
        uri: "arn:aws:apigateway:us-east-1:states:action/StartExecution",
        credentials: role.arn,
      });
    }),
  },
  "sqs-path-integration": {
    policy: "service-integration-role",
    as: "deployed",
    program: withShop(({ api }) => {
      const queue = new aws.sqs.Queue("jobs", { name: "jobs" });
      const role = caller("send", { name: "send", assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
      new aws.iam.RolePolicy("send", {
        role: role.name,
        policy: allowDocument(["sqs:ReceiveMessage", queue.arn]),
      });
      serviceIntegration("send", api, {
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:sqs:path/123456789012/${queue.name}`,
        credentials: role.arn,
        requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$input.body" },
      });
    }),
  },
  "queue-in-another-stack": {
    policy: "unproven-access",
    as: "deployed",
    program: withShop(({ api }) => {
      const role = caller("send", { name: "send", assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
      serviceIntegration("send", api, {
        uri: "arn:aws:apigateway:us-east-1:sqs:path/123456789012/jobs",
        credentials: role.arn,
        requestTemplates: { "application/json": "Action=SendMessage&MessageBody=$input.body" },
      });
    }),
  },
  "service-account-not-trusted": {
    policy: "caller-execute-api-invoke",
    as: "deployed",
    program: withShop((base) => {
      const issuer = "oidc.eks.us-east-1.amazonaws.com/id/145438BD0C0FFEE0";
      const role = roleWithPolicy("app", [executeApi(base), invokeFunction(base)], {
        name: "app",
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: { StringEquals: { [`${issuer}:sub`]: "system:serviceaccount:shop:*" } },
            },
          ],
        }),
      });
      new ServiceAccount("app", {
        metadata: {
          namespace: "shop",
          name: "app",
          annotations: { "eks.amazonaws.com/role-arn": role.arn },
        },
      });
    }),
  },
  "distribution-with-unsigned-requests": {
    policy: "function-url-caller-lambda-invoke",
    as: "first-preview",
    program: withShop(({ fn }) => {
      const url = new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
      const access = new aws.cloudfront.OriginAccessControl("access", {
        originAccessControlOriginType: "lambda",
        signingBehavior: "never",
        signingProtocol: "sigv4",
      });
      const { arn: sourceArn } = new aws.cloudfront.Distribution("cdn", {
        enabled: true,
        origins: [
          {
            originId: "fn",
            domainName: url.functionUrl.apply((address) => new URL(address).host),
            originAccessControlId: access.id,
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "fn",
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["GET", "HEAD"],
          cachedMethods: ["GET", "HEAD"],
        },
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: { cloudfrontDefaultCertificate: true },
      });
      for (const action of ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"])
        new aws.lambda.Permission(action.slice(7), {
          action,
          function: fn.name,
          principal: "cloudfront.amazonaws.com",
          sourceArn,
        });
    }),
  },
  "deployment-without-dependencies": {
    policy: "rest-api-deployment-dependencies",
    as: "first-preview",
    program: () => {
      const api = new aws.apigateway.RestApi("shop", { name: "shop" });
      endpoint("orders", api, "GET", "orders", makeFunction("orders").invokeArn);
      new aws.apigateway.Deployment("prod", { restApi: api.id });
    },
  },
  "source-arn-without-stage": {
    policy: "lambda-permission-source-arn",
    as: "deployed",
    program: published(""),
  },
  "permission-for-every-api": {
    policy: "lambda-permission-scope",
    as: "first-preview",
    program: restStack({ caller: false, permission: () => ({ sourceArn: undefined as never }) }),
  },
  "integration-method-other-than-post": {
    policy: "lambda-integration-request",
    as: "first-preview",
    program: restStack({ caller: false, integration: () => ({ integrationHttpMethod: "GET" }) }),
  },
  "invoke-arn-as-resource": {
    policy: "invoke-policy-resource",
    as: "deployed",
    program: withShop((base) =>
      roleWithPolicy("app", [executeApi(base), ["lambda:InvokeFunction", base.fn.invokeArn]], {
        name: "app",
      }),
    ),
  },
  "policy-on-every-function": {
    policy: "invoke-policy-scope",
    as: "first-preview",
    program: withShop(
      (base) =>
        new aws.iam.RolePolicy("wide", {
          role: roleWithPolicy("app", [executeApi(base), invokeFunction(base)]).name,
          policy: allowDocument(["lambda:InvokeFunction", "*"]),
        }),
    ),
  },
  configuration: {
    policy: "policy-configuration",
    as: "first-preview",
    program: withShop((base) => roleWithPolicy("app", [executeApi(base), invokeFunction(base)])),
    config: {
      "route-function-permission": { exempts: [], exempt: [{ resource: "orders-integration", reason: " " }] },
    },
  },
};

async function messages({ policy, as, program, config = {} }: Golden): Promise<string> {
  const planned = await plan(program, { as, project: "shop" });
  const found = await check(planned, { config });
  await assertSameFindingsOnFullStack(found, planned.resources, config);
  return found
    .filter((finding) => finding.policy === policy)
    .map(
      (finding) =>
        `[${finding.level}] ${findingLabel(finding)}\n${finding.description}\n${finding.message}\n`,
    )
    .join("\n");
}

describe("messages", () => {
  for (const [name, golden] of Object.entries(GOLDEN))
    it(`match the golden file: ${name}`, async () => {
      const text = await messages(golden);
      assert.notEqual(text, "");
      assertGolden(name, text, "policies");
    });

  it("have a golden file for every policy", () => {
    const covered = new Set(Object.values(GOLDEN).map(({ policy }) => policy));
    const missing = createPolicies()
      .map(({ name }) => name)
      .filter((name) => !covered.has(name));
    assert.deepEqual(missing, []);
  });

  it("have no golden file without a case", () => {
    const files = readdirSync(join(__dirname, "golden")).map((file) => file.replace(/\.txt$/, ""));
    assert.deepEqual(files.sort(), Object.keys(GOLDEN).sort());
  });
});
