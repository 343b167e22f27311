import { notStrictEqual, strictEqual } from "node:assert";
import { Unknown } from "../../iam";
import { readStack, type SeenResource } from "../../stack";

const document = (Resource: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource }],
  });

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const role = (name: string): SeenResource => ({
  type: "aws:iam/role:Role",
  name,
  urn: `urn:pulumi:dev::shop::aws:iam/role:Role::${name}`,
  props: {
    name,
    assumeRolePolicy: TRUST,
    inlinePolicies: [{ name: "invoke", policy: document("*") }],
    managedPolicyArns: ["arn:aws:iam::aws:policy/AWSLambda_FullAccess"],
  },
});

/** The documents of each role: its policies, and its trust policy. */
const documentsOf = () =>
  readStack([role("first"), role("second")], "infer").principals.map(({ sources, trust }) => [
    ...sources.map((source) => source.document),
    trust instanceof Unknown ? trust : trust?.document,
  ]);

describe("equal documents of several principals", () => {
  it("are parsed once for a stack", () => {
    const [first = [], second = []] = documentsOf();
    strictEqual(first.length, 3);
    first.forEach((parsed, index) => {
      strictEqual(parsed, second[index]);
    });
  });

  it("are parsed again for the next stack", () => {
    const [first = []] = documentsOf();
    const [next = []] = documentsOf();
    first.forEach((parsed, index) => {
      notStrictEqual(parsed, next[index]);
    });
  });
});
