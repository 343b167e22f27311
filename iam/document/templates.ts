import { compile, type PatternPiece, patternOf, verbatim } from "../text/pattern";
import type { Text } from "../text/text";
import type { PolicyDocument, Template, Variable } from "./types";

type TemplatePiece = Template["pieces"][number];

/** The rules for parsing a string of a document. */
interface TemplateUse {
  readonly version: PolicyDocument["version"];
  readonly wildcards: boolean;
  /** Policy variables are supported only after this number of colons; their effect before that is not documented. */
  readonly colons: number;
  /** The hole that replaces a part whose meaning is not documented. */
  hole(): Text;
}

/**
 * Parses a text of a document with its wildcards and policy variables, which documents of version 2008-10-17 do not
 * have. A text without variables is compiled once.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function templateOf(text: Text, use: TemplateUse): Template {
  const mayHaveVariables =
    use.version !== "2008-10-17" && text.some((piece) => typeof piece === "string" && piece.includes("${"));
  if (!mayHaveVariables) {
    const pattern = use.wildcards ? compile(text) : verbatim(text);
    return { text, pieces: pattern.pieces, pattern };
  }
  const pieces: TemplatePiece[] = [];
  let colonsSeen = 0;
  for (const piece of text) {
    if (typeof piece !== "string") {
      pieces.push(piece);
      continue;
    }
    const { parts, isReadable } = variablesIn(piece, use);
    for (const part of parts) {
      const isTooEarly = typeof part === "object" && "variable" in part && colonsSeen < use.colons;
      pieces.push(...(isTooEarly ? use.hole() : [part]));
      if (typeof part === "string") colonsSeen += part.split(":").length - 1;
    }
    if (!isReadable) break;
  }
  const hasNoVariables = pieces.every((piece) => typeof piece === "string" || !("variable" in piece));
  return { text, pieces, pattern: hasNoVariables ? patternOf(pieces as PatternPiece[]) : undefined };
}

/**
 * Splits a string at its `${…}`. With an unknown Version it is not known whether they are policy variables at all, and
 * the meaning of the text after one that is not well formed is not documented: a hole replaces the rest.
 */
function variablesIn(
  value: string,
  use: TemplateUse,
): { readonly parts: readonly TemplatePiece[]; readonly isReadable: boolean } {
  const parts: TemplatePiece[] = [];
  const literal = (part: string): void => {
    parts.push(...(use.wildcards ? compile([part]).pieces : [part]));
  };
  let start = 0;
  for (;;) {
    const open = value.indexOf("${", start);
    literal(value.slice(start, open < 0 ? undefined : open));
    if (open < 0) return { parts, isReadable: true };
    const close = value.indexOf("}", open);
    const variable = close < 0 ? undefined : parseVariable(value.slice(open + 2, close));
    if (variable === undefined || use.version === "unknown") parts.push(...use.hole());
    else parts.push(variable);
    if (variable === undefined) return { parts, isReadable: false };
    start = close + 1;
  }
}

/**
 * A variable with or without a default value, or the character that `${*}`, `${?}` or `${$}` represents; `undefined`
 * for anything else. Names contain no spaces
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-unsupported-space-in-variable).
 */
function parseVariable(content: string): Variable | string | undefined {
  if (content === "*" || content === "?" || content === "$") return content;
  const [, name, fallback] = /^([^\s,'"{}$*?]+)(?:, '([^']*)')?$/.exec(content) ?? [];
  if (name === undefined) return undefined;
  const variable = name.toLowerCase();
  return fallback === undefined ? { variable } : { variable, fallback };
}
