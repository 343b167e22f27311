import type { Condition, PrincipalEntry } from "../document/types";
import { known, show, type Text } from "../text/text";
import type { Principal } from "./model";

/**
 * The parts of a policy that messages may quote: ARN patterns, actions, service names and names of keys. Any other
 * value (a condition's value, a Resource that is not an ARN) may be a secret, and is replaced by its kind.
 */
export type Quote =
  | string
  | { readonly hidden: "not-arn" | "not-action" | "not-operator" | "not-key" | "not-service" | "no-value" }
  | { readonly hidden: "unknown" | "federated" | "canonical" };

/** The patterns of an element, or all others (`NotAction`, `NotResource`, `NotPrincipal`). */
export interface QuotedElement {
  readonly not: boolean;
  readonly patterns: readonly Quote[];
}

/** The operator and key of a condition, and the ARNs in its values. */
export interface QuotedCondition {
  readonly operator: Quote;
  readonly key: Quote;
  readonly arns: readonly Quote[];
}

/** The principal of a request. */
export type QuotedPrincipal =
  | { readonly kind: "anonymous" }
  | { readonly kind: "named"; readonly name: string };

const MAX_LENGTH = 200;

/** A text in at most 200 characters. */
export function clip(value: string): string {
  return value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH - 1)}…` : value;
}

/**
 * The pattern of an ARN as a message may quote it: in at most 200 characters, with unknown parts as `<label>`. Any
 * other text is hidden.
 */
export function quoteArn(value: Text): Quote {
  const shown = show(value);
  return /^(\*|arn:|<|execute-api:\/)/.test(shown) ? clip(shown) : { hidden: "not-arn" };
}

/**
 * The pattern of an action as a message may quote it. A known text in another format than that of actions is hidden.
 */
export function quoteAction(value: Text): Quote {
  const shown = show(value);
  const action = /^(\*|[a-z0-9-]{2,40}:[A-Za-z0-9*?]{1,60})$/i.test(shown);
  return action || known(value) === undefined ? clip(shown) : { hidden: "not-action" };
}

/**
 * A claim in the token of an OpenID Connect provider, whose issuer may contain a path: that of an EKS cluster contains
 * its ID.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
const ISSUER_CLAIM =
  /^[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?:\/[\w.-]{1,64}){1,4}:(?:amr|aud|azp|email|oaud|sub)$/i;

/** The name of a condition key as a message may quote it; any other text in its place is hidden. */
export function quoteKey(key: string): Quote {
  return /^[\w.-]{1,60}:[\w:/.+=@-]{1,140}$/.test(key) || ISSUER_CLAIM.test(key)
    ? key
    : { hidden: "not-key" };
}

/**
 * The operator and key of a condition, with at most three of the given ARNs from its values. Other values are never
 * quoted.
 */
export function quoteCondition(
  { operator, family, keyText }: Condition,
  arns: readonly Text[] = [],
): QuotedCondition {
  return {
    operator: family === "unknown" ? { hidden: "not-operator" } : operator,
    key: quoteKey(keyText),
    arns: arns.slice(0, 3).map(quoteArn),
  };
}

/** `events.amazonaws.com`, `alexa-appkit.amazon.com`, a placeholder. */
const SERVICE = /^([\w.<> -]{1,80}\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)|<[^<>]{1,100}>)$/;

/**
 * An entry of a Principal element as a message may quote it. Federated and canonical users and entries of an unknown
 * type are hidden.
 */
export function quoteEntry(entry: PrincipalEntry): Quote {
  switch (entry.kind) {
    case "everyone":
      return "*";
    case "service": {
      const shown = show(entry.text);
      return SERVICE.test(shown) ? shown : { hidden: "not-service" };
    }
    case "unknown":
    case "federated":
    case "canonical":
      return { hidden: entry.kind };
    default:
      return clip(show(entry.text));
  }
}

/** The principal of a request: the name of a service or an identity provider, or an ARN in at most 200 characters. */
export function quotePrincipal(principal: Principal): QuotedPrincipal {
  switch (principal.kind) {
    case "anonymous":
      return { kind: "anonymous" };
    case "service":
    case "federated":
      return { kind: "named", name: principal.name };
    default:
      return { kind: "named", name: clip(show(principal.arn)) };
  }
}
