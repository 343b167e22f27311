import type { Code, Lookup } from "../code";
import { printable } from "../printable";
import type { Properties, Value } from "../snippets";
import {
  camelCase,
  dataSourceOf,
  isLookup,
  isMapping,
  literal,
  type NameOf,
  quoted,
  statementInJson,
  validName,
  type Writer,
} from "./writer";

/**
 * Names that a variable cannot have: keywords (https://tc39.es/ecma262/#prod-ReservedWord), and names to which the code
 * of fixes refers.
 */
const TAKEN: ReadonlySet<string> = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval undefined aws awsNative pulumi".split(
    " ",
  ),
);

const NAMESPACE = { aws: "aws", "aws-native": "awsNative" } as const;

function write(value: Value, nameOf: NameOf): string {
  if (typeof value === "boolean") return String(value);
  if (isMapping(value))
    return `{ ${value.fields.map(([key, code]) => `${key}: ${write(code, nameOf)}`).join(", ")} }`;
  const text = literal(value);
  if (text !== undefined) return quoted(text);
  const [first, ...more] = value;
  if (first !== undefined && typeof first !== "string" && more.length === 0) return part(first, nameOf);
  const parts = value.map((piece) =>
    typeof piece === "string" ? inTemplate(piece) : `\${${part(piece, nameOf)}}`,
  );
  return `pulumi.interpolate\`${parts.join("")}\``;
}

function part(entry: Exclude<Code[number], string>, nameOf: NameOf): string {
  return isLookup(entry) ? lookup(entry) : `${nameOf(entry.urn)}.${entry.property}`;
}

function lookup(piece: Lookup): string {
  const { function: name, result } = dataSourceOf(piece);
  return `${NAMESPACE[piece.provider]}.${name}Output().${result}`;
}

/** Text in a template literal, on one line. */
function inTemplate(text: string): string {
  return printable(text.replace(/[\\`]|\$\{/g, "\\$&"));
}

function fields(properties: Properties, nameOf: NameOf): readonly string[] {
  return properties.map(([name, value]) => `  ${name}: ${write(value, nameOf)},`);
}

export const typescript: Writer = {
  identifier: (name) => validName(camelCase(name), TAKEN),
  namesVariables: true,
  value: write,
  argument: (name, value, nameOf) => `${name}: ${write(value, nameOf)}`,
  resource: ({ provider, module, type, name, properties, providerUrn }, nameOf) => {
    const options = providerUrn === undefined ? "" : `, { provider: ${nameOf(providerUrn)} }`;
    return `new ${NAMESPACE[provider]}.${module}.${type}(${quoted(name)}, {\n${fields(properties, nameOf).join("\n")}\n}${options});`;
  },
  statement: (snippet, nameOf) => statementInJson(snippet, (code) => write(code, nameOf)),
  dependsOn: (names) => `  dependsOn: [${names.join(", ")}],`,
  args: ({ properties }, nameOf) => fields(properties, nameOf).join("\n"),
  terms: {
    interpolation: "pulumi.interpolate or pulumi.all",
    apply: "apply",
    document: "as an object or with pulumi.jsonStringify",
    policyDocument: "aws.iam.getPolicyDocumentOutput",
    allowedAccountIds: "allowedAccountIds",
  },
};
