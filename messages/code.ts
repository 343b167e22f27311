import { isHole, show, type Text, unknownHoles } from "../iam";
import { assigned, placeholdersIn, withoutPlaceholders } from "../stack";
import { showHole } from "./holes";

/** A property of a resource of the program, by its URN. */
export interface Reference {
  readonly urn: string;
  readonly property: string;
}

/** The result of a data source: the account or region that a provider deploys to. */
export interface Lookup {
  readonly lookup: "partition" | "region" | "account";
  readonly provider: "aws" | "aws-native";
}

/** A string in a program: literal text, and values that are known at run time. */
export type Code = readonly (string | Reference | Lookup)[];

export function property(urn: string, name: string): Reference {
  return { urn, property: name };
}

/** A wildcard where a part is unknown, or differs from request to request. */
export function pasteable(value: Text): string {
  return value.map((piece) => (isHole(piece) ? "*" : withoutPlaceholders(piece, "*"))).join("");
}

/** The unknown values that the wildcards of {@link pasteable} replace, as in a sentence. */
export function wildcardsOf(value: Text): readonly string[] {
  const names = placeholdersIn(show(value)).map((name) => `the ${name}`);
  return [...new Set([...names, ...unknownHoles(value).map(({ label }) => showHole(label))])];
}

/** Whether every character of a text is known, and AWS and the provider have assigned all names in it. */
export function isWritten(value: Text): boolean {
  return assigned(value) !== undefined;
}
