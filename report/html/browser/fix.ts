/** A fix: what to do in words, and what to paste. */
export interface Fix {
  readonly before: string;
  /** Empty when there is nothing to paste. */
  readonly code: string;
  readonly after: string;
}

/** Tells a fix's code from the words around it: a JSON object or a `new` resource, from its first line to its last. */
export function fixOf(text: string): Fix {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => /^(\{$|new )/.test(line));
  const last = lines.findLastIndex((line) => /^\}(\);)?$/.test(line));
  if (first < 0 || last < first) return { before: text, code: "", after: "" };
  const part = (from: number, to?: number): string => lines.slice(from, to).join("\n");
  return { before: part(0, first), code: part(first, last + 1), after: part(last + 1) };
}
