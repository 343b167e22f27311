/**
 * The package as users install it: packed from a fresh copy of the sources, installed without dev dependencies and
 * started as the engine starts it.
 */
import * as assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { dependencies, version } from "../../package.json";
import { renderHtml } from "../../report/html";
import { plan } from "../../testing";
import { bootPack } from "../protocol/harness";
import { smallReport } from "../report/html/samples";
import { freshCopy, isRegistryUnreachable } from "../support/package";
import { example } from "../support/reports";
import { stateOf } from "../support/state";

const ROOT = path.resolve(__dirname, "../..");
const run = promisify(execFile);

/** Starts a pack as the engine does and returns the first line, which is its port, and the errors that it prints. */
async function boot(
  project: string,
  pack: string,
): Promise<{ firstLine: string; errors: string; child: ChildProcess }> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [pack] });
  assert.ok(runner.startsWith(fs.realpathSync(project)), `${runner} is not of the installed package`);
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", pack], {
    cwd: pack,
    env: {
      ...process.env,
      PULUMI_NODEJS_ORGANIZATION: "org",
      PULUMI_NODEJS_PROJECT: "shop",
      PULUMI_NODEJS_STACK: "dev",
      PULUMI_NODEJS_DRY_RUN: "true",
      PULUMI_CONFIG: "{}",
    },
  });
  let out = "";
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const firstLine = await new Promise<string>((resolve) => {
    child.stdout.on("data", (chunk) => {
      out += chunk;
      if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")));
    });
    child.on("exit", () => resolve(out));
  });
  return { firstLine, errors, child };
}

/** Requests the name and the policies of a running pack. */
async function describePack(pack: string, port: string): Promise<{ name: string; policies: string[] }> {
  const load = (id: string): unknown => require(require.resolve(id, { paths: [pack] }));
  const grpc = load("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
  const services = load("@pulumi/pulumi/proto/analyzer_grpc_pb") as {
    AnalyzerClient: new (address: string, credentials: unknown) => AnalyzerClient;
  };
  const { Empty } = load("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => unknown };
  const client = new services.AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  try {
    const info = await new Promise<AnalyzerInfo>((resolve, reject) =>
      client.getAnalyzerInfo(new Empty(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    return { name: info.getName(), policies: info.getPoliciesList().map((policy) => policy.getName()) };
  } finally {
    client.close();
  }
}

/** Installs packages as a user does. Returns `false` and logs a message if the registry is unreachable. */
async function install(project: string, packages: readonly string[]): Promise<boolean> {
  const flags = ["--omit=dev", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  try {
    await run("npm", ["install", ...packages, ...flags], { cwd: project });
    return true;
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr ?? error);
    if (!isRegistryUnreachable(reason)) throw error;
    console.warn(`      skipped: the package registry cannot be reached`);
    return false;
  }
}

/** The exit status and output of a process that may fail. */
async function resultOf(running: Promise<{ stdout: string }>): Promise<{ status: number; stdout: string }> {
  try {
    return { status: 0, stdout: (await running).stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, stdout };
  }
}

interface AnalyzerInfo {
  getName(): string;
  getPoliciesList(): { getName(): string }[];
}

interface AnalyzerClient {
  getAnalyzerInfo(request: unknown, callback: (error: Error | null, response: AnalyzerInfo) => void): void;
  close(): void;
}

/** The lowest version of `@pulumi/pulumi` that package.json allows. */
const LOWEST_SDK = dependencies["@pulumi/pulumi"].replace("^", "");

const ORGANIZATION_PACK = `
const { PolicyPack } = require("@pulumi/policy");
const { apiGatewayLambdaAccess } = require("apigateway-lambda-access/policies");
new PolicyPack("acme", {
  policies: [
    ...apiGatewayLambdaAccess({ rules: ["aws"] }),
    {
      name: "no-functions",
      description: "The organization's own.",
      enforcementLevel: "advisory",
      validateStack: ({ resources }, reportViolation) => {
        if (resources.some(({ type }) => type === "aws:lambda/function:Function")) reportViolation("a function");
      },
    },
  ],
});
`;

const ORGANIZATION_PACK_IN_TYPESCRIPT = `
import { PolicyPack } from "@pulumi/policy";
import { apiGatewayLambdaAccess, type ApiGatewayLambdaAccessOptions } from "apigateway-lambda-access/policies";
const options: ApiGatewayLambdaAccessOptions = { severities: ["high"], enforcementLevel: "advisory" };
new PolicyPack("acme", { policies: [...apiGatewayLambdaAccess(options), ...apiGatewayLambdaAccess()] });
// @ts-expect-error: there is no policy of this name.
apiGatewayLambdaAccess({ names: ["route-function-permissions"] });
`;

const PROGRAM_WITHOUT_TYPES = `
const { CustomResource } = require("@pulumi/pulumi");
new CustomResource("aws:lambda/permission:Permission", "invoke", {
  action: "lambda:InvokeFunction",
  function: "orders",
  principal: "apigateway.amazonaws.com",
  sourceArn: "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5",
});
`;

describe("the packed tarball", function () {
  this.timeout(300_000);
  let folder: string;
  let tarball: string;
  let stdout: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
    const clone = path.join(folder, "clone");
    freshCopy(clone);
    ({ stdout } = await run("npm", ["pack"], { cwd: clone }));
    tarball = path.join(clone, stdout.trim());
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("is the only line that npm pack prints, as pulumi policy publish requires", () => {
    assert.match(stdout, /^apigateway-lambda-access-[\d.]+\.tgz\n$/);
    assert.ok(fs.existsSync(tarball));
  });

  it("contains the build and the documentation but no sources, tests or examples", async () => {
    const listed = (await run("tar", ["-tzf", tarball])).stdout.trim().split("\n");
    const files = listed.map((file) => file.replace(/^package\//, ""));
    for (const file of [
      "package.json",
      "PulumiPolicy.yaml",
      "README.md",
      "LICENSE",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/testing/index.d.ts",
      "dist/pulumi/policies.d.ts",
      "dist/report/html/page.css",
      "dist/report/html/browser/main.js",
      "dist/cli/index.js",
      "docs/report.schema.json",
      "schema/policy-config.schema.json",
    ])
      assert.ok(files.includes(file), `${file} is missing`);
    assert.ok(!files.includes("dist/.tsbuildinfo"));
    for (const file of files)
      assert.match(
        file,
        /^(package\.json|PulumiPolicy\.yaml|README\.md|LICENSE|(dist|docs|presets|schema)\/.*)$/,
      );
    assert.deepEqual(
      files.filter((file) => /^dist\/(test|bench|examples|scripts)\//.test(file)),
      [],
    );
  });

  it("starts from node_modules without dev dependencies", async function () {
    const project = path.join(folder, "project");
    fs.mkdirSync(project);
    fs.writeFileSync(path.join(project, "package.json"), '{ "name": "shop", "private": true }');
    if (!(await install(project, [tarball]))) this.skip();
    assert.ok(!fs.existsSync(path.join(project, "node_modules/@pulumi/aws")));
    assert.ok(!fs.existsSync(path.join(project, "node_modules/typescript")));

    const pack = path.join(project, "node_modules/apigateway-lambda-access");
    const { firstLine, errors, child } = await boot(project, pack);
    try {
      assert.match(firstLine, /^\d+$/, errors);
      const { name, policies } = await describePack(pack, firstLine);
      assert.equal(name, "apigateway-lambda-access");
      assert.ok(policies.includes("iam-route-caller-lambda-invoke"), policies.join());
    } finally {
      child.kill("SIGKILL");
    }
  });

  for (const [sdk, name] of [
    [LOWEST_SDK, "lowest-sdk"],
    ["3", "project"],
  ] as const)
    it(`evaluates a stack with the @pulumi/pulumi@${sdk} of the project`, async function () {
      const project = path.join(folder, name);
      fs.mkdirSync(project, { recursive: true });
      fs.writeFileSync(path.join(project, "package.json"), '{ "name": "shop", "private": true }');
      if (!(await install(project, [`@pulumi/pulumi@${sdk}`, tarball]))) this.skip();
      const copies = fs
        .readdirSync(path.join(project, "node_modules"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith("@pulumi/pulumi/package.json"));
      assert.deepEqual(copies, ["@pulumi/pulumi/package.json"]);

      const pack = await bootPack(path.join(project, "node_modules/apigateway-lambda-access"));
      try {
        await pack.configure({});
        const { resources } = await plan(example("caller-credentials"), { as: "first-preview" });
        const found = await pack.run(resources);
        assert.deepEqual(
          found.map(({ policy, level }) => `${level} ${policy}`),
          ["mandatory caller-credentials-lambda-invoke"],
        );
      } finally {
        pack.close();
      }

      // The testing kit uses internal parts of the SDK.
      fs.writeFileSync(path.join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
      fs.writeFileSync(path.join(project, "index.js"), PROGRAM_WITHOUT_TYPES);
      const command = path.join(project, "node_modules/.bin/apigateway-lambda-access");
      const { status, stdout } = await resultOf(run(command, ["report", "."], { cwd: project }));
      assert.equal(status, 1, stdout);
      assert.ok(stdout.includes("lambda-permission-source-arn"), stdout);
    });

  it("does nothing if it is required outside of the engine", async function () {
    const project = path.join(folder, "project");
    if (!fs.existsSync(path.join(project, "node_modules/apigateway-lambda-access"))) this.skip();
    const script = 'require("apigateway-lambda-access"); import("apigateway-lambda-access");';
    const { stdout, stderr } = await run(process.execPath, ["-e", script], { cwd: project, timeout: 60_000 });
    assert.deepEqual([stdout, stderr], ["", ""]);
  });

  describe("in a policy pack of an organization", () => {
    let acme: string;

    before(function () {
      const installed = path.join(folder, "project/node_modules");
      if (!fs.existsSync(path.join(installed, "apigateway-lambda-access"))) this.skip();
      acme = path.join(folder, "acme");
      fs.mkdirSync(acme);
      fs.symlinkSync(installed, path.join(acme, "node_modules"));
      fs.writeFileSync(path.join(acme, "package.json"), '{ "name": "acme", "version": "1.0.0" }');
      fs.writeFileSync(path.join(acme, "PulumiPolicy.yaml"), "runtime: nodejs\n");
      fs.writeFileSync(path.join(acme, "index.js"), ORGANIZATION_PACK);
    });

    it("evaluates a stack next to the organization's own policies", async () => {
      const pack = await bootPack(acme);
      try {
        const { name, policies } = await pack.info();
        assert.equal(name, "acme");
        assert.ok(policies.some((policy) => policy.name === "route-function-permission"));
        assert.ok(!policies.some((policy) => policy.name === "iam-route-caller-lambda-invoke"));
        for (const [level, config] of [
          ["mandatory", {}],
          ["advisory", { all: "advisory" }],
        ] as const) {
          await pack.configure(config);
          const { resources } = await plan(example("caller-credentials"), { as: "first-preview" });
          const found = await pack.run(resources);
          assert.deepEqual(
            found.map((finding) => `${finding.level} ${finding.policy}`),
            [`${level} caller-credentials-lambda-invoke`, "advisory no-functions"],
          );
        }
      } finally {
        pack.close();
      }
    });

    for (const moduleResolution of ["node10", "nodenext"])
      it(`has types for module resolution ${moduleResolution}`, async () => {
        fs.writeFileSync(path.join(acme, "typed.ts"), ORGANIZATION_PACK_IN_TYPESCRIPT);
        const tsconfig = path.join(acme, "tsconfig.json");
        const compilerOptions = {
          noEmit: true,
          strict: true,
          skipLibCheck: true,
          target: "es2022",
          types: [],
          module: moduleResolution === "node10" ? "commonjs" : "nodenext",
          moduleResolution,
        };
        fs.writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
        const tsc = require.resolve("typescript/bin/tsc");
        const { status, stdout } = await resultOf(run(process.execPath, [tsc, "-p", tsconfig]));
        assert.deepEqual([status, stdout], [0, ""]);
      });
  });

  it("provides its command in the project, for states in every format and for programs", async function () {
    const project = path.join(folder, "project");
    const command = path.join(project, "node_modules/.bin/apigateway-lambda-access");
    if (!fs.existsSync(command)) this.skip();
    assert.equal((await run(command, ["--version"])).stdout, `${version}\n`);
    const planned = await plan(example("invalid-permissions"), { as: "deployed" });
    fs.writeFileSync(path.join(project, "state.json"), stateOf(planned));
    for (const format of ["text", "html", "json", "sarif", "junit"]) {
      const { status, stdout } = await resultOf(
        run(command, ["report", "state.json", "-f", format], { cwd: project }),
      );
      assert.equal(status, 1, stdout);
      assert.ok(stdout.includes("iam-route-caller-lambda-invoke"), format);
    }
    const program = path.join(project, "infrastructure");
    fs.mkdirSync(program);
    fs.writeFileSync(path.join(program, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    fs.writeFileSync(
      path.join(program, "index.ts"),
      'import * as pulumi from "@pulumi/pulumi";\nexport const named: string = pulumi.getProject();\n',
    );
    const { status, stdout } = await resultOf(run(command, ["report", "infrastructure"], { cwd: project }));
    assert.equal(status, 0, stdout);
    assert.match(stdout, /policies not applicable$/m);
    assert.match(stdout, /^shop\/dev \(infrastructure, deployed, 1 resource\)$/m);
  });

  it("can be packed from node_modules, and remains complete there", async function () {
    const pack = path.join(folder, "project/node_modules/apigateway-lambda-access");
    if (!fs.existsSync(pack)) this.skip();
    const packed = await run("npm", ["pack", "--foreground-scripts=false"], { cwd: pack });
    assert.match(packed.stdout, /^apigateway-lambda-access-[\d.]+\.tgz\n$/);
    assert.ok(fs.existsSync(path.join(pack, "dist/index.js")));
  });

  it("renders the same access map from the build as from the sources", () => {
    const built: typeof import("../../report/html") = require(path.join(folder, "clone/dist/report/html"));
    const parts = (html: string) => ({
      ...(/<style>(?<style>.*?)<\/style>/s.exec(html)?.groups ?? assert.fail("no style")),
      modules: html.match(/^"\..*"\(exports, require\) \{$/gm),
      data: html.match(/^<script type="application\/json".*$/m)?.[0],
    });
    assert.deepEqual(parts(built.renderHtml(smallReport())), parts(renderHtml(smallReport())));
  });

  it("starts from index.ts without a build", async () => {
    const clone = path.join(folder, "unbuilt");
    freshCopy(clone);
    const { firstLine, errors, child } = await boot(ROOT, clone);
    try {
      assert.match(firstLine, /^\d+$/, errors);
      assert.ok((await describePack(clone, firstLine)).policies.includes("iam-route-caller-lambda-invoke"));
    } finally {
      child.kill("SIGKILL");
    }
  });
});
