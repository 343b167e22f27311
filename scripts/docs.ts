/** Writes the generated parts of the documents and the schemas: `npm run docs`. Tests fail when they differ. */
import * as fs from "node:fs";
import * as path from "node:path";
import { GATES as ALL_GATES, type GateEntry } from "../access/gates/table";
import { createPolicies } from "../pulumi";
import { GATE_NAMES, GATES, type GateName, INTEGRATION_REQUEST } from "../report/gates";
import { RESOURCE_TYPES } from "../stack";
import { licenseTable } from "./licenses";
import { policyConfigSchema, SCHEMA_FILE } from "./policy-config-schema";
import { DIAGNOSIS_SCHEMA, diagnosisSchema, reportSchema, SCHEMA } from "./report-schema";

const ROOT = path.resolve(__dirname, "..");
/** A place in a file, between two comments with its name, and its generated content. */
interface Generated {
  readonly file: string;
  readonly name: "policies" | "policy-names" | "gates" | "types" | "licenses";
  readonly write: () => string;
}

export const GENERATED: readonly Generated[] = [
  { file: "docs/policies/README.md", name: "policies", write: () => policyTable("") },
  { file: "pulumi/policies.ts", name: "policy-names", write: policyNames },
  { file: "ARCHITECTURE.md", name: "gates", write: gateTable },
  { file: "docs/report.md", name: "gates", write: reportedGateTable },
  { file: "docs/forms.md", name: "types", write: typeTable },
  { file: "docs/dependencies.md", name: "licenses", write: licenseTable },
];

/** The resource types that the pack reads: each type of the provider `aws`, with its equivalent in `aws-native`. */
function typeTable(): string {
  const kinds = new Map<string, { aws: string[]; native: string[] }>();
  for (const [type, { kind }] of RESOURCE_TYPES) {
    const row = kinds.get(kind) ?? { aws: [], native: [] };
    kinds.set(kind, row);
    const [provider, path = "", name] = type.split(":");
    const module = path.split("/")[0];
    if (provider === "aws-native") row.native.push(`\`${module}.${name}\``);
    else row.aws.push(provider === "aws" ? `\`${module}.${name}\`` : `\`${type}\``);
  }
  const rows = [...kinds.values()].map(({ aws, native }) => `| ${aws.join(", ")} | ${native.join(", ")} |`);
  return ["| `aws` | `aws-native` |", "|---|---|", ...rows, ""].join("\n");
}

/** The gates of the table. */
function gateTable(): string {
  const rows = Object.entries<GateEntry>(ALL_GATES).map(([name, { question, rule, status = "", policies }]) =>
    [
      `\`${name}\``,
      question,
      rule === "aws" ? "AWS" : "two-step rule",
      status,
      policies.map((policy) => `\`${policy}\``).join(", ") || "policies on single resources",
    ].join(" | "),
  );
  const head = ["| gate | question | whose rule | fails with | policy |", "|---|---|---|---|---|"];
  return [...head, ...rows.map(asRow), ""].join("\n");
}

/** The gates as reports show them: gates for requests to no route have no column. */
function reportedGateTable(): string {
  const rows = GATE_NAMES.map((name) => {
    const { column, question, appliesTo } = GATES[name];
    const questionText = `${question.charAt(0).toLowerCase()}${question.slice(1)}`;
    return [`\`${name}\``, appliesTo === "other-requests" ? "" : column, questionText, failsWith(name)].join(
      " | ",
    );
  });
  return ["| gate | column | question | fails with |", "|---|---|---|---|", ...rows.map(asRow), ""].join(
    "\n",
  );
}

function failsWith(name: GateName): string {
  const { status = "" } = GATES[name];
  if (name === INTEGRATION_REQUEST)
    return `${status}; includes only findings of policies on single resources, such as a wrong method or URI`;
  const rules = new Set(
    Object.values(ALL_GATES).flatMap((entry) => (entry.column === GATES[name].column ? [entry.rule] : [])),
  );
  return rules.size < 2
    ? status
    : `${status} with caller credentials; otherwise the two-step rule of this pack`;
}

function asRow(cells: string): string {
  return `| ${cells} |`.replaceAll("|  |", "| |");
}

/** The table of policies: name, kind, level, and the meaning of a violation. */
export function policyTable(pages: string): string {
  const rows = createPolicies().map((policy) => {
    const kind = "validateResource" in policy ? "resource" : "stack";
    return `| [\`${policy.name}\`](${pages}${policy.name}.md) | ${kind} | ${policy.enforcementLevel} | ${policy.description} |`;
  });
  return ["| policy | kind | level | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** The literals that the public type of policy names is derived from. */
function policyNames(): string {
  const names = createPolicies().map(({ name }) => name);
  return names
    .sort()
    .map((name) => `  "${name}",\n`)
    .join("");
}

/** A file with its generated part. */
export function withTable({ file, name, write }: Generated): string {
  const text = fs.readFileSync(path.join(ROOT, file), "utf8");
  const comments = new RegExp(`^ *(?:<!--|//) ${name}:(begin|end)\\b.*\\n`, "gm");
  const [begin, end] = text.matchAll(comments);
  if (begin?.[1] !== "begin" || end?.[1] !== "end")
    throw new Error(`${file} has no place for the table of ${name}.`);
  return text.slice(0, begin.index + begin[0].length) + write() + text.slice(end.index);
}

if (require.main === module) {
  for (const entry of GENERATED) fs.writeFileSync(path.join(ROOT, entry.file), withTable(entry));
  fs.writeFileSync(path.join(ROOT, SCHEMA), reportSchema());
  fs.writeFileSync(path.join(ROOT, DIAGNOSIS_SCHEMA), diagnosisSchema());
  fs.writeFileSync(path.join(ROOT, SCHEMA_FILE), `${JSON.stringify(policyConfigSchema(), undefined, 2)}\n`);
}
