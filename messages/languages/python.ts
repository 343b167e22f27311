import type { Code, Lookup } from "../code";
import type { Properties, Value } from "../snippets";
import {
  dataSourceOf,
  isLookup,
  isMapping,
  literal,
  type NameOf,
  quoted,
  snakeCase,
  validName,
  type Writer,
  writtenOnce,
} from "./writer";

/**
 * Names that a variable cannot have: keywords (https://docs.python.org/3/reference/lexical_analysis.html#keywords), and
 * names to which the code of fixes refers.
 */
const TAKEN: ReadonlySet<string> = new Set(
  "false none true and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield aws aws_native pulumi".split(
    " ",
  ),
);

const PACKAGE = { aws: "aws", "aws-native": "aws_native" } as const;

function write(value: Value, nameOf: NameOf): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (isMapping(value))
    return `{${value.fields.map(([key, code]) => `${quoted(key)}: ${write(code, nameOf)}`).join(", ")}}`;
  const text = literal(value);
  if (text !== undefined) return quoted(text);
  const parts = value.map((piece) => part(piece, nameOf));
  return parts.length === 1 ? (parts[0] ?? "") : `pulumi.Output.concat(${parts.join(", ")})`;
}

function part(piece: Code[number], nameOf: NameOf): string {
  if (typeof piece === "string") return quoted(piece);
  return isLookup(piece) ? lookup(piece) : `${nameOf(piece.urn)}.${snakeCase(piece.property)}`;
}

function lookup(piece: Lookup): string {
  const { function: name, result } = dataSourceOf(piece);
  return `${PACKAGE[piece.provider]}.${snakeCase(name)}_output().${snakeCase(result)}`;
}

function fields(properties: Properties, nameOf: NameOf): readonly string[] {
  return properties.map(([name, value]) => `    ${snakeCase(name)}=${write(value, nameOf)},`);
}

/** A module whose name is a keyword has an underscore at its end. */
function moduleName(module: string): string {
  return TAKEN.has(module) ? `${module}_` : module;
}

export const python: Writer = {
  identifier: (name) => validName(snakeCase(name), TAKEN),
  namesVariables: true,
  value: write,
  argument: (name, value, nameOf) => `${snakeCase(name)}=${write(value, nameOf)}`,
  resource: ({ provider, module, type, name, properties, providerUrn }, nameOf) => {
    const options =
      providerUrn === undefined ? [] : [`    opts=pulumi.ResourceOptions(provider=${nameOf(providerUrn)}),`];
    return `${PACKAGE[provider]}.${moduleName(module)}.${type}(${quoted(name)},\n${[...fields(properties, nameOf), ...options].join("\n")}\n)`;
  },
  statement: ({ action, resources }, nameOf) => {
    const each = writtenOnce(resources, (code) => write(code, nameOf));
    const resource =
      each.length > 1 ? `[\n${each.map((text) => `        ${text},\n`).join("")}    ]` : each[0];
    return `{\n    "Effect": "Allow",\n    "Action": "${action}",\n    "Resource": ${resource},\n}`;
  },
  dependsOn: (names) => `    opts=pulumi.ResourceOptions(depends_on=[${names.join(", ")}]),`,
  args: ({ properties }, nameOf) => fields(properties, nameOf).join("\n"),
  terms: {
    interpolation: "pulumi.Output.concat or pulumi.Output.all",
    apply: "apply",
    document: "as a dictionary or with pulumi.Output.json_dumps",
    policyDocument: "aws.iam.get_policy_document_output",
    allowedAccountIds: "allowed_account_ids",
  },
};
