import { fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { printable } from "../messages/printable";
import { Failure, reasonOf } from "../programs/failure";

/** Colours are for people at a terminal who have not said otherwise: https://no-color.org */
export function printsInColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR = "", TERM } = process.env;
  return stream.isTTY === true && NO_COLOR === "" && TERM !== "dumb";
}

/** What went wrong is reported to whoever writes; an error of the stream that nobody listens to ends the process. */
function toldToTheWriter(): void {}

/**
 * Writes to standard output, and waits until it is written: the process may end after it.
 *
 * @throws {Failure} If it cannot be written in full. Whoever reads from a pipe may have read enough.
 */
export async function print(text: string): Promise<void> {
  process.stdout.off("error", toldToTheWriter).on("error", toldToTheWriter);
  try {
    const { fd } = process.stdout as { readonly fd?: number };
    if (fd !== undefined && isFile(fd)) writeAll(fd, Buffer.from(text));
    else
      await new Promise<void>((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
    throw new Failure(`standard output cannot be written: ${reasonOf(error)}`);
  }
}

/** A file or a device, of which a stream of Node's takes a part that was written for the whole. */
function isFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() || (stats.isCharacterDevice() && !isatty(descriptor));
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** What is quoted in a line, an argument or a name, may be of any length. */
const LONGEST_LINE = 2_000;

/** One line on standard error. */
export function note(line: string): void {
  const shown = printable(line.slice(0, LONGEST_LINE));
  process.stderr.write(`${shown}${line.length > LONGEST_LINE ? "…" : ""}\n`);
}

/** So many resources take some seconds. */
const MANY = 5_000;

const CLEAR = "\r\u001b[K";

/**
 * Says on standard error what is being done: on a terminal in a line of its own that goes away, elsewhere only
 * for what takes long. Without a text it removes the line.
 */
export function progress(): (what?: string, resources?: number) => void {
  const onTerminal = process.stderr.isTTY === true;
  return (what, resources = 0) => {
    if (onTerminal) process.stderr.write(what === undefined ? CLEAR : `${CLEAR}${printable(what)} …`);
    else if (what !== undefined && resources >= MANY) note(what);
  };
}
