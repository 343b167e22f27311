import { resembles } from "../text/spelling";

/** A name, only where it is certainly a misspelling and no secret. */
export function named(name: string, known: Iterable<string>): string | undefined {
  return resembles(name, known) ? name : undefined;
}
