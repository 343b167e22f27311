import type { PrincipalElement, PrincipalEntry } from "../document/types";
import { equal } from "../text/match";
import { known, type Text } from "../text/text";
import { and, or, type Trilean } from "../text/trilean";
import { nameOf } from "./context";
import type { Principal } from "./model";

/**
 * How a Principal element identifies the principal of a request; the effect of an allow depends on it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html).
 */
export interface PrincipalMatch {
  /** `*` */
  readonly everyone: Trilean;
  /**
   * By the name of the user, session or service itself, or by `aws:PrincipalArn` under `*`: a permissions boundary does
   * not limit such an allow.
   */
  readonly itself: Trilean;
  /** By its role's ARN: the role's permissions boundary still limits it. */
  readonly role: Trilean;
  /** By its account: within one account the identity's own policies decide. */
  readonly account: Trilean;
}

/** Identity-based policies have no Principal element: they apply to the principal that they are attached to. */
export const IDENTITY_HOLDER: PrincipalMatch = { everyone: "no", itself: "yes", role: "no", account: "no" };

export const KINDS = ["everyone", "itself", "role", "account"] as const;

export function named(naming: PrincipalMatch): Trilean {
  return or(KINDS.map((kind) => naming[kind]));
}

/** Whether, and how, the element matches the principal. */
export function principalMatchOf(element: PrincipalElement, principal: Principal): PrincipalMatch {
  const naming = { everyone: "no", itself: "no", role: "no", account: "no" } as {
    -readonly [K in keyof PrincipalMatch]: PrincipalMatch[K];
  };
  const add = (kind: keyof PrincipalMatch, match: Trilean): void => {
    naming[kind] = or([naming[kind], match]);
  };
  for (const entry of element.entries) nameEntry(entry, principal, add);
  return element.not
    ? { everyone: exceptFor(naming, principal), itself: "no", role: "no", account: "no" }
    : naming;
}

function nameEntry(
  entry: PrincipalEntry,
  principal: Principal,
  add: (kind: keyof PrincipalMatch, match: Trilean) => void,
): void {
  const identity = principal.kind === "role" || principal.kind === "user";
  switch (entry.kind) {
    case "everyone":
      add("everyone", "yes");
      return;
    case "unknown":
      // The unknown value may be "*", which is everyone.
      add("everyone", "unknown");
      return;
    case "account":
      if (identity) add("account", equal(entry.account, principal.account));
      return;
    case "role":
      if (principal.kind === "role") add("role", equal(entry.text, principal.arn));
      return;
    case "user":
      if (principal.kind === "user") add("itself", equal(entry.text, principal.arn));
      return;
    case "session": {
      if (principal.kind !== "role") return;
      const name = nameOf(principal.arn);
      const ofRole = and([
        equal(entry.account, principal.account),
        name ? equal(entry.role, name) : "unknown",
      ]);
      // Which session of the role calls is known only at the time of the call.
      add("itself", ofRole === "no" ? "no" : "unknown");
      return;
    }
    case "service": {
      if (principal.kind !== "service") return;
      const same = equal(entry.text, [principal.name]);
      add("itself", same === "no" && mayBeSame(entry.text, principal.name) ? "unknown" : same);
      return;
    }
    case "canonical":
      if (identity) add("account", "unknown");
      return;
    case "federated":
      // One page says that resource policies match the identity provider of a role's session, another that only trust
      // policies do.
      if (principal.kind === "role") add("itself", "unknown");
      if (principal.kind === "federated") add("itself", equal(entry.text, [principal.name]));
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
function mayBeSame(written: Text, name: string): boolean {
  const other = known(written)?.toLowerCase() ?? "";
  // IAM refuses wildcards here.
  if (/[*?]/.test(other)) return true;
  const [first = ""] = name.split(".");
  return other.startsWith(`${first}.`) && /\.amazonaws\.com(\.cn)?$/.test(other);
}

/**
 * NotPrincipal: everyone except the principals named. A role or user is certainly excepted only when its account is
 * listed as well (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
 */
function exceptFor(naming: PrincipalMatch, principal: Principal): Trilean {
  const identity = principal.kind === "role" || principal.kind === "user";
  const own = or([naming.itself, naming.role]);
  const certainly = or([naming.everyone, identity ? and([own, naming.account]) : own]);
  if (certainly === "yes") return "no";
  return named(naming) === "no" ? "yes" : "unknown";
}
