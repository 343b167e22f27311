import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { newPolicy } from "../../scripts/new-policy";

const ROOT = path.resolve(__dirname, "../..");
const NAME = "function-permission-example";

describe("npm run new-policy", function () {
  this.timeout(300_000);
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "new-policy-"));
  const run = (...command: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: copy, encoding: "utf8" });
    assert.equal(status, 0, `${command.join(" ")}\n${stdout}\n${stderr}`);
    return stdout;
  };
  const bin = (name: string): string => fs.realpathSync(path.join(ROOT, "node_modules/.bin", name));

  before(() => {
    const left = new Set(["node_modules", ".git", "dist", "bench"]);
    for (const entry of fs.readdirSync(ROOT))
      if (!left.has(entry))
        fs.cpSync(path.join(ROOT, entry), path.join(copy, entry), {
          recursive: true,
          filter: (file) => path.basename(file) !== "node_modules",
        });
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
    run("-r", "./test/support/typescript.js", "scripts/new-policy.ts", NAME);
  });

  after(() => fs.rmSync(copy, { recursive: true, force: true }));

  it("lists the policy in the tables", () => {
    for (const file of ["docs/policies/README.md", "schema/policy-config.schema.json"])
      assert.ok(fs.readFileSync(path.join(copy, file), "utf8").includes(NAME), file);
  });

  it("passes format and lint", () => {
    run(
      bin("biome"),
      "check",
      "--error-on-warnings",
      "policies",
      "messages",
      "pulumi",
      "test/policies",
      "test/protocol",
    );
  });

  it("passes the type check", () => {
    const tsconfig = {
      extends: "./tsconfig.json",
      include: [
        "index.ts",
        `policies/${NAME}.ts`,
        "test/protocol/pack.test.ts",
        `test/policies/${NAME}.test.ts`,
      ],
    };
    fs.writeFileSync(path.join(copy, "tsconfig.new.json"), JSON.stringify(tsconfig));
    run(bin("tsc"), "--noEmit", "-p", "tsconfig.new.json");
  });

  it("passes its own test, those of its page and those of the layers", () => {
    const out = run(
      bin("mocha"),
      `test/policies/${NAME}.test.ts`,
      "test/docs.test.ts",
      "test/layers.test.ts",
      "-g",
      `${NAME}|table of policies|every policy|a page for each`,
    );
    assert.match(out, /\b0 failed/);
    assert.match(out, new RegExp(`${NAME}[^]*an action that is unknown`));
    assert.match(out, /the failing one fails, first-preview/);
  });
});

describe("the name of a new policy", () => {
  const exists = (file: string): string | undefined =>
    fs.existsSync(path.join(ROOT, file)) ? fs.readFileSync(path.join(ROOT, file), "utf8") : undefined;

  for (const name of ["", "One", "one", "../one-two", "one--two", "one-two.ts"])
    it(`is not ${JSON.stringify(name)}`, () => {
      assert.throws(() => newPolicy(name, exists), /A policy is called by words/);
    });

  it("is not that of one that exists", () => {
    assert.throws(
      () => newPolicy("lambda-permission-scope", exists),
      /policies\/lambda-permission-scope.ts exists/,
    );
  });
});
