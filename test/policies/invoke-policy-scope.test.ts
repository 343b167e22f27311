import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { document, INLINE, testFindings } from "../support/resources";
import { trustOf } from "../support/rest";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";

testFindings("invoke-policy-scope", INLINE, { role: "caller" }, [
  ["a function", document("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", document("lambda:InvokeFunction", "*"), 1],
  [
    "every function of a region",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
    1,
  ],
  [
    "functions by prefix",
    document("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:shop-*"),
    0,
  ],
  ["every API", document("execute-api:Invoke", "*"), 1],
  ["every API of the account", document("execute-api:Invoke", "arn:aws:execute-api:*:*:*"), 1],
  ["an API", document("execute-api:Invoke", `${API}/*`), 0],
  ["a deny of every function", document("lambda:InvokeFunction", "*", { Effect: "Deny" }), 0],
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

/** A boundary grants nothing: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
const rows: readonly (readonly [string, () => void, readonly string[]])[] = [
  ["the boundary of a role", () => void role("r", { permissionsBoundary: wide().arn }), []],
  ["the boundary of a user", () => void new aws.iam.User("u", { permissionsBoundary: wide().arn }), []],
  [
    "the boundary of a role by a literal ARN",
    () => {
      wide();
      role("r", { permissionsBoundary: ARN });
    },
    [],
  ],
  ["a policy without a principal", () => void wide(), FOUND],
  [
    "the boundary of one role and attached to another",
    () => {
      const policy: { arn: pulumi.Input<string> } = wide();
      role("r", { permissionsBoundary: policy.arn });
      new aws.iam.RolePolicyAttachment("a", { role: role("other").name, policyArn: policy.arn });
    },
    FOUND,
  ],
  [
    "a boundary that a role lists, too",
    () => {
      const { arn } = wide();
      role("r", { permissionsBoundary: arn, managedPolicyArns: [arn] });
    },
    FOUND,
  ],
  [
    "a boundary that a PolicyAttachment attaches, too",
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
describe("invoke-policy-scope: a managed policy that is", () =>
  runCases(
    rows.map(
      ([name, program, expected]): Case => ({ name, program, expected, only: ["invoke-policy-scope"] }),
    ),
  ));
