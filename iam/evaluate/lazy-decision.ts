import type { Trilean } from "../text/trilean";
import type { Decision, Reason, StatementEvidence } from "./model";
import type { UnknownReason } from "./unknowns";

/** The explanation of a decision, computed when it is read. */
export interface DecisionDetails {
  readonly missingAllow?: Decision["missingAllow"];
  readonly evidence: () => StatementEvidence | undefined;
  readonly otherAllows?: () => readonly StatementEvidence[];
  readonly unknowns?: () => readonly UnknownReason[];
}

/**
 * Computes evidence and unknowns only when they are read: most answers are never explained. A class, since getters of
 * an object literal would be created again for each of thousands of decisions.
 */
export class LazyDecision implements Decision {
  private cachedEvidence: { readonly found: StatementEvidence | undefined } | undefined;
  private cachedAllows: readonly StatementEvidence[] | undefined;
  private cachedUnknowns: readonly UnknownReason[] | undefined;

  constructor(
    readonly answer: Trilean,
    readonly reason: Reason,
    readonly parts: NonNullable<Decision["parts"]>,
    private readonly details: DecisionDetails,
  ) {}

  get missingAllow(): Decision["missingAllow"] {
    return this.details.missingAllow;
  }

  get decidedBy(): StatementEvidence | undefined {
    this.cachedEvidence ??= { found: this.details.evidence() };
    return this.cachedEvidence.found;
  }

  get otherAllows(): readonly StatementEvidence[] {
    this.cachedAllows ??= this.details.otherAllows?.() ?? [];
    return this.cachedAllows;
  }

  get unknowns(): readonly UnknownReason[] {
    this.cachedUnknowns ??= this.details.unknowns?.() ?? [];
    return this.cachedUnknowns;
  }
}

/** The same decision with the answer `unknown`, for a reason outside its documents. */
export function withUnknownAnswer(decision: Decision, unknown: UnknownReason): Decision {
  return new LazyDecision("unknown", decision.reason, decision.parts ?? NO_PARTS, {
    evidence: () => decision.decidedBy,
    unknowns: () => [unknown],
  });
}

/**
 * A decision with the same answer whose evidence and unknowns are computed again when they are read, from more
 * documents or from the same ones: few of the many decisions are ever read, and each would keep its documents in
 * memory.
 */
export function explainWith(decision: Decision, explain: () => Decision): Decision {
  return new ExplainedDecision(decision, explain);
}

class ExplainedDecision implements Decision {
  readonly answer: Trilean;
  readonly reason: Reason;
  readonly parts: NonNullable<Decision["parts"]>;
  readonly missingAllow: Decision["missingAllow"];
  private cachedExplanation: Decision | undefined;

  constructor(
    decision: Decision,
    private readonly explain: () => Decision,
  ) {
    this.answer = decision.answer;
    this.reason = decision.reason;
    this.parts = decision.parts ?? NO_PARTS;
    this.missingAllow = decision.missingAllow;
  }

  private get explanation(): Decision {
    this.cachedExplanation ??= this.explain();
    return this.cachedExplanation;
  }

  get decidedBy(): StatementEvidence | undefined {
    return this.explanation.decidedBy;
  }

  get otherAllows(): readonly StatementEvidence[] {
    return this.explanation.otherAllows ?? [];
  }

  get unknowns(): readonly UnknownReason[] {
    return this.answer === "unknown" ? this.explanation.unknowns : [];
  }
}

const NO_PARTS = { allow: "unknown", deny: "unknown" } as const;
