/** Callers × routes. Only the cells in sight exist; assistive technology is told of the others by their number. */

import { printableLines } from "../../../messages/printable";
import type { Standing } from "../../standings";
import { h, mark, markOf, styleOf, wordOf } from "./dom";
import type { Graph, Item, Selection, View } from "./graph";

const CELL = 30;
/** Widths and heights of the heads' letters, as the style sheet sets them. */
const LETTER = 7.4;
const LINE = 15;
/** Longer heads than these are cut: nobody reads them as names. */
const MOST_LINES = 16;
const MOST_LETTERS = 80;
/** Heads of columns lean. Longer ones than this take two lines. */
const LEANING_LETTERS = 30;
const LEANING_LINES = 2;
const LEAN = Math.PI / 3;
/** Cells made beyond what is in sight. */
const MARGIN = 3;

export interface Matrix {
  readonly element: HTMLElement;
  show(graph: Graph, view: View): void;
  focus(): void;
  /** Comma-separated values of what is shown, for a spreadsheet. */
  csv(): string;
}

/** What the heads need, so that none is cut. */
interface Room {
  /** The height of a row. */
  readonly row: number;
  /** The height of the heads of columns, the length of their text, and how far the last leans out to the right. */
  readonly head: number;
  readonly leaning: number;
  readonly overhang: number;
}

function roomFor(routes: readonly Item[], callers: readonly Item[], side: number): Room {
  const letters = Math.floor((side - ROOM_FOR_SIGN) / LETTER);
  const lines = Math.max(
    1,
    ...routes.map(
      ({ label, place }) => linesOf(label, letters) + (place === "" ? 0 : linesOf(place, letters)),
    ),
  );
  const leaning = Math.max(LEAST_LETTERS, ...callers.map(leaningLetters));
  const length = Math.min(MOST_LETTERS, leaning) * LETTER;
  return {
    row: Math.max(CELL, Math.min(MOST_LINES, lines) * LINE + 6),
    head: Math.ceil(length * Math.sin(LEAN) + LEANING_LINES * LINE),
    leaning: Math.ceil(length),
    overhang: Math.ceil(length * Math.cos(LEAN) + CELL),
  };
}

/** A long label takes both lines, unless the second one says where it is from. */
function leaningLetters({ label, place }: Item): number {
  const [long, other] = [label, place].map((text) => printableLines(text).length) as [number, number];
  if (other > 0 || long <= LEANING_LETTERS) return Math.max(long, other) + 1;
  return Math.max(LEANING_LETTERS, Math.ceil(long / LEANING_LINES) + BROKEN);
}

/** Lines break between words, so that one more may be needed than there are letters for. */
function linesOf(text: string, letters: number): number {
  const { length } = printableLines(text);
  return length <= letters ? 1 : Math.ceil(length / letters) + 1;
}

/** Letters that a line may lose where it breaks between words. */
const BROKEN = 10;
const LEAST_LETTERS = 12;
/** The sign before a route, and the space around both. */
const ROOM_FOR_SIGN = 48;

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
  let waiting = false;

  function at(route: Item, caller: Item): { there: boolean; standing: Standing | undefined } {
    const ofRoute = graph?.callersOf(route);
    return { there: ofRoute?.has(caller) ?? false, standing: ofRoute?.get(caller) };
  }

  function headCell(caller: Item, column: number): HTMLElement {
    const cell = h(
      "div",
      {
        role: "columnheader",
        class: "column-head",
        id: idOf(-1, column),
        "aria-colindex": column + 2,
        click: () => activate(-1, column),
      },
      headOf(caller),
    );
    cell.style.left = `${column * CELL}px`;
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
    cell.style.left = `${column * CELL}px`;
    return cell;
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
      headOf(route),
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
    element.style.top = `${room.head + index * room.row}px`;
    return element;
  }

  function makeRoom(): void {
    const side = Number.parseFloat(getComputedStyle(element).getPropertyValue("--side"));
    room = roomFor(routes, callers, side);
    canvas.style.height = `${room.head + routes.length * room.row}px`;
    for (const [name, size] of Object.entries(room)) canvas.style.setProperty(`--${name}`, `${size}px`);
  }

  let shown: View | undefined;
  function render(everything = false): void {
    waiting = false;
    if (shown === undefined) return;
    const view = shown;
    makeRoom();
    const inSight = (start: number, length: number, all: number, size: number): [number, number] =>
      everything
        ? [0, all]
        : [
            Math.max(0, Math.floor(start / size) - MARGIN),
            Math.min(all, Math.ceil((start + length) / size) + MARGIN),
          ];
    const [top, bottom] = inSight(element.scrollTop, element.clientHeight, routes.length, room.row);
    const [left, right] = inSight(element.scrollLeft, element.clientWidth, callers.length, CELL);
    const head = h(
      "div",
      { role: "row", class: "row head", "aria-rowindex": 1 },
      h("div", { role: "columnheader", class: "corner", "aria-colindex": 1 }, "Route"),
      h(
        "div",
        { class: "cells", role: "presentation" },
        ...callers.slice(left, right).map((caller, offset) => headCell(caller, left + offset)),
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

  function move(row: number, column: number): void {
    active = {
      row: Math.max(-1, Math.min(routes.length - 1, row)),
      column: Math.max(-1, Math.min(callers.length - 1, column)),
    };
    // Nothing is in the corner.
    if (active.row < 0 && active.column < 0) active.column = 0;
    const side = element.querySelector<HTMLElement>(".corner")?.offsetWidth ?? 0;
    const into = (at: number, index: number, size: number, sight: number): number =>
      index * size < at ? index * size : Math.max(at, (index + 1) * size - sight);
    if (active.row >= 0)
      element.scrollTop = into(element.scrollTop, active.row, room.row, element.clientHeight - room.head);
    if (active.column >= 0)
      element.scrollLeft = into(element.scrollLeft, active.column, CELL, element.clientWidth - side);
    render();
  }

  element.addEventListener("keydown", (event) => {
    const { row, column } = active;
    const page = Math.max(1, Math.floor((element.clientHeight - room.head) / room.row) - 1);
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
      canvas.style.setProperty("--columns", String(callers.length));
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

function headOf({ label, place }: Item): HTMLElement {
  const more = place === "" ? [] : [" ", h("bdi", { class: "place" }, place)];
  return h("span", { class: "name" }, h("bdi", {}, label), ...more);
}

function idOf(row: number, column: number): string {
  return `cell-${row}-${column}`;
}

/** Quoted, and no formula for the spreadsheet that opens it. */
function csvCell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replace(/"/g, '""')}"`;
}
