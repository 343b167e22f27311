/** What the page draws: routes, callers and functions, and the links between them. No DOM in here. */
import { GATE_NAMES } from "../../gates";
import type { ApiEntry, FindingEntry, GateName, Report, RouteEntry } from "../../model";
import {
  kindOf,
  type Kind as Outcome,
  rankOf,
  STANDINGS,
  type Standing,
  standingOf,
  worseOf,
} from "../../standings";
import { naturally, stackOf, stacksOf } from "./names";
import type { PageAnswer } from "./packed";

export type Kind = "route" | "caller" | "function";
export const KINDS: readonly Kind[] = ["route", "caller", "function"];

/** A route, a caller or a function. */
export interface Item {
  readonly kind: Kind;
  readonly id: string;
  readonly label: string;
  /** What else tells it from others, shown small. */
  readonly note: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly urn: string | undefined;
  /** Id of a route's API. */
  readonly api?: string;
  /** A route's API; where there are several stacks, the stack. What else a head of the matrix has to say. */
  readonly place: string;
  /** `project/stack`; undefined for what no stack holds. */
  readonly stack?: string;
  /** Stands for callers that the stacks do not hold. */
  readonly nobody?: true;
  /** What a search finds it by, in lower case. */
  readonly words: string;
}

/** A way through: from a caller by a route to a function, as far as it goes. */
export interface Link {
  readonly route: Item | undefined;
  readonly caller: Item | undefined;
  readonly function: Item | undefined;
  /** May the caller call the route? Undefined when nobody asked. */
  readonly call: Standing | undefined;
  /** What comes after: does the function get invoked? */
  readonly invoke: Standing | undefined;
  /** The worse of both. */
  readonly standing: Standing | undefined;
  /** What was asked about it, and about its route. */
  readonly answers: readonly PageAnswer[];
}

export interface Graph {
  /** The stacks of the report, in natural order: a report of one stack has one. */
  readonly stacks: readonly string[];
  readonly items: Readonly<Record<Kind, readonly Item[]>>;
  readonly links: readonly Link[];
  /** The callers of a route, each with the worst outcome of its links. */
  callersOf(route: Item): ReadonlyMap<Item, Standing | undefined>;
  /** The items that a finding is about. */
  itemsOf(finding: FindingEntry): readonly Item[];
  /** What a finding says: that something is denied, by AWS or by the two-step rule, or unproven. */
  outcomeOf(finding: FindingEntry): Outcome;
}

/** What is looked at: one item, or a route and a caller. */
export type Selection = { readonly [K in Kind]?: Item | undefined };

export interface Filter {
  readonly text: string;
  /** None: all. */
  readonly outcomes: ReadonlySet<Outcome>;
  readonly stack: string;
  readonly api: string;
  readonly caller: string;
}

/** What a filter leaves, worst first. */
export interface View {
  readonly links: readonly Link[];
  readonly items: Readonly<Record<Kind, readonly Item[]>>;
  /** The worst of the links that are left of each item. */
  readonly standings: ReadonlyMap<Item, Standing | undefined>;
}

/** Who calls a route that no caller of the stacks is known for. */
const OPEN: Readonly<Record<RouteEntry["authorization"], string>> = {
  NONE: "anyone",
  LAMBDA: "whom the Lambda authorizer lets in",
  OTHER: "whom another authorizer lets in",
  AWS_IAM: "no caller in these stacks",
  unknown: "callers not known",
};

const CREDENTIALS: Readonly<Record<RouteEntry["credentials"], string>> = {
  none: "the function's resource policy",
  caller: "the caller's credentials",
  role: "a credentials role",
  unknown: "unknown credentials",
  "no function": "calls no function",
};

/** The answers about what is selected, gate by gate in their order; worst first within a gate. */
export function gatesOf(graph: Graph, selection: Selection): (readonly [GateName, readonly PageAnswer[]])[] {
  const links = graph.links.filter((link) => isSelected(link, selection));
  const byName = grouped(new Set(links.flatMap((link) => link.answers)), (answer) => [answer.gate]);
  return GATE_NAMES.flatMap((gate) => {
    const answers = byName.get(gate);
    return answers === undefined
      ? []
      : [[gate, answers.sort((one, other) => rankOf(standingOf(one)) - rankOf(standingOf(other)))] as const];
  });
}

export function buildGraph(report: Omit<Report, "answers">, answers: readonly PageAnswer[]): Graph {
  const apis = new Map(report.apis.map((api) => [api.id, api]));
  const stacks = stacksOf(report);
  const item = (parts: ItemParts): Item => itemIn(parts, stacks.length > 1);
  const routes = new Map(
    report.routes.map((route) => [route.id, item(routeParts(route, apis.get(route.api)))]),
  );
  const callers = new Map(
    report.callers.map(({ id, kind, name, urn, arn }) => [
      id,
      item({
        kind: "caller",
        id,
        label: name,
        note: kind,
        urn,
        facts: [
          ["ARN", arn],
          ["Resource", urn],
        ],
      }),
    ]),
  );
  const functions = new Map(
    report.functions.map(({ id, label, urn, arn }) => [
      id,
      item({
        kind: "function",
        id,
        label,
        note: urn === undefined ? "outside the stacks" : "",
        urn,
        facts: [...fact("ARN", arn), ...fact("Resource", urn)],
      }),
    ]),
  );

  /** By route and caller, and what has no route by caller and function. */
  const ofCallers = new Map<Item, Map<Item, PageAnswer[]>>();
  const alongside = new Map<Item | undefined, Map<Item | undefined, PageAnswer[]>>();
  const answersOfRoute = new Map<Item, PageAnswer[]>();
  for (const answer of answers) {
    const caller = callers.get(answer.caller ?? "");
    const invoked = functions.get(answer.function ?? "");
    if (answer.routes.length === 0) at(alongside, caller, invoked).push(answer);
    for (const id of answer.routes) {
      const route = routes.get(id);
      if (route === undefined) continue;
      if (caller !== undefined) at(ofCallers, route, caller).push(answer);
      else reached(answersOfRoute, route, () => []).push(answer);
    }
  }
  const open = new Map<string, Item>();
  for (const { id, authorization } of report.routes) {
    const route = routes.get(id);
    if (route === undefined || ofCallers.has(route)) continue;
    const label = OPEN[authorization];
    const nobody = reached(open, label, () =>
      item({
        kind: "caller",
        id: `open ${authorization}`,
        label,
        note: "",
        urn: undefined,
        facts: [],
        nobody: true,
      }),
    );
    at(ofCallers, route, nobody);
  }
  const items = {
    route: [...routes.values()],
    caller: [...callers.values(), ...open.values()],
    function: [...functions.values()],
  };

  const calledBy = new Map(
    report.routes.map(({ id, functions: ids }) => [
      routes.get(id),
      ids.flatMap((one) => functions.get(one) ?? []),
    ]),
  );
  const links: Link[] = [];
  for (const [route, callersOf] of ofCallers)
    for (const [caller, own] of callersOf) {
      const all = own.concat(answersOfRoute.get(route) ?? []);
      links.push(...linksOf({ route, caller }, calledBy.get(route) ?? [], all, functions));
    }
  for (const [caller, callees] of alongside)
    for (const [invoked, own] of callees) links.push(link({ caller, function: invoked }, own));
  // What nothing asks about is part of the map all the same.
  const linked = summarize(links);
  for (const kind of KINDS)
    for (const one of items[kind]) if (!linked.has(one)) links.push(link({ [kind]: one }, []));

  const byPair = new Map<Item, Map<Item, Standing | undefined>>();
  for (const { route, caller, standing } of links) {
    if (route === undefined || caller === undefined) continue;
    const ofRoute = reached(byPair, route, () => new Map());
    ofRoute.set(caller, worseOf(ofRoute.get(caller), standing));
  }
  const twoStep = new Set(answers.filter(({ rule }) => rule === "two-step").map(({ policy }) => policy));
  const answersByUrn = grouped(answers, (answer) => [answer.urn]);
  const itemsByUrn = grouped(
    KINDS.flatMap((kind) => items[kind]),
    ({ urn }) => (urn === undefined ? [] : [urn]),
  );

  return {
    stacks,
    items,
    links,
    callersOf: (route) => byPair.get(route) ?? new Map(),
    outcomeOf: (finding) =>
      finding.policy === GATHERS_UNPROVEN ? "unproven" : twoStep.has(finding.policy) ? "two-step" : "denied",
    itemsOf(finding) {
      const outcome = finding.policy === GATHERS_UNPROVEN ? "unproven" : "denied";
      const about = (answersByUrn.get(finding.urn) ?? []).filter(
        (answer) =>
          answer.outcome === outcome && (outcome === "unproven" || answer.policy === finding.policy),
      );
      const found = about.flatMap((answer) => [
        callers.get(answer.caller ?? ""),
        ...answer.routes.map((id) => routes.get(id)),
        functions.get(answer.function ?? ""),
      ]);
      return [...new Set([...found, ...(itemsByUrn.get(finding.urn) ?? [])])].filter(
        (one) => one !== undefined,
      );
    },
  };
}

/** A finding speaks of what is denied; one policy gathers what is unproven. */
const GATHERS_UNPROVEN = "unproven-access";

/**
 * A link to each function that a route calls, and to the one of its authorizer. An answer about one of several
 * functions is for the link to that one; whatever else is asked about the route is for each that it calls.
 */
function linksOf(
  ends: Selection,
  called: readonly Item[],
  answers: readonly PageAnswer[],
  functions: ReadonlyMap<string, Item>,
): Link[] {
  if (called.length === 1 && answers.every((answer) => answer.gate !== "authorizer-function"))
    return [link({ ...ends, function: called[0] }, answers)];
  const others = new Set(
    answers
      .flatMap((answer) => functions.get(answer.function ?? "") ?? [])
      .filter((one) => !called.includes(one)),
  );
  const toCalled = (called.length === 0 ? [undefined] : called).map((one) =>
    link(
      { ...ends, function: one },
      answers.filter(({ function: id }) => id === one?.id || !called.some((other) => other.id === id)),
    ),
  );
  const toOthers = [...others].map((one) =>
    link(
      { ...ends, function: one },
      answers.filter((answer) => answer.function === one.id),
    ),
  );
  return [...toCalled, ...toOthers];
}

function link(ends: Selection, answers: readonly PageAnswer[]): Link {
  let call: Standing | undefined;
  let invoke: Standing | undefined;
  for (const answer of answers)
    if (answer.gate === "caller-route") call = worseOf(call, standingOf(answer));
    else invoke = worseOf(invoke, standingOf(answer));
  return {
    route: ends.route,
    caller: ends.caller,
    function: ends.function,
    call,
    invoke,
    standing: worseOf(call, invoke),
    answers,
  };
}

function routeParts(route: RouteEntry, api: ApiEntry | undefined): ItemParts {
  const name = api?.name ?? "";
  return {
    kind: "route",
    id: route.id,
    label: route.label,
    note: [name, route.authorization === "unknown" ? "unknown authorization" : route.authorization].join(
      " · ",
    ),
    urn: route.urn,
    facts: [
      ["API", name],
      ["Authorization", route.authorization],
      ["Invoked by", CREDENTIALS[route.credentials]],
      ["Stages", route.stages.length === 0 ? "none in the plan" : route.stages.join(", ")],
      ...fact("Resource", route.urn),
    ],
    api: route.api,
    apiName: name,
    ...stackOf(api?.urn ?? route.urn),
  };
}

type ItemParts = Omit<Item, "words" | "place"> & { readonly apiName?: string };

/** Where there are several stacks, each item says which one it is of. */
function itemIn({ apiName = "", ...parts }: ItemParts, several: boolean): Item {
  const { stack } = { ...stackOf(parts.urn), ...parts };
  const shown = several && stack !== undefined ? stack : "";
  const joined = (...all: string[]): string => all.filter((part) => part !== "").join(" · ");
  const note = joined(parts.note, shown);
  const words = [parts.label, note, ...parts.facts.map(([, value]) => value)];
  return {
    ...parts,
    ...(stack === undefined ? {} : { stack }),
    note,
    place: joined(apiName, shown),
    words: words.join("\n").toLowerCase(),
  };
}

function fact(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]];
}

/** The answers under two keys, to add to. */
function at<K, L>(map: Map<K, Map<L, PageAnswer[]>>, one: K, other: L): PageAnswer[] {
  return reached(
    reached(map, one, () => new Map<L, PageAnswer[]>()),
    other,
    () => [],
  );
}

function reached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}

function grouped<T>(all: Iterable<T>, keysOf: (one: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) for (const key of keysOf(one)) reached(groups, key, () => [] as T[]).push(one);
  return groups;
}

/** The words of a search, each of which has to be found. */
export function searchWords(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** What a filter leaves of a map. */
export function filterGraph(graph: Graph, filter: Filter): View {
  const everything = KINDS.flatMap((kind) => graph.items[kind]);
  const found = searchWords(filter.text).map(
    (word) => new Set<Item | undefined>(everything.filter((one) => one.words.includes(word))),
  );
  const links = graph.links.filter(
    (link) =>
      (filter.outcomes.size === 0 ||
        (link.standing !== undefined && filter.outcomes.has(kindOf(link.standing)))) &&
      (filter.stack === "" || KINDS.some((kind) => link[kind]?.stack === filter.stack)) &&
      (filter.api === "" || link.route?.api === filter.api) &&
      (filter.caller === "" || link.caller?.id === filter.caller) &&
      found.every((some) => some.has(link.route) || some.has(link.caller) || some.has(link.function)),
  );
  const standings = summarize(links);
  return {
    links,
    standings,
    items: {
      route: worstFirst(graph.items.route, standings),
      caller: worstFirst(graph.items.caller, standings),
      function: worstFirst(graph.items.function, standings),
    },
  };
}

/** The ends of links, each with the worst standing of its links; undefined where no gate was asked about. */
export function summarize(links: readonly Link[]): Map<Item, Standing | undefined> {
  const standings = new Map<Item, Standing | undefined>();
  for (const link of links)
    for (const end of [link.route, link.caller, link.function])
      if (end !== undefined) standings.set(end, worseOf(standings.get(end), link.standing));
  return standings;
}

/** The items that are summarized: the worst first, and in natural order among equals. */
export function worstFirst(
  items: readonly Item[],
  standings: ReadonlyMap<Item, Standing | undefined>,
): Item[] {
  return items
    .filter((one) => standings.has(one))
    .sort(
      (one, other) =>
        rankOf(standings.get(one)) - rankOf(standings.get(other)) ||
        Number(one.nobody ?? false) - Number(other.nobody ?? false) ||
        naturally.compare(one.label, other.label) ||
        naturally.compare(one.note, other.note),
    );
}

/** The findings that a filter leaves. */
export function filterFindings(
  graph: Graph,
  findings: readonly FindingEntry[],
  filter: Filter,
): FindingEntry[] {
  const words = searchWords(filter.text);
  return findings.filter((finding) => {
    const text = [finding.policy, finding.name, finding.type, finding.urn, finding.message]
      .join("\n")
      .toLowerCase();
    const about = filter.api === "" && filter.caller === "" ? [] : graph.itemsOf(finding);
    return (
      words.every((word) => text.includes(word)) &&
      (filter.outcomes.size === 0 || filter.outcomes.has(graph.outcomeOf(finding))) &&
      (filter.stack === "" || stackOf(finding.urn).stack === filter.stack) &&
      (filter.api === "" || about.some((one) => one.api === filter.api)) &&
      (filter.caller === "" || about.some((one) => one.kind === "caller" && one.id === filter.caller))
    );
  });
}

/** What is drawn between two columns, worst first. */
export interface Edge {
  readonly from: Item;
  readonly to: Item;
  readonly standing: Standing | undefined;
}

/**
 * The lines between the columns: of what is selected, else of all that is left. At most `most`, worst first, with
 * how many there are in all.
 */
export function edgesOf(
  view: View,
  selection: Selection,
  most: number,
): { readonly edges: readonly Edge[]; readonly all: number } {
  const byEnds = new Map<Item, Map<Item, Standing | undefined>>();
  let all = 0;
  const add = (from: Item | undefined, to: Item | undefined, standing: Standing | undefined): void => {
    if (from === undefined || to === undefined) return;
    const ofFrom = reached(byEnds, from, () => new Map());
    if (!ofFrom.has(to)) all++;
    ofFrom.set(to, worseOf(ofFrom.get(to), standing));
  };
  for (const link of view.links) {
    if (!isSelected(link, selection)) continue;
    add(link.route, link.caller, link.call);
    add(link.caller, link.function, link.invoke);
  }
  const byRank: Edge[][] = [...STANDINGS, undefined].map(() => []);
  for (const [from, ofFrom] of byEnds)
    for (const [to, standing] of ofFrom) byRank[rankOf(standing)]?.push({ from, to, standing });
  return { edges: byRank.flat().slice(0, most), all };
}

/** Nothing selected: every link is. */
export function isSelected(link: Link, selection: Selection): boolean {
  return KINDS.every((kind) => selection[kind] === undefined || link[kind] === selection[kind]);
}
