/**
 * Permissions boundaries of callers, from the program to the finding. Their effect on a decision is tested in
 * test/iam/evaluate.test.ts, and boundaries from account data in test/account.
 *
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
  describe(`permissions boundaries: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

/** A role with both actions and a permissions boundary. */
const withBoundary = (arn: (base: Base) => pulumi.Input<string>): (() => void) =>
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

cases("known", [
  {
    name: "boundary with both actions",
    program: withBoundary(() => "arn:aws:iam::aws:policy/PowerUserAccess"),
    expected: [],
  },
  {
    name: "boundary with neither action",
    program: withBoundary(() => "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    expected: [`${EXECUTE} @ bound`],
  },
  {
    name: "boundary with execute-api only",
    program: withBoundary(() => aws.iam.ManagedPolicy.AmazonAPIGatewayInvokeFullAccess),
    expected: [`${INVOKE} @ bound`],
    messageIncludes: ["boundary"],
  },
  {
    name: "boundary outside the stack",
    program: withBoundary(() => "arn:aws:iam::123456789012:policy/boundary"),
    expected: ["unproven-access @ bound"],
  },
  {
    name: "boundary in the stack with both actions",
    program: withBoundary(
      () =>
        new aws.iam.Policy("boundary", {
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:*", "*"), allow("lambda:*", "*")] },
        }).arn,
    ),
    expected: [],
  },
  {
    name: "boundary in the stack without lambda",
    program: withBoundary(
      () =>
        new aws.iam.Policy("boundary", {
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:*", "*")] },
        }).arn,
    ),
    expected: [`${INVOKE} @ bound`],
  },
]);

/** On a first preview and in an update, in which the bucket is new, the boundary is unknown. */
const withUnknownBoundary = (...statements: readonly object[]) => {
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
const UNPROVEN = ["unproven-access @ app"];

cases("unknown", [
  {
    name: "boundary with every action, once it is known",
    program: withUnknownBoundary({ Effect: "Allow", Action: "*", Resource: "*" }),
    expected: { "first-preview": UNPROVEN, deployed: [] },
    update: { creates: ["new-bucket"], expected: UNPROVEN },
  },
  {
    name: "boundary without execute-api, once it is known",
    program: withUnknownBoundary({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }),
    expected: { "first-preview": UNPROVEN, deployed: [`${EXECUTE} @ app`] },
    update: { creates: ["new-bucket"], expected: UNPROVEN },
  },
  {
    name: "boundary that depends on the API and the function",
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
