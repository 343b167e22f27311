import { type AccountData, accountData, readFile, warningsOf } from "../account";
import { Failure } from "../programs/failure";
import { note } from "./output";

/**
 * Reads what AWS's CLI printed of an account.
 *
 * @throws {Failure} If a file cannot be read, or is the output of no command that is read.
 */
export function accountIn(files: readonly string[], named: AccountData["named"]): AccountData | undefined {
  if (files.length === 0) return undefined;
  const all = files.map((name) => {
    const found = readFile(name);
    if ("problem" in found) throw new Failure(found.problem);
    return { name, ...found };
  });
  const data = accountData(
    all.map(({ read }) => read),
    named,
  );
  for (const warning of warningsOf(all, data.unplaced)) note(`warning: ${warning}`);
  return data;
}
