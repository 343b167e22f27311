import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { PlannedResource, PlanOptions, PolicyConfig, Program } from "../../testing";

export type Moment = "first" | "deployed" | "update";

/** What AWS, or the two-step rule, would do. */
export interface Answer {
  /** The mandatory findings, as `policy @ resource name`, in any order. */
  readonly denied?: readonly string[];
  /** The advisory findings that report an outage, in the same form: those of callers whose purpose is their own. */
  readonly reported?: readonly string[];
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
  /** Written to be hard to decide before the first deployment: its open routes are counted by themselves. */
  readonly hard?: true;
  /** What the state holds of a resource, in addition to what the program alone would have left: after a refresh, say. */
  readonly state?: (resource: PlannedResource) => void;
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

/** Nothing is denied; on the first preview some routes cannot be decided. */
export const worksOnceKnown = (unproven: number): Entry["answers"] => ({ first: { unproven }, deployed: {} });

/** An update that creates the resources of these names, or whose names start so and end in `*`. */
export const creating =
  (...created: readonly string[]): NonNullable<Entry["update"]> =>
  ({ name }) =>
    !created.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));

export const hard = (entries: readonly Entry[]): readonly Entry[] =>
  entries.map((entry) => ({ ...entry, hard: true }));

const FOLDER = join(__dirname, "programs");

let entries: readonly Entry[] | undefined;

/** All programs of the corpus. They are loaded when they are asked for: they import from here. */
export function entriesOfCorpus(): readonly Entry[] {
  entries ??= readdirSync(FOLDER)
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file): readonly Entry[] => require(join(FOLDER, file)).default);
  return entries;
}

export function momentOf({ update }: Entry, moment: Moment): PlanOptions["as"] {
  if (moment === "first") return "first-preview";
  return moment === "deployed" ? "deployed" : { update: update ?? (() => true) };
}
