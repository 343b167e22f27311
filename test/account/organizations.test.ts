/** Service control policies and resource control policies in account data. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { allow, bothActions, executeOnly, type Patch, restStack, trustOf } from "../support/rest";
import { ACCOUNT, answersOf, documentOf, type Files, outcomesOf, reportOn } from "./support";

const MANAGEMENT = "999999999999";
const FULL = "p-FullAWSAccess";
const FULL_RCP = "p-RCPFullAWSAccess";

type Type = "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY" | "TAG_POLICY";

function summary(id: string, type: Type = "SERVICE_CONTROL_POLICY", management = MANAGEMENT): object {
  const isOfAws = id === FULL || id === FULL_RCP;
  const owner = isOfAws ? "aws:policy" : `:${management}:policy/o-exampleorgid`;
  return {
    Id: id,
    Arn: `arn:aws:organizations:${isOfAws ? `:${owner}` : owner}/${type.toLowerCase()}/${id}`,
    Name: isOfAws ? id.slice(2) : `name of ${id}`,
    Description: "",
    Type: type,
    AwsManaged: isOfAws,
  };
}

/** The output of `aws organizations list-policies-for-target`. */
const attached = (...ids: readonly string[]): object => ({ Policies: ids.map((id) => summary(id)) });
const attachedRcps = (...ids: readonly string[]): object => ({
  Policies: ids.map((id) => summary(id, "RESOURCE_CONTROL_POLICY")),
});

/** The output of `aws organizations describe-policy`. */
function described(id: string, statements: readonly object[], type?: Type, management?: string): object {
  return {
    Policy: {
      PolicySummary: summary(id, type, management),
      Content: JSON.stringify(documentOf(...statements)),
    },
  };
}

const deny = (action: string, more: object = {}): object => ({
  Effect: "Deny",
  Action: action,
  Resource: "*",
  ...more,
});

const allowed: Patch = { caller: bothActions, integration: () => ({ credentials: "arn:aws:iam::*:user/*" }) };

async function outcome(files: Files, patch: Patch = allowed): Promise<string> {
  const report = await reportOn(restStack(patch), { files });
  for (const { urn } of report.findings) assert.match(urn, /^urn:pulumi:dev::shop::/);
  return outcomesOf(report, "caller-function");
}

describe("control policies of an organization", () => {
  describe("service control policies", () => {
    const cases: readonly (readonly [policies: string, files: Files, outcome: string])[] = [
      [
        "every level allows everything",
        { "root.json": attached(FULL), "account.json": attached(FULL) },
        "allowed",
      ],
      [
        "a policy denies the action",
        { "root.json": attached(FULL, "p-deny"), "deny.json": described("p-deny", [deny("lambda:*")]) },
        "denied",
      ],
      [
        "a policy denies another action",
        { "root.json": attached(FULL, "p-deny"), "deny.json": described("p-deny", [deny("s3:*")]) },
        "allowed",
      ],
      [
        "a policy denies the action in other regions",
        {
          "root.json": attached(FULL, "p-deny"),
          "deny.json": described("p-deny", [
            deny("lambda:*", { Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } } }),
          ]),
        },
        "allowed",
      ],
      [
        "a policy denies the action for other principals",
        {
          "root.json": attached(FULL, "p-deny"),
          "deny.json": described("p-deny", [
            deny("lambda:*", {
              Condition: { ArnNotLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/caller` } },
            }),
          ]),
        },
        "allowed",
      ],
      [
        "a level does not allow the action",
        {
          "root.json": attached(FULL),
          "unit.json": attached("p-some"),
          "some.json": described("p-some", [allow("s3:*", "*"), allow("execute-api:*", "*")]),
        },
        "denied",
      ],
      [
        "a level allows the action by another policy",
        {
          "unit.json": attached("p-some", "p-more"),
          "some.json": described("p-some", [allow("execute-api:*", "*")]),
          "more.json": described("p-more", [allow("lambda:Invoke*", "*")]),
        },
        "allowed",
      ],
      [
        "the document of an attached policy is missing",
        { "root.json": attached(FULL, "p-unknown") },
        "unproven",
      ],
      ["a page of a list is missing", { "root.json": { ...attached(FULL), NextToken: "more" } }, "unproven"],
      [
        "it is unknown whether a policy that denies the action is attached",
        { "root.json": attached(FULL), "deny.json": described("p-deny", [deny("lambda:*")]) },
        "unproven",
      ],
      [
        "it is unknown whether a policy that denies another action is attached",
        { "deny.json": described("p-deny", [deny("s3:*")]) },
        "allowed",
      ],
      [
        "it is unknown whether a policy that allows another action is attached",
        { "some.json": described("p-some", [allow("s3:*", "*")]) },
        "allowed",
      ],
      [
        "a policy is not JSON",
        {
          "root.json": attached(FULL, "p-bad"),
          "bad.json": { Policy: { PolicySummary: summary("p-bad"), Content: "{" } },
        },
        "unproven",
      ],
      [
        "the stack is in the management account",
        {
          "root.json": { Policies: [summary(FULL), summary("p-deny", "SERVICE_CONTROL_POLICY", ACCOUNT)] },
          "deny.json": described("p-deny", [deny("lambda:*")], "SERVICE_CONTROL_POLICY", ACCOUNT),
        },
        "allowed",
      ],
      [
        "a policy of another type denies the action",
        { "tags.json": described("p-deny", [deny("lambda:*")], "TAG_POLICY") },
        "allowed",
      ],
    ];
    for (const [policies, files, expected] of cases)
      it(`${expected}: ${policies}`, async () => assert.equal(await outcome(files), expected));

    it("name the command that lists the attached policies, and no change to this stack", async () => {
      const list =
        "aws organizations list-policies-for-target --filter SERVICE_CONTROL_POLICY --target-id TARGET";
      const cases: readonly (readonly [files: Files, command: string])[] = [
        [{ "deny.json": described("p-deny", [deny("lambda:*")]) }, list],
        [{ "root.json": { ...attached(FULL), NextToken: "more" } }, list],
        [
          { "root.json": attached(FULL, "p-unknown") },
          "aws organizations describe-policy --policy-id p-unknown",
        ],
      ];
      for (const [files, command] of cases) {
        const report = await reportOn(restStack(allowed), { files });
        const [answer] = answersOf(report, "caller-function");
        assert.equal(answer?.outcome, "unproven");
        assert.deepEqual(answer?.commands, [command]);
        const unproven = report.findings.filter(({ policy }) => policy === "unproven-access");
        assert.ok(unproven.length > 0);
        for (const { message } of unproven) {
          assert.ok(
            message.includes(`To resolve: pass the output of this command as account data: ${command}`),
            message,
          );
          assert.ok(!message.includes("the Effect of"), message);
        }
      }
    });

    it("do not change a denial for another reason", async () => {
      const executeOnlyCaller: Patch = { ...allowed, caller: executeOnly };
      assert.equal(await outcome({ "root.json": attached(FULL) }, executeOnlyCaller), "denied");
      assert.equal(await outcome({ "root.json": attached(FULL, "p-unknown") }, executeOnlyCaller), "denied");
    });

    it("also apply to the route and the credentials role", async () => {
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("execute-api:*")]),
      };
      assert.equal(outcomesOf(await reportOn(restStack(allowed), { files }), "caller-route"), "denied");
      const byRole: Patch = { integration: ({ gateway }) => ({ credentials: gateway.arn }) };
      const noLambda = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("lambda:InvokeFunction")]),
      };
      const report = await reportOn(restStack(byRole), { files: noLambda });
      assert.ok(outcomesOf(report, "role-function").includes("denied"));
    });

    it("do not limit services, so not the function's permission for API Gateway", async () => {
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("*")]),
      };
      assert.equal(outcomesOf(await reportOn(restStack(), { files }), "route-function"), "allowed");
    });

    it("limit a caller that the function's policy names", async () => {
      const byName: Patch = {
        ...allowed,
        caller: executeOnly,
        more: ({ fn, caller }) => {
          new aws.lambda.Permission("caller-permission", {
            action: "lambda:InvokeFunction",
            function: fn.name,
            principal: caller.arn,
          });
        },
      };
      assert.equal(await outcome({ "root.json": attached(FULL) }, byName), "allowed");
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("lambda:*")]),
      };
      assert.equal(await outcome(files, byName), "denied");
    });

    it("limit declared callers outside the stack", async () => {
      const config = {
        "caller-credentials-lambda-invoke": {
          callers: [{ principal: `arn:aws:iam::${ACCOUNT}:role/elsewhere` }],
        },
      };
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("lambda:*")]),
      };
      const outcomesWith = async (given: Files) =>
        outcomesOf(
          await reportOn(restStack({ ...allowed, caller: false }), { config, files: given }),
          "caller-function",
        );
      assert.equal(await outcomesWith({ "root.json": attached(FULL) }), "unproven");
      assert.equal(await outcomesWith(files), "denied");
    });

    it("apply to the stack's account only, also in a first preview", async () => {
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("lambda:*")]),
      };
      const preview = await reportOn(restStack(allowed), { files, as: "first-preview" });
      assert.equal(outcomesOf(preview, "caller-function"), "denied");
      const config = {
        "caller-execute-api-invoke": { callers: [{ principal: "arn:aws:iam::555555555555:role/abroad" }] },
      };
      const report = await reportOn(restStack({ caller: false }), { files, config });
      assert.equal(outcomesOf(report, "caller-route"), "denied");
      assert.ok(!JSON.stringify(report).includes("name of p-deny"));
    });

    it("are named in the finding with their date and the required change", async () => {
      const files = {
        "root.json": attached(FULL, "p-deny"),
        "deny.json": described("p-deny", [deny("lambda:*")]),
      };
      const report = await reportOn(restStack(allowed), { files });
      const [answer] = answersOf(report, "caller-function");
      assert.match(
        answer?.evidence.join("\n") ?? "",
        /service control policy "name of p-deny" \(p-deny, account data as of 2026-11-27\)/,
      );
      const limited = await reportOn(restStack(allowed), {
        files: {
          "unit.json": attached("p-some"),
          "some.json": described("p-some", [allow("execute-api:*", "*")]),
        },
      });
      const [finding] = limited.findings.filter(
        ({ policy }) => policy === "caller-credentials-lambda-invoke",
      );
      assert.match(
        finding?.message ?? "",
        /service control policies of the organization do not allow lambda:InvokeFunction/,
      );
      assert.match(finding?.message ?? "", /add this statement to the service control policies/);
    });
  });

  describe("resource control policies", () => {
    const byRole: Patch = { integration: ({ gateway }) => ({ credentials: gateway.arn }) };
    const denyRcp = (action: string, more: object = {}): Files => ({
      "root.json": attachedRcps(FULL_RCP, "p-deny"),
      "deny.json": described(
        "p-deny",
        [deny(action, { Principal: "*", ...more })],
        "RESOURCE_CONTROL_POLICY",
      ),
    });
    const trusted = async (files: Files): Promise<string> =>
      outcomesOf(await reportOn(restStack(byRole), { files }), "role-function");

    it("apply to AssumeRole, because they support STS", async () => {
      assert.equal(await trusted({ "root.json": attachedRcps(FULL_RCP) }), "allowed");
      assert.equal(await trusted(denyRcp("sts:AssumeRole")), "allowed,denied");
      assert.equal(await trusted({ "root.json": attachedRcps(FULL_RCP, "p-unknown") }), "allowed,unproven");
    });

    it("deny nothing because of a truncated list: the policy that allows everything cannot be detached", async () => {
      const { "deny.json": document } = denyRcp("s3:*");
      const files = { "root.json": attachedRcps("p-deny"), "deny.json": document };
      assert.equal(await trusted(files), "allowed");
    });

    it("do not deny API Gateway if they exempt services", async () => {
      const exceptServices = { Condition: { BoolIfExists: { "aws:PrincipalIsAWSService": "false" } } };
      assert.equal(await trusted(denyRcp("sts:AssumeRole", exceptServices)), "allowed");
      // AWS's example of a resource control policy that prevents the confused deputy problem.
      const deputies = {
        Condition: {
          StringNotEqualsIfExists: { "aws:SourceOrgID": "o-exampleorgid" },
          Null: { "aws:SourceAccount": "false" },
          Bool: { "aws:PrincipalIsAWSService": "true" },
        },
      };
      assert.equal(await trusted(denyRcp("sts:*", deputies)), "allowed");
    });

    it("are named in the finding instead of a statement of the trust policy", async () => {
      const report = await reportOn(restStack(byRole), { files: denyRcp("sts:*") });
      const [finding] = report.findings.filter(({ policy }) => policy === "integration-role-lambda-invoke");
      assert.match(finding?.message ?? "", /resource control policies/);
    });

    it("do not apply to routes, because they support neither Lambda nor API Gateway", async () => {
      const files = denyRcp("*");
      const report = await reportOn(restStack(allowed), { files });
      assert.equal(outcomesOf(report, "caller-function"), "allowed");
      assert.equal(outcomesOf(report, "caller-route"), "allowed");
      assert.equal(outcomesOf(await reportOn(restStack(), { files }), "route-function"), "allowed");
    });

    it("do not limit service-linked roles", async () => {
      const linked: Patch = {
        integration: () => ({
          credentials: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway`,
        }),
        more: () => {
          new aws.iam.Role("other", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
        },
      };
      const role = {
        RoleDetailList: [
          {
            RoleName: "AWSServiceRoleForAPIGateway",
            RoleId: "AROAACCOUNTDATA00001",
            Path: "/aws-service-role/ops.apigateway.amazonaws.com/",
            Arn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway`,
            AssumeRolePolicyDocument: trustOf("apigateway.amazonaws.com"),
            RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(allow("lambda:*", "*")) }],
            AttachedManagedPolicies: [],
          },
        ],
      };
      const files = { ...denyRcp("sts:*"), "iam.json": role };
      assert.equal(outcomesOf(await reportOn(restStack(linked), { files }), "role-function"), "allowed");
    });
  });
});
