import type { ArnPattern, ArnUse } from "../text/arn";
import type { Pattern, PatternPiece } from "../text/pattern";
import type { Origin, Text } from "../text/text";

/**
 * A policy document after it was read.
 *
 * The grammar is AWS's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A document
 * that IAM refuses (`MalformedPolicyDocument`) never takes effect as written, so a leaf, element or document that
 * breaks the grammar is listed among the problems and is otherwise treated like an unknown one.
 */
export type DocumentUse = "identity" | "resource" | "trust";

/** The type of a JSON value, or of a value that a program gives in place of one. */
export type ValueType = string;

/**
 * A reason for which IAM refuses a document. A name is quoted only where it resembles one that IAM knows: a wrong value
 * in a policy may be a secret.
 */
export type Problem =
  | { readonly code: "not-json" | "effect" | "action" }
  /** A value that throws when it is read, or is nested too deeply. */
  | { readonly code: "not-an-object"; readonly isReadable: boolean }
  /** Number of characters without white space. */
  | { readonly code: "too-large"; readonly size: number }
  | {
      readonly code: "duplicate-key";
      readonly part: "object" | "condition";
      readonly name: string | undefined;
    }
  | { readonly code: "unknown-element"; readonly name: string | undefined }
  | { readonly code: "wrong-type"; readonly part: "statement" | "Sid" | "Condition" | "operator" }
  | { readonly code: "wrong-type"; readonly part: "leaf"; readonly element: string; readonly type: ValueType }
  | { readonly code: "version"; readonly version: string }
  | { readonly code: "version"; readonly type: ValueType }
  | { readonly code: "missing-element"; readonly part: "document" | "statement"; readonly element: string }
  | { readonly code: "missing-element"; readonly part: "list"; readonly element: string }
  | { readonly code: "missing-element"; readonly part: "condition"; readonly operator: string }
  | { readonly code: "prohibited-element"; readonly use: "identity" | "trust"; readonly element: string }
  | { readonly code: "conflicting-elements"; readonly element: string }
  | { readonly code: "principal"; readonly fault: "not-an-object"; readonly use: DocumentUse }
  | { readonly code: "principal"; readonly fault: "unknown-type"; readonly name: string | undefined }
  | { readonly code: "principal"; readonly fault: "wildcard"; readonly type: string }
  | { readonly code: "principal"; readonly fault: "partial-wildcard" | "not-an-identity" }
  | { readonly code: "operator"; readonly name: string | undefined }
  | { readonly code: "sid"; readonly fault: "characters" | "duplicate" };

/** The code of a problem for which IAM refuses a document. */
export type ProblemCode = Problem["code"];

/** The 0-based index of the statement; absent for a problem of the whole document. */
export type DocumentProblem = Problem & { readonly statement?: number };

/** `${key}` or `${key, 'fallback'}`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). */
export interface Variable {
  readonly variable: string;
  readonly fallback?: string;
}

/** A string of a document: its text for messages, and the pattern to match. */
export interface Template {
  readonly text: Text;
  readonly pieces: readonly (PatternPiece | Variable)[];
  /** The pattern, when there are no policy variables to replace. */
  readonly pattern: Pattern | undefined;
  /** The pattern where ARNs are matched: in Resource, and under ArnLike and similar operators. */
  readonly arn?: ArnPattern | undefined;
}

/** The element Action, or NotAction where `not` is set. */
export interface ActionElement {
  readonly not: boolean;
  /** In lower case, since actions are not case-sensitive. */
  readonly patterns: readonly Pattern[];
  readonly texts: readonly Text[];
}

/** The element Resource, or NotResource where `not` is set. */
export interface ResourceElement {
  readonly not: boolean;
  readonly use: ArnUse;
  readonly templates: readonly Template[];
}

/** An entry of a Principal element, by what it identifies. The text is as written, for messages. */
export type PrincipalEntry =
  | { readonly kind: "everyone" }
  | { readonly kind: "account"; readonly account: Text; readonly text: Text }
  | { readonly kind: "role" | "user"; readonly text: Text }
  | { readonly kind: "session"; readonly account: Text; readonly role: Text; readonly text: Text }
  | { readonly kind: "service"; readonly text: Text }
  | { readonly kind: "federated"; readonly text: Text }
  /** A federated user session (GetFederationToken), which is neither the user nor a role. */
  | { readonly kind: "federated-user"; readonly text: Text }
  | { readonly kind: "canonical"; readonly text: Text }
  /** Any identity of AWS, possibly everyone. */
  | { readonly kind: "unknown"; readonly text: Text };

/** The element Principal, or NotPrincipal where `not` is set. */
export interface PrincipalElement {
  readonly not: boolean;
  readonly entries: readonly PrincipalEntry[];
}

/** The kind of comparison of a condition operator, without its negation, prefix and suffix. */
export type ConditionFamily =
  | "String"
  | "StringIgnoreCase"
  | "StringLike"
  | "NumericEquals"
  | "NumericLessThan"
  | "NumericLessThanEquals"
  | "NumericGreaterThan"
  | "NumericGreaterThanEquals"
  | "DateEquals"
  | "DateLessThan"
  | "DateLessThanEquals"
  | "DateGreaterThan"
  | "DateGreaterThanEquals"
  | "Bool"
  | "Binary"
  | "IpAddress"
  | "Arn"
  | "Null"
  /** Unknown, or refused by IAM. */
  | "unknown";

/** One key under one operator of a Condition element, with the values that it is compared with. */
export interface Condition {
  /** As written, for messages. */
  readonly operator: string;
  readonly family: ConditionFamily;
  readonly negated: boolean;
  readonly set: "all" | "any" | undefined;
  readonly ifExists: boolean;
  /** In lower case. */
  readonly key: string;
  /** As written, for messages. */
  readonly keyText: string;
  readonly values: readonly Template[];
}

/** A statement of a policy document, parsed. An absent element is `undefined`. */
export interface Statement {
  /** 0-based. */
  readonly index: number;
  readonly sid: string | undefined;
  /** For messages: `Sid "Invoke"` or `statement 2`. */
  readonly label: string;
  readonly effect: "Allow" | "Deny" | "unknown";
  /** Absent in identity-based policies. */
  readonly principal: PrincipalElement | undefined;
  readonly action: ActionElement;
  /** Absent in trust policies. */
  readonly resource: ResourceElement | undefined;
  readonly conditions: readonly Condition[];
}

/** A parsed policy document. */
export interface PolicyDocument {
  readonly use: DocumentUse;
  readonly version: "2008-10-17" | "2012-10-17" | "unknown";
  readonly statements: readonly Statement[];
  /** The statements are unknown: the resources that they depend on, empty when IAM would refuse the document. */
  readonly opaque: readonly Origin[] | undefined;
  readonly problems: readonly DocumentProblem[];
  /** Number of characters without white space, the size that IAM limits; absent when parts are unknown. */
  readonly size: number | undefined;
}
