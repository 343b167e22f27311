/**
 * The programs of this corpus have their right answers written beside them. The test holds how often the pack
 * differs: an outage that it misses and a working program that it blocks are never taken.
 */
import { deepStrictEqual, ok } from "node:assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type PlanOptions, plan } from "../../testing";
import { reportOnPlans } from "../support/reports";
import type { Answer, Entry, Moment } from "./corpus";

const FOLDER = join(__dirname, "programs");

const entries: readonly Entry[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .flatMap((file): readonly Entry[] => require(join(FOLDER, file)).default);

/** Of the routes of first previews, how many may be left open. */
const OPEN_AT_MOST = 0.05;

interface Count {
  programs: number;
  routes: number;
  unproven: number;
  price: number;
  readonly wrong: string[];
  readonly missed: string[];
}

const counts = new Map<Moment, Count>();

function countOf(moment: Moment): Count {
  const count = counts.get(moment) ?? {
    programs: 0,
    routes: 0,
    unproven: 0,
    price: 0,
    wrong: [],
    missed: [],
  };
  counts.set(moment, count);
  return count;
}

const asOf = (entry: Entry, moment: Moment): PlanOptions["as"] => {
  if (moment === "first") return "first-preview";
  return moment === "deployed" ? "deployed" : { update: entry.update ?? (() => true) };
};

async function hold(entry: Entry, moment: Moment, answer: Answer): Promise<void> {
  const as = asOf(entry, moment);
  const planned = await plan(entry.program, { ...entry.options, as });
  const { routes, answers, findings } = await reportOnPlans([planned], {
    as: moment === "deployed" ? "deployed" : "first-preview",
    ...(entry.config === undefined ? {} : { config: entry.config }),
  });
  const mandatory = findings.filter(({ level }) => level === "mandatory");
  const denied = [...new Set(mandatory.map(({ policy, name }) => `${policy} @ ${name}`))];
  const [expected, price] = [answer.denied ?? [], answer.price ?? []];
  const open = answers.filter(({ outcome }) => outcome === "unproven").flatMap((one) => one.routes);
  const count = countOf(moment);
  count.programs += 1;
  count.routes += routes.length;
  count.unproven += new Set(open).size;
  count.price += denied.filter((one) => price.includes(one)).length;
  const told = (one: string): string => `${entry.name}: ${one}`;
  count.wrong.push(...denied.filter((one) => !expected.includes(one) && !price.includes(one)).map(told));
  count.missed.push(...expected.filter((one) => !denied.includes(one)).map(told));
  deepStrictEqual(
    { denied: denied.filter((one) => !price.includes(one)).sort(), unproven: new Set(open).size },
    { denied: [...expected].sort(), unproven: answer.unproven ?? 0 },
    mandatory.map(({ message }) => message).join("\n\n"),
  );
}

describe("the corpus", () => {
  for (const entry of entries) {
    for (const [moment, answer] of Object.entries(entry.answers) as [Moment, Answer][]) {
      it(`${entry.name} (${moment})`, () => hold(entry, moment, answer));
    }
  }

  it("has names of its own for every program", () => {
    deepStrictEqual(entries.length, new Set(entries.map(({ name }) => name)).size);
  });

  it("blocks nothing that works, misses no outage and leaves little open", () => {
    for (const [moment, { programs, routes, unproven, price, wrong, missed }] of counts) {
      console.log(
        `      ${moment}: ${programs} programs, ${routes} routes: ${wrong.length} wrong denials, ${missed.length} missed outages, ${unproven} unproven routes, ${price} denials that are the price of inference`,
      );
    }
    for (const { wrong, missed } of counts.values())
      deepStrictEqual({ wrong, missed }, { wrong: [], missed: [] });
    const first = countOf("first");
    ok(first.unproven <= first.routes * OPEN_AT_MOST, `${first.unproven} of ${first.routes} routes are open`);
  });
});
