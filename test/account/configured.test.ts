/** Account data files that the pack's configuration names. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runPack } from "../../engine/pack";
import { Pack } from "../../pulumi";
import { ofProject } from "../../pulumi/language";
import { type Finding, type PlannedResource, type PolicyConfig, plan } from "../../testing";
import { restStack } from "../support/rest";
import { GATEWAY_ROLE, gatewayRole } from "./gateway-role";

const ROLE = "integration-role-lambda-invoke";
const CONFIGURATION = "policy-configuration";

const named = (...account: unknown[]): PolicyConfig => ({ [CONFIGURATION]: { account } });

describe("account data of the configuration", () => {
  let folder: string;
  let resources: readonly PlannedResource[];

  before(async () => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "configured-")));
    const program = restStack({ integration: () => ({ credentials: GATEWAY_ROLE }), caller: false });
    ({ resources } = await plan(program, { as: "deployed", project: "shop" }));
    file("may-not.json", JSON.stringify(gatewayRole("s3:GetObject")));
    file("may.json", JSON.stringify(gatewayRole("lambda:InvokeFunction")));
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function file(name: string, content: string): string {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  }

  const found = (config: PolicyConfig, folders: readonly string[] = [folder]): Promise<Finding[]> =>
    runPack(new Pack({ folders: () => folders }), resources, config);
  const shown = (findings: readonly Finding[]): string[] =>
    [...new Set(findings.map(({ level, policy }) => `${level} ${policy}`))].sort();
  const messageOf = (findings: readonly Finding[]): string =>
    findings
      .filter(({ policy }) => policy === CONFIGURATION)
      .map(({ message }) => message)
      .join("\n");

  it("decides verdicts that are unproven without it, with its date", async () => {
    assert.deepEqual(shown(await found({})), ["advisory unproven-access"]);
    assert.deepEqual(shown(await found(named("may.json"))), []);
    const denied = await found(named(path.join(folder, "may-not.json")), []);
    assert.deepEqual(shown(denied), [`mandatory ${ROLE}`]);
    const day = fs.statSync(path.join(folder, "may-not.json")).mtime.toISOString().slice(0, 10);
    const [{ message = "" } = {}] = denied;
    assert.ok(message.includes(`account data as of ${day}`), message);
  });

  it("is not kept from one configuration to the next", async () => {
    const pack = new Pack({ folders: () => [folder] });
    for (const [config, expected] of [
      [named("may-not.json"), [`mandatory ${ROLE}`]],
      [{}, ["advisory unproven-access"]],
      [named("may.json"), []],
      [named(), ["advisory unproven-access"]],
    ] as const)
      assert.deepEqual(shown(await runPack(pack, resources, config)), expected);
  });

  it("is read from the project folder of each program", async () => {
    const otherFolder = path.join(folder, "other");
    fs.mkdirSync(otherFolder, { recursive: true });
    assert.deepEqual(shown(await found(named("may.json"), [otherFolder, folder])), []);
  });

  const invalidFiles: readonly [problem: string, config: () => PolicyConfig, message: RegExp][] = [
    [
      "does not exist",
      () => named("nothing.json"),
      /Account data: .*nothing\.json cannot be read: there is no such file/,
    ],
    ["is a folder", () => named("."), /is not a regular file/],
    ["is empty", () => named(file("empty.json", " \n")), /is empty/],
    ["is not JSON", () => named(file("table.json", "ROLEDETAILLIST\tx")), /is not JSON/],
    [
      "is not the output of a supported command",
      () => named(file("other.json", "[1]")),
      /is not account data/,
    ],
    ["is deeply nested", () => named(file("deep.json", `${"[".repeat(1e6)}${"]".repeat(1e6)}`)), /is not/],
    ["has an invalid path", () => named("a\0b"), /cannot be read/],
    [
      "is one page of a longer list",
      () =>
        named(
          file(
            "page.json",
            JSON.stringify({ ...gatewayRole("s3:GetObject"), IsTruncated: true, RoleDetailList: [] }),
          ),
        ),
      /is one page of a longer list/,
    ],
  ];
  for (const [problem, config, message] of invalidFiles)
    it(`reports a file that ${problem} and continues without it`, async () => {
      for (const level of ["advisory", "mandatory"] as const) {
        const entry = { ...(config()[CONFIGURATION] as object), enforcementLevel: level };
        const findings = await found({
          all: "mandatory",
          "unproven-access": "advisory",
          [CONFIGURATION]: entry,
        });
        assert.deepEqual(shown(findings), [`advisory ${CONFIGURATION}`, "advisory unproven-access"]);
        assert.match(messageOf(findings), message);
        assert.match(messageOf(findings), /remains unproven/);
      }
    });

  it("reports a relative path if the project folder is unknown", async () => {
    const findings = await found(named("may.json"), []);
    assert.deepEqual(shown(findings), [`advisory ${CONFIGURATION}`, "advisory unproven-access"]);
    assert.match(messageOf(findings), /may\.json is relative to the program's folder, which is unknown/);
  });

  it("reports entries that are not paths", async () => {
    const findings = await found(named(7, "", "may.json"));
    assert.deepEqual(shown(findings), [`advisory ${CONFIGURATION}`]);
    assert.match(messageOf(findings), /account\[0\]: expected a path, got a number/);
    assert.match(messageOf(findings), /account\[1\]: is empty/);
  });

  it("is not read for a stack that does not need it", async () => {
    const pack = new Pack({ folders: () => assert.fail("requested the program's folder") });
    const bucket = resources.filter(({ type }) => !/^aws:(apigateway|lambda|iam)/.test(type));
    assert.deepEqual(await runPack(pack, bucket, named("nothing.json")), []);
  });

  it("is read relative to the project folder, not the working directory of the command", () => {
    const project = path.join(folder, "project");
    file("project/Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    fs.mkdirSync(path.join(project, "deep"), { recursive: true });
    const foldersOfProject = (name: string, PWD: string) =>
      ofProject({ PULUMI_NODEJS_PROJECT: name, PWD }).folders();
    assert.deepEqual(foldersOfProject("shop", path.join(project, "deep")), [project]);
    assert.deepEqual(foldersOfProject("other", project), []);
    assert.deepEqual(foldersOfProject("shop", folder), []);
  });
});
