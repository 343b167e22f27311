/**
 * The text that an absent value (`undefined`, Python's `None`) or a value that is not available yet (an output of
 * Pulumi) leaves when it is concatenated into a string: the word itself, or the output's error message.
 * https://www.pulumi.com/docs/iac/concepts/inputs-outputs/apply/#outputs-and-strings
 */
const LEFTOVERS: readonly RegExp[] = [
  /\[object \w{1,20}\]/,
  /<pulumi\.output\.Output object/,
  /(?<=[:/])(undefined|None|null|NaN)(?=[:/]|$)/,
  /^(undefined|None|null)$/,
];
const OUTPUT_ERROR = /Calling (\[to(String|JSON)\]|__str__) on an \[?Output/i;

/** The leftover in a string, in a form that can be quoted. */
export function leftoverIn(value: string): string | undefined {
  if (OUTPUT_ERROR.test(value)) return "Calling [toString] on an [Output<T>]";
  return LEFTOVERS.map((leftover) => leftover.exec(value)?.[0]).find((found) => found !== undefined);
}
