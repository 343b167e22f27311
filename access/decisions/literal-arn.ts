import type { Decision, UnknownReason } from "../../iam";
import type { FunctionTarget, PrincipalFacts } from "../../stack";

/**
 * Why it cannot be concluded that a principal lacks a function which the program names by text: a document that
 * is not shown is taken to grant what it depends on, and text leaves no trace among that. An explicit deny
 * holds whatever such a document allows.
 */
export function literalArnGrants(
  principal: PrincipalFacts,
  target: FunctionTarget,
  decision: Decision,
): readonly UnknownReason[] {
  // A function outside the stack leaves no trace either.
  const leavesNoTrace = target.byText === true || target.function === undefined;
  if (!leavesNoTrace || decision.answer !== "no" || decision.reason === "explicit-deny") return [];
  const sources = [...principal.sources, ...(principal.boundary === undefined ? [] : [principal.boundary])];
  return sources.flatMap((source): readonly UnknownReason[] =>
    source.inferredFrom === undefined
      ? []
      : [
          {
            subject: { code: "literal-grant", source: source.label },
            dependsOn: source.inferredFrom.map((origin) => origin.label),
            resolution: { code: "separate-document" },
          },
        ],
  );
}
