import { distance } from "fastest-levenshtein";

/**
 * Is the written name so near one of the known names that it can only be a misspelling of it? Names that are
 * not are never repeated to people: what is in a policy by mistake may be a secret.
 */
export function resembles(written: string, known: Iterable<string>): boolean {
  if (!/^[A-Za-z:-]{1,60}$/.test(written)) return false;
  const lower = written.toLowerCase();
  for (const name of known)
    if (distance(name.toLowerCase(), lower) * 2 <= Math.min(name.length, lower.length)) return true;
  return false;
}
