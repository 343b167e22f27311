import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/**
 * The path of a file from the root of its Git repository, or else from the current folder: with `/`, as in URIs. A file
 * outside keeps its absolute path.
 */
export function repositoryPath(file: string): string {
  const absolute = resolve(file);
  const path = relative(rootOf(dirname(absolute)) ?? process.cwd(), absolute);
  return (path.startsWith("..") ? absolute : path).split(sep).join("/");
}

function rootOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : rootOf(parent);
}
