import * as pulumi from "@pulumi/pulumi";

/**
 * A resource of `@pulumi/aws-native` without its SDK, which is far larger than the rest of the tests: the
 * resource's type token, its inputs, and the outputs that the program uses.
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
