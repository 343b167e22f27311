import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** What is loaded by Node when a program has run in the pack's folder: paths below it. */
function loadedBy(program: string): readonly string[] {
  const print = `console.log(JSON.stringify(Object.keys(require.cache).map((file) => path.relative(".", file))))`;
  const out = execFileSync(process.execPath, ["-e", `${program};${print}`], { cwd: ROOT, encoding: "utf8" });
  return (JSON.parse(out) as readonly string[]).map((file) => file.split(path.sep).join("/"));
}

/** The parts of the SDK that serialize functions of programs. */
const FOR_FUNCTIONS = /node_modules\/(@npmcli\/arborist|typescript)\//;

const PACK = `const { Pack } = require("./dist/pulumi"); const { policies } = new Pack()`;
const decides = (file: string): boolean =>
  /^dist\/(access|stack|iam|account)\/|node_modules\/(js-yaml|ipaddr\.js)\//.test(file);

describe("boot", () => {
  it("loads the policies, and nothing of what decides", () => {
    const loaded = loadedBy(PACK);
    assert.ok(loaded.includes("dist/policies/route-function-permission.js"));
    assert.deepEqual(loaded.filter(decides), []);
  });

  it("loads what decides with the first stack", () => {
    const run = `policies.find((one) => one.name === "route-function-permission").validateStack(
      { resources: [], getConfig: () => ({}), notApplicable: () => {} }, () => {})`;
    assert.ok(loadedBy(`${PACK};${run}`).includes("dist/stack/index.js"));
  });

  it("loads the SDK without what only functions of programs need", () => {
    const loaded = loadedBy(`require("./dist/pulumi/load-sdk")`);
    assert.ok(loaded.includes("node_modules/@pulumi/policy/server.js"));
    assert.ok(loaded.includes("node_modules/@pulumi/pulumi/runtime/closure/codePaths.js"));
    assert.deepEqual(
      loaded.filter((file) => FOR_FUNCTIONS.test(file)),
      [],
    );
  });

  it("analyzes states without it either", () => {
    const loaded = loadedBy(`require("./dist/engine/analyze"); require("./dist/report")`);
    assert.ok(loaded.includes("node_modules/@pulumi/policy/server.js"));
    assert.deepEqual(
      loaded.filter((file) => FOR_FUNCTIONS.test(file)),
      [],
    );
  });

  it("leaves functions of programs to be serialized as ever", () => {
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

  it("gives deferred modules to their importers meanwhile, and later", () => {
    const program = `require("./dist/pulumi/load-sdk").withoutClosures(() => {
        const { version } = require("typescript");
        if (!/^\\d/.test(version)) throw new Error(version);
      });
      if (require("typescript").__esModule) throw new Error("not the module itself");
      const Arborist = require("@pulumi/pulumi").runtime && require("@npmcli/arborist");
      if (typeof Arborist !== "function") throw new Error("not the module itself")`;
    assert.ok(loadedBy(program).some((file) => FOR_FUNCTIONS.test(file)));
  });
});
