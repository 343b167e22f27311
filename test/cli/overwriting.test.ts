/** The command never overwrites a file that it reads. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { FORMAT_NAMES } from "../../report/formats";
import { plan } from "../../testing";
import { gatewayRole } from "../account/gateway-role";
import { runCommand } from "../support/command";
import { example as programOf } from "../support/reports";
import { stateOf } from "../support/state";

const EXAMPLES = path.resolve(__dirname, "../../examples");
const example = path.join(EXAMPLES, "invalid-permissions");

describe("an input of the command", () => {
  let folder: string;
  let state: string;

  before(async () => {
    state = stateOf(await plan(programOf("invalid-permissions"), { as: "deployed", project: "shop" }));
  });
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "overwriting-"));
    const account = JSON.stringify(gatewayRole("lambda:InvokeFunction"));
    const files: Record<string, string> = {
      "state.json": state,
      "states/one.json": state,
      "account.json": account,
      "configured.json": account,
      "levels.json": JSON.stringify({ "policy-configuration": { account: ["configured.json"] } }),
      "infra/Pulumi.yaml": "name: infra\nruntime: nodejs\n",
      "infra/Pulumi.dev.yaml": "config: {}\n",
      "infra/index.js": "require('./openapi.json');",
      "infra/openapi.json": '{"openapi": "3.0.1"}',
      "shared/openapi.json": '{"openapi": "3.0.1"}',
    };
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    fs.linkSync(path.join(folder, "state.json"), path.join(folder, "hard.json"));
    fs.symlinkSync("state.json", path.join(folder, "soft.json"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** The contents of all files by name. Links are followed. */
  function contents(): Record<string, string> {
    const names = (fs.readdirSync(folder, { recursive: true }) as string[]).sort();
    return Object.fromEntries(
      names
        .filter((name) => fs.statSync(path.join(folder, name)).isFile())
        .map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]),
    );
  }

  const ACCOUNT = ["--account", "account.json"];
  const LEVELS = ["--policy-config", "levels.json"];
  const cases: readonly (readonly [input: string, args: readonly string[], output: string])[] = [
    ["a state", ["state.json"], "./state.json"],
    ["a state through a hard link", ["state.json"], "hard.json"],
    ["a state through a symbolic link", ["state.json"], "soft.json"],
    ["a state that the input names through a symbolic link", ["soft.json"], "state.json"],
    ["a state in a folder", ["states"], "states/one.json"],
    ["account data", ["state.json", ...ACCOUNT], "account.json"],
    ["a configuration", ["state.json", ...LEVELS], "levels.json"],
    ["account data that a configuration names", ["state.json", ...LEVELS], "configured.json"],
    ["a program", ["infra"], "infra/index.js"],
    ["a program's project", ["infra"], "infra/Pulumi.yaml"],
    ["the configuration of a program's stack", ["infra"], "infra/Pulumi.dev.yaml"],
    ["a file next to a program", ["infra"], "infra/openapi.json"],
    ["a file in another folder that a program may read", ["infra"], "shared/openapi.json"],
  ];
  for (const option of ["-o", "--write-baseline"])
    for (const [input, args, output] of cases)
      it(`is not overwritten by ${option}: ${input}`, async () => {
        const before = contents();
        const { status, out, err } = await runCommand(["report", ...args, option, output], folder);
        assert.deepEqual([status, out], [2, ""], err);
        assert.match(err, /^error: \S+ (is an input|exists and is not a report).*another file\n$/);
        assert.deepEqual(contents(), before);
      });

  it("is not overwritten by --write-baseline of check", async () => {
    const { status } = await runCommand(["check", "state.json", "--write-baseline", "state.json"], folder);
    assert.equal(status, 2);
    assert.equal(fs.readFileSync(path.join(folder, "state.json"), "utf8"), state);
  });

  it("can be a baseline that --write-baseline updates, not one that --output overwrites", async () => {
    const write = ["check", "state.json", "--write-baseline", "known.json"];
    assert.equal((await runCommand(write, folder)).status, 0);
    const before = contents();
    assert.equal((await runCommand([...write, "--baseline", "known.json"], folder)).status, 0);
    assert.deepEqual(contents(), before);
    const overwriting = ["report", "state.json", "--baseline", "known.json", "-o", "known.json"];
    assert.equal((await runCommand(overwriting, folder)).status, 2);
    assert.deepEqual(contents(), before);
  });

  it("cannot be written as both the report and the baseline", async () => {
    for (const baseline of ["out.json", "./out.json", "none/../out.json"]) {
      const args = ["report", "state.json", "-o", "out.json", "--write-baseline", baseline];
      const { status, err } = await runCommand(args, folder);
      assert.equal(status, 2);
      assert.match(err, /out\.json cannot be both the report and the baseline/);
    }
  });

  for (const format of FORMAT_NAMES)
    it(`does not include an earlier report in ${format}, which is overwritten`, async () => {
      const args = ["report", example, "-f", format, "-o", "infra/access"];
      for (let run = 0; run < 2; run += 1) {
        const { err, status } = await runCommand(args, folder);
        assert.equal(status, 1, err);
      }
    });

  it("does not prevent output to an empty file or a device", async () => {
    fs.writeFileSync(path.join(folder, "empty"), "");
    const program = path.join(EXAMPLES, "invalid-permissions-fixed");
    for (const output of ["empty", "/dev/null"])
      assert.equal((await runCommand(["report", program, "-o", output], folder)).status, 0);
  });
});
