import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const NOT_COPIED = new Set(["node_modules", ".git", "dist"]);

/** A copy of the project in which scripts may change files. */
export class ProjectCopy {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "project-copy-"));

  constructor() {
    for (const entry of fs.readdirSync(ROOT))
      if (!NOT_COPIED.has(entry))
        fs.cpSync(path.join(ROOT, entry), path.join(this.folder, entry), {
          recursive: true,
          filter: (file) => path.basename(file) !== "node_modules",
        });
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(this.folder, "node_modules"));
  }

  /** Runs Node.js in the copy and returns its standard output. */
  run(...command: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: this.folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${command.join(" ")}\n${stdout}\n${stderr}`);
    return stdout;
  }

  script(file: string, ...args: string[]): string {
    return this.run("-r", "./test/support/typescript.js", file, ...args);
  }

  tool(name: string, ...args: string[]): string {
    return this.run(fs.realpathSync(path.join(ROOT, "node_modules/.bin", name)), ...args);
  }

  /** Checks the types of files and of their imports. */
  types(...include: string[]): void {
    const tsconfig = { extends: "./tsconfig.json", include };
    fs.writeFileSync(path.join(this.folder, "tsconfig.copy.json"), JSON.stringify(tsconfig));
    this.tool("tsc", "--noEmit", "-p", "tsconfig.copy.json");
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), "utf8");
  }

  /** The files that differ from those of the project, sorted. */
  changes(): { readonly added: readonly string[]; readonly changed: readonly string[] } {
    const files = fs
      .readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name)))
      .sort();
    const exists = (file: string): boolean => fs.existsSync(path.join(ROOT, file));
    return {
      added: files.filter((file) => !exists(file)),
      changed: files.filter((file) => {
        if (!exists(file)) return false;
        return !fs.readFileSync(path.join(ROOT, file)).equals(fs.readFileSync(path.join(this.folder, file)));
      }),
    };
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
