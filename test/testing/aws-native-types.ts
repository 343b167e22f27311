/**
 * Derives aws-native-types.json: the inputs and the output-only properties of the aws-native resources that
 * this pack looks at. The package is large, so the few lines that the tests need are kept here instead.
 *
 *     node -r ts-node/register/transpile-only test/testing/aws-native-types.ts 1.79.0
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

const MODULES = ["apigateway", "apigatewayv2", "iam", "lambda"];

interface Derived {
  required: string[];
  optional: string[];
  computed: string[];
}

function derived(folder: string): Record<string, Derived> {
  const types: Record<string, Derived> = {};
  for (const module of MODULES) {
    for (const file of readdirSync(join(folder, module)).filter((name) => name.endsWith(".js"))) {
      const script = join(folder, module, file);
      const type = /__pulumiType = '([^']+)'/.exec(readFileSync(script, "utf8"))?.[1];
      if (type !== undefined) types[type] = properties(script.replace(/\.js$/, ".d.ts"));
    }
  }
  return types;
}

function properties(declarations: string): Derived {
  const text = readFileSync(declarations, "utf8");
  const source = ts.createSourceFile(declarations, text, ts.ScriptTarget.ES2022);
  const outputs: string[] = [];
  const [required, optional]: [string[], string[]] = [[], []];
  for (const node of source.statements) {
    if (ts.isClassDeclaration(node)) {
      for (const member of node.members) {
        if (!ts.isPropertyDeclaration(member) || !ts.isIdentifier(member.name)) continue;
        if (member.type?.getText(source).startsWith("pulumi.Output<")) outputs.push(member.name.text);
      }
    } else if (ts.isInterfaceDeclaration(node) && node.name.text.endsWith("Args")) {
      for (const member of node.members) {
        if (!ts.isPropertySignature(member) || !ts.isIdentifier(member.name)) continue;
        (member.questionToken ? optional : required).push(member.name.text);
      }
    }
  }
  const inputs = new Set([...required, ...optional]);
  return { required, optional, computed: outputs.filter((name) => !inputs.has(name)) };
}

function main(version: string): void {
  const folder = mkdtempSync(join(tmpdir(), "aws-native-"));
  try {
    execFileSync("npm", ["pack", `@pulumi/aws-native@${version}`], { cwd: folder, stdio: "inherit" });
    const [archive = ""] = readdirSync(folder);
    execFileSync("tar", ["-xzf", archive], { cwd: folder });
    const found = derived(join(folder, "package"));
    const types = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
    const date = new Date().toISOString().slice(0, 10);
    const content = { package: "@pulumi/aws-native", version, date, types };
    writeFileSync(join(__dirname, "aws-native-types.json"), `${JSON.stringify(content, null, 1)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main(process.argv[2] ?? "1.79.0");
