/** The outcomes of the stacks of a report, with a row for each stack. Does not use the DOM. */
import { stackKey } from "../../../stack/pulumi/urns";
import type { FindingEntry, Input } from "../../model";
import { type OutcomeKind, outcomeKindOf } from "../../outcomes";
import { type Graph, summarize } from "./graph";
import { stackOf } from "./names";

/** One of several stacks: the number of its findings, and of its routes by the outcome of their worst link. */
export interface StackRow {
  readonly stack: string;
  readonly routes: number;
  /** Routes without an answer are not counted. */
  readonly outcomes: ReadonlyMap<OutcomeKind, number>;
  readonly findings: number;
  /** The reason, if the pack does not apply to the stack. */
  readonly notApplicable?: string;
}

/** The stacks of a report, those with the most failures first. */
export function stackRows(
  graph: Graph,
  findings: readonly FindingEntry[],
  inputs: readonly Input[],
): StackRow[] {
  const worstByItem = summarize(graph.links);
  const notApplicableReasons = new Map(inputs.map((input) => [stackKey(input), input.notApplicable]));
  const rows = graph.stacks.map((stack): StackRow => {
    const routes = graph.items.route.filter((route) => route.stack === stack);
    const outcomes = new Map<OutcomeKind, number>();
    for (const route of routes) {
      const worst = worstByItem.get(route);
      if (worst !== undefined)
        outcomes.set(outcomeKindOf(worst), (outcomes.get(outcomeKindOf(worst)) ?? 0) + 1);
    }
    const stackFindings = findings.filter(({ urn }) => stackOf(urn).stack === stack);
    const notApplicable = notApplicableReasons.get(stack);
    const row = { stack, routes: routes.length, outcomes, findings: stackFindings.length };
    return notApplicable === undefined ? row : { ...row, notApplicable };
  });
  const compareCounts = (first: StackRow, second: StackRow, outcome: OutcomeKind): number =>
    (second.outcomes.get(outcome) ?? 0) - (first.outcomes.get(outcome) ?? 0);
  return rows.sort(
    (first, second) =>
      compareCounts(first, second, "denied") ||
      compareCounts(first, second, "two-step") ||
      compareCounts(first, second, "unproven") ||
      Number(first.notApplicable !== undefined) - Number(second.notApplicable !== undefined),
  );
}
