import type { PrincipalElement, PrincipalEntry } from "../document/types";
import { equal } from "../text/match";
import { known, type Text } from "../text/text";
import { and, or, type Trilean } from "../text/trilean";
import { nameOf } from "./context";
import type { Principal } from "./model";

/**
 * The ways in which a Principal element identifies the principal of a request: the effect of an allow depends on them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html).
 */
export interface PrincipalMatch {
  /** `*` */
  readonly everyone: Trilean;
  /**
   * By the name of the user, session or service itself, or by `aws:PrincipalArn` under `*`: a permissions boundary does
   * not limit such an allow.
   */
  readonly principal: Trilean;
  /** By its role's ARN: the role's permissions boundary still limits it. */
  readonly role: Trilean;
  /** By its account: within one account the identity's own policies decide. */
  readonly account: Trilean;
}

/** Identity-based policies have no Principal element: they apply to the principal that they are attached to. */
export const ATTACHED_PRINCIPAL: PrincipalMatch = {
  everyone: "no",
  principal: "yes",
  role: "no",
  account: "no",
};

export const MATCH_KINDS = ["everyone", "principal", "role", "account"] as const;

/** Whether a Principal element matches, however it identifies the principal; `unknown` where no way is certain. */
export function matchesInAnyWay(match: PrincipalMatch): Trilean {
  return or(MATCH_KINDS.map((kind) => match[kind]));
}

/** Whether the element matches the principal, for each way of identifying it. */
export function principalMatchOf(element: PrincipalElement, principal: Principal): PrincipalMatch {
  const match = { everyone: "no", principal: "no", role: "no", account: "no" } as {
    -readonly [K in keyof PrincipalMatch]: PrincipalMatch[K];
  };
  const add = (kind: keyof PrincipalMatch, result: Trilean): void => {
    match[kind] = or([match[kind], result]);
  };
  for (const entry of element.entries) matchEntry(entry, principal, add);
  return element.not
    ? { everyone: isNotExcepted(match, principal), principal: "no", role: "no", account: "no" }
    : match;
}

function matchEntry(
  entry: PrincipalEntry,
  principal: Principal,
  add: (kind: keyof PrincipalMatch, match: Trilean) => void,
): void {
  const isRoleOrUser = principal.kind === "role" || principal.kind === "user";
  switch (entry.kind) {
    case "everyone":
      add("everyone", "yes");
      return;
    case "unknown":
      // The unknown value may be "*", which is everyone.
      add("everyone", "unknown");
      return;
    case "account":
      if (isRoleOrUser) add("account", equal(entry.account, principal.account));
      return;
    case "role":
      if (principal.kind === "role") add("role", equal(entry.text, principal.arn));
      return;
    case "user":
      if (principal.kind === "user") add("principal", equal(entry.text, principal.arn));
      return;
    case "session": {
      if (principal.kind !== "role") return;
      const name = nameOf(principal.arn);
      const isRoleSession = and([
        equal(entry.account, principal.account),
        name ? equal(entry.role, name) : "unknown",
      ]);
      // The session of the role is known only at the time of the call.
      add("principal", isRoleSession === "no" ? "no" : "unknown");
      return;
    }
    case "service": {
      if (principal.kind !== "service") return;
      const isService = equal(entry.text, [principal.name]);
      add(
        "principal",
        isService === "no" && mayNameService(entry.text, principal.name) ? "unknown" : isService,
      );
      return;
    }
    case "canonical":
      if (isRoleOrUser) add("account", "unknown");
      return;
    case "federated":
      // AWS's documentation contradicts itself: resource policies match the identity provider of a role's session, or only trust policies do.
      if (principal.kind === "role") add("principal", "unknown");
      if (principal.kind === "federated") add("principal", equal(entry.text, [principal.name]));
      return;
    case "federated-user":
      return;
  }
}

/**
 * A service has one name, in lower case. API Gateway's has no documented form for a region or for China
 * (`apigateway.us-east-1.amazonaws.com`, `apigateway.amazonaws.com.cn`), but some services have one, and AWS does not
 * document that these do not work.
 */
function mayNameService(servicePrincipal: Text, name: string): boolean {
  const writtenName = known(servicePrincipal)?.toLowerCase() ?? "";
  // IAM refuses wildcards here.
  if (/[*?]/.test(writtenName)) return true;
  const [first = ""] = name.split(".");
  return writtenName.startsWith(`${first}.`) && /\.amazonaws\.com(\.cn)?$/.test(writtenName);
}

/**
 * NotPrincipal: everyone except the principals named. A role or user is certainly excepted only when its account is
 * listed as well (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
 */
function isNotExcepted(match: PrincipalMatch, principal: Principal): Trilean {
  const isRoleOrUser = principal.kind === "role" || principal.kind === "user";
  const isNamed = or([match.principal, match.role]);
  const isExcepted = or([match.everyone, isRoleOrUser ? and([isNamed, match.account]) : isNamed]);
  if (isExcepted === "yes") return "no";
  return matchesInAnyWay(match) === "no" ? "yes" : "unknown";
}
