import type { ArnPattern, ArnUse } from "../text/arn";
import type { Pattern, PatternPiece } from "../text/pattern";
import type { Origin, Text } from "../text/text";

/**
 * What a policy document is once it is read.
 *
 * The grammar is AWS's: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
 * What IAM would refuse (`MalformedPolicyDocument`) never takes effect as written, so a leaf, element or
 * document that breaks the grammar is listed among the problems and is otherwise treated exactly as one that
 * the plan does not show: nothing is concluded from it, in either direction.
 */
export type DocumentUse = "identity" | "resource" | "trust";

/** The type of a value in JSON, or of one that a program gives in its place. */
export type ValueType = string;

/**
 * What IAM refuses. A name in it is given only where it resembles one that IAM knows: what is written in a policy by
 * mistake may be a secret.
 */
export type Problem =
  | { readonly code: "not-json" | "effect" | "action" }
  /** A value that throws when it is read, or nests without end. */
  | { readonly code: "not-an-object"; readonly isReadable: boolean }
  /** Characters without white space. */
  | { readonly code: "too-large"; readonly size: number }
  | { readonly code: "duplicate-key"; readonly of: "object" | "condition"; readonly name: string | undefined }
  | { readonly code: "unknown-element"; readonly name: string | undefined }
  | { readonly code: "wrong-type"; readonly of: "statement" | "Sid" | "Condition" | "operator" }
  | { readonly code: "wrong-type"; readonly of: "leaf"; readonly element: string; readonly type: ValueType }
  | { readonly code: "version"; readonly version: string }
  | { readonly code: "version"; readonly type: ValueType }
  | { readonly code: "missing-element"; readonly of: "document" | "statement"; readonly element: string }
  | { readonly code: "missing-element"; readonly of: "list"; readonly element: string }
  | { readonly code: "missing-element"; readonly of: "condition"; readonly operator: string }
  | { readonly code: "prohibited-element"; readonly use: "identity" | "trust"; readonly element: string }
  | { readonly code: "conflicting-elements"; readonly element: string }
  | { readonly code: "principal"; readonly fault: "not-an-object"; readonly use: DocumentUse }
  | { readonly code: "principal"; readonly fault: "unknown-type"; readonly name: string | undefined }
  | { readonly code: "principal"; readonly fault: "wildcard"; readonly type: string }
  | { readonly code: "principal"; readonly fault: "partial-wildcard" | "not-an-identity" }
  | { readonly code: "operator"; readonly name: string | undefined }
  | { readonly code: "sid"; readonly fault: "characters" | "duplicate" };

export type ProblemCode = Problem["code"];

/** With the statement, 0-based; without for the document as a whole. */
export type DocumentProblem = Problem & { readonly statement?: number };

/** `${key}` or `${key, 'fallback'}`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). */
export interface Variable {
  readonly variable: string;
  readonly fallback?: string;
}

/** A string of a document: its text for people, and what is to be compared. */
export interface Template {
  readonly text: Text;
  readonly pieces: readonly (PatternPiece | Variable)[];
  /** The pattern, when there are no variables to fill in. */
  readonly pattern: Pattern | undefined;
  /** The same as an ARN's, where ARNs are compared: in Resource, and under ArnLike and its like. */
  readonly arn?: ArnPattern | undefined;
}

export interface ActionElement {
  readonly not: boolean;
  /** In small letters, for the case of actions does not count. */
  readonly patterns: readonly Pattern[];
  readonly texts: readonly Text[];
}

export interface ResourceElement {
  readonly not: boolean;
  readonly use: ArnUse;
  readonly templates: readonly Template[];
}

export type PrincipalEntry =
  | { readonly kind: "everyone" }
  | { readonly kind: "account"; readonly account: Text; readonly text: Text }
  | { readonly kind: "role" | "user"; readonly text: Text }
  | { readonly kind: "session"; readonly account: Text; readonly role: Text; readonly text: Text }
  | { readonly kind: "service"; readonly text: Text }
  | { readonly kind: "federated"; readonly text: Text }
  /** A session that a user got by GetFederationToken, which is neither that user nor a role. */
  | { readonly kind: "federated-user"; readonly text: Text }
  | { readonly kind: "canonical"; readonly text: Text }
  /** Could be any identity of AWS, everyone included. */
  | { readonly kind: "unknown"; readonly text: Text };

export interface PrincipalElement {
  readonly not: boolean;
  readonly entries: readonly PrincipalEntry[];
}

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

export interface Condition {
  /** As written, for people. */
  readonly operator: string;
  readonly family: ConditionFamily;
  readonly negated: boolean;
  readonly set: "all" | "any" | undefined;
  readonly ifExists: boolean;
  /** In small letters. */
  readonly key: string;
  /** As written, for people. */
  readonly keyText: string;
  readonly values: readonly Template[];
}

export interface Statement {
  /** 0-based. */
  readonly index: number;
  readonly sid: string | undefined;
  /** For people: `Sid "Invoke"` or `statement 2`. */
  readonly label: string;
  readonly effect: "Allow" | "Deny" | "unknown";
  /** Absent in identity-based policies. */
  readonly principal: PrincipalElement | undefined;
  readonly action: ActionElement;
  /** Absent in trust policies. */
  readonly resource: ResourceElement | undefined;
  readonly conditions: readonly Condition[];
}

export interface PolicyDocument {
  readonly use: DocumentUse;
  readonly version: "2008-10-17" | "2012-10-17" | "unknown";
  readonly statements: readonly Statement[];
  /** The statements cannot be determined at all: what they depend on, empty when IAM would refuse it. */
  readonly opaque: readonly Origin[] | undefined;
  readonly problems: readonly DocumentProblem[];
  /** Characters without white space, as IAM counts them; absent when parts are unknown. */
  readonly size: number | undefined;
}
