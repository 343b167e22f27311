import { isHole, known, show, type Text, unknownHoles } from "../iam";

/** A property of a resource of the program, by its URN. */
export interface Reference {
  readonly urn: string;
  readonly property: string;
}

/** What a data source answers: where a provider deploys to. */
export interface Lookup {
  readonly lookup: "partition" | "region" | "account";
  readonly provider: "aws" | "aws-native";
}

/** A string as a program writes it: literal text, and what is known when it runs. */
export type Code = readonly (string | Reference | Lookup)[];

export function property(urn: string, name: string): Reference {
  return { urn, property: name };
}

const PLACEHOLDER = /\uE000([^\uE000-\uE002]*)\uE002\d+\uE001/g;

/** A wildcard is where a part is unknown, or where each request has another. */
export function pasteable(value: Text): string {
  return value.map((piece) => (isHole(piece) ? "*" : piece.replace(PLACEHOLDER, "*"))).join("");
}

/** What the wildcards of {@link pasteable} stand for that is unknown. */
export function wildcardsOf(value: Text): readonly string[] {
  const placeholders = [...show(value).matchAll(PLACEHOLDER)].map(([, label]) => label ?? "");
  return [...new Set([...placeholders, ...unknownHoles(value).map((hole) => hole.label)])];
}

/** Whether every character of a text is known, that of names which AWS or the provider is yet to give included. */
export function isWritten(value: Text): boolean {
  return known(value) !== undefined && wildcardsOf(value).length === 0;
}
