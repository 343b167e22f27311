/** The cells of the matrix, as elements. */
import { printableLines } from "../../../messages/printable";
import { NOT_A_CALLER } from "../../../messages/report";
import type { DisplayedOutcome } from "../../outcomes";
import { type Child, h, mark, markOf, styleOf, wordOf } from "./dom";
import type { Graph, Item, View } from "./graph";
import { columnHeight, type HeadLines, linesIn, type MatrixLayout } from "./matrix-layout";

/** The contents of the matrix, and the positions of its rows and columns. */
export interface Table {
  readonly graph: Graph;
  readonly outcomes: View["outcomes"];
  readonly routes: readonly Item[];
  readonly callers: readonly Item[];
  readonly layout: MatrixLayout;
}

/** A cell; -1 are the headers. */
export interface CellPosition {
  readonly row: number;
  readonly column: number;
}

/** The first and the last visible one. */
export type VisibleRange = readonly [first: number, last: number];

export type Activate = (place: CellPosition) => void;

/** The outcome of a caller at a route, and whether it is a caller of it at all. */
export function outcomeAt(
  graph: Graph,
  route: Item,
  caller: Item,
): { readonly isCaller: boolean; readonly outcome: DisplayedOutcome | undefined } {
  const ofRoute = graph.callersOf(route);
  return { isCaller: ofRoute.has(caller), outcome: ofRoute.get(caller) };
}

export function headRow(table: Table, [left, right]: VisibleRange, activate: Activate): HTMLElement {
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

function headCell({ layout }: Table, column: number, activate: Activate): HTMLElement {
  const cell = h(
    "div",
    {
      role: "columnheader",
      class: "column-head",
      id: idOf({ row: -1, column }),
      "aria-colindex": column + 2,
      click: () => activate({ row: -1, column }),
    },
    headerName(layout.columnHeads[column]),
  );
  placeColumn(cell, layout, column);
  cell.style.setProperty("--lines", `${columnHeight(linesOf(layout.columnHeads[column]))}px`);
  return cell;
}

export function bodyRow(
  table: Table,
  row: number,
  [left, right]: VisibleRange,
  activate: Activate,
): HTMLElement | undefined {
  const { layout, callers } = table;
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
    mark(table.outcomes.get(route)),
    headerName(layout.rowHeads[row]),
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
  element.style.top = `${layout.head + (layout.rows[row] ?? 0)}px`;
  element.style.setProperty("--row", `${sizeOf(layout.rows, row)}px`);
  return element;
}

function bodyCell({ graph, routes, callers, layout }: Table, place: CellPosition, activate: Activate): Child {
  const [route, caller] = [routes[place.row], callers[place.column]];
  if (route === undefined || caller === undefined) return undefined;
  const { isCaller, outcome } = outcomeAt(graph, route, caller);
  const label = isCaller ? wordOf(outcome) : NOT_A_CALLER;
  const name = printableLines(`${label}: ${labelWithPlace(caller)}, ${labelWithPlace(route)}`);
  const cell = h(
    "div",
    {
      role: "gridcell",
      class: "cell",
      id: idOf(place),
      "aria-colindex": place.column + 2,
      "aria-label": name,
      title: name,
      "data-outcome": isCaller ? styleOf(outcome) : "absent",
      click: () => activate(place),
    },
    isCaller ? markOf(outcome) : "",
  );
  placeColumn(cell, layout, place.column);
  return cell;
}

function placeColumn(cell: HTMLElement, layout: MatrixLayout, column: number): void {
  cell.style.left = `${layout.columns[column] ?? 0}px`;
  cell.style.setProperty("--cell", `${sizeOf(layout.columns, column)}px`);
}

function labelWithPlace({ label, place }: Item): string {
  return place === "" ? label : `${label} (${place})`;
}

function headerName({ label, place }: HeadLines = { label: [], place: [] }): HTMLElement {
  const placeElements =
    place.length === 0 ? [] : [" ", h("bdi", { class: "place" }, ...withLineBreaks(place))];
  return h("span", { class: "name" }, h("bdi", {}, ...withLineBreaks(label)), ...placeElements);
}

function withLineBreaks(lines: readonly string[]): readonly Child[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [h("br"), line]));
}

function linesOf(head: HeadLines | undefined): number {
  return head === undefined ? 0 : linesIn(head);
}

function sizeOf(starts: readonly number[], index: number): number {
  const [start = 0, end = start] = starts.slice(index, index + 2);
  return end - start;
}

export function idOf({ row, column }: CellPosition): string {
  return `cell-${row}-${column}`;
}
