import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** What is loaded by Node when a program has run in the pack's folder: paths below it. */
function loadedBy(program: string): readonly string[] {
  const print = `console.log(JSON.stringify(Object.keys(require.cache).map((file) => path.relative(".", file))))`;
  const out = execFileSync(process.execPath, ["-e", `${program};${print}`], { cwd: ROOT, encoding: "utf8" });
  return (JSON.parse(out) as readonly string[]).map((file) => file.split(path.sep).join("/"));
}

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
});
