import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, trustOf } from "./rest";

/** Resources of the base stack, which each patch receives. */
export interface BodyBase {
  readonly fn: aws.lambda.Function;
  readonly gateway: aws.iam.Role;
  readonly caller: aws.iam.Role;
}

export interface BodyPatch {
  /** The OpenAPI document; properties with the value `undefined` are omitted. */
  readonly body?: (base: BodyBase) => pulumi.Input<unknown>;
  /** Serializes the document. */
  readonly written?: (body: pulumi.Input<unknown>) => pulumi.Output<string>;
  readonly apiArgs?: Partial<aws.apigateway.RestApiArgs>;
  /** `false`: no permission. */
  readonly permission?:
    | false
    | ((base: BodyBase & { api: aws.apigateway.RestApi }) => Partial<aws.lambda.PermissionArgs>);
  readonly caller?:
    | false
    | ((base: BodyBase & { api: aws.apigateway.RestApi }) => pulumi.Input<aws.iam.PolicyStatement>[]);
  readonly gatewayPolicy?: (base: BodyBase) => pulumi.Input<aws.iam.PolicyStatement>[];
  readonly more?: (base: BodyBase & { api: aws.apigateway.RestApi }) => void;
}

export interface OrdersOperation {
  readonly auth?: Record<string, unknown>;
  readonly integration?: Record<string, unknown>;
}

/** OpenAPI 3 with `GET /orders/{id}`. */
export function ordersBody(
  { fn }: BodyBase,
  { auth, integration }: OrdersOperation = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    openapi: "3.0.1",
    info: { title: "orders", version: "1" },
    paths: {
      "/orders/{id}": {
        get: {
          ...(auth ?? { "x-amazon-apigateway-auth": { type: "AWS_IAM" } }),
          "x-amazon-apigateway-integration": {
            type: "aws_proxy",
            httpMethod: "POST",
            uri: fn.invokeArn,
            ...integration,
          },
        },
      },
    },
    ...more,
  };
}

/**
 * A working stack: a REST API whose body has the IAM-authorized route `GET /orders/{id}` to the function `orders`,
 * which allows API Gateway to invoke it, and the role `caller` with both actions. A test changes one part of it.
 */
export function bodyStack(patch: BodyPatch = {}): () => void {
  return () => {
    const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      role: execution.arn,
      packageType: "Image",
      imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
    });
    const gateway = new aws.iam.Role("gateway", {
      name: "gateway",
      assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
    });
    const caller = new aws.iam.Role("caller", {
      name: "caller",
      assumeRolePolicy: trustOf("ec2.amazonaws.com"),
    });
    const before: BodyBase = { fn, gateway, caller };
    const document = patch.body === undefined ? ordersBody(before) : patch.body(before);
    const api = new aws.apigateway.RestApi("orders-api", {
      name: "orders-api",
      ...(document === undefined ? {} : { body: (patch.written ?? pulumi.jsonStringify)(document) }),
      ...patch.apiArgs,
    });
    const base = { ...before, api };
    new aws.iam.RolePolicy("gateway-policy", {
      role: gateway.name,
      policy: {
        Version: "2012-10-17",
        Statement: patch.gatewayPolicy?.(base) ?? [allow("lambda:InvokeFunction", fn.arn)],
      },
    });
    if (patch.permission !== false)
      new aws.lambda.Permission("permission", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        ...patch.permission?.(base),
      });
    const deployment = new aws.apigateway.Deployment("deployment", { restApi: api.id });
    new aws.apigateway.Stage("stage", {
      restApi: api.id,
      deployment: deployment.id,
      stageName: "prod",
    });
    if (patch.caller !== false)
      new aws.iam.RolePolicy("caller-policy", {
        role: caller.name,
        policy: {
          Version: "2012-10-17",
          Statement: patch.caller?.(base) ?? [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
            allow("lambda:InvokeFunction", fn.arn),
          ],
        },
      });
    patch.more?.(base);
  };
}
