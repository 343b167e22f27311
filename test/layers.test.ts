import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const ROOT = path.resolve(__dirname, "..");

/** The folders that each one imports from: downwards only, and never the other way round. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  aws: [],
  iam: ["aws"],
  stack: ["iam", "aws"],
  access: ["stack", "iam", "aws"],
  messages: ["access", "stack", "iam", "aws"],
  policies: ["messages", "access", "stack", "iam", "aws"],
  pulumi: ["policies", "stack"],
  testing: ["pulumi", "policies", "aws"],
  report: ["testing", "pulumi", "policies", "messages", "access", "stack", "iam", "aws"],
  programs: ["testing"],
  cli: ["report", "programs", "testing", "policies", "messages"],
  // What the engine boots: whatever it imports costs every preview.
  "index.ts": ["pulumi", "policies", "messages"],
};

function filesIn(entry: string): readonly string[] {
  if (entry.endsWith(".ts")) return [entry];
  return fs
    .readdirSync(path.join(ROOT, entry), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(entry, file));
}

/** The folders at the top that a file imports from. */
function importsOf(file: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(fs.readFileSync(path.join(ROOT, file), "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.join(path.dirname(file), fileName).split(path.sep)[0] ?? "");
}

describe("the layers", () => {
  for (const [layer, below] of Object.entries(LAYERS))
    it(`${layer} imports from ${below.join(", ") || "nowhere"} only`, () => {
      for (const file of filesIn(layer))
        for (const folder of importsOf(file))
          assert.ok(folder === layer || below.includes(folder), `${file} imports from ${folder}`);
    });
});
