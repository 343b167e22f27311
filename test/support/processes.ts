import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Whether a process runs. A zombie process does not. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

/**
 * Waits until the condition is true.
 *
 * @param timeout in milliseconds
 */
export async function waitUntil(condition: () => boolean, timeout: number): Promise<void> {
  const end = Date.now() + timeout;
  while (!condition()) {
    assert.ok(Date.now() < end, `not within ${timeout} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
