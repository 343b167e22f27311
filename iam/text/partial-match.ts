import { isPatternHole, type PatternPiece, QUESTION_MARK, STAR } from "./pattern";
import type { Hole, HoleShape, Piece, Text } from "./text";
import type { Trilean } from "./trilean";

/** The maximum cost of one match, in cells of its table; a match that would cost more is `unknown`. */
export const BUDGET = 4_000_000;
/** The rules for comparing two sides. */
export interface Comparison {
  /** `*` and `?` of the pattern are wildcards. */
  readonly wild: boolean;
  /** Both sides are already in lower case. */
  readonly ignoreCase: boolean;
}

/** One step of either side: a character, or a class of characters that may repeat. */
interface Step {
  readonly characters: string | "any" | Class;
  /** The class may repeat, and may be empty. */
  readonly repeats: boolean;
  readonly wild: boolean;
  readonly hole?: Hole;
  /** On the first step of a hole: the number of steps of the hole. */
  readonly stepCount?: number;
}

/** A class of characters, by hole shape. Its type distinguishes it from literal characters. */
interface Class {
  readonly shape: Exclude<HoleShape, "any" | "tail">;
}

const CLASSES: Record<Exclude<HoleShape, "any">, Step["characters"]> = {
  word: { shape: "word" },
  digits: { shape: "digits" },
  segment: { shape: "segment" },
  path: { shape: "path" },
  tail: "any",
};

/**
 * Decides with two tables over the same two rows of steps: one checks whether the pattern covers the subject for all
 * values of the holes (`yes`), the other looks for any values for which they match (`no` if there are none). Cost:
 * pattern × subject.
 */
export function matchPartlyKnown(
  pattern: readonly PatternPiece[],
  subject: Text,
  comparison: Comparison,
): Trilean {
  const { wild, ignoreCase } = comparison;
  const trimmed = trimCommonEnds(pattern, subject, wild);
  if (trimmed === undefined) return "no";
  const [p, s] = trimmed;
  if (p.length === 0 && s.length === 0) return "yes";
  const [patternPiece, subjectPiece] = [p[0], s[0]];
  if (
    p.length === 1 &&
    s.length === 1 &&
    isPatternHole(patternPiece as PatternPiece) &&
    isPatternHole(subjectPiece as Piece)
  )
    if (certainlyDiffer(patternPiece as Hole, subjectPiece as Hole, ignoreCase)) return "no";
  const literals = p.filter((piece) => typeof piece === "string");
  // One hole against characters and wildcards, the most frequent case, needs no table.
  if (s.length === 1 && typeof subjectPiece === "object" && literals.length > 0 && !p.some(isPatternHole))
    return literals.every((literal) => literalInHole(literal, subjectPiece)) ? "unknown" : "no";
  if (weight(p) * weight(s) > BUDGET) return "unknown";
  const patternSteps = steps(p, wild, true);
  const subjectSteps = steps(s, wild, false);
  if (wild && literals.length < p.length && coversAllValues(patternSteps, subjectSteps)) return "yes";
  return canMatch(patternSteps, subjectSteps, comparison) ? "unknown" : "no";
}

/**
 * Whether the hole, whose `oneOf` was handled before, can have these characters as its value. There is at least one.
 */
function literalInHole(literal: string, { shape }: Hole): boolean {
  switch (shape) {
    case "word":
      return !literal.includes(":") && !literal.includes("/");
    case "segment":
      return !/[/{}]/.test(literal);
    case "path":
      return !/[{}]/.test(literal);
    case "digits":
      return /^[0-9]*$/.test(literal);
    default:
      return true;
  }
}

function weight(pieces: readonly PatternPiece[]): number {
  let sum = 2;
  for (const piece of pieces) sum += typeof piece === "string" ? piece.length : 2;
  return sum;
}

/**
 * Removes the common beginning and end of both sides: equal characters, and the same hole where it certainly has the
 * same value on both sides. `undefined` when the two differ there.
 */
function trimCommonEnds(
  pattern: readonly PatternPiece[],
  subject: Text,
  wild: boolean,
): [readonly PatternPiece[], readonly Piece[]] | undefined {
  const p = [...pattern];
  const s = [...subject];
  for (const fromEnd of [false, true]) {
    for (;;) {
      const a = fromEnd ? p[p.length - 1] : p[0];
      const b = fromEnd ? s[s.length - 1] : s[0];
      if (a === undefined || b === undefined) break;
      if (typeof a === "string" && typeof b === "string") {
        const common = fromEnd ? commonSuffix(a, b) : commonPrefix(a, b);
        if (common < Math.min(a.length, b.length)) return undefined;
        replaceEnd(p, fromEnd, removeEnd(a, common, fromEnd));
        replaceEnd(s, fromEnd, removeEnd(b, common, fromEnd));
      } else if (isPatternHole(a) && isPatternHole(b) && a.id === b.id && (!wild || hasNoWildcards(a))) {
        replaceEnd(p, fromEnd, "");
        replaceEnd(s, fromEnd, "");
      } else break;
    }
  }
  return [p, s];
}

function replaceEnd(pieces: PatternPiece[], fromEnd: boolean, rest: string): void {
  if (rest !== "") pieces[fromEnd ? pieces.length - 1 : 0] = rest;
  else if (fromEnd) pieces.pop();
  else pieces.shift();
}

function removeEnd(value: string, length: number, fromEnd: boolean): string {
  return fromEnd ? value.slice(0, value.length - length) : value.slice(length);
}

function commonPrefix(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function commonSuffix(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[a.length - 1 - at] === b[b.length - 1 - at]) at++;
  return at;
}

/** Never the same string: two members of one universe. Ignoring case may hide the difference. */
function certainlyDiffer(a: Hole, b: Hole, ignoreCase: boolean): boolean {
  return !ignoreCase && a.id !== b.id && a.universe !== undefined && a.universe === b.universe;
}

function hasNoWildcards(hole: Hole): boolean {
  return hole.shape === "word" || hole.shape === "digits";
}

function steps(pieces: readonly PatternPiece[], wild: boolean, isPattern: boolean): Step[] {
  const result: Step[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at];
    if (piece === undefined) continue;
    if (typeof piece === "string") {
      for (const character of piece.split(""))
        result.push({ characters: `'${character}`, repeats: false, wild: false });
    } else if (piece === STAR || piece === QUESTION_MARK) {
      // `*?` and `?*` are equivalent; with the `?` first, it covers the certain first character of a hole.
      let star = false;
      for (; pieces[at] === STAR || pieces[at] === QUESTION_MARK; at++) {
        if (pieces[at] === STAR) star = true;
        else result.push({ characters: "any", repeats: false, wild: true });
      }
      at--;
      if (star) result.push({ characters: "any", repeats: true, wild: true });
    } else result.push(...holeSteps(piece as Hole, wild && isPattern));
  }
  return result;
}

/** A hole as steps: a certain first character where its shape has one, then any number of its class. */
function holeSteps(hole: Hole, mayContainWildcards: boolean): Step[] {
  if (hole.shape === "any" || (mayContainWildcards && !hasNoWildcards(hole)))
    return [{ characters: "any", repeats: true, wild: false, hole, stepCount: 1 }];
  const characters = CLASSES[hole.shape];
  return [
    { characters, repeats: false, wild: false, hole, stepCount: 2 },
    { characters, repeats: true, wild: false, hole },
  ];
}

/**
 * Whether one alignment of the pattern with the subject matches for all values of the holes. A hole is matched only by
 * wildcards and by the same hole.
 */
function coversAllValues(pattern: readonly Step[], subject: readonly Step[]): boolean {
  const width = subject.length + 1;
  const rows = Array.from({ length: 3 }, () => new Uint8Array(width));
  const row = (i: number): Uint8Array => rows[i % 3] as Uint8Array;
  row(0)[0] = 1;
  for (let i = 0; i < pattern.length; i++) {
    const p = pattern[i] as Step;
    const current = row(i);
    for (let j = 0; j < width; j++) {
      if (current[j] !== 1) continue;
      const s = subject[j];
      if (p.wild && p.repeats) {
        row(i + 1)[j] = 1;
        if (s) current[j + 1] = 1;
      } else if (s === undefined) continue;
      else if (p.hole) {
        if (p.stepCount && s.stepCount && p.hole.id === s.hole?.id) row(i + p.stepCount)[j + s.stepCount] = 1;
      } else if (!s.repeats && (p.wild || p.characters === s.characters)) row(i + 1)[j + 1] = 1;
    }
    current.fill(0);
  }
  return row(pattern.length)[subject.length] === 1;
}

/** The relation of two holes while both are being read. */
const APART = 0;
/** Both began at the same position: if they also end at the same position, they are the same string. */
const TOGETHER = 1;
/** Both began together and the pattern's has ended: the subject's must continue by at least one character. */
const SUBJECT_CONTINUES = 2;
/** Both began together and the subject's has ended: the pattern's must continue by at least one character. */
const PATTERN_GOES_ON = 3;

/**
 * Whether there are values of the holes for which pattern and subject match; `true` where this is uncertain.
 */
function canMatch(
  pattern: readonly Step[],
  subject: readonly Step[],
  { wild, ignoreCase }: Comparison,
): boolean {
  const width = subject.length + 1;
  const seen = new Uint8Array((pattern.length + 1) * width);
  const stack: number[] = [];
  const visit = (i: number, j: number, state: number): void => {
    const cell = i * width + j;
    const bit = 1 << state;
    if ((seen[cell] as number) & bit) return;
    seen[cell] = (seen[cell] as number) | bit;
    stack.push(cell * 4 + state);
  };
  visit(0, 0, APART);
  while (stack.length > 0) {
    const top = stack.pop() as number;
    const state = top % 4;
    const cell = (top - state) / 4;
    const j = cell % width;
    const i = (cell - j) / width;
    if (i === pattern.length && j === subject.length && state === APART) return true;
    const p = pattern[i];
    const s = subject[j];
    if (state === TOGETHER && p?.hole && s?.hole) {
      const isSameHole = p.hole.id === s.hole.id && (!wild || hasNoWildcards(p.hole));
      if (!certainlyDiffer(p.hole, s.hole, ignoreCase)) visit(i + 1, j + 1, APART);
      if (!isSameHole) {
        visit(i + 1, j, SUBJECT_CONTINUES);
        visit(i, j + 1, PATTERN_GOES_ON);
      }
      if (overlap(p.characters, s.characters)) visit(i, j, TOGETHER);
      continue;
    }
    if (p?.repeats && state !== PATTERN_GOES_ON) visit(i + 1, j, state);
    if (s?.repeats && state !== SUBJECT_CONTINUES) visit(i, j + 1, state);
    if (p === undefined || s === undefined || !overlap(p.characters, s.characters)) continue;
    const beginTogether = state === APART && p.stepCount === 2 && s.stepCount === 2;
    visit(p.repeats ? i : i + 1, s.repeats ? j : j + 1, beginTogether ? TOGETHER : APART);
  }
  return false;
}

/** Whether there is a character in both classes. */
function overlap(a: Step["characters"], b: Step["characters"]): boolean {
  if (a === "any" || b === "any") return true;
  if (typeof a === "string") return typeof b === "string" ? a === b : inClass(a, b);
  return typeof b === "string" ? inClass(b, a) : true;
}

function inClass(literal: string, { shape }: Class): boolean {
  const char = literal[1] as string;
  if (shape === "digits") return char >= "0" && char <= "9";
  if (shape === "path" || shape === "segment")
    return char !== "{" && char !== "}" && (shape === "path" || char !== "/");
  return char !== "/" && char !== ":";
}
