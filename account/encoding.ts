/**
 * The text of a file of JSON or of a log, in UTF-8 or UTF-16, without its byte order mark. A redirection in Windows
 * PowerShell writes UTF-16.
 */
export function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return bytes
      .subarray(2, bytes.length - (bytes.length % 2))
      .swap16()
      .toString("utf16le");
  // JSON begins with an ASCII character.
  if (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0) return bytes.toString("utf16le");
  return withoutByteOrderMark(bytes.toString("utf8"));
}

/** A text that was decoded as UTF-8, without its byte order mark. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
