import * as pulumi from "@pulumi/pulumi";
import { trustOf } from "./rest";

/**
 * A resource of `@pulumi/aws-native` without its SDK, which is much larger than the other dependencies of the tests:
 * the resource's type token, its inputs, and the outputs that the program uses.
 */
export class Native extends pulumi.CustomResource {
  constructor(
    type: string,
    name: string,
    inputs: pulumi.Inputs,
    outputs: readonly string[] = [],
    options?: pulumi.CustomResourceOptions,
  ) {
    const unset = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(`aws-native:${type}`, name, { ...unset, ...inputs }, options);
  }

  output(name: string): pulumi.Output<string> {
    return (this as unknown as Record<string, pulumi.Output<string>>)[name] as pulumi.Output<string>;
  }
}

/** Resources of the base stack, which each patch receives. */
export interface NativeBase {
  readonly fn: Native;
  readonly gateway: Native;
  readonly apiId: pulumi.Output<string>;
  /** Built from the id, because `aws-native` has no such output. */
  readonly executionArn: pulumi.Output<string>;
}

type Statements = readonly Record<string, unknown>[];

export interface NativePatch {
  /** The inputs of the API; a `body` replaces the Resource and the Method. */
  readonly api?: (base: Omit<NativeBase, "apiId" | "executionArn">) => pulumi.Inputs;
  readonly method?: (base: NativeBase) => pulumi.Inputs;
  readonly integration?: (base: NativeBase) => pulumi.Inputs;
  /** `false`: no permission. */
  readonly permission?: false | ((base: NativeBase) => pulumi.Inputs);
  readonly stage?: false | pulumi.Inputs;
  /** Further inputs of the function. */
  readonly functionInputs?: pulumi.Inputs;
  /** Inputs of the credentials role `gateway`. */
  readonly gateway?: pulumi.Inputs;
  readonly gatewayPolicy?: (fn: Native) => Statements;
  /** The statements of the caller's only policy; `false`: the caller has none. */
  readonly caller?: false | ((base: NativeBase) => Statements);
  readonly more?: (base: NativeBase & { caller: Native }) => void;
}

export const grant = (action: string, resource: pulumi.Input<string>): Record<string, unknown> => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});

export const documentOf = (statements: Statements): Record<string, unknown> => ({
  Version: "2012-10-17",
  Statement: statements,
});

export const nativeExecute = ({ executionArn }: NativeBase): Statements => [
  grant("execute-api:Invoke", pulumi.interpolate`${executionArn}/*/GET/orders/*`),
];

const nativeBothActions = (base: NativeBase): Statements => [
  ...nativeExecute(base),
  grant("lambda:InvokeFunction", base.fn.output("arn")),
];

export const invocation = (functionArn: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

export function nativeFunction(name: string, more: pulumi.Inputs = {}): Native {
  const inputs = {
    functionName: name,
    role: "arn:aws:iam::123456789012:role/execution",
    code: { zipFile: "//" },
    ...more,
  };
  return new Native("lambda:Function", name, inputs, ["arn"]);
}

/**
 * A working stack of `aws-native` resources only: a REST API with the IAM-authorized route `GET /orders/{id}` that
 * invokes the function `orders`, which allows API Gateway to invoke it, and the role `caller` with both actions.
 */
export function nativeStack(patch: NativePatch = {}): () => void {
  return () => {
    const fn = nativeFunction("orders", patch.functionInputs);
    const gateway = new Native(
      "iam:Role",
      "gateway",
      {
        roleName: "gateway",
        assumeRolePolicyDocument: trustOf("apigateway.amazonaws.com"),
        policies: [
          {
            policyName: "invokes",
            policyDocument: documentOf(
              patch.gatewayPolicy?.(fn) ?? [grant("lambda:InvokeFunction", fn.output("arn"))],
            ),
          },
        ],
        ...patch.gateway,
      },
      ["arn"],
    );
    const inputs = patch.api?.({ fn, gateway }) ?? {};
    const api = new Native("apigateway:RestApi", "orders-api", { name: "orders-api", ...inputs }, [
      "restApiId",
      "rootResourceId",
    ]);
    const restApiId = api.output("restApiId");
    const executionArn = pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${restApiId}`;
    const base: NativeBase = { fn, gateway, apiId: restApiId, executionArn };
    const methods: Native[] = [];
    if (inputs.body === undefined) {
      let parentId = api.output("rootResourceId");
      for (const pathPart of ["orders", "{id}"])
        parentId = new Native("apigateway:Resource", pathPart, { restApiId, parentId, pathPart }, [
          "resourceId",
        ]).output("resourceId");
      const method = new Native("apigateway:Method", "method", {
        restApiId,
        resourceId: parentId,
        httpMethod: "GET",
        authorizationType: "AWS_IAM",
        integration: {
          type: "AWS_PROXY",
          integrationHttpMethod: "POST",
          uri: invocation(fn.output("arn")),
          ...patch.integration?.(base),
        },
        ...patch.method?.(base),
      });
      methods.push(method);
    }
    if (patch.permission !== false)
      new Native("lambda:Permission", "permission", {
        action: "lambda:InvokeFunction",
        functionName: fn.output("arn"),
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${executionArn}/*/*`,
        ...patch.permission?.(base),
      });
    if (patch.stage !== false) {
      const options = { dependsOn: methods };
      const deployment = new Native(
        "apigateway:Deployment",
        "deployment",
        { restApiId },
        ["deploymentId"],
        options,
      );
      const deploymentId = deployment.output("deploymentId");
      new Native("apigateway:Stage", "stage", { restApiId, deploymentId, stageName: "prod", ...patch.stage });
    }
    const caller = new Native("iam:Role", "caller", {
      roleName: "caller",
      assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
      ...(patch.caller === false
        ? {}
        : {
            policies: [
              { policyName: "calls", policyDocument: documentOf((patch.caller ?? nativeBothActions)(base)) },
            ],
          }),
    });
    patch.more?.({ ...base, caller });
  };
}
