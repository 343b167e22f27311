/** Why a file cannot be read: a code of this pack, or the error code of Node.js or the operating system. */
export type Unreadable = "folder" | "device" | "too-large" | "idle-pipe" | { readonly error: string };

/** A problem with a file of account data. `messages/account-problems.ts` has the sentence for each. */
export type AccountProblem = { readonly file: string } & (
  | { readonly code: "unreadable"; readonly reason: Unreadable }
  | { readonly code: "compressed"; readonly format: string }
  | { readonly code: "cli-error"; readonly error: string }
  | {
      readonly code:
        | "relative"
        | "not-regular"
        | "not-account-data"
        | "empty"
        | "too-deep"
        | "cut-short"
        | "several-texts"
        | "not-json"
        | "page"
        | "unplaced";
    }
);
