/**
 * Names come from programs and state files, which may be hostile: a terminal must not interpret them as commands, and
 * text must be displayed in its logical order.
 */

/**
 * Control characters of terminals (C0, DEL, C1), characters that change the direction of text or have no width,
 * characters that XML does not allow, and halves of surrogate pairs. Line breaks are the caller's responsibility.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]/gu;

/** Text of several lines that can be printed anywhere: `\u{1b}` replaces an escape character. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same on one line. */
export function printable(text: string): string {
  return printableLines(text).replaceAll("\n", "\\u{a}");
}

/** JSON that is safe to print, of the same value. */
export function printableJson(value: unknown): string {
  const json = JSON.stringify(value, undefined, 2);
  return `${json.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}
