import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/** All files of a folder and its subfolders, or a file itself; paths are relative to the root of the repository. */
export function allFilesIn(entry: string): readonly string[] {
  if (!fs.statSync(path.join(ROOT, entry)).isDirectory()) return [entry];
  return fs
    .readdirSync(path.join(ROOT, entry), { recursive: true, encoding: "utf8" })
    .map((file) => path.join(entry, file));
}

/** The TypeScript files among them. */
export function filesIn(entry: string): readonly string[] {
  return allFilesIn(entry).filter((file) => file.endsWith(".ts"));
}
