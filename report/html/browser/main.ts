/** Puts the page together and keeps what is filtered and selected. */
import type { ApiEntry } from "../../model";
import { KINDS, type Kind, kindOf } from "../../standings";
import { createDetail } from "./detail";
import { copyButton, count, h, mark } from "./dom";
import { createFindings } from "./findings";
import { stackRows } from "./fleet";
import {
  buildGraph,
  type Filter,
  filterFindings,
  filterGraph,
  type Graph,
  type Item,
  isSelected,
  type Selection,
} from "./graph";
import { createMap } from "./map";
import { createMatrix } from "./matrix";
import { type PackedReport, unpackAnswers } from "./packed";
import { createStacks } from "./stacks";

const ALL_TABS = ["stacks", "map", "matrix", "findings"] as const;
type Tab = (typeof ALL_TABS)[number];
const TAB_NAMES: Readonly<Record<Tab, string>> = {
  stacks: "Stacks",
  map: "Access map",
  matrix: "Matrix",
  findings: "Findings",
};

const NOTHING: Filter = { text: "", outcomes: new Set(), stack: "", api: "", caller: "" };

function start(report: PackedReport, main: HTMLElement): void {
  const graph = buildGraph(report, unpackAnswers(report));
  /** One stack needs no view of stacks. */
  const TABS = ALL_TABS.filter((name) => name !== "stacks" || graph.stacks.length > 1);
  const [first = "map"] = TABS;
  let filter = NOTHING;
  let selection: Selection = {};
  let tab: Tab = first;
  let view = filterGraph(graph, filter);
  /** Where the focus was when something was selected. */
  let goBack = (): void => {};

  const totals = {
    route: graph.items.route.length,
    caller: graph.items.caller.length,
    function: graph.items.function.length,
  };
  const map = createMap(totals, (item) => select({ [item.kind]: item }, () => map.focus(item)));
  const matrix = createMatrix((chosen) => select(chosen, () => matrix.focus()));
  const findings = createFindings(report, (item) => {
    filterBar.reset();
    showTab("map");
    select({ [item.kind]: item }, () => map.focus(item));
  });
  const detail = createDetail(report.policies, deselect);
  const filterBar = createFilterBar(graph, report.apis, (next) => {
    filter = next;
    view = filterGraph(graph, filter);
    if (!view.links.some((link) => isSelected(link, selection))) forget();
    refresh();
  });

  const status = h("p", { role: "status", class: "found" });
  const stacks = createStacks(stackRows(graph, report.findings, report.inputs), (stack) => {
    filterBar.choose(stack);
    showTab("map");
    tabButtons.map.focus();
  });
  const panels: Readonly<Record<Tab, HTMLElement>> = {
    stacks,
    map: map.element,
    matrix: h(
      "div",
      {},
      h(
        "div",
        { class: "hint" },
        h(
          "span",
          { id: "matrix-hint" },
          "A click or Enter shows the gates of a cell, a row or a column; arrow keys move.",
        ),
        copyButton("Copy as CSV", () => matrix.csv()),
      ),
      matrix.element,
    ),
    findings: findings.element,
  };
  matrix.element.setAttribute("aria-describedby", "matrix-hint");
  const tabButtons = Object.fromEntries(
    TABS.map((name) => [
      name,
      h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${name}`,
          "aria-controls": `panel-${name}`,
          click: () => showTab(name),
        },
        TAB_NAMES[name],
      ),
    ]),
  ) as Record<Tab, HTMLButtonElement>;
  const tabList = h(
    "div",
    { role: "tablist", class: "tabs", "aria-label": "Views", keydown: walkTabs },
    ...TABS.map((name) => tabButtons[name]),
  );
  const sections = Object.fromEntries(
    TABS.map((name) => [
      name,
      h(
        "section",
        { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, class: "panel" },
        h("h2", { class: "unseen" }, TAB_NAMES[name]),
        panels[name],
      ),
    ]),
  ) as Record<Tab, HTMLElement>;

  function select(chosen: Selection, back: () => void): void {
    selection = chosen;
    goBack = back;
    detail.show(graph, selection);
    if (tab === "map") map.show(view, selection);
    detail.focus();
  }

  function forget(): void {
    selection = {};
    detail.show(graph, selection);
  }

  function deselect(): void {
    forget();
    if (tab === "map") map.show(view, selection);
    goBack();
    // What was selected may be in another view by now.
    if (!sections[tab].contains(document.activeElement)) tabButtons[tab].focus();
  }

  function showTab(name: Tab): void {
    tab = name;
    for (const one of TABS) {
      tabButtons[one].setAttribute("aria-selected", String(one === tab));
      tabButtons[one].tabIndex = one === tab ? 0 : -1;
      sections[one].hidden = one !== tab;
    }
    main.dataset.tab = tab;
    detail.element.hidden = tab === "findings" || tab === "stacks";
    refresh();
  }

  function walkTabs(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
    showTab(next);
    tabButtons[next].focus();
    event.preventDefault();
  }

  function refresh(): void {
    const found = filterFindings(graph, report.findings, filter);
    tabButtons.findings.textContent = `${TAB_NAMES.findings} (${found.length.toLocaleString("en")})`;
    if (tab === "map") map.show(view, selection);
    if (tab === "matrix") matrix.show(graph, view);
    if (tab === "findings") findings.show(graph, found);
    const { route, caller, function: invoked } = view.items;
    status.textContent = `${count(route.length, "route")}, ${count(caller.length, "caller")}, ${count(invoked.length, "function")}, ${count(found.length, "finding")}`;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || Object.keys(selection).length === 0) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    deselect();
  });

  detail.show(graph, selection);
  main.replaceChildren(
    filterBar.element,
    h("div", { class: "bar" }, tabList, status),
    h(
      "div",
      { class: "work" },
      h("div", { class: "views" }, ...TABS.map((name) => sections[name])),
      detail.element,
    ),
  );
  showTab(first);
}

interface FilterBar {
  readonly element: HTMLElement;
  reset(): void;
  /** Leaves one stack and no other filter. */
  choose(stack: string): void;
}

function createFilterBar(
  graph: Graph,
  apis: readonly ApiEntry[],
  changed: (filter: Filter) => void,
): FilterBar {
  const search = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  const stack = choice(
    "stack",
    "All stacks",
    graph.stacks.map((name) => [name, name]),
  );
  const several = new Map(
    graph.stacks.length > 1 ? graph.items.route.map((one) => [one.api, one.stack]) : [],
  );
  const api = choice(
    "api",
    "All APIs",
    apis.map(({ id, name }) => [id, [name, several.get(id) ?? ""].filter(Boolean).join(" · ")]),
  );
  const caller = choice(
    "caller",
    "All callers",
    graph.items.caller.map(({ id, label }: Item) => [id, label]),
  );
  const outcomes = new Map(
    KINDS.map((outcome) => {
      const number = graph.links.filter(
        ({ standing }) => standing !== undefined && kindOf(standing) === outcome,
      ).length;
      const button = h(
        "button",
        { type: "button", class: "outcome", "data-outcome": outcome, "aria-pressed": "false" },
        mark(outcome),
        h("span", { "aria-hidden": "true" }, outcome),
        " ",
        h("span", { class: "size" }, number.toLocaleString("en")),
      );
      return [outcome, button] as const;
    }),
  );
  const pressed = (outcome: Kind): boolean => outcomes.get(outcome)?.getAttribute("aria-pressed") === "true";
  const reset = h("button", { type: "button", class: "reset", hidden: true }, "Clear filters");
  const change = (): void => {
    const filter: Filter = {
      text: search.value,
      outcomes: new Set(KINDS.filter(pressed)),
      stack: stack.value,
      api: api.value,
      caller: caller.value,
    };
    const chosen = [filter.text, filter.stack, filter.api, filter.caller];
    reset.hidden = filter.outcomes.size === 0 && chosen.every((value) => value === "");
    changed(filter);
  };
  const clear = (): void => {
    choose("");
  };
  const choose = (name: string): void => {
    search.value = "";
    stack.value = name;
    api.value = "";
    caller.value = "";
    for (const button of outcomes.values()) button.setAttribute("aria-pressed", "false");
    change();
  };
  search.addEventListener("input", change);
  stack.addEventListener("change", change);
  api.addEventListener("change", change);
  caller.addEventListener("change", change);
  for (const [outcome, button] of outcomes)
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!pressed(outcome)));
      change();
    });
  reset.addEventListener("click", () => {
    clear();
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
      { class: "outcomes", role: "group", "aria-label": "Outcome of the ways from caller to function" },
      ...outcomes.values(),
    ),
    reset,
  );
  return { element, reset: clear, choose };
}

function field(name: string, control: HTMLElement, more = ""): HTMLElement {
  return h("div", { class: `field ${more}` }, h("label", { for: control.id }, name), control);
}

function choice(id: string, all: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return h(
    "select",
    { id },
    h("option", { value: "" }, all),
    ...options.map(([value, name]) => h("option", { value }, name)),
  );
}

/** Light, dark, or as the system has it. */
function createThemeButton(): HTMLElement {
  const withUnknownPolicies = (): boolean => {
    const chosen = document.documentElement.dataset.theme;
    return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
  };
  const button = h(
    "button",
    { type: "button", class: "theme", "aria-pressed": String(withUnknownPolicies()) },
    "Dark mode",
  );
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = withUnknownPolicies() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(withUnknownPolicies()));
  });
  return button;
}

const data = document.getElementById("report")?.textContent ?? "";
const main = document.querySelector("main");
document.querySelector("header")?.append(createThemeButton());
if (main !== null) start(JSON.parse(data) as PackedReport, main);
