/** Runs the built command as a child process and checks its standard output, standard error and exit status. */
import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import { SECRET, SIGNATURE } from "../../engine/values";
import { type Plan, plan } from "../../testing";
import { type CommandResult, runCommand } from "../support/command";
import { previewOf } from "../support/preview";
import { example } from "../support/reports";
import { allow, restStack, trustOf } from "../support/rest";
import { stateOf } from "../support/state";
import { named } from "../testing/fixtures";

const ROOT = path.resolve(__dirname, "../..");
const COMMAND = path.join(ROOT, "dist/cli/index.js");

describe("apigateway-lambda-access", function () {
  this.timeout(120_000);
  let folder: string;
  let planned: Plan;

  before(async () => {
    assert.ok(fs.existsSync(COMMAND), "run npm run build first: this test runs the built command");
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
    planned = await plan(example("invalid-permissions"), { as: "deployed", project: "shop" });
    file("state.json", stateOf(planned));
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function file(name: string, content: string | Buffer): string {
    const at = path.join(folder, name);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.writeFileSync(at, content);
    return at;
  }

  function run(
    args: readonly string[],
    { input = "", env = {} }: { input?: string; env?: object } = {},
  ): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [COMMAND, ...args], {
        cwd: folder,
        env: { ...process.env, ...env },
      });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
      });
      child.stderr.on("data", (chunk) => {
        err += chunk;
      });
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, out, err }));
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });
  }

  /** Runs the command in this process, which saves most of a second. */
  const runInFolder = (args: readonly string[]): Promise<CommandResult> => runCommand(args, folder);

  function program(name: string, code: string): string {
    file(`${name}/Pulumi.yaml`, `name: ${name}\nruntime: nodejs\n`);
    return path.dirname(file(`${name}/index.js`, code));
  }

  function deepState(depth: number): string {
    const outputs = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    return `{"resources":[{"urn":"urn:pulumi:dev::shop::aws:iam/role:Role::d","type":"aws:iam/role:Role","outputs":{"x":${outputs}}}]}`;
  }

  /** The command failed with exit status 2, one line on standard error and nothing on standard output. */
  function refused({ status, out, err }: CommandResult, message: RegExp): void {
    assert.equal(status, 2, err);
    assert.equal(out, "");
    assert.match(err, message);
    assert.equal(err.trimEnd().split("\n").length, 1, err);
  }

  describe("report", () => {
    it("exits with status 1 and prints the findings if a mandatory policy is violated", async () => {
      const { status, out, err } = await run(["report", "state.json"]);
      assert.equal(status, 1);
      assert.equal(err, "");
      assert.match(out, /GET {5}\/orders {2}AWS_IAM/);
      assert.match(
        out,
        /- \[mandatory\] \[severity: high\] {2}iam-route-caller-lambda-invoke {2}\(aws:iam:Role: orders-client\)/,
      );
      assert.match(out, /\n1 route: 1 denied by the two-step rule; 1 mandatory and 0 advisory findings\n$/);
      assert.ok(!out.includes("\u001b"), "colors only on a terminal");
    });

    it("exits with status 0 if no mandatory policy is violated", async () => {
      const fixed = await plan(example("invalid-permissions-fixed"), { as: "deployed" });
      const { status, out } = await runInFolder(["report", file("fixed.json", stateOf(fixed))]);
      assert.equal(status, 0);
      assert.match(out, /1 route: 1 allowed; 0 mandatory and 0 advisory findings\n$/);
    });

    it("reads a state from standard input", async () => {
      const { status, out } = await run(["report", "-"], { input: stateOf(planned) });
      assert.equal(status, 1);
      assert.match(out, /^apigateway-lambda-access \S+\nshop\/dev \(-, 13 resources\)/);
    });

    it("reads a preview as JSON and as engine events", async () => {
      const preview = previewOf(await plan(example("invalid-permissions"), { as: "first-preview" }));
      const { status, out } = await run(["report", "-"], { input: JSON.stringify(preview) });
      assert.equal(status, 1);
      assert.match(out, /\nproject\/dev \(-, preview, 13 resources\)/);
      const { steps } = preview as { steps: { op: string; urn: string; newState: object }[] };
      const events = steps.map(({ op, urn, newState }, sequence) => ({
        sequence,
        resOutputsEvent: { metadata: { op, urn, old: null, new: newState } },
      }));
      const lines = events.map((event) => JSON.stringify(event)).join("\n");
      assert.match((await run(["report", "-"], { input: lines })).out, /preview, 13 resources/);
    });

    it("rejects a preview that omits unchanged resources", async () => {
      refused(
        await run(["report", "-"], { input: '{"steps":[],"changeSummary":{"same":3}}' }),
        /^error: standard input cannot be read: it omits 3 unchanged resources; use "pulumi preview --json --show-sames"$/m,
      );
    });

    it("reports an empty stack", async () => {
      const { status, out } = await run(["report", "-"], {
        input: '{"version":3,"deployment":{"manifest":{}}}',
      });
      assert.equal(status, 0);
      assert.match(out, /\nan empty stack \(-, 0 resources\)\n\n0 routes;/);
    });

    it("reads UTF-16 and a byte order mark, as written by Windows PowerShell", async () => {
      const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(stateOf(planned), "utf16le")]);
      assert.equal((await runInFolder(["report", file("utf16.json", utf16)])).status, 1);
      assert.equal((await runInFolder(["report", file("bom.json", `\ufeff${stateOf(planned)}`)])).status, 1);
    });

    for (const [as, expectedStatus] of [
      ["first-preview", 1],
      ["deployed", 1],
    ] as const)
      it(`runs a program as ${as}`, async () => {
        const { status, out, err } = await run([
          "report",
          path.join(ROOT, "examples/invalid-permissions"),
          "--as",
          as,
        ]);
        assert.equal(status, expectedStatus, err);
        assert.match(out, new RegExp(`invalid-permissions/dev \\(.*, ${as}, 13 resources\\)`));
      });

    it("applies the levels of --policy-config", async () => {
      const config = file("config.json", JSON.stringify({ "iam-route-caller-lambda-invoke": "advisory" }));
      const { status, out } = await runInFolder(["report", "state.json", "--policy-config", config]);
      assert.equal(status, 0);
      assert.match(out, /0 mandatory and 1 advisory finding\n/);
    });

    it("reports only the policies of --only", async () => {
      const { status, out } = await runInFolder([
        ...["report", "state.json", "--format", "json"],
        ...["--only", "route-function-permission", "--only", "unproven-access"],
      ]);
      assert.equal(status, 0);
      const report = JSON.parse(out);
      assert.deepEqual(
        report.policies.map(({ name }: { name: string }) => name),
        ["route-function-permission", "unproven-access"],
      );
    });

    for (const format of ["text", "html", "json", "sarif", "junit"])
      it(`writes ${format} to the file of --output only`, async () => {
        const printed = await runInFolder(["report", "state.json", "--format", format]);
        const written = await runInFolder(["report", "state.json", "-f", format, "-o", "out"]);
        assert.deepEqual([written.status, written.out, written.err], [1, "", ""]);
        assert.equal(fs.readFileSync(path.join(folder, "out"), "utf8"), printed.out);
        assert.ok(printed.out.endsWith("\n"));
      });

    it("evaluates several stacks as one", async () => {
      const api = await plan(restStack({ caller: false }), { as: "deployed", project: "api" });
      const arn = String(named(api, "orders-api", "RestApi").outputs.executionArn);
      const app = await plan(
        () => {
          const role = new aws.iam.Role("app", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
          new aws.iam.RolePolicy("app", {
            role: role.name,
            policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", `${arn}/*`)] },
          });
        },
        { as: "deployed", project: "app" },
      );
      const names = [file("api.json", stateOf(api)), file("app.json", stateOf(app))];
      const { status, out } = await runInFolder(["report", ...names, "-f", "json"]);
      assert.equal(status, 1);
      const report = JSON.parse(out);
      assert.deepEqual(
        report.inputs.map(({ project }: { project: string }) => project),
        ["api", "app"],
      );
      assert.deepEqual(
        report.findings.map(({ policy, urn }: { policy: string; urn: string }) => [policy, urn]),
        [["iam-route-caller-lambda-invoke", "urn:pulumi:dev::app::aws:iam/role:Role::app"]],
      );
    });

    it("names an input file by its path in the repository in SARIF", async () => {
      fs.mkdirSync(path.join(folder, "repository/.git"), { recursive: true });
      file("repository/infra/state.json", stateOf(planned));
      const { out } = await runInFolder(["report", "repository/infra/state.json", "-f", "sarif"]);
      const [result] = JSON.parse(out).runs[0].results;
      assert.equal(result.locations[0].physicalLocation.artifactLocation.uri, "infra/state.json");
    });

    it("prints no secret and treats an encrypted secret as unknown", async () => {
      const encrypted = stateOf(planned, (resource) =>
        resource.type === "aws:iam/rolePolicy:RolePolicy"
          ? { outputs: { ...resource.outputs, policy: { [SIGNATURE]: SECRET, ciphertext: "v1:s3cret" } } }
          : {},
      );
      file("encrypted.json", encrypted);
      for (const format of ["text", "html", "json", "sarif", "junit"]) {
        const { out } = await runInFolder(["report", "encrypted.json", "-f", format]);
        assert.ok(out.length > 0 && !out.includes("s3cret"));
      }
      const { out, status } = await runInFolder(["report", "encrypted.json", "-f", "json"]);
      const { answers, findings } = JSON.parse(out);
      assert.equal(status, 0);
      assert.deepEqual(
        answers.map((answer: { gate: string; outcome: string; inferredFrom: string[] }) => [
          answer.gate,
          answer.outcome,
          answer.inferredFrom,
        ]),
        [
          ["caller-route", "unproven", []],
          ["route-function", "allowed", []],
          ["caller-function", "unproven", []],
        ],
      );
      assert.deepEqual(
        findings.map(({ policy, level }: { policy: string; level: string }) => [policy, level]),
        [["unproven-access", "advisory"]],
      );
      assert.match(findings[0].message, /it is encrypted in the state\. To resolve: .*--show-secrets/);
    });

    it("includes external resources of a state and ignores resources pending deletion", async () => {
      const state = JSON.parse(stateOf(planned));
      for (const resource of state.deployment.resources) {
        if (resource.type === "aws:iam/role:Role") resource.external = true;
        if (resource.type === "aws:lambda/permission:Permission") resource.delete = true;
      }
      const { status, out } = await runInFolder([
        "report",
        file("external.json", JSON.stringify(state)),
        "-f",
        "json",
      ]);
      assert.equal(status, 1);
      assert.deepEqual(
        JSON.parse(out).findings.map(({ policy }: { policy: string }) => policy),
        ["route-function-permission", "unproven-access"],
      );
    });

    it("warns about entries of a state that are not resources", async () => {
      const state = JSON.parse(stateOf(planned));
      state.deployment.resources.push(null, "x", {}, []);
      const { status, err } = await run(["report", "-"], { input: JSON.stringify(state) });
      assert.equal(status, 1);
      assert.match(
        err,
        /^warning: -: skipped entries that are not resources: resources\[13\]: not an object, .* and 1 more\n$/,
      );
    });

    it("warns about a configured policy that does not exist", async () => {
      const config = file("typo.json", JSON.stringify({ "route-function-permision": "disabled" }));
      const { status, err } = await runInFolder(["report", "state.json", "--policy-config", config]);
      assert.equal(status, 1);
      assert.match(
        err,
        /there is no policy route-function-permision; did you mean route-function-permission\?\n$/,
      );
    });

    it("warns about Pulumi ESC environments and applies the rest of the configuration", async () => {
      const config = file("esc.json", JSON.stringify({ environments: ["acme/apis"], all: "advisory" }));
      const { status, err } = await runInFolder(["report", "state.json", "--policy-config", config]);
      assert.equal(status, 0);
      assert.match(err, /^warning: \S+esc\.json: Pulumi ESC environments are not opened: acme\/apis\n$/);
      const malformed = file("esc-wrong.json", JSON.stringify({ environments: "acme/apis" }));
      refused(
        await runInFolder(["report", "state.json", "--policy-config", malformed]),
        /environments must be a list of names/,
      );
    });

    it("keeps its exit status if standard output is closed early", async () => {
      const child = spawn(process.execPath, [COMMAND, "report", "state.json"], { cwd: folder });
      child.stdout.destroy();
      let err = "";
      child.stderr.on("data", (chunk) => {
        err += chunk;
      });
      const status = await new Promise((done) => child.on("close", done));
      assert.deepEqual([status, err], [1, ""]);
    });
  });

  describe("check", () => {
    const shop = path.join(ROOT, "examples/shop");

    it("prints only the findings of a program as deployed", async () => {
      const { status, out, err } = await run(["check", shop]);
      assert.deepEqual([status, err], [1, ""]);
      assert.match(out, /shop, deployed, \d+ resources\)\n\nPolicies:\n {4}- \[mandatory\]/);
      assert.ok(!out.includes("METHOD"));
      assert.match(out, /\n\d+ routes; 3 mandatory and 1 advisory finding\n$/);
    });

    it("exits with status 0 if no finding is mandatory", async () => {
      const { status, out } = await run(["check", path.join(ROOT, "examples/invalid-permissions-fixed")]);
      assert.equal(status, 0);
      assert.match(out, /\n\n1 route; 0 mandatory and 0 advisory findings\n$/);
    });

    it("compares a program as deployed with its first preview for --as both", async () => {
      const { status, out } = await run([
        "check",
        shop,
        "--as",
        "both",
        "--only",
        "route-function-permission",
      ]);
      assert.equal(status, 1);
      assert.match(out, /\nOnly as deployed: [^\n]*\n {4}- \[mandatory\] .*route-function-permission/);
      assert.match(
        out,
        /\nAs deployed: 1 mandatory and 0 advisory findings; in the first preview: 0 mandatory and 0 advisory findings\n$/,
      );
    });

    it("reads a preview from standard input", async () => {
      const preview = previewOf(await plan(example("invalid-permissions"), { as: "first-preview" }));
      const { status, out } = await run(["check", "-"], { input: JSON.stringify(preview) });
      assert.equal(status, 1);
      assert.match(out, /iam-route-caller-lambda-invoke {2}\(aws:iam:Role: orders-client\)/);
    });

    it("rejects --as both for a state and for formats other than text", async () => {
      refused(
        await runInFolder(["check", "state.json", "--as", "both"]),
        /requires programs; .*state\.json is not the folder of a program$/m,
      );
      refused(
        await runInFolder(["report", shop, "--as", "both", "-f", "json"]),
        /--as both supports only text on standard output$/m,
      );
    });
  });

  describe("report on a program", () => {
    it("evaluates it as deployed by default, and as deployed and first preview for --as both", async () => {
      const invalid = path.join(ROOT, "examples/invalid-permissions");
      assert.match((await run(["report", invalid])).out, /, deployed, 13 resources\)/);
      const both = await run(["report", invalid, "--as", "both"]);
      assert.equal(both.status, 1);
      assert.match(both.out, /, deployed, 13 resources\)[\s\S]*, first-preview, 13 resources\)/);
    });
  });

  describe("explain", () => {
    it("shows the gates of a route and exits with status 1 if a gate is denied", async () => {
      const { status, out } = await run(["explain", "state.json", "--route", "GET /orders"]);
      assert.equal(status, 1);
      assert.match(out, /^GET \/orders of API shop-\w+ \(REST\)\n/);
      assert.match(
        out,
        /5\. Can the caller invoke the function\? [\s\S]*! role "orders-client-\w+" can invoke/,
      );
    });

    it("exits with status 0 if all gates are allowed or the policy is advisory", async () => {
      const fixed = await plan(example("invalid-permissions-fixed"), { as: "deployed" });
      const allowed = await runInFolder([
        "explain",
        file("fixed.json", stateOf(fixed)),
        "--route",
        "GET /orders",
      ]);
      assert.equal(allowed.status, 0);
      const config = file("advisory.json", JSON.stringify({ all: "advisory" }));
      const advisory = await runInFolder([
        "explain",
        "state.json",
        "--route",
        "*",
        "--policy-config",
        config,
      ]);
      assert.equal(advisory.status, 0);
    });

    it("rejects an unknown route or caller and suggests similar ones", async () => {
      refused(
        await runInFolder(["explain", "state.json", "--route", "GET /order"]),
        /^error: there is no route GET \/order; similar: GET \/orders/,
      );
      refused(
        await runInFolder(["explain", "state.json", "--route", "GET /orders", "--caller", "missing"]),
        /^error: there is no role, user or group missing; similar: /,
      );
    });
  });

  describe("rejects", () => {
    const cases: [title: string, args: () => readonly string[], message: RegExp][] = [
      [
        "a file that does not exist",
        () => ["report", "nowhere.json"],
        /^error: no such file or folder: nowhere\.json$/m,
      ],
      ["an empty file", () => ["report", file("empty.json", " \n")], /empty\.json is empty$/m],
      [
        "a file that is not JSON",
        () => ["report", file("text.json", "resources: [s3cret]")],
        /text\.json is not JSON; pass the output of "pulumi stack export" or "pulumi preview --json --show-sames"/,
      ],
      [
        "JSON that is not a state",
        () => ["report", file("other.json", '{"a": 1}')],
        /other\.json cannot be read: not a stack export/,
      ],
      [
        "JSON that is nested 200,000 levels deep",
        () => ["report", file("deep.json", deepState(200_000))],
        /deep\.json cannot be read: it is nested too deeply/,
      ],
      [
        "a state that is nested more deeply than Pulumi's engine accepts",
        () => ["report", file("deep.json", deepState(4_000))],
        /^error: .*is nested too deeply/,
      ],
      [
        "a state that is nested as deeply as Pulumi's SDK may fail to convert",
        () => ["report", file("deep.json", deepState(2_800))],
        /^error: .*is nested too deeply/,
      ],
      [
        "a folder without a program",
        () => ["report", path.dirname(file("bare/note.txt", ""))],
        /contains neither a Pulumi\.yaml nor/m,
      ],
      [
        "the same stack twice",
        () => ["report", "state.json", file("copy.json", stateOf(planned))],
        /state\.json and .*copy\.json both contain the stack shop\/dev/,
      ],
      ["an unknown format", () => ["report", "state.json", "--format", "pdf"], /pdf.*is invalid/],
      [
        "an unknown policy",
        () => ["report", "state.json", "--only", "route-function-permision"],
        /there is no policy route-function-permision; did you mean route-function-permission\?/,
      ],
      [
        "an option that contains a terminal escape sequence",
        () => ["report", "state.json", "--\u001b[31m"],
        /^error: unknown option '--\\u\{1b\}\[31m'$/m,
      ],
      ["an unknown option", () => ["report", "state.json", "--colors"], /unknown option/],
      ["no input", () => ["report"], /missing required argument/],
      ["no route", () => ["explain", "state.json"], /required option/],
      [
        "a configuration file that does not exist",
        () => ["report", "state.json", "--policy-config", "none.json"],
        /none\.json cannot be read: ENOENT/,
      ],
      [
        "a configuration that is not JSON",
        () => ["report", "state.json", "--policy-config", file("c.yaml", "all: advisory")],
        /c\.yaml is not JSON/,
      ],
      [
        "an unknown enforcement level",
        () => ["report", "state.json", "--policy-config", file("c.json", '{"all": "strict"}')],
        /the level of all must be one of advisory, mandatory, disabled/,
      ],
      [
        "remediation by a policy that does not support it",
        () => [
          "report",
          "state.json",
          "--policy-config",
          file("c.json", '{"unproven-access": {"enforcementLevel": "remediate"}}'),
        ],
        /unproven-access does not support the level remediate.*lambda-permission-source-arn, lambda-integration-request/,
      ],
      [
        "remediation by all policies",
        () => ["report", "state.json", "--policy-config", file("c.json", '{"all": "remediate"}')],
        /all does not support the level remediate/,
      ],
      [
        "overwriting the input with the report",
        () => ["report", "state.json", "-f", "json", "-o", "./state.json"],
        /state\.json is an input; write to another file$/m,
      ],
      [
        "overwriting the policy configuration with the report",
        () => {
          fs.writeFileSync(path.join(folder, "levels.json"), "{}");
          return ["report", "state.json", "--policy-config", "levels.json", "-o", "levels.json"];
        },
        /levels\.json is an input; write to another file$/m,
      ],
      [
        "overwriting the input through a hard link",
        () => {
          fs.rmSync(path.join(folder, "link.json"), { force: true });
          fs.linkSync(path.join(folder, "state.json"), path.join(folder, "link.json"));
          return ["report", "state.json", "-o", "link.json"];
        },
        /link\.json is an input; write to another file$/m,
      ],
      [
        "an output file in a folder that does not exist",
        () => ["report", "state.json", "-o", "no/such/folder"],
        /no\/such\/folder cannot be written: ENOENT/,
      ],
    ];
    const programs: typeof cases = [
      [
        "a program that awaits a promise that never settles",
        () => ["report", program("never", "module.exports = new Promise(() => undefined);")],
        /the program in .*never failed: the program never finishes/,
      ],
      [
        "a program with an exception in a timer while it awaits a promise",
        () => [
          "report",
          program(
            "late",
            'setTimeout(() => { throw new Error("late"); }); module.exports = new Promise((done) => setTimeout(done, 60_000));',
          ),
        ],
        /^error: late$/m,
      ],
      [
        "a program with an endless loop",
        () => ["check", program("endless", "for (;;) {}"), "--patience", "1"],
        /^error: the program in .*endless was stopped: it ran for more than 1 s \(see --patience\)$/m,
      ],
      [
        "a program with an endless loop in a microtask",
        () => [
          "check",
          program("later", "Promise.resolve().then(() => { while (true) try { Math.random(); } catch {} });"),
          "--patience",
          "1",
        ],
        /^error: the program in .*later was stopped: it ran for more than 1 s \(see --patience\)$/m,
      ],
      [
        "a program that a timer keeps running while it awaits a promise",
        () => [
          "check",
          program(
            "timer",
            "setInterval(() => undefined, 10); module.exports = new Promise(() => undefined);",
          ),
          "--patience",
          "1",
        ],
        /^error: the program in .*timer was stopped: it ran for more than 1 s \(see --patience\)$/m,
      ],
      [
        "a program that a timer keeps running after its module is evaluated",
        () => ["check", program("server", "setInterval(() => undefined, 10);"), "--patience", "1"],
        /^error: the program in .*server was stopped: it ran for more than 1 s \(see --patience\)$/m,
      ],
      [
        "a program with an unhandled rejection",
        () => ["check", program("rejected", 'Promise.reject(new Error("left behind"));')],
        /^error: the program in .*rejected failed: left behind$/m,
      ],
      [
        "a program with an unhandled rejection after 1.5 seconds",
        () => ["check", program("later-rejected", 'setTimeout(() => Promise.reject("left behind"), 1_500);')],
        /^error: the program in .*later-rejected failed: left behind$/m,
      ],
    ];
    for (const [title, args, message] of cases)
      it(title, async () => refused(await runInFolder(args()), message));
    for (const [title, args, message] of programs) it(title, async () => refused(await run(args()), message));

    it("unknown options and files in a separate process, as in this one", async () => {
      for (const args of [["report", "nowhere.json"], ["report", "state.json", "--colors"], ["check"]])
        assert.deepEqual(await run(args), await runInFolder(args));
    });

    it("a file name with terminal escape sequences, which it prints escaped", async () => {
      const { err, status } = await runInFolder(["report", "no\u001b[31m\u202efile"]);
      assert.equal(status, 2);
      assert.equal(err, "error: no such file or folder: no\\u{1b}[31m\\u{202e}file\n");
    });

    it("a malformed state without printing its content", async () => {
      const { err } = await runInFolder(["report", file("malformed.json", '{"password": "s3cret" oops')]);
      assert.ok(!err.includes("s3cret"));
    });
  });

  const itOnPosix = process.platform === "win32" ? it.skip : it;
  for (const output of ["> cut.txt", "-o cut.txt"])
    itOnPosix(`reports that the output exceeds the maximum file size: ${output}`, () => {
      fs.rmSync(path.join(folder, "cut.txt"), { force: true });
      // ulimit counts in blocks of 512 or 1,024 bytes.
      const shell = `ulimit -f 1; exec "$0" "$1" report state.json --format json ${output}`;
      const { status, stderr } = spawnSync("sh", ["-c", shell, process.execPath, COMMAND], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(status, 2);
      assert.match(stderr, /^error: .* cannot be written: EFBIG/m);
      assert.equal(fs.existsSync(path.join(folder, "cut.txt")), output.startsWith(">"));
    });

  it("prints its help", async () => {
    const { status, out } = await run(["--help"]);
    assert.equal(status, 0);
    for (const part of ["report", "explain", "Examples:", "Exit status:"])
      assert.ok(out.includes(part), part);
    const report = await runInFolder(["report", "--help"]);
    for (const part of ["--policy-config", "--only", "sarif", "junit", "pulumi stack export |"])
      assert.ok(report.out.includes(part), part);
  });

  it("prints its version", async () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"));
    assert.equal((await run(["--version"])).out, `${version}\n`);
  });
});
