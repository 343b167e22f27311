/** Short functions that declare APIs of every form, for the programs of the corpus. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Endpoint, endpoint, stage } from "../support/programs";
import { trustOf } from "../support/rest";

export const interpolate = pulumi.interpolate;

export const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

export const httpApi = (name = "web", args: Partial<aws.apigatewayv2.ApiArgs> = {}) =>
  new aws.apigatewayv2.Api(name, { protocolType: "HTTP", ...args });

export const socketApi = (name = "chat") =>
  new aws.apigatewayv2.Api(name, {
    protocolType: "WEBSOCKET",
    routeSelectionExpression: "$request.body.action",
  });

/** Routes of an HTTP or WebSocket API with one integration of this name. */
export function routesTo(
  name: string,
  apiId: pulumi.Input<string>,
  uri: pulumi.Input<string>,
  routes: Readonly<Record<string, Partial<aws.apigatewayv2.RouteArgs>>>,
  more: Partial<aws.apigatewayv2.IntegrationArgs> = {},
): readonly aws.apigatewayv2.Route[] {
  const integration = new aws.apigatewayv2.Integration(name, {
    apiId,
    integrationType: "AWS_PROXY",
    integrationMethod: "POST",
    integrationUri: uri,
    ...more,
  });
  return Object.entries(routes).map(
    ([routeKey, args], at) =>
      new aws.apigatewayv2.Route(`${name}-${at}`, {
        apiId,
        routeKey,
        target: interpolate`integrations/${integration.id}`,
        ...args,
      }),
  );
}

export const stageOf = ({ id: apiId }: aws.apigatewayv2.Api, name = "$default") =>
  new aws.apigatewayv2.Stage(name === "$default" ? "default" : name, { apiId, name, autoDeploy: true });

export const attach = (
  name: string,
  role: Pick<aws.iam.Role, "name">,
  policy: aws.iam.RolePolicyArgs["policy"],
) => new aws.iam.RolePolicy(name, { role: role.name, policy });

export const gateway = (args: Partial<aws.iam.RoleArgs> = {}) =>
  new aws.iam.Role("gateway", { assumeRolePolicy: trustOf("apigateway.amazonaws.com"), ...args });

/** A route of a REST API without authorization. */
export const open = (
  api: aws.apigateway.RestApi,
  name: string,
  verb: pulumi.Input<string>,
  path: string,
  uri: pulumi.Input<string>,
  more: Partial<aws.apigateway.IntegrationArgs> = {},
): Endpoint => endpoint(name, api, verb, path, uri, {}, more, "NONE");

/** A REST API with the stage `prod` and these routes. */
export function restApi(
  routes: (api: aws.apigateway.RestApi) => readonly Endpoint[],
  args: aws.apigateway.RestApiArgs = {},
): aws.apigateway.RestApi {
  const api = new aws.apigateway.RestApi("shop", args);
  stage("prod", api, routes(api));
  return api;
}

/** The name of a function's execution role. */
export const executionRole = ({ role }: aws.lambda.Function): Pick<aws.iam.Role, "name"> => ({
  name: role.apply((arn) => arn.split("/").pop() ?? ""),
});

interface Operation {
  readonly uri: pulumi.Input<string>;
  readonly credentials?: pulumi.Input<string>;
  /** Additional members of the operation, such as its authorization. */
  readonly more?: object;
}

/** An OpenAPI document with GET operations on these paths. */
export const openApi = (paths: Readonly<Record<string, Operation>>, more: object = {}) =>
  pulumi.jsonStringify({
    openapi: "3.0.1",
    info: { title: "shop", version: "1" },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, { uri, credentials, more: operation }]) => [
        path,
        {
          get: {
            ...operation,
            "x-amazon-apigateway-integration": {
              type: "aws_proxy",
              httpMethod: "POST",
              uri,
              ...(credentials === undefined ? {} : { credentials }),
            },
          },
        },
      ]),
    ),
    ...more,
  });

export const IAM_OPERATION = { "x-amazon-apigateway-auth": { type: "AWS_IAM" } };

export const table = (name: string) =>
  new aws.dynamodb.Table(name, {
    attributes: [{ name: "id", type: "S" }],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
  });
