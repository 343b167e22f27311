/**
 * Derives aws-native-types.json: the inputs and the output-only properties of the aws-native resources that
 * this pack looks at. The package is large, so the few lines that the tests need are kept here instead.
 *
 *     node -r ts-node/register/transpile-only test/testing/aws-native-types.ts 1.79.0
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VOCABULARY } from "../../stack";
import { fieldPaths, type Typed, typed } from "../support/typings";

const MODULES = ["apigateway", "apigatewayv2", "iam", "lambda"];

interface Derived {
  required: string[];
  optional: string[];
  computed: string[];
  /** Of the objects that this pack looks into: the names of their fields, down to fields of fields. */
  fields?: Record<string, string[]>;
}

function derived(sdk: string): Record<string, Derived> {
  const types: Record<string, Derived> = {};
  for (const module of MODULES) {
    for (const file of readdirSync(join(sdk, module)).filter((name) => name.endsWith(".js"))) {
      const one = typed(join(sdk, module, file));
      if (one !== undefined) types[one.type] = properties(sdk, one);
    }
  }
  return types;
}

function properties(sdk: string, { type, outputs, required, optional, objects }: Typed): Derived {
  const term = VOCABULARY.get(type);
  const looked = Object.keys(term?.fields ?? {}).map((name) => term?.renamed[name] ?? name);
  const fields = looked.flatMap((name) => {
    const object = objects.get(name);
    return object === undefined ? [] : [[name, fieldPaths(sdk, object)] as const];
  });
  return {
    required: [...required],
    optional: [...optional],
    computed: [...outputs].filter((name) => !required.has(name) && !optional.has(name)),
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
  };
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
