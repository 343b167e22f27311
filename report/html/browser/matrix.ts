/** Callers × routes. Only the cells in sight exist; assistive technology is told of the others by their number. */

import { printableLines } from "../../../messages/printable";
import type { Standing } from "../../standings";
import { type Child, h, mark, markOf, styleOf, wordOf } from "./dom";
import type { Graph, Item, Selection, View } from "./graph";
import { CELL, columnHeight, type HeadLines, itemAt, linesIn, type Room, roomFor } from "./room";

/** Cells made beyond what is in sight. */
const MARGIN = 3;
/** Heads of columns stay in sight while they leave the larger part of it to the rows. */
const MOST_OF_SIGHT = 0.6;

export interface Matrix {
  readonly element: HTMLElement;
  show(graph: Graph, view: View): void;
  focus(): void;
  /** Comma-separated values of what is shown, for a spreadsheet. */
  csv(): string;
}

export function createMatrix(choose: (selection: Selection) => void): Matrix {
  const canvas = h("div", { class: "canvas", role: "presentation" });
  const element = h(
    "div",
    { class: "matrix", role: "grid", tabindex: 0, "aria-label": "Callers by routes" },
    canvas,
  );
  let graph: Graph | undefined;
  let routes: readonly Item[] = [];
  let callers: readonly Item[] = [];
  /** Row and column in focus; -1 are the headers. */
  let active = { row: 0, column: 0 };
  let room: Room = roomFor([], [], CELL);
  let sideOfRoom: number | undefined;
  /** How much of what is in sight the heads of columns cover. */
  let covered = 0;
  let waiting = false;

  function at(route: Item, caller: Item): { there: boolean; standing: Standing | undefined } {
    const ofRoute = graph?.callersOf(route);
    return { there: ofRoute?.has(caller) ?? false, standing: ofRoute?.get(caller) };
  }

  function headCell(column: number): HTMLElement {
    const cell = h(
      "div",
      {
        role: "columnheader",
        class: "column-head",
        id: idOf(-1, column),
        "aria-colindex": column + 2,
        click: () => activate(-1, column),
      },
      headOf(room.columnHeads[column]),
    );
    placeColumn(cell, column);
    cell.style.setProperty("--lines", `${columnHeight(linesOf(room.columnHeads[column]))}px`);
    return cell;
  }

  function bodyCell(route: Item, caller: Item, row: number, column: number): HTMLElement {
    const { there, standing } = at(route, caller);
    const said = there ? wordOf(standing) : "no caller of it";
    const name = printableLines(`${said}: ${named(caller)}, ${named(route)}`);
    const cell = h(
      "div",
      {
        role: "gridcell",
        class: "cell",
        id: idOf(row, column),
        "aria-colindex": column + 2,
        "aria-label": name,
        title: name,
        "data-outcome": there ? styleOf(standing) : "absent",
        click: () => activate(row, column),
      },
      there ? markOf(standing) : "",
    );
    placeColumn(cell, column);
    return cell;
  }

  function placeColumn(cell: HTMLElement, column: number): void {
    cell.style.left = `${room.columns[column] ?? 0}px`;
    cell.style.setProperty("--cell", `${sizeOf(room.columns, column)}px`);
  }

  function row(route: Item, index: number, from: number, to: number, view: View): HTMLElement {
    const head = h(
      "div",
      {
        role: "rowheader",
        class: "row-head",
        id: idOf(index, -1),
        "aria-colindex": 1,
        title: printableLines(`${route.label}\n${route.note}`),
        click: () => activate(index, -1),
      },
      mark(view.standings.get(route)),
      headOf(room.rowHeads[index]),
    );
    const cells = callers
      .slice(from, to)
      .map((caller, offset) => bodyCell(route, caller, index, from + offset));
    const element = h(
      "div",
      { role: "row", class: "row", "aria-rowindex": index + 2 },
      head,
      h("div", { class: "cells", role: "presentation" }, ...cells),
    );
    element.style.top = `${room.head + (room.rows[index] ?? 0)}px`;
    element.style.setProperty("--row", `${sizeOf(room.rows, index)}px`);
    return element;
  }

  function makeRoom(): void {
    const side = Number.parseFloat(getComputedStyle(element).getPropertyValue("--side"));
    if (side !== sideOfRoom) room = roomFor(routes, callers, side);
    sideOfRoom = side;
    canvas.style.height = `${room.head + (room.rows.at(-1) ?? 0)}px`;
    canvas.style.setProperty("--columns", `${room.columns.at(-1) ?? 0}px`);
    for (const name of ["head", "leaning", "overhang"] as const)
      canvas.style.setProperty(`--${name}`, `${room[name]}px`);
    const stays = room.head <= element.clientHeight * MOST_OF_SIGHT;
    element.classList.toggle("tall-head", !stays);
    covered = stays ? room.head : 0;
  }

  let shown: View | undefined;
  function render(everything = false): void {
    waiting = false;
    if (shown === undefined) return;
    const view = shown;
    makeRoom();
    const inSight = (start: number, length: number, starts: readonly number[]): [number, number] =>
      everything
        ? [0, starts.length - 1]
        : [
            Math.max(0, itemAt(starts, start) - MARGIN),
            Math.min(starts.length - 1, itemAt(starts, start + length) + 1 + MARGIN),
          ];
    const [top, bottom] = inSight(rowsAbove(), element.clientHeight, room.rows);
    const [left, right] = inSight(element.scrollLeft, element.clientWidth, room.columns);
    const head = h(
      "div",
      { role: "row", class: "row head", "aria-rowindex": 1 },
      h("div", { role: "columnheader", class: "corner", "aria-colindex": 1 }, "Route"),
      h(
        "div",
        { class: "cells", role: "presentation" },
        ...callers.slice(left, right).map((_caller, offset) => headCell(left + offset)),
      ),
    );
    canvas.replaceChildren(
      head,
      ...routes.slice(top, bottom).map((route, offset) => row(route, top + offset, left, right, view)),
    );
    markActive();
  }

  function markActive(): void {
    canvas.querySelector(".active")?.classList.remove("active");
    const id = idOf(active.row, active.column);
    const cell = document.getElementById(id);
    cell?.classList.add("active");
    if (cell === null) element.removeAttribute("aria-activedescendant");
    else element.setAttribute("aria-activedescendant", id);
  }

  function activate(row: number, column: number): void {
    active = { row, column };
    markActive();
    const route = routes[row];
    const caller = callers[column];
    if (route !== undefined || caller !== undefined) choose({ route, caller });
  }

  /** How far the rows are scrolled, and how much of them is in sight at once. */
  function rowsAbove(): number {
    return element.scrollTop - (room.head - covered);
  }

  function sightOfRows(): number {
    return element.clientHeight - covered;
  }

  function move(row: number, column: number): void {
    active = {
      row: Math.max(-1, Math.min(routes.length - 1, row)),
      column: Math.max(-1, Math.min(callers.length - 1, column)),
    };
    // Nothing is in the corner.
    if (active.row < 0 && active.column < 0) active.column = 0;
    const side = element.querySelector<HTMLElement>(".corner")?.offsetWidth ?? 0;
    const into = (at: number, index: number, starts: readonly number[], sight: number): number => {
      const [start = 0, end = start] = starts.slice(index, index + 2);
      return start < at ? start : Math.max(at, end - sight);
    };
    if (active.row >= 0)
      element.scrollTop = room.head - covered + into(rowsAbove(), active.row, room.rows, sightOfRows());
    if (active.column >= 0)
      element.scrollLeft = into(element.scrollLeft, active.column, room.columns, element.clientWidth - side);
    render();
  }

  element.addEventListener("keydown", (event) => {
    const { row, column } = active;
    const above = rowsAbove();
    const page = Math.max(1, itemAt(room.rows, above + sightOfRows()) - itemAt(room.rows, above) - 1);
    const moves: Record<string, [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      Home: [event.ctrlKey ? 0 : row, 0],
      End: [event.ctrlKey ? routes.length - 1 : row, callers.length - 1],
    };
    const target = moves[event.key];
    if (target !== undefined) move(...target);
    else if (event.key === "Enter" || event.key === " ") activate(row, column);
    else return;
    event.preventDefault();
  });
  const renderSoon = (): void => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => render());
  };
  element.addEventListener("scroll", renderSoon, { passive: true });
  new ResizeObserver(renderSoon).observe(element);
  window.addEventListener("beforeprint", () => render(true));
  window.addEventListener("afterprint", () => render());

  return {
    element,
    show(of, view) {
      graph = of;
      shown = view;
      routes = view.items.route;
      const callOne = new Set(view.links.map((link) => link.route && link.caller));
      callers = view.items.caller.filter((caller) => callOne.has(caller));
      active = { row: Math.min(0, routes.length - 1), column: Math.min(0, callers.length - 1) };
      element.setAttribute("aria-rowcount", String(routes.length + 1));
      element.setAttribute("aria-colcount", String(callers.length + 1));
      sideOfRoom = undefined;
      element.scrollTop = 0;
      element.scrollLeft = 0;
      render();
    },
    focus() {
      element.focus();
    },
    csv() {
      const rows = routes.map((route) => [
        route.label,
        route.note,
        ...callers.map((caller) => {
          const { there, standing } = at(route, caller);
          return there ? wordOf(standing) : "";
        }),
      ]);
      return [["route", "", ...callers.map((caller) => caller.label)], ...rows]
        .map((cells) => cells.map(csvCell).join(","))
        .join("\r\n");
    },
  };
}

function named({ label, place }: Item): string {
  return place === "" ? label : `${label} (${place})`;
}

function headOf({ label, place }: HeadLines = { label: [], place: [] }): HTMLElement {
  const more = place.length === 0 ? [] : [" ", h("bdi", { class: "place" }, ...broken(place))];
  return h("span", { class: "name" }, h("bdi", {}, ...broken(label)), ...more);
}

function broken(lines: readonly string[]): readonly Child[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [h("br"), line]));
}

function linesOf(head: HeadLines | undefined): number {
  return head === undefined ? 0 : linesIn(head);
}

function sizeOf(starts: readonly number[], index: number): number {
  const [start = 0, end = start] = starts.slice(index, index + 2);
  return end - start;
}

function idOf(row: number, column: number): string {
  return `cell-${row}-${column}`;
}

/** Quoted, and no formula for the spreadsheet that opens it. */
function csvCell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replace(/"/g, '""')}"`;
}
