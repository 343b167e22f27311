import { distance } from "fastest-levenshtein";

/**
 * Whether the name is so similar to one of the known names that it can only be a misspelling. Other names are never
 * quoted: a wrong value in a policy may be a secret.
 */
export function resembles(spelling: string, known: Iterable<string>): boolean {
  if (!/^[A-Za-z:-]{1,60}$/.test(spelling)) return false;
  const lower = spelling.toLowerCase();
  for (const name of known)
    if (distance(name.toLowerCase(), lower) * 2 <= Math.min(name.length, lower.length)) return true;
  return false;
}
