/**
 * Permissions boundaries of callers, from the program to the finding. What a boundary does to a decision is in
 * test/iam/evaluate.test.ts; boundaries that an account's data have in test/account.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allowDocument, executeApi, invokeFunction, roleWithPolicy, shop } from "../support/programs";
import { allow, type Base, executeOnly, restStack, trustOf } from "../support/rest";

const INVOKE = "iam-route-caller-lambda-invoke";
const EXECUTE = "caller-execute-api-invoke";
const only = [INVOKE, EXECUTE, "unproven-access"];

function cases(title: string, rows: readonly Case[]): void {
  describe(`permissions boundaries ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

/** A role that holds both actions, within a boundary. */
const boundary = (arn: (base: Base) => pulumi.Input<string>): (() => void) =>
  restStack({
    caller: false,
    more: (base) => {
      const bound = new aws.iam.Role("bound", {
        assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        permissionsBoundary: arn(base),
      });
      new aws.iam.RolePolicy("all", {
        role: bound.name,
        policy: {
          Version: "2012-10-17",
          Statement: [...executeOnly(base), allow("lambda:InvokeFunction", base.fn.arn)],
        },
      });
    },
  });

cases("that are shown", [
  {
    name: "that holds both",
    program: boundary(() => "arn:aws:iam::aws:policy/PowerUserAccess"),
    expected: [],
  },
  {
    name: "that allows neither",
    program: boundary(() => "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    expected: [`${EXECUTE} @ bound`],
  },
  {
    name: "that allows execute-api alone",
    program: boundary(() => aws.iam.ManagedPolicy.AmazonAPIGatewayInvokeFullAccess),
    expected: [`${INVOKE} @ bound`],
    messageIncludes: ["boundary"],
  },
  {
    name: "that is not known",
    program: boundary(() => "arn:aws:iam::123456789012:policy/boundary"),
    expected: ["unproven-access @ bound"],
  },
  {
    name: "of this stack",
    program: boundary(
      () =>
        new aws.iam.Policy("boundary", {
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:*", "*"), allow("lambda:*", "*")] },
        }).arn,
    ),
    expected: [],
  },
  {
    name: "of this stack, without lambda",
    program: boundary(
      () =>
        new aws.iam.Policy("boundary", {
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:*", "*")] },
        }).arn,
    ),
    expected: [`${INVOKE} @ bound`],
  },
]);

/** On a first preview and in an update, in which the bucket is new, the boundary is unknown. */
const bounded = (...statements: readonly object[]) => {
  return () => {
    const base = shop();
    const bucket = new aws.s3.Bucket("new-bucket");
    const policy = pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [...statements, { Effect: "Deny", Action: "s3:DeleteBucket", Resource: bucket.arn }],
    });
    const boundary = new aws.iam.Policy("boundary", { policy });
    roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { permissionsBoundary: boundary.arn });
  };
};
const OPEN = ["unproven-access @ app"];

cases("that are not shown", [
  {
    name: "never deny, though they are not called wide either",
    program: bounded({ Effect: "Allow", Action: "*", Resource: "*" }),
    expected: { "first-preview": OPEN, deployed: [] },
    update: { creates: ["new-bucket"], expected: OPEN },
  },
  {
    name: "deny once they are shown",
    program: bounded({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }),
    expected: { "first-preview": OPEN, deployed: [`${EXECUTE} @ app`] },
    update: { creates: ["new-bucket"], expected: OPEN },
  },
  {
    name: "allow what they depend on",
    program: () => {
      const base = shop();
      const boundary = new aws.iam.Policy("boundary", {
        policy: allowDocument(executeApi(base), invokeFunction(base)),
      });
      roleWithPolicy("app", [executeApi(base), invokeFunction(base)], { permissionsBoundary: boundary.arn });
    },
    expected: [],
  },
]);
