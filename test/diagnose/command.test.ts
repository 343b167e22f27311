/** Runs `diagnose` as a child process and checks its inputs, outputs and exit status. */
import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { Ajv2020 } from "ajv/dist/2020";
import { plan } from "../../testing";
import { type CommandResult, runCommand } from "../support/command";
import { example } from "../support/reports";
import { stateOf } from "../support/state";

const ROOT = path.resolve(__dirname, "../..");
const COMMAND = path.join(ROOT, "dist/cli/index.js");

describe("apigateway-lambda-access diagnose", function () {
  this.timeout(120_000);
  let folder: string;
  let record: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "diagnose-"));
    const planned = await plan(example("caller-credentials"), { as: "deployed", project: "shop" });
    fs.writeFileSync(path.join(folder, "state.json"), stateOf(planned));
    const role = planned.resources.find(({ name, outputs }) => name === "orders-client" && outputs.uniqueId);
    record = JSON.stringify({
      status: "500",
      httpMethod: "GET",
      resourcePath: "/orders",
      errorResponseType: "API_CONFIGURATION_ERROR",
      integrationError: "Execution failed due to configuration error: Invalid permissions on Lambda function",
      identityCaller: `${role?.outputs.uniqueId}:AssumeRoleSession`,
    });
    fs.writeFileSync(path.join(folder, "access.log"), record);
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function run(args: readonly string[], input: string | Buffer = "") {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, "diagnose", ...args], {
      cwd: folder,
      input,
      encoding: "utf8",
    });
    return { status, out: stdout, err: stderr };
  }

  /** Runs the command in this process, which saves most of a second; a log is written to the file log.txt. */
  function runInFolder(args: readonly string[], log?: string | Buffer): Promise<CommandResult> {
    if (log !== undefined) fs.writeFileSync(path.join(folder, "log.txt"), log);
    return runCommand(["diagnose", ...args], folder);
  }

  it("exits with status 1 and explains a failure that the stack causes", () => {
    const { status, out, err } = run(["state.json", "--log", "access.log"]);
    assert.deepEqual([status, err], [1, ""]);
    assert.match(out, /explained by the stack/);
    assert.match(out, /"Action": "lambda:InvokeFunction"/);
  });

  it("explains failures of disabled policies and exempt resources", async () => {
    const planned = await plan(example("websocket-api"), { as: "deployed", project: "shop" });
    fs.writeFileSync(path.join(folder, "socket.json"), stateOf(planned));
    const log = JSON.stringify({ status: 500, routeKey: "send", eventType: "MESSAGE" });
    for (const config of [
      { all: "disabled", "route-function-permission": "disabled" },
      {
        "route-function-permission": {
          enforcementLevel: "disabled",
          exempt: [{ resource: "*", reason: "known" }],
        },
      },
    ]) {
      fs.writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
      const { status, out } = await runInFolder(
        ["socket.json", "--log", "log.txt", "--policy-config", "config.json"],
        log,
      );
      assert.equal(status, 1, JSON.stringify(config));
      assert.match(out, /Fix: add this permission/);
    }
  });

  it("reads the log from standard input, or compressed", async () => {
    assert.equal(run(["state.json", "--log", "-"], record).status, 1);
    fs.writeFileSync(path.join(folder, "log.gz"), gzipSync(record));
    assert.equal((await runInFolder(["state.json", "--log", "log.gz"])).status, 1);
  });

  it("reads the state from standard input and prints JSON", () => {
    const state = fs.readFileSync(path.join(folder, "state.json"));
    const { status, out } = run(["-", "--log", "access.log", "--format", "json"], state);
    assert.equal(status, 1);
    const { failures } = JSON.parse(out);
    assert.equal(failures[0].outcome, "explained");
  });

  it("runs a program instead of a state", () => {
    const { status, out } = run([path.join(ROOT, "examples/caller-credentials"), "--log", "access.log"]);
    assert.match(out, /500 at GET \/orders/);
    assert.notEqual(status, 2);
  });

  it("exits with status 0 if no request failed", async () => {
    const { status, out } = await runInFolder(["state.json", "--log", "log.txt"], '{"status":"200"}');
    assert.equal(status, 0);
    assert.match(out, /of which 0 failed/);
  });

  it("reads other keys with --field", async () => {
    const { status } = await runInFolder(
      ["state.json", "--log", "log.txt", "--field", "status=code"],
      record.replace('"status"', '"code"'),
    );
    assert.equal(status, 1);
  });

  for (const [problem, args, input, message] of [
    ["no log", ["state.json"], undefined, /required option '--log <file>'/],
    [
      "a missing log",
      ["state.json", "--log", "nothing.log"],
      undefined,
      /no such file or folder: nothing\.log/,
    ],
    ["a folder as a log", ["state.json", "--log", "."], undefined, /\. is a folder/],
    ["an empty log", ["state.json", "--log", "-"], "", /standard input contains no request: it is empty/],
    [
      "a log in an unknown format",
      ["state.json", "--log", "-"],
      "hello\nworld\n",
      /contains no request: none of its 2 lines/,
    ],
    ["a state as a log", ["state.json", "--log", "state.json"], undefined, /contains no request/],
    [
      "a broken archive",
      ["state.json", "--log", "-"],
      Buffer.from([0x1f, 0x8b, 1, 2, 3]),
      /standard input cannot be read/,
    ],
    ["an invalid field", ["state.json", "--log", "-", "--field", "color=x"], undefined, /expected FIELD=KEY/],
    [
      "a field without a key",
      ["state.json", "--log", "-", "--field", "status"],
      undefined,
      /expected FIELD=KEY/,
    ],
    ["standard input twice", ["-", "--log", "-"], undefined, /either the log or a state/],
    ["a log as a state", ["access.log", "--log", "access.log"], undefined, /not a stack export/],
    ["both moments", ["state.json", "--log", "-", "--as", "both"], undefined, /--as both/],
    [
      "an unknown format",
      ["state.json", "--log", "-", "--format", "xml"],
      undefined,
      /Allowed choices are text, json/,
    ],
  ] as const)
    it(`rejects ${problem} in one line`, async () => {
      const { status, out, err } = input === undefined ? await runInFolder(args) : run(args, input);
      assert.deepEqual([status, out], [2, ""]);
      assert.match(err, message);
      assert.equal(err.trim().split("\n").length, 1, err);
    });

  it("prints the output in the README for its record", () => {
    const readme = fs.readFileSync(path.join(ROOT, "README.md"), "utf8");
    const [, shown = ""] = /\$ cat access\.log\n([\s\S]*?)```/.exec(readme) ?? [];
    const [log = "", output = ""] = shown.split(/^\$ .* diagnose .*\n/m);
    const [, resourceId, uniqueId] = /"resourceId":"(\w+)"[\s\S]*"identityCaller":"(\w+):/.exec(log) ?? [];
    const [, api] = /of API (shop-\w+):/.exec(output) ?? [];
    const [, role] = /Called by: role "([\w-]+)"/.exec(output) ?? [];
    assert.ok(resourceId && uniqueId && api && role, shown);
    // The IDs and generated names that AWS assigned, instead of the simulated ones.
    let state = fs.readFileSync(path.join(folder, "state.json"), "utf8");
    const resources: readonly { type: string; id?: string; outputs: Record<string, string> }[] =
      JSON.parse(state).deployment.resources;
    const resourceNamed = (type: string, name: string) =>
      resources.find((resource) => resource.type.endsWith(type) && JSON.stringify(resource).includes(name));
    const client = resourceNamed(":Role", "orders-client")?.outputs ?? {};
    for (const [simulated, real] of [
      [resourceNamed(":Resource", "orders")?.id, resourceId],
      [client.uniqueId, uniqueId],
      [client.name, role],
      [resourceNamed(":RestApi", "shop")?.outputs.name, api],
    ] as const)
      state = state.replaceAll(simulated ?? "", real);
    fs.writeFileSync(path.join(folder, "origin.json"), state);
    const { status, out } = run(["origin.json", "--log", "-"], log);
    assert.equal(status, 1);
    let rest = out;
    for (const line of output
      .trim()
      .split("\n")
      .map((shownLine) => shownLine.replace(/,? …$/, ""))) {
      assert.ok(rest.includes(line.trim()), `${line}\nis not in\n${out}`);
      rest = rest.slice(rest.indexOf(line.trim()));
    }
    assert.match(out, /"Action": "lambda:InvokeFunction"/);
  });

  it("reads several states and explains the failure by one of them", async () => {
    const otherState = fs
      .readFileSync(path.join(folder, "state.json"), "utf8")
      .replaceAll("::shop::", "::other::");
    fs.writeFileSync(path.join(folder, "other.json"), otherState.replaceAll("orders", "wares"));
    const { status, out, err } = await runInFolder(["other.json", "state.json", "--log", "access.log"]);
    assert.deepEqual([status, err], [1, ""], out);
    assert.match(out, /500 at GET \/orders of API shop-\w+: explained by the stack/);
  });

  it("prints control characters of a log escaped", async () => {
    const hostile = `\u001b]0;x\u0007\u0000\n${record.replace("/orders", "/\\u001b[31morders")}\n\u202e\n`;
    const { status, out } = await runInFolder(["state.json", "--log", "log.txt"], gzipSync(hostile));
    assert.notEqual(status, 2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters
    assert.doesNotMatch(out, /[\u0000\u0007\u001b\u202e]/);
  });

  it("prints JSON that matches the schema and is the same in each run", async () => {
    const log = `${record}\nnothing\n{"status":"403","path":"/x","httpMethod":"GET"}\n`;
    const args = ["state.json", "--log", "log.txt", "--format", "json"];
    const [first, second] = [(await runInFolder(args, log)).out, (await runInFolder(args, log)).out];
    assert.equal(first, second);
    const schema = JSON.parse(fs.readFileSync(path.join(ROOT, "schema/diagnosis.schema.json"), "utf8"));
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    assert.ok(validate(JSON.parse(first ?? "")), JSON.stringify(validate.errors));
    assert.equal(JSON.parse(first ?? "").log.skipped, 1);
  });

  it("prints its help", async () => {
    const { status, out } = await runInFolder(["--help"]);
    assert.equal(status, 0);
    for (const word of ["--log <file>", "--field", "aws logs tail", "Exit status"])
      assert.ok(out.includes(word), word);
  });
});
