import { type AccountFile, accountData, readFile, warningsOf } from "../account";
import { showAccountProblem } from "../messages";
import { Failure } from "../programs/failure";
import { note } from "./output";

/**
 * Reads account data: output of AWS CLI commands.
 *
 * @throws {Failure} If a file cannot be read, or is the output of another command.
 */
export function accountIn(files: readonly string[]): readonly AccountFile[] {
  const all = files.map((name) => {
    const found = readFile(name);
    if ("problem" in found) throw new Failure(showAccountProblem(found.problem));
    return found.read;
  });
  for (const warning of warningsOf(all, accountData(all, [])))
    note(`warning: ${showAccountProblem(warning)}`);
  return all;
}
