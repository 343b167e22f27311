import { known, type Text } from "../../iam";

/**
 * Strings for names and ids that AWS has yet to assign. Where values are inferred, such a string takes the place of the
 * value: it equals itself, wildcards match it, and no literal of a program equals it. The characters around it are for
 * private use, and are in no name of AWS.
 */
const OPEN = "\uE000";
const SPLIT = "\uE002";
const CLOSE = "\uE001";
const PLACEHOLDER = /\uE000([^\uE000-\uE002]*)\uE002\d+\uE001/g;

/** @param number distinguishes placeholders with the same label */
export function placeholder(label: string, number: number): string {
  return `${OPEN}${label.replace(/[:/*?${}\uE000-\uE002]/g, "-")}${SPLIT}${number}${CLOSE}`;
}

/** Shows the placeholders in a string like holes: as `<label>`, or all in one way. */
export function withoutPlaceholders(value: string, replacement = "<$1>"): string {
  return value.replace(PLACEHOLDER, replacement);
}

/** The labels of the placeholders in a string. */
export function placeholdersIn(value: string): readonly string[] {
  return [...value.matchAll(PLACEHOLDER)].map(([, label = ""]) => label);
}

/** A text of which every character is known, without names and ids that AWS has yet to assign. */
export function assigned(value: Text): string | undefined {
  return isPlaceholder(value) ? undefined : known(value);
}

/** Whether a text contains a placeholder, which represents a value that the plan does not show. */
export function isPlaceholder(value: Text): boolean {
  return value.some((piece) => typeof piece === "string" && piece.includes(OPEN));
}
