/** Callers × routes. Only the visible cells exist; screen readers get the number of the others. */

import { bodyRow, headRow, idOf, type Place, type Sight, standingAt, type Table } from "./cells";
import { h, wordOf } from "./dom";
import type { Graph, Item, Selection, View } from "./graph";
import { CELL, itemAt, type Room, roomFor } from "./matrix-layout";

/** The number of cells made beyond the visible ones. */
const MARGIN = 3;
/** Column headers stay visible while the larger part of the view is left for the rows. */
const MOST_OF_SIGHT = 0.6;

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
  private shown: { readonly graph: Graph; readonly view: View } | undefined;
  private routes: readonly Item[] = [];
  private callers: readonly Item[] = [];
  /** The focused row and column; -1 are the headers. */
  private active: Place = { row: 0, column: 0 };
  private room: Room = roomFor([], [], CELL);
  private sideOfRoom: number | undefined;
  /** The visible height of the column headers. */
  private covered = 0;
  private waiting = false;

  constructor(private readonly choose: (selection: Selection) => void) {
    this.element.addEventListener("keydown", (event) => this.walk(event));
    const renderSoon = (): void => {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => this.render());
    };
    this.element.addEventListener("scroll", renderSoon, { passive: true });
    new ResizeObserver(renderSoon).observe(this.element);
    window.addEventListener("beforeprint", () => this.render(true));
    window.addEventListener("afterprint", () => this.render());
  }

  show(graph: Graph, view: View): void {
    this.shown = { graph, view };
    this.routes = view.items.route;
    const callOne = new Set(view.links.map((link) => link.route && link.caller));
    this.callers = view.items.caller.filter((caller) => callOne.has(caller));
    this.active = {
      row: Math.min(0, this.routes.length - 1),
      column: Math.min(0, this.callers.length - 1),
    };
    this.element.setAttribute("aria-rowcount", String(this.routes.length + 1));
    this.element.setAttribute("aria-colcount", String(this.callers.length + 1));
    this.sideOfRoom = undefined;
    this.element.scrollTop = 0;
    this.element.scrollLeft = 0;
    this.render();
  }

  focus(): void {
    this.element.focus();
  }

  csv(): string {
    const graph = this.shown?.graph;
    const rows = this.routes.map((route) => [
      route.label,
      route.note,
      ...this.callers.map((caller) => {
        const at = graph === undefined ? undefined : standingAt(graph, route, caller);
        return at?.there ? wordOf(at.standing) : "";
      }),
    ]);
    return [["route", "", ...this.callers.map((caller) => caller.label)], ...rows]
      .map((cells) => cells.map(csvCell).join(","))
      .join("\r\n");
  }

  private makeRoom(): void {
    const { element, canvas } = this;
    const side = Number.parseFloat(getComputedStyle(element).getPropertyValue("--side"));
    if (side !== this.sideOfRoom) this.room = roomFor(this.routes, this.callers, side);
    this.sideOfRoom = side;
    const { room } = this;
    canvas.style.height = `${room.head + (room.rows.at(-1) ?? 0)}px`;
    canvas.style.setProperty("--columns", `${room.columns.at(-1) ?? 0}px`);
    for (const name of ["head", "leaning", "overhang"] as const)
      canvas.style.setProperty(`--${name}`, `${room[name]}px`);
    const stays = room.head <= element.clientHeight * MOST_OF_SIGHT;
    element.classList.toggle("tall-head", !stays);
    this.covered = stays ? room.head : 0;
  }

  private render(everything = false): void {
    this.waiting = false;
    if (this.shown === undefined) return;
    this.makeRoom();
    const { element, room, routes, callers } = this;
    const { graph, view } = this.shown;
    const table: Table = { graph, standings: view.standings, routes, callers, room };
    const rows = everything ? all(room.rows) : sightOf(room.rows, this.rowsAbove(), element.clientHeight);
    const columns = everything
      ? all(room.columns)
      : sightOf(room.columns, element.scrollLeft, element.clientWidth);
    const activate = (place: Place): void => this.activate(place);
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

  private activate(place: Place): void {
    this.active = place;
    this.markActive();
    const route = this.routes[place.row];
    const caller = this.callers[place.column];
    if (route !== undefined || caller !== undefined) this.choose({ route, caller });
  }

  /** The scroll position of the rows, and the visible height. */
  private rowsAbove(): number {
    return this.element.scrollTop - (this.room.head - this.covered);
  }

  private sightOfRows(): number {
    return this.element.clientHeight - this.covered;
  }

  private move({ row, column }: Place): void {
    const { element, room } = this;
    const target = {
      row: Math.max(-1, Math.min(this.routes.length - 1, row)),
      column: Math.max(-1, Math.min(this.callers.length - 1, column)),
    };
    // The corner is empty.
    this.active = target.row < 0 && target.column < 0 ? { ...target, column: 0 } : target;
    const side = element.querySelector<HTMLElement>(".corner")?.offsetWidth ?? 0;
    const into = (at: number, index: number, starts: readonly number[], sight: number): number => {
      const [start = 0, end = start] = starts.slice(index, index + 2);
      return start < at ? start : Math.max(at, end - sight);
    };
    if (this.active.row >= 0)
      element.scrollTop =
        room.head - this.covered + into(this.rowsAbove(), this.active.row, room.rows, this.sightOfRows());
    if (this.active.column >= 0)
      element.scrollLeft = into(
        element.scrollLeft,
        this.active.column,
        room.columns,
        element.clientWidth - side,
      );
    this.render();
  }

  private walk(event: KeyboardEvent): void {
    const { row, column } = this.active;
    const { rows } = this.room;
    const above = this.rowsAbove();
    const page = Math.max(1, itemAt(rows, above + this.sightOfRows()) - itemAt(rows, above) - 1);
    const moves: Readonly<Record<string, Place>> = {
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

function all(starts: readonly number[]): Sight {
  return [0, starts.length - 1];
}

/** The items in a range of positions, with a few more at both ends. */
function sightOf(starts: readonly number[], start: number, length: number): Sight {
  return [
    Math.max(0, itemAt(starts, start) - MARGIN),
    Math.min(starts.length - 1, itemAt(starts, start + length) + 1 + MARGIN),
  ];
}

/** Quoted, and never a formula in a spreadsheet. */
function csvCell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replace(/"/g, '""')}"`;
}
