/**
 * A replacement for `@pulumi/aws-native` in programs that import it: resources by their type tokens. Their inputs and
 * outputs are checked against the data derived from the SDK's typings.
 */
import Module from "node:module";
import * as pulumi from "@pulumi/pulumi";
import native from "../testing/aws-native-types.json";

interface Derived {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly computed: readonly string[];
}

const types: Readonly<Record<string, Derived>> = native.types;

function resource(type: string): new (...args: never) => pulumi.CustomResource {
  const typings = types[type];
  if (typings === undefined) throw new Error(`aws-native has no ${type}`);
  const derived: Derived = typings;
  return class extends pulumi.CustomResource {
    constructor(name: string, inputs: pulumi.Inputs = {}, options?: pulumi.CustomResourceOptions) {
      const names = [...derived.required, ...derived.optional];
      for (const input of Object.keys(inputs))
        if (!names.includes(input)) throw new Error(`${type} takes no ${input}`);
      for (const required of derived.required)
        if (inputs[required] === undefined) throw new Error(`${type} needs ${required}`);
      const outputs = Object.fromEntries(
        [...names, ...derived.computed].map((output) => [output, undefined]),
      );
      super(type, name, { ...outputs, ...inputs }, options);
    }
  };
}

const module_ = (name: string): object =>
  new Proxy({}, { get: (_, kind) => resource(`aws-native:${name}:${String(kind)}`) });

export const apigateway = module_("apigateway");
export const apigatewayv2 = module_("apigatewayv2");
export const iam = module_("iam");
export const lambda = module_("lambda");

const invoke = (name: string) => (): pulumi.Output<object> =>
  pulumi.output<object>(pulumi.runtime.invoke(`aws-native:index:${name}`, {}));

export const getAccountIdOutput = invoke("getAccountId");
export const getPartitionOutput = invoke("getPartition");
export const getRegionOutput = invoke("getRegion");

function isInstalled(): boolean {
  try {
    require.resolve("@pulumi/aws-native");
    return true;
  } catch {
    return false;
  }
}

/** Resolves `@pulumi/aws-native` to this module in the programs of a suite, if the SDK is not installed. */
export function withAwsNative(): void {
  if (isInstalled()) return;
  const modules = Module as unknown as { _resolveFilename(request: string, ...rest: unknown[]): string };
  const original = modules._resolveFilename;
  before(() => {
    modules._resolveFilename = function (this: unknown, request, ...rest) {
      return request === "@pulumi/aws-native" ? __filename : original.call(this, request, ...rest);
    };
  });
  after(() => {
    modules._resolveFilename = original;
  });
}
