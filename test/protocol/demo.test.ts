import { match, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

describe("the demo, where there is no pulumi command", function () {
  this.timeout(60_000);

  it("shows the first program blocked and the fixed one passing", () => {
    const bin = mkdtempSync(join(tmpdir(), "bin-"));
    try {
      symlinkSync(process.execPath, join(bin, "node"));
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["-r", "ts-node/register/transpile-only", "scripts/demo.ts"],
        { cwd: ROOT, env: { ...process.env, PATH: bin }, encoding: "utf8" },
      );
      strictEqual(status, 0, stdout + stderr);
      match(
        stdout,
        /\[mandatory\] \[severity: \w+\] {2}caller-credentials-lambda-invoke {2}\(aws:iam:Role: orders-client\)/,
      );
      match(
        stdout,
        /=> blocked, as it should be[\s\S]*✅ apigateway-lambda-access[\s\S]*=> passed, as it should be/,
      );
    } finally {
      rmSync(bin, { recursive: true });
    }
  });
});
