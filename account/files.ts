import * as path from "node:path";
import { bytesOf, reasonOf } from "./bytes";
import { ACCOUNT_COMMANDS, type AccountContent, readAccountFile } from "./commands";
import type { AccountData, AccountFile } from "./data";

/** A file of account data, or in one sentence why it is none. */
export type ReadFile = { readonly read: AccountFile } | { readonly problem: string };

/** Reads what AWS's CLI printed into a file. The day on which the file was written is that of its data. Never throws. */
export function readFile(file: string): ReadFile {
  const found = textOf(file);
  if ("problem" in found) return found;
  const parsed = parse(file, found.text);
  if ("problem" in parsed) return parsed;
  const { content } = parsed;
  if (content === undefined)
    return {
      problem: `${file} is not account data; it takes, in JSON, what these print: ${ACCOUNT_COMMANDS.join(", ")}`,
    };
  const { written } = found;
  return { read: { ...content, file: path.basename(file), asOf: written.slice(0, 10), written } };
}

type Text = { readonly text: string; readonly written: string } | { readonly problem: string };

function textOf(file: string): Text {
  const found = bytesOf(file);
  if ("reason" in found) return { problem: `${file} cannot be read: ${found.reason}` };
  const { bytes, written } = found;
  const packed = COMPRESSED.find(([, ...start]) => start.every((byte, at) => bytes[at] === byte));
  if (packed !== undefined)
    return { problem: `${file} is compressed with ${packed[0]}: decompress it first` };
  try {
    const text = decoded(bytes);
    return text.trim() === "" ? { problem: `${file} is empty` } : { text, written };
  } catch (error) {
    return { problem: `${file} cannot be read: ${reasonOf(error)}` };
  }
}

/** How compressed files begin. */
const COMPRESSED: readonly (readonly [name: string, ...bytes: number[]])[] = [
  ["gzip", 0x1f, 0x8b],
  ["zip", 0x50, 0x4b, 0x03, 0x04],
  ["bzip2", 0x42, 0x5a, 0x68],
  ["xz", 0xfd, 0x37, 0x7a, 0x58, 0x5a],
  ["zstd", 0x28, 0xb5, 0x2f, 0xfd],
];

/** A redirection in Windows PowerShell writes UTF-16. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return bytes
      .subarray(2, bytes.length - (bytes.length % 2))
      .swap16()
      .toString("utf16le");
  // JSON begins with a character of ASCII.
  if (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0) return bytes.toString("utf16le");
  return bytes.toString("utf8").replace(/^\ufeff/, "");
}

function parse(
  file: string,
  text: string,
): { readonly content: AccountContent | undefined } | { readonly problem: string } {
  try {
    return { content: readAccountFile(JSON.parse(text)) };
  } catch (error) {
    // What a parser says of a text quotes it.
    if (error instanceof RangeError) return { problem: `${file} is not account data: it nests too deeply` };
    return { problem: `${file} ${whatIsWrong(text)}` };
  }
}

/** Why a text is not JSON. */
function whatIsWrong(text: string): string {
  const [, code] =
    /^\s*(?:aws: \[ERROR\]: )?An error occurred \((\w{1,100})\) when calling the /.exec(text) ?? [];
  if (code !== undefined) return `holds an error of the AWS CLI (${code}) in the place of data`;
  const isOpened = /^\s*[{[]/.test(text);
  if (isOpened && isCutShort(text)) return "ends in the middle of its JSON: it was not written to its end";
  if (isOpened && hasSeveral(text))
    return "holds several JSON texts; put each of them into a file of its own";
  return "is not JSON; let the AWS CLI print it with --output json";
}

/** Whether more is opened than closed, what is in strings aside. */
function isCutShort(text: string): boolean {
  const written = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  const count = (pattern: RegExp): number => written.match(pattern)?.length ?? 0;
  return written.includes('"') || count(/[{[]/g) > count(/[}\]]/g);
}

/** Elements have a comma between them: that many places at most have none because they are within a string. */
const MOST_WITHIN_STRINGS = 20;

/** Whether more JSON follows the end of a JSON text: pages or outputs one after the other, or one in each line. */
function hasSeveral(text: string): boolean {
  let tried = 0;
  for (const { index } of text.matchAll(/[}\]](?=\s*[{[])/g)) {
    tried += 1;
    if (tried > MOST_WITHIN_STRINGS) return false;
    if (isJson(text.slice(0, index + 1))) return true;
  }
  return false;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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
