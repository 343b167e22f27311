import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What the base stack made, handed to every patch of it. */
export interface Base {
  readonly fn: aws.lambda.Function;
  readonly api: aws.apigateway.RestApi;
  readonly resource: aws.apigateway.Resource;
  readonly gateway: aws.iam.Role;
}

/**
 * One healthy stack: a REST API with the IAM-authorized route `GET /orders/{id}` that invokes the function
 * `orders`, which lets API Gateway in, and the role `caller` that holds both actions. A test patches one thing.
 */
export interface Patch {
  readonly path?: readonly string[];
  readonly verb?: pulumi.Input<string> | ((fn: aws.lambda.Function) => pulumi.Input<string>);
  readonly authorization?: string;
  readonly stage?: string | false;
  readonly integration?: (base: Base) => Partial<aws.apigateway.IntegrationArgs>;
  /** `false`: none. */
  readonly permission?: false | ((base: Base) => Partial<aws.lambda.PermissionArgs>);
  readonly functionArgs?: Partial<aws.lambda.FunctionArgs>;
  /** The statements of the caller's only policy; `false`: the caller has none. */
  readonly caller?: false | ((base: Base) => pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>);
  readonly gatewayTrust?: aws.iam.PolicyDocument;
  readonly gatewayPolicy?: (base: Base) => pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>;
  readonly more?: (base: Base & { caller: aws.iam.Role }) => void;
}

export function trustOf(service: string): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  };
}

export function allow(
  action: string,
  resource: pulumi.Input<string> | pulumi.Input<string>[],
): aws.iam.PolicyStatement {
  return { Effect: "Allow", Action: action, Resource: resource };
}

export const bothActions = ({ api, fn }: Base): aws.iam.PolicyStatement[] => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
  allow("lambda:InvokeFunction", fn.arn),
];

export const executeOnly = ({ api }: Base): aws.iam.PolicyStatement[] => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
];

export function restStack(patch: Patch = {}): () => void {
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
    const api = new aws.apigateway.RestApi("orders-api", { name: "orders-api" });
    let parent: pulumi.Output<string> = api.rootResourceId;
    let resource: aws.apigateway.Resource | undefined;
    for (const [depth, pathPart] of (patch.path ?? ["orders", "{id}"]).entries()) {
      resource = new aws.apigateway.Resource(`path-${depth}`, {
        restApi: api.id,
        parentId: parent,
        pathPart,
      });
      parent = resource.id;
    }
    const gateway = new aws.iam.Role("gateway", {
      name: "gateway",
      assumeRolePolicy: patch.gatewayTrust ?? trustOf("apigateway.amazonaws.com"),
    });
    const base: Base = { fn, api, resource: resource as aws.apigateway.Resource, gateway };
    new aws.iam.RolePolicy("gateway-policy", {
      role: gateway.name,
      policy: {
        Version: "2012-10-17",
        Statement: patch.gatewayPolicy?.(base) ?? [allow("lambda:InvokeFunction", fn.arn)],
      },
    });
    const method = new aws.apigateway.Method("method", {
      restApi: api.id,
      resourceId: parent,
      httpMethod: (typeof patch.verb === "function" ? patch.verb(fn) : patch.verb) ?? "GET",
      authorization: patch.authorization ?? "AWS_IAM",
    });
    const integration = new aws.apigateway.Integration("integration", {
      restApi: api.id,
      resourceId: method.resourceId,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: fn.invokeArn,
      ...patch.integration?.(base),
    });
    if (patch.permission !== false)
      new aws.lambda.Permission("permission", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        ...patch.permission?.(base),
      });
    const deployment = new aws.apigateway.Deployment(
      "deployment",
      { restApi: api.id },
      { dependsOn: [integration] },
    );
    if (patch.stage !== false)
      new aws.apigateway.Stage("stage", {
        restApi: api.id,
        deployment: deployment.id,
        stageName: patch.stage ?? "prod",
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
