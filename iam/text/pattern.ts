import { type Hole, type HoleShape, known, type Piece, type Text, text } from "./text";
import type { Trilean } from "./trilean";

/**
 * Wildcard matching over strings known in part.
 *
 * `*` stands for any run of characters and `?` for one, as in Action, Resource and the `…Like` operators
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html). Both sides
 * may hold holes. The answer is `yes` when the pattern matches whatever the holes stand for, `no` when it
 * matches for nothing they can stand for, else `unknown`.
 *
 * A hole in a pattern whose shape is `word` or `digits` names something real (a function, an account), so it
 * holds no wildcard itself; a hole of another shape may, and is matched as if it did.
 *
 * Characters are UTF-16 code units: `?` stands for half of a character beyond the basic plane. Nothing that
 * IAM names may hold such a character.
 */

/** The one wildcard object for `*`. */
export const STAR = { wildcard: "*" } as const;
/** The one wildcard object for `?`. */
export const ONE = { wildcard: "?" } as const;

/** Literal text (in which `*` is a star), a wildcard, or a hole. */
export type PatternPiece = string | typeof STAR | typeof ONE | Hole;

/** A pattern made ready for matching; make it once, match it often. */
export interface Pattern {
  readonly pieces: readonly PatternPiece[];
  /** The whole pattern, when it has neither wildcard nor hole. */
  readonly literal: string | undefined;
  /** What stands before the final and only star, for the commonest pattern of all. */
  readonly prefix: string | undefined;
  readonly holes: boolean;
  /** What stands between stars, for patterns that need walking: without holes, neither literal nor prefix. */
  readonly runs: readonly Run[] | undefined;
}

/** Characters and `?`, with how many characters they stand for. */
interface Run {
  readonly pieces: readonly (string | typeof ONE)[];
  readonly length: number;
}

/** Work that one match may cost, in cells of its table; a match that would cost more is `unknown`. */
const BUDGET = 4_000_000;
/** How many combinations of `oneOf` values are tried one by one. */
const COMBINATIONS = 64;

/** Makes a pattern of pieces in any order. */
export function patternOf(pieces: Iterable<PatternPiece>): Pattern {
  const joined: PatternPiece[] = [];
  let holes = false;
  for (const piece of pieces) {
    const last = joined[joined.length - 1];
    if (typeof piece === "string") {
      if (piece === "") continue;
      if (typeof last === "string") joined[joined.length - 1] = last + piece;
      else joined.push(piece);
      continue;
    }
    if (piece === STAR && last === STAR) continue;
    if (piece !== STAR && piece !== ONE) holes = true;
    joined.push(piece);
  }
  const [first, second] = joined;
  const literal =
    joined.length === 0 ? "" : joined.length === 1 && typeof first === "string" ? first : undefined;
  const prefix =
    joined.length === 1 && first === STAR
      ? ""
      : joined.length === 2 && typeof first === "string" && second === STAR
        ? first
        : undefined;
  const walks = !holes && literal === undefined && prefix === undefined;
  return { pieces: joined, literal, prefix, holes, runs: walks ? runsOf(joined) : undefined };
}

function runsOf(pieces: readonly PatternPiece[]): readonly Run[] {
  const runs: (string | typeof ONE)[][] = [[]];
  for (const piece of pieces) {
    if (piece === STAR) runs.push([]);
    else if (piece === ONE || typeof piece === "string") runs[runs.length - 1]?.push(piece);
  }
  return runs.map((run) => ({
    pieces: run,
    length: run.reduce((sum, piece) => sum + (typeof piece === "string" ? piece.length : 1), 0),
  }));
}

/** Reads `*` and `?` in the known parts of a text as wildcards. */
export function compile(pattern: Text): Pattern {
  return patternOf(wildcards(pattern));
}

/** Takes every character of a text as it is: a pattern without wildcards. */
export function verbatim(value: Text): Pattern {
  return patternOf(value);
}

function* wildcards(pattern: Text): Generator<PatternPiece> {
  for (const piece of pattern) {
    if (typeof piece !== "string") {
      yield piece;
      continue;
    }
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const char = piece[at];
      if (char !== "*" && char !== "?") continue;
      if (at > start) yield piece.slice(start, at);
      yield char === "*" ? STAR : ONE;
      start = at + 1;
    }
    if (start < piece.length) yield piece.slice(start);
  }
}

/** Does the pattern, `*` and `?` being wildcards, match the subject? */
export function match(pattern: Text, subject: Text): Trilean {
  return matchPattern(compile(pattern), subject);
}

/** As {@link match}, capital and small letters (ASCII) being alike, as in Action. */
export function matchIgnoreCase(pattern: Text, subject: Text): Trilean {
  return matchPattern(compile(lowerCase(pattern)), lowerCase(subject), true);
}

/** Do the two texts stand for the same string? `*` and `?` are ordinary characters here. */
export function equal(a: Text, b: Text): Trilean {
  return compare(a, b, false);
}

/** As {@link equal}, capital and small letters being alike. */
export function equalIgnoreCase(a: Text, b: Text): Trilean {
  return compare(lowerCase(a), lowerCase(b), true);
}

/** Small letters for capital ones in what is known of the text. */
export function lowerCase(value: Text): Text {
  return text(
    ...value.map((piece): Piece => {
      if (typeof piece === "string") return piece.toLowerCase();
      return piece.oneOf ? { ...piece, oneOf: piece.oneOf.map((one) => one.toLowerCase()) } : piece;
    }),
  );
}

/** Matches a pattern that was compiled before. With `ignoreCase`, both sides are in small letters already. */
export function matchPattern(pattern: Pattern, subject: Text, ignoreCase = false): Trilean {
  const whole = known(subject);
  if (!pattern.holes && whole !== undefined) return glob(pattern, whole);
  if (pattern.prefix === "") return "yes";
  return perValuation(pattern.pieces, subject, ignoreCase, true);
}

function compare(a: Text, b: Text, ignoreCase: boolean): Trilean {
  const [knownA, knownB] = [known(a), known(b)];
  if (knownA !== undefined && knownB !== undefined) return knownA === knownB ? "yes" : "no";
  return perValuation(a, b, ignoreCase, false);
}

/** Tries each combination of the strings that holes with `oneOf` can stand for. */
function perValuation(
  pattern: readonly PatternPiece[],
  subject: Text,
  ignoreCase: boolean,
  wild: boolean,
): Trilean {
  const chooses = (piece: PatternPiece): boolean => isPlainHole(piece) && piece.oneOf !== undefined;
  if (!pattern.some(chooses) && !subject.some(chooses))
    return matchPieces(pattern, subject, ignoreCase, wild);
  const choices = new Map<string, readonly string[]>();
  for (const piece of [...pattern, ...subject])
    if (isPlainHole(piece) && piece.oneOf && piece.oneOf.length > 0) choices.set(piece.id, piece.oneOf);
  let result: Trilean | undefined;
  for (const valuation of valuations(choices, COMBINATIONS) ?? [new Map<string, string>()]) {
    const filled = patternOf(fillPattern(pattern, valuation, wild)).pieces;
    const one = matchPieces(filled, fill(subject, valuation), ignoreCase, wild);
    if (one === "unknown" || (result !== undefined && result !== one)) return "unknown";
    result = one;
  }
  return result ?? "unknown";
}

/**
 * All combinations of the given choices, or `undefined` when there are more than `limit`.
 */
export function valuations(
  choices: ReadonlyMap<string, readonly string[]>,
  limit: number,
): readonly ReadonlyMap<string, string>[] | undefined {
  let all: ReadonlyMap<string, string>[] = [new Map()];
  for (const [id, values] of choices) {
    if (all.length * values.length > limit) return undefined;
    all = all.flatMap((one) => values.map((value) => new Map([...one, [id, value]])));
  }
  return all;
}

/** Puts strings in place of holes, by hole id. */
export function fill(value: Text, valuation: ReadonlyMap<string, string>): Text {
  return text(
    ...value.map((piece) => (typeof piece === "string" ? piece : (valuation.get(piece.id) ?? piece))),
  );
}

function* fillPattern(
  pattern: readonly PatternPiece[],
  valuation: ReadonlyMap<string, string>,
  wild: boolean,
): Generator<PatternPiece> {
  for (const piece of pattern) {
    const value = isPlainHole(piece) ? valuation.get(piece.id) : undefined;
    if (value === undefined) yield piece;
    else if (wild) yield* wildcards([value]);
    else yield value;
  }
}

function isPlainHole(piece: PatternPiece): piece is Hole {
  return typeof piece === "object" && "id" in piece;
}

/**
 * Both sides known: walks the literal runs between stars, each at the first place where it fits, which is
 * where it leaves most room for the rest. Time is at most pattern × subject, and near their sum in practice.
 */
function glob(pattern: Pattern, subject: string): Trilean {
  if (pattern.literal !== undefined) return pattern.literal === subject ? "yes" : "no";
  if (pattern.prefix !== undefined) return subject.startsWith(pattern.prefix) ? "yes" : "no";
  const runs = pattern.runs ?? [];
  const [head, last] = [runs[0], runs[runs.length - 1]];
  if (head === undefined || last === undefined || !fits(head, subject, 0)) return "no";
  if (runs.length === 1) return head.length === subject.length ? "yes" : "no";
  let at = head.length;
  const end = subject.length - last.length;
  if (end < at || !fits(last, subject, end)) return "no";
  let budget = BUDGET;
  for (let index = 1; index < runs.length - 1; index++) {
    const run = runs[index] as Run;
    const [only] = run.pieces;
    if (run.pieces.length === 1 && typeof only === "string") at = subject.indexOf(only, at);
    else {
      while (at + run.length <= end && !fits(run, subject, at)) {
        at++;
        budget -= run.pieces.length;
        if (budget < 0) return "unknown";
      }
    }
    if (at < 0 || at + run.length > end) return "no";
    at += run.length;
  }
  return "yes";
}

function fits({ pieces }: Run, subject: string, start: number): boolean {
  let at = start;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      if (!subject.startsWith(piece, at)) return false;
      at += piece.length;
    } else if (at++ >= subject.length) return false;
  }
  return true;
}

/** One step of either side: a character, or a class of characters that may repeat. */
interface Step {
  readonly of: string | "any" | Class;
  /** The class may repeat, and may be left out. */
  readonly many: boolean;
  readonly wild: boolean;
  readonly hole?: Hole;
  /** On the first step of a hole: how many steps the hole takes. */
  readonly span?: number;
}

/** A class of characters, by hole shape. Kept apart from literal characters by its type. */
interface Class {
  readonly shape: Exclude<HoleShape, "any" | "tail">;
}

const CLASSES: Record<Exclude<HoleShape, "any">, Step["of"]> = {
  word: { shape: "word" },
  digits: { shape: "digits" },
  segment: { shape: "segment" },
  path: { shape: "path" },
  tail: "any",
};

/**
 * Decides by two tables over the same two rows of steps: one that shows the pattern to cover the subject
 * whatever the holes are (`yes`), one that looks for any holes that would make them meet (`no` if there are
 * none). Cost: pattern × subject.
 */
function matchPieces(
  pattern: readonly PatternPiece[],
  subject: Text,
  ignoreCase: boolean,
  wild: boolean,
): Trilean {
  const trimmed = trim(pattern, subject, wild);
  if (trimmed === undefined) return "no";
  const [p, s] = trimmed;
  if (p.length === 0 && s.length === 0) return "yes";
  const [onlyP, onlyS] = [p[0], s[0]];
  if (p.length === 1 && s.length === 1 && isPlainHole(onlyP as PatternPiece) && isPlainHole(onlyS as Piece))
    if (distinct(onlyP as Hole, onlyS as Hole, ignoreCase)) return "no";
  const literals = p.filter((piece) => typeof piece === "string");
  // One hole against characters and wildcards, the commonest case of all, needs no table.
  if (s.length === 1 && typeof onlyS === "object" && literals.length > 0 && !p.some(isPlainHole))
    return literals.every((literal) => literalInHole(literal, onlyS)) ? "unknown" : "no";
  if (weight(p) * weight(s) > BUDGET) return "unknown";
  const patternSteps = steps(p, wild, true);
  const subjectSteps = steps(s, wild, false);
  if (wild && literals.length < p.length && covers(patternSteps, subjectSteps)) return "yes";
  return meets(patternSteps, subjectSteps, ignoreCase, wild) ? "unknown" : "no";
}

/** Can the hole, whose `oneOf` was dealt with before, stand for these characters? They are at least one. */
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
 * Takes off what both sides begin and end with: equal characters, and the same hole where it surely stands
 * for the same characters on both sides. `undefined` when the two differ there already.
 */
function trim(
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
        replaceEnd(p, fromEnd, cut(a, common, fromEnd));
        replaceEnd(s, fromEnd, cut(b, common, fromEnd));
      } else if (isPlainHole(a) && isPlainHole(b) && a.id === b.id && (!wild || wildFree(a))) {
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

function cut(value: string, length: number, fromEnd: boolean): string {
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

/** Never the same string: two members of one universe. Letters' case may hide that they differ. */
function distinct(a: Hole, b: Hole, ignoreCase: boolean): boolean {
  return !ignoreCase && a.id !== b.id && a.universe !== undefined && a.universe === b.universe;
}

function wildFree(hole: Hole): boolean {
  return hole.shape === "word" || hole.shape === "digits";
}

function steps(pieces: readonly PatternPiece[], wild: boolean, isPattern: boolean): Step[] {
  const result: Step[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at];
    if (piece === undefined) continue;
    if (typeof piece === "string") {
      for (const of of piece.split("")) result.push({ of: `'${of}`, many: false, wild: false });
    } else if (piece === STAR || piece === ONE) {
      // `*?` and `?*` are the same; the order with the `?` first covers the sure first character of a hole.
      let star = false;
      for (; pieces[at] === STAR || pieces[at] === ONE; at++) {
        if (pieces[at] === STAR) star = true;
        else result.push({ of: "any", many: false, wild: true });
      }
      at--;
      if (star) result.push({ of: "any", many: true, wild: true });
    } else result.push(...holeSteps(piece as Hole, wild && isPattern));
  }
  return result;
}

/** A hole as steps: a sure first character where its shape has one, then any number of its class. */
function holeSteps(hole: Hole, mayHoldWildcards: boolean): Step[] {
  if (hole.shape === "any" || (mayHoldWildcards && !wildFree(hole)))
    return [{ of: "any", many: true, wild: false, hole, span: 1 }];
  const of = CLASSES[hole.shape];
  return [
    { of, many: false, wild: false, hole, span: 2 },
    { of, many: true, wild: false, hole },
  ];
}

/**
 * Is there one way to lay the pattern over the subject that holds whatever the holes stand for? Only
 * wildcards cover a hole, and a hole of the pattern covers itself.
 */
function covers(pattern: readonly Step[], subject: readonly Step[]): boolean {
  const width = subject.length + 1;
  const rows = Array.from({ length: 3 }, () => new Uint8Array(width));
  const row = (i: number): Uint8Array => rows[i % 3] as Uint8Array;
  row(0)[0] = 1;
  for (let i = 0; i < pattern.length; i++) {
    const p = pattern[i] as Step;
    const here = row(i);
    for (let j = 0; j < width; j++) {
      if (here[j] !== 1) continue;
      const s = subject[j];
      if (p.wild && p.many) {
        row(i + 1)[j] = 1;
        if (s) here[j + 1] = 1;
      } else if (s === undefined) continue;
      else if (p.hole) {
        if (p.span && s.span && p.hole.id === s.hole?.id) row(i + p.span)[j + s.span] = 1;
      } else if (!s.many && (p.wild || p.of === s.of)) row(i + 1)[j + 1] = 1;
    }
    here.fill(0);
  }
  return row(pattern.length)[subject.length] === 1;
}

/** How two holes relate while both are being walked. */
const APART = 0;
/** Both began at the same place: if they also end at the same place, they stand for the same string. */
const TOGETHER = 1;
/** Began together, the pattern's has ended: the subject's must go on by at least one character. */
const SUBJECT_GOES_ON = 2;
/** Began together, the subject's has ended: the pattern's must go on by at least one character. */
const PATTERN_GOES_ON = 3;

/** Can the holes stand for strings that make pattern and subject meet? Errs on the side of "they can". */
function meets(
  pattern: readonly Step[],
  subject: readonly Step[],
  ignoreCase: boolean,
  wild: boolean,
): boolean {
  const width = subject.length + 1;
  const seen = new Uint8Array((pattern.length + 1) * width);
  const stack: number[] = [];
  const go = (i: number, j: number, state: number): void => {
    const cell = i * width + j;
    const bit = 1 << state;
    if ((seen[cell] as number) & bit) return;
    seen[cell] = (seen[cell] as number) | bit;
    stack.push(cell * 4 + state);
  };
  go(0, 0, APART);
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
      const same = p.hole.id === s.hole.id && (!wild || wildFree(p.hole));
      if (!distinct(p.hole, s.hole, ignoreCase)) go(i + 1, j + 1, APART);
      if (!same) {
        go(i + 1, j, SUBJECT_GOES_ON);
        go(i, j + 1, PATTERN_GOES_ON);
      }
      if (overlap(p.of, s.of)) go(i, j, TOGETHER);
      continue;
    }
    if (p?.many && state !== PATTERN_GOES_ON) go(i + 1, j, state);
    if (s?.many && state !== SUBJECT_GOES_ON) go(i, j + 1, state);
    if (p === undefined || s === undefined || !overlap(p.of, s.of)) continue;
    const together = state === APART && p.span === 2 && s.span === 2;
    go(p.many ? i : i + 1, s.many ? j : j + 1, together ? TOGETHER : APART);
  }
  return false;
}

/** Is there a character in both classes? */
function overlap(a: Step["of"], b: Step["of"]): boolean {
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

/** Is the piece a hole? For pieces of patterns, which may also be wildcards. */
export function isPatternHole(piece: PatternPiece): piece is Hole {
  return isPlainHole(piece);
}

/** The holes of a text and of a pattern, each once. */
export function holesOf(...values: readonly (readonly PatternPiece[])[]): readonly Hole[] {
  const byId = new Map<string, Hole>();
  for (const value of values) for (const piece of value) if (isPlainHole(piece)) byId.set(piece.id, piece);
  return [...byId.values()];
}
