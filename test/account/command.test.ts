/** The option `--account` of the commands. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { plan } from "../../testing";
import { type CommandResult, runCommand } from "../support/command";
import { allow, restStack } from "../support/rest";
import { stateOf } from "../support/state";

const ROLE = "arn:aws:iam::123456789012:role/shared-gateway";

describe("the option --account", function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "account-"));
    const program = restStack({ integration: () => ({ credentials: ROLE }), caller: false });
    file("state.json", stateOf(await plan(program, { as: "deployed", project: "shop" })));
    file(
      "iam.json",
      JSON.stringify({
        UserDetailList: [
          {
            UserName: "batch",
            UserId: "AIDAACCOUNTDATA00001",
            Arn: "arn:aws:iam::123456789012:user/batch",
            Path: "/",
          },
        ],
        RoleDetailList: [
          {
            RoleName: "shared-gateway",
            RoleId: "AROAACCOUNTDATA00001",
            Arn: ROLE,
            Path: "/",
            AssumeRolePolicyDocument: {
              Version: "2012-10-17",
              Statement: [
                {
                  Effect: "Allow",
                  Principal: { Service: "apigateway.amazonaws.com" },
                  Action: "sts:AssumeRole",
                },
              ],
            },
            RolePolicyList: [
              {
                PolicyName: "own",
                PolicyDocument: { Version: "2012-10-17", Statement: [allow("s3:GetObject", "*")] },
              },
            ],
          },
        ],
        GroupDetailList: [],
        Policies: [],
      }),
    );
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function file(name: string, content: string | Buffer): string {
    fs.writeFileSync(path.join(folder, name), content);
    return name;
  }

  /** Inputs are files here; test/cli/command.test.ts reads standard input. */
  const run = (args: readonly string[], given = ""): Promise<CommandResult> =>
    runCommand(
      args.map((arg) => (arg === "-" ? file("given", given) : arg)),
      folder,
    );

  it("decides verdicts of check and report, with its date", async () => {
    assert.equal((await run(["check", "state.json"])).status, 0);
    const { status, out } = await run(["check", "state.json", "--account", "iam.json"]);
    assert.equal(status, 1);
    assert.match(out, /integration-role-lambda-invoke/);
    const report = await run(["report", "state.json", "--account", "iam.json", "-f", "json"]);
    const answers = JSON.parse(report.out).answers.filter(
      (answer: { gate: string }) => answer.gate === "role-function",
    );
    assert.deepEqual([...new Set(answers.map((answer: { outcome: string }) => answer.outcome))].sort(), [
      "allowed",
      "denied",
    ]);
    const dataDate = fs.statSync(path.join(folder, "iam.json")).mtime.toISOString().slice(0, 10);
    const evidence = answers.flatMap((answer: { evidence: string[] }) => answer.evidence).join("\n");
    assert.ok(evidence.includes(`account data as of ${dataDate}`), evidence);
  });

  it("reports drift between AWS and the state in each command", async () => {
    const policy = {
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "other",
            Effect: "Allow",
            Principal: { Service: "s3.amazonaws.com" },
            Action: "lambda:InvokeFunction",
            Resource: "arn:aws:lambda:us-east-1:123456789012:function:orders",
          },
        ],
      }),
    };
    const args = ["state.json", "--account", file("policy.json", JSON.stringify(policy))];
    const log = JSON.stringify({ status: "500", httpMethod: "GET", resourcePath: "/orders/{id}" });
    const driftMessage =
      /in the resource policy of orders is in the state, but no longer in AWS \(account data as of /;
    for (const [command, input] of [
      [["report", ...args]],
      [["check", ...args]],
      [["explain", ...args, "--route", "GET /orders/{id}"]],
      [["diagnose", ...args, "--log", "-"], log],
      [["report", ...args, "-f", "json"]],
      [["diagnose", ...args, "--log", "-", "-f", "json"], log],
    ] as const)
      assert.match((await run(command, input)).out, driftMessage, command[0]);
  });

  it("decides verdicts of explain", async () => {
    const { status, out } = await run([
      "explain",
      "state.json",
      "--route",
      "GET /orders/{id}",
      "--account",
      "iam.json",
    ]);
    assert.equal(status, 1);
    assert.match(out, /shared-gateway/);
  });

  it("identifies the caller in diagnose", async () => {
    const record = JSON.stringify({
      status: "403",
      httpMethod: "GET",
      resourcePath: "/orders/{id}",
      caller: "AIDAACCOUNTDATA00001",
    });
    assert.match(
      (await run(["diagnose", "state.json", "--log", "-"], record)).out,
      /which is unknown to the stacks/,
    );
    const { status, out } = await run(
      ["diagnose", "state.json", "--log", "-", "--account", "iam.json"],
      record,
    );
    assert.equal(status, 1);
    assert.match(out, /Called by: user "batch"/);
  });

  for (const [kind, content, message] of [
    ["nothing", "", /is empty/],
    ["no JSON", "ROLEDETAILLIST\tx", /is not JSON; run the AWS CLI with --output json/],
    ["a list", "[]", /is not account data: expected/],
    ["the output of another command", '{"Roles": []}', /is not account data/],
    ["bytes", Buffer.from([0, 255, 254, 1]), /is not JSON/],
    ["JSON that is cut short", '{"RoleDetailList": [{"RoleName": "a', /ends in the middle of its JSON/],
    [
      "JSON that is nested too deeply",
      `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`,
      /is not account data/,
    ],
    ["a state", '{"version": 3, "deployment": {}}', /is not account data/],
    ["gzip", gzipSync("{}"), /is compressed with gzip: decompress it first/],
  ] as const)
    it(`rejects a file with ${kind} in one line`, async () => {
      const { status, out, err } = await run(["check", "state.json", "--account", file("bad.json", content)]);
      assert.deepEqual([status, out], [2, ""]);
      assert.match(err, message);
      assert.equal(err.trim().split("\n").length, 1);
    });

  it("rejects a missing file and a folder", async () => {
    for (const [name, reason] of [
      ["nothing.json", /cannot be read: there is no such file/],
      [".", /cannot be read: it is a folder/],
    ] as const) {
      const { status, err } = await run(["check", "state.json", "--account", name]);
      assert.equal(status, 2);
      assert.match(err, reason);
    }
  });

  it("reads UTF-16, as redirected by Windows PowerShell", async () => {
    const text = fs.readFileSync(path.join(folder, "iam.json"), "utf8");
    const littleEndian = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    for (const content of [littleEndian, Buffer.from(littleEndian).swap16()])
      assert.equal((await run(["check", "state.json", "--account", file("wide.json", content)])).status, 1);
  });
});
