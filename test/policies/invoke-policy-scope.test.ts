import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { document, INLINE, testFindings } from "../support/resources";
import { trustOf } from "../support/rest";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

testFindings("invoke-policy-scope", INLINE, { role: "caller" }, [
  ["lambda:InvokeFunction on a function", document("lambda:InvokeFunction", FUNCTION), 0],
  ["lambda:InvokeFunction on every function", document("lambda:InvokeFunction", "*"), 1],
  [
    "lambda:InvokeFunction on every function in a region",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
    1,
  ],
  [
    "lambda:InvokeFunction on functions with a prefix",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"),
    0,
  ],
  ["execute-api:Invoke on every API", document("execute-api:Invoke", "*"), 1],
  [
    "execute-api:Invoke on every API in every account",
    document("execute-api:Invoke", "arn:aws:execute-api:*:*:*"),
    1,
  ],
  ["execute-api:Invoke on an API", document("execute-api:Invoke", `${API}/*`), 0],
  [
    "Deny of lambda:InvokeFunction on every function",
    document("lambda:InvokeFunction", "*", { Effect: "Deny" }),
    0,
  ],
  ["another service", document("s3:*", "*"), 0],
]);

const WIDE = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }],
});
const ARN = "arn:aws:iam::123456789012:policy/ceiling";
const role = (name: string, more: Partial<aws.iam.RoleArgs> = {}): aws.iam.Role =>
  new aws.iam.Role(name, { assumeRolePolicy: trustOf("lambda.amazonaws.com"), ...more });
const wide = (name = "ceiling"): aws.iam.Policy => new aws.iam.Policy(name, { name, policy: WIDE });
const FOUND = ["invoke-policy-scope @ ceiling"];

/**
 * A permissions boundary does not grant permissions:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
const rows: readonly (readonly [string, () => void, readonly string[]])[] = [
  ["permissions boundary of a role", () => void role("r", { permissionsBoundary: wide().arn }), []],
  [
    "permissions boundary of a user",
    () => void new aws.iam.User("u", { permissionsBoundary: wide().arn }),
    [],
  ],
  [
    "permissions boundary of a role, by a literal ARN",
    () => {
      wide();
      role("r", { permissionsBoundary: ARN });
    },
    [],
  ],
  ["managed policy that is not attached", () => void wide(), FOUND],
  [
    "permissions boundary of one role, attached to another role",
    () => {
      const policy: { arn: pulumi.Input<string> } = wide();
      role("r", { permissionsBoundary: policy.arn });
      new aws.iam.RolePolicyAttachment("a", { role: role("other").name, policyArn: policy.arn });
    },
    FOUND,
  ],
  [
    "permissions boundary that is also in managedPolicyArns",
    () => {
      const { arn } = wide();
      role("r", { permissionsBoundary: arn, managedPolicyArns: [arn] });
    },
    FOUND,
  ],
  [
    "permissions boundary that a PolicyAttachment also attaches",
    () => {
      const { arn } = wide();
      new aws.iam.PolicyAttachment("a", {
        policyArn: arn,
        roles: [role("r", { permissionsBoundary: arn }).name],
      });
    },
    FOUND,
  ],
];
describe("invoke-policy-scope: managed policies", () =>
  runCases(
    rows.map(
      ([name, program, expected]): Case => ({ name, program, expected, only: ["invoke-policy-scope"] }),
    ),
  ));
