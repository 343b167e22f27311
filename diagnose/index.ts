import type { Analysis } from "../engine/analyze";
import type { PlannedResource } from "../engine/model";
import { known } from "../iam";
import { showRoute } from "../messages";
import { shown, type VerdictWords } from "../report/build";
import { type Caller, CallerFinder } from "./callers";
import { CauseFinder, OF_CALLERS } from "./causes";
import { type Failure, failureOf } from "./failures";
import { hypotheses } from "./hypotheses";
import { identifiersOf } from "./identifiers";
import type { CauseEntry, DiagnosedCaller, Diagnosis, DiagnosisOutcome, FailureEntry } from "./model";
import { type FieldNames, type LogCounts, type LogRecord, readRecords } from "./records";
import { type Destination, RouteFinder } from "./routes";

export type { Diagnosis, FailureEntry } from "./model";
export { FIELDS, type FieldNames, fieldNamed } from "./records";
export { renderDiagnosis } from "./text";

/** Kinds of failures that are kept apart. */
const MOST_FAILURES = 1_000;

/** Causes that one failure lists. */
const MOST_CAUSES = 20;

interface Counted {
  readonly record: LogRecord;
  readonly failure: Failure;
  readonly destination: Destination;
  readonly caller: Caller;
  count: number;
  last: string | undefined;
}

/** Finds why requests of a log failed, by what the policies decided of the stacks. */
export class Diagnosing {
  private readonly routes: RouteFinder;
  private readonly callers: CallerFinder;
  private readonly causes: CauseFinder;
  private readonly counted = new Map<string, Counted>();
  private failed = 0;
  private notListed = 0;

  constructor(analysis: Analysis, resources: readonly PlannedResource[]) {
    const identifiers = identifiersOf(resources, analysis.account?.resources ?? []);
    const { facts } = analysis.access;
    this.routes = new RouteFinder(facts, identifiers);
    this.callers = new CallerFinder(facts, identifiers);
    this.causes = new CauseFinder(analysis);
  }

  read(chunks: AsyncIterable<Buffer>, names: FieldNames): Promise<LogCounts> {
    return readRecords(chunks, names, (record) => this.take(record));
  }

  private take(record: LogRecord): void {
    const failure = failureOf(record);
    if (failure === undefined) return;
    this.failed += 1;
    const destination = this.routes.find(record, failure);
    const caller = this.callers.find(record, failure);
    const key = keyOf(failure, destination, caller, record);
    const before = this.counted.get(key);
    const { time } = record.fields;
    if (before !== undefined) {
      before.count += 1;
      before.last = time ?? before.last;
    } else if (this.counted.size < MOST_FAILURES)
      this.counted.set(key, { record, failure, destination, caller, count: 1, last: time });
    else this.notListed += 1;
  }

  /** What was found. */
  finished(about: Pick<Diagnosis, "tool" | "inputs" | "drift">, log: string, counts: LogCounts): Diagnosis {
    const failures = [...this.counted.values()].map((one) => this.entry(one));
    const { failed, notListed } = this;
    return {
      schemaVersion: 1,
      ...about,
      log: { name: log, ...counts, failed, notListed },
      failures: failures.sort(
        (a, b) =>
          ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) ||
          b.count - a.count ||
          compare(sortKey(a), sortKey(b)),
      ),
    };
  }

  private entry({ record, failure, destination, caller, count, last }: Counted): FailureEntry {
    const answers = destination.routes.flatMap((route) => this.causes.answers(route, failure.gates, caller));
    const outcome = outcomeOf(failure, destination, answers, caller);
    const causes = answers.filter(
      (answer) => answer.outcome === "denied" || (outcome === "unproven" && answer.outcome === "unproven"),
    );
    const { status, time: first, requestId } = record.fields;
    return {
      outcome,
      kind: failure.kind,
      ...(status === undefined ? {} : { status }),
      symptom: failure.symptom,
      ...(failure.meaning === undefined ? {} : { meaning: failure.meaning }),
      count,
      ...(first === undefined ? {} : { first }),
      ...(last === undefined ? {} : { last }),
      ...(requestId === undefined ? {} : { requestId }),
      requested: destination.requested,
      ...(destination.stage === undefined ? {} : { stage: destination.stage }),
      routes: destination.routes.map((route) =>
        shown({
          api: route.api.name,
          apiUrn: route.api.urn,
          label: showRoute(route),
          credentials: route.integration?.credentials.mode ?? ("no function" as const),
        }),
      ),
      caller: callerEntry(caller),
      causes: causes.slice(0, MOST_CAUSES).map(causeEntry),
      hypotheses:
        outcome === "explained" || outcome === "other" ? [] : hypotheses(failure, destination, caller),
    };
  }
}

const ORDER: readonly DiagnosisOutcome[] = ["explained", "unproven", "unexplained", "no-route", "other"];

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortKey({ requested, kind, caller, symptom }: FailureEntry): string {
  return [requested, kind, caller.as ?? "", symptom].join("\u0000");
}

/** Requests with ids and messages of their own are one failure where route, caller and reason are the same. */
function keyOf(
  { kind, symptom, gates }: Failure,
  { routes, requested, unknownApi, stage }: Destination,
  caller: Caller,
  { fields }: LogRecord,
): string {
  const where =
    routes.length > 0
      ? routes.map((route) => `${route.api.urn} ${showRoute(route)}`)
      : [unknownApi ?? "", requested];
  return JSON.stringify([
    kind,
    fields.status,
    gates.length > 0 ? "" : symptom,
    where,
    stage,
    caller.kind,
    caller.kind === "principal" ? caller.principals.map(({ urn }) => urn) : asOf(caller),
  ]);
}

/** Whoever is denied at a gate explains a failure only where it was they who called. */
function outcomeOf(
  { gates }: Failure,
  { routes }: Destination,
  answers: readonly VerdictWords[],
  caller: Caller,
): DiagnosisOutcome {
  if (gates.length === 0) return "other";
  if (routes.length === 0) return "no-route";
  const denied = answers.filter(({ outcome }) => outcome === "denied");
  const isKnown = caller.kind !== "unknown" && caller.kind !== "not-said";
  if (denied.some(({ gate, inferred }) => inferred !== true && (isKnown || !OF_CALLERS.has(gate))))
    return "explained";
  return denied.length > 0 || answers.some(({ outcome }) => outcome === "unproven")
    ? "unproven"
    : "unexplained";
}

function causeEntry(words: VerdictWords): CauseEntry {
  const { gate, outcome, question, policy, urn, evidence, doubts, commands, fix, code } = words;
  return {
    gate,
    outcome,
    question,
    policy,
    urn,
    evidence,
    unknown: doubts,
    ...(commands === undefined ? {} : { commands }),
    ...(fix === undefined ? {} : { fix }),
    ...(code === undefined ? {} : { code }),
  };
}

function asOf(caller: Caller): string | undefined {
  return "as" in caller ? caller.as : undefined;
}

function callerEntry(caller: Caller): DiagnosedCaller {
  const as = asOf(caller);
  const about = { kind: caller.kind, ...(as === undefined ? {} : { as }) };
  if (caller.kind === "external") return { ...about, label: known(caller.principal.arn) ?? caller.as };
  if (caller.kind !== "principal") return about;
  const [only, ...others] = caller.principals;
  if (only === undefined || others.length > 0)
    return { ...about, label: caller.principals.map(({ label }) => label).join(" or ") };
  return { ...about, label: only.label, urn: only.urn };
}
