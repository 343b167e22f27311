import type { PlanOptions, PolicyConfig, Program } from "../../testing";

export type Moment = "first" | "deployed" | "update";

/** What AWS, or the two-step rule, would do. */
export interface Answer {
  /** The mandatory findings, as `policy @ resource name`, in any order. */
  readonly denied?: readonly string[];
  /** How many routes have a question that cannot be decided. */
  readonly unproven?: number;
  /** Denials that the design takes into account: inferred ones of callers whose documents are all new. */
  readonly price?: readonly string[];
}

/** A program with its right answers. A moment without an answer is not looked at. */
export interface Entry {
  readonly name: string;
  /** Where it was seen. */
  readonly source?: string;
  readonly program: Program;
  readonly options?: Omit<PlanOptions, "as">;
  readonly config?: PolicyConfig;
  /** For an update: whether a resource exists before it. */
  readonly update?: Extract<PlanOptions["as"], { update: unknown }>["update"];
  readonly answers: Readonly<Partial<Record<Moment, Answer>>>;
}

/** Nothing is denied and nothing left open, whatever is known. */
export const WORKS: Entry["answers"] = { first: {}, deployed: {} };

/** The same denials, whatever is known. */
export const fails = (...denied: string[]): Entry["answers"] => ({ first: { denied }, deployed: { denied } });

/** Denials of what is deployed; on the first preview some routes cannot be decided. */
export const failsOnceKnown = (unproven: number, ...denied: string[]): Entry["answers"] => ({
  first: { unproven },
  deployed: { denied },
});
