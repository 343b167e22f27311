import { fstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { projectFile } from "../programs";
import { Failure, reasonOf } from "../programs/failure";
import { isFolder } from "./input";
import { jsonFilesIn } from "./states";

/** What two names of one file have in common, hard links included. */
function identityOf(stat: () => { readonly dev: number; readonly ino: number }): string | undefined {
  try {
    const { dev, ino } = stat();
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

/** What a program is made of; a report is of another kind, or has a name of its own. */
const SOURCE =
  /^(Pulumi\..*ya?ml|package(-lock)?\.json|tsconfig.*\.json|go\.(mod|sum)|requirements.*\.txt|pyproject\.toml)$|\.([cm]?[jt]sx?|py|go|ya?ml|java|cs|fs)$/;

/** `report state.json -f json -o state.json` would leave nobody a state. */
export function refuseOverwriting(
  output: string,
  inputs: readonly string[],
  files: readonly (string | undefined)[],
): void {
  const to = identityOf(() => statSync(output));
  if (to === undefined) return;
  const isRead = (name: string): boolean => {
    if (name === "-") return identityOf(() => regular(fstatSync(0))) === to;
    if (identityOf(() => statSync(name)) === to) return true;
    if (!isFolder(name)) return false;
    return projectFile(name) === undefined ? jsonFilesIn(name).some(isRead) : isSourceOf(name, output);
  };
  if ([...inputs, ...files.flatMap((file) => file ?? [])].some(isRead))
    throw new Failure(`${output} is what is to be read; write the report to another file`);
}

/** A terminal and a pipe may be standard input and output at once. */
function regular<T extends { isFile(): boolean }>(stats: T): T {
  if (!stats.isFile()) throw new Error("not a regular file");
  return stats;
}

function isSourceOf(folder: string, output: string): boolean {
  const inside = path.relative(realpathSync(folder), realpathSync(output));
  const within = inside !== "" && !inside.startsWith("..") && !path.isAbsolute(inside);
  return within && SOURCE.test(path.basename(output));
}

/** Where a file cannot be put in the place of another one, that one is written to. */
const IN_PLACE: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EBUSY", "EXDEV", "EROFS"]);

/** Writes a file as a whole or not at all. */
export function writeWhole(file: string, text: string): void {
  try {
    const place = targetOf(file);
    if (place === undefined) {
      writeFileSync(file, text);
      return;
    }
    const made = path.join(path.dirname(place), `.${path.basename(place)}.${process.pid}`);
    try {
      writeFileSync(made, text, { flag: "wx" });
      renameSync(made, place);
    } catch (error) {
      rmSync(made, { force: true });
      if (!IN_PLACE.has((error as NodeJS.ErrnoException).code)) throw error;
      writeFileSync(file, text);
    }
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${reasonOf(error)}`);
  }
}

/** The file that a name leads to, or is to become; `undefined` for a device or a pipe. */
function targetOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return file;
  return stats.isFile() ? realpathSync(file) : undefined;
}
