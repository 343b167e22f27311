import { type AccountFile, accountData, readFile, warningsOf } from "../account";
import { showAccountProblem } from "../messages";
import { UserError } from "../programs/user-error";
import { printToStderr } from "./output";

/**
 * Reads account data: output of AWS CLI commands.
 *
 * @throws {UserError} If a file cannot be read, or is the output of another command.
 */
export function readAccountFiles(files: readonly string[]): readonly AccountFile[] {
  const accountFiles = files.map((name) => {
    const result = readFile(name);
    if ("problem" in result) throw new UserError(showAccountProblem(result.problem));
    return result.read;
  });
  for (const warning of warningsOf(accountFiles, accountData(accountFiles, [])))
    printToStderr(`warning: ${showAccountProblem(warning)}`);
  return accountFiles;
}
