import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, executeOnly, restStack } from "../support/rest";

/** A value that is unknown in first previews. */
const hidden = (output: pulumi.Output<string>, value: string): pulumi.Output<string> =>
  output.apply(() => value);

const source = (tail: string) => (base: Base) => ({
  sourceArn: pulumi.interpolate`${base.api.executionArn}${tail}`,
});

const invocation = (functionArn: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

const both = (first: readonly string[], deployed: readonly string[]): Case["expected"] => ({
  "first-preview": first,
  deployed,
});

const DENIED = ["route-function-permission @ integration"];
const UNPROVEN = ["unproven-access @ integration"];

class Older extends pulumi.CustomResource {}

/** `aws.apigateway.Deployment` of `@pulumi/aws` version 6, which creates the stage if it has a stage name. */
function olderDeployment({ api }: Base, inputs: Record<string, unknown> = {}): void {
  new Older("aws:apigateway/deployment:Deployment", "older", {
    restApi: api.id,
    stageName: "live",
    ...inputs,
  });
}

describe("REST APIs", () => {
  runCases(
    [
      {
        name: "an unknown method, with a permission for any method",
        program: restStack({ verb: (fn) => hidden(fn.arn, "GET"), caller: false }),
        expected: [],
      },
      {
        name: "an unknown method, with a permission for one method",
        program: restStack({
          verb: (fn) => hidden(fn.arn, "GET"),
          caller: false,
          permission: () => ({
            sourceArn: "arn:aws:execute-api:us-east-1:123456789012:*/*/GET/orders/*",
          }),
        }),
        expected: both(UNPROVEN, []),
      },
      {
        name: "an unknown method, with a permission for another path",
        program: restStack({
          verb: (fn) => hidden(fn.arn, "GET"),
          caller: false,
          permission: () => ({
            sourceArn: "arn:aws:execute-api:us-east-1:123456789012:*/*/*/refunds",
          }),
        }),
        expected: DENIED,
      },
      {
        name: "an unknown method, and a caller that may not invoke the function",
        program: restStack({ verb: (fn) => hidden(fn.arn, "GET"), caller: executeOnly }),
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "a stage that the deployment creates",
        program: restStack({
          stage: false,
          caller: false,
          permission: source("/live/*/*"),
          more: (base) => olderDeployment(base),
        }),
        expected: [],
      },
      {
        name: "a permission for another stage than the deployment creates",
        program: restStack({
          stage: false,
          caller: false,
          permission: source("/prod/*/*"),
          more: (base) => olderDeployment(base),
        }),
        expected: both([], DENIED),
      },
      {
        name: "variables of a stage that the deployment creates",
        program: restStack({
          stage: false,
          caller: false,
          integration: () => ({
            uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}/invocations",
          }),
          more: (base) => olderDeployment(base, { variables: { fn: "orders" } }),
        }),
        expected: [],
      },
      {
        name: "a qualifier appended to the function's ARN",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({ uri: invocation(pulumi.interpolate`${fn.arn}:live`) }),
          permission: () => ({ qualifier: "live" }),
        }),
        expected: both(UNPROVEN, []),
      },
      {
        name: "a qualifier appended to the function's ARN, and a permission for another API",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({ uri: invocation(pulumi.interpolate`${fn.arn}:live`) }),
          permission: () => ({
            qualifier: "live",
            sourceArn: pulumi.interpolate`${new aws.apigateway.RestApi("other").executionArn}/*/*`,
          }),
        }),
        expected: DENIED,
      },
      {
        name: "a qualifier appended to the function's ARN, and a caller of that alias",
        program: restStack({
          integration: ({ fn }) => ({ uri: invocation(pulumi.interpolate`${fn.arn}:live`) }),
          permission: () => ({ qualifier: "live" }),
          more: ({ caller }) => {
            new aws.iam.RolePolicy("alias-policy", {
              role: caller.name,
              policy: {
                Version: "2012-10-17",
                Statement: [
                  allow(
                    "lambda:InvokeFunction",
                    "arn:aws:lambda:us-east-1:123456789012:function:orders:live",
                  ),
                ],
              },
            });
          },
          caller: executeOnly,
        }),
        expected: both(["unproven-access @ caller"], []),
      },
      {
        name: "an alias by stage variable, as in AWS's guide",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({
            uri: invocation(pulumi.interpolate`${fn.arn}:\${stageVariables.alias}`),
          }),
          permission: () => ({ qualifier: "live" }),
          stage: false,
          more: (base) => olderDeployment(base, { variables: { alias: "live" } }),
        }),
        expected: both(UNPROVEN, []),
      },
      {
        name: "an alias of the stack, and a permission on the function",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({
            uri: new aws.lambda.Alias("live", {
              name: "live",
              functionName: fn.name,
              functionVersion: "1",
            }).invokeArn,
          }),
          permission: ({ fn }) => ({ function: fn.arn }),
        }),
        expected: DENIED,
      },
      {
        name: "a streamed response",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({
            uri: fn.responseStreamingInvokeArn,
            responseTransferMode: "STREAM",
          }),
        }),
        expected: [],
      },
      {
        name: "a streamed response, and no permission",
        program: restStack({
          caller: false,
          permission: false,
          integration: ({ fn }) => ({
            uri: fn.responseStreamingInvokeArn,
            responseTransferMode: "STREAM",
          }),
        }),
        expected: DENIED,
      },
      {
        name: "a streamed response by a buffered integration",
        program: restStack({
          caller: false,
          integration: ({ fn }) => ({ uri: fn.responseStreamingInvokeArn }),
        }),
        expected: both([], ["lambda-integration-request @ integration"]),
      },
      {
        name: "a plain integration whose URI is unknown and depends on another service",
        program: restStack({
          permission: false,
          caller: false,
          integration: ({ gateway }) => ({
            type: "AWS",
            credentials: gateway.arn,
            uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:sqs:path/123456789012/${new aws.sqs.Queue("queue").name}`,
          }),
        }),
        expected: [],
      },
      {
        name: "a plain integration whose URI is unknown and depends on nothing in the stack",
        program: restStack({
          permission: false,
          caller: false,
          integration: ({ gateway }) => ({
            type: "AWS",
            credentials: gateway.arn,
            uri: new pulumi.StackReference("elsewhere").requireOutput("uri") as pulumi.Output<string>,
          }),
        }),
        plan: { stackReferences: { elsewhere: { uri: UNKNOWN } } },
        expected: both(["unproven-access @ gateway"], []),
      },
      {
        name: "an unknown plain integration with a role that may invoke no function",
        program: restStack({
          permission: false,
          caller: false,
          gatewayPolicy: () => [allow("sqs:SendMessage", "*")],
          integration: ({ gateway }) => ({
            type: "AWS",
            credentials: gateway.arn,
            uri: new pulumi.StackReference("elsewhere").requireOutput("uri") as pulumi.Output<string>,
          }),
        }),
        plan: { stackReferences: { elsewhere: { uri: UNKNOWN } } },
        expected: both(["unproven-access @ gateway"], []),
      },
      {
        name: "another action of Lambda's API",
        program: restStack({
          permission: false,
          caller: executeOnly,
          integration: ({ gateway }) => ({
            type: "AWS",
            credentials: gateway.arn,
            integrationHttpMethod: "GET",
            uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/orders/configuration",
          }),
        }),
        expected: [],
      },
    ],
    ["lambda-permission-scope", "invoke-policy-scope", "caller-execute-api-invoke"],
  );
});

const PRIVATE = { endpointConfiguration: { types: "PRIVATE" } } as const;
/** A resource policy that allows everyone through one VPC endpoint. */
const byEndpoint = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
    {
      Effect: "Deny",
      Principal: "*",
      Action: "execute-api:Invoke",
      Resource: "execute-api:/*",
      Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-0123456789abcdef0" } },
    },
  ],
});
const ROUTE_DENIED = ["caller-execute-api-invoke @ caller"];
const CLOSED = [...ROUTE_DENIED, "rest-api-resource-policy @ orders-api"];

describe("private APIs", () => {
  runCases(
    [
      {
        name: "healthy, with any VPC endpoint",
        program: restStack({ api: { ...PRIVATE, policy: byEndpoint } }),
        expected: [],
      },
      {
        name: "a caller that may not invoke the function",
        program: restStack({ api: { ...PRIVATE, policy: byEndpoint }, caller: executeOnly }),
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "an API that is not private, with a condition on the VPC endpoint",
        program: restStack({ api: { policy: byEndpoint } }),
        expected: ROUTE_DENIED,
      },
      {
        name: "no resource policy",
        program: restStack({ api: PRIVATE }),
        expected: CLOSED,
      },
      {
        name: "no resource policy, private by an import parameter",
        program: restStack({ api: { parameters: { endpointConfigurationTypes: "PRIVATE" } } }),
        // Once deployed, the API has its endpoint type. The testing kit does not import bodies.
        expected: both(CLOSED, []),
      },
      {
        name: "a resource policy",
        program: restStack({
          api: PRIVATE,
          more: ({ api }) => {
            new aws.apigateway.RestApiPolicy("policy", { restApiId: api.id, policy: byEndpoint });
          },
        }),
        expected: [],
      },
      {
        name: "an unknown resource policy",
        program: restStack({
          api: PRIVATE,
          more: ({ api, caller }) => {
            new aws.apigateway.RestApiPolicy("policy", {
              restApiId: api.id,
              policy: pulumi.jsonStringify({
                Version: "2012-10-17",
                Statement: [
                  {
                    Effect: "Allow",
                    Principal: { AWS: caller.arn },
                    Action: "execute-api:Invoke",
                    Resource: "execute-api:/*",
                  },
                ],
              }),
            });
          },
        }),
        expected: [],
      },
    ],
    ["lambda-permission-scope", "invoke-policy-scope"],
  );
});
