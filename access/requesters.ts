import { equal, type Principal, type Text, type Trilean, text } from "../iam";
import { isPlaceholder, type PrincipalFacts } from "../stack";

/** No role has this name: IAM takes no such characters. */
const STRANGER = "<stranger>";

/** A principal of the stack as IAM's questions name it. */
export function asPrincipal(principal: PrincipalFacts): Principal {
  return {
    kind: principal.kind === "role" ? "role" : "user",
    arn: principal.arn,
    account: principal.account,
  };
}

/** A role of the same account that holds nothing and that no policy names. */
export function strangerTo(account: Text, partition: Text): PrincipalFacts {
  return {
    urn: "",
    kind: "role",
    name: STRANGER,
    label: "any role of the account",
    arn: text("arn:", partition, ":iam::", account, ":role/", STRANGER),
    account,
    sources: [],
    unseen: [],
  };
}

/** An account that the plan does not show may be the one that somebody outside the stack is written to be of. */
export function sameAccount(principal: PrincipalFacts, account: Text | undefined): Trilean {
  if (account === undefined || (principal.outside && isPlaceholder(account))) return "unknown";
  return equal(principal.account, account);
}
