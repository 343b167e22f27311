import { isHole, known, show, type Text, unknownHoles } from "../iam";
import { printable } from "./printable";

/** A string as a program writes it: literal text, and properties of the program's resources. */
export type Code = readonly (string | { readonly property: string })[];

/** `orders.arn` */
export function property(resource: string, name: string): { readonly property: string } {
  return { property: `${resource}.${name}` };
}

/** The expression: a property by itself, a literal, or both in `pulumi.interpolate`. */
export function expression(code: Code): string {
  const [first, ...more] = code;
  if (typeof first === "object" && more.length === 0) return first.property;
  if (code.every((part) => typeof part === "string")) return JSON.stringify(code.join(""));
  const parts = code.map((part) => (typeof part === "string" ? inTemplate(part) : `\${${part.property}}`));
  return `pulumi.interpolate\`${parts.join("")}\``;
}

/** Text as it stands in a template literal, on one line. */
function inTemplate(text: string): string {
  return printable(text.replace(/[\\`]|\$\{/g, "\\$&"));
}

const PLACEHOLDER = /\uE000([^\uE000-\uE002]*)\uE002\d+\uE001/g;

/** A wildcard stands where a part is unknown, or where each request has another. */
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

/** An object literal of code, a line for each property. */
export function objectCode(fields: readonly (readonly [name: string, code: string])[]): string {
  return ["{", ...fields.map(([name, code]) => `  ${name}: ${code},`), "}"].join("\n");
}
