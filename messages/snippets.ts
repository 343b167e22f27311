/** The code of a fix, as data: `languages/` writes it in the language of the program. */
import type { Code } from "./code";

export type Value = Code | boolean | Mapping;

/** An argument with several values by key. */
export interface Mapping {
  readonly fields: readonly (readonly [key: string, value: Code])[];
}

export type Properties = readonly (readonly [name: string, value: Value])[];

/** A resource to add to the program. */
export interface ResourceSnippet {
  readonly kind: "resource";
  readonly provider: "aws" | "aws-native";
  readonly module: string;
  readonly type: string;
  readonly name: string;
  readonly properties: Properties;
  /** The provider (URN) that the program sets for it. */
  readonly providerUrn?: string;
}

/** A statement to add to a policy document. */
export interface StatementSnippet {
  readonly kind: "statement";
  readonly action: string;
  readonly resources: readonly Code[];
}

/** Arguments to set on an existing resource. */
export interface ArgumentsSnippet {
  readonly kind: "arguments";
  readonly properties: Properties;
}

/** The resources (URNs) that a resource is to depend on. */
export interface DependsOnSnippet {
  readonly kind: "dependsOn";
  readonly resources: readonly string[];
}

/** JSON that is the same in each language. */
export interface JsonSnippet {
  readonly kind: "json";
  readonly text: string;
}

export type Snippet = ResourceSnippet | StatementSnippet | ArgumentsSnippet | DependsOnSnippet | JsonSnippet;

/** A sentence with names of the program. */
export type Phrase = readonly (string | Code | { readonly argument: string; readonly value: Value })[];

/** An argument of a resource: `argument("uri", { urn: "fn", property: "invokeArn" })`. */
export function argument(name: string, ...value: Code): Phrase[number] {
  return { argument: name, value };
}
