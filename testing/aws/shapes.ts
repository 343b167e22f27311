/**
 * The notation of outputs.json: `arn,port:n,enabled:b,tags:m,ids:[],options:[{name,value}]`. A text has no suffix, a
 * number is `n`, a boolean `b`, a map `m`; a property that a program may set begins with `~`.
 */
export type Shape =
  | { readonly kind: "text" | "number" | "boolean" | "map" }
  | { readonly kind: "list"; readonly element: Shape }
  | { readonly kind: "object"; readonly fields: readonly ShapedField[] };

/** A field of an object, with the shape of its values. */
export interface ShapedField {
  readonly name: string;
  readonly shape: Shape;
  /** Whether it is an input, too. */
  readonly optional: boolean;
}

const SIMPLE: Readonly<Record<string, Shape>> = {
  n: { kind: "number" },
  b: { kind: "boolean" },
  m: { kind: "map" },
};

const cache = new Map<string, readonly ShapedField[]>();

/** The fields in a text of the notation. */
export function fieldsOf(notation: string): readonly ShapedField[] {
  const cached = cache.get(notation);
  if (cached !== undefined) return cached;
  const fields = split(notation).map(fieldOf);
  cache.set(notation, fields);
  return fields;
}

function fieldOf(text: string): ShapedField {
  const [, optional, name = "", shape = ""] = /^(~?)(\w+):?(.*)$/.exec(text) ?? [];
  return { name, shape: shapeOf(shape), optional: optional === "~" };
}

function shapeOf(text: string): Shape {
  if (text.startsWith("[")) return { kind: "list", element: shapeOf(text.slice(1, -1)) };
  if (text.startsWith("{")) return { kind: "object", fields: split(text.slice(1, -1)).map(fieldOf) };
  return SIMPLE[text] ?? { kind: "text" };
}

/** The parts between commas outside of brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "{" || char === "[") depth += 1;
    if (char === "}" || char === "]") depth -= 1;
    if ((char === "," && depth === 0) || index === text.length) {
      if (index > start) parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return parts;
}
