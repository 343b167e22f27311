/** Runs the tests of examples/unit-test in its folder, with the built package. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

describe("examples/unit-test", function () {
  this.timeout(120_000);

  it("passes its tests in place with its mocha configuration", () => {
    const modules = mkdtempSync(join(tmpdir(), "modules-"));
    try {
      symlinkSync(ROOT, join(modules, "apigateway-lambda-access"), "junction");
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [join(ROOT, "node_modules/mocha/bin/mocha.js")],
        {
          cwd: join(ROOT, "examples/unit-test"),
          encoding: "utf8",
          env: {
            ...process.env,
            NODE_PATH: [modules, process.env.NODE_PATH ?? ""].join(delimiter),
            // The types are not checked here: test/package/tarball.test.ts checks them in an installed package.
            TS_NODE_TRANSPILE_ONLY: "true",
          },
        },
      );
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /\b2 passing\b/);
    } finally {
      rmSync(modules, { recursive: true, force: true });
    }
  });
});
