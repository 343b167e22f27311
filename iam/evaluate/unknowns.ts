/**
 * What a decision could not be made for, as codes and data. Folders above add the codes of what only they know to the
 * two interfaces here, by declaration merging; the sentences for all of them are in `messages/unknowns.ts`.
 */

import type { DocumentProblem } from "../document/types";
import type { Quote, QuotedElement } from "./quotes";

/** A statement, and the document that it is in. */
export interface StatementPlace {
  /** `Sid "Invoke"` or `statement 2`. */
  readonly statement: string;
  /** The label of the document. */
  readonly source: string;
}

/** What is compared with a pattern that is written out, as far as it is what is unknown: labels of holes. */
interface Compared extends StatementPlace {
  readonly missing: readonly string[];
}

/** What is unknown. */
export interface UnknownSubjects {
  "request-choice": {
    readonly choices: readonly string[];
    readonly allowed: readonly string[];
    readonly denied: readonly string[];
    readonly undecided: readonly string[];
  };
  "principal-policies": { readonly principal?: string };
  "same-account": unknown;
  "boundary-limits-everyone": unknown;
  /** With its ARN where it is a managed policy that nothing in the stack makes, or a control policy of an organization. */
  document: { readonly source: string; readonly arn?: string };
  /** A page of a longer list of control policies. */
  "control-policy-list": { readonly kind: "service" | "resource" };
  "control-policy-account": { readonly kind: "service" | "resource"; readonly principal: string };
  "covered-requests": StatementPlace & { readonly pattern: Quote };
  "statement-resource": Compared;
  /** With the ARN of the resource where the key is one of its tags, and none of them are known. */
  "statement-condition": Compared & { readonly key: Quote; readonly tagsOf?: string };
  "service-principal": StatementPlace & { readonly pattern: QuotedElement; readonly service: string };
  "statement-principal": StatementPlace;
  "statement-action": StatementPlace;
  "statement-effect": StatementPlace;
}

/** What makes it known, where more can be said than what it depends on. */
export interface Resolutions {
  "grant-in-stack": unknown;
  "known-account": unknown;
  "provider-account": unknown;
  "accepted-document": { readonly problem: DocumentProblem };
  "accepted-statement": { readonly problem: DocumentProblem };
  "accepted-resource": unknown;
  "remove-condition": unknown;
  "write-service": { readonly service: string };
  /** Each of those of the holes in a text. */
  several: { readonly resolutions: readonly Resolution[] };
}

export type UnknownSubject = {
  [Code in keyof UnknownSubjects]: { readonly code: Code } & UnknownSubjects[Code];
}[keyof UnknownSubjects];

export type Resolution = {
  [Code in keyof Resolutions]: { readonly code: Code } & Resolutions[Code];
}[keyof Resolutions];

/** The subject that has a code. */
export type SubjectOf<Code extends keyof UnknownSubjects> = Extract<UnknownSubject, { readonly code: Code }>;

/** Why an answer is not known. */
export interface UnknownReason {
  readonly subject: UnknownSubject;
  /** Labels of the resources that it depends on. */
  readonly dependsOn: readonly string[];
  readonly resolution?: Resolution;
  /** Nothing is unknown here but what each request chooses: a path parameter, the verb of an `ANY` method. */
  readonly varies?: true;
  /** Whether more knowledge could turn up an allow, a deny or either. */
  readonly could?: "allow" | "deny" | "either";
}

/** Why a document may not be in effect, and what makes that known. */
export type NotInEffect = Pick<UnknownReason, "subject" | "resolution">;

/** The same for the same subject. */
export function subjectKey({ subject }: Pick<UnknownReason, "subject">): string {
  return JSON.stringify(subject);
}
