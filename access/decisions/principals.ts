import { equal, type Principal, type Text, type Trilean, text } from "../../iam";
import { type Api, isPlaceholder, type PrincipalFacts } from "../../stack";

/** No role has this name: IAM does not accept these characters. */
const UNRELATED = "<unrelated>";

/** A principal of the stack as the principal of a request. */
export function asPrincipal(principal: PrincipalFacts): Principal {
  const { kind, arn, account, tags } = principal;
  return { kind: kind === "role" ? "role" : "user", arn, account, ...(tags === undefined ? {} : { tags }) };
}

/** A role of the same account that has no policies and that no policy names. */
export function unrelatedPrincipal(account: Text, partition: Text): PrincipalFacts {
  return {
    urn: "",
    kind: "role",
    name: UNRELATED,
    label: UNRELATED,
    arn: text("arn:", partition, ":iam::", account, ":role/", UNRELATED),
    account,
    sources: [],
    unseen: [],
  };
}

/**
 * An unknown account may be the one in the ARN of a principal outside the stack, even if the program contains another
 * account as a literal.
 */
export function sameAccount(
  principal: PrincipalFacts,
  account: Text | undefined,
  assumed: true | undefined,
): Trilean {
  if (account === undefined || (principal.external && isPlaceholder(account))) return "unknown";
  const match = equal(principal.account, account);
  return match === "no" && assumed && principal.external ? "unknown" : match;
}

/** Whether a caller is in the account of an API. */
export function inAccountOf({ scope }: Api, principal: PrincipalFacts): Trilean {
  return sameAccount(principal, scope.account, scope.isAccountAssumed);
}
