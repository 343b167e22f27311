import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { trustOf } from "./rest";

/** Parts of programs, written as programs write them. */

export const code = () =>
  new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({});"),
  });

export function makeFunction(
  name: string,
  args: Partial<aws.lambda.FunctionArgs> = {},
  options: pulumi.CustomResourceOptions = {},
): aws.lambda.Function {
  const role = new aws.iam.Role(
    `${name}-exec`,
    { assumeRolePolicy: trustOf("lambda.amazonaws.com") },
    options,
  );
  new aws.iam.RolePolicyAttachment(
    `${name}-logs`,
    { role, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole },
    options,
  );
  return new aws.lambda.Function(
    name,
    { role: role.arn, runtime: "nodejs22.x", handler: "index.handler", code: code(), ...args },
    options,
  );
}

export interface Endpoint {
  readonly integration: aws.apigateway.Integration;
  readonly resource?: aws.apigateway.Resource;
}

export function endpoint(
  name: string,
  api: aws.apigateway.RestApi,
  verb: string,
  path: string,
  uri: pulumi.Input<string>,
  options: pulumi.CustomResourceOptions = {},
  more: Partial<aws.apigateway.IntegrationArgs> = {},
  authorization = "AWS_IAM",
): Endpoint {
  const resource =
    path === "/"
      ? undefined
      : new aws.apigateway.Resource(
          `${name}-path`,
          { restApi: api.id, parentId: api.rootResourceId, pathPart: path },
          options,
        );
  const method = new aws.apigateway.Method(
    `${name}-method`,
    { restApi: api.id, resourceId: resource?.id ?? api.rootResourceId, httpMethod: verb, authorization },
    options,
  );
  const integration = new aws.apigateway.Integration(
    `${name}-integration`,
    {
      restApi: api.id,
      resourceId: method.resourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri,
      ...more,
    },
    options,
  );
  return { integration, ...(resource === undefined ? {} : { resource }) };
}

export function letIn(
  name: string,
  fn: pulumi.Input<string> | aws.lambda.Function,
  sourceArn: pulumi.Input<string>,
  more: Partial<aws.lambda.PermissionArgs> = {},
  options: pulumi.CustomResourceOptions = {},
): aws.lambda.Permission {
  return new aws.lambda.Permission(
    name,
    {
      action: "lambda:InvokeFunction",
      function: fn,
      principal: "apigateway.amazonaws.com",
      sourceArn,
      ...more,
    },
    options,
  );
}

export function stage(
  name: string,
  api: aws.apigateway.RestApi,
  endpoints: readonly Endpoint[],
  options: pulumi.CustomResourceOptions = {},
): aws.apigateway.Stage {
  const deployment = new aws.apigateway.Deployment(
    `${name}-deployment`,
    { restApi: api.id },
    { ...options, dependsOn: endpoints.map(({ integration }) => integration) },
  );
  return new aws.apigateway.Stage(
    `${name}-stage`,
    { restApi: api.id, deployment: deployment.id, stageName: name },
    options,
  );
}

export const caller = (
  name: string,
  args: Partial<aws.iam.RoleArgs> = {},
  options: pulumi.CustomResourceOptions = {},
) => new aws.iam.Role(name, { assumeRolePolicy: trustOf("ec2.amazonaws.com"), ...args }, options);

type Statement = readonly [
  action: string | readonly string[],
  resource: pulumi.Input<string> | readonly pulumi.Input<string>[],
];

/** A policy document of Allow statements. */
export function allowing(...statements: readonly Statement[]): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map(([action, resource]) => ({
      Effect: "Allow",
      Action: action as string | string[],
      Resource: resource as pulumi.Input<string> | pulumi.Input<string>[],
    })),
  };
}

/** A role with one inline policy. */
export function holder(
  name: string,
  statements: readonly Statement[],
  args: Partial<aws.iam.RoleArgs> = {},
  options: pulumi.CustomResourceOptions = {},
): aws.iam.Role {
  const role = caller(name, args, options);
  new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: allowing(...statements) }, options);
  return role;
}

export interface Shop {
  readonly api: aws.apigateway.RestApi;
  readonly fn: aws.lambda.Function;
  readonly live: aws.apigateway.Stage;
}

/** A REST API with the IAM-authorized route `GET /orders` to the function `orders`, which lets it in. */
export function shop(
  options: pulumi.CustomResourceOptions = {},
  functionArgs: Partial<aws.lambda.FunctionArgs> = {},
  integration: Partial<aws.apigateway.IntegrationArgs> = {},
): Shop {
  const api = new aws.apigateway.RestApi("shop", {}, options);
  const fn = makeFunction("orders", functionArgs, options);
  const one = endpoint("orders", api, "GET", "orders", fn.invokeArn, options, integration);
  letIn("orders-in", fn.name, pulumi.interpolate`${api.executionArn}/*/GET/orders`, {}, options);
  return { api, fn, live: stage("prod", api, [one], options) };
}

/** The right to call every route of an API. */
export const calling = ({ api }: Pick<Shop, "api">): Statement => [
  "execute-api:Invoke",
  pulumi.interpolate`${api.executionArn}/*`,
];

export const invoking = ({ fn }: Pick<Shop, "fn">): Statement => ["lambda:InvokeFunction", fn.arn];
