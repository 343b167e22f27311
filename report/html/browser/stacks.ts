/** Several stacks, one per row: the number of their routes that work, with links to their maps. */
import { OUTCOME_NAMES } from "../../../messages/answers";
import { OUTCOME_KINDS } from "../../outcomes";
import { count, h, mark } from "./dom";
import type { StackRow } from "./stack-rows";

export function createStacks(rows: readonly StackRow[], choose: (stack: string) => void): HTMLElement {
  const head = h(
    "tr",
    {},
    h("th", { scope: "col" }, "Stack"),
    h("th", { scope: "col", class: "number" }, "Routes"),
    ...OUTCOME_KINDS.map((kind) =>
      h(
        "th",
        { scope: "col", class: "number" },
        mark(kind),
        h(
          "span",
          { class: "word", "aria-hidden": "true" },
          kind === "two-step" ? "two-step rule" : OUTCOME_NAMES[kind],
        ),
      ),
    ),
    h("th", { scope: "col", class: "number" }, "Findings"),
  );
  const notApplicableCount = rows.filter(({ notApplicable }) => notApplicable !== undefined).length;
  return h(
    "div",
    { class: "stacks", tabindex: 0, role: "region", "aria-label": "Stacks" },
    h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows.map((row) => stackRow(row, choose)))),
    notApplicableCount === 0
      ? undefined
      : h(
          "p",
          { class: "note" },
          `Not applicable to ${notApplicableCount} of ${count(rows.length, "stack")}`,
        ),
  );
}

function stackRow(
  { stack, routes, outcomes, findings, notApplicable }: StackRow,
  choose: (stack: string) => void,
): HTMLElement {
  const worst = OUTCOME_KINDS.find((kind) => (outcomes.get(kind) ?? 0) > 0);
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        { type: "button", class: "stack", click: () => choose(stack) },
        mark(worst),
        h("bdi", {}, stack),
      ),
      notApplicable === undefined
        ? undefined
        : h("span", { class: "sub", title: notApplicable }, " not applicable"),
    ),
    number(routes),
    ...OUTCOME_KINDS.map((kind) => number(outcomes.get(kind) ?? 0, kind)),
    number(findings),
  );
}

function number(value: number, outcome?: string): HTMLElement {
  return h(
    "td",
    { class: "number", "data-outcome": value === 0 ? "none" : outcome },
    value === 0 ? "–" : value.toLocaleString("en"),
  );
}
