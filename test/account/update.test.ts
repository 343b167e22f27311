/** An update takes precedence over account data. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { relevantTo } from "../../account";
import { planFromPreview } from "../../testing";
import { allow, restStack, trustOf } from "../support/rest";
import { ACCOUNT, dataOf, documentOf, type Files, outcomesOf, reportOn } from "./support";

const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:elsewhere`;
const INVOCATION = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/batch`;

/** The policy of a function outside the stack, with a statement for API Gateway for each statement ID. */
function policy(...sids: readonly string[]): object {
  return {
    Policy: JSON.stringify(
      documentOf(
        ...sids.map((Sid) => ({
          Sid,
          Effect: "Allow",
          Principal: { Service: "apigateway.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: FUNCTION,
        })),
      ),
    ),
    RevisionId: "1",
  };
}

function role(policies: readonly string[], attached: readonly string[] = []): object {
  const document = documentOf(allow("lambda:InvokeFunction", "*"));
  return {
    RoleDetailList: [
      {
        RoleName: "batch",
        RoleId: "AROAACCOUNTDATA00001",
        Path: "/",
        Arn: ROLE,
        AssumeRolePolicyDocument: trustOf("apigateway.amazonaws.com"),
        RolePolicyList: policies.map((PolicyName) => ({ PolicyName, PolicyDocument: document })),
        AttachedManagedPolicies: attached.map((PolicyArn) => ({ PolicyName: "x", PolicyArn })),
      },
    ],
  };
}

/** The account data that remains relevant for a stack with these resources. */
function remainingData(files: Files, ...stack: readonly (readonly [type: string, props: object])[]): string {
  const resources = stack.map(([type, props], at) => ({
    urn: `urn:pulumi:dev::shop::${type}::r${at}`,
    type,
    name: `r${at}`,
    props,
  }));
  return JSON.stringify(relevantTo(dataOf(files, "everything"), resources));
}

describe("an update in one of two accounts or regions", () => {
  const otherAccount = "999999999999";
  const batchPolicy = {
    role: "batch",
    name: "own",
    policy: JSON.stringify(documentOf(allow("s3:GetObject", "*"))),
  };
  const roleInAccount = ["aws:iam/role:Role", { name: "x", arn: `arn:aws:iam::${ACCOUNT}:role/x` }] as const;
  const roleInOtherAccount = JSON.parse(JSON.stringify(role(["own"])).replaceAll(ACCOUNT, otherAccount));

  it("keeps the policies of a role with the same name in the other account", () => {
    const inline = ["aws:iam/rolePolicy:RolePolicy", batchPolicy] as const;
    assert.ok(!remainingData({ "iam.json": role(["own"]) }, roleInAccount, inline).includes("rolePolicy"));
    assert.ok(
      remainingData({ "iam.json": roleInOtherAccount }, roleInAccount, inline).includes("rolePolicy"),
    );
  });

  it("keeps the statement of a function with the same name in another region or account", () => {
    for (const [fn, isOwn] of [
      ["elsewhere", true],
      [FUNCTION, true],
      [`${ACCOUNT}:function:elsewhere`, true],
      [FUNCTION.replace("us-east-1", "eu-west-1"), false],
      [FUNCTION.replace(ACCOUNT, otherAccount), false],
      [`${otherAccount}:function:elsewhere`, false],
    ] as const) {
      const permission = ["aws:lambda/permission:Permission", { statementId: "own", function: fn }] as const;
      assert.equal(!remainingData({ "p.json": policy("own") }, permission).includes("apigateway"), isOwn, fn);
    }
    const inRegion = { statementId: "own", function: "elsewhere", region: "eu-west-1" };
    assert.ok(
      remainingData({ "p.json": policy("own") }, ["aws:lambda/permission:Permission", inRegion]).includes(
        "apigateway",
      ),
    );
  });
});

describe("an update and account data", () => {
  describe("the policy of a function outside the stack", () => {
    const permits = (more: Partial<aws.lambda.PermissionArgs>) =>
      restStack({
        permission: false,
        integration: () => ({ uri: INVOCATION }),
        more: () => {
          new aws.lambda.Permission("own", {
            statementId: "own",
            action: "lambda:InvokeFunction",
            function: "elsewhere",
            principal: "apigateway.amazonaws.com",
            ...more,
          });
        },
      });
    const otherSource = { sourceArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:otherapi00/*/*` };
    const cases: readonly (readonly [
      change: string,
      args: Partial<aws.lambda.PermissionArgs>,
      files: Files,
      outcome: string,
    ])[] = [
      ["the stack's own statement covers the route", {}, { "p.json": policy("own") }, "allowed"],
      ["the statement is narrowed", otherSource, { "p.json": policy("own") }, "denied"],
      [
        "the statement is narrowed, and the permission names the function by ARN",
        { ...otherSource, function: FUNCTION },
        { "p.json": policy("own") },
        "denied",
      ],
      ["another statement covers the route", otherSource, { "p.json": policy("own", "other") }, "allowed"],
      ["the statement has another ID", otherSource, { "p.json": policy("other") }, "allowed"],
      [
        "the permission is on an alias, which has its own policy",
        { ...otherSource, qualifier: "live" },
        { "p.json": policy("own") },
        "allowed",
      ],
      [
        "the permission is on another function",
        { ...otherSource, function: "other" },
        { "p.json": policy("own") },
        "allowed",
      ],
    ];
    for (const [change, args, files, outcome] of cases)
      it(`is ${outcome}: ${change}`, async () => {
        assert.equal(outcomesOf(await reportOn(permits(args), { files }), "route-function"), outcome);
      });
  });

  describe("a removed resource", () => {
    const removed = (type: string, props: object) => ({ type, props });
    const stack = [
      {
        type: "aws:apigateway/integration:Integration",
        name: "i",
        urn: "urn:pulumi:dev::shop::aws:apigateway/integration:Integration::i",
        props: { credentials: ROLE, uri: INVOCATION },
      },
    ];
    const remainingAfter = (
      files: Files,
      ...removedResources: { type: string; props: object }[]
    ): readonly string[] =>
      relevantTo({ ...dataOf(files), removed: removedResources }, stack).map(
        ({ type, name }) => `${type.replace(/.*:/, "")} ${name}`,
      );

    it("is removed from the policies of a role of another stack", () => {
      const files = { "iam.json": role(["kept", "gone"], ["arn:aws:iam::aws:policy/ReadOnlyAccess"]) };
      assert.equal(remainingAfter(files).length, 4);
      assert.deepEqual(
        remainingAfter(
          files,
          removed("aws:iam/rolePolicy:RolePolicy", { role: "batch", name: "gone" }),
          removed("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {
            role: "batch",
            policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
          }),
        ),
        ["Role batch", "RolePolicy batch/kept"],
      );
    });

    it("is removed from the policy of a function", () => {
      const removedPermission = removed("aws:lambda/permission:Permission", {
        statementId: "gone",
        function: "elsewhere",
      });
      const data = { ...dataOf({ "p.json": policy("gone", "kept") }), removed: [removedPermission] };
      const [remaining] = relevantTo(data, stack);
      assert.ok(String(remaining?.props.policy).includes("kept"));
      assert.ok(!String(remaining?.props.policy).includes("gone"));
    });

    it("makes a role or a function's policy unknown as a whole", () => {
      assert.deepEqual(
        remainingAfter(
          { "iam.json": role(["own"]) },
          removed("aws:iam/role:Role", { name: "batch", arn: ROLE }),
        ),
        [],
      );
      const removedPolicy = removed("aws:lambda/resourcePolicy:ResourcePolicy", { resourceArn: FUNCTION });
      assert.deepEqual(remainingAfter({ "p.json": policy("s") }, removedPolicy), []);
    });

    it("is read from the deletions and replacements of a preview", () => {
      const urn = "urn:pulumi:dev::shop::aws:iam/rolePolicy:RolePolicy::gone";
      const state = (name: string) => ({
        urn,
        custom: true,
        type: "aws:iam/rolePolicy:RolePolicy",
        id: `batch:${name}`,
        inputs: { role: "batch", name },
        outputs: { role: "batch", name },
      });
      const planned = planFromPreview({
        steps: [
          { op: "create-replacement", urn, newState: state("new"), oldState: state("gone") },
          { op: "delete-replaced", urn, oldState: state("gone") },
          { op: "delete", urn: `${urn}2`, oldState: { ...state("also"), urn: `${urn}2` } },
        ],
      });
      assert.deepEqual(planned.resources.filter(({ type }) => type.startsWith("aws:")).length, 1);
      assert.deepEqual(
        planned.removed?.map(({ outputs }) => outputs.name),
        ["gone", "also"],
      );
    });
  });

  describe("a role of another stack with an exclusive policy resource in this stack", () => {
    const owning = (make: () => void) =>
      restStack({ caller: false, integration: () => ({ credentials: ROLE }), more: make });

    it("may lose an inline policy that is not listed", async () => {
      const program = owning(() => {
        new aws.iam.RolePoliciesExclusive("all", { roleName: "batch", policyNames: [] });
      });
      const report = await reportOn(program, { files: { "iam.json": role(["gone"]) } });
      assert.match(outcomesOf(report, "role-function"), /unproven|denied/);
    });

    it("may lose a policy whose attachments are all listed", async () => {
      const arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";
      const program = owning(() => {
        const otherRole = new aws.iam.Role("other", {
          name: "other",
          assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        });
        new aws.iam.PolicyAttachment("only", { policyArn: arn, roles: [otherRole.name] });
      });
      const report = await reportOn(program, { files: { "iam.json": role([], [arn]) } });
      assert.match(outcomesOf(report, "role-function"), /unproven|denied/);
    });
  });
});
