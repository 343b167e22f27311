import { type DocumentProblem, describeDocument } from "./invoke-policy-resource";

/** A document that grants more access than intended. */
export function describeScope(problem: DocumentProblem): string {
  return describeDocument(
    problem,
    "the principal can call more than intended: functions of the account directly, bypassing every API, or routes of other APIs.",
  );
}
