import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { trustOf } from "./rest";

/**
 * Components for REST APIs with the same resource types, names, parents and inputs as the published packages. The
 * first package is a plugin that cannot run in a test, and both are larger than the other dependencies of the tests.
 *
 * - `RestAPI` of `@pulumi/aws-apigateway` 3.0.0, which creates no resources while a value in its routes is unknown:
 *   https://github.com/pulumi/pulumi-aws-apigateway/blob/v3.0.0/aws-apigateway/restAPI.ts and `apigateway/api.ts`
 * - `awsx.classic.apigateway.API` of `@pulumi/awsx` 3.8.0 and of 2.22.0, whose permissions are built from the
 * deployment:
 *   https://github.com/pulumi/pulumi-awsx/blob/v3.8.0/awsx-classic/apigateway/api.ts
 */
const TOKENS = {
  "aws-apigateway": "aws-apigateway:index:RestAPI",
  "awsx.classic": "aws:apigateway:x:API",
  "awsx.classic 2": "aws:apigateway:x:API",
} as const;
export type Component = keyof typeof TOKENS;

interface LambdaAuthorizer {
  readonly authorizerName: string;
  /** With a role, API Gateway uses it to invoke the function; otherwise the component creates one. */
  readonly handler: aws.lambda.Function | { uri: aws.lambda.Function; credentials: aws.iam.Role };
}

export interface ComponentRoute {
  readonly path: string;
  readonly method?: "GET" | "POST" | "ANY";
  /** The function that the route invokes. The component creates a permission only for routes with this property. */
  readonly eventHandler?: aws.lambda.Function;
  readonly iamAuthEnabled?: boolean;
  readonly apiKeyRequired?: boolean;
  readonly authorizers?: readonly LambdaAuthorizer[];
  /** A proxy of a URL. */
  readonly target?: string;
  /** A folder with files that are served from a bucket. */
  readonly localPath?: string;
  /** An operation of the OpenAPI document. */
  readonly data?: object;
}

export interface ComponentArgs {
  readonly routes?: readonly ComponentRoute[];
  readonly swaggerString?: pulumi.Input<string>;
  readonly stageName?: string;
  readonly restApiArgs?: aws.apigateway.RestApiArgs;
}

interface Swagger {
  paths: Record<string, Record<string, unknown>>;
  securityDefinitions?: Record<string, unknown>;
}

const API_KEY = { type: "apiKey", name: "x-api-key", in: "header" };

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex").slice(0, 8);

const keyOf = (method = "ANY"): string =>
  method === "ANY" ? "x-amazon-apigateway-any-method" : method.toLowerCase();

export class ApiComponent extends pulumi.ComponentResource {
  readonly api: pulumi.Output<aws.apigateway.RestApi>;

  constructor(component: Component, name: string, args: ComponentArgs) {
    super(TOKENS[component], name);
    const routes = (args.routes ?? []) as ComponentRoute[];
    this.api =
      component === "aws-apigateway"
        ? pulumi
            .output(routes)
            .apply((known) => this.expand(component, name, args, known as ComponentRoute[]))
        : pulumi.output(this.expand(component, name, args, routes));
    this.registerOutputs({});
  }

  private expand(
    component: Component,
    name: string,
    args: ComponentArgs,
    routes: readonly ComponentRoute[],
  ): aws.apigateway.RestApi {
    const options = { parent: this };
    const swagger: Swagger = { paths: {} };
    for (const route of routes) this.addRoute(name, swagger, route);
    const api = new aws.apigateway.RestApi(
      name,
      {
        ...args.restApiArgs,
        name: args.restApiArgs?.name ?? name,
        binaryMediaTypes: ["*/*"],
        body:
          args.swaggerString ??
          pulumi.jsonStringify({
            swagger: "2.0",
            info: { title: name, version: "1.0" },
            ...swagger,
            "x-amazon-apigateway-binary-media-types": ["*/*"],
            "x-amazon-apigateway-gateway-responses": {
              ACCESS_DENIED: { statusCode: 404 },
              MISSING_AUTHENTICATION_TOKEN: { statusCode: 404 },
            },
            "x-amazon-apigateway-api-key-source": "HEADER",
          }),
      },
      options,
    );
    const policy = args.restApiArgs?.policy;
    const attached =
      policy === undefined
        ? []
        : [
            new aws.apigateway.RestApiPolicy(
              name,
              { restApiId: api.id, policy: policy as pulumi.Input<string> },
              options,
            ),
          ];
    const version = pulumi.output(api.body).apply((body) => sha1(body ?? ""));
    const inputs = { restApi: api, variables: { version } };
    const isVersion2 = component === "awsx.classic 2";
    const deployment = isVersion2
      ? new OlderDeployment(name, inputs, { ...options, dependsOn: attached })
      : new aws.apigateway.Deployment(name, inputs, { ...options, dependsOn: attached });
    const source =
      deployment instanceof OlderDeployment
        ? pulumi.interpolate`${deployment.executionArn}*`
        : pulumi.interpolate`${api.executionArn}/*`;
    const permissions = routes.flatMap(({ path, method = "ANY", eventHandler }) => {
      if (eventHandler === undefined) return [];
      const methodAndPath = `${method === "ANY" ? "*" : method}${path}`;
      return [
        new aws.lambda.Permission(
          `${name}-${sha1(methodAndPath)}`,
          {
            action: "lambda:invokeFunction",
            function: eventHandler,
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${source}/${methodAndPath}`,
          },
          options,
        ),
      ];
    });
    new aws.apigateway.Stage(
      name,
      { restApi: api, deployment: deployment.id, stageName: args.stageName ?? "stage" },
      { ...options, dependsOn: permissions },
    );
    return api;
  }

  private addRoute(name: string, swagger: Swagger, route: ComponentRoute): void {
    const { path, method, eventHandler, target, localPath, data } = route;
    const add = (at: string, key: string, operation: object): void => {
      swagger.paths[at] = { ...swagger.paths[at], [key]: operation };
    };
    if (data !== undefined) add(path, keyOf(method), data);
    if (eventHandler !== undefined) {
      const { partition } = aws.getPartitionOutput({}, { parent: this });
      const { region } = aws.getRegionOutput({}, { parent: this });
      add(path, keyOf(method), {
        "x-amazon-apigateway-integration": {
          uri: pulumi.interpolate`arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${eventHandler.arn}/invocations`,
          passthroughBehavior: "when_no_match",
          httpMethod: "POST",
          type: "aws_proxy",
        },
        ...this.security(swagger, route),
      });
    }
    if (target !== undefined)
      for (const at of [`${path}/`, `${path}/{proxy+}`])
        add(at, keyOf(), {
          "x-amazon-apigateway-integration": {
            uri: target,
            type: "http_proxy",
            passthroughBehavior: "when_no_match",
            httpMethod: "ANY",
          },
          ...this.security(swagger, route),
        });
    if (localPath !== undefined) {
      const key = `${name}${sha1(path)}`;
      const bucket = new aws.s3.Bucket(name, undefined, { parent: this });
      const role = new aws.iam.Role(
        key,
        { assumeRolePolicy: JSON.stringify(trustOf("apigateway.amazonaws.com")) },
        { parent: this },
      );
      new aws.iam.RolePolicyAttachment(
        key,
        { role, policyArn: aws.iam.ManagedPolicy.AmazonS3FullAccess },
        { parent: this },
      );
      const { region } = aws.getRegionOutput({}, { parent: this });
      add(path, "get", {
        "x-amazon-apigateway-integration": {
          credentials: role.arn,
          uri: pulumi.interpolate`arn:aws:apigateway:${region}:s3:path/${bucket.bucket}/${key}`,
          passthroughBehavior: "when_no_match",
          httpMethod: "GET",
          type: "aws",
        },
      });
    }
  }

  private security(swagger: Swagger, route: ComponentRoute): object {
    const security: Record<string, string[]>[] = [];
    const use = (scheme: string, definition: unknown): void => {
      swagger.securityDefinitions = { ...swagger.securityDefinitions, [scheme]: definition };
      security.push({ [scheme]: [] });
    };
    for (const { authorizerName, handler } of route.authorizers ?? []) {
      const authorizer = pulumi.Resource.isInstance(handler)
        ? { uri: handler, credentials: this.invokerOf(authorizerName, handler) }
        : handler;
      use(authorizerName, {
        type: "apiKey",
        name: "Authorization",
        in: "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
          type: "token",
          authorizerUri: authorizer.uri.invokeArn,
          authorizerCredentials: authorizer.credentials.arn,
        },
      });
    }
    if (route.apiKeyRequired) use("api_key", API_KEY);
    return {
      ...(security.length === 0 ? {} : { security }),
      ...(route.iamAuthEnabled ? { "x-amazon-apigateway-auth": { type: "AWS_IAM" } } : {}),
    };
  }

  /** The role that the component creates for an authorizer's function. */
  private invokerOf(name: string, handler: aws.lambda.Function): aws.iam.Role {
    const role = new aws.iam.Role(
      `${name}-authorizer-role`,
      {
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: ["lambda.amazonaws.com", "apigateway.amazonaws.com"] },
              Action: "sts:AssumeRole",
            },
          ],
        },
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      `${name}-invocation-policy`,
      {
        role: role.id,
        policy: pulumi.interpolate`{
          "Version": "2012-10-17",
          "Statement": [{ "Action": "lambda:InvokeFunction", "Effect": "Allow", "Resource": "${handler.arn}" }]
        }`,
      },
      { parent: this },
    );
    return role;
  }
}

/** A deployment with `executionArn`, which `@pulumi/aws` had before version 7: `…/API/`, without a stage. */
class OlderDeployment extends pulumi.CustomResource {
  declare readonly executionArn: pulumi.Output<string>;

  constructor(
    name: string,
    {
      restApi,
      variables,
    }: { restApi: aws.apigateway.RestApi; variables: Record<string, pulumi.Input<string>> },
    options: pulumi.CustomResourceOptions,
  ) {
    const executionArn = pulumi.interpolate`${restApi.executionArn}/`;
    super("aws:apigateway/deployment:Deployment", name, { restApi, variables, executionArn }, options);
  }
}
