import type { LintFinding } from "../../iam";
import { lintFix, lintMessage } from "../lint";
import { message } from "../text";

/** One of the identity-based documents of a resource; `inline` together are those of a role, user or group. */
export type DocumentName =
  | { readonly code: "policy"; readonly name: string }
  | { readonly code: "inline-policy"; readonly name: string | undefined }
  | { readonly code: "inline-policies" };

/** A mistake in a policy document of a principal. */
export interface DocumentProblem {
  readonly documentName: DocumentName;
  readonly finding: LintFinding;
}

/** A mistake in a document, and how to fix it. */
export function describeDocument({ documentName, finding }: DocumentProblem, reason?: string): string {
  const { statement } = finding;
  return message([
    `${showDocumentName(documentName)}${statement === undefined ? "" : `, ${statement}`}: ${lintMessage(finding)}`,
    reason === undefined ? undefined : `Why: ${reason}`,
    `Fix: ${lintFix(finding)}`,
  ]);
}

function showDocumentName(documentName: DocumentName): string {
  switch (documentName.code) {
    case "policy":
      return `policy "${documentName.name}"`;
    case "inline-policy":
      return `inline policy "${documentName.name ?? "?"}"`;
    case "inline-policies":
      return "its inline policies";
  }
}
