import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, trustOf } from "./rest";

/** Resources of the base stack, which each patch receives. */
export interface Base {
  readonly fn: aws.lambda.Function;
  readonly api: aws.apigatewayv2.Api;
  readonly gateway: aws.iam.Role;
}

type Statements = pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>;

/**
 * A working stack: an HTTP API with the IAM-authorized route `GET /orders/{id}` that invokes the function `orders`,
 * which allows API Gateway to invoke it, and the role `caller` with both actions. A test changes one part of it.
 */
export interface Patch {
  readonly protocol?: "HTTP" | "WEBSOCKET";
  /** Further arguments of the Api, such as those for quick create. */
  readonly apiArgs?: (fn: aws.lambda.Function, gateway: aws.iam.Role) => Partial<aws.apigatewayv2.ApiArgs>;
  readonly routeKey?: pulumi.Input<string>;
  /** `false`: no Route, Integration and Stage, because quick create creates them. */
  readonly routes?: false;
  readonly route?: Partial<aws.apigatewayv2.RouteArgs>;
  readonly integration?: (base: Base) => Partial<aws.apigatewayv2.IntegrationArgs>;
  readonly stage?: string | false;
  /** `false`: no permission. */
  readonly permission?: false | ((base: Base) => Partial<aws.lambda.PermissionArgs>);
  readonly functionArgs?: Partial<aws.lambda.FunctionArgs>;
  /** The statements of the caller's only policy; `false`: the caller has none. */
  readonly caller?: false | ((base: Base) => Statements);
  readonly gatewayTrust?: aws.iam.PolicyDocument;
  readonly gatewayPolicy?: (base: Base) => Statements;
  readonly more?: (base: Base & { caller: aws.iam.Role }) => void;
}

export const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

export const executeOnly = ({ api }: Base): aws.iam.PolicyStatement[] => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
];

export const bothActions = (base: Base): aws.iam.PolicyStatement[] => [
  ...executeOnly(base),
  allow("lambda:InvokeFunction", base.fn.arn),
];

/** A permission whose source ARN is the API's execution ARN followed by `tail`. */
export const sourceArn =
  (tail: string) =>
  ({ api }: Base): Partial<aws.lambda.PermissionArgs> => ({
    sourceArn: pulumi.interpolate`${api.executionArn}${tail}`,
  });

export function httpStack(patch: Patch = {}): () => void {
  return () => {
    const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      role: execution.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: new pulumi.asset.AssetArchive({
        "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({ statusCode: 200 });"),
      }),
      ...patch.functionArgs,
    });
    const gateway = new aws.iam.Role("gateway", {
      name: "gateway",
      assumeRolePolicy: patch.gatewayTrust ?? trustOf("apigateway.amazonaws.com"),
    });
    const protocol = patch.protocol ?? "HTTP";
    const api = new aws.apigatewayv2.Api("orders-api", {
      name: "orders-api",
      protocolType: protocol,
      ...(protocol === "WEBSOCKET" ? { routeSelectionExpression: "$request.body.action" } : {}),
      ...patch.apiArgs?.(fn, gateway),
    });
    const base: Base = { fn, api, gateway };
    new aws.iam.RolePolicy("gateway-policy", {
      role: gateway.name,
      policy: {
        Version: "2012-10-17",
        Statement: patch.gatewayPolicy?.(base) ?? [allow("lambda:InvokeFunction", fn.arn)],
      },
    });
    if (patch.routes !== false) {
      const integration = new aws.apigatewayv2.Integration("integration", {
        apiId: api.id,
        integrationType: "AWS_PROXY",
        integrationUri: fn.invokeArn,
        ...(protocol === "HTTP" ? { payloadFormatVersion: "2.0" } : {}),
        ...patch.integration?.(base),
      });
      new aws.apigatewayv2.Route("route", {
        apiId: api.id,
        routeKey: patch.routeKey ?? (protocol === "HTTP" ? "GET /orders/{id}" : "$connect"),
        target: pulumi.interpolate`integrations/${integration.id}`,
        authorizationType: "AWS_IAM",
        ...patch.route,
      });
      if (patch.stage !== false)
        new aws.apigatewayv2.Stage("stage", {
          apiId: api.id,
          name: patch.stage ?? (protocol === "HTTP" ? "$default" : "live"),
          autoDeploy: true,
        });
    }
    if (patch.permission !== false)
      new aws.lambda.Permission("permission", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        ...patch.permission?.(base),
      });
    const caller = new aws.iam.Role("caller", {
      name: "caller",
      assumeRolePolicy: trustOf("ec2.amazonaws.com"),
    });
    if (patch.caller !== false)
      new aws.iam.RolePolicy("caller-policy", {
        role: caller.name,
        policy: { Version: "2012-10-17", Statement: patch.caller?.(base) ?? bothActions(base) },
      });
    patch.more?.({ ...base, caller });
  };
}

/** A function in addition to that of the base stack. */
export function anotherFunction(name: string, { fn }: Base): aws.lambda.Function {
  return new aws.lambda.Function(name, {
    name,
    role: fn.role,
    runtime: "nodejs22.x",
    handler: "index.handler",
    s3Bucket: "code",
    s3Key: `${name}.zip`,
  });
}
