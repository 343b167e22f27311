import { compareText } from "../stack/pulumi/keys";

/** Items in the order of their keys, part by part. */
export function sorted<T>(
  items: Iterable<T>,
  key: (item: T) => readonly (string | undefined)[],
): readonly T[] {
  return [...items]
    .map((item) => ({ item, key: key(item).join("\u0000") }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ item }) => item);
}
