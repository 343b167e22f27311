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

const executeGrant = ({ api }: Base): aws.iam.PolicyStatement =>
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`);
const withLiteralArn = (patch: Patch): (() => void) =>
  restStack({ integration: () => ({ uri: URI }), ...patch });

/** A resource of another provider with a string as its value, such as a parameter. */
class Carrier extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<string>;
  constructor(name: string, value?: pulumi.Input<string>) {
    super("other:index/carrier:Carrier", name, { value });
  }
}

/**
 * A document's dependencies do not include functions with a literal ARN or with an ARN from another resource. The
 * document may allow them or not, so a first preview is unproven instead of denied.
 */
describe("functions with a literal ARN", () => {
  runCases(
    [
      {
        name: "literal ARN in the integration and in the caller's document",
        program: withLiteralArn({
          caller: (base) => [executeGrant(base), allow("lambda:InvokeFunction", ARN)],
        }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
      },
      {
        name: "literal ARN in the integration, caller without lambda:InvokeFunction",
        program: withLiteralArn({ caller: (base) => [executeGrant(base)] }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [`${POLICY} @ caller`] },
      },
      {
        name: "literal ARN in the integration, caller with known documents without lambda:InvokeFunction",
        program: withLiteralArn({ caller: () => [allow("execute-api:Invoke", "arn:aws:execute-api:*:*:*")] }),
        expected: [`${POLICY} @ caller`],
      },
      {
        name: "literal ARN in the integration, caller with a Deny",
        program: withLiteralArn({
          caller: (base) => [executeGrant(base)],
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
        name: "ARN from a parameter in the caller's document",
        program: restStack({
          caller: (base) => {
            const { value } = new Carrier("parameter", base.fn.arn);
            return [executeGrant(base), allow("lambda:InvokeFunction", value)];
          },
        }),
        expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
      },
    ].map((row) => ({ only, ...row })),
  );
});
