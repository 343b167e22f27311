import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** The modules that a program loads when Node.js runs it in the pack's folder, as relative paths. */
function modulesLoadedBy(program: string): readonly string[] {
  const print = `console.log(JSON.stringify(Object.keys(require.cache).map((file) => path.relative(".", file))))`;
  const out = execFileSync(process.execPath, ["-e", `${program};${print}`], { cwd: ROOT, encoding: "utf8" });
  return (JSON.parse(out) as readonly string[]).map((file) => file.split(path.sep).join("/"));
}

/** The parts of the SDK that serialize a program's functions. */
const FUNCTION_SERIALIZATION = /node_modules\/(@npmcli\/arborist|typescript)\//;

const PACK = `const { Pack } = require("./dist/pulumi"); const { policies } = new Pack()`;
const evaluatesStacks = (file: string): boolean =>
  /^dist\/(access|stack|iam|account)\/|node_modules\/(js-yaml|ipaddr\.js)\//.test(file);

describe("loading the pack", () => {
  it("loads the policies without the modules that evaluate stacks", () => {
    const loaded = modulesLoadedBy(PACK);
    assert.ok(loaded.includes("dist/policies/route-function-permission.js"));
    // The table of gates, which imports nothing, states whose rule a policy enforces.
    assert.deepEqual(loaded.filter(evaluatesStacks), ["dist/access/gates/table.js"]);
  });

  it("loads the modules that evaluate stacks with the first stack", () => {
    const run = `policies.find((one) => one.name === "route-function-permission").validateStack(
      { resources: [], getConfig: () => ({}), notApplicable: () => {} }, () => {})`;
    assert.ok(modulesLoadedBy(`${PACK};${run}`).includes("dist/stack/index.js"));
  });

  it("loads the SDK without the modules that serialize functions", () => {
    const loaded = modulesLoadedBy(`require("./dist/pulumi/load-sdk")`);
    assert.ok(loaded.includes("node_modules/@pulumi/policy/server.js"));
    assert.ok(loaded.includes("node_modules/@pulumi/pulumi/runtime/closure/codePaths.js"));
    assert.deepEqual(
      loaded.filter((file) => FUNCTION_SERIALIZATION.test(file)),
      [],
    );
  });

  it("analyzes states without the modules that serialize functions", () => {
    const loaded = modulesLoadedBy(`require("./dist/engine/analyze"); require("./dist/report")`);
    assert.ok(loaded.includes("node_modules/@pulumi/policy/server.js"));
    assert.deepEqual(
      loaded.filter((file) => FUNCTION_SERIALIZATION.test(file)),
      [],
    );
  });

  it("does not change the serialization of functions", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "functions-"));
    writeFileSync(path.join(folder, "package.json"), `{ "name": "functions", "version": "1.0.0" }`);
    const program = `const { createRequire } = require("node:module");
      const ofPack = createRequire(${JSON.stringify(path.join(ROOT, "index.js"))});
      ofPack("./dist/pulumi/load-sdk");
      const { runtime } = ofPack("@pulumi/pulumi");
      const factor = 7;
      Promise.all([runtime.serializeFunction((n) => n * factor), runtime.computeCodePaths()]).then(
        ([{ text }, paths]) => console.log(JSON.stringify([text, [...paths.keys()]])),
      );`;
    try {
      const out = execFileSync(process.execPath, ["-e", program], { cwd: folder, encoding: "utf8" });
      const [text, paths] = JSON.parse(out) as readonly [string, readonly string[]];
      assert.match(text, /n \* factor/);
      assert.deepEqual(paths, []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("provides deferred modules to their importers, before and after they are loaded", () => {
    const program = `require("./dist/pulumi/load-sdk").withoutClosures(() => {
        const { version } = require("typescript");
        if (!/^\\d/.test(version)) throw new Error(version);
      });
      if (require("typescript").__esModule) throw new Error("not the module itself");
      const Arborist = require("@pulumi/pulumi").runtime && require("@npmcli/arborist");
      if (typeof Arborist !== "function") throw new Error("not the module itself")`;
    assert.ok(modulesLoadedBy(program).some((file) => FUNCTION_SERIALIZATION.test(file)));
  });
});
