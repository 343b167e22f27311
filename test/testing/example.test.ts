/** Runs `npm test` of examples/unit-test with the package installed as a project would install it. */
import { match, notStrictEqual, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { dependencies, devDependencies } from "../../examples/unit-test/package.json";

const ROOT = resolve(__dirname, "../..");

describe("examples/unit-test with npm test", function () {
  this.timeout(120_000);
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "unit-test-"));
    cpSync(join(ROOT, "examples/unit-test"), project, {
      recursive: true,
      filter: (file) => !file.endsWith("node_modules"),
    });
    const modules = join(project, "node_modules");
    for (const name of [".bin", ...Object.keys({ ...dependencies, ...devDependencies })]) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      // npm creates the same link for `file:../..`.
      const isThisPackage = name === "apigateway-lambda-access";
      symlinkSync(isThisPackage ? ROOT : join(ROOT, "node_modules", name), join(modules, name));
    }
  });

  afterEach(() => rmSync(project, { recursive: true, force: true }));

  const npmTest = (env: NodeJS.ProcessEnv = {}): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync("npm", ["test"], {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    return { status, output: stdout + stderr };
  };

  it("passes", () => {
    const { status, output } = npmTest();
    strictEqual(status, 0, output);
    match(output, /2 passing/);
  });

  it("fails with the fix if a permission of the caller is removed", () => {
    const file = join(project, "index.ts");
    const program = readFileSync(file, "utf8");
    const broken = program.replace(/^ *\{ Effect: "Allow", Action: "lambda:InvokeFunction".*\n/m, "");
    notStrictEqual(broken, program);
    writeFileSync(file, broken);
    // Its types are checked by the test above.
    const { status, output } = npmTest({ TS_NODE_TRANSPILE_ONLY: "true" });
    notStrictEqual(status, 0, output);
    match(output, /2 failing/);
    match(output, /mandatory iam-route-caller-lambda-invoke, orders-client/);
    match(output, /"Action": "lambda:InvokeFunction"/);
  });
});
