/** Differences between account data and a state are reported as drift. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { driftOf } from "../../account";
import { describeDrift } from "../../messages/drift";
import { type Plan, plan } from "../../testing";
import { allow, restStack, trustOf } from "../support/rest";
import { ACCOUNT, dataOf, documentOf, existingOf, type Files } from "./support";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/caller`;
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`;
const MANAGED = `arn:aws:iam::${ACCOUNT}:policy/shared`;
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const OWN = documentOf(allow("lambda:InvokeFunction", "*"));

const program = restStack({
  permission: () => ({ statementId: "own" }),
  caller: false,
  more: ({ caller }) => {
    new aws.iam.RolePolicy("own", { name: "own", role: caller.name, policy: OWN as aws.iam.PolicyDocument });
    new aws.iam.RolePolicyAttachment("read", { role: caller.name, policyArn: READ_ONLY });
    new aws.iam.Policy("shared", { name: "shared", policy: OWN as aws.iam.PolicyDocument });
  },
});

interface StackPolicies {
  readonly policies?: readonly object[];
  readonly attached?: readonly string[];
  readonly trust?: object;
  readonly managed?: object;
  readonly role?: object;
}

/** Properties of the stack's resources that AWS assigned. */
let [roleId, apiArn] = ["", ""];

function iam({ policies, attached = [READ_ONLY], trust, managed = OWN, ...more }: StackPolicies): object {
  return {
    RoleDetailList: [
      {
        RoleName: "caller",
        RoleId: roleId,
        Path: "/",
        Arn: ROLE,
        AssumeRolePolicyDocument: trust ?? trustOf("ec2.amazonaws.com"),
        RolePolicyList: policies ?? [{ PolicyName: "own", PolicyDocument: OWN }],
        AttachedManagedPolicies: attached.map((PolicyArn) => ({ PolicyName: "x", PolicyArn })),
        ...more.role,
      },
    ],
    Policies: [
      {
        PolicyName: "shared",
        Arn: MANAGED,
        Path: "/",
        DefaultVersionId: "v1",
        PolicyVersionList: [{ VersionId: "v1", IsDefaultVersion: true, Document: managed }],
      },
    ],
  };
}

function statements(...sids: readonly string[]): object {
  const Statement = sids.map((Sid) => ({
    Sid,
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: FUNCTION,
    Condition: { ArnLike: { "AWS:SourceArn": `${apiArn}/*/*` } },
  }));
  return { Policy: JSON.stringify({ Version: "2012-10-17", Statement }), RevisionId: "1" };
}

describe("drift", () => {
  let state: Plan;
  before(async () => {
    state = await plan(program, { as: "deployed", project: "shop" });
    const outputOf = (name: string, property: string): string =>
      String(state.resources.find((resource) => resource.name === name)?.outputs[property]);
    roleId = outputOf("caller", "uniqueId");
    apiArn = outputOf("orders-api", "executionArn");
  });

  function drift(files: Files): readonly string[] {
    return driftOf(dataOf(files), existingOf(state)).map(describeDrift);
  }

  it("is not reported for the same content in another order or form", () => {
    assert.deepEqual(drift({ "iam.json": iam({}), "policy.json": statements("other", "own") }), []);
    const written = {
      Statement: { Resource: ["*"], Effect: "Allow", Action: ["lambda:InvokeFunction"] },
      Version: "2012-10-17",
    };
    assert.deepEqual(
      drift({ "iam.json": iam({ policies: [{ PolicyName: "own", PolicyDocument: written }] }) }),
      [],
    );
  });

  it("does not include resources that the account data lacks", () => assert.deepEqual(drift({}), []));

  it("does not include additional resources in AWS", () => {
    const more = { PolicyName: "more", PolicyDocument: OWN };
    const policies = [{ PolicyName: "own", PolicyDocument: OWN }, more];
    assert.deepEqual(drift({ "iam.json": iam({ policies, attached: [READ_ONLY, MANAGED] }) }), []);
  });

  const otherDocument = documentOf(allow("s3:GetObject", "*"));
  for (const [part, files, drifts] of [
    [
      "a permission",
      { "p.json": statements("other") },
      'the statement "own" in the resource policy of orders is in the state, but no longer in AWS',
    ],
    [
      "an inline policy",
      { "i.json": iam({ policies: [] }) },
      'the inline policy "own" of caller is in the state, but no longer in AWS',
    ],
    [
      "another inline policy",
      { "i.json": iam({ policies: [{ PolicyName: "own", PolicyDocument: otherDocument }] }) },
      'the inline policy "own" of caller differs between AWS and the state',
    ],
    [
      "an attachment",
      { "i.json": iam({ attached: [] }) },
      `the attachment of ${READ_ONLY} to caller is in the state, but no longer in AWS`,
    ],
    [
      "a trust policy",
      { "i.json": iam({ trust: trustOf("lambda.amazonaws.com") }) },
      "the trust policy of caller differs between AWS and the state",
    ],
    [
      "a managed policy",
      { "i.json": iam({ managed: otherDocument }) },
      "the managed policy shared differs between AWS and the state",
    ],
  ] as const)
    it(`is reported for ${part}`, () =>
      assert.deepEqual(drift(files), [`${drifts} (account data as of 2026-11-27)`]));

  it("is not reported for an account ID that AWS writes as a root ARN", async () => {
    const trusting = (principal: string) =>
      documentOf({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: principal } });
    const existing = [
      {
        urn: "urn:pulumi:dev::shop::aws:iam/role:Role::caller",
        type: "aws:iam/role:Role",
        name: "caller",
        props: { name: "caller", arn: ROLE, assumeRolePolicy: JSON.stringify(trusting(ACCOUNT)) },
      },
    ];
    const data = dataOf({ "i.json": iam({ trust: trusting(`arn:aws:iam::${ACCOUNT}:root`) }) });
    assert.deepEqual(driftOf(data, existing), []);
  });
});
