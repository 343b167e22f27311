import type { Code } from "../code";
import type { Properties, Value } from "../snippets";
import { isLookup, isMapping, type NameOf, quoted, statementInJson, type Writer } from "./writer";

const LOOKUPS = { partition: "the partition", region: "the region", account: "the account" } as const;

function write(value: Value, nameOf: NameOf): string {
  if (typeof value === "boolean") return String(value);
  if (isMapping(value))
    return `{ ${value.fields.map(([key, code]) => `${quoted(key)}: ${write(code, nameOf)}`).join(", ")} }`;
  return quoted(value.map((piece) => part(piece, nameOf)).join(""));
}

/** Values that are known at run time are in angle brackets. */
function part(piece: Code[number], nameOf: NameOf): string {
  if (typeof piece === "string") return piece;
  return isLookup(piece) ? `<${LOOKUPS[piece.lookup]}>` : `<${piece.property} of ${nameOf(piece.urn)}>`;
}

function fields(properties: Properties, nameOf: NameOf, indent: string): string {
  return properties.map(([name, value]) => `${indent}${quoted(name)}: ${write(value, nameOf)}`).join(",\n");
}

/** For programs in other languages, and where the language is unknown. */
export const json: Writer = {
  identifier: (name) => name,
  namesVariables: false,
  value: write,
  argument: (name, value, nameOf) => `${name}: ${write(value, nameOf)}`,
  resource: ({ provider, module, type, name, properties, providerUrn }, nameOf) => {
    const options =
      providerUrn === undefined
        ? ""
        : `,\n  "options": { "provider": ${quoted(`<${nameOf(providerUrn)}>`)} }`;
    return `{\n  "type": "${provider}:${module}:${type}",\n  "name": ${quoted(name)},\n  "properties": {\n${fields(properties, nameOf, "    ")}\n  }${options}\n}`;
  },
  statement: (snippet, nameOf) => statementInJson(snippet, (code) => write(code, nameOf)),
  dependsOn: (names) => `"dependsOn": [${names.map((name) => quoted(`<${name}>`)).join(", ")}]`,
  args: ({ properties }, nameOf) => fields(properties, nameOf, "  "),
  terms: {
    interpolation: "the SDK's function that combines outputs",
    apply: "apply",
    document: "with the SDK's function that converts outputs to JSON",
    policyDocument: "aws:iam:getPolicyDocument",
    allowedAccountIds: "allowedAccountIds",
  },
};
