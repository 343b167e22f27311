import type { Text } from "../../iam";

const keys = new WeakMap<Text, string>();

/** A text as a key: holes by their identity. */
export function textKey(value: Text): string {
  let key = keys.get(value);
  if (key === undefined) {
    key = value.map((piece) => (typeof piece === "string" ? piece : `\u0000${piece.id}\u0000`)).join("");
    keys.set(value, key);
  }
  return key;
}

/** The value for a key, created when it is first requested. */
export function cached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const value = make();
  map.set(key, value);
  return value;
}

/** Adds an item to the list for a key, in a map of lists. */
export function appendTo<K, V>(map: Map<K, V[]>, key: K, item: V): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}

/** The order of texts by their code units, which is the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of resources. */
export function byUrn(a: { readonly urn: string }, b: { readonly urn: string }): number {
  return compareText(a.urn, b.urn);
}

/** Groups items by key, in the order in which the keys first occur. */
export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T, index: number) => string,
): readonly (readonly [T, ...T[]])[] {
  const byKey = new Map<string, [T, ...T[]]>();
  items.forEach((item, index) => {
    const key = keyOf(item, index);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [item]);
    else group.push(item);
  });
  return [...byKey.values()];
}
