import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { guard } from "./supervisor";

/** The maximum time to wait for a killed process to exit, in milliseconds. */
const KILL_TIMEOUT = 2_000;

/** Creates a temporary folder for the duration of some work. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "apigateway-lambda-access-"));
  const release = guard({ folder });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    release();
  }
}

/** The exit status of a process, and the end of its output. */
export interface ExitResult {
  /** Absent when a signal ended it or it timed out. */
  readonly status?: number;
  readonly isTimedOut: boolean;
  /** The end of its standard error. */
  readonly errors: string;
  /** The end of its standard output. */
  readonly output: string;
}

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether its first line is for this process: a language host prints its port there. */
  readonly isHost?: boolean;
}

/** A running process: its output so far, and a promise of its end. */
export interface RunningChild {
  readonly ended: Promise<ExitResult>;
  /** The first line of its standard output; undefined if it ends before. */
  readonly firstLine: Promise<string | undefined>;
  /** The end of its standard error so far. */
  errors(): string;
}

/** The number of characters of standard error that are kept. */
const KEPT_LENGTH = 64 * 1024;

/** The interval between checks of the activity of a process, in milliseconds. */
const CHECK_INTERVAL = 200;

/**
 * Runs a process in a separate process group, which is killed when the work ends. Its output goes to standard error, since a
 * report is on standard output. `idle.lastActivity` returns the time of its last activity; it is killed after the given number
 * of seconds without any.
 */
export async function withChild<T>(
  options: ChildOptions,
  idle: { readonly lastActivity: () => number; readonly patience: number },
  work: (child: RunningChild) => Promise<T>,
): Promise<T> {
  const { file, args, folder, environment, isHost = false } = options;
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // On Windows this would open a window; there, only the child itself is ended.
    detached: process.platform !== "win32",
  });
  const release = child.pid === undefined ? undefined : guard({ processGroup: child.pid });
  let [errors, output] = ["", ""];
  let isTimedOut = false;
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("utf8")).slice(-KEPT_LENGTH);
  });
  child.stdout.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-KEPT_LENGTH);
  });
  const ended = new Promise<ExitResult>((resolve) => {
    child.on("error", () => resolve({ isTimedOut, output, errors: `${file} cannot be run` }));
    // Not "close": a program's background processes may keep the pipes open.
    child.on("exit", (status) =>
      setImmediate(() => resolve({ ...(status === null ? {} : { status }), isTimedOut, output, errors })),
    );
  });
  const timer = setInterval(() => {
    if (Date.now() - idle.lastActivity() < idle.patience * 1_000) return;
    isTimedOut = true;
    kill(child);
  }, CHECK_INTERVAL).unref();
  try {
    return await work({ ended, firstLine: firstLineOf(child, ended, isHost), errors: () => errors });
  } finally {
    clearInterval(timer);
    kill(child);
    await Promise.race([ended, setTimeoutPromise(KILL_TIMEOUT, undefined, { ref: false })]);
    release?.();
  }
}

function firstLineOf(
  child: ChildProcess,
  ended: Promise<ExitResult>,
  isHost: boolean,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    let isFirstLineOpen = isHost;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!isFirstLineOpen) {
        process.stderr.write(chunk);
        return;
      }
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      isFirstLineOpen = end < 0;
      if (isFirstLineOpen) return;
      resolve(text.slice(0, end));
      process.stderr.write(text.slice(end + 1));
    });
    ended.then(() => resolve(undefined));
  });
}

/** Ends a process and its descendants. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}

/** The path of a command on PATH. */
export function onPath(name: string): string | undefined {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  return (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((text) => join(folder, text)))
    .find(isFile);
}

/** Whether a path leads to a file; not, if one of its folders cannot be read. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
