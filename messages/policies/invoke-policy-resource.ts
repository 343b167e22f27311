import type { LintFinding } from "../../iam";
import { lintFix, lintMessage } from "../lint";
import { message } from "../text";

/** One of the identity-based documents of a resource; `inline` together are those of a role, user or group. */
export type DocumentHolder =
  | { readonly code: "policy"; readonly name: string }
  | { readonly code: "inline-policy"; readonly name: string | undefined }
  | { readonly code: "inline-policies" };

/** A mistake in a policy document of a principal. */
export interface DocumentProblem {
  readonly holder: DocumentHolder;
  readonly finding: LintFinding;
}

/** A mistake in a document, and how to fix it. */
export function describeDocument({ holder, finding }: DocumentProblem, why?: string): string {
  const { statement } = finding;
  return message([
    `${showHolder(holder)}${statement === undefined ? "" : `, ${statement}`}: ${lintMessage(finding)}`,
    why === undefined ? undefined : `Why: ${why}`,
    `Fix: ${lintFix(finding)}`,
  ]);
}

function showHolder(holder: DocumentHolder): string {
  switch (holder.code) {
    case "policy":
      return `policy "${holder.name}"`;
    case "inline-policy":
      return `inline policy "${holder.name ?? "?"}"`;
    case "inline-policies":
      return "its inline policies";
  }
}
