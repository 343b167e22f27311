import { closeSync, constants, openSync, readFileSync, readSync, type Stats, statSync } from "node:fs";
import type { Unreadable } from "./problems";

/** The contents of a file and when it was written, or why it cannot be read. */
export type Bytes = { readonly bytes: Buffer; readonly written: string } | { readonly reason: Unreadable };

/** The maximum length of a string in V8. */
const MAX_STRING_LENGTH = 0x1fffffe8;

/** The code of a file system error, such as `ENOENT`; its message would contain the path. */
export function reasonOf(error: unknown): Unreadable {
  return { error: String((error as NodeJS.ErrnoException).code) };
}

/** Reads a file, or a pipe that another process writes to. Never throws. */
export function bytesOf(file: string): Bytes {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return { reason: "folder" };
    if (stats.isFIFO()) return fromPipe(file);
    if (!stats.isFile()) return { reason: "device" };
    if (stats.size > MAX_STRING_LENGTH) return { reason: "too-large" };
    return { bytes: readFileSync(file), written: writtenAt(stats) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function writtenAt({ mtime }: Stats): string {
  return mtime.toISOString();
}

/**
 * The maximum time to wait for a process to open the pipe for writing, and the interval between two attempts, in
 * milliseconds.
 */
const [PATIENCE, PAUSE] = [5_000, 20];

/** A pipe, as in `--account <(aws …)`. A pipe that no process writes to must not block a command forever. */
function fromPipe(file: string): Bytes {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const parts: Buffer[] = [];
    let [length, waited] = [0, 0];
    for (;;) {
      const part = partOf(descriptor);
      if (part !== undefined && part.length > 0) {
        parts.push(part);
        length += part.length;
        if (length > MAX_STRING_LENGTH) return { reason: "too-large" };
        continue;
      }
      // No process has it open for writing: it was read to the end, or no process has opened it yet.
      if (part !== undefined) {
        if (length > 0) return { bytes: Buffer.concat(parts), written: new Date().toISOString() };
        if (waited > PATIENCE) return { reason: "idle-pipe" };
        waited += PAUSE;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The next bytes; empty at the end; `undefined` when more are to come. */
function partOf(descriptor: number): Buffer | undefined {
  const part = Buffer.alloc(65_536);
  try {
    return part.subarray(0, readSync(descriptor, part));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
