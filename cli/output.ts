import { fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { printable } from "../messages/printable";
import { errorMessage, UserError } from "../programs/user-error";

/** Colors are for terminals, unless the user has disabled them: https://no-color.org */
export function printsInColor(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR = "", TERM } = process.env;
  return stream.isTTY === true && NO_COLOR === "" && TERM !== "dumb";
}

/** The callback of each write handles its errors; an error event without a listener would end the process. */
function ignoreErrorEvent(): void {}

/**
 * Writes to standard output, and waits until it is written, since the process may end after it.
 *
 * @throws {UserError} If it cannot be written completely. The reader of a pipe may close it early.
 */
export async function print(text: string): Promise<void> {
  process.stdout.off("error", ignoreErrorEvent).on("error", ignoreErrorEvent);
  try {
    const { fd } = process.stdout as { readonly fd?: number };
    if (fd !== undefined && isFile(fd)) writeAll(fd, Buffer.from(text));
    else
      await new Promise<void>((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
    throw new UserError(`standard output cannot be written: ${errorMessage(error)}`);
  }
}

/** A file or a device, for which a stream of Node's may report a partial write as complete. */
function isFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Quoted arguments and names may be of any length. */
const MAX_LINE_LENGTH = 2_000;

/** Errors are printed even if escaping them fails. */
function printableOrAscii(text: string): string {
  try {
    return printable(text);
  } catch {
    return text.replace(/[^ -~]/g, "?");
  }
}

/** One line on standard error. */
export function printToStderr(line: string): void {
  const visibleLine = printableOrAscii(line.slice(0, MAX_LINE_LENGTH));
  process.stderr.write(`${visibleLine}${line.length > MAX_LINE_LENGTH ? "…" : ""}\n`);
}

/** From this number of resources on, the evaluation takes seconds. */
const MANY_RESOURCES = 5_000;

const CLEAR_LINE = "\r\u001b[K";

/**
 * Shows progress on standard error: on a terminal in a line that is removed, elsewhere only for long operations.
 * Without a text it removes the line.
 */
export function progress(): (step?: string, resources?: number) => void {
  const onTerminal = process.stderr.isTTY === true;
  return (step, resources = 0) => {
    if (onTerminal)
      process.stderr.write(step === undefined ? CLEAR_LINE : `${CLEAR_LINE}${printable(step)} …`);
    else if (step !== undefined && resources >= MANY_RESOURCES) printToStderr(step);
  };
}
