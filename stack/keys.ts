import type { Text } from "../iam";

const keys = new WeakMap<Text, string>();

/** A text as a key: holes by their identity. */
export function key(value: Text): string {
  let found = keys.get(value);
  if (found === undefined) {
    found = value.map((piece) => (typeof piece === "string" ? piece : `\u0000${piece.id}\u0000`)).join("");
    keys.set(value, found);
  }
  return found;
}

/** What is kept for a key, made when it is first asked for. */
export function cached<K, V>(map: Map<K, V>, at: K, make: () => V): V {
  const found = map.get(at);
  if (found !== undefined) return found;
  const made = make();
  map.set(at, made);
  return made;
}
