/** Verdicts that are unproven from the stack alone and decided with account data. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountData, readAccountFile } from "../../account";
import { analyze } from "../../engine/analyze";
import { buildReport } from "../../report";
import type { Report } from "../../report/model";
import { type PolicyConfig, plan } from "../../testing";
import { allow, bothActions, type Patch, restStack } from "../support/rest";

const ACCOUNT = "123456789012";
const TRUST = (service: string): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});
const documentOf = (...statements: readonly object[]): object => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** A role in the shape of the published model of GetAccountAuthorizationDetails, as the AWS CLI prints it. */
function role(name: string, more: object = {}): object {
  return {
    Path: "/",
    RoleName: name,
    RoleId: "AROAACCOUNTDATA00001",
    Arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    CreateDate: "2024-01-01T00:00:00+00:00",
    AssumeRolePolicyDocument: TRUST("apigateway.amazonaws.com"),
    InstanceProfileList: [],
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    Tags: [],
    RoleLastUsed: {},
    ...more,
  };
}

function managed(name: string, document: object): object {
  return {
    PolicyName: name,
    PolicyId: "ANPAACCOUNTDATA00001",
    Arn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    Path: "/",
    DefaultVersionId: "v2",
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    PolicyVersionList: [
      {
        Document: document,
        VersionId: "v2",
        IsDefaultVersion: true,
        CreateDate: "2024-01-01T00:00:00+00:00",
      },
      {
        Document: documentOf({ Effect: "Deny", Action: "*", Resource: "*" }),
        VersionId: "v1",
        IsDefaultVersion: false,
      },
    ],
  };
}

function details(parts: {
  roles?: readonly object[];
  users?: readonly object[];
  groups?: readonly object[];
  policies?: readonly object[];
}): object {
  const { roles = [], users = [], groups = [], policies = [] } = parts;
  return { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies };
}

async function reported(patch: Patch, files: readonly object[], config: PolicyConfig = {}): Promise<Report> {
  const planned = await plan(restStack(patch), { as: "deployed", project: "shop" });
  const read = files.map((file) => {
    const found = readAccountFile(JSON.parse(JSON.stringify(file)));
    assert.ok(found !== undefined);
    return { ...found, file: "data.json", asOf: "2026-11-27" };
  });
  const analysis = await analyze(planned.resources, config, undefined, { account: read });
  assert.deepEqual(analysis.faults, []);
  return buildReport({ version: "1", inputs: [], resources: planned.resources, analysis });
}

const gate = ({ answers }: Report, name: string) => answers.filter((answer) => answer.gate === name);
const outcomes = (report: Report, name: string): readonly string[] =>
  gate(report, name).map(({ outcome }) => outcome);

const ROLE = `arn:aws:iam::${ACCOUNT}:role/shared-gateway`;
const credentials: Patch = { integration: () => ({ credentials: ROLE }) };
const invokes = allow("lambda:InvokeFunction", "*");

describe("account data", () => {
  describe("a credentials role of another stack", () => {
    it("is unproven without account data", async () => {
      assert.deepEqual(outcomes(await reported(credentials, []), "role-function"), ["unproven"]);
    });

    for (const [reason, file, outcome] of [
      [
        "an inline policy allows the function",
        details({
          roles: [
            role("shared-gateway", {
              RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }],
            }),
          ],
        }),
        "allowed",
      ],
      [
        "a policy document with percent-encoding allows the function",
        details({
          roles: [
            role("shared-gateway", {
              RolePolicyList: [
                {
                  PolicyName: "own",
                  PolicyDocument: encodeURIComponent(JSON.stringify(documentOf(invokes))),
                },
              ],
            }),
          ],
        }),
        "allowed",
      ],
      [
        "the default version of a customer managed policy allows the function",
        details({
          roles: [
            role("shared-gateway", {
              AttachedManagedPolicies: [
                { PolicyName: "calls", PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/calls` },
              ],
            }),
          ],
          policies: [managed("calls", documentOf(invokes))],
        }),
        "allowed",
      ],
      [
        "an AWS managed policy allows the function",
        details({
          roles: [
            role("shared-gateway", {
              AttachedManagedPolicies: [
                {
                  PolicyName: "AWSLambdaRole",
                  PolicyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaRole",
                },
              ],
            }),
          ],
        }),
        "allowed",
      ],
      ["the role has no policies", details({ roles: [role("shared-gateway")] }), "denied"],
      [
        "an inline policy allows another function only",
        details({
          roles: [
            role("shared-gateway", {
              RolePolicyList: [
                {
                  PolicyName: "own",
                  PolicyDocument: documentOf(
                    allow("lambda:InvokeFunction", `arn:aws:lambda:us-east-1:${ACCOUNT}:function:other`),
                  ),
                },
              ],
            }),
          ],
        }),
        "denied",
      ],
      [
        "the permissions boundary does not allow the function",
        details({
          roles: [
            role("shared-gateway", {
              RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }],
              PermissionsBoundary: {
                PermissionsBoundaryType: "Policy",
                PermissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/limit`,
              },
            }),
          ],
          policies: [managed("limit", documentOf(allow("s3:*", "*")))],
        }),
        "denied",
      ],
      [
        "the account data lacks an attached policy",
        details({
          roles: [
            role("shared-gateway", {
              AttachedManagedPolicies: [{ PolicyName: "x", PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/x` }],
            }),
          ],
        }),
        "unproven",
      ],
      [
        "the role does not trust API Gateway",
        details({
          roles: [
            role("shared-gateway", {
              AssumeRolePolicyDocument: TRUST("ec2.amazonaws.com"),
              RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }],
            }),
          ],
        }),
        "denied",
      ],
      [
        "the account data contains only a role with another name",
        details({
          roles: [
            role("shared", { RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }] }),
          ],
        }),
        "unproven",
      ],
    ] as const)
      it(`is ${outcome}: ${reason}`, async () => {
        const found = outcomes(await reported(credentials, [file]), "role-function");
        assert.ok(
          found.includes(outcome) &&
            found.every((foundOutcome) => foundOutcome === outcome || foundOutcome === "allowed"),
          found.join(),
        );
      });

    it("shows the date of the account data in the evidence", async () => {
      const file = details({
        roles: [
          role("shared-gateway", {
            RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }],
          }),
        ],
      });
      const [answer] = gate(await reported(credentials, [file]), "role-function");
      assert.match(
        answer?.evidence.join("\n") ?? "",
        /inline policy "own" of role "shared-gateway" \(account data as of 2026-11-27\)/,
      );
    });

    it("is reported on a resource of the stack if it is denied", async () => {
      const { findings } = await reported(credentials, [details({ roles: [role("shared-gateway")] })]);
      const roleFindings = findings.filter(({ policy }) => policy === "integration-role-lambda-invoke");
      assert.ok(roleFindings.length > 0);
      for (const { urn } of roleFindings) assert.match(urn, /^urn:pulumi:dev::shop::/);
    });
  });

  describe("policies of the account on principals of the stack", () => {
    const byArn: Patch = {
      caller: false,
      more: ({ caller }) => {
        new aws.iam.RolePolicyAttachment("both", {
          role: caller.name,
          policyArn: `arn:aws:iam::${ACCOUNT}:policy/both`,
        });
      },
    };
    const both = documentOf(allow("execute-api:Invoke", "*"), invokes);

    it("are unknown without account data and decide with it", async () => {
      const config = { "iam-route-caller-lambda-invoke": { callers: [{ principal: "caller" }] } };
      assert.deepEqual(outcomes(await reported(byArn, [], config), "caller-function"), ["unproven"]);
      const file = details({ policies: [managed("both", both)] });
      assert.deepEqual(outcomes(await reported(byArn, [file], config), "caller-function"), ["allowed"]);
      const fewerPolicies = details({
        policies: [managed("both", documentOf(allow("execute-api:Invoke", "*")))],
      });
      assert.deepEqual(outcomes(await reported(byArn, [fewerPolicies], config), "caller-function"), [
        "denied",
      ]);
    });
  });

  describe("an external role to which the stack attaches policies", () => {
    const given: Patch = {
      caller: false,
      more: ({ api }) => {
        new aws.iam.RolePolicy("calls", {
          name: "calls",
          role: "batch",
          policy: pulumi.jsonStringify(
            documentOf(allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`)),
          ),
        });
      },
    };

    it("is decided by its other policies in the account data", async () => {
      assert.deepEqual(outcomes(await reported(given, []), "caller-function"), ["unproven"]);
      const withoutShared = await reported(given, [details({ roles: [role("batch")] })]);
      assert.deepEqual(outcomes(withoutShared, "caller-function"), ["denied"]);
      for (const { urn } of withoutShared.findings) assert.match(urn, /^urn:pulumi:dev::shop::/);
      const roleDetails = details({
        roles: [
          role("batch", { RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(invokes) }] }),
        ],
      });
      assert.deepEqual(outcomes(await reported(given, [roleDetails]), "caller-function"), ["allowed"]);
    });

    it("has an inline policy as the stack declares it, not as in the account data", async () => {
      const before = details({
        roles: [
          role("batch", { RolePolicyList: [{ PolicyName: "calls", PolicyDocument: documentOf(invokes) }] }),
        ],
      });
      assert.deepEqual(outcomes(await reported(given, [before]), "caller-function"), ["denied"]);
    });
  });

  it("ignores resources of the stack and principals that the stack does not name", async () => {
    const admin = role("admin", {
      RolePolicyList: [{ PolicyName: "all", PolicyDocument: documentOf(allow("execute-api:*", "*")) }],
    });
    const caller = role("caller", {
      RolePolicyList: [
        { PolicyName: "no", PolicyDocument: documentOf({ Effect: "Deny", Action: "*", Resource: "*" }) },
      ],
    });
    const plain = await reported({ caller: bothActions }, []);
    const withData = await reported({ caller: bothActions }, [details({ roles: [admin, caller] })]);
    assert.deepEqual(withData, plain);
  });

  describe("a function of another stack", () => {
    const arn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:elsewhere`;
    const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;
    const patch: Patch = { permission: false, integration: () => ({ uri }) };
    const policy = (statement: object): object => ({
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Id: "default",
        Statement: [
          { Sid: "s", Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn, ...statement },
        ],
      }),
      RevisionId: "1",
    });

    it("is unproven without account data and decided by its policy", async () => {
      assert.deepEqual(outcomes(await reported(patch, []), "route-function"), ["unproven"]);
      const open = policy({ Principal: { Service: "apigateway.amazonaws.com" } });
      assert.deepEqual(outcomes(await reported(patch, [open]), "route-function"), ["allowed"]);
      const otherPolicy = policy({ Principal: { Service: "s3.amazonaws.com" } });
      const denied = await reported(patch, [otherPolicy]);
      assert.deepEqual(outcomes(denied, "route-function"), ["denied"]);
      for (const { urn } of denied.findings) assert.match(urn, /^urn:pulumi:dev::shop::/);
    });

    it("does not decide aliases, which have their own policies", async () => {
      const alias: Patch = {
        permission: false,
        integration: () => ({ uri: uri.replace("elsewhere", "elsewhere:live") }),
      };
      for (const service of ["apigateway.amazonaws.com", "s3.amazonaws.com"])
        assert.deepEqual(
          outcomes(await reported(alias, [policy({ Principal: { Service: service } })]), "route-function"),
          ["unproven"],
        );
      const aliasPolicy = policy({ Principal: { Service: "s3.amazonaws.com" }, Resource: `${arn}:live` });
      assert.deepEqual(outcomes(await reported(alias, [aliasPolicy]), "route-function"), ["denied"]);
    });
  });

  describe("account data files", () => {
    it("with other content are rejected", () => {
      for (const value of [null, 1, "x", [], {}, { Roles: [] }, { RoleDetailList: 1 }, { Policy: {} }])
        assert.equal(readAccountFile(value), undefined, JSON.stringify(value));
    });

    it("with invalid entries are read without those entries", () => {
      const found = readAccountFile({
        RoleDetailList: [null, 1, {}, { Arn: 1 }, { RoleName: "x" }, role("r")],
        Policies: [{}, null],
      });
      assert.deepEqual(
        found?.resources.map(({ name }) => name),
        ["r"],
      );
    });

    it("with one page of several are reported as incomplete", () => {
      assert.equal(readAccountFile({ ...details({}), IsTruncated: true })?.truncated, true);
    });

    it("with different dates do not mix: the newest one decides a role completely", () => {
      const accountFile = (asOf: string, more: object) => ({
        asOf,
        file: "data.json",
        truncated: false,
        resources: readAccountFile(details({ roles: [role("r", more)] }))?.resources ?? [],
      });
      const older = accountFile("2026-01-01", {
        RolePolicyList: [{ PolicyName: "gone", PolicyDocument: documentOf(invokes) }],
      });
      const { resources } = accountData([older, accountFile("2026-02-01", {})], []);
      assert.deepEqual(
        resources.map(({ name }) => name),
        ["r"],
      );
    });
  });
});
