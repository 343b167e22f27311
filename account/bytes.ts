import { closeSync, constants, openSync, readFileSync, readSync, type Stats, statSync } from "node:fs";

/** What a file holds, and when it was written; or why it cannot be read, as `it is a folder`. */
export type Bytes = { readonly bytes: Buffer; readonly written: string } | { readonly reason: string };

const TOO_LARGE = "it is too large";

/** More characters than these make no string in V8. */
const LARGEST = 0x1fffffe8;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "access to it is denied",
  EPERM: "access to it is denied",
  EISDIR: "it is a folder",
  ELOOP: "it is a symbolic link that leads in a circle",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "too many files are open",
  ERR_FS_FILE_TOO_LARGE: TOO_LARGE,
  ERR_STRING_TOO_LONG: TOO_LARGE,
  ERR_INVALID_ARG_VALUE: "its name is none of a file",
};

export function reasonOf(error: unknown): string {
  const code = String((error as NodeJS.ErrnoException).code);
  return REASONS[code] ?? code;
}

/** Reads a file, or a pipe that something writes to. Never throws. */
export function bytesOf(file: string): Bytes {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return { reason: "it is a folder" };
    if (stats.isFIFO()) return fromPipe(file);
    if (!stats.isFile()) return { reason: "it is a device" };
    if (stats.size > LARGEST) return { reason: TOO_LARGE };
    return { bytes: readFileSync(file), written: writtenAt(stats) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function writtenAt({ mtime }: Stats): string {
  return mtime.toISOString();
}

/** Milliseconds that someone may take to open a pipe for writing, and that pass between two looks at it. */
const [PATIENCE, PAUSE] = [5_000, 20];

/** As `--account <(aws …)` gives it. A pipe that nobody writes to must not hold up a command forever. */
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
        if (length > LARGEST) return { reason: TOO_LARGE };
        continue;
      }
      // Nobody has it open for writing: all of it was read, or nobody has begun.
      if (part !== undefined) {
        if (length > 0) return { bytes: Buffer.concat(parts), written: new Date().toISOString() };
        if (waited > PATIENCE) return { reason: "it is a pipe that nobody writes to" };
        waited += PAUSE;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** What is there to read; nothing where that is all; undefined where more is to come. */
function partOf(descriptor: number): Buffer | undefined {
  const part = Buffer.alloc(65_536);
  try {
    return part.subarray(0, readSync(descriptor, part));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
