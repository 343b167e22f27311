import { stripVTControlCharacters } from "node:util";

/** Something that the user of the command can mend: told in one line, with exit status 2. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Whether something nests so deeply that whoever walks it gives up. */
export function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message);
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  if (isTooDeep(error)) return "it nests too deeply";
  const [line = ""] = textOf(error).trim().split("\n");
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}

/** The error in what a process wrote: the last line that names one, as Node has it before a stack trace; else the last. */
export function lastLine(text: string): string | undefined {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.findLast((line) => /^(?:[\w.]+ )?[\w.]*(?:Error|Exception)\b.*: /.test(line)) ?? lines.at(-1);
}

/** A program may throw anything, even what cannot be made text. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "it threw what cannot be shown";
  }
}
