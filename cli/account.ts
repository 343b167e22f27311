import { readFileSync, statSync } from "node:fs";
import { ACCOUNT_COMMANDS, type AccountData, accountData, readAccountFile } from "../account";
import { Failure, reasonOf } from "../programs/failure";
import { note } from "./output";

/**
 * Reads what AWS's CLI printed of an account. The day that a file was written is that of its data.
 *
 * @throws {Failure} If a file cannot be read, or is the output of no command that is read.
 */
export function accountIn(files: readonly string[], named: AccountData["named"]): AccountData | undefined {
  if (files.length === 0) return undefined;
  return accountData(files.map(readFile), named);
}

function readFile(file: string) {
  const read = readAccountFile(parsed(file));
  if (read === undefined)
    throw new Failure(
      `${file} is not account data; --account takes, in JSON, what these print: ${ACCOUNT_COMMANDS.join(", ")}`,
    );
  if (read.truncated)
    note(
      `warning: ${file}: a page of a longer list; let the AWS CLI print all of it (without --no-paginate)`,
    );
  return { resources: read.resources, asOf: statSync(file).mtime.toISOString().slice(0, 10) };
}

function parsed(file: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${reasonOf(error)}`);
  }
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = wide ? bytes.toString("utf16le", 2) : bytes.toString("utf8").replace(/^\ufeff/, "");
  if (text.trim() === "") throw new Failure(`${file} is empty`);
  try {
    return JSON.parse(text);
  } catch {
    // What a parser says of a text quotes it.
    throw new Failure(`${file} is not JSON; let the AWS CLI print it with --output json`);
  }
}
