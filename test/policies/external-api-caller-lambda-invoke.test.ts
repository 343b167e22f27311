import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { allow, restStack } from "../support/rest";

const POLICY = "external-api-caller-lambda-invoke";
const elsewhere = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/*";
const external = (...statements: aws.iam.PolicyStatement[]) => restStack({ caller: () => statements });

/** A stack of nothing but the caller. */
const alone = (grant: (role: aws.iam.Role) => void) => (): void => {
  grant(new aws.iam.Role("caller", { assumeRolePolicy: "{}" }));
};

describe(POLICY, () =>
  runCases(
    (
      [
        {
          name: "calls an API outside, holds no lambda",
          program: external(allow("execute-api:Invoke", elsewhere)),
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "in a stack of nothing else",
          program: () => {
            const role = new aws.iam.Role("caller", { assumeRolePolicy: "{}" });
            new aws.iam.RolePolicy("call", {
              role: role.name,
              policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", elsewhere)] },
            });
          },
          expected: [`${POLICY} @ caller`],
        },
        {
          name: "by reference to another stack",
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
          name: "holds lambda for some function",
          program: external(
            allow("execute-api:Invoke", elsewhere),
            allow("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:x"),
          ),
          expected: [],
        },
        {
          name: "may hold more than the plan shows",
          program: restStack({
            caller: () => [allow("execute-api:Invoke", elsewhere)],
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
          name: "every API of a stack with one",
          program: external(allow("execute-api:Invoke", "*")),
          expected: [],
        },
        {
          name: "every API, in a stack without one",
          program: alone((role) => {
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
          name: `the managed policy ${policy}`,
          program: alone((role) => {
            new aws.iam.RolePolicyAttachment("managed", {
              role: role.name,
              policyArn: `arn:aws:iam::aws:policy/${policy}`,
            });
          }),
          expected: [],
        })),
        {
          name: "looked up",
          program: alone((role) => {
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
          name: "of a stack whose outputs are not there yet",
          program: alone((role) => {
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
          name: "a wildcard in the id",
          program: external(
            allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abc*/prod/GET/prices"),
          ),
          expected: [],
        },
        {
          name: "@connections",
          program: external(allow("execute-api:Invoke", `${elsewhere}/POST/@connections/*`)),
          expected: [],
        },
        {
          name: "ManageConnections only",
          program: external(allow("execute-api:ManageConnections", elsewhere)),
          expected: [],
        },
        {
          name: "an API of the stack",
          program: restStack({
            caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)],
          }),
          expected: [],
        },
      ] as Case[]
    ).map((row) => ({ only: [POLICY], ...row })),
  ),
);
