import { ACCOUNT_COMMANDS, type AccountProblem } from "../account";

/** The problem of a file of account data, in one sentence that begins with the file. */
export function showAccountProblem(problem: AccountProblem): string {
  const { file } = problem;
  switch (problem.code) {
    case "unreadable":
      return `${file} cannot be read: ${showUnreadable(problem.reason)}`;
    case "compressed":
      return `${file} is compressed with ${problem.by}: decompress it first`;
    case "cli-error":
      return `${file} holds an error of the AWS CLI (${problem.error}) in the place of data`;
    case "relative":
      return `${file} is relative to the program's folder, which is unknown here; write an absolute path, or call pulumi in that folder`;
    case "not-regular":
      return `${file} is not a regular file`;
    case "not-account-data":
      return `${file} is not account data; it takes, in JSON, what these print: ${ACCOUNT_COMMANDS.join(", ")}`;
    case "empty":
      return `${file} is empty`;
    case "too-deep":
      return `${file} is not account data: it nests too deeply`;
    case "cut-short":
      return `${file} ends in the middle of its JSON: it was not written to its end`;
    case "several-texts":
      return `${file} holds several JSON texts; put each of them into a file of its own`;
    case "not-json":
      return `${file} is not JSON; let the AWS CLI print it with --output json`;
    case "page":
      return `${file} is a page of a longer list; let the AWS CLI print all of it (without --no-paginate and --max-items)`;
    case "unplaced":
      return `${file}: nothing in it says which API it is of; give what "get-rest-api" or "get-api" prints of this API as well, and put the API's id into the name of this file, as in routes-a1b2c3d4e5.json`;
  }
}

type Unreadable = Extract<AccountProblem, { code: "unreadable" }>["reason"];

const UNREADABLE: { readonly [Reason in Extract<Unreadable, string>]: string } = {
  folder: "it is a folder",
  device: "it is a device",
  "too-large": "it is too large",
  "idle-pipe": "it is a pipe that nobody writes to",
};

const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "access to it is denied",
  EPERM: "access to it is denied",
  EISDIR: UNREADABLE.folder,
  ELOOP: "it is a symbolic link that leads in a circle",
  ENAMETOOLONG: "its name is too long",
  EMFILE: "too many files are open",
  ERR_FS_FILE_TOO_LARGE: UNREADABLE["too-large"],
  ERR_STRING_TOO_LONG: UNREADABLE["too-large"],
  ERR_INVALID_ARG_VALUE: "its name is none of a file",
};

function showUnreadable(reason: Unreadable): string {
  return typeof reason === "string" ? UNREADABLE[reason] : (ERRORS[reason.error] ?? reason.error);
}
