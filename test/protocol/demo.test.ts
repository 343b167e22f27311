import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const SCREEN = { lines: 40, columns: 100 };
const ESCAPE = String.fromCharCode(27);

function demo(environment: Record<string, string>): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/demo.js"], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  strictEqual(status, 0, stdout + stderr);
  return stdout;
}

describe("the demo", () => {
  it("shows the failing program, the finding, the fix, and the passing program", () => {
    const output = demo({ FORCE_COLOR: "" });
    match(output, /^ {2}45 {3}credentials: "arn:aws:iam::\*:user\/\*",$/m);
    match(
      output,
      /\[mandatory\] \[severity: high\] {2}caller-credentials-lambda-invoke {2}\(aws:iam:Role: orders-client\)/,
    );
    match(output, /The caller gets 500/);
    match(output, /"Action": "lambda:InvokeFunction",\n\s+"Resource": orders\.arn/);
    match(output, /=> blocked[^\n]*exit status 1\n[\s\S]*=> passes: exit status 0\n$/);
    deepStrictEqual(
      [...output.matchAll(/^\+ +(.*)$/gm)].map(([, line]) => line),
      ["{", 'Effect: "Allow",', 'Action: "lambda:InvokeFunction",', "Resource: orders.arn,", "},"],
    );
  });

  it("fits one screen", () => {
    const lines = demo({ FORCE_COLOR: "" }).trimEnd().split("\n");
    ok(lines.length <= SCREEN.lines, `${lines.length} lines`);
    deepStrictEqual(
      lines.filter((line) => line.length > SCREEN.columns),
      [],
    );
  });

  it("has the same text in color", () => {
    const colored = demo({ FORCE_COLOR: "1" });
    ok(colored.includes(`${ESCAPE}[31m`) && colored.includes(`${ESCAPE}[32m`));
    strictEqual(colored.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), ""), demo({ FORCE_COLOR: "" }));
  });
});
