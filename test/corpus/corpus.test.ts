/**
 * Each program of the corpus has its correct results next to it. The test counts the differences: missed outages and
 * blocked working programs are never accepted.
 */
import { deepStrictEqual, ok } from "node:assert";
import { checkResources, type Plan, type PlannedResource, plan } from "../../testing";
import { reportOnPlans } from "../support/reports";
import { assertSameResponseAsSdk } from "../support/same-as-sdk";
import { type Answer, type Entry, entriesOfCorpus, type Moment, momentOf } from "./corpus";
import { documentsJoined, refreshed, routeAdded } from "./updates";

/** The share of routes that may be unproven in first previews of ordinary programs. */
const OPEN_AT_MOST = 0.05;

interface Count {
  programs: number;
  routes: number;
  unproven: number;
  acceptedDenials: number;
  readonly wrongDenials: string[];
  readonly missedOutages: string[];
}

type Counted = Moment | `${Moment} (hard)`;

const counts = new Map<Counted, Count>();

function countOf(moment: Counted): Count {
  const count = counts.get(moment) ?? {
    programs: 0,
    routes: 0,
    unproven: 0,
    acceptedDenials: 0,
    wrongDenials: [],
    missedOutages: [],
  };
  counts.set(moment, count);
  return count;
}

async function planOf(entry: Entry, moment: Moment): Promise<Plan> {
  const planned = await plan(entry.program, { ...entry.options, as: momentOf(entry, moment) });
  if (entry.state !== undefined) planned.resources.forEach(entry.state);
  return planned;
}

async function countEntry(entry: Entry, moment: Moment, answer: Answer): Promise<void> {
  const planned = await planOf(entry, moment);
  const { routes, answers, findings } = await reportOnPlans([planned], {
    as: moment === "deployed" ? "deployed" : "first-preview",
    ...(entry.config === undefined ? {} : { config: entry.config }),
  });
  const operation = answers.length % 2 === 0 ? "preview" : "update";
  await assertSameResponseAsSdk(planned.resources, entry.config ?? {}, operation);
  const mandatory = findings.filter(({ level }) => level === "mandatory");
  const denied = [...new Set(mandatory.map(({ policy, name }) => `${policy} @ ${name}`))];
  const [expected, acceptedDenials, reported] = [
    answer.denied ?? [],
    answer.acceptedDenials ?? [],
    answer.reported ?? [],
  ];
  const unreported = reported.filter(
    (expectedFinding) => !findings.some(({ policy, name }) => `${policy} @ ${name}` === expectedFinding),
  );
  const open = answers.filter(({ outcome }) => outcome === "unproven").flatMap((unproven) => unproven.routes);
  const count = countOf(entry.hard ? `${moment} (hard)` : moment);
  count.programs += 1;
  count.routes += routes.length;
  count.unproven += new Set(open).size;
  count.acceptedDenials += denied.filter((finding) => acceptedDenials.includes(finding)).length;
  const withEntryName = (finding: string): string => `${entry.name}: ${finding}`;
  count.wrongDenials.push(
    ...denied
      .filter((finding) => !expected.includes(finding) && !acceptedDenials.includes(finding))
      .map(withEntryName),
  );
  count.missedOutages.push(
    ...[...expected.filter((finding) => !denied.includes(finding)), ...unreported].map(withEntryName),
  );
  deepStrictEqual(
    {
      denied: denied.filter((finding) => !acceptedDenials.includes(finding)).sort(),
      unproven: new Set(open).size,
      unreported,
    },
    { denied: [...expected].sort(), unproven: answer.unproven ?? 0, unreported: [] },
    mandatory.map(({ message }) => message).join("\n\n"),
  );
  if (moment === "deployed" && [...expected, ...acceptedDenials, ...reported].length === 0)
    await countUpdates(entry, planned.resources);
}

/** Counts the updates of working stacks and their denials. */
const updates: { count: number; readonly denied: string[] } = { count: 0, denied: [] };

/** An update that adds unrelated resources to a working stack is never blocked. */
async function countUpdates({ name, config }: Entry, deployed: readonly PlannedResource[]): Promise<void> {
  const variants: readonly (readonly [string, readonly PlannedResource[]])[] = [
    ["a refreshed state", refreshed(deployed)],
    ["a new route and its function", routeAdded(deployed)],
    ...documentsJoined(deployed).map(
      ([place, resources]) => [`a queue that joins ${place}`, resources] as const,
    ),
  ];
  const before = updates.denied.length;
  for (const [update, resources] of variants) {
    const findings = await checkResources(resources, config === undefined ? {} : { config });
    const mandatory = findings.filter(({ level }) => level === "mandatory");
    updates.count += 1;
    updates.denied.push(
      ...mandatory.map(
        ({ policy, name: at, message }) => `${name}, ${update}: ${policy} @ ${at}: ${message}`,
      ),
    );
  }
  deepStrictEqual(updates.denied.slice(before), []);
}

describe("the corpus", () => {
  for (const entry of entriesOfCorpus()) {
    for (const [moment, answer] of Object.entries(entry.answers) as [Moment, Answer][]) {
      it(`${entry.name} (${moment})`, () => countEntry(entry, moment, answer));
    }
  }

  it("has a unique name for each program", () => {
    deepStrictEqual(entriesOfCorpus().length, new Set(entriesOfCorpus().map(({ name }) => name)).size);
  });

  it("blocks no working program, misses no outage and leaves few routes unproven", () => {
    for (const [
      moment,
      { programs, routes, unproven, acceptedDenials, wrongDenials, missedOutages },
    ] of counts) {
      console.log(
        `      ${moment}: ${programs} programs, ${routes} routes: ${wrongDenials.length} wrong denials, ${missedOutages.length} missed outages, ${unproven} unproven routes, ${acceptedDenials} accepted denials`,
      );
    }
    console.log(`      ${updates.count} updates of programs that work: ${updates.denied.length} denials`);
    deepStrictEqual(updates.denied, []);
    for (const { wrongDenials, missedOutages } of counts.values())
      deepStrictEqual({ wrongDenials, missedOutages }, { wrongDenials: [], missedOutages: [] });
    const first = countOf("first");
    ok(first.unproven <= first.routes * OPEN_AT_MOST, `${first.unproven} of ${first.routes} routes are open`);
  });
});
