import type { Code, Lookup } from "../code";
import type { Properties, Value } from "../snippets";
import { pascalCase } from "../text";
import {
  camelCase,
  dataSourceOf,
  isLookup,
  isMapping,
  literal,
  type NameOf,
  quoted,
  validName,
  type Writer,
  writtenOnce,
} from "./writer";

/**
 * Names that a variable cannot have: keywords (https://go.dev/ref/spec#Keywords), and names to which the code of fixes
 * refers.
 */
const TAKEN: ReadonlySet<string> = new Set(
  "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var ctx err nil true false string lambda aws pulumi".split(
    " ",
  ),
);

function write(value: Value, nameOf: NameOf): string {
  if (typeof value === "boolean") return `pulumi.Bool(${value})`;
  if (isMapping(value))
    return `pulumi.StringMap{${value.fields.map(([key, code]) => `${quoted(key)}: ${write(code, nameOf)}`).join(", ")}}`;
  const text = literal(value);
  return text === undefined ? sprintf(value, nameOf) : `pulumi.String(${quoted(text)})`;
}

function sprintf(code: Code, nameOf: NameOf): string {
  const values = code.filter((piece) => typeof piece !== "string").map((piece) => part(piece, nameOf));
  if (code.length === 1) return values[0] ?? "";
  const format = code
    .map((piece) => (typeof piece === "string" ? piece.replaceAll("%", "%%") : "%v"))
    .join("");
  return `pulumi.Sprintf(${[quoted(format), ...values].join(", ")})`;
}

function part(entry: Exclude<Code[number], string>, nameOf: NameOf): string {
  if (isLookup(entry)) return lookup(entry);
  // An id is a method of every resource.
  return `${nameOf(entry.urn)}.${entry.property === "id" ? "ID()" : pascalCase(entry.property)}`;
}

/** The functions of `pulumi-aws-native` have no arguments. */
function lookup(entry: Lookup): string {
  const { function: name, result } = dataSourceOf(entry);
  const call = `aws.${pascalCase(name)}Output`;
  const args = entry.provider === "aws" ? `ctx, ${call}Args{}` : "ctx";
  return `${call}(${args}).${pascalCase(result)}()`;
}

/** Aligned as by gofmt. */
function fields(properties: Properties, nameOf: NameOf): readonly string[] {
  const width = Math.max(0, ...properties.map(([name]) => name.length + 1));
  return properties.map(
    ([name, value]) => `\t${`${pascalCase(name)}:`.padEnd(width)} ${write(value, nameOf)},`,
  );
}

export const go: Writer = {
  identifier: (name) => validName(camelCase(name), TAKEN),
  namesVariables: true,
  value: write,
  argument: (name, value, nameOf) => `${pascalCase(name)}: ${write(value, nameOf)}`,
  resource: ({ module, type, name, properties, providerUrn }, nameOf) =>
    [
      `if _, err := ${module}.New${type}(ctx, ${quoted(name)}, &${module}.${type}Args{`,
      ...fields(properties, nameOf),
      `}${providerUrn === undefined ? "" : `, pulumi.Provider(${nameOf(providerUrn)})`}); err != nil {`,
      "\treturn err",
      "}",
    ].join("\n"),
  statement: ({ action, resources }, nameOf) => {
    const inDocument = (code: Code): string => {
      const text = literal(code);
      return text === undefined ? sprintf(code, nameOf) : quoted(text);
    };
    const each = writtenOnce(resources, inDocument);
    const resource =
      each.length > 1 ? `[]interface{}{\n${each.map((text) => `\t\t${text},\n`).join("")}\t}` : each[0];
    return `map[string]interface{}{\n\t"Effect":   "Allow",\n\t"Action":   "${action}",\n\t"Resource": ${resource},\n}`;
  },
  dependsOn: (names) => `pulumi.DependsOn([]pulumi.Resource{${names.join(", ")}})`,
  args: ({ properties }, nameOf) => fields(properties, nameOf).join("\n"),
  terms: {
    interpolation: "pulumi.Sprintf or pulumi.All",
    apply: "ApplyT",
    document: "with pulumi.JSONMarshal",
    policyDocument: "iam.GetPolicyDocumentOutput",
    allowedAccountIds: "AllowedAccountIds",
  },
};
