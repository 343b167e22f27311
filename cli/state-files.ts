import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders without exported states: a backend's history, and installed packages. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "history", "backups"]);

/** The JSON files in a folder and its subfolders: exported states, or those of a self-managed backend. */
export function jsonFilesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return entry.name.startsWith(".") || SKIPPED_FOLDERS.has(entry.name) ? [] : jsonFilesIn(path);
      return entry.isFile() && entry.name.endsWith(".json") ? [path] : [];
    });
}
