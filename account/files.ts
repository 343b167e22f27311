import * as path from "node:path";
import { type AccountContent, readAccountFile } from "./commands";
import type { AccountData, AccountFile } from "./data";
import { decoded } from "./encoding";
import { bytesOf, reasonOf } from "./file-contents";
import type { AccountProblem } from "./problems";

/** A file of account data, or why it cannot be used. */
export type ReadFile = { readonly read: AccountFile } | { readonly problem: AccountProblem };

/**
 * Reads a file with the output of an AWS CLI command. The date on which the file was written is the date of its data.
 * Never throws.
 */
export function readFile(file: string): ReadFile {
  const contents = textOf(file);
  if ("problem" in contents) return contents;
  const parsed = parse(file, contents.text);
  if ("problem" in parsed) return parsed;
  const { content } = parsed;
  if (content === undefined) return { problem: { code: "not-account-data", file } };
  const { written } = contents;
  return { read: { ...content, file: path.basename(file), asOf: written.slice(0, 10), written } };
}

type Text = { readonly text: string; readonly written: string } | { readonly problem: AccountProblem };

function textOf(file: string): Text {
  const contents = bytesOf(file);
  if ("reason" in contents) return { problem: { code: "unreadable", file, reason: contents.reason } };
  const { bytes, written } = contents;
  const format = COMPRESSED.find(([, ...start]) => start.every((byte, index) => bytes[index] === byte));
  if (format !== undefined) return { problem: { code: "compressed", file, format: format[0] } };
  try {
    const text = decoded(bytes);
    return text.trim() === "" ? { problem: { code: "empty", file } } : { text, written };
  } catch (error) {
    // A text that is too long has a code; any other exception is a fault of the pack, not of the file.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { problem: { code: "unreadable", file, reason: reasonOf(error) } };
  }
}

/** The first bytes of compressed files. */
const COMPRESSED: readonly (readonly [name: string, ...bytes: number[]])[] = [
  ["gzip", 0x1f, 0x8b],
  ["zip", 0x50, 0x4b, 0x03, 0x04],
  ["bzip2", 0x42, 0x5a, 0x68],
  ["xz", 0xfd, 0x37, 0x7a, 0x58, 0x5a],
  ["zstd", 0x28, 0xb5, 0x2f, 0xfd],
];

function parse(
  file: string,
  text: string,
): { readonly content: AccountContent | undefined } | { readonly problem: AccountProblem } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // A parser's error message quotes the text.
    return {
      problem: error instanceof RangeError ? { code: "too-deep", file } : problemOfText(file, text),
    };
  }
  try {
    return { content: readAccountFile(value) };
  } catch (error) {
    // Any other exception is a fault of the pack, not of the file.
    if (error instanceof RangeError && isDeep(text)) return { problem: { code: "too-deep", file } };
    throw error;
  }
}

const MAX_DEPTH = 500;

function isDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[{\]}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Why a text is not JSON. */
function problemOfText(file: string, text: string): AccountProblem {
  const [, error] =
    /^\s*(?:aws: \[ERROR\]: )?An error occurred \((\w{1,100})\) when calling the /.exec(text) ?? [];
  if (error !== undefined) return { code: "cli-error", file, error };
  const isOpened = /^\s*[{[]/.test(text);
  if (isOpened && isCutShort(text)) return { code: "cut-short", file };
  if (isOpened && hasSeveral(text)) return { code: "several-texts", file };
  return { code: "not-json", file };
}

/** Whether more brackets are opened than closed, ignoring strings. */
function isCutShort(text: string): boolean {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  const count = (pattern: RegExp): number => withoutStrings.match(pattern)?.length ?? 0;
  return withoutStrings.includes('"') || count(/[{[]/g) > count(/[}\]]/g);
}

/** Elements are separated by commas: an opening bracket elsewhere is within a string. */
const MAX_BRACKETS_IN_STRINGS = 20;

/** Whether more JSON follows the end of a JSON text: several pages or outputs, or one object per line. */
function hasSeveral(text: string): boolean {
  let tried = 0;
  for (const { index } of text.matchAll(/[}\]](?=\s*[{[])/g)) {
    tried += 1;
    if (tried > MAX_BRACKETS_IN_STRINGS) return false;
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

/** The problems of the files that were read. */
export function warningsOf(
  files: readonly AccountFile[],
  { unplaced }: Pick<AccountData, "unplaced">,
): readonly AccountProblem[] {
  return [
    ...files.filter(({ truncated }) => truncated).map(({ file }) => ({ code: "page" as const, file })),
    ...unplaced.map((file) => ({ code: "unplaced" as const, file })),
  ];
}
