/** The form that filters the map. */
import type { ApiEntry } from "../../model";
import { OUTCOME_KINDS, type OutcomeKind, outcomeKindOf } from "../../outcomes";
import { h, mark } from "./dom";
import type { Filter, Graph, Item } from "./graph";

export interface FilterBar {
  readonly element: HTMLElement;
  reset(): void;
  /** Resets the filter to one stack. */
  resetTo(stack: string): void;
}

export function createFilterBar(
  graph: Graph,
  apis: readonly ApiEntry[],
  onChange: (filter: Filter) => void,
): FilterBar {
  const search = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  const { stack, api, caller } = choices(graph, apis);
  const outcomes = outcomeButtons(graph);
  const reset = h("button", { type: "button", class: "reset", hidden: true }, "Clear filters");
  const change = (): void => {
    const filter: Filter = {
      text: search.value,
      outcomes: new Set(OUTCOME_KINDS.filter((kind) => isPressed(outcomes.get(kind)))),
      stack: stack.value,
      api: api.value,
      caller: caller.value,
    };
    const chosen = [filter.text, filter.stack, filter.api, filter.caller];
    reset.hidden = filter.outcomes.size === 0 && chosen.every((value) => value === "");
    onChange(filter);
  };
  const resetTo = (name: string): void => {
    search.value = "";
    stack.value = name;
    api.value = "";
    caller.value = "";
    for (const button of outcomes.values()) button.setAttribute("aria-pressed", "false");
    change();
  };
  search.addEventListener("input", change);
  for (const control of [stack, api, caller]) control.addEventListener("change", change);
  for (const button of outcomes.values())
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!isPressed(button)));
      change();
    });
  reset.addEventListener("click", () => {
    resetTo("");
    search.focus();
  });
  const element = h(
    "form",
    {
      role: "search",
      class: "filters",
      "aria-label": "Filter",
      submit: (event: Event) => event.preventDefault(),
    },
    field("Search", search, "grow"),
    ...(graph.stacks.length > 1 ? [field("Stack", stack)] : []),
    field("API", api),
    field("Caller", caller),
    h(
      "div",
      { class: "outcomes", role: "group", "aria-label": "Outcome of the paths from caller to function" },
      ...outcomes.values(),
    ),
    reset,
  );
  return { element, reset: () => resetTo(""), resetTo };
}

/** One of a few stacks, APIs or callers. */
function choices(
  graph: Graph,
  apis: readonly ApiEntry[],
): Readonly<Record<"stack" | "api" | "caller", HTMLSelectElement>> {
  const stacksOfApis = new Map(
    graph.stacks.length > 1 ? graph.items.route.map((route) => [route.api, route.stack]) : [],
  );
  return {
    stack: choice(
      "stack",
      "All stacks",
      graph.stacks.map((name) => [name, name]),
    ),
    api: choice(
      "api",
      "All APIs",
      apis.map(({ id, name }) => [id, [name, stacksOfApis.get(id) ?? ""].filter(Boolean).join(" · ")]),
    ),
    caller: choice(
      "caller",
      "All callers",
      graph.items.caller.map(({ id, label }: Item) => [id, label]),
    ),
  };
}

function outcomeButtons({ links }: Graph): ReadonlyMap<OutcomeKind, HTMLButtonElement> {
  return new Map(
    OUTCOME_KINDS.map((kind) => {
      const number = links.filter(
        ({ outcome }) => outcome !== undefined && outcomeKindOf(outcome) === kind,
      ).length;
      const button = h(
        "button",
        { type: "button", class: "outcome", "data-outcome": kind, "aria-pressed": "false" },
        mark(kind),
        h("span", { "aria-hidden": "true" }, kind),
        " ",
        h("span", { class: "size" }, number.toLocaleString("en")),
      );
      return [kind, button];
    }),
  );
}

function isPressed(button: HTMLElement | undefined): boolean {
  return button?.getAttribute("aria-pressed") === "true";
}

function field(name: string, control: HTMLElement, className = ""): HTMLElement {
  return h("div", { class: `field ${className}` }, h("label", { for: control.id }, name), control);
}

function choice(id: string, all: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return h(
    "select",
    { id },
    h("option", { value: "" }, all),
    ...options.map(([value, name]) => h("option", { value }, name)),
  );
}
