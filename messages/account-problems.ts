import { ACCOUNT_COMMANDS, type AccountProblem } from "../account";

/** The problem of a file of account data, in one sentence that begins with the file. */
export function showAccountProblem(problem: AccountProblem): string {
  const { file } = problem;
  switch (problem.code) {
    case "unreadable":
      return `${file} cannot be read: ${showUnreadable(problem.reason)}`;
    case "compressed":
      return `${file} is compressed with ${problem.format}: decompress it first`;
    case "cli-error":
      return `${file} contains an error of the AWS CLI (${problem.error}) instead of data`;
    case "relative":
      return `${file} is relative to the program's folder, which is unknown here; write an absolute path, or run pulumi in that folder`;
    case "not-regular":
      return `${file} is not a regular file`;
    case "not-account-data":
      return `${file} is not account data: expected the JSON output of one of these commands: ${ACCOUNT_COMMANDS.join(", ")}`;
    case "empty":
      return `${file} is empty`;
    case "too-deep":
      return `${file} is not account data: it is nested too deeply`;
    case "cut-short":
      return `${file} ends in the middle of its JSON: it was not written completely`;
    case "several-texts":
      return `${file} contains several JSON texts; write each of them to a separate file`;
    case "not-json":
      return `${file} is not JSON; run the AWS CLI with --output json`;
    case "page":
      return `${file} is one page of a longer list; print all pages with the AWS CLI (without --no-paginate and --max-items)`;
    case "unplaced":
      return `${file}: it does not contain the ID of its API; add the output of "get-rest-api" or "get-api" for this API, and include the API's ID in the name of this file, as in routes-a1b2c3d4e5.json`;
  }
}

type Unreadable = Extract<AccountProblem, { code: "unreadable" }>["reason"];

const UNREADABLE: { readonly [Reason in Extract<Unreadable, string>]: string } = {
  folder: "it is a folder",
  device: "it is a device",
  "too-large": "it is too large",
  "idle-pipe": "it is a pipe that no process writes to",
};

const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "access to it is denied",
  EPERM: "access to it is denied",
  EISDIR: UNREADABLE.folder,
  ELOOP: "its symbolic links form a loop",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "too many files are open",
  ERR_FS_FILE_TOO_LARGE: UNREADABLE["too-large"],
  ERR_STRING_TOO_LONG: UNREADABLE["too-large"],
  ERR_INVALID_ARG_VALUE: "its name is not a valid file name",
};

function showUnreadable(reason: Unreadable): string {
  return typeof reason === "string" ? UNREADABLE[reason] : (ERRORS[reason.error] ?? reason.error);
}
