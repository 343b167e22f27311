import { distance } from "fastest-levenshtein";
import type { Analysis } from "../engine/analyze";
import {
  AWS_SERVES,
  CHANGES,
  disableAdvice,
  INFERRED,
  showExemption,
  showFix,
  WHOSE_RULE,
} from "../messages";
import { OUTCOME_NAMES } from "../messages/answers";
import { notApplicableReason } from "../messages/not-applicable";
import { printable, printableLines } from "../messages/printable";
import { CALLS_NO_FUNCTION, NO_STAGE } from "../messages/report";
import { matchesPrincipal, matchesRoute, namesOf } from "../policies/framework/patterns";
import { externalPrincipal, type PrincipalFacts, type Route } from "../stack";
import { compareText } from "../stack/pulumi/keys";
import {
  type AnswerContent,
  answerContent,
  type EntryIds,
  type IndexedReport,
  withoutNestedPlaceholders,
} from "./build";
import { GATE_NAMES, GATES, isAboutCalling } from "./gates";
import type { Answer, CallerEntry, GateName, Report, RouteEntry } from "./model";
import { displayedOutcomeOf, SIGNS } from "./outcomes";
import { showSource } from "./sources";
import { driftText, type Paint, painter } from "./text";

/** The gates of a request to a route. */
const ROUTE_GATES = GATE_NAMES.filter((gate) => GATES[gate].appliesTo !== "other-requests");

export interface RouteQuestion {
  /** `GET /orders/{id}`, `orders-api GET /orders/*`, `$default` */
  readonly route: string;
  /** Name, URN or ARN; `*` matches any characters. */
  readonly caller?: string;
}

/** One gate of one route. */
export interface ExplainedGate {
  readonly gate: GateName;
  readonly answers: readonly AnswerContent[];
  /** Why the question does not apply, where there is no answer. */
  readonly notEvaluated?: string;
}

export interface ExplainedRoute {
  readonly route: RouteEntry;
  readonly gates: readonly ExplainedGate[];
}

export type Explanation =
  | { readonly found: true; readonly routes: readonly ExplainedRoute[] }
  | { readonly found: false; readonly missing: "route" | "caller"; readonly suggestions: readonly string[] };

/** The gates of the selected routes, in the order in which a request passes them. */
export function explainRoutes(
  indexed: IndexedReport,
  analysis: Analysis,
  question: RouteQuestion,
): Explanation {
  return withoutNestedPlaceholders(explanationOf(indexed, analysis, question));
}

function explanationOf(indexed: IndexedReport, analysis: Analysis, question: RouteQuestion): Explanation {
  const { report, entryIds } = indexed;
  const names = new Map(report.apis.map(({ id, name }) => [id, name]));
  const nameOf = (route: RouteEntry): string => names.get(route.api) ?? "";
  const matching = report.routes.filter((route) =>
    matchesRoute(question.route, {
      apiName: nameOf(route),
      verb: route.method,
      path: route.path === "" ? route.method : route.path,
    }),
  );
  const routes = matching.length > 0 ? matching : unreadRoutes(indexed, analysis);
  if (routes.length === 0) {
    const names = report.routes.map((route) => `${nameOf(route)} ${route.label}`);
    const suggestions = nearest(question.route, [...report.routes.map(({ label }) => label), ...names]);
    return { found: false, missing: "route", suggestions };
  }
  const { caller } = question;
  if (caller === undefined)
    return {
      found: true,
      routes: routes.map((route) => explainRoute(report, route, answersTo(report, route))),
    };
  const { facts } = analysis.access;
  const factsByRoute = new Map(facts.routes.toReversed().map((fact) => [entryIds.ofRoute(fact), fact]));
  const principals = new Map(
    facts.principals.toReversed().map((principal) => [entryIds.ofCaller(principal), principal]),
  );
  // A caller that is not a principal of the stacks is outside them by the name that was declared.
  const factsOf = ({ id, name }: CallerEntry): PrincipalFacts =>
    principals.get(id) ?? externalPrincipal(name, facts);
  const entries = report.callers.filter((entry) => matchesCaller(factsOf(entry), caller));
  const ids = new Set(entries.map(({ id }) => id));
  // A principal that is not allowed to call any route is not a caller, but can still be explained.
  const matchingPrincipals = facts.principals.filter((principal) => matchesCaller(principal, caller));
  if (entries.length === 0 && matchingPrincipals.length === 0) {
    const names = [...report.callers, ...facts.principals].map(({ name }) => name);
    return { found: false, missing: "caller", suggestions: nearest(caller, names) };
  }
  return {
    found: true,
    routes: routes.map((route) => {
      const answers = answersTo(report, route).filter(
        (answer) => answer.caller === undefined || ids.has(answer.caller),
      );
      const fact = factsByRoute.get(route.id);
      const denied = matchingPrincipals.flatMap((principal) =>
        callerRouteAnswer(principal, route, { fact, entryIds, analysis, answers }),
      );
      return explainRoute(report, route, [...denied, ...answers]);
    }),
  };
}

/** Entries that represent the routes of unknown bodies: any route may be among them. */
function unreadRoutes({ report, entryIds }: IndexedReport, { access }: Analysis): readonly RouteEntry[] {
  const unread = access.facts.routes.filter((route) => route.unknownBody !== undefined);
  const ids = new Set(unread.map(entryIds.ofRoute));
  return report.routes.filter(({ id }) => ids.has(id));
}

function answersTo(report: Report, route: RouteEntry): readonly Answer[] {
  return report.answers.filter(({ routes }) => routes.includes(route.id));
}

function matchesCaller(principal: PrincipalFacts, caller: string): boolean {
  const { urn } = principal;
  return (
    caller === urn ||
    caller === urn.slice(urn.lastIndexOf("::") + 2) ||
    matchesPrincipal(caller, namesOf(principal))
  );
}

/** The existing answers on a route, with its fact, and the entries and the analysis they are from. */
interface AnswerContext {
  readonly fact: Route | undefined;
  readonly entryIds: EntryIds;
  readonly analysis: Analysis;
  readonly answers: readonly Answer[];
}

/** The result of the gate caller-route for a caller that no policy allows to call the route. */
function callerRouteAnswer(
  principal: PrincipalFacts,
  route: RouteEntry,
  { fact, entryIds, analysis, answers }: AnswerContext,
): readonly AnswerContent[] {
  if (route.authorization !== "AWS_IAM" && route.authorization !== "unknown") return [];
  const id = entryIds.ofCaller(principal);
  if (answers.some((answer) => isAboutCalling(answer) && answer.caller === id)) return [];
  const answer = fact && analysis.callers.onCalling(principal, fact);
  return answer === undefined ? [] : [answerContent(answer.reportingPolicy, answer.verdict)];
}

function explainRoute(report: Report, route: RouteEntry, answers: readonly AnswerContent[]): ExplainedRoute {
  // Most APIs have no resource policy, and the question does not apply to them.
  const gateNames = ROUTE_GATES.filter(
    (gate) => GATES[gate].appliesTo === "every-route" || answers.some((answer) => answer.gate === gate),
  );
  const gates = gateNames.map((gate): ExplainedGate => {
    const gateAnswers = answers.filter((answer) => answer.gate === gate);
    return gateAnswers.length > 0
      ? { gate, answers: gateAnswers }
      : { gate, answers: [], notEvaluated: notEvaluated(gate, route, answers, report) };
  });
  return { route, gates };
}

/** Why there is no answer: which routes the question applies to. */
function notEvaluated(
  gate: GateName,
  { authorization, credentials }: RouteEntry,
  answers: readonly AnswerContent[],
  report: Report,
): string {
  const disabled = report.policies.filter(({ level }) => level === "disabled").map(({ name }) => name);
  return notApplicableReason(GATES[gate], {
    authorization,
    credentials,
    disabled: GATES[gate].policies.filter((policy) => disabled.includes(policy)),
    calls: answers.filter(isAboutCalling).map(({ outcome }) => outcome),
  });
}

/** The number of names that are suggested in place of an unknown one. */
const MAX_SUGGESTIONS = 5;

function nearest(name: string, candidates: readonly string[]): readonly string[] {
  const searchedName = name.slice(0, 200).toLowerCase();
  return [...new Set(candidates)]
    .map((text) => ({ name: text, edits: distance(searchedName, text.slice(0, 200).toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits || compareText(a.name, b.name))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name: text }) => text);
}

/** An explanation for a terminal. */
export function renderExplanation(
  report: Report,
  routes: readonly ExplainedRoute[],
  inColor: boolean,
): string {
  const paint = painter(inColor);
  const blocks = [...routes.map((route) => routeBlock(report, route, paint)), driftText(report.drift, paint)];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function routeBlock(report: Report, { route, gates }: ExplainedRoute, paint: Paint): string {
  const api = report.apis.find(({ id }) => id === route.api);
  const functions = report.functions
    .filter(({ id }) => route.functions.includes(id))
    .map(({ label }) => label);
  const facts = [
    `authorization ${route.authorization}`,
    route.credentials === "no function" ? CALLS_NO_FUNCTION : `credentials ${route.credentials}`,
    ...(functions.length === 0 ? [] : [`calls ${functions.join(", ")}`]),
    route.stages.length === 0 ? NO_STAGE : `deployed to ${route.stages.join(", ")}`,
  ];
  return [
    paint.bold(printable(`${route.label} of API ${api?.name} (${api?.kind})`)),
    printable(facts.join(" · ")),
    ...gates.flatMap((gate, index) => ["", ...gateLines(gate, index + 1, paint)]),
  ].join("\n");
}

function gateLines(
  { gate, answers, notEvaluated }: ExplainedGate,
  number: number,
  paint: Paint,
): readonly string[] {
  const { question, status } = GATES[gate];
  const twoStep = answers.length > 0 && answers.every(({ rule }) => rule === "two-step");
  const consequence = twoStep ? WHOSE_RULE["two-step"] : `${status} if not`;
  return [
    `${number}. ${paint.bold(question)} ${paint.dim(`(${consequence})`)}`,
    ...(notEvaluated === undefined ? [] : [`   ${paint.dim(printable(`· ${notEvaluated}`))}`]),
    ...answers.flatMap((answer) => answerLines(answer, paint)),
  ];
}

function answerLines(answer: AnswerContent, paint: Paint): readonly string[] {
  const { outcome, question, evidence, doubts, inferredFrom, symptom, fix, policy, rule } = answer;
  const { exempt, exemptUntil: until, source } = answer;
  const displayed = displayedOutcomeOf(answer);
  const twoStep = rule === "two-step";
  const change = fix === undefined ? answer.change : showFix(fix);
  const lines = [
    ...evidence,
    ...doubts.map((unknown) => `Unknown: ${unknown}`),
    ...(inferredFrom.length === 0 ? [] : [`${INFERRED}: ${inferredFrom.join(", ")}`]),
    ...(symptom === undefined ? [] : [symptom]),
    ...(twoStep && outcome === "denied" ? [AWS_SERVES] : []),
    ...(exempt === undefined ? [] : [`Exempt: ${showExemption(exempt, until)}`]),
    ...(outcome === "allowed" ? [] : [`${policy}: ${WHOSE_RULE[twoStep ? "two-step" : "aws"]}`]),
    ...(twoStep && outcome === "denied" ? [disableAdvice(policy)] : []),
    ...(outcome === "allowed" || source === undefined ? [] : [`At ${showSource(source)}`]),
    ...(change === undefined ? [] : [`${CHANGES[outcome]}: ${change}`]),
  ];
  return [
    `   ${paint.outcome(displayed)(SIGNS[displayed])} ${printable(question)}: ${OUTCOME_NAMES[displayed]}`,
    ...lines.flatMap((line) =>
      printableLines(line)
        .split("\n")
        .map((line) => `       ${line}`),
    ),
  ];
}
