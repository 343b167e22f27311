import type { PolicyDocument } from "./document";
export interface LintFinding {
  readonly code: string;
  readonly statement?: string;
  readonly message: string;
  readonly fix: string;
}
export function lintDocument(_d: PolicyDocument, _k: "inline" | "managed"): readonly LintFinding[] {
  return [];
}
export function scopeFindings(_d: PolicyDocument): readonly LintFinding[] {
  return [];
}
