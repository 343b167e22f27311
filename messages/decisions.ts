import type { ArnSegment, Decision, Mismatch, StatementEvidence } from "../iam";
import { showCondition, showElement, showQuote, showQuotedPrincipal } from "./quotes";

/** Names of ARN fields in messages, where they differ from the code's. */
const SEGMENTS: Partial<Record<ArnSegment, string>> = {
  "resource-type": "resource type",
  "function-name": "function name",
  "api-id": "API ID",
  verb: "method",
  "route-key": "route key",
};

/**
 * A decision in short lines: the statement that decided it, or else the nearest one with the element and the part of
 * the ARN that does not match. Empty when no statement applies to the request.
 */
export function explain(decision: Decision): readonly string[] {
  const evidence = decision.decidedBy;
  if (evidence === undefined) return [];
  const statement = statementPlace(evidence);
  if (decision.answer === "yes") return [`Allowed by ${statement}`];
  if (decision.reason === "explicit-deny") return [`Explicit deny: ${statement}${conditionsOf(evidence)}`];
  const opening = decision.answer === "unknown" ? "Undecided" : "Nearest";
  const { mismatch, source } = evidence;
  if (mismatch !== undefined) return [`${opening}: ${statement} ${describeMismatch(mismatch)}`];
  return [`${opening}: ${statement}${source.mayNotApply ? ", which may not be in effect" : ""}`];
}

function statementPlace({ statement, source }: StatementEvidence): string {
  return `${statement} in ${source.label}`;
}

function conditionsOf({ metConditions = [] }: StatementEvidence): string {
  const conditions = metConditions.map(({ condition, isKeyAbsent }) => {
    const absent = isKeyAbsent ? ` (the request has no ${showQuote(condition.key)})` : "";
    return `${showCondition(condition)}${absent}`;
  });
  return conditions.length === 0 ? "" : `, under the condition ${conditions.join(" and ")}`;
}

/** Other statements are only counted. */
const MAX_FURTHER_STATEMENTS = 3;

/** The change that would deny an allowed request; `undefined` when no statement is known to allow it. */
export function denyAdvice({ answer, decidedBy, otherAllows = [] }: Decision): string | undefined {
  if (answer !== "yes" || decidedBy === undefined) return undefined;
  const furtherStatements = otherAllows
    .slice(0, MAX_FURTHER_STATEMENTS)
    .map(
      (evidence) =>
        `${statementPlace(evidence)}, which ${evidence.applies === "yes" ? "also allows" : "may also allow"} it`,
    );
  const more = otherAllows.length - furtherStatements.length;
  const statements = [
    statementPlace(decidedBy),
    ...furtherStatements,
    ...(more > 0 ? [`${more} more statements that allow or may allow it`] : []),
  ];
  return `remove ${statements.join("; and ")}; or add a Deny that covers it`;
}

/** A statement that does not match is an Allow: Deny statements are shown only where they may match. */
function describeMismatch(mismatch: Mismatch): string {
  const isCertain = mismatch.match === "no";
  switch (mismatch.element) {
    case "Effect":
      return "has an unknown Effect";
    case "Action":
      return isCertain
        ? `allows ${showElement(mismatch.pattern)}, not ${mismatch.subject}`
        : "has an unknown Action";
    case "Principal": {
      const subject = showQuotedPrincipal(mismatch.subject);
      return isCertain
        ? `is for ${showElement(mismatch.pattern)}, not for ${subject}`
        : `may be for ${subject}`;
    }
    case "Resource": {
      const allows = isCertain ? `allows it on ${showElement(mismatch.pattern)}, ` : "has a Resource ";
      return `${allows}${notMatching(mismatch.segment, isCertain)}: the request is for ${mismatch.subject}`;
    }
    case "Condition":
      return `requires ${showCondition(mismatch.condition)}${unmetCondition(mismatch, isCertain)}`;
  }
}

function notMatching(segment: ArnSegment | undefined, isCertain: boolean): string {
  const part = segment === undefined ? undefined : `whose ${SEGMENTS[segment] ?? segment}`;
  return isCertain ? `${part ?? "which"} does not match` : `${part ?? "that"} may not match`;
}

function unmetCondition(
  { subject, condition }: Extract<Mismatch, { readonly element: "Condition" }>,
  isCertain: boolean,
): string {
  if (!isCertain) return ", and whether the request meets this is unknown";
  const key = showQuote(condition.key);
  switch (subject.state) {
    case "arn":
      return `, ${notMatching(subject.segment, isCertain)}: the request has ${subject.arn}`;

    case "absent":
      return `; the request has no ${key}`;
    case "other":
      return `; the request has another ${key}`;
    case "unknown":
      return `; the request has an unknown ${key}`;
  }
}
