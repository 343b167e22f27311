/** Callers × routes. Only the visible cells exist; screen readers get the number of the others. */

import { bodyRow, type CellPosition, headRow, idOf, outcomeAt, type Table, type VisibleRange } from "./cells";
import { h, wordOf } from "./dom";
import type { Graph, Item, Selection, View } from "./graph";
import { CELL, itemAt, layoutFor, type MatrixLayout } from "./matrix-layout";

/** The number of cells that are created beyond the visible ones. */
const MARGIN = 3;
/** Column headers remain visible if they leave the larger part of the view to the rows. */
const MAX_HEAD_SHARE = 0.6;

export interface Matrix {
  readonly element: HTMLElement;
  show(graph: Graph, view: View): void;
  focus(): void;
  /** Comma-separated values of the visible rows and columns, for a spreadsheet. */
  csv(): string;
}

export function createMatrix(choose: (selection: Selection) => void): Matrix {
  return new GridOfCells(choose);
}

class GridOfCells implements Matrix {
  private readonly canvas = h("div", { class: "canvas", role: "presentation" });
  readonly element = h(
    "div",
    { class: "matrix", role: "grid", tabindex: 0, "aria-label": "Callers by routes" },
    this.canvas,
  );
  private displayed: { readonly graph: Graph; readonly view: View } | undefined;
  private routes: readonly Item[] = [];
  private callers: readonly Item[] = [];
  /** The focused row and column; -1 are the headers. */
  private active: CellPosition = { row: 0, column: 0 };
  private layout: MatrixLayout = layoutFor([], [], CELL);
  private sideOfLayout: number | undefined;
  /** The visible height of the column headers. */
  private stickyHeight = 0;
  private isRenderPending = false;
  /** On paper, every cell exists, also if the page's layout changes while it is printed. */
  private isPrinting = false;

  constructor(private readonly choose: (selection: Selection) => void) {
    this.element.addEventListener("keydown", (event) => this.handleKey(event));
    const renderSoon = (): void => {
      if (this.isRenderPending) return;
      this.isRenderPending = true;
      requestAnimationFrame(() => this.render());
    };
    this.element.addEventListener("scroll", renderSoon, { passive: true });
    new ResizeObserver(renderSoon).observe(this.element);
    const renderFor = (isPrinting: boolean): void => {
      this.isPrinting = isPrinting;
      this.render();
    };
    window.addEventListener("beforeprint", () => renderFor(true));
    window.addEventListener("afterprint", () => renderFor(false));
  }

  show(graph: Graph, view: View): void {
    this.displayed = { graph, view };
    this.routes = view.items.route;
    const callersOfRoutes = new Set(view.links.map((link) => link.route && link.caller));
    this.callers = view.items.caller.filter((caller) => callersOfRoutes.has(caller));
    this.active = {
      row: Math.min(0, this.routes.length - 1),
      column: Math.min(0, this.callers.length - 1),
    };
    this.element.setAttribute("aria-rowcount", String(this.routes.length + 1));
    this.element.setAttribute("aria-colcount", String(this.callers.length + 1));
    this.sideOfLayout = undefined;
    this.element.scrollTop = 0;
    this.element.scrollLeft = 0;
    this.render();
  }

  focus(): void {
    this.element.focus();
  }

  csv(): string {
    const graph = this.displayed?.graph;
    const rows = this.routes.map((route) => [
      route.label,
      route.note,
      ...this.callers.map((caller) => {
        const cell = graph === undefined ? undefined : outcomeAt(graph, route, caller);
        return cell?.isCaller ? wordOf(cell.outcome) : "";
      }),
    ]);
    return [["route", "", ...this.callers.map((caller) => caller.label)], ...rows]
      .map((cells) => cells.map(csvCell).join(","))
      .join("\r\n");
  }

  private updateLayout(): void {
    const { element, canvas } = this;
    const side = Number.parseFloat(getComputedStyle(element).getPropertyValue("--side"));
    if (side !== this.sideOfLayout) this.layout = layoutFor(this.routes, this.callers, side);
    this.sideOfLayout = side;
    const { layout } = this;
    canvas.style.height = `${layout.head + (layout.rows.at(-1) ?? 0)}px`;
    canvas.style.setProperty("--columns", `${layout.columns.at(-1) ?? 0}px`);
    for (const name of ["head", "leaning", "overhang"] as const)
      canvas.style.setProperty(`--${name}`, `${layout[name]}px`);
    const isSticky = layout.head <= element.clientHeight * MAX_HEAD_SHARE;
    element.classList.toggle("tall-head", !isSticky);
    this.stickyHeight = isSticky ? layout.head : 0;
  }

  private render(): void {
    this.isRenderPending = false;
    if (this.displayed === undefined) return;
    this.updateLayout();
    const { element, layout, routes, callers } = this;
    const { graph, view } = this.displayed;
    const table: Table = { graph, outcomes: view.outcomes, routes, callers, layout };
    const rows = this.isPrinting
      ? entireRange(layout.rows)
      : visibleRange(layout.rows, this.rowsAbove(), element.clientHeight);
    const columns = this.isPrinting
      ? entireRange(layout.columns)
      : visibleRange(layout.columns, element.scrollLeft, element.clientWidth);
    const activate = (place: CellPosition): void => this.activate(place);
    const [top, bottom] = rows;
    const bodyRows = routes
      .slice(top, bottom)
      .flatMap((_route, offset) => bodyRow(table, top + offset, columns, activate) ?? []);
    this.canvas.replaceChildren(headRow(table, columns, activate), ...bodyRows);
    this.markActive();
  }

  private markActive(): void {
    this.canvas.querySelector(".active")?.classList.remove("active");
    const id = idOf(this.active);
    const cell = document.getElementById(id);
    cell?.classList.add("active");
    if (cell === null) this.element.removeAttribute("aria-activedescendant");
    else this.element.setAttribute("aria-activedescendant", id);
  }

  private activate(place: CellPosition): void {
    this.active = place;
    this.markActive();
    const route = this.routes[place.row];
    const caller = this.callers[place.column];
    if (route !== undefined || caller !== undefined) this.choose({ route, caller });
  }

  /** The scroll position of the rows, and the visible height. */
  private rowsAbove(): number {
    return this.element.scrollTop - (this.layout.head - this.stickyHeight);
  }

  private visibleHeight(): number {
    return this.element.clientHeight - this.stickyHeight;
  }

  private move({ row, column }: CellPosition): void {
    const { element, layout } = this;
    const target = {
      row: Math.max(-1, Math.min(this.routes.length - 1, row)),
      column: Math.max(-1, Math.min(this.callers.length - 1, column)),
    };
    // The corner is empty.
    this.active = target.row < 0 && target.column < 0 ? { ...target, column: 0 } : target;
    const side = element.querySelector<HTMLElement>(".corner")?.offsetWidth ?? 0;
    const scrolledInto = (
      at: number,
      index: number,
      starts: readonly number[],
      visibleLength: number,
    ): number => {
      const [start = 0, end = start] = starts.slice(index, index + 2);
      return start < at ? start : Math.max(at, end - visibleLength);
    };
    if (this.active.row >= 0)
      element.scrollTop =
        layout.head -
        this.stickyHeight +
        scrolledInto(this.rowsAbove(), this.active.row, layout.rows, this.visibleHeight());
    if (this.active.column >= 0)
      element.scrollLeft = scrolledInto(
        element.scrollLeft,
        this.active.column,
        layout.columns,
        element.clientWidth - side,
      );
    this.render();
  }

  private handleKey(event: KeyboardEvent): void {
    const { row, column } = this.active;
    const { rows } = this.layout;
    const above = this.rowsAbove();
    const page = Math.max(1, itemAt(rows, above + this.visibleHeight()) - itemAt(rows, above) - 1);
    const moves: Readonly<Record<string, CellPosition>> = {
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      PageUp: { row: row - page, column },
      PageDown: { row: row + page, column },
      Home: { row: event.ctrlKey ? 0 : row, column: 0 },
      End: { row: event.ctrlKey ? this.routes.length - 1 : row, column: this.callers.length - 1 },
    };
    const target = moves[event.key];
    if (target !== undefined) this.move(target);
    else if (event.key === "Enter" || event.key === " ") this.activate(this.active);
    else return;
    event.preventDefault();
  }
}

function entireRange(starts: readonly number[]): VisibleRange {
  return [0, starts.length - 1];
}

/** The items in a range of positions, with a few more at both ends. */
function visibleRange(starts: readonly number[], start: number, length: number): VisibleRange {
  return [
    Math.max(0, itemAt(starts, start) - MARGIN),
    Math.min(starts.length - 1, itemAt(starts, start + length) + 1 + MARGIN),
  ];
}

/** Quoted, and never a formula in a spreadsheet. */
function csvCell(text: string): string {
  const safeText = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safeText.replace(/"/g, '""')}"`;
}
