import { stripVTControlCharacters } from "node:util";
import { TOO_DEEP } from "../messages/states";

/** An error that the user of the command can fix: printed on one line, with exit status 2. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Whether a value is nested so deeply that code that walks it overflows the stack. */
export function isTooDeep(error: unknown): boolean {
  return isThrown(error, RangeError) && /call stack/i.test(error.message);
}

/** Like `instanceof`, for any thrown value: a proxy may itself throw when its class is checked. */
export function isThrown<T extends Error>(
  error: unknown,
  type: abstract new (...args: never) => T,
): error is T {
  try {
    return error instanceof type;
  } catch {
    return false;
  }
}

/** SDKs print the name of the program and the number of errors first. */
const HEADING =
  /failed with an unhandled exception:$|^\d+ errors? occurred:$|^an unhandled error occurred: program failed:$/;

/** The message of a thrown value, on one line. */
export function errorMessage(error: unknown): string {
  if (isTooDeep(error)) return TOO_DEEP;
  const lines = textOf(error)
    .split("\n")
    .map((line) => line.replace(/^[\s*]+/, "").trimEnd())
    .filter((line) => line !== "");
  const line = lines.find((line) => !HEADING.test(line)) ?? lines[0] ?? "";
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}

/** `ValueError: …`, `Unhandled exception. System.ArgumentException: …` */
const NAMED_ERROR = /^(?:Unhandled exception\. |Uncaught )?[\w.]*(?:Error|Exception|panic)\b[^:]*: /;

/**
 * The error in the output of a process: the last line that contains one, as Node prints before a stack trace; else the
 * last line.
 */
export function lastLine(text: string): string | undefined {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.findLast((line) => NAMED_ERROR.test(line)) ?? lines.at(-1);
}

/** A program may throw any value, even one that cannot be converted to text. */
function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "the thrown value cannot be converted to text";
  }
}

/** A program that ends its process. */
export class ExitCalled extends Error {
  constructor() {
    super("it called process.exit");
  }
}
