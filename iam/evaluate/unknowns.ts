/**
 * The reasons for an unknown decision, as codes and data. Folders above add their own codes to the two interfaces here
 * by declaration merging; `messages/unknowns.ts` has the sentences for all of them.
 */

import type { DocumentProblem } from "../document/types";
import type { HoleLabel } from "../text/hole-labels";
import type { Origin } from "../text/text";
import type { Quote, QuotedElement } from "./quotes";

/** A statement and its document. */
export interface StatementPlace {
  /** `Sid "Invoke"` or `statement 2`. */
  readonly statement: string;
  /** The label of the document. */
  readonly source: string;
}

/** With the unknown parts of the value in the request, where the pattern is known. */
interface StatementPlaceWithMissing extends StatementPlace {
  readonly missing: readonly HoleLabel[];
}

/** The subject of an unknown: the value, document or setting that is not known. */
export interface UnknownSubjects {
  "request-choice": {
    readonly choices: readonly HoleLabel[];
    readonly allowed: readonly string[];
    readonly denied: readonly string[];
    readonly undecided: readonly string[];
  };
  "principal-policies": { readonly principal?: string };
  "same-account": unknown;
  "boundary-limits-everyone": unknown;
  /**
   * With the ARN of a managed policy that is not a resource of the stack, or of a control policy of an organization.
   */
  document: { readonly source: string; readonly arn?: string };
  /** One page of a longer list of control policies. */
  "control-policy-list": { readonly kind: "service" | "resource" };
  "control-policy-account": { readonly kind: "service" | "resource"; readonly principal: string };
  "covered-requests": StatementPlace & { readonly pattern: Quote };
  "statement-resource": StatementPlaceWithMissing;
  /** With the ARN of the resource where the key is one of its tags and none of its tags are known. */
  "statement-condition": StatementPlaceWithMissing & { readonly key: Quote; readonly tagsOf?: string };
  "service-principal": StatementPlace & { readonly pattern: QuotedElement; readonly service: string };
  "statement-principal": StatementPlace;
  "statement-action": StatementPlace;
  "statement-effect": StatementPlace;
}

/** The ways in which a value can become known, where they are more specific than its dependencies. */
export interface Resolutions {
  "grant-in-stack": unknown;
  "known-account": unknown;
  "provider-account": unknown;
  "accepted-document": { readonly problem: DocumentProblem };
  "accepted-statement": { readonly problem: DocumentProblem };
  "accepted-resource": unknown;
  "remove-condition": unknown;
  "write-service": { readonly service: string };
  /** One resolution for each hole of a text. */
  several: { readonly resolutions: readonly Resolution[] };
}

/** The subject of an unknown, with the data of its code. */
export type UnknownSubject = {
  [Code in keyof UnknownSubjects]: { readonly code: Code } & UnknownSubjects[Code];
}[keyof UnknownSubjects];

/** A way in which a value can become known, with the data of its code. */
export type Resolution = {
  [Code in keyof Resolutions]: { readonly code: Code } & Resolutions[Code];
}[keyof Resolutions];

/** The subject with this code. */
export type SubjectOf<Code extends keyof UnknownSubjects> = Extract<UnknownSubject, { readonly code: Code }>;

/** The reason for an unknown answer. */
export interface UnknownReason {
  readonly subject: UnknownSubject;
  /** The resources that it depends on. */
  readonly dependsOn: readonly Origin[];
  readonly resolution?: Resolution;
  /** Only values that each request chooses are unknown: a path parameter, the method of an `ANY` method. */
  readonly varies?: true;
  /** Whether the unknown value could add an allow, a deny or either. */
  readonly could?: "allow" | "deny" | "either";
}

/** The reason why a document may not be in effect, and its resolution. */
export type NotInEffect = Pick<UnknownReason, "subject" | "resolution">;

/** Two reasons with equal keys are about the same subject. */
export function subjectKey({ subject }: Pick<UnknownReason, "subject">): string {
  return JSON.stringify(subject);
}
