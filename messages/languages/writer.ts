import type { Code, Lookup } from "../code";
import { printable } from "../printable";
import type { ArgumentsSnippet, Mapping, ResourceSnippet, StatementSnippet, Value } from "../snippets";
import { pascalCase } from "../text";

/** Returns a program's name for a resource. */
export type NameOf = (urn: string) => string;

/** Writes the code of a fix in one language. */
export interface Writer {
  /** The variable for a resource with a logical name; the language's keywords are not available. */
  readonly identifier: (name: string) => string;
  /** Whether variables need an explanation. */
  readonly namesVariables: boolean;
  readonly value: (value: Value, nameOf: NameOf) => string;
  readonly argument: (name: string, value: Value, nameOf: NameOf) => string;
  readonly resource: (snippet: ResourceSnippet, nameOf: NameOf) => string;
  readonly statement: (snippet: StatementSnippet, nameOf: NameOf) => string;
  /** The resource option for dependencies on the resources with these names. */
  readonly dependsOn: (names: readonly string[]) => string;
  readonly args: (snippet: ArgumentsSnippet, nameOf: NameOf) => string;
  readonly terms: Terms;
}

/** The language's terms for concepts of Pulumi. */
export interface Terms {
  /** The function that combines outputs. */
  readonly interpolation: string;
  /** The function whose callback receives the value, where the language has one. */
  readonly apply?: string;
  /** The form of a document whose dependencies Pulumi tracks. */
  readonly document: string;
  /** The data source for documents, which loses dependencies. */
  readonly policyDocument: string;
  /** The provider option. */
  readonly allowedAccountIds: string;
}

/** The function of the provider's SDK that returns the value of a lookup, and the field of its result. */
interface DataSource {
  readonly function: string;
  readonly result: string;
}

const DATA_SOURCES: Readonly<Record<Lookup["provider"], Readonly<Record<Lookup["lookup"], DataSource>>>> = {
  aws: {
    partition: { function: "getPartition", result: "partition" },
    region: { function: "getRegion", result: "region" },
    account: { function: "getCallerIdentity", result: "accountId" },
  },
  "aws-native": {
    partition: { function: "getPartition", result: "partition" },
    region: { function: "getRegion", result: "region" },
    account: { function: "getAccountId", result: "accountId" },
  },
};

export function dataSourceOf({ provider, lookup }: Lookup): DataSource {
  return DATA_SOURCES[provider][lookup];
}

export function isMapping(value: Value): value is Mapping {
  return typeof value === "object" && "fields" in value;
}

export function isLookup(part: Code[number]): part is Lookup {
  return typeof part === "object" && "lookup" in part;
}

/** The text of code without references. */
export function literal(code: Code): string | undefined {
  return code.every((part) => typeof part === "string") ? code.join("") : undefined;
}

/** Capitalizes the words of a name: `orders-api` becomes `ordersApi`. */
export function camelCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9_$]+/).filter((word) => word !== "");
  return words
    .map((word, index) => (index === 0 ? word : pascalCase(word)))
    .join("")
    .slice(0, 60);
}

/** `ordersApi` and `orders-api` become `orders_api`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .join("_")
    .toLowerCase()
    .slice(0, 60);
}

/** A valid variable name in a language: it does not begin with a digit and is not a keyword. */
export function validName(name: string, taken: ReadonlySet<string>): string {
  if (name === "") return "resource";
  return /^\d/.test(name) || taken.has(name) ? `_${name}` : name;
}

/** A string in quotation marks, on one line. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** A statement in JSON, or in a language that extends it. */
export function statementInJson(
  { action, resources }: StatementSnippet,
  write: (code: Code) => string,
): string {
  const each = writtenOnce(resources, write);
  const resource = each.length > 1 ? `[\n    ${each.join(",\n    ")}\n  ]` : each[0];
  return `{\n  "Effect": "Allow",\n  "Action": "${action}",\n  "Resource": ${resource}\n}`;
}

/** The resources of a statement as code, without duplicates. */
export function writtenOnce(resources: readonly Code[], write: (code: Code) => string): readonly string[] {
  const each = [...new Set(resources.map(write))];
  return each.length === 0 ? [write(["*"])] : each;
}
