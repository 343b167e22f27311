import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { PlannedResource, PlanOptions, PolicyConfig, Program } from "../../testing";

export type Moment = "first" | "deployed" | "update";

/** The results according to AWS and the two-step rule. */
export interface Answer {
  /** The mandatory findings, as `policy @ resource name`, in any order. */
  readonly denied?: readonly string[];
  /**
   * The advisory findings that report an outage, in the same form. They are about callers with an independent purpose.
   */
  readonly reported?: readonly string[];
  /** The number of routes with an unproven verdict. */
  readonly unproven?: number;
  /** Accepted wrong denials: inferred, of callers whose documents are all new. */
  readonly acceptedDenials?: readonly string[];
}

/** A program with its correct results. A moment without results is not tested. */
export interface Entry {
  readonly name: string;
  /** The source of the program. */
  readonly source?: string;
  readonly program: Program;
  readonly options?: Omit<PlanOptions, "as">;
  readonly config?: PolicyConfig;
  /** For an update: whether a resource exists before it. */
  readonly update?: Extract<PlanOptions["as"], { update: unknown }>["update"];
  /** The program is hard to decide before the first deployment. Its unproven routes are counted separately. */
  readonly hard?: true;
  /** Properties of a resource in the state that the program does not set, for example after a refresh. */
  readonly state?: (resource: PlannedResource) => void;
  readonly answers: Readonly<Partial<Record<Moment, Answer>>>;
}

/** All routes are allowed at every moment. */
export const WORKS: Entry["answers"] = { first: {}, deployed: {} };

/** The denials are the same at every moment. */
export const fails = (...denied: string[]): Entry["answers"] => ({ first: { denied }, deployed: { denied } });

/** Denied once deployed; some routes are unproven in the first preview. */
export const failsOnceKnown = (unproven: number, ...denied: string[]): Entry["answers"] => ({
  first: { unproven },
  deployed: { denied },
});

/** Allowed once deployed; some routes are unproven in the first preview. */
export const worksOnceKnown = (unproven: number): Entry["answers"] => ({ first: { unproven }, deployed: {} });

/** An update that creates the resources of these names. A name that ends in `*` is a prefix. */
export const creating =
  (...created: readonly string[]): NonNullable<Entry["update"]> =>
  ({ name }) =>
    !created.some((pattern) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    );

export const hard = (entries: readonly Entry[]): readonly Entry[] =>
  entries.map((entry) => ({ ...entry, hard: true }));

const FOLDER = join(__dirname, "programs");

let entries: readonly Entry[] | undefined;

/** All programs of the corpus. They import this file, so they are loaded on demand. */
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
