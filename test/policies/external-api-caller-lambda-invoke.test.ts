import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { allow, restStack } from "../support/rest";

const POLICY = "external-api-caller-lambda-invoke";
const EXTERNAL_API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*";
const withCallerOf = (...statements: aws.iam.PolicyStatement[]) => restStack({ caller: () => statements });

/** A stack with only the caller. */
const withCallerOnly = (grant: (role: aws.iam.Role) => void) => (): void => {
  grant(new aws.iam.Role("caller", { assumeRolePolicy: "{}" }));
};

describe(POLICY, () =>
  runCases(
    (
      [
        {
          name: "caller of an external API without lambda:InvokeFunction",
          program: withCallerOf(allow("execute-api:Invoke", EXTERNAL_API)),
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "caller of an external API in a stack with no other resources",
          program: () => {
            const role = new aws.iam.Role("caller", { assumeRolePolicy: "{}" });
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", EXTERNAL_API)] },
            });
          },
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "caller of an API from a StackReference",
          program: () => {
            const role = new aws.iam.Role("caller", { assumeRolePolicy: "{}" });
            const arn = new pulumi.StackReference("org/api/prod").getOutput("executionArn");
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: {
                Version: "2012-10-17",
                Statement: [allow("execute-api:Invoke", pulumi.interpolate`${arn}/*/GET/orders`)],
              },
            });
          },
          plan: {
            stackReferences: {
              "org/api/prod": { executionArn: "arn:aws:execute-api:us-east-1:123456789012:abcdef1234" },
            },
          },
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "caller with lambda:InvokeFunction on a function",
          program: withCallerOf(
            allow("execute-api:Invoke", EXTERNAL_API),
            allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:x"),
          ),
          expected: [],
        },
        {
          name: "caller with an attached policy from another stack",
          program: restStack({
            caller: () => [allow("execute-api:Invoke", EXTERNAL_API)],
            more: ({ caller }) => {
              new aws.iam.RolePolicyAttachment("more", {
                role: caller.name,
                policyArn: "arn:aws:iam::123456789012:policy/x",
              });
            },
          }),
          expected: [],
        },
        {
          name: "grant on every API, in a stack with an API",
          program: withCallerOf(allow("execute-api:Invoke", "*")),
          expected: [],
        },
        {
          name: "grant on every API, in a stack without an API",
          program: withCallerOnly((role) => {
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: {
                Version: "2012-10-17",
                Statement: [allow("execute-api:Invoke", "arn:aws:execute-api:*:*:*")],
              },
            });
          }),
          expected: [],
        },
        ...[
          "AmazonAPIGatewayInvokeFullAccess",
          "AWSIoTDeviceTesterForFreeRTOSFullAccess",
          "service-role/AWSMigrationHubStrategyCollector",
          "AdministratorAccess",
        ].map((policy) => ({
          name: `managed policy ${policy}`,
          program: withCallerOnly((role) => {
            new aws.iam.RolePolicyAttachment("managed", {
              role: role.name,
              policyArn: `arn:aws:iam::aws:policy/${policy}`,
            });
          }),
          expected: [],
        })),
        {
          name: "caller of an API that is looked up",
          program: withCallerOnly((role) => {
            const api = aws.apigateway.RestApi.get("prices", "abcdef1234");
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: {
                Version: "2012-10-17",
                Statement: [
                  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/prices`),
                ],
              },
            });
          }),
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "caller of an API from an unknown stack output",
          program: withCallerOnly((role) => {
            const arn = new pulumi.StackReference("org/api/prod").getOutput("executionArn");
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: {
                Version: "2012-10-17",
                Statement: [allow("execute-api:Invoke", pulumi.interpolate`${arn}/*/GET/prices`)],
              },
            });
          }),
          plan: { stackReferences: { "org/api/prod": { executionArn: UNKNOWN } } },
          expected: [],
        },
        {
          name: "grant with a wildcard in the API's id",
          program: withCallerOf(
            allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abc*/prod/GET/prices"),
          ),
          expected: [],
        },
        {
          name: "grant on @connections only",
          program: withCallerOf(allow("execute-api:Invoke", `${EXTERNAL_API}/POST/@connections/*`)),
          expected: [],
        },
        {
          name: "grant of execute-api:ManageConnections only",
          program: withCallerOf(allow("execute-api:ManageConnections", EXTERNAL_API)),
          expected: [],
        },
        {
          name: "caller of an API of the stack",
          program: restStack({
            caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
          }),
          expected: [],
        },
      ] as Case[]
    ).map((row) => ({ only: [POLICY], ...row })),
  ),
);
