import { resembles } from "../text/spelling";

/** What is wrong, with its name only where it is surely a misspelling and no secret. */
export function named(what: string, name: string, known: Iterable<string>): string {
  return resembles(name, known) ? `${what} ${name}` : what;
}
