import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import { ACCOUNT_COMMANDS, readAccountFile } from "./commands";
import type { AccountData, AccountFile } from "./data";

/** A file of account data, or in one sentence why it is none. */
export type ReadFile = { readonly read: AccountFile } | { readonly problem: string };

/** Reads what AWS's CLI printed into a file. The day on which the file was written is that of its data. Never throws. */
export function readFile(file: string): ReadFile {
  const found = textOf(file);
  if ("problem" in found) return found;
  const parsed = parse(file, found.text);
  if ("problem" in parsed) return parsed;
  const content = readAccountFile(parsed.value);
  if (content === undefined)
    return {
      problem: `${file} is not account data; it takes, in JSON, what these print: ${ACCOUNT_COMMANDS.join(", ")}`,
    };
  const { written } = found;
  return { read: { ...content, file: path.basename(file), asOf: written.slice(0, 10), written } };
}

type Text = { readonly text: string; readonly written: string } | { readonly problem: string };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "access to it is denied",
  EISDIR: "it is a folder",
  ERR_FS_FILE_TOO_LARGE: "it is too large",
  ERR_STRING_TOO_LONG: "it is too large",
};

function textOf(file: string): Text {
  try {
    const bytes = readFileSync(file);
    const written = statSync(file).mtime.toISOString();
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      return { problem: `${file} is compressed with gzip: decompress it first` };
    const text = decoded(bytes);
    return text.trim() === "" ? { problem: `${file} is empty` } : { text, written };
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    return { problem: `${file} cannot be read: ${REASONS[code] ?? code}` };
  }
}

/** A redirection in Windows PowerShell writes UTF-16. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return bytes
      .subarray(2, bytes.length - (bytes.length % 2))
      .swap16()
      .toString("utf16le");
  return bytes.toString("utf8").replace(/^\ufeff/, "");
}

function parse(file: string, text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    // What a parser says of a text quotes it.
    if (error instanceof RangeError) return { problem: `${file} is not account data: it nests too deeply` };
    const isCutShort = /^\s*[{[]/.test(text) && !/[}\]]\s*$/.test(text);
    return {
      problem: isCutShort
        ? `${file} ends in the middle of its JSON: it was not written to its end`
        : `${file} is not JSON; let the AWS CLI print it with --output json`,
    };
  }
}

/** What is to be said of a file that was read, in a sentence each. */
export function warningsOf(
  files: readonly AccountFile[],
  { unplaced }: Pick<AccountData, "unplaced">,
): readonly string[] {
  return [
    ...files
      .filter(({ truncated }) => truncated)
      .map(
        ({ file }) =>
          `${file} is a page of a longer list; let the AWS CLI print all of it (without --no-paginate and --max-items)`,
      ),
    ...unplaced.map(
      (name) =>
        `${name}: nothing in it says which API it is of; give what "get-rest-api" or "get-api" prints of this API as well, and put the API's id into the name of this file, as in routes-a1b2c3d4e5.json`,
    ),
  ];
}
