/** Assembles the page and keeps its filter and selection. */
import { buildGraph } from "./build-graph";
import { createDetail, type Detail } from "./detail";
import { copyButton, count, h } from "./dom";
import { createFilterBar, type FilterBar } from "./filter-bar";
import { createFindings, type Findings } from "./findings";
import {
  type Filter,
  filterFindings,
  filterGraph,
  type Graph,
  type Item,
  isSelected,
  type Selection,
  type View,
} from "./graph";
import { type AccessMap, createMap } from "./map";
import { createMatrix, type Matrix } from "./matrix";
import { type PackedReport, unpackAnswers } from "./packed-report";
import { stackRows } from "./stack-rows";
import { createStacks } from "./stacks";
import { createTabs, type Tab, type Tabs } from "./tabs";

const NO_FILTER: Filter = { text: "", outcomes: new Set(), stack: "", api: "", caller: "" };

/** The state of the page: filter, selection and view. */
class Page {
  private readonly graph: Graph;
  private filter = NO_FILTER;
  private selection: Selection = {};
  private tab: Tab;
  private view: View;
  /** The focused element at the time of the selection. */
  private returnFocus = (): void => {};

  private readonly map: AccessMap;
  private readonly matrix: Matrix;
  private readonly findings: Findings;
  private readonly detail: Detail;
  private readonly filterBar: FilterBar;
  private readonly tabs: Tabs;
  private readonly status = h("p", { role: "status", class: "found" });

  constructor(
    private readonly report: PackedReport,
    private readonly main: HTMLElement,
  ) {
    const graph = buildGraph(report, unpackAnswers(report));
    this.graph = graph;
    this.view = filterGraph(graph, this.filter);
    const { route, caller, function: invoked } = graph.items;
    const totals = { route: route.length, caller: caller.length, function: invoked.length };
    this.map = createMap(totals, (item) => this.selectItem(item));
    this.matrix = createMatrix((chosen) => this.select(chosen, () => this.matrix.focus()));
    this.findings = createFindings(report, (item) => {
      this.filterBar.reset();
      this.showTab("map");
      this.selectItem(item);
    });
    this.detail = createDetail(report.policies, () => this.deselect());
    this.filterBar = createFilterBar(graph, report.apis, (filter) => this.filterBy(filter));
    const stacks = createStacks(stackRows(graph, report.findings, report.inputs), (stack) => {
      this.filterBar.resetTo(stack);
      this.showTab("map");
      this.tabs.focus("map");
    });
    this.tabs = createTabs(
      {
        stacks,
        map: this.map.element,
        matrix: withHint(this.matrix),
        findings: this.findings.element,
      },
      graph.stacks.length > 1,
      (tab) => this.showTab(tab),
    );
    this.tab = this.tabs.first;
  }

  start(): void {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || Object.keys(this.selection).length === 0) return;
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      this.deselect();
    });
    this.detail.show(this.graph, this.selection);
    this.main.replaceChildren(
      this.filterBar.element,
      h("div", { class: "bar" }, this.tabs.list, this.status),
      h("div", { class: "work" }, h("div", { class: "views" }, ...this.tabs.panels), this.detail.element),
    );
    this.showTab(this.tabs.first);
  }

  private filterBy(filter: Filter): void {
    this.filter = filter;
    this.view = filterGraph(this.graph, filter);
    if (!this.view.links.some((link) => isSelected(link, this.selection))) this.clearSelection();
    this.refresh();
  }

  private selectItem(item: Item): void {
    this.select({ [item.kind]: item }, () => this.map.focus(item));
  }

  private select(chosen: Selection, back: () => void): void {
    this.selection = chosen;
    this.returnFocus = back;
    this.detail.show(this.graph, this.selection);
    if (this.tab === "map") this.map.show(this.view, this.selection);
    this.detail.focus();
  }

  private clearSelection(): void {
    this.selection = {};
    this.detail.show(this.graph, this.selection);
  }

  private deselect(): void {
    this.clearSelection();
    if (this.tab === "map") this.map.show(this.view, this.selection);
    this.returnFocus();
    // The selection may be in another view.
    if (!this.tabs.contains(this.tab, document.activeElement)) this.tabs.focus(this.tab);
  }

  private showTab(tab: Tab): void {
    this.tab = tab;
    this.tabs.show(tab);
    this.main.dataset.tab = tab;
    this.detail.element.hidden = tab === "findings" || tab === "stacks";
    this.refresh();
  }

  private refresh(): void {
    const shownFindings = filterFindings(this.graph, this.report.findings, this.filter);
    this.tabs.setCount("findings", shownFindings.length);
    if (this.tab === "map") this.map.show(this.view, this.selection);
    if (this.tab === "matrix") this.matrix.show(this.graph, this.view);
    if (this.tab === "findings") this.findings.show(this.graph, shownFindings);
    const { route, caller, function: invoked } = this.view.items;
    this.status.textContent = `${count(route.length, "route")}, ${count(caller.length, "caller")}, ${count(invoked.length, "function")}, ${count(shownFindings.length, "finding")}`;
  }
}

/** The matrix below its controls. */
function withHint(matrix: Matrix): HTMLElement {
  matrix.element.setAttribute("aria-describedby", "matrix-hint");
  return h(
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
  );
}

/** Light, dark, or the system's setting. */
function createThemeButton(): HTMLElement {
  const isDark = (): boolean => {
    const chosen = document.documentElement.dataset.theme;
    return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
  };
  const button = h(
    "button",
    { type: "button", class: "theme", "aria-pressed": String(isDark()) },
    "Dark mode",
  );
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(isDark()));
  });
  return button;
}

const data = document.getElementById("report")?.textContent ?? "";
const main = document.querySelector("main");
document.querySelector("header")?.append(createThemeButton());
if (main !== null) new Page(JSON.parse(data) as PackedReport, main).start();
