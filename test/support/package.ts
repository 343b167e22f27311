/** Helpers for tests of the package: a fresh clone, and installs from the registry. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** Copies the sources without built and installed files, as in a fresh clone, and links node_modules. */
export function freshCopy(folder: string): void {
  // In a container the folder may belong to another user, whose repositories Git does not read otherwise.
  const trust = ["-c", "safe.directory=*"];
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const fileNames = execFileSync("git", [...trust, ...list], { cwd: ROOT, encoding: "utf8" });
  for (const file of fileNames
    .split("\0")
    .filter((name) => name !== "" && fs.existsSync(path.join(ROOT, name)))) {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(ROOT, file), target);
  }
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
}

/** Whether an install failed because the registry is unreachable. */
export function isRegistryUnreachable(output: string): boolean {
  return /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN/.test(output);
}
