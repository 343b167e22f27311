/** The page's graph: routes, callers and functions, and the links between them. Does not use the DOM. */
import { GATE_NAMES } from "../../gates";
import type { FindingEntry, GateName } from "../../model";
import {
  DISPLAYED_OUTCOMES,
  type DisplayedOutcome,
  displayedOutcomeOf,
  type OutcomeKind,
  outcomeKindOf,
  rankOf,
  worseOf,
} from "../../outcomes";
import { getOrCreate, grouped } from "./groups";
import { naturalOrder, stackOf } from "./names";
import type { PageAnswer } from "./packed-report";

export type Kind = "route" | "caller" | "function";
export const KINDS: readonly Kind[] = ["route", "caller", "function"];

/** A route, a caller or a function. */
export interface Item {
  readonly kind: Kind;
  readonly id: string;
  readonly label: string;
  /** Additional text that distinguishes it from others, in a smaller font. */
  readonly note: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly urn: string | undefined;
  /** Id of a route's API. */
  readonly api?: string;
  /** A route's API; where there are several stacks, the stack. The second line of its header in the matrix. */
  readonly place: string;
  /** `project/stack`; undefined for an item that is in no stack. */
  readonly stack?: string;
  /** It represents callers that are not in the stacks. */
  readonly isPlaceholder?: true;
  /** The text that a search matches, in lower case. */
  readonly searchText: string;
}

/** A path: from a caller through a route to a function, as far as it leads. */
export interface Link {
  readonly route: Item | undefined;
  readonly caller: Item | undefined;
  readonly function: Item | undefined;
  /** Whether the caller may call the route. Undefined when there is no answer. */
  readonly call: DisplayedOutcome | undefined;
  /** The gates after that: whether the function is invoked. */
  readonly invoke: DisplayedOutcome | undefined;
  /** The worse of both. */
  readonly outcome: DisplayedOutcome | undefined;
  /** The answers about it, and about its route. */
  readonly answers: readonly PageAnswer[];
}

export interface Graph {
  /** The stacks of the report, in natural order: a report of one stack has one. */
  readonly stacks: readonly string[];
  readonly items: Readonly<Record<Kind, readonly Item[]>>;
  readonly links: readonly Link[];
  /** The callers of a route, each with the worst outcome of its links. */
  callersOf(route: Item): ReadonlyMap<Item, DisplayedOutcome | undefined>;
  /** The items that a finding is about. */
  itemsOf(finding: FindingEntry): readonly Item[];
  /** The kind of a finding: denied by AWS, denied by the two-step rule, or unproven. */
  outcomeOf(finding: FindingEntry): OutcomeKind;
}

/** The selection: one item, or a route and a caller. */
export type Selection = { readonly [K in Kind]?: Item | undefined };

export interface Filter {
  readonly text: string;
  /** None: all. */
  readonly outcomes: ReadonlySet<OutcomeKind>;
  readonly stack: string;
  readonly api: string;
  readonly caller: string;
}

/** The result of a filter, worst first. */
export interface View {
  readonly links: readonly Link[];
  readonly items: Readonly<Record<Kind, readonly Item[]>>;
  /** The worst remaining link of each item. */
  readonly outcomes: ReadonlyMap<Item, DisplayedOutcome | undefined>;
}

/** The answers about the selection, gate by gate in their order; worst first within a gate. */
export function gatesOf(graph: Graph, selection: Selection): (readonly [GateName, readonly PageAnswer[]])[] {
  const links = graph.links.filter((link) => isSelected(link, selection));
  const byName = grouped(new Set(links.flatMap((link) => link.answers)), (answer) => [answer.gate]);
  return GATE_NAMES.flatMap((gate) => {
    const answers = byName.get(gate);
    return answers === undefined
      ? []
      : [
          [
            gate,
            answers.sort(
              (first, second) => rankOf(displayedOutcomeOf(first)) - rankOf(displayedOutcomeOf(second)),
            ),
          ] as const,
        ];
  });
}

/** The words of a search, all of which have to match. */
export function searchWords(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Filters a map. */
export function filterGraph(graph: Graph, filter: Filter): View {
  const allItems = KINDS.flatMap((kind) => graph.items[kind]);
  const matchesByWord = searchWords(filter.text).map(
    (word) => new Set<Item | undefined>(allItems.filter((item) => item.searchText.includes(word))),
  );
  const links = graph.links.filter(
    (link) =>
      (filter.outcomes.size === 0 ||
        (link.outcome !== undefined && filter.outcomes.has(outcomeKindOf(link.outcome)))) &&
      (filter.stack === "" || KINDS.some((kind) => link[kind]?.stack === filter.stack)) &&
      (filter.api === "" || link.route?.api === filter.api) &&
      (filter.caller === "" || link.caller?.id === filter.caller) &&
      matchesByWord.every(
        (reachable) =>
          reachable.has(link.route) || reachable.has(link.caller) || reachable.has(link.function),
      ),
  );
  const outcomes = summarize(links);
  return {
    links,
    outcomes,
    items: {
      route: worstFirst(graph.items.route, outcomes),
      caller: worstFirst(graph.items.caller, outcomes),
      function: worstFirst(graph.items.function, outcomes),
    },
  };
}

/** The ends of links, each with the worst outcome of its links; undefined where no gate has an answer. */
export function summarize(links: readonly Link[]): Map<Item, DisplayedOutcome | undefined> {
  const outcomes = new Map<Item, DisplayedOutcome | undefined>();
  for (const link of links)
    for (const end of [link.route, link.caller, link.function])
      if (end !== undefined) outcomes.set(end, worseOf(outcomes.get(end), link.outcome));
  return outcomes;
}

/** The items of the summary: the worst first, and in natural order among equals. */
export function worstFirst(
  items: readonly Item[],
  outcomes: ReadonlyMap<Item, DisplayedOutcome | undefined>,
): Item[] {
  return items
    .filter((item) => outcomes.has(item))
    .sort(
      (first, second) =>
        rankOf(outcomes.get(first)) - rankOf(outcomes.get(second)) ||
        Number(first.isPlaceholder ?? false) - Number(second.isPlaceholder ?? false) ||
        naturalOrder.compare(first.label, second.label) ||
        naturalOrder.compare(first.note, second.note),
    );
}

/** Filters the findings. */
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
    const findingItems = filter.api === "" && filter.caller === "" ? [] : graph.itemsOf(finding);
    return (
      words.every((word) => text.includes(word)) &&
      (filter.outcomes.size === 0 || filter.outcomes.has(graph.outcomeOf(finding))) &&
      (filter.stack === "" || stackOf(finding.urn).stack === filter.stack) &&
      (filter.api === "" || findingItems.some((item) => item.api === filter.api)) &&
      (filter.caller === "" ||
        findingItems.some((item) => item.kind === "caller" && item.id === filter.caller))
    );
  });
}

/** The lines between two columns, worst first. */
export interface Edge {
  readonly from: Item;
  readonly to: Item;
  readonly outcome: DisplayedOutcome | undefined;
}

/**
 * The lines between the columns: of the selection, else of all remaining items. At most `limit`, worst first, with
 * their total number.
 */
export function edgesOf(
  view: View,
  selection: Selection,
  limit: number,
): { readonly edges: readonly Edge[]; readonly total: number } {
  const byEnds = new Map<Item, Map<Item, DisplayedOutcome | undefined>>();
  let total = 0;
  const add = (from: Item | undefined, to: Item | undefined, outcome: DisplayedOutcome | undefined): void => {
    if (from === undefined || to === undefined) return;
    const targets = getOrCreate(byEnds, from, () => new Map());
    if (!targets.has(to)) total++;
    targets.set(to, worseOf(targets.get(to), outcome));
  };
  for (const link of view.links) {
    if (!isSelected(link, selection)) continue;
    add(link.route, link.caller, link.call);
    add(link.caller, link.function, link.invoke);
  }
  const byRank: Edge[][] = [...DISPLAYED_OUTCOMES, undefined].map(() => []);
  for (const [from, targets] of byEnds)
    for (const [to, outcome] of targets) byRank[rankOf(outcome)]?.push({ from, to, outcome });
  return { edges: byRank.flat().slice(0, limit), total };
}

/** Without a selection: every link is. */
export function isSelected(link: Link, selection: Selection): boolean {
  return KINDS.every((kind) => selection[kind] === undefined || link[kind] === selection[kind]);
}
