import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { routeWithAuthorizer } from "../support/programs";
import { allow, type Base, restStack, trustOf } from "../support/rest";

const POLICY = "authorizer-function-permission";
const only = [POLICY, "unproven-access", "route-function-permission"];
const DENIED = [`${POLICY} @ authorizer`];
const DENIED_ONCE_DEPLOYED = { "first-preview": [], deployed: DENIED };

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

type Resources = Base & { readonly guard: aws.lambda.Function };
interface AuthorizerPatch {
  readonly args?: (resources: Resources) => Partial<aws.apigateway.AuthorizerArgs>;
  /** The permission on the authorizer's function; `false`: none. */
  readonly permission?:
    | false
    | ((resources: Resources & { id: pulumi.Output<string> }) => Partial<aws.lambda.PermissionArgs>);
  readonly gateway?: Parameters<typeof restStack>[0];
}

/** The base stack with a Lambda authorizer that has a separate function. */
const withAuthorizer = ({ args, permission, gateway }: AuthorizerPatch = {}): (() => void) =>
  restStack({
    authorization: "CUSTOM",
    ...gateway,
    more: (base) => {
      const guard = new aws.lambda.Function("guard", {
        name: "guard",
        role: base.fn.role,
        runtime: "nodejs22.x",
        handler: "index.handler",
        s3Bucket: "code",
        s3Key: "guard.zip",
      });
      const resources = { ...base, guard };
      const authorizer = new aws.apigateway.Authorizer("authorizer", {
        restApi: base.api.id,
        authorizerUri: guard.invokeArn,
        ...args?.(resources),
      });
      if (permission === false) return;
      new aws.lambda.Permission("guard-in", {
        action: "lambda:InvokeFunction",
        function: guard.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${base.api.executionArn}/authorizers/${authorizer.id}`,
        ...permission?.({ ...resources, id: authorizer.id }),
      });
    },
  });

const withSourceArn = (end: string): (() => void) =>
  withAuthorizer({
    permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/${end}` }),
  });

cases("Lambda permission", [
  { name: "TOKEN authorizer with a permission", program: withAuthorizer(), expected: [] },
  {
    name: "source ARN with the API's id taken from a stage",
    program: withAuthorizer({
      permission: ({ api }) => {
        const stage = new aws.apigateway.Stage("beta", {
          restApi: api.id,
          deployment: "d",
          stageName: "beta",
        });
        return {
          sourceArn: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${stage.restApi}/*`,
        };
      },
    }),
    expected: { "first-preview": ["unproven-access @ authorizer"], deployed: [] },
  },
  {
    name: "REQUEST authorizer with a permission",
    program: withAuthorizer({ args: () => ({ type: "REQUEST" }) }),
    expected: [],
  },
  {
    name: "TOKEN authorizer without a permission",
    program: withAuthorizer({ permission: false }),
    expected: DENIED,
    messageIncludes: ["Authorizer error", "/authorizers/"],
  },
  {
    name: "REQUEST authorizer without a permission",
    program: withAuthorizer({ args: () => ({ type: "REQUEST" }), permission: false }),
    expected: DENIED,
  },
  {
    name: "COGNITO_USER_POOLS authorizer without a permission",
    program: withAuthorizer({
      args: () => ({
        type: "COGNITO_USER_POOLS",
        authorizerUri: undefined as never,
        providerArns: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/x"],
      }),
      permission: false,
    }),
    expected: [],
  },
  {
    name: "source ARN */*/*, which matches routes only",
    program: withSourceArn("*/*/*"),
    expected: DENIED_ONCE_DEPLOYED,
  },
  {
    name: "permission on another function",
    program: withAuthorizer({ permission: ({ fn }) => ({ function: fn.name }) }),
    expected: DENIED,
  },
  {
    name: "permission on an alias that the authorizer does not call",
    program: withAuthorizer({ permission: () => ({ qualifier: "live" }) }),
    // The authorizer's URI is unknown, and may be that of the alias.
    expected: { "first-preview": ["unproven-access @ authorizer"], deployed: DENIED },
  },
  {
    name: "permission for another service",
    program: withAuthorizer({ permission: () => ({ principal: "lambda.amazonaws.com" }) }),
    expected: DENIED,
  },
  {
    name: "function in another stack",
    program: withAuthorizer({
      args: () => ({
        authorizerUri:
          "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:elsewhere/invocations",
      }),
    }),
    expected: ["unproven-access @ authorizer"],
  },
  {
    name: "function of both route and authorizer, with a permission for the route only",
    program: withAuthorizer({
      args: ({ fn }) => ({ authorizerUri: fn.invokeArn }),
      permission: false,
      gateway: {
        permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/{id}` }),
      },
    }),
    expected: DENIED_ONCE_DEPLOYED,
  },
]);

cases("routes that use the authorizer", [
  {
    name: "authorizer that no route uses, without a permission",
    program: withAuthorizer({ permission: false, gateway: { authorization: "NONE" } }),
    expected: [],
  },
  {
    name: "authorizer that no route uses, with a role without lambda:InvokeFunction",
    program: withAuthorizer({
      permission: false,
      args: ({ gateway }) => ({ authorizerCredentials: gateway.arn }),
      gateway: { authorization: "AWS_IAM" },
    }),
    expected: [],
  },
  {
    name: "authorizer that no route uses, next to one that a route uses",
    program: restStack({
      caller: false,
      more: ({ api, fn }) => {
        const [used] = ["used", "authorizer"].map(
          (name) =>
            new aws.apigateway.Authorizer(name, {
              restApi: api.id,
              authorizerUri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}/invocations`,
              authorizerCredentials:
                name === "used"
                  ? "arn:aws:iam::123456789012:role/elsewhere"
                  : "arn:aws:iam::999999999999:role/x",
            }),
        );
        routeWithAuthorizer("by", api, used);
      },
    }),
    expected: ["unproven-access @ used"],
  },
  {
    name: "routes in a malformed OpenAPI body",
    program: withAuthorizer({
      permission: false,
      gateway: { authorization: "NONE", api: { body: "{ paths: [unclosed" }, caller: false },
    }),
    only: [POLICY],
    expected: [],
  },
  {
    name: "API in another stack, whose routes are unknown",
    program: () => {
      const fn = new aws.lambda.Function("guard", {
        name: "guard",
        role: "arn:aws:iam::123456789012:role/execution",
        runtime: "nodejs22.x",
        handler: "index.handler",
        s3Bucket: "code",
        s3Key: "guard.zip",
      });
      new aws.apigateway.Authorizer("authorizer", { restApi: "abcdef1234", authorizerUri: fn.invokeArn });
    },
    expected: ["unproven-access @ authorizer"],
    messageIncludes: ["whether a route of API abcdef1234 uses Authorizer authorizer"],
  },
  {
    name: "$connect route of a WebSocket API, without a permission",
    program: () => {
      const fn = new aws.lambda.Function("guard", {
        name: "guard",
        role: "arn:aws:iam::123456789012:role/execution",
        runtime: "nodejs22.x",
        handler: "index.handler",
        s3Bucket: "code",
        s3Key: "guard.zip",
      });
      const api = new aws.apigatewayv2.Api("socket", { protocolType: "WEBSOCKET" });
      const authorizer = new aws.apigatewayv2.Authorizer("authorizer", {
        apiId: api.id,
        authorizerType: "REQUEST",
        authorizerUri: fn.invokeArn,
      });
      new aws.apigatewayv2.Route("connect", {
        apiId: api.id,
        routeKey: "$connect",
        authorizationType: "CUSTOM",
        authorizerId: authorizer.id,
      });
    },
    expected: DENIED,
  },
]);

cases("authorizer credentials", [
  {
    name: "role that can invoke the function",
    program: withAuthorizer({
      permission: false,
      args: ({ gateway }) => ({ authorizerCredentials: gateway.arn }),
      gateway: { gatewayPolicy: () => [allow("lambda:InvokeFunction", "*")] },
    }),
    expected: [],
  },
  {
    name: "role that can invoke another function only",
    program: withAuthorizer({
      permission: false,
      args: ({ gateway }) => ({ authorizerCredentials: gateway.arn }),
    }),
    expected: DENIED,
  },
  {
    name: "role that does not trust API Gateway",
    program: withAuthorizer({
      permission: false,
      args: ({ gateway }) => ({ authorizerCredentials: gateway.arn }),
      gateway: {
        gatewayPolicy: () => [allow("lambda:InvokeFunction", "*")],
        gatewayTrust: trustOf("lambda.amazonaws.com"),
      },
    }),
    expected: DENIED,
    messageIncludes: ["does not trust API Gateway"],
  },
  {
    name: "role outside the stack",
    program: withAuthorizer({
      permission: false,
      args: () => ({ authorizerCredentials: "arn:aws:iam::123456789012:role/elsewhere" }),
    }),
    expected: ["unproven-access @ authorizer"],
  },
]);

cases("configuration", [
  {
    name: "whenUnknown: prove",
    program: withAuthorizer(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": ["unproven-access @ authorizer"], deployed: [] },
  },
]);
