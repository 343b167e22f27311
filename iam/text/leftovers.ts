/**
 * What a value that was not there (`undefined`, Python's `None`), or not there yet (an output of Pulumi), leaves behind
 * when it is put into a string: the word, or an output's complaint.
 * https://www.pulumi.com/docs/iac/concepts/inputs-outputs/apply/#outputs-and-strings
 */
const LEFTOVERS: readonly RegExp[] = [
  /\[object \w{1,20}\]/,
  /<pulumi\.output\.Output object/,
  /(?<=[:/])(undefined|None|null|NaN)(?=[:/]|$)/,
  /^(undefined|None|null)$/,
];
const COMPLAINT = /Calling (\[to(String|JSON)\]|__str__) on an \[?Output/i;

/** The leftover in a string, fit to be shown. */
export function leftoverIn(value: string): string | undefined {
  if (COMPLAINT.test(value)) return "Calling [toString] on an [Output<T>]";
  return LEFTOVERS.map((leftover) => leftover.exec(value)?.[0]).find((found) => found !== undefined);
}
