import { type DocumentProblem, describeDocument } from "./invoke-policy-resource";

/** A document that grants more access than intended. */
export function describeScope(problem: DocumentProblem): string {
  return describeDocument(
    problem,
    "its holder may call what it is not intended to call: functions of the account directly, past any API, or routes of other APIs.",
  );
}
