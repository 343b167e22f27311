/** Builds the graph of a report. Does not use the DOM. */

import { isAboutAuthorizer, isAboutCalling } from "../../gates";
import type { FindingEntry, Report } from "../../model";
import { type DisplayedOutcome, displayedOutcomeOf, worseOf } from "../../outcomes";
import { type Graph, type Item, KINDS, type Link, type Selection, summarize } from "./graph";
import { getOrCreate, grouped } from "./groups";
import { type Items, itemsIn } from "./items";
import { stacksOf } from "./names";
import type { PageAnswer } from "./packed-report";

export function buildGraph(report: Omit<Report, "answers">, answers: readonly PageAnswer[]): Graph {
  const itemsById = itemsIn(report);
  const answersBySubject = groupAnswers(report, itemsById, answers);
  const items: Graph["items"] = {
    route: [...itemsById.routes.values()],
    caller: [...itemsById.callers.values(), ...answersBySubject.placeholderCallers],
    function: [...itemsById.functions.values()],
  };
  const links = linksIn(report, itemsById, answersBySubject);
  // A route or caller without any answer is part of the map, too.
  const linked = summarize(links);
  for (const kind of KINDS)
    for (const item of items[kind]) if (!linked.has(item)) links.push(link({ [kind]: item }, []));
  const callers = callersByRoute(links);
  const twoStep = new Set(answers.filter(({ rule }) => rule === "two-step").map(({ policy }) => policy));
  return {
    stacks: stacksOf(report),
    items,
    links,
    callersOf: (route) => callers.get(route) ?? new Map(),
    outcomeOf: (finding) =>
      finding.policy === UNPROVEN_POLICY ? "unproven" : twoStep.has(finding.policy) ? "two-step" : "denied",
    itemsOf: itemsOfFindings(itemsById, items, answers),
  };
}

/** The answers by subject. */
interface AnswersBySubject {
  /** By route and caller. */
  readonly ofCallers: ReadonlyMap<Item, ReadonlyMap<Item, readonly PageAnswer[]>>;
  /** By caller and function, where there is no route. */
  readonly withoutRoute: ReadonlyMap<Item | undefined, ReadonlyMap<Item | undefined, readonly PageAnswer[]>>;
  /** For a route, regardless of the caller. */
  readonly ofRoute: ReadonlyMap<Item, readonly PageAnswer[]>;
  readonly placeholderCallers: ReadonlySet<Item>;
}

function groupAnswers(
  report: Omit<Report, "answers">,
  { routes, callers, functions, placeholderCallerOf }: Items,
  answers: readonly PageAnswer[],
): AnswersBySubject {
  const ofCallers = new Map<Item, Map<Item, PageAnswer[]>>();
  const withoutRoute = new Map<Item | undefined, Map<Item | undefined, PageAnswer[]>>();
  const ofRoute = new Map<Item, PageAnswer[]>();
  const placeholderCallers = new Set<Item>();
  for (const answer of answers) {
    const caller = callers.get(answer.caller ?? "");
    if (answer.routes.length === 0)
      answersUnder(withoutRoute, caller, functions.get(answer.function ?? "")).push(answer);
    for (const id of answer.routes) {
      const route = routes.get(id);
      if (route === undefined) continue;
      if (caller !== undefined) answersUnder(ofCallers, route, caller).push(answer);
      else getOrCreate(ofRoute, route, () => []).push(answer);
    }
  }
  for (const entry of report.routes) {
    const route = routes.get(entry.id);
    if (route === undefined || ofCallers.has(route)) continue;
    const caller = placeholderCallerOf(entry);
    placeholderCallers.add(caller);
    answersUnder(ofCallers, route, caller);
  }
  return { ofCallers, withoutRoute, ofRoute, placeholderCallers };
}

function linksIn(
  report: Omit<Report, "answers">,
  { routes, functions }: Items,
  { ofCallers, withoutRoute, ofRoute }: AnswersBySubject,
): Link[] {
  const calledBy = new Map(
    report.routes.map(({ id, functions: ids }) => [
      routes.get(id),
      ids.flatMap((called) => functions.get(called) ?? []),
    ]),
  );
  const links: Link[] = [];
  for (const [route, callers] of ofCallers)
    for (const [caller, answers] of callers) {
      const answersOfRoute = [...answers, ...(ofRoute.get(route) ?? [])];
      links.push(...linksOf({ route, caller }, calledBy.get(route) ?? [], answersOfRoute, functions));
    }
  for (const [caller, callees] of withoutRoute)
    for (const [invoked, answers] of callees) links.push(link({ caller, function: invoked }, answers));
  return links;
}

function callersByRoute(
  links: readonly Link[],
): ReadonlyMap<Item, ReadonlyMap<Item, DisplayedOutcome | undefined>> {
  const byRoute = new Map<Item, Map<Item, DisplayedOutcome | undefined>>();
  for (const { route, caller, outcome } of links) {
    if (route === undefined || caller === undefined) continue;
    const ofRoute = getOrCreate(byRoute, route, () => new Map());
    ofRoute.set(caller, worseOf(ofRoute.get(caller), outcome));
  }
  return byRoute;
}

/** A finding is about denied answers; one policy collects the unproven ones. */
const UNPROVEN_POLICY = "unproven-access";

function itemsOfFindings(
  { routes, callers, functions }: Items,
  items: Graph["items"],
  answers: readonly PageAnswer[],
): Graph["itemsOf"] {
  const answersByUrn = grouped(answers, (answer) => [answer.urn]);
  const itemsByUrn = grouped(
    KINDS.flatMap((kind) => items[kind]),
    ({ urn }) => (urn === undefined ? [] : [urn]),
  );
  return (finding: FindingEntry) => {
    const outcome = finding.policy === UNPROVEN_POLICY ? "unproven" : "denied";
    const findingAnswers = (answersByUrn.get(finding.urn) ?? []).filter(
      (answer) => answer.outcome === outcome && (outcome === "unproven" || answer.policy === finding.policy),
    );
    const named = findingAnswers.flatMap((answer) => [
      callers.get(answer.caller ?? ""),
      ...answer.routes.map((id) => routes.get(id)),
      functions.get(answer.function ?? ""),
    ]);
    return [...new Set([...named, ...(itemsByUrn.get(finding.urn) ?? [])])].filter(
      (item) => item !== undefined,
    );
  };
}

/**
 * A link to each function that a route calls, and to its authorizer's. An answer about one of several functions belongs
 * to the link to that one; all other answers about the route belong to each of its functions.
 */
function linksOf(
  ends: Selection,
  called: readonly Item[],
  answers: readonly PageAnswer[],
  functions: ReadonlyMap<string, Item>,
): Link[] {
  if (called.length === 1 && !answers.some(isAboutAuthorizer))
    return [link({ ...ends, function: called[0] }, answers)];
  const otherFunctions = new Set(
    answers
      .flatMap((answer) => functions.get(answer.function ?? "") ?? [])
      .filter((item) => !called.includes(item)),
  );
  const toCalled = (called.length === 0 ? [undefined] : called).map((item) =>
    link(
      { ...ends, function: item },
      answers.filter(
        ({ function: id }) => id === item?.id || !called.some((calledFunction) => calledFunction.id === id),
      ),
    ),
  );
  const toOtherFunctions = [...otherFunctions].map((item) =>
    link(
      { ...ends, function: item },
      answers.filter((answer) => answer.function === item.id),
    ),
  );
  return [...toCalled, ...toOtherFunctions];
}

function link(ends: Selection, answers: readonly PageAnswer[]): Link {
  let call: DisplayedOutcome | undefined;
  let invoke: DisplayedOutcome | undefined;
  for (const answer of answers)
    if (isAboutCalling(answer)) call = worseOf(call, displayedOutcomeOf(answer));
    else invoke = worseOf(invoke, displayedOutcomeOf(answer));
  return {
    route: ends.route,
    caller: ends.caller,
    function: ends.function,
    call,
    invoke,
    outcome: worseOf(call, invoke),
    answers,
  };
}

/** The answers of two items, created on demand. */
function answersUnder<K, L>(map: Map<K, Map<L, PageAnswer[]>>, first: K, second: L): PageAnswer[] {
  return getOrCreate(
    getOrCreate(map, first, () => new Map<L, PageAnswer[]>()),
    second,
    () => [],
  );
}
