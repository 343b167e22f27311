/** The layout of the matrix's headers, so that none is cut off. Does not use the DOM. */
import { printableLines } from "../../../messages/printable";
import type { Item } from "./graph";

/** The minimum width of a column and height of a row. */
export const CELL = 30;
/** The width of a letter and the height of a line, as the style sheet sets them for headers. */
const LETTER = 7.4;
const ROW_LINE = 15;
const COLUMN_LINE = 13;
/** The space above and below the lines of a header. */
const PADDING = 6;
/** The symbol before a route, and the space around both. */
const SIGN_WIDTH = 48;
/** Column headers are slanted; those that need more lines than a column has room for get a wider column. */
const LEAN = Math.PI / 3;
const LINES_OF_A_CELL = 2;
const MIN_LETTERS = 12;
const MAX_LETTERS = 56;

export interface MatrixLayout {
  /** The position of each row, and the end of the last one. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly rowHeads: readonly HeadLines[];
  readonly columnHeads: readonly HeadLines[];
  /** The height of the column headers, the length of their text, and the width of the last one's overhang. */
  readonly head: number;
  readonly leaning: number;
  readonly overhang: number;
}

/** A header broken into lines: its name, and its place. */
export interface HeadLines {
  readonly label: readonly string[];
  readonly place: readonly string[];
}

/** @param side The width of the row headers. */
export function layoutFor(routes: readonly Item[], callers: readonly Item[], side: number): MatrixLayout {
  const letters = Math.floor((side - SIGN_WIDTH) / LETTER);
  const rowHeads = routes.map((route) => headLines(route, letters));
  const leaningLetters = Math.max(MIN_LETTERS, ...maximumOf(callers.map(lettersForOneCell)));
  const columnHeads = callers.map((caller) => headLines(caller, leaningLetters));
  const tallest = Math.max(LINES_OF_A_CELL, ...maximumOf(columnHeads.map(linesIn)));
  const leaning = leaningLetters * LETTER;
  return {
    rows: startsOf(rowHeads.map((head) => Math.max(CELL, linesIn(head) * ROW_LINE + PADDING))),
    columns: startsOf(columnHeads.map((head) => columnWidth(linesIn(head)))),
    rowHeads,
    columnHeads,
    head: Math.ceil(leaning * Math.sin(LEAN) + columnHeight(tallest)),
    leaning: Math.ceil(leaning),
    overhang: Math.ceil(leaning * Math.cos(LEAN) + columnHeight(tallest)),
  };
}

/** The height of a slanted header's lines, before it is rotated. */
export function columnHeight(lines: number): number {
  return lines * COLUMN_LINE + PADDING - 2;
}

/** The distance between slanted lines of this height. */
function columnWidth(lines: number): number {
  return Math.max(CELL, Math.ceil((lines * COLUMN_LINE) / Math.sin(LEAN)));
}

/** The line length with which a header fits a column of the usual width, within limits. */
function lettersForOneCell(caller: Item): number {
  const textLengths = [caller.label, caller.place].map((text) => lettersIn(displayed(text)));
  for (
    let letters = Math.max(MIN_LETTERS, Math.ceil(Math.max(...textLengths) / LINES_OF_A_CELL));
    ;
    letters++
  )
    if (letters >= MAX_LETTERS || linesIn(headLines(caller, letters)) <= LINES_OF_A_CELL)
      return Math.min(MAX_LETTERS, letters);
}

function headLines({ label, place }: Item, letters: number): HeadLines {
  return { label: wrapped(displayed(label), letters), place: wrapped(displayed(place), letters) };
}

/** As a page shows it: a line break is a space. */
function displayed(text: string): string {
  return printableLines(text).replace(/\s+/g, " ").trim();
}

export function linesIn({ label, place }: HeadLines): number {
  return label.length + place.length;
}

/**
 * A text in lines with a maximum number of letters, broken at the separators of names, and anywhere in names without
 * them.
 */
export function wrapped(text: string, letters: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let lineLength = 0;
  for (const part of text.match(/[^\s/\-_.:]*[\s/\-_.:]?/g) ?? []) {
    const length = lettersIn(part);
    if (lineLength > 0 && lineLength + length > letters) {
      lines.push(line);
      [line, lineLength] = ["", 0];
    }
    if (length <= letters) {
      line += part;
      lineLength += length;
      continue;
    }
    for (const character of part) {
      const width = lettersIn(character);
      if (lineLength + width > letters) {
        lines.push(line);
        [line, lineLength] = ["", 0];
      }
      line += character;
      lineLength += width;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** East Asian letters, emoji and similar characters are twice as wide. */
const WIDE = /[\u1100-\u{10ffff}]/u;

function lettersIn(text: string): number {
  let letters = 0;
  for (const character of text) letters += WIDE.test(character) ? 2 : 1;
  return letters;
}

/** The item that covers a position. */
export function itemAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, Math.max(0, starts.length - 2)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

function startsOf(sizes: readonly number[]): readonly number[] {
  const starts = [0];
  for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size);
  return starts;
}

/** In place of spread arguments, whose number is limited. */
function maximumOf(numbers: readonly number[]): readonly number[] {
  return numbers.length === 0 ? [] : [numbers.reduce((first, second) => Math.max(first, second))];
}
