import type { Analysis } from "../engine/analyze";
import type { PlannedResource } from "../engine/model";
import { known } from "../iam";
import { showRoute } from "../messages";
import { showFailureMeaning } from "../messages/log-failures";
import { type LogHypothesis, showLogHypothesis } from "../messages/log-hypotheses";
import { shown } from "../report/build";
import type { PrincipalFacts } from "../stack";
import { compareText } from "../stack/pulumi/keys";
import { asksWho } from "./about";
import { type Caller, CallerFinder } from "./callers";
import { CauseFinder, type GateAnswer } from "./causes";
import { type Failure, failureAt, failureOf, isOfCalling, OF_CALLERS } from "./failures";
import { hypotheses } from "./hypotheses";
import { type Identifiers, identifiersOf } from "./identifiers";
import type {
  CauseEntry,
  DiagnosedCaller,
  DiagnosedRoute,
  Diagnosis,
  DiagnosisOutcome,
  FailureEntry,
} from "./model";
import { type FieldNames, type LogCounts, type LogRecord, readRecords } from "./records";
import { type Candidate, type Destination, RouteFinder } from "./routes";

export type { Diagnosis, FailureEntry } from "./model";
export { FIELDS, type FieldNames, fieldNamed } from "./records";
export { renderDiagnosis } from "./text";

/** The maximum number of failures at routes that are kept. */
const MOST_FAILURES = 1_000;

/**
 * The maximum number of other failures, such as those of crawlers that request nonexistent pages: they do not displace
 * failures at routes.
 */
const MOST_OTHERS = 200;

/** The maximum number of requests that are evaluated by path. */
const MOST_REQUESTS = 10_000;

/** The maximum number of causes of a failure. */
const MOST_CAUSES = 20;

/** The maximum numbers of callers of a failure that are counted, and that are listed. */
const MOST_CALLERS = 10_000;
const MOST_NAMED = 20;

interface Counted {
  readonly record: LogRecord;
  readonly failure: Failure;
  readonly destination: Destination;
  readonly caller: Caller;
  /** The other callers with the same explanation. */
  readonly others: Set<string>;
  count: number;
  first: string | undefined;
  last: string | undefined;
}

/** Finds why requests of a log failed, from the decisions of the policies on the stacks. */
export class Diagnosing {
  private readonly profiles: Identifiers["profiles"];
  private readonly routes: RouteFinder;
  private readonly callers: CallerFinder;
  private readonly causes: CauseFinder;
  private readonly counted = new Map<string, Counted>();
  /** Decisions on requests, by the facts that decide. */
  private readonly outcomes = new Map<string, string>();
  private readonly room = { left: MOST_FAILURES };
  private readonly roomForOthers = { left: MOST_OTHERS };
  private failed = 0;
  private notListed = 0;

  /** `areIdsReal`: the resources have the IDs that AWS assigned, as in states. */
  constructor(analysis: Analysis, resources: readonly PlannedResource[], areIdsReal = true) {
    const identifiers = identifiersOf(resources, analysis.account?.resources ?? []);
    this.profiles = identifiers.profiles;
    const { facts } = analysis.access;
    this.routes = new RouteFinder(facts, identifiers, areIdsReal);
    this.callers = new CallerFinder(facts, identifiers, areIdsReal);
    this.causes = new CauseFinder(analysis, resources);
  }

  read(chunks: AsyncIterable<Buffer>, names: FieldNames): Promise<LogCounts> {
    return readRecords(chunks, names, (record) => this.take(record));
  }

  private take(record: LogRecord): void {
    const logged = failureOf(record);
    if (logged === undefined) return;
    this.failed += 1;
    const found = this.routes.find(record, logged);
    const failure = failureAt(
      logged,
      found.candidates.map(({ route }) => route),
    );
    const caller = this.callers.find(record, failure);
    const destination = this.precise(found, caller, failure);
    const outcomes = this.outcomesOf(destination, caller, failure);
    const key = keyOf(failure, destination, {
      status: record.fields.status,
      outcomes,
      who: this.whoKey(destination, caller, failure),
    });
    const before = this.counted.get(key);
    const { time } = record.fields;
    if (before !== undefined) {
      before.count += 1;
      const name = nameOf(caller);
      if (name !== undefined && name !== nameOf(before.caller) && before.others.size < MOST_CALLERS)
        before.others.add(name);
      [before.first, before.last] = spanOf(before, time);
      return;
    }
    const isAtRoute = failure.gates.length > 0 && destination.candidates.length > 0;
    const room = isAtRoute ? this.room : this.roomForOthers;
    if (room.left === 0) this.notListed += 1;
    else {
      room.left -= 1;
      const others = new Set<string>();
      this.counted.set(key, {
        record,
        failure,
        destination,
        caller,
        others,
        count: 1,
        first: time,
        last: time,
      });
    }
  }

  /** Unknown callers are all equal, and so are all callers where no gate evaluates the caller. */
  private whoKey(destination: Destination, caller: Caller, failure: Failure): readonly string[] {
    if (!destination.candidates.some(({ route }) => asksWho({ failure, route }))) return [];
    const areAlike =
      caller.kind === "unknown" ||
      (caller.kind === "external" && !this.outcomesOf(destination, caller, failure).includes("explained"));
    return areAlike ? [caller.kind] : [caller.kind, ...whoseKey(caller)];
  }

  /** Requested paths, as long as there are few. */
  private precise(destination: Destination, caller: Caller, failure: Failure): Destination {
    if (this.outcomes.size < MOST_REQUESTS && asksCaller(caller, failure)) return destination;
    const candidates = destination.candidates.map(({ route, request: { path: _path, ...request } }) => ({
      route,
      request,
    }));
    return { ...destination, candidates };
  }

  /** A caller may be allowed some requests to a route: these are kept apart from the others. */
  private outcomesOf(destination: Destination, caller: Caller, failure: Failure): string {
    if (!asksCaller(caller, failure)) return "";
    const { candidates } = destination;
    const key = JSON.stringify([
      failure.gates,
      whoseKey(caller),
      candidates.map(({ route, request }) => [route.api.urn, showRoute(route), request]),
    ]);
    const before = this.outcomes.get(key);
    if (before !== undefined) return before;
    const outcomes = this.cases(destination, caller, failure).map(({ outcome }) => outcome);
    const found = outcomes.join();
    this.outcomes.set(key, found);
    return found;
  }

  private cases(destination: Destination, caller: Caller, failure: Failure): readonly Case[] {
    return casesOf(destination, caller).map(({ candidate, who }) => {
      const answers = this.causes.answers({ ...candidate, who }, failure);
      return { candidate, answers, outcome: outcomeOf(answers, caller) };
    });
  }

  /** The result. */
  finished(about: Pick<Diagnosis, "tool" | "inputs" | "drift">, log: string, counts: LogCounts): Diagnosis {
    const failures = [...this.counted.values()].map((entry) => this.entry(entry));
    const { failed, notListed } = this;
    return {
      schemaVersion: 1,
      ...about,
      log: { name: log, ...counts, failed, notListed },
      failures: failures.sort(
        (a, b) =>
          ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) ||
          b.count - a.count ||
          compareText(sortKey(a), sortKey(b)),
      ),
    };
  }

  private entry({ record, failure, destination, caller, others, count, first, last }: Counted): FailureEntry {
    const cases = this.cases(destination, caller, failure);
    const outcome = outcomeOfAll(failure, destination, cases);
    const routes = routesOf(destination);
    const { status, requestId } = record.fields;
    return {
      outcome,
      kind: failure.kind,
      ...(status === undefined ? {} : { status }),
      symptom: failure.symptom,
      ...(failure.meaning === undefined ? {} : { meaning: showFailureMeaning(failure.meaning) }),
      count,
      ...(first === undefined ? {} : { first }),
      ...(last === undefined ? {} : { last }),
      ...(requestId === undefined ? {} : { requestId }),
      requested: destination.requested,
      ...(destination.stage === undefined ? {} : { stage: destination.stage }),
      routes,
      caller: callerEntry(caller),
      ...(others.size === 0
        ? {}
        : {
            otherCallers: {
              count: others.size,
              ...(others.size === MOST_CALLERS ? { more: true as const } : {}),
              as: [...others].sort().slice(0, MOST_NAMED),
            },
          }),
      causes: causesOf(cases, outcome, routes.length > 1),
      hypotheses:
        outcome === "explained" || outcome === "other"
          ? []
          : [...whichRequest(cases), ...hypotheses(failure, destination, caller, this.profiles)].map(
              showLogHypothesis,
            ),
    };
  }
}

const ORDER: readonly DiagnosisOutcome[] = ["explained", "unproven", "unexplained", "no-route", "other"];

function sortKey({ requested, kind, caller, symptom }: FailureEntry): string {
  return [requested, kind, caller.as ?? "", symptom].join("\u0000");
}

/** Requests with IDs and messages of their own are one failure when route, caller and reason are the same. */
function keyOf(
  { kind, symptom, gates, byOrganization }: Failure,
  { candidates, requested, unknownApi, stage }: Destination,
  {
    status,
    outcomes,
    who,
  }: { readonly status: string | undefined; readonly outcomes: string; readonly who: readonly string[] },
): string {
  const where =
    candidates.length > 0
      ? candidates.map(({ route }) => `${route.api.urn} ${showRoute(route)}`)
      : [unknownApi ?? "", requested];
  return JSON.stringify([
    kind,
    status,
    gates.length > 0 ? (byOrganization ?? "") : withoutIds(symptom),
    gates,
    where,
    stage,
    outcomes,
    who,
  ]);
}

/** Sessions of one role are one caller, and so are identities of Cognito. */
function whoseKey(caller: Caller): readonly string[] {
  if (caller.kind === "principal")
    return [caller.newId ?? "", ...caller.principals.map(({ urn, label }) => `${urn} ${label}`)];
  if (caller.kind === "external") return [caller.principal.label];
  return caller.kind === "unknown" ? [caller.as.split(":")[0] ?? ""] : [];
}

/** A caller in an entry: a role without its sessions. */
function nameOf(caller: Caller): string | undefined {
  if (caller.kind === "principal") return caller.principals.map(({ label }) => label).join(" or ");
  if (caller.kind === "external") return known(caller.principal.arn) ?? caller.as;
  return caller.kind === "unknown" ? caller.as.split(":")[0] : undefined;
}

/** Messages contain request IDs, which all differ. */
function withoutIds(message: string): string {
  return message.replace(/[0-9a-f-]{8,}|\d+/gi, "");
}

/** One of the routes that a request may have reached, and one of its possible callers. */
interface Case {
  readonly candidate: Candidate;
  readonly answers: readonly GateAnswer[];
  readonly outcome: DiagnosisOutcome;
}

function casesOf({ candidates }: Destination, caller: Caller) {
  const callers = callersOf(caller);
  return candidates.flatMap((candidate) => callers.map((who) => ({ candidate, who })));
}

/** Logs are in order; those of Logs Insights have the latest first. */
function spanOf(
  { first, last }: Pick<Counted, "first" | "last">,
  time: string | undefined,
): readonly [first: string | undefined, last: string | undefined] {
  if (time === undefined) return [first, last];
  return first !== undefined && ISO.test(time) && time < first ? [time, last] : [first ?? time, time];
}

const ISO = /^\d{4}-\d\d-\d\d/;

function asksCaller({ kind }: Caller, failure: Failure): boolean {
  return (kind === "principal" || kind === "external") && isOfCalling(failure);
}

/** `undefined`: any caller is possible. */
function callersOf(caller: Caller): readonly (PrincipalFacts | "none" | undefined)[] {
  if (caller.kind === "principal") return caller.principals;
  if (caller.kind === "external") return [caller.principal];
  return caller.kind === "anonymous" ? ["none"] : [undefined];
}

/** A principal that is denied at a gate explains a failure only if it was the caller. */
function outcomeOf(answers: readonly GateAnswer[], caller: Caller): DiagnosisOutcome {
  // For a re-created role, the state has the policies of the former one.
  const isKnown =
    caller.kind === "principal"
      ? caller.newId === undefined
      : caller.kind !== "unknown" && caller.kind !== "not-said";
  const isCertain = ({ words: { gate, outcome, inferred }, isOfSome }: GateAnswer): boolean =>
    outcome === "denied" && inferred !== true && isOfSome !== true && (isKnown || !OF_CALLERS.has(gate));
  if (answers.some(isCertain)) return "explained";
  return answers.some(({ words, isOfSome }) => words.outcome !== "allowed" || isOfSome === true)
    ? "unproven"
    : "unexplained";
}

/** A failure is explained when every possible route and every possible caller explains it. */
function outcomeOfAll(
  { gates, byOrganization }: Failure,
  { candidates }: Destination,
  cases: readonly Case[],
): DiagnosisOutcome {
  if (gates.length === 0) return "other";
  if (candidates.length === 0) return "no-route";
  const outcomes = new Set(cases.map(({ outcome }) => outcome));
  // AWS names the policy, and a denial of the stacks may be an additional one.
  if (byOrganization === true && outcomes.has("explained")) return "unproven";
  const [only = "unexplained"] = outcomes;
  return outcomes.size < 2 ? only : "unproven";
}

/** Where other requests to the same route have a different answer. */
function whichRequest(cases: readonly Case[]): readonly LogHypothesis[] {
  return cases.some(({ answers }) => answers.some(({ isOfSome }) => isOfSome === true))
    ? [{ code: "which-request" }]
    : [];
}

function routesOf({ candidates }: Destination): readonly DiagnosedRoute[] {
  const routes = candidates.map(({ route }) =>
    shown({
      api: route.api.name,
      apiUrn: route.api.urn,
      label: showRoute(route),
      credentials: route.integration?.credentials.mode ?? ("no function" as const),
    }),
  );
  return [...new Map(routes.map((route) => [JSON.stringify(route), route])).values()];
}

function causesOf(
  cases: readonly Case[],
  outcome: DiagnosisOutcome,
  areSeveral: boolean,
): readonly CauseEntry[] {
  const entries = cases.flatMap(({ candidate, answers }) =>
    answers
      .filter(
        ({ words }) => words.outcome === "denied" || (outcome === "unproven" && words.outcome === "unproven"),
      )
      .map(({ words }) => causeEntry(words, areSeveral ? candidate : undefined)),
  );
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()].slice(0, MOST_CAUSES);
}

function causeEntry(words: GateAnswer["words"], of: Candidate | undefined): CauseEntry {
  const { gate, outcome, question, policy, urn, evidence, doubts, commands, fix, code } = words;
  return {
    gate,
    outcome,
    question,
    policy,
    urn,
    ...(of === undefined ? {} : { route: shown(`${showRoute(of.route)} of API ${of.route.api.name}`) }),
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
  const { newId } = caller;
  const again = newId === undefined ? {} : { newId };
  const [only, ...others] = caller.principals;
  if (only === undefined || others.length > 0)
    return { ...about, label: caller.principals.map(({ label }) => label).join(" or "), ...again };
  return { ...about, label: only.label, urn: only.urn, ...again };
}
