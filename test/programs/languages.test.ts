/** Programs in languages other than JavaScript and TypeScript: findings, sources of resources, and errors. */
import * as assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type ProgramOptions, planOfProgram } from "../../programs";
import { onPath } from "../../programs/child-process";
import { check, type Plan } from "../../testing";
import { shortenMavenRuns } from "../support/maven";
import { isRunning, waitUntil } from "../support/processes";
import { ENVIRONMENT, pythonEnvironment } from "../support/python";

const ROOT = path.resolve(__dirname, "../..");
const EXAMPLES = ["invalid-permissions", "caller-credentials", "http-api", "openapi-body"];
const MOMENTS = ["deployed", "first-preview"] as const;

const findings = async (planned: Plan): Promise<string[]> =>
  (await check(planned)).map(({ policy, level, resource }) => `${level} ${policy} ${resource}`);

const plannedAs = (folder: string, options: Partial<ProgramOptions> = {}) =>
  planOfProgram(folder, { as: "deployed", stack: "dev", ...options });

function sameFindings(
  language: string,
  examples: readonly string[] = EXAMPLES,
  programOf = (example: string) => path.join(ROOT, "examples", example, language),
): void {
  for (const example of examples)
    for (const as of MOMENTS)
      it(`${example} has the same findings as in TypeScript, as ${as}`, async () => {
        const expected = await findings(await plannedAs(path.join(ROOT, "examples", example), { as }));
        assert.equal(expected.length, 1);
        assert.deepEqual(await findings(await plannedAs(programOf(example), { as })), expected);
      });
}

describe("programs in other languages", function () {
  this.timeout(600_000);
  let root: string;
  let count = 0;

  before(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "languages-")));
  });

  after(() => fs.rmSync(root, { recursive: true, force: true }));

  function program(files: Record<string, string>): string {
    count += 1;
    const folder = path.join(root, `program${count}`);
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    return folder;
  }

  async function refused(
    folder: string,
    message: RegExp,
    options: Partial<ProgramOptions> = {},
  ): Promise<void> {
    await assert.rejects(plannedAs(folder, options), (error: Error) => {
      assert.equal(error.name, "UserError", error.stack);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }

  describe("a program in Python", () => {
    const originalEnvironment = process.env.VIRTUAL_ENV;

    before(function () {
      const unavailable = pythonEnvironment();
      if (unavailable !== undefined) {
        console.log(`      skipped: ${unavailable.missing}`);
        this.skip();
      }
      process.env.VIRTUAL_ENV = ENVIRONMENT;
    });

    after(() => {
      if (originalEnvironment === undefined) delete process.env.VIRTUAL_ENV;
      else process.env.VIRTUAL_ENV = originalEnvironment;
    });

    const python = (code: string, project = "name: shop\nruntime: python\n"): string =>
      program({ "Pulumi.yaml": project, "__main__.py": code });

    const UNTYPED = `
import pulumi
class Untyped(pulumi.CustomResource):
    def __init__(self, t, name, props, opts=None):
        super().__init__(t, name, {"arn": None, **props}, opts)
`;

    sameFindings("python");

    it("has the line, parent, dependencies and provider of each resource", async () => {
      const folder = python(`${UNTYPED}
class Part(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("my:index:Part", name)
        self.role = Untyped("aws:iam/role:Role", "caller", {"assumeRolePolicy": "{}"}, pulumi.ResourceOptions(parent=self))
part = Part("part")
Untyped("aws:iam/rolePolicy:RolePolicy", "policy", {"role": part.role.id, "policy": pulumi.Output.secret("{}")})
`);
      const { resources } = await plannedAs(folder);
      const named = (name: string) => resources.find((resource) => resource.name === name);
      assert.deepEqual(named("caller")?.source, { file: "__main__.py", line: 10 });
      assert.equal(named("caller")?.urn, "urn:pulumi:dev::shop::my:index:Part$aws:iam/role:Role::caller");
      assert.deepEqual(named("policy")?.propertyDependencies.role, [named("caller")?.urn]);
      assert.deepEqual(
        [named("policy")?.inputs.role, named("policy")?.inputs.policy],
        [named("caller")?.id, "{}"],
      );
      assert.match(String(named("policy")?.provider), /pulumi:providers:aws::default/);
    });

    it("gets configuration, secrets and the dry-run flag, and prints to standard error", async () => {
      const folder = python(
        `${UNTYPED}
print("hello")
c = pulumi.Config()
Untyped("aws:iam/role:Role", "caller", {"name": c.require("name"), "description": c.require_secret("token"), "path": str(pulumi.runtime.is_dry_run())})
`,
        "name: shop\nruntime: python\nconfig:\n  name: plain\n",
      );
      fs.writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config:\n  shop:token:\n    secure: AAAB\n");
      for (const as of MOMENTS) {
        const { resources } = await plannedAs(folder, { as });
        const {
          name,
          description,
          path: dryRun,
        } = resources.find((resource) => resource.name === "caller")?.inputs ?? {};
        assert.deepEqual(
          [name, description, dryRun],
          ["plain", "[secret]", String(as !== "deployed").replace(/^./, (c) => c.toUpperCase())],
        );
      }
    });

    it("that raises an exception is rejected with its message and line", () =>
      refused(
        python("import pulumi\n\nraise ValueError('no such thing\\nsecond line')\n"),
        /^the program in .* failed: ValueError: no such thing \(__main__\.py:3\)$/,
      ));

    it("that raises an exception in an apply is rejected", () =>
      refused(
        python(
          "import pulumi\ndef late(_):\n    raise ValueError('late')\npulumi.export('x', pulumi.Output.from_input(1).apply(late))\n",
        ),
        /failed: .*late/,
      ));

    it("that requires a configuration value that is not set is rejected", () =>
      refused(python("import pulumi\npulumi.Config().require('name')\n"), /failed: .*shop:name/));

    it("that imports a missing package is rejected", () =>
      refused(
        python("import nowhere_to_be_found\n"),
        /ModuleNotFoundError: No module named 'nowhere_to_be_found'/,
      ));

    it("that exits its process is rejected", () =>
      refused(python("import os\nos._exit(3)\n"), /failed: it ended with exit status 3$/));

    it("that never ends is killed together with its child processes", async () => {
      const folder = python(
        "import subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\nopen('pid', 'w').write(str(child.pid))\ntime.sleep(600)\n",
      );
      await refused(folder, /was stopped: it was idle for more than 3 s \(see --patience\)$/, {
        patience: 3,
      });
      const pid = Number(fs.readFileSync(path.join(folder, "pid"), "utf8"));
      await waitUntil(() => !isRunning(pid), 20_000);
    });

    it("without Pulumi's SDK is rejected, and the message names the package to install", async () => {
      const bare = path.join(root, "bare");
      spawnSync("python3", ["-m", "venv", "--without-pip", bare]);
      const project = `name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: ${bare}\n`;
      await refused(
        python("", project),
        /requires the Pulumi SDK for Python, which .*bare\/bin\/python3 does not have; install/,
      );
    });

    it("whose virtual environment does not exist is rejected", () =>
      refused(
        python("", "name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: nowhere\n"),
        /uses the virtual environment nowhere, which does not exist/,
      ));

    it("is killed when the command is interrupted", async () => {
      const folder = python("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n");
      const command = spawn(process.execPath, [path.join(ROOT, "dist/cli/index.js"), "check", folder]);
      const pidFile = path.join(folder, "pid");
      await waitUntil(() => fs.existsSync(pidFile) && fs.readFileSync(pidFile, "utf8") !== "", 60_000);
      command.kill("SIGINT");
      const signal = await new Promise((done) => command.on("exit", (_code, endedBy) => done(endedBy)));
      assert.equal(signal, "SIGINT");
      const pid = Number(fs.readFileSync(pidFile, "utf8"));
      await waitUntil(() => !isRunning(pid), 20_000);
    });
  });

  it("without a required configuration value are rejected before they run, and the message shows how to set it", () =>
    refused(
      program({
        "Pulumi.yaml":
          "name: shop\nruntime: nodejs\nconfig:\n  name:\n    type: string\n  size:\n    type: integer\n    default: 3\n  token:\n    type: string\n    secret: true\n",
        "index.js": "throw new Error('it ran');\n",
      }),
      /failed: missing required configuration variable 'name' \(and 'token'\); set it with "pulumi config set name VALUE"/,
    ));

  describe("a program in YAML", () => {
    before(function () {
      if (onPath("pulumi-language-yaml") !== undefined) return;
      console.log("      skipped: pulumi-language-yaml is not on PATH");
      this.skip();
    });

    sameFindings("yaml");

    it("has the line of each resource", async () => {
      const folder = program({
        "Pulumi.yaml": `name: shop
runtime: yaml
resources:
  # one
  caller:
    type: aws:iam:Role
    properties:
      assumeRolePolicy: |
        other: {}
  "other":
    type: aws:iam:Role
    name: renamed
    properties: { assumeRolePolicy: "{}" }
outputs:
  caller: 1
`,
      });
      const { resources } = await plannedAs(folder);
      assert.deepEqual(
        resources
          .filter(({ type }) => type.startsWith("aws:"))
          .map(({ name, source }) => `${name} ${source?.file}:${source?.line}`)
          .sort(),
        ["caller Pulumi.yaml:5", "renamed Pulumi.yaml:10"],
      );
    });

    it("with a reference to an undefined resource is rejected", () =>
      refused(
        program({
          "Pulumi.yaml":
            "name: shop\nruntime: yaml\nresources:\n  a:\n    type: aws:iam:Role\n    properties:\n      name: ${nowhere.name}\n",
        }),
        /^the program in .* failed: resource, variable, or config value "nowhere" not found \(Pulumi\.yaml:7\)$/,
      ));

    it("without a required configuration value is rejected, and the message shows how to set it", () =>
      refused(
        program({ "Pulumi.yaml": "name: shop\nruntime: yaml\nconfig:\n  name:\n    type: string\n" }),
        /failed: missing required configuration variable 'name'; set it with "pulumi config set name VALUE"/,
      ));

    it("with a circular dependency is rejected", () =>
      refused(
        program({
          "Pulumi.yaml":
            "name: shop\nruntime: yaml\nresources:\n  a:\n    type: aws:iam:Role\n    properties:\n      name: ${b.arn}\n  b:\n    type: aws:iam:Role\n    properties:\n      name: ${a.arn}\n",
        }),
        /failed: Pulumi\.yaml:\S+ circular dependency of resource/,
      ));
  });

  describe("a program in Go", () => {
    before(function () {
      if (onPath("go") !== undefined) return;
      console.log("      skipped: go is not on PATH");
      this.skip();
    });

    const go = (body: string): string =>
      program({
        "Pulumi.yaml": "name: shop\nruntime: go\n",
        "go.mod": "module program\n\ngo 1.23\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.190.0\n",
        "main.go": `package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

type untyped struct {
	pulumi.CustomResourceState
	Arn pulumi.StringOutput \`pulumi:"arn"\`
}

// As typed packages do.
func newRole(ctx *pulumi.Context, name string, role *untyped) error {
	return ctx.RegisterResource("aws:iam/role:Role", name, pulumi.Map{"assumeRolePolicy": pulumi.String("{}")}, role)
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
${body}
		return nil
	})
}
`,
      });

    it("is built and run", async function () {
      const folder = go(`
		var role untyped
		if err := newRole(ctx, "caller", &role); err != nil {
			return err
		}
		ctx.Export("arn", role.Arn)`);
      const tidied = spawnSync("go", ["mod", "tidy"], { cwd: folder, encoding: "utf8" });
      if (tidied.status !== 0) {
        console.log(`      skipped: ${tidied.stderr.trim().split("\n").at(-1)}`);
        this.skip();
      }
      const { resources } = await plannedAs(folder);
      assert.deepEqual(resources.find(({ name }) => name === "caller")?.source, {
        file: "main.go",
        line: 19,
      });
      assert.match(
        String(resources.find(({ name }) => name === "caller")?.outputs.arn),
        /^arn:aws:iam::\d{12}:role\/caller/,
      );
      assert.equal(
        resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs.arn,
        resources.find(({ name }) => name === "caller")?.outputs.arn,
      );
    });

    it("that does not compile is rejected with the first error", () =>
      refused(
        program({
          "Pulumi.yaml": "name: shop\nruntime: go\n",
          "go.mod": "module program\n",
          "main.go": "package main\n\nfunc main() { nothing() }\n",
        }),
        /cannot be built: .*main\.go:3:15: undefined: nothing$/,
      ));

    it("whose binary does not exist is rejected", () =>
      refused(
        program({ "Pulumi.yaml": "name: shop\nruntime:\n  name: go\n  options:\n    binary: ./nowhere\n" }),
        /failed: .*nowhere cannot be run$/,
      ));
  });

  /** Copies an example, because its tool writes the build next to the program. */
  const copyOf = (example: string, language: string): string => {
    const copy = path.join(root, `${example}-${language}`);
    fs.cpSync(path.join(ROOT, "examples", example, language), copy, { recursive: true });
    return copy;
  };

  describe("a program in Java", () => {
    let folder: string;

    before(function () {
      const skip = (reason: string): void => {
        console.log(`      skipped: ${reason}`);
        this.skip();
      };
      if (onPath("mvn") === undefined) return skip("mvn is not on PATH");
      shortenMavenRuns();
      folder = copyOf("caller-credentials", "java");
      const compile = ["--batch-mode", "--no-transfer-progress", "--quiet", "compile"];
      const { status, stdout, stderr } = spawnSync("mvn", compile, { cwd: folder, encoding: "utf8" });
      if (status !== 0 && /resolve|transfer/i.test(stdout)) return skip("the packages cannot be had");
      assert.equal(status, 0, stdout + stderr);
    });

    sameFindings("java", ["caller-credentials"], () => folder);
  });

  describe("a program in C#", () => {
    let folder: string;

    before(function () {
      if (onPath("dotnet") === undefined) {
        console.log("      skipped: dotnet is not on PATH");
        this.skip();
      }
      folder = copyOf("caller-credentials", "csharp");
    });

    sameFindings("csharp", ["caller-credentials"], () => folder);
  });

  it("without a language host on PATH are rejected, and the message shows a solution", () =>
    refused(
      program({ "Pulumi.yaml": "name: shop\nruntime: cobol\n" }),
      /requires pulumi-language-cobol, which is not on PATH; install the Pulumi CLI, or pass the output of "pulumi preview --json --show-sames"$/,
    ));
});
