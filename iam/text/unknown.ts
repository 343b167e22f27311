import type { Origin, Text } from "./text";

/**
 * A value that the plan does not show, with the resources that it depends on. It may be a whole document or any leaf in
 * one; it is data like any other value, never an exception.
 */
export class Unknown {
  constructor(readonly origins: readonly Origin[] = []) {}
}

/** Whether a value as a whole is unknown. A text with holes is not. */
export function isUnknown(value: unknown): value is Unknown {
  return value instanceof Unknown;
}

/**
 * A partly known leaf of a document, such as a resource ARN whose account is unknown. A policy variable
 * (`${aws:username}`) is hidden as a whole or not at all.
 */
export class PartlyKnown {
  constructor(readonly text: Text) {}
}
