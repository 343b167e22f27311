/** The cells of the matrix, as elements. */
import { printableLines } from "../../../messages/printable";
import type { Standing } from "../../standings";
import { type Child, h, mark, markOf, styleOf, wordOf } from "./dom";
import type { Graph, Item, View } from "./graph";
import { columnHeight, type HeadLines, linesIn, type Room } from "./matrix-layout";

/** The contents of the matrix, and the positions of its rows and columns. */
export interface Table {
  readonly graph: Graph;
  readonly standings: View["standings"];
  readonly routes: readonly Item[];
  readonly callers: readonly Item[];
  readonly room: Room;
}

/** A cell; -1 are the headers. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** The first and the last visible one. */
export type Sight = readonly [first: number, last: number];

export type Activate = (place: Place) => void;

/** The outcome of a caller at a route, and whether it is a caller of it at all. */
export function standingAt(
  graph: Graph,
  route: Item,
  caller: Item,
): { readonly there: boolean; readonly standing: Standing | undefined } {
  const ofRoute = graph.callersOf(route);
  return { there: ofRoute.has(caller), standing: ofRoute.get(caller) };
}

export function headRow(table: Table, [left, right]: Sight, activate: Activate): HTMLElement {
  return h(
    "div",
    { role: "row", class: "row head", "aria-rowindex": 1 },
    h("div", { role: "columnheader", class: "corner", "aria-colindex": 1 }, "Route"),
    h(
      "div",
      { class: "cells", role: "presentation" },
      ...table.callers.slice(left, right).map((_caller, offset) => headCell(table, left + offset, activate)),
    ),
  );
}

function headCell({ room }: Table, column: number, activate: Activate): HTMLElement {
  const cell = h(
    "div",
    {
      role: "columnheader",
      class: "column-head",
      id: idOf({ row: -1, column }),
      "aria-colindex": column + 2,
      click: () => activate({ row: -1, column }),
    },
    headOf(room.columnHeads[column]),
  );
  placeColumn(cell, room, column);
  cell.style.setProperty("--lines", `${columnHeight(linesOf(room.columnHeads[column]))}px`);
  return cell;
}

export function bodyRow(
  table: Table,
  row: number,
  [left, right]: Sight,
  activate: Activate,
): HTMLElement | undefined {
  const { room, callers } = table;
  const route = table.routes[row];
  if (route === undefined) return undefined;
  const head = h(
    "div",
    {
      role: "rowheader",
      class: "row-head",
      id: idOf({ row, column: -1 }),
      "aria-colindex": 1,
      title: printableLines(`${route.label}\n${route.note}`),
      click: () => activate({ row, column: -1 }),
    },
    mark(table.standings.get(route)),
    headOf(room.rowHeads[row]),
  );
  const cells = callers
    .slice(left, right)
    .map((_caller, offset) => bodyCell(table, { row, column: left + offset }, activate));
  const element = h(
    "div",
    { role: "row", class: "row", "aria-rowindex": row + 2 },
    head,
    h("div", { class: "cells", role: "presentation" }, ...cells),
  );
  element.style.top = `${room.head + (room.rows[row] ?? 0)}px`;
  element.style.setProperty("--row", `${sizeOf(room.rows, row)}px`);
  return element;
}

function bodyCell({ graph, routes, callers, room }: Table, place: Place, activate: Activate): Child {
  const [route, caller] = [routes[place.row], callers[place.column]];
  if (route === undefined || caller === undefined) return undefined;
  const { there, standing } = standingAt(graph, route, caller);
  const label = there ? wordOf(standing) : "no caller of it";
  const name = printableLines(`${label}: ${named(caller)}, ${named(route)}`);
  const cell = h(
    "div",
    {
      role: "gridcell",
      class: "cell",
      id: idOf(place),
      "aria-colindex": place.column + 2,
      "aria-label": name,
      title: name,
      "data-outcome": there ? styleOf(standing) : "absent",
      click: () => activate(place),
    },
    there ? markOf(standing) : "",
  );
  placeColumn(cell, room, place.column);
  return cell;
}

function placeColumn(cell: HTMLElement, room: Room, column: number): void {
  cell.style.left = `${room.columns[column] ?? 0}px`;
  cell.style.setProperty("--cell", `${sizeOf(room.columns, column)}px`);
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

export function idOf({ row, column }: Place): string {
  return `cell-${row}-${column}`;
}
