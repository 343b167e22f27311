import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { errorMessage, UserError } from "../programs/user-error";

/** Errors after which the file is overwritten in place. */
const RENAME_REFUSED: ReadonlySet<unknown> = new Set(["EACCES", "EPERM", "EBUSY", "EXDEV", "EROFS"]);

/** Writes a file completely or not at all. */
export function writeAtomically(file: string, text: string): void {
  try {
    const target = targetOf(file);
    if (target === undefined) {
      writeFileSync(file, text);
      return;
    }
    const temporaryFile = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}`);
    try {
      writeFileSync(temporaryFile, text, { flag: "wx" });
      renameSync(temporaryFile, target);
    } catch (error) {
      rmSync(temporaryFile, { force: true });
      if (!RENAME_REFUSED.has((error as NodeJS.ErrnoException).code)) throw error;
      writeFileSync(file, text);
    }
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${errorMessage(error)}`);
  }
}

/** The file that a name refers to, existing or new; `undefined` for a device or a pipe. */
function targetOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return file;
  return stats.isFile() ? realpathSync(file) : undefined;
}
