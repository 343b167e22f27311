/**
 * Writes what is made from the code into the documents and the schemas: `npm run docs`. Tests fail when they differ.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { createPolicies } from "../policies";
import { policyConfigSchema, SCHEMA_FILE } from "./policy-config-schema";
import { reportSchema, SCHEMA } from "./report-schema";

const ROOT = path.resolve(__dirname, "..");
const BEGIN = "<!-- policies:begin -->\n";
const END = "<!-- policies:end -->";

/** The documents that hold the table of policies, with the folder of the pages as seen from there. */
export const TABLES: readonly { readonly file: string; readonly pages: string }[] = [
  { file: "README.md", pages: "docs/policies/" },
  { file: "docs/policies/README.md", pages: "" },
];

/** The table of policies: name, kind, level, and what a violation means. */
export function policyTable(pages: string): string {
  const rows = createPolicies().map((policy) => {
    const kind = "validateStack" in policy ? "stack" : "resource";
    return `| [\`${policy.name}\`](${pages}${policy.name}.md) | ${kind} | ${policy.enforcementLevel} | ${policy.description} |`;
  });
  return ["| policy | kind | level | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** A document with the table as the code would have it. */
export function withTable(file: string, pages: string): string {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the table of policies.`);
  return text.slice(0, begin + BEGIN.length) + policyTable(pages) + text.slice(end);
}

if (require.main === module) {
  for (const { file, pages } of TABLES) fs.writeFileSync(path.join(ROOT, file), withTable(file, pages));
  fs.writeFileSync(path.join(ROOT, SCHEMA), reportSchema());
  fs.writeFileSync(path.join(ROOT, SCHEMA_FILE), `${JSON.stringify(policyConfigSchema(), undefined, 2)}\n`);
}
