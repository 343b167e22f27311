import type { Analysis } from "../engine/analyze";
import type { PlannedResource } from "../engine/model";
import { known } from "../iam";
import { showFix, showRoute } from "../messages";
import { showFailureMeaning } from "../messages/log-failures";
import { type LogHypothesis, showLogHypothesis } from "../messages/log-hypotheses";
import { withoutNestedPlaceholders } from "../report/build";
import { principalKey, routeKey } from "../report/keys";
import type { PrincipalFacts } from "../stack";
import { compareText } from "../stack/pulumi/keys";
import { type Caller, CallerFinder } from "./callers";
import { CauseFinder, type GateAnswer } from "./causes";
import { evaluatesCaller } from "./failed-request";
import { CALLER_GATES, type Failure, failureOf, failureOnRoutes, isCallerRouteFailure } from "./failures";
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
const MAX_FAILURES = 1_000;

/**
 * The maximum number of other failures, such as those of crawlers that request nonexistent pages: they do not displace
 * failures at routes.
 */
const MAX_OTHER_FAILURES = 200;

/** The maximum number of requests that are evaluated by path. */
const MAX_REQUESTS = 10_000;

/** The maximum number of causes of a failure. */
const MAX_CAUSES = 20;

/** The maximum numbers of callers of a failure that are counted, and that are listed. */
const MAX_COUNTED_CALLERS = 10_000;
const MAX_LISTED_CALLERS = 20;

interface FailureGroup {
  readonly record: LogRecord;
  readonly failure: Failure;
  readonly destination: Destination;
  readonly caller: Caller;
  /** The other callers with the same explanation. */
  readonly otherCallers: Set<string>;
  count: number;
  first: string | undefined;
  last: string | undefined;
}

/** Finds why requests of a log failed, from the decisions of the policies on the stacks. */
export class LogDiagnosis {
  private readonly profiles: Identifiers["profiles"];
  private readonly routes: RouteFinder;
  private readonly callers: CallerFinder;
  private readonly causes: CauseFinder;
  private readonly groups = new Map<string, FailureGroup>();
  /** Decisions on requests, by the facts that decide. */
  private readonly outcomes = new Map<string, string>();
  private readonly remainingAtRoutes = { left: MAX_FAILURES };
  private readonly remainingWithoutRoute = { left: MAX_OTHER_FAILURES };
  private failed = 0;
  private notListed = 0;

  /** `areIdsReal`: the resources have the IDs that AWS assigned, as in states. */
  constructor(analysis: Analysis, resources: readonly PlannedResource[], areIdsReal = true) {
    const identifiers = identifiersOf(resources, analysis.account?.resources ?? []);
    this.profiles = identifiers.profiles;
    const { facts } = analysis.access;
    this.routes = new RouteFinder(facts, identifiers, areIdsReal);
    this.callers = new CallerFinder(facts, identifiers, areIdsReal);
    this.causes = new CauseFinder(analysis);
  }

  read(chunks: AsyncIterable<Buffer>, names: FieldNames): Promise<LogCounts> {
    return readRecords(chunks, names, (record) => this.addRecord(record));
  }

  private addRecord(record: LogRecord): void {
    const logged = failureOf(record);
    if (logged === undefined) return;
    this.failed += 1;
    const loggedDestination = this.routes.find(record, logged);
    const failure = failureOnRoutes(
      logged,
      loggedDestination.candidates.map(({ route }) => route),
    );
    const caller = this.callers.find(record, failure);
    const destination = this.withoutExcessPaths(loggedDestination, caller, failure);
    const outcomes = this.outcomesOf(destination, caller, failure);
    const key = keyOf(failure, destination, {
      status: record.fields.status,
      outcomes,
      possibleCaller: this.callerKeys(destination, caller, failure),
    });
    const group = this.groups.get(key);
    const { time } = record.fields;
    if (group !== undefined) {
      group.count += 1;
      const name = nameOf(caller);
      if (
        name !== undefined &&
        name !== nameOf(group.caller) &&
        group.otherCallers.size < MAX_COUNTED_CALLERS
      )
        group.otherCallers.add(name);
      [group.first, group.last] = timeSpan(group, time);
      return;
    }
    const isAtRoute = failure.gates.length > 0 && destination.candidates.length > 0;
    const remaining = isAtRoute ? this.remainingAtRoutes : this.remainingWithoutRoute;
    if (remaining.left === 0) this.notListed += 1;
    else {
      remaining.left -= 1;
      const otherCallers = new Set<string>();
      this.groups.set(key, {
        record,
        failure,
        destination,
        caller,
        otherCallers,
        count: 1,
        first: time,
        last: time,
      });
    }
  }

  /** Unknown callers are all equal, and so are all callers where no gate evaluates the caller. */
  private callerKeys(destination: Destination, caller: Caller, failure: Failure): readonly string[] {
    if (!destination.candidates.some(({ route }) => evaluatesCaller({ failure, route }))) return [];
    const areEquivalent =
      caller.kind === "unknown" ||
      (caller.kind === "external" && !this.outcomesOf(destination, caller, failure).includes("explained"));
    return areEquivalent ? [caller.kind] : [caller.kind, ...callerKey(caller)];
  }

  /** Requested paths, as long as there are few. */
  private withoutExcessPaths(destination: Destination, caller: Caller, failure: Failure): Destination {
    if (this.outcomes.size < MAX_REQUESTS && isDecidedForCaller(caller, failure)) return destination;
    const candidates = destination.candidates.map(({ route, request: { path: _path, ...request } }) => ({
      route,
      request,
    }));
    return { ...destination, candidates };
  }

  /** A caller may be allowed some requests to a route: these are kept apart from the others. */
  private outcomesOf(destination: Destination, caller: Caller, failure: Failure): string {
    if (!isDecidedForCaller(caller, failure)) return "";
    const { candidates } = destination;
    const key = JSON.stringify([
      failure.gates,
      callerKey(caller),
      candidates.map(({ route, request }) => [routeKey(route), request]),
    ]);
    const cached = this.outcomes.get(key);
    if (cached !== undefined) return cached;
    const outcomes = this.cases(destination, caller, failure).map(({ outcome }) => outcome);
    const joined = outcomes.join();
    this.outcomes.set(key, joined);
    return joined;
  }

  private cases(destination: Destination, caller: Caller, failure: Failure): readonly Case[] {
    return casesOf(destination, caller).map(({ candidate, possibleCaller }) => {
      const answers = this.causes.answers({ ...candidate, caller: possibleCaller }, failure);
      return { candidate, answers, outcome: outcomeOf(answers, caller) };
    });
  }

  /** The result. */
  result(summary: Pick<Diagnosis, "tool" | "inputs" | "drift">, log: string, counts: LogCounts): Diagnosis {
    const failures = [...this.groups.values()].map((entry) => this.entry(entry));
    const { failed, notListed } = this;
    return {
      schemaVersion: 1,
      ...summary,
      log: { name: log, ...counts, failed, notListed },
      failures: failures.sort(
        (a, b) =>
          ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) ||
          b.count - a.count ||
          compareText(sortKey(a), sortKey(b)),
      ),
    };
  }

  private entry({
    record,
    failure,
    destination,
    caller,
    otherCallers,
    count,
    first,
    last,
  }: FailureGroup): FailureEntry {
    const cases = this.cases(destination, caller, failure);
    const outcome = combinedOutcome(failure, destination, cases);
    const routes = routesOf(destination);
    const { status, requestId } = record.fields;
    return withoutNestedPlaceholders<FailureEntry>({
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
      ...(otherCallers.size === 0
        ? {}
        : {
            otherCallers: {
              count: otherCallers.size,
              ...(otherCallers.size === MAX_COUNTED_CALLERS ? { more: true as const } : {}),
              as: [...otherCallers].sort().slice(0, MAX_LISTED_CALLERS),
            },
          }),
      causes: causesOf(cases, outcome, routes.length > 1),
      hypotheses:
        outcome === "explained" || outcome === "other"
          ? []
          : [
              ...whichRequestHypothesis(cases),
              ...hypotheses(failure, destination, caller, this.profiles),
            ].map(showLogHypothesis),
    });
  }
}

const ORDER: readonly DiagnosisOutcome[] = ["explained", "unproven", "unexplained", "no-route", "other"];

function sortKey({ requested, kind, caller, symptom }: FailureEntry): string {
  return [requested, kind, caller.as ?? "", symptom].join("\u0000");
}

/** Requests with different IDs and messages are one failure when route, caller and reason are the same. */
function keyOf(
  { kind, symptom, gates, byOrganization }: Failure,
  { candidates, requested, unknownApi, stage }: Destination,
  {
    status,
    outcomes,
    possibleCaller,
  }: {
    readonly status: string | undefined;
    readonly outcomes: string;
    readonly possibleCaller: readonly string[];
  },
): string {
  const target =
    candidates.length > 0 ? candidates.map(({ route }) => routeKey(route)) : [unknownApi ?? "", requested];
  return JSON.stringify([
    kind,
    status,
    gates.length > 0 ? (byOrganization ?? "") : withoutIds(symptom),
    gates,
    target,
    stage,
    outcomes,
    possibleCaller,
  ]);
}

/** Sessions of one role are one caller, and so are identities of Cognito. */
function callerKey(caller: Caller): readonly string[] {
  if (caller.kind === "principal") return [caller.newId ?? "", ...caller.principals.map(principalKey)];
  if (caller.kind === "external") return [principalKey(caller.principal)];
  return caller.kind === "unknown" ? [caller.loggedAs.split(":")[0] ?? ""] : [];
}

/** A caller in an entry: a role without its sessions. */
function nameOf(caller: Caller): string | undefined {
  if (caller.kind === "principal") return caller.principals.map(({ label }) => label).join(" or ");
  if (caller.kind === "external") return known(caller.principal.arn) ?? caller.loggedAs;
  return caller.kind === "unknown" ? caller.loggedAs.split(":")[0] : undefined;
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
  return candidates.flatMap((candidate) => callers.map((possibleCaller) => ({ candidate, possibleCaller })));
}

/** Logs are in chronological order; results of Logs Insights have the latest record first. */
function timeSpan(
  { first, last }: Pick<FailureGroup, "first" | "last">,
  time: string | undefined,
): readonly [first: string | undefined, last: string | undefined] {
  if (time === undefined) return [first, last];
  return first !== undefined && ISO.test(time) && time < first ? [time, last] : [first ?? time, time];
}

const ISO = /^\d{4}-\d\d-\d\d/;

function isDecidedForCaller({ kind }: Caller, failure: Failure): boolean {
  return (kind === "principal" || kind === "external") && isCallerRouteFailure(failure);
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
  const isCertain = ({ content: { gate, outcome, inferred }, appliesInPart }: GateAnswer): boolean =>
    outcome === "denied" &&
    inferred !== true &&
    appliesInPart !== true &&
    (isKnown || !CALLER_GATES.has(gate));
  if (answers.some(isCertain)) return "explained";
  return answers.some(({ content, appliesInPart }) => content.outcome !== "allowed" || appliesInPart === true)
    ? "unproven"
    : "unexplained";
}

/** A failure is explained when every possible route and every possible caller explains it. */
function combinedOutcome(
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

/** Present if other requests to the same route have a different result. */
function whichRequestHypothesis(cases: readonly Case[]): readonly LogHypothesis[] {
  return cases.some(({ answers }) => answers.some(({ appliesInPart }) => appliesInPart === true))
    ? [{ code: "which-request" }]
    : [];
}

function routesOf({ candidates }: Destination): readonly DiagnosedRoute[] {
  const routes = candidates.map(({ route }) => ({
    api: route.api.name,
    apiUrn: route.api.urn,
    label: showRoute(route),
    credentials: route.integration?.credentials.mode ?? ("no function" as const),
  }));
  return [...new Map(routes.map((route) => [JSON.stringify(route), route])).values()];
}

function causesOf(
  cases: readonly Case[],
  outcome: DiagnosisOutcome,
  hasSeveralRoutes: boolean,
): readonly CauseEntry[] {
  const entries = cases.flatMap(({ candidate, answers }) =>
    answers
      .filter(
        ({ content }) =>
          content.outcome === "denied" || (outcome === "unproven" && content.outcome === "unproven"),
      )
      .map(({ content }) => causeEntry(content, hasSeveralRoutes ? candidate : undefined)),
  );
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()].slice(0, MAX_CAUSES);
}

function causeEntry(content: GateAnswer["content"], candidate: Candidate | undefined): CauseEntry {
  const { gate, outcome, question, policy, urn, evidence, doubts, commands, fix } = content;
  return {
    gate,
    outcome,
    question,
    policy,
    urn,
    ...(candidate === undefined
      ? {}
      : {
          route: `${showRoute(candidate.route)} of API ${candidate.route.api.name}`,
        }),
    evidence,
    unknown: doubts,
    ...(commands === undefined ? {} : { commands }),
    ...(fix === undefined ? {} : { fix: showFix(fix) }),
    ...(fix?.code === undefined ? {} : { code: fix.code }),
  };
}

function loggedName(caller: Caller): string | undefined {
  return "loggedAs" in caller ? caller.loggedAs : undefined;
}

function callerEntry(caller: Caller): DiagnosedCaller {
  const as = loggedName(caller);
  const summary = { kind: caller.kind, ...(as === undefined ? {} : { as }) };
  if (caller.kind === "external")
    return { ...summary, label: known(caller.principal.arn) ?? caller.loggedAs };
  if (caller.kind !== "principal") return summary;
  const { newId } = caller;
  const newIdField = newId === undefined ? {} : { newId };
  const [only, ...alternatives] = caller.principals;
  if (only === undefined || alternatives.length > 0)
    return { ...summary, label: caller.principals.map(({ label }) => label).join(" or "), ...newIdField };
  return { ...summary, label: only.label, urn: only.urn, ...newIdField };
}
