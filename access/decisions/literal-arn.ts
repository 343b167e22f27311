import type { Decision, UnknownReason } from "../../iam";
import type { FunctionTarget, PrincipalFacts } from "../../stack";

/**
 * Why it cannot be inferred that a principal lacks access to a function which the program names by a literal: an
 * unknown document is assumed to grant access to its dependencies, and a literal is not among them. An explicit deny
 * applies regardless of such a document.
 */
export function literalArnGrants(
  principal: PrincipalFacts,
  target: FunctionTarget,
  decision: Decision,
): readonly UnknownReason[] {
  // A function outside the stack is not a dependency either.
  const cannotBeDependency = target.isLiteral === true || target.function === undefined;
  if (!cannotBeDependency || decision.answer !== "no" || decision.reason === "explicit-deny") return [];
  const sources = [...principal.sources, ...(principal.boundary === undefined ? [] : [principal.boundary])];
  return sources.flatMap((source): readonly UnknownReason[] =>
    source.inferredFrom === undefined
      ? []
      : [
          {
            subject: { code: "literal-grant", source: source.label },
            dependsOn: source.inferredFrom,
            resolution: { code: "separate-document" },
          },
        ],
  );
}
