import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { runCases } from "../support/cases";
import { allow, type Base, type Patch, restStack } from "../support/rest";

const POLICY = "iam-route-caller-lambda-invoke";
const only = [
  POLICY,
  "caller-credentials-lambda-invoke",
  "integration-role-lambda-invoke",
  "unproven-access",
];
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${ARN}/invocations`;

const calls = ({ api }: Base): aws.iam.PolicyStatement =>
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`);
const byText = (patch: Patch): (() => void) => restStack({ integration: () => ({ uri: URI }), ...patch });

/** A resource of another provider that strings pass through: a random suffix, a parameter. */
class Carrier extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<string>;
  constructor(name: string, value?: pulumi.Input<string>) {
    super("other:index/carrier:Carrier", name, { value });
  }
}

/**
 * What a document depends on says nothing of functions that the program names by text, or whose ARN comes to
 * it by way of another resource: it may grant them or not, and nothing blocks a first deployment for that.
 */
describe("a function that a document may name without a reference to it", () => {
  runCases(
    [
      {
        name: "by text in the integration and in the caller's document",
        program: byText({ caller: (base) => [calls(base), allow("lambda:InvokeFunction", ARN)] }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
      },
      {
        name: "by text in the integration, and the caller's document lacks it",
        program: byText({ caller: (base) => [calls(base)] }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [`${POLICY} @ caller`] },
      },
      {
        name: "by text, and the caller's documents are shown",
        program: byText({ caller: () => [allow("execute-api:Invoke", "arn:aws:execute-api:*:*:*")] }),
        expected: [`${POLICY} @ caller`],
      },
      {
        name: "by text, and an explicit deny",
        program: byText({
          caller: (base) => [calls(base)],
          more: ({ caller }) => {
            new aws.iam.RolePolicy("never", {
              role: caller.name,
              policy: {
                Version: "2012-10-17",
                Statement: [{ Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" }],
              },
            });
          },
        }),
        expected: [`${POLICY} @ caller`],
      },
      {
        name: "by way of a resource that holds its ARN",
        program: restStack({
          caller: (base) => {
            const { value } = new Carrier("parameter", base.fn.arn);
            return [calls(base), allow("lambda:InvokeFunction", value)];
          },
        }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
      },
    ].map((row) => ({ only, ...row })),
  );
});
