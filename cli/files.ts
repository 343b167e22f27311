import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Failure, reasonOf } from "../programs/failure";

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
