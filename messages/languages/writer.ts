import type { Code, Lookup, Reference } from "../code";
import { printable } from "../printable";
import type { ArgumentsSnippet, Mapping, ResourceSnippet, StatementSnippet, Value } from "../snippets";

/** Finds what a program calls a resource. */
export type NameOf = (urn: string) => string;

/** How one language writes what is to be pasted. */
export interface Writer {
  /** What stands for a resource of a logical name. Its own names are not free. */
  readonly identifier: (name: string) => string;
  /** Whether identifiers have to be explained. */
  readonly explains: boolean;
  readonly value: (value: Value, nameOf: NameOf) => string;
  readonly argument: (name: string, value: Value, nameOf: NameOf) => string;
  readonly resource: (snippet: ResourceSnippet, nameOf: NameOf) => string;
  readonly statement: (snippet: StatementSnippet, nameOf: NameOf) => string;
  /** The option by which a resource waits for those that have these names. */
  readonly dependsOn: (names: readonly string[]) => string;
  readonly args: (snippet: ArgumentsSnippet, nameOf: NameOf) => string;
  readonly terms: Terms;
}

/** What messages call things of Pulumi's in a language. */
export interface Terms {
  /** What puts outputs together. */
  readonly interpolation: string;
  /** The function whose callback waits for a value, where the language has one. */
  readonly apply?: string;
  /** How a document is written so that Pulumi knows what it depends on. */
  readonly document: string;
  /** The data source that makes a document: what that depends on is lost. */
  readonly policyDocument: string;
  /** The argument of a provider. */
  readonly allowedAccountIds: string;
}

export function isReference(part: Code[number]): part is Reference {
  return typeof part === "object" && "urn" in part;
}

export function isMapping(value: Value): value is Mapping {
  return typeof value === "object" && "fields" in value;
}

export function isLookup(part: Code[number]): part is Lookup {
  return typeof part === "object" && "lookup" in part;
}

/** The text of a code that refers to nothing. */
export function literal(code: Code): string | undefined {
  return code.every((part) => typeof part === "string") ? code.join("") : undefined;
}

/** What each of the words of a name begins with a capital letter: `orders-api` is `ordersApi`. */
export function camelCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9_$]+/).filter((word) => word !== "");
  return words
    .map((word, at) => (at === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join("")
    .slice(0, 60);
}

/** `ordersApi` and `orders-api` are `orders_api`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .join("_")
    .toLowerCase()
    .slice(0, 60);
}

/** A name that a language takes for a variable: neither a number nor a word of its own. */
export function free(name: string, taken: ReadonlySet<string>): string {
  if (name === "") return "resource";
  return /^\d/.test(name) || taken.has(name) ? `_${name}` : name;
}

/** A string in quotation marks, on one line. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Each resource of a statement as it is written, once. */
export function writtenOnce(resources: readonly Code[], write: (code: Code) => string): readonly string[] {
  const each = [...new Set(resources.map(write))];
  return each.length === 0 ? [write(["*"])] : each;
}
