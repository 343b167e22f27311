import type { PolicyDocument } from "../document/types";
import type { ArnSegment } from "../text/arn";
import type { Text } from "../text/text";
import type { Trilean } from "../text/trilean";
import type { Unknown } from "../text/unknown";
import type { QuotedCondition, QuotedElement, QuotedPrincipal } from "./quotes";
import type { NotInEffect, UnknownReason, UnknownSubject } from "./unknowns";

/** The tags of a principal or a resource. */
export interface Tags {
  /** By key, in small letters: "the tag key is not case-sensitive" in a condition. */
  readonly values: ReadonlyMap<string, ContextValue>;
  /** What holds for keys that are not among them. */
  readonly others: "absent" | "unknown";
}

/** Who makes a request. `arn` of a role is the ROLE's ARN (arn:P:iam::ACCT:role/path/name). */
export type Principal =
  | { readonly kind: "role"; readonly arn: Text; readonly account: Text; readonly tags?: Tags }
  | { readonly kind: "user"; readonly arn: Text; readonly account: Text; readonly tags?: Tags }
  | { readonly kind: "service"; readonly name: string }
  /** An identity that an identity provider authenticates: `cognito-identity.amazonaws.com`. */
  | { readonly kind: "federated"; readonly name: string }
  | { readonly kind: "anonymous" };

/** What the request says of one condition key. Values of a `present` key may be known in part. */
export type ContextValue =
  | { readonly state: "present"; readonly values: readonly Text[] }
  | { readonly state: "absent" }
  /** Present or not; with these values if it is, where they are given. */
  | { readonly state: "unknown"; readonly values?: readonly Text[] };

export interface Context {
  /** By lower-case key name. */
  readonly keys: ReadonlyMap<string, ContextValue>;
  /** Of families of keys, by the lower-case prefix that they share: `aws:principaltag/`. */
  readonly prefixes?: ReadonlyMap<string, ContextValue>;
  /** The tags of the resource, where they are known. */
  readonly resourceTags?: Tags;
  /** The beginnings of all keys that the request may have, where that is documented: it has no key of another one. */
  readonly families?: readonly string[];
  /** What holds for keys that are not listed. */
  readonly otherwise: "unknown" | "absent";
}

export interface Request {
  readonly principal: Principal;
  /** e.g. "lambda:InvokeFunction" */
  readonly action: string;
  readonly resource: Text;
  readonly context: Context;
}

/** One policy document where it is. */
export interface Source {
  /** For people: `inline policy "call-orders" of role "caller"`, `managed policy AWSLambdaRole`. */
  readonly label: string;
  /** Opaque identity of the resource it is in (a URN), when it has one. */
  readonly key?: string;
  readonly document: PolicyDocument | Unknown;
  /** The ARN of a managed or control policy whose document is unknown because nothing in the stack makes it. */
  readonly arn?: string;
  /**
   * Set when `document` was concluded: the document as far as it is known. What its unknown parts may allow in addition
   * is possible; what they may deny is not considered.
   */
  readonly possible?: PolicyDocument | Unknown;
  /** Set when the document may not be in effect. */
  readonly mayNotApply?: NotInEffect;
  /** Set for a control policy of an organization. */
  readonly control?: ControlPolicies["kind"];
}

/** The identity-based policies of a principal, groups' included. */
export interface IdentityPolicies {
  readonly sources: readonly Source[];
  /** Reasons why the principal may hold further policies that are not among `sources`; empty: it holds none. */
  readonly unseen: readonly UnknownSubject[];
  /** The permissions boundary, when it has one. */
  readonly boundary?: Source;
  /** The service control policies that limit the principal, where they are given. */
  readonly serviceControl?: ControlPolicies;
}

/**
 * The policies of one kind that an organization puts above those of an account: service control policies limit the
 * principals in it, resource control policies its resources.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_authorization_policies.html
 */
export interface ControlPolicies {
  readonly kind: "service" | "resource";
  /**
   * Those that are attached to the root, to an organizational unit or to the account, of each of these by itself: each
   * has to allow a request. `unseen` says why there may be more.
   */
  readonly levels: readonly Pick<IdentityPolicies, "sources" | "unseen">[];
  /** Those of which it is unknown whether they are attached to any of these. */
  readonly unattached: readonly Source[];
  /** Set when it is unknown whether they are for this account. */
  readonly mayNotApply?: UnknownSubject;
}

export interface ResourcePolicies {
  readonly sources: readonly Source[];
  /** Reasons why the resource may carry further statements that are not among `sources`. */
  readonly unseen: readonly UnknownSubject[];
}

/** Why one element of a statement does not apply, or may not: the pattern that is nearest, and what the request has. */
export type Miss = { readonly match: Trilean } & (
  | { readonly element: "Effect" }
  | { readonly element: "Principal"; readonly pattern: QuotedElement; readonly subject: QuotedPrincipal }
  | { readonly element: "Action"; readonly pattern: QuotedElement; readonly subject: string }
  | {
      readonly element: "Resource";
      readonly pattern: QuotedElement;
      readonly subject: string;
      /** The part of the ARN that does not match. */
      readonly segment?: ArnSegment;
    }
  | {
      readonly element: "Condition";
      readonly condition: QuotedCondition;
      /** `other`: a value that does not match, and is not shown. */
      readonly subject:
        | { readonly state: "absent" | "unknown" | "other" }
        | { readonly state: "arn"; readonly arn: string; readonly segment?: ArnSegment };
    }
);

export interface MetCondition {
  readonly condition: QuotedCondition;
  readonly isKeyAbsent: boolean;
}

/** A statement and what became of it. */
export interface StatementEvidence {
  readonly source: Source;
  /** Sid when it has one, else its 0-based index: `Sid "Invoke"` or `statement 2` (1-based for people). */
  readonly statement: string;
  readonly effect: "Allow" | "Deny";
  readonly applies: Trilean;
  /** The first element that does not match, or may not; absent when the statement applies. */
  readonly miss?: Miss;
  /** The conditions under which it applies. */
  readonly under?: readonly MetCondition[];
}

export type Reason =
  | "allowed-by-identity-policy"
  | "allowed-by-resource-policy"
  | "explicit-deny"
  | "no-allow"
  | "permissions-boundary"
  | "control-policies"
  | "cross-account"
  | "undecided";

/** The answer to "may this principal do this?", with the evidence that decided it. */
export interface Decision {
  readonly answer: Trilean;
  readonly reason: Reason;
  /** The statement that decided (allow or deny), or for a miss the nearest one. */
  readonly decidedBy?: StatementEvidence | undefined;
  /** For `yes`: the other statements each of which would, or may, be enough without that one. */
  readonly alsoBy?: readonly StatementEvidence[];
  /** For `cross-account`: which of the two does not allow it. */
  readonly lacking?: "identity" | "resource" | undefined;
  /** For `unknown`: what is unknown. */
  readonly unknowns: readonly UnknownReason[];
  /** The answer taken apart: is it allowed, disregarding denies; does an explicit deny apply? */
  readonly parts?: { readonly allow: Trilean; readonly deny: Trilean };
}
