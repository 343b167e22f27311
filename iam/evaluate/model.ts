import type { PolicyDocument } from "../document/types";
import type { ArnSegment } from "../text/arn";
import type { Text } from "../text/text";
import type { Trilean } from "../text/trilean";
import type { Unknown } from "../text/unknown";
import type { QuotedCondition, QuotedElement, QuotedPrincipal } from "./quotes";
import type { NotInEffect, UnknownReason, UnknownSubject } from "./unknowns";

/** The tags of a principal or a resource. */
export interface Tags {
  /** By key, in lower case: "the tag key is not case-sensitive" in a condition. */
  readonly values: ReadonlyMap<string, ContextValue>;
  /** The value of keys that are not in the table. */
  readonly otherKeys: "absent" | "unknown";
}

/** The principal that makes a request. `arn` of a role is the ROLE's ARN (arn:P:iam::ACCT:role/path/name). */
export type Principal =
  | { readonly kind: "role"; readonly arn: Text; readonly account: Text; readonly tags?: Tags }
  | { readonly kind: "user"; readonly arn: Text; readonly account: Text; readonly tags?: Tags }
  | { readonly kind: "service"; readonly name: string }
  /** An identity that is authenticated by an identity provider: `cognito-identity.amazonaws.com`. */
  | { readonly kind: "federated"; readonly name: string }
  | { readonly kind: "anonymous" };

/** The value of one condition key in the request. Values of a `present` key may be partly unknown. */
export type ContextValue =
  | { readonly state: "present"; readonly values: readonly Text[] }
  | { readonly state: "absent" }
  /** Present or absent; the values, where they are given, apply if it is present. */
  | { readonly state: "unknown"; readonly values?: readonly Text[] };

/** The condition keys of a request: present, absent or unknown. */
export interface Context {
  /** By lower-case key name. */
  readonly keys: ReadonlyMap<string, ContextValue>;
  /** Of families of keys, by their common prefix in lower case: `aws:principaltag/`. */
  readonly prefixes?: ReadonlyMap<string, ContextValue>;
  /** The tags of the resource, where they are known. */
  readonly resourceTags?: Tags;
  /** The prefixes of all keys that the request may have, where documented: it has no other keys. */
  readonly families?: readonly string[];
  /** The value of keys that are not in the table. */
  readonly otherKeys: "unknown" | "absent";
}

/** A request as AWS evaluates it: a principal performs an action on a resource. */
export interface Request {
  readonly principal: Principal;
  /** e.g. "lambda:InvokeFunction" */
  readonly action: string;
  readonly resource: Text;
  readonly context: Context;
}

/** A policy document with its source. */
export interface PolicySource {
  /** For messages: `inline policy "call-orders" of role "caller"`, `managed policy AWSLambdaRole`. */
  readonly label: string;
  /** An opaque identifier (a URN) of the resource that contains it, when there is one. */
  readonly key?: string;
  readonly document: PolicyDocument | Unknown;
  /** The ARN of a managed or control policy whose document is unknown because no resource of the stack has it. */
  readonly arn?: string;
  /**
   * Set when `document` was inferred: it is the part of the document that is known. Its unknown parts may allow more;
   * denies in them are not considered.
   */
  readonly possible?: PolicyDocument | Unknown;
  /** Set when the document may not be in effect. */
  readonly mayNotApply?: NotInEffect;
  /** Set for a control policy of an organization. */
  readonly control?: ControlPolicies["kind"];
}

/** The identity-based policies of a principal, including those of its groups. */
export interface IdentityPolicies {
  readonly sources: readonly PolicySource[];
  /** Reasons why the principal may have further policies that are not in `sources`; empty when it has none. */
  readonly unseen: readonly UnknownSubject[];
  /** The permissions boundary, when it has one. */
  readonly boundary?: PolicySource;
  /** The service control policies that apply to the principal, where they are given. */
  readonly serviceControl?: ControlPolicies;
}

/**
 * One type of an organization's control policies: service control policies limit the principals of an account, resource
 * control policies its resources.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_authorization_policies.html
 */
export interface ControlPolicies {
  readonly kind: "service" | "resource";
  /**
   * The policies attached to the root, to each organizational unit and to the account, by level: every level has to
   * allow a request. `unseen` gives reasons why there may be more.
   */
  readonly levels: readonly Pick<IdentityPolicies, "sources" | "unseen">[];
  /** Policies that may be attached to any of these. */
  readonly unattached: readonly PolicySource[];
  /** Set when it is unknown whether they apply to this account. */
  readonly mayNotApply?: UnknownSubject;
}

/** The resource-based policies that apply to a request. */
export interface ResourcePolicies {
  readonly sources: readonly PolicySource[];
  /** Reasons why the resource may have further statements that are not in `sources`. */
  readonly unseen: readonly UnknownSubject[];
}

/**
 * The reason why an element of a statement does not match, or may not: the nearest pattern, and the value in the
 * request.
 */
export type Mismatch = { readonly match: Trilean } & (
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
      /** `other`: a value that does not match, and is not quoted. */
      readonly subject:
        | { readonly state: "absent" | "unknown" | "other" }
        | { readonly state: "arn"; readonly arn: string; readonly segment?: ArnSegment };
    }
);

/** A condition of a matching statement, and whether it is met because its key is absent. */
export interface MetCondition {
  readonly condition: QuotedCondition;
  readonly isKeyAbsent: boolean;
}

/** A statement and its result. */
export interface StatementEvidence {
  readonly source: PolicySource;
  /** The index of the statement in its document. */
  readonly index: number;
  /** Its Sid, or its number: `Sid "Invoke"` or `statement 2` (1-based, for messages). */
  readonly statement: string;
  readonly effect: "Allow" | "Deny";
  readonly applies: Trilean;
  /** The first element that does not match, or may not; absent when the statement matches. */
  readonly mismatch?: Mismatch;
  /** The conditions under which it matches. */
  readonly metConditions?: readonly MetCondition[];
}

/**
 * The step of AWS's evaluation that decides.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
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
  /** The statement that decided (allow or deny), or the nearest one when none matches. */
  readonly decidedBy?: StatementEvidence | undefined;
  /** For `yes`: the other statements that are, or may be, sufficient without that one. */
  readonly otherAllows?: readonly StatementEvidence[];
  /** For `cross-account`: the account whose policies do not allow the request. */
  readonly missingAllow?: "identity" | "resource" | undefined;
  /** For `unknown`: the unknowns that the answer depends on. */
  readonly unknowns: readonly UnknownReason[];
  /**
   * The two parts of the answer: whether the request is allowed, disregarding denies; whether an explicit deny applies.
   */
  readonly parts?: { readonly allow: Trilean; readonly deny: Trilean };
}
