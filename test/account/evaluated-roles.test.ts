/** Only principals that a stack names are evaluated and reported from account data. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { analyze } from "../../engine/analyze";
import type { PlannedResource } from "../../engine/model";
import { buildReport } from "../../report";
import { plan, planFromState } from "../../testing";
import { allow, type Patch, restStack, trustOf } from "../support/rest";
import {
  ACCOUNT,
  answersOf,
  documentOf,
  filesOf,
  outcomesOf,
  type ReportSettings,
  reportOn,
} from "./support";

const OTHER_ACCOUNT = "222222222222";

/** A role with access to every API and no function. */
function role(name: string, account = ACCOUNT): object {
  return {
    RoleName: name,
    RoleId: "AROAACCOUNTDATA00001",
    Path: "/",
    Arn: `arn:aws:iam::${account}:role/${name}`,
    AssumeRolePolicyDocument: trustOf("lambda.amazonaws.com"),
    RolePolicyList: [{ PolicyName: "call", PolicyDocument: documentOf(allow("execute-api:Invoke", "*")) }],
    AttachedManagedPolicies: [],
  };
}

const LOGS = documentOf(allow("logs:PutLogEvents", "*")) as aws.iam.PolicyDocument;

/** Attaches a policy to a role of another stack. */
const byName = (name: string): Patch => ({
  more: () => {
    new aws.iam.RolePolicy("logs", { name: "logs", role: name, policy: LOGS });
  },
});

describe("roles of account data that are evaluated", () => {
  const callers = async (
    roles: readonly object[],
    patch: Patch = {},
    given: ReportSettings = {},
  ): Promise<string> => {
    const files = { "iam.json": { RoleDetailList: roles } };
    const report = await reportOn(restStack({ caller: false, ...patch }), { files, ...given });
    for (const { policy } of report.findings) assert.notEqual(policy, "unproven-access");
    return outcomesOf(report, "caller-function");
  };

  for (const name of ["orders", "orders-api", "prod", "GET", "AWS_IAM", "permission", "orders-role"])
    it(`do not include a role with the name of another resource: ${name}`, async () => {
      const patch: Patch = {
        functionArgs: { name: "orders" },
        permission: () => ({ statementId: "permission" }),
      };
      assert.equal(await callers([role(name)], patch), "");
    });

  it("do not include a role whose name only appears elsewhere in the configuration", async () => {
    const config = {
      "route-function-permission": { exempt: [{ resource: "legacy", reason: "the migration" }] },
    };
    assert.equal(await callers([role("legacy"), role("the migration")], {}, { config }), "");
  });

  it("do not include a role in another account than the stack's ARNs show", async () => {
    const { resources } = await plan(restStack({ caller: false, ...byName("orders") }), {
      as: "first-preview",
      project: "shop",
    });
    const key: PlannedResource = {
      type: "aws:kms/key:Key",
      name: "key",
      urn: "urn:pulumi:dev::shop::aws:kms/key:Key::key",
      custom: true,
      id: "1",
      inputs: {},
      outputs: { arn: `arn:aws:kms:eu-west-1:${OTHER_ACCOUNT}:key/1` },
      dependencies: [],
      propertyDependencies: {},
    };
    const callersWith = async (more: readonly PlannedResource[]): Promise<string> => {
      const account = filesOf({ "iam.json": { RoleDetailList: [role("orders")] } });
      const all = [...resources, ...more];
      const analysis = await analyze(all, {}, undefined, { account });
      return outcomesOf(
        buildReport({ version: "1", inputs: [], resources: all, analysis }),
        "caller-function",
      );
    };
    assert.notEqual(await callersWith([]), "");
    assert.equal(await callersWith([key]), "");
  });

  it("include a role to which the stack attaches a policy", async () => {
    assert.equal(await callers([role("shared")], byName("shared")), "denied");
  });

  it("include a role that the stack names if it is in the stack's account", async () => {
    const patch: Patch = {
      ...byName("shared"),
      api: {
        policy: JSON.stringify(
          documentOf({ ...allow("execute-api:Invoke", "*"), Principal: { AWS: OTHER_ACCOUNT } }),
        ),
      },
    };
    assert.equal(await callers([role("shared", OTHER_ACCOUNT)], patch), "");
  });

  it("include declared callers, by name or ARN", async () => {
    for (const principal of ["shared", `arn:aws:iam::${ACCOUNT}:role/shared`]) {
      const config = { "iam-route-caller-lambda-invoke": { callers: [{ principal }] } };
      const files = { "iam.json": { RoleDetailList: [role("shared")] } };
      const report = await reportOn(restStack({ caller: false }), { files, config });
      assert.deepEqual(
        answersOf(report, "caller-function").map(({ outcome }) => outcome),
        ["denied"],
      );
    }
  });
});

/** A state with an external role, its policies at that time, and a route with the role as its credentials. */
function stateWithExternalRole(inlinePolicies: readonly object[]): object {
  const arn = `arn:aws:iam::${ACCOUNT}:role/shared`;
  const fn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders`;
  const executionArn = `arn:aws:execute-api:us-east-1:${ACCOUNT}:abcdefghij`;
  const resourceOf = (type: string, name: string, outputs: object, more: object = {}) => ({
    urn: `urn:pulumi:dev::shop::aws:${type}::${name}`,
    type: `aws:${type}`,
    custom: true,
    id: name,
    inputs: outputs,
    outputs,
    ...more,
  });
  const at = { restApi: "abcdefghij", resourceId: "root", httpMethod: "GET" };
  const resources = [
    resourceOf("lambda/function:Function", "orders", { name: "orders", arn: fn, s3Bucket: "code" }),
    resourceOf(
      "iam/role:Role",
      "shared",
      {
        name: "shared",
        arn,
        assumeRolePolicy: JSON.stringify(trustOf("apigateway.amazonaws.com")),
        inlinePolicies,
        managedPolicyArns: [],
      },
      { external: true, inputs: {} },
    ),
    resourceOf("apigateway/restApi:RestApi", "abcdefghij", {
      name: "api",
      rootResourceId: "root",
      executionArn,
    }),
    resourceOf("apigateway/method:Method", "method", { ...at, authorization: "NONE" }),
    resourceOf("apigateway/integration:Integration", "integration", {
      ...at,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn}/invocations`,
      credentials: arn,
    }),
  ];
  return { version: 3, deployment: { resources } };
}

describe("external roles of a state", () => {
  const roleWith = (action: string): object => ({
    ...role("shared"),
    AssumeRolePolicyDocument: trustOf("apigateway.amazonaws.com"),
    RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(allow(action, "*")) }],
  });
  const outcome = async (inlinePolicies: readonly object[], roles?: readonly object[]) => {
    const { resources } = planFromState(stateWithExternalRole(inlinePolicies));
    const account = filesOf(roles === undefined ? {} : { "iam.json": { RoleDetailList: roles } });
    const analysis = await analyze(resources, {}, undefined, { account });
    const report = buildReport({ version: "1", inputs: [], resources, analysis });
    return { outcome: outcomesOf(report, "role-function"), answers: answersOf(report, "role-function") };
  };
  const inlinePolicy = {
    name: "own",
    policy: JSON.stringify(documentOf(allow("lambda:InvokeFunction", "*"))),
  };

  it("are unproven without account data, regardless of the policies in the state", async () => {
    for (const inlinePolicies of [[], [inlinePolicy]]) {
      const found = await outcome(inlinePolicies);
      assert.equal(found.outcome, "unproven");
      assert.deepEqual(found.answers[0]?.commands, ["aws iam get-account-authorization-details"]);
    }
  });

  it("are decided by account data", async () => {
    assert.equal((await outcome([], [roleWith("lambda:InvokeFunction")])).outcome, "allowed");
    assert.match((await outcome([inlinePolicy], [roleWith("s3:GetObject")])).outcome, /denied/);
  });
});
