import { type Stats, statSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { type AccountData, type AccountFile, accountData } from "./data";
import { type ReadFile, readFile, warningsOf } from "./files";
import type { AccountProblem } from "./problems";

/** The files that a configuration names, with the locations that it may refer to. */
export interface ConfiguredFiles {
  readonly paths: readonly string[];
  /** The folders of programs, which relative paths start from. */
  readonly folders: readonly string[];
  readonly namedResources: AccountData["namedResources"];
  readonly removed?: AccountData["removed"];
}

/** Account data as far as it could be read, and the problems of reading it. */
export interface ReadAccount {
  readonly data: AccountData | undefined;
  readonly problems: readonly AccountProblem[];
}

/** Reads the files that a configuration names, in addition to those read before. Never throws. */
export function readAccount(
  otherFiles: readonly AccountFile[],
  { paths, folders, namedResources, removed = [] }: ConfiguredFiles,
): ReadAccount {
  const files = paths.flatMap((path) => placesOf(path, folders).map((place) => readFrom(path, place)));
  const allFiles = [...otherFiles, ...files.flatMap((file) => ("read" in file ? file.read : []))];
  const data = allFiles.length === 0 ? undefined : { ...accountData(allFiles, namedResources), removed };
  const fileNames = new Set(paths.map((path) => basename(path)));
  return {
    data,
    problems: [
      ...files.flatMap((file) => ("problem" in file ? file.problem : [])),
      ...warningsOf(
        files.flatMap((file) => ("read" in file ? file.read : [])),
        { unplaced: (data?.unplaced ?? []).filter((name) => fileNames.has(name)) },
      ),
    ],
  };
}

/** The location of a file; with several programs, its location in the folder of each program that has it. */
export function placesOf(path: string, folders: readonly string[]): readonly (string | undefined)[] {
  if (isAbsolute(path)) return [path];
  const places = folders.map((folder) => join(folder, path));
  const existing = places.filter((place) => statsOf(place) !== undefined);
  return existing.length > 0 ? existing : [places[0]];
}

/** A preview does not wait for a pipe. */
function readFrom(path: string, place: string | undefined): ReadFile {
  if (place === undefined) return { problem: { code: "relative", file: path } };
  if (statsOf(place)?.isFile() === false) return { problem: { code: "not-regular", file: place } };
  return readFile(place);
}

function statsOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch {
    // Reading it reports the problem.
    return undefined;
  }
}
