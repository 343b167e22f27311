import type { Trilean } from "../text/trilean";
import type { Decision, Reason, StatementEvidence } from "./model";
import type { UnknownReason } from "./unknowns";

/** The explanation of a decision, computed when it is read. */
export interface Findings {
  readonly lacking?: Decision["lacking"];
  readonly evidence: () => StatementEvidence | undefined;
  readonly also?: () => readonly StatementEvidence[];
  readonly unknowns?: () => readonly UnknownReason[];
}

/**
 * Computes evidence and unknowns only when they are read: most answers are never explained. A class, since getters of
 * an object literal would be created again for each of thousands of decisions.
 */
export class LazyDecision implements Decision {
  private evidence: { readonly found: StatementEvidence | undefined } | undefined;
  private also: readonly StatementEvidence[] | undefined;
  private unknown: readonly UnknownReason[] | undefined;

  constructor(
    readonly answer: Trilean,
    readonly reason: Reason,
    readonly parts: NonNullable<Decision["parts"]>,
    private readonly find: Findings,
  ) {}

  get lacking(): Decision["lacking"] {
    return this.find.lacking;
  }

  get decidedBy(): StatementEvidence | undefined {
    this.evidence ??= { found: this.find.evidence() };
    return this.evidence.found;
  }

  get alsoBy(): readonly StatementEvidence[] {
    this.also ??= this.find.also?.() ?? [];
    return this.also;
  }

  get unknowns(): readonly UnknownReason[] {
    this.unknown ??= this.find.unknowns?.() ?? [];
    return this.unknown;
  }
}

/** The same decision with the answer `unknown`, for a reason outside its documents. */
export function leftOpen(decided: Decision, unknown: UnknownReason): Decision {
  return new LazyDecision("unknown", decided.reason, decided.parts ?? NO_PARTS, {
    evidence: () => decided.decidedBy,
    unknowns: () => [unknown],
  });
}

/**
 * A decision with the same answer whose evidence and unknowns are computed again when they are read, from more
 * documents or from the same ones: few of the many decisions are ever read, and each would keep its documents in
 * memory.
 */
export function explainedBy(decided: Decision, whole: () => Decision): Decision {
  return new ExplainedDecision(decided, whole);
}

class ExplainedDecision implements Decision {
  readonly answer: Trilean;
  readonly reason: Reason;
  readonly parts: NonNullable<Decision["parts"]>;
  readonly lacking: Decision["lacking"];
  private made: Decision | undefined;

  constructor(
    decided: Decision,
    private readonly whole: () => Decision,
  ) {
    this.answer = decided.answer;
    this.reason = decided.reason;
    this.parts = decided.parts ?? NO_PARTS;
    this.lacking = decided.lacking;
  }

  private get explanation(): Decision {
    this.made ??= this.whole();
    return this.made;
  }

  get decidedBy(): StatementEvidence | undefined {
    return this.explanation.decidedBy;
  }

  get alsoBy(): readonly StatementEvidence[] {
    return this.explanation.alsoBy ?? [];
  }

  get unknowns(): readonly UnknownReason[] {
    return this.answer === "unknown" ? this.explanation.unknowns : [];
  }
}

const NO_PARTS = { allow: "unknown", deny: "unknown" } as const;
