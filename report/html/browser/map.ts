/** The access map: three columns, and the lines between them. */
import type { DisplayedOutcome } from "../../outcomes";
import { appendInParts, count, h, isInferred, mark, styleOf } from "./dom";
import {
  type Edge,
  edgesOf,
  type Item,
  isSelected,
  KINDS,
  type Kind,
  type Selection,
  summarize,
  type View,
  worstFirst,
} from "./graph";

/** The number of rows of a column that are created at once. */
const PAGE_SIZE = 200;
/** More lines than these cannot be distinguished. */
const MAX_LINES = 300;
/** Longer columns show the items of the selection first, which could be far down. */
const LONG_COLUMN = 12;

const TITLES: Readonly<Record<Kind, string>> = { route: "Routes", caller: "Callers", function: "Functions" };
const SVG = "http://www.w3.org/2000/svg";

export interface AccessMap {
  readonly element: HTMLElement;
  show(view: View, selection: Selection): void;
  focus(item: Item): void;
}

interface Column {
  readonly section: HTMLElement;
  readonly size: HTMLElement;
  readonly list: HTMLElement;
  /** Shows how many rows are below the visible ones. */
  readonly remainingNote: HTMLElement;
}

/** @param total The number of items without a filter. */
export function createMap(total: Readonly<Record<Kind, number>>, choose: (item: Item) => void): AccessMap {
  const columns = Object.fromEntries(KINDS.map((kind) => [kind, createColumn(kind)])) as Record<Kind, Column>;
  const lines = document.createElementNS(SVG, "svg");
  lines.classList.add("lines");
  lines.setAttribute("aria-hidden", "true");
  const note = h("p", { class: "note" });
  const board = h("div", { class: "board" }, ...KINDS.map((kind) => columns[kind].section));
  board.prepend(lines);
  const element = h("div", { class: "map" }, board, note);

  let buttons = new Map<Item, HTMLElement>();
  let drawnEdges: readonly Edge[] = [];
  let isDrawPending = false;
  let shownView: View | undefined;
  const drawSoon = (): void => {
    if (isDrawPending) return;
    isDrawPending = true;
    requestAnimationFrame(() => {
      isDrawPending = false;
      for (const kind of KINDS) updateRemainingCount(columns[kind], shownView?.items[kind].length ?? 0);
      draw({ lines, board, columns, buttons }, drawnEdges);
    });
  };
  for (const kind of KINDS) {
    columns[kind].list.addEventListener("scroll", drawSoon, { passive: true });
    columns[kind].list.addEventListener("keydown", (event) => handleKey(event, columns, kind));
  }
  new ResizeObserver(drawSoon).observe(board);

  return {
    element,
    show(view, selection) {
      shownView = view;
      buttons = new Map();
      const hasSelection = KINDS.some((kind) => selection[kind] !== undefined);
      const related = summarize(view.links.filter((link) => isSelected(link, selection)));
      for (const kind of KINDS) {
        const { list, size } = columns[kind];
        const all = view.items[kind];
        const first = hasSelection && selection[kind] === undefined && all.length > LONG_COLUMN;
        const items = first
          ? [...worstFirst(all, related), ...all.filter((item) => !related.has(item))]
          : all;
        size.textContent = all.length === total[kind] ? `${total[kind]}` : `${all.length} of ${total[kind]}`;
        if (first) list.scrollTop = 0;
        appendInParts(list, items, {
          pageSize: PAGE_SIZE,
          show: (item) => {
            // Items of the selection show its outcome.
            const outcome = (related.has(item) ? related : view.outcomes).get(item);
            const button = nodeButton(item, outcome, () => choose(item));
            if (selection[kind] === item) button.setAttribute("aria-pressed", "true");
            if (hasSelection && !related.has(item)) button.classList.add("apart");
            buttons.set(item, button);
            return h("li", {}, button);
          },
          onAppended: drawSoon,
        });
        if (items.length === 0) list.append(h("li", { class: "none" }, "None"));
        list.querySelector("button")?.setAttribute("tabindex", "0");
      }
      const { edges, total: all } = edgesOf(view, selection, MAX_LINES);
      drawnEdges = edges;
      note.textContent =
        edges.length < all
          ? `The ${count(edges.length, "line")} drawn are the worst of ${all.toLocaleString("en")}. Select a route, a caller or a function, or filter, to see the others.`
          : "";
      drawSoon();
    },
    focus(item) {
      buttons.get(item)?.focus();
    },
  };
}

function createColumn(kind: Kind): Column {
  const size = h("span", { class: "size" });
  const id = `column-${kind}`;
  const list = h("ul", { class: "nodes" });
  const remainingNote = h("p", { class: "below", "aria-hidden": "true" });
  const section = h(
    "section",
    { class: "column", "data-kind": kind, "aria-labelledby": id },
    h("h3", { id }, TITLES[kind], " ", size),
    list,
    remainingNote,
  );
  return { section, size, list, remainingNote };
}

/** A list that ends at its edge looks complete; for screen readers the number is in the title. */
function updateRemainingCount({ list, remainingNote }: Column, total: number): void {
  const { bottom } = list.getBoundingClientRect();
  const nodes = [...list.querySelectorAll<HTMLElement>(".node")];
  const hidden = nodes.filter((node) => {
    const box = node.getBoundingClientRect();
    return box.top + box.height / 2 > bottom;
  });
  const more = hidden.length + Math.max(0, total - nodes.length);
  const hasMore = more > 0 && list.scrollHeight > list.clientHeight;
  list.classList.toggle("goes-on", hasMore);
  remainingNote.textContent = hasMore ? `↓ ${more.toLocaleString("en")} more` : "";
}

function nodeButton(item: Item, outcome: DisplayedOutcome | undefined, choose: () => void): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "node",
      tabindex: -1,
      "data-id": item.id,
      "data-outcome": styleOf(outcome),
      "aria-pressed": "false",
      click: choose,
    },
    mark(outcome),
    h(
      "span",
      { class: "name" },
      h("bdi", { class: item.isPlaceholder ? "label placeholder" : "label" }, item.label),
      item.note === "" ? undefined : h("bdi", { class: "sub" }, item.note),
    ),
  );
}

/** Arrow keys: up and down within a column, left and right between columns. Tab leaves the column. */
function handleKey(event: KeyboardEvent, columns: Record<Kind, Column>, kind: Kind): void {
  const columnButtons = buttonsOf(columns[kind]);
  const index = columnButtons.indexOf(document.activeElement as HTMLElement);
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const inAdjacentColumn = (step: number): HTMLElement | undefined => {
    const next = KINDS[KINDS.indexOf(kind) + step];
    if (next === undefined) return undefined;
    const nextButtons = buttonsOf(columns[next]);
    return nextButtons.find((button) => button.tabIndex === 0) ?? nextButtons[0];
  };
  const moves: Record<string, () => HTMLElement | undefined> = {
    ArrowDown: () => columnButtons[index + 1],
    ArrowUp: () => columnButtons[index - 1],
    Home: () => columnButtons[0],
    End: () => columnButtons.at(-1),
    ArrowLeft: () => inAdjacentColumn(-1),
    ArrowRight: () => inAdjacentColumn(1),
  };
  const move = moves[event.key];
  if (move === undefined) return;
  event.preventDefault();
  const target = move();
  if (target === undefined) return;
  for (const button of target.closest("ul")?.querySelectorAll("button") ?? []) button.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}

function buttonsOf({ list }: Column): HTMLElement[] {
  return [...list.querySelectorAll("button")];
}

/** The position of lines, and their ends. */
interface Board {
  readonly lines: SVGSVGElement;
  readonly board: HTMLElement;
  readonly columns: Record<Kind, Column>;
  readonly buttons: ReadonlyMap<Item, HTMLElement>;
}

/** Draws the lines; an end that is scrolled out of its column stops at the column's edge. */
function draw({ lines, board, columns, buttons }: Board, edges: readonly Edge[]): void {
  const origin = board.getBoundingClientRect();
  const bounds = Object.fromEntries(
    KINDS.map((kind) => [kind, columns[kind].list.getBoundingClientRect()]),
  ) as Record<Kind, DOMRect>;
  // Columns above each other leave no room for lines.
  if (bounds.caller.left < bounds.route.right) {
    lines.replaceChildren();
    return;
  }
  const paths = edges.flatMap(({ from, to, outcome }) => {
    const start = buttons.get(from);
    const end = buttons.get(to);
    if (start === undefined || end === undefined) return [];
    const startPoint = middle(start, bounds[from.kind]);
    const endPoint = middle(end, bounds[to.kind]);
    if (startPoint.cut !== 0 && startPoint.cut === endPoint.cut) return [];
    const x1 = bounds[from.kind].right - origin.left;
    const x2 = bounds[to.kind].left - origin.left;
    const y1 = startPoint.y - origin.top;
    const y2 = endPoint.y - origin.top;
    const bend = (x2 - x1) / 2;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", `M${x1},${y1}C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`);
    path.setAttribute("class", isInferred(outcome) ? `${styleOf(outcome)} inferred` : styleOf(outcome));
    return [path];
  });
  // The worst are drawn last, over the others.
  lines.replaceChildren(...paths.reverse());
}

function middle(button: HTMLElement, bounds: DOMRect): { readonly y: number; readonly cut: number } {
  const { top, bottom } = button.getBoundingClientRect();
  const y = (top + bottom) / 2;
  if (y < bounds.top) return { y: bounds.top, cut: -1 };
  if (y > bounds.bottom) return { y: bounds.bottom, cut: 1 };
  return { y, cut: 0 };
}
