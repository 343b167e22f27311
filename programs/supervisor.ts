import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";

/** A resource that must not outlive this process: a process with its descendants, or a folder. */
export type Guarded = { readonly processGroup: number } | { readonly folder: string };

/**
 * Reads the guarded resources, as lines of JSON, and releases them when the pipe is closed: it is closed when the other
 * process ends, even if it is killed.
 */
const SUPERVISOR = `
const { rmSync } = require("node:fs");
const guarded = new Map();
const release = ({ processGroup, folder }) => {
  try {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    else process.kill(process.platform === "win32" ? processGroup : -processGroup, "SIGKILL");
  } catch {}
};
const read = (line) => {
  const { done, ...resource } = JSON.parse(line);
  if (done) guarded.delete(JSON.stringify(resource));
  else guarded.set(JSON.stringify(resource), resource);
};
let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (text + chunk).split("\\n");
  text = lines.pop();
  lines.forEach(read);
});
process.stdin.on("end", () => [...guarded.values()].reverse().forEach(release));
`;

let supervisor: ChildProcess | undefined;

/**
 * Ensures that a resource is released when this process ends early, even by SIGKILL. A signal handler could not: it
 * does not run while a program in this process is in a loop, and it replaces the default action, which ends the
 * process.
 *
 * @returns A function to call when the resource was released.
 */
export function guard(resource: Guarded): () => void {
  supervisor ??= start();
  const { stdin } = supervisor;
  stdin?.write(`${JSON.stringify(resource)}\n`);
  return () => stdin?.write(`${JSON.stringify({ done: true, ...resource })}\n`);
}

function start(): ChildProcess {
  const child = spawn(process.execPath, ["-e", SUPERVISOR], {
    // A folder that this process may leave.
    cwd: tmpdir(),
    // Node options are for this process only.
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["pipe", "ignore", "ignore"],
    // A signal from the terminal is for this process's group.
    detached: process.platform !== "win32",
  });
  const forget = (): void => {
    if (supervisor === child) supervisor = undefined;
  };
  child.on("error", forget).on("exit", forget);
  child.stdin.on("error", forget);
  // Neither the child nor its pipe keeps this process alive.
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}
