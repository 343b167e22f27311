import type { Origin, Text } from "./text";

/**
 * A value that the plan does not show, with what it depends on. It may stand for a whole document or
 * for any leaf inside one; it is data like any other value, never an exception.
 */
export class Unknown {
  constructor(readonly from: readonly Origin[] = []) {}
}

export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown;
}

/**
 * A leaf of a document of which a part is known: a resource ARN whose account is not, say. It is where a
 * string would. A policy variable (`${aws:username}`) is hidden as a whole or not at all.
 */
export class PartlyKnown {
  constructor(readonly text: Text) {}
}
