import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Failure, reasonOf } from "../programs/failure";

/** Where a file cannot replace another one, that one is overwritten. */
const IN_PLACE: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EBUSY", "EXDEV", "EROFS"]);

/** Writes a file completely or not at all. */
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

/** The file that a name refers to, existing or new; `undefined` for a device or a pipe. */
function targetOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return file;
  return stats.isFile() ? realpathSync(file) : undefined;
}
