import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as ts from "typescript";
import { type Plan, type PlanOptions, plan } from "../../testing";

/** Helpers for the pages of the policies and the programs in them. */

const ROOT = path.resolve(__dirname, "../..");

export const policyPage = (name: string): string =>
  fs.readFileSync(path.join(ROOT, `docs/policies/${name}.md`), "utf8");

/** Policies that report nothing while the relevant values are unknown. */
export const DEPLOYED_ONLY: ReadonlySet<string> = new Set([
  "caller-execute-api-invoke",
  "durable-function-qualified-arn",
  "lambda-permission-source-arn",
  "websocket-manage-connections",
]);

/** Policies about the order of creation, which does not matter for a deployed stack. */
export const PREVIEW_ONLY: ReadonlySet<string> = new Set(["rest-api-deployment-dependencies"]);

/** The first code block of a language after a heading. */
export function codeAfter(text: string, heading: string, language: string): string {
  const section = text.slice(text.indexOf(heading) + heading.length);
  const code = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "m").exec(section)?.[1];
  assert.ok(code !== undefined, `no ${language} after "${heading}"`);
  return code;
}

const base = codeAfter(policyPage("README"), "## The program around the examples", "typescript");

/** Runs an example after the base program that it extends. */
export function planExample(example: string, as: PlanOptions["as"]): Promise<Plan> {
  return plan(() => runTypeScript(`${base}\n${example}`), { as });
}

/** Runs TypeScript as a module of this project. */
function runTypeScript(source: string): void {
  const compiled = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  new Function("require", "exports", compiled.outputText)(createRequire(__filename), {});
}
