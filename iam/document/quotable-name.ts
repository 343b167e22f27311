import { resembles } from "../text/spelling";

/** Returns the name only where it is certainly a misspelling, so that a secret is never quoted. */
export function quotableName(name: string, known: Iterable<string>): string | undefined {
  return resembles(name, known) ? name : undefined;
}
