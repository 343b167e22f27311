import type { Code, Lookup } from "../code";
import type { Properties, Value } from "../snippets";
import { dataSourceOf, isLookup, isMapping, type NameOf, quoted, type Writer, writtenOnce } from "./writer";

/** A variable for each result of a data source. */
const VARIABLES = {
  partition: "currentPartition",
  region: "currentRegion",
  account: "currentAccount",
} as const;

/** The module that the provider's functions are in. */
const MODULE = { aws: "aws", "aws-native": "aws-native:index" } as const;

function write(value: Value, nameOf: NameOf): string {
  if (typeof value === "boolean") return String(value);
  if (isMapping(value))
    return `{ ${value.fields.map(([name, code]) => `${key(name)}: ${write(code, nameOf)}`).join(", ")} }`;
  // https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/#expressions
  const parts = value.map((piece) =>
    typeof piece === "string" ? piece.replace(/\$\{/g, () => "$${") : part(piece, nameOf),
  );
  return quoted(parts.join(""));
}

function part(entry: Exclude<Code[number], string>, nameOf: NameOf): string {
  return isLookup(entry) ? `\${${VARIABLES[entry.lookup]}}` : `\${${nameOf(entry.urn)}.${entry.property}}`;
}

/** A mapping's key: a plain one needs no quotation marks. */
function key(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? name : quoted(name);
}

function fields(properties: Properties, nameOf: NameOf, indent: string): readonly string[] {
  return properties.map(([name, value]) => `${indent}${name}: ${write(value, nameOf)}`);
}

/** The variables that values name. */
function variables(values: readonly Value[]): readonly string[] {
  const lookups = values
    .flatMap((value) => (typeof value === "boolean" || isMapping(value) ? [] : value))
    .filter((piece): piece is Lookup => isLookup(piece));
  const byName = new Map(lookups.map((lookup) => [VARIABLES[lookup.lookup], lookup]));
  if (byName.size === 0) return [];
  return [
    "variables:",
    ...[...byName].flatMap(([name, lookup]) => {
      const { function: functionToken, result } = dataSourceOf(lookup);
      const token = `${MODULE[lookup.provider]}:${functionToken}`;
      return [`  ${name}:`, "    fn::invoke:", `      function: ${token}`, `      return: ${result}`];
    }),
  ];
}

export const yaml: Writer = {
  // Resources are referred to by their names.
  identifier: (name) => name,
  namesVariables: false,
  value: write,
  argument: (name, value, nameOf) => `${name}: ${write(value, nameOf)}`,
  resource: ({ provider, module, type, name, properties, providerUrn }, nameOf) =>
    [
      ...variables(properties.map(([, value]) => value)),
      "resources:",
      `  ${key(name)}:`,
      `    type: ${provider}:${module}:${type}`,
      "    properties:",
      ...fields(properties, nameOf, "      "),
      ...(providerUrn === undefined ? [] : ["    options:", `      provider: \${${nameOf(providerUrn)}}`]),
    ].join("\n"),
  statement: ({ action, resources }, nameOf) => {
    const each = writtenOnce(resources, (code) => write(code, nameOf));
    const resource =
      each.length > 1 ? ["  Resource:", ...each.map((text) => `    - ${text}`)] : [`  Resource: ${each[0]}`];
    return [...variables(resources), "- Effect: Allow", `  Action: ${action}`, ...resource].join("\n");
  },
  dependsOn: (names) => ["options:", "  dependsOn:", ...names.map((name) => `    - \${${name}}`)].join("\n"),
  args: ({ properties }, nameOf) => fields(properties, nameOf, "  ").join("\n"),
  terms: {
    interpolation: "${function.arn}",
    document: "with fn::toJSON",
    policyDocument: "aws:iam:getPolicyDocument",
    allowedAccountIds: "allowedAccountIds",
  },
};
