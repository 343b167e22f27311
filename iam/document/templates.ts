import { compile, type PatternPiece, patternOf, verbatim } from "../text/pattern";
import type { Text } from "../text/text";
import type { PolicyDocument, Template, Variable } from "./types";

type TemplatePiece = Template["pieces"][number];

/** How a string of a document is parsed. */
interface TemplateUse {
  readonly version: PolicyDocument["version"];
  readonly wildcards: boolean;
  /** Policy variables are supported only after this number of colons; their effect before that is not documented. */
  readonly colons: number;
  /** The hole that replaces a part whose meaning is not documented. */
  hole(): Text;
}

export function templateOf(text: Text, use: TemplateUse): Template {
  const variables =
    use.version !== "2008-10-17" && text.some((piece) => typeof piece === "string" && piece.includes("${"));
  if (!variables) {
    const pattern = use.wildcards ? compile(text) : verbatim(text);
    return { text, pieces: pattern.pieces, pattern };
  }
  const pieces: TemplatePiece[] = [];
  let seen = 0;
  for (const piece of text) {
    if (typeof piece !== "string") {
      pieces.push(piece);
      continue;
    }
    const { found, readable } = variablesIn(piece, use);
    for (const part of found) {
      const early = typeof part === "object" && "variable" in part && seen < use.colons;
      pieces.push(...(early ? use.hole() : [part]));
      if (typeof part === "string") seen += part.split(":").length - 1;
    }
    if (!readable) break;
  }
  const filled = pieces.every((piece) => typeof piece === "string" || !("variable" in piece));
  return { text, pieces, pattern: filled ? patternOf(pieces as PatternPiece[]) : undefined };
}

/**
 * Splits a string at its `${…}`. With an unknown Version it is not known whether they are policy variables at all, and
 * the meaning of the text after one that is not well formed is not documented: a hole replaces the rest.
 */
function variablesIn(
  value: string,
  use: TemplateUse,
): { readonly found: readonly TemplatePiece[]; readonly readable: boolean } {
  const found: TemplatePiece[] = [];
  const literal = (part: string): void => {
    found.push(...(use.wildcards ? compile([part]).pieces : [part]));
  };
  let start = 0;
  for (;;) {
    const open = value.indexOf("${", start);
    literal(value.slice(start, open < 0 ? undefined : open));
    if (open < 0) return { found, readable: true };
    const close = value.indexOf("}", open);
    const inside = close < 0 ? undefined : parseVariable(value.slice(open + 2, close));
    if (inside === undefined || use.version === "unknown") found.push(...use.hole());
    else found.push(inside);
    if (inside === undefined) return { found, readable: false };
    start = close + 1;
  }
}

/**
 * A variable with or without a default value, or the character that `${*}`, `${?}` or `${$}` represents; `undefined`
 * for anything else. Names contain no spaces
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-unsupported-space-in-variable).
 */
function parseVariable(inside: string): Variable | string | undefined {
  if (inside === "*" || inside === "?" || inside === "$") return inside;
  const [, name, fallback] = /^([^\s,'"{}$*?]+)(?:, '([^']*)')?$/.exec(inside) ?? [];
  if (name === undefined) return undefined;
  const variable = name.toLowerCase();
  return fallback === undefined ? { variable } : { variable, fallback };
}
