import { printable } from "../messages/printable";

/** Colours are for people at a terminal who have not said otherwise: https://no-color.org */
export function printsInColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR = "", TERM } = process.env;
  return stream.isTTY === true && NO_COLOR === "" && TERM !== "dumb";
}

/** Whoever reads it may have read enough, and that is told when the writing is long over. */
function readToTheEndOrNot(): void {}

/** Writes to standard output, and waits until it is written: the process may end after it. */
export function print(text: string): Promise<void> {
  process.stdout.off("error", readToTheEndOrNot).on("error", readToTheEndOrNot);
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
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
 * for what takes long. Without a text it takes the line away.
 */
export function progress(): (what?: string, resources?: number) => void {
  const onTerminal = process.stderr.isTTY === true;
  return (what, resources = 0) => {
    if (onTerminal) process.stderr.write(what === undefined ? CLEAR : `${CLEAR}${printable(what)} …`);
    else if (what !== undefined && resources >= MANY) note(what);
  };
}
