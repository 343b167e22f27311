import { join, resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dump } from "js-yaml";
import { type Program, programFrom } from "../../testing";
import { bodyStack, ordersBody } from "./body";
import { ApiComponent } from "./components";
import { CALLER_CREDENTIALS, httpStack } from "./http";
import { grant, Native, nativeExecute, nativeStack } from "./native";
import { code } from "./programs";
import { allow, executeOnly, restStack, trustOf } from "./rest";

/** Programs with every form of API and every kind of caller, for tests of properties that apply to all programs. */

/** The base stack with every type of resource that affects access. */
const callers = restStack({
  caller: executeOnly,
  more: ({ api, fn, caller, gateway }) => {
    const alias = new aws.lambda.Alias("live", { functionName: fn.name, functionVersion: "1", name: "live" });
    new aws.lambda.Permission("live", {
      action: "lambda:InvokeFunction",
      function: fn.arn,
      qualifier: alias.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/{id}`,
    });
    new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
    new aws.lambda.ResourcePolicy("function-policy", {
      resourceArn: fn.arn,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { AWS: caller.arn }, Action: "lambda:*", Resource: fn.arn },
        ],
      }),
    });
    new aws.apigateway.Authorizer("authorizer", {
      restApi: api.id,
      authorizerUri: fn.invokeArn,
      authorizerCredentials: gateway.arn,
    });
    new aws.apigateway.RestApiPolicy("api-policy", {
      restApiId: api.id,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "execute-api:Invoke",
            Resource: "execute-api:/*",
            Condition: { NotIpAddress: { "aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"] } },
          },
        ],
      }),
    });
    const managed = new aws.iam.Policy("managed", {
      policy: {
        Version: "2012-10-17",
        Statement: [allow("lambda:InvokeFunction", fn.arn), allow("execute-api:Invoke", "*")],
      },
    });
    const user = new aws.iam.User("user", { permissionsBoundary: managed.arn });
    const group = new aws.iam.Group("group");
    new aws.iam.UserGroupMembership("membership", { user: user.name, groups: [group.name] });
    new aws.iam.GroupMembership("members", { group: group.name, users: [user.name] });
    new aws.iam.GroupPolicyAttachment("attached", { group: group.name, policyArn: managed.arn });
    new aws.iam.UserPolicy("user-policy", {
      user: user.name,
      policy: {
        Version: "2012-10-17",
        Statement: [allow("execute-api:*", pulumi.interpolate`${api.executionArn}/*`)],
      },
    });
    new aws.iam.PolicyAttachment("everywhere", {
      policyArn: managed.arn,
      roles: [caller.name],
      users: [user.name],
    });
    const owned = new aws.iam.Role("owned", {
      assumeRolePolicy: trustOf("states.amazonaws.com"),
      inlinePolicies: [
        {
          name: "calls",
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/prod/*`)],
          }),
        },
      ],
      managedPolicyArns: [managed.arn, "arn:aws:iam::aws:policy/AWSLambda_FullAccess"],
    });
    new aws.iam.RolePolicyAttachmentsExclusive("attachments", {
      roleName: owned.name,
      policyArns: [managed.arn],
    });
    new aws.iam.RolePoliciesExclusive("inlines", { roleName: caller.name, policyNames: ["calls"] });
    const pool = new aws.cognito.IdentityPool("pool", { identityPoolName: "pool" });
    new aws.cognito.IdentityPoolRoleAttachment("pool-roles", {
      identityPoolId: pool.id,
      roles: { authenticated: owned.arn, unauthenticated: caller.arn },
    });
    new aws.cloudwatch.EventTarget("target", {
      rule: "nightly",
      arn: pulumi.interpolate`${api.executionArn}/prod/GET/orders/*`,
      roleArn: owned.arn,
    });
    new aws.sfn.StateMachine("machine", {
      roleArn: owned.arn,
      definition: pulumi.jsonStringify({
        StartAt: "Call",
        States: {
          Call: {
            Type: "Task",
            Resource: "arn:aws:states:::apigateway:invoke",
            Parameters: {
              ApiEndpoint: pulumi.interpolate`${api.id}.execute-api.us-east-1.amazonaws.com`,
              AuthType: "IAM_ROLE",
              Method: "GET",
              Path: "/orders/7",
              Stage: "prod",
            },
            End: true,
          },
        },
      }),
    });
    new aws.iam.RolePolicy("elsewhere", {
      role: owned.name,
      policy: {
        Version: "2012-10-17",
        Statement: [
          allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/prod/GET/{id}"),
        ],
      },
    });
  },
});

/** Operations with each kind of authorization, and the other parts of a body. */
const body = (written?: (body: pulumi.Input<unknown>) => pulumi.Output<string>) =>
  bodyStack({
    ...(written === undefined ? {} : { written }),
    caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
    body: (base) => {
      const document = ordersBody(base);
      const integration = {
        type: "aws_proxy",
        httpMethod: "POST",
        uri: base.fn.invokeArn,
        credentials: base.gateway.arn,
      };
      return {
        ...document,
        servers: [{ url: "https://example.com/{basePath}", variables: { basePath: { default: "v1" } } }],
        security: [{ sigv4: [] }],
        "x-amazon-apigateway-policy": {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
          ],
        },
        paths: {
          ...(document.paths as object),
          "/gated": { get: { security: [{ gate: [] }], "x-amazon-apigateway-integration": integration } },
          "/any": { "x-amazon-apigateway-any-method": { $ref: "#/paths/~1gated/get" } },
        },
        components: {
          securitySchemes: {
            sigv4: {
              type: "apiKey",
              name: "Authorization",
              in: "header",
              "x-amazon-apigateway-authtype": "awsSigv4",
            },
            gate: {
              type: "apiKey",
              name: "Authorization",
              in: "header",
              "x-amazon-apigateway-authtype": "custom",
              "x-amazon-apigateway-authorizer": {
                type: "request",
                authorizerUri: base.fn.invokeArn,
                authorizerCredentials: base.gateway.arn,
              },
            },
          },
        },
      };
    },
  });

const component: Program = () => {
  const role = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
  const fn = new aws.lambda.Function("orders", {
    role: role.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: code(),
  });
  new ApiComponent("aws-apigateway", "shop", {
    routes: [
      { path: "/orders", method: "GET", eventHandler: fn, iamAuthEnabled: true },
      {
        path: "/items/{proxy+}",
        method: "ANY",
        eventHandler: fn,
        authorizers: [{ authorizerName: "a", handler: fn }],
      },
    ],
  });
};

const native = nativeStack({
  caller: nativeExecute,
  more: ({ fn, apiId, executionArn, caller }) => {
    const functionArn = fn.output("arn");
    new Native("lambda:Alias", "live", { functionName: functionArn, functionVersion: "1", name: "live" }, [
      "aliasArn",
    ]);
    new Native("lambda:Version", "first", { functionName: functionArn }, ["functionArn", "version"]);
    new Native("lambda:Url", "url", { targetFunctionArn: functionArn, authType: "AWS_IAM" }, ["functionArn"]);
    new Native("apigateway:Authorizer", "authorizer", {
      restApiId: apiId,
      type: "TOKEN",
      authorizerUri: "x",
    });
    new Native("iam:ManagedPolicy", "managed", {
      policyDocument: { Version: "2012-10-17", Statement: [grant("lambda:InvokeFunction", functionArn)] },
      roles: [caller.output("roleName")],
    });
    new Native("iam:User", "user", {
      policies: [
        {
          policyName: "p",
          policyDocument: {
            Version: "2012-10-17",
            Statement: [grant("execute-api:Invoke", pulumi.interpolate`${executionArn}/*`)],
          },
        },
      ],
      groups: ["group"],
    });
    const http = new Native("apigatewayv2:Api", "http", {
      name: "http",
      protocolType: "HTTP",
      target: functionArn,
    });
    new Native("apigatewayv2:ApiGatewayManagedOverrides", "overrides", {
      apiId: http.id,
      route: { authorizationType: "AWS_IAM" },
      stage: { stageVariables: { fn: "orders" } },
    });
  },
});

const EXAMPLES = [
  "caller-credentials",
  "function-url",
  "integration-role",
  "lambda-authorizer",
  "shop",
  "stage-variables",
  "websocket-api",
] as const;

const example = (name: string): Program => programFrom(join(resolve(__dirname, "../../examples"), name));

export const FORMS: Readonly<Record<string, Program>> = {
  "REST, and callers of every kind": callers,
  "REST, the caller's credentials": restStack({
    permission: false,
    integration: () => ({ credentials: CALLER_CREDENTIALS }),
    caller: executeOnly,
  }),
  "REST, a role": restStack({
    permission: false,
    integration: ({ gateway }) => ({ credentials: gateway.arn }),
  }),
  "REST, a body in JSON": body(),
  "REST, a body in YAML": body((document) => pulumi.output(document as object).apply((value) => dump(value))),
  HTTP: httpStack({
    permission: false,
    more: ({ api, fn }) => {
      new aws.apigatewayv2.Authorizer("authorizer", {
        apiId: api.id,
        name: "authorizer",
        authorizerType: "REQUEST",
        authorizerUri: fn.invokeArn,
        authorizerPayloadFormatVersion: "2.0",
      });
    },
  }),
  "HTTP, quick create": httpStack({
    routes: false,
    permission: false,
    apiArgs: (fn) => ({ target: fn.arn, routeKey: "$default" }),
  }),
  WebSocket: httpStack({
    protocol: "WEBSOCKET",
    caller: ({ api }) => [allow("execute-api:*", pulumi.interpolate`${api.executionArn}/*`)],
  }),
  component,
  native,
  ...Object.fromEntries(EXAMPLES.map((name) => [`example ${name}`, example(name)])),
};
