import { deepStrictEqual, match, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../..");

describe("docs/testing.md", () => {
  const page = readFileSync(join(ROOT, "docs/testing.md"), "utf8");
  const [first = ""] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");

  /** Runs the test of the page on an example and returns its title and error. */
  async function run(example: string): Promise<{ name: string; outcome: unknown }> {
    const script = ts
      .transpile(first, { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 })
      .replace('"apigateway-lambda-access/testing"', JSON.stringify(join(ROOT, "testing")))
      .replace('"infrastructure"', JSON.stringify(join(ROOT, "examples", example)));
    const tests: [string, () => Promise<void>][] = [];
    const it = (name: string, test: () => Promise<void>): void => void tests.push([name, test]);
    new Function("require", "exports", "it", script)(createRequire(__filename), {}, it);
    strictEqual(tests.length, 1);
    const [[name, test] = ["", async () => undefined]] = tests;
    return {
      name,
      outcome: await test().then(
        () => "passed",
        (error: unknown) => error,
      ),
    };
  }

  it("contains a test that passes if every caller can invoke the function", async () => {
    deepStrictEqual(await run("invalid-permissions-fixed"), {
      name: "allows every caller",
      outcome: "passed",
    });
  });

  it("contains a test that fails if a caller cannot invoke the function", async () => {
    match(String((await run("invalid-permissions")).outcome), /iam-route-caller-lambda-invoke/);
  });
});
