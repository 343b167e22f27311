/**
 * Characters that are not seen but change how others are: controls, directions, zero widths. A name could pass
 * for another with them.
 */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text with what cannot be seen written out: `<U+202E>`. */
export function legible(text: string): string {
  return text.replace(
    UNSEEN,
    (unseen) => `<U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
}
