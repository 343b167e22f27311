/** Maps of lists, and maps that create missing entries. No DOM in here. */

export function reached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

export function grouped<T>(all: Iterable<T>, keysOf: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of all) for (const key of keysOf(item)) reached(groups, key, () => [] as T[]).push(item);
  return groups;
}
