import { type Hole, type Piece, type Text, text } from "./text";

/**
 * Patterns over partly known strings: compiled once, matched often (`match.ts`).
 *
 * `*` matches any run of characters and `?` one character, as in Action, Resource and the `…Like` operators
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
 */

/** The one wildcard object for `*`. */
export const STAR = { wildcard: "*" } as const;
/** The one wildcard object for `?`. */
export const QUESTION_MARK = { wildcard: "?" } as const;

/** Literal text (in which `*` is an ordinary character), a wildcard, or a hole. */
export type PatternPiece = string | typeof STAR | typeof QUESTION_MARK | Hole;

/** A compiled pattern. */
export interface Pattern {
  readonly pieces: readonly PatternPiece[];
  /** The whole pattern, when it has neither wildcard nor hole. */
  readonly literal: string | undefined;
  /** The text before the only star, when it is at the end: the most frequent pattern. */
  readonly prefix: string | undefined;
  readonly hasHoles: boolean;
  /** The parts between stars, for patterns without holes that are neither literal nor a prefix. */
  readonly runs: readonly WildcardRun[] | undefined;
}

/** Characters and `?`, with the number of characters that they match. */
export interface WildcardRun {
  readonly pieces: readonly (string | typeof QUESTION_MARK)[];
  readonly length: number;
}

/** Compiles a pattern from pieces in any order. */
export function patternOf(pieces: Iterable<PatternPiece>): Pattern {
  const joined: PatternPiece[] = [];
  let hasHoles = false;
  for (const piece of pieces) {
    const last = joined[joined.length - 1];
    if (typeof piece === "string") {
      if (piece === "") continue;
      if (typeof last === "string") joined[joined.length - 1] = last + piece;
      else joined.push(piece);
      continue;
    }
    if (piece === STAR && last === STAR) continue;
    if (piece !== STAR && piece !== QUESTION_MARK) hasHoles = true;
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
  const needsRuns = !hasHoles && literal === undefined && prefix === undefined;
  return { pieces: joined, literal, prefix, hasHoles, runs: needsRuns ? runsOf(joined) : undefined };
}

function runsOf(pieces: readonly PatternPiece[]): readonly WildcardRun[] {
  const runs: (string | typeof QUESTION_MARK)[][] = [[]];
  for (const piece of pieces) {
    if (piece === STAR) runs.push([]);
    else if (piece === QUESTION_MARK || typeof piece === "string") runs[runs.length - 1]?.push(piece);
  }
  return runs.map((run) => ({
    pieces: run,
    length: run.reduce((sum, piece) => sum + (typeof piece === "string" ? piece.length : 1), 0),
  }));
}

/** Compiles a text; `*` and `?` in its known parts are wildcards. */
export function compile(pattern: Text): Pattern {
  return patternOf(wildcards(pattern));
}

/** Compiles a text as it is: a pattern without wildcards. */
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
      yield char === "*" ? STAR : QUESTION_MARK;
      start = at + 1;
    }
    if (start < piece.length) yield piece.slice(start);
  }
}

/** The text with its known parts in lower case. */
export function lowerCase(value: Text): Text {
  return text(
    ...value.map((piece): Piece => {
      if (typeof piece === "string") return piece.toLowerCase();
      return piece.oneOf ? { ...piece, oneOf: piece.oneOf.map((text) => text.toLowerCase()) } : piece;
    }),
  );
}

/** All combinations of the given choices, or `undefined` when there are more than `limit`. */
export function valuations(
  choices: ReadonlyMap<string, readonly string[]>,
  limit: number,
): readonly ReadonlyMap<string, string>[] | undefined {
  let combinations: ReadonlyMap<string, string>[] = [new Map()];
  for (const [id, values] of choices) {
    if (combinations.length * values.length > limit) return undefined;
    combinations = combinations.flatMap((entry) => values.map((value) => new Map([...entry, [id, value]])));
  }
  return combinations;
}

/** Replaces holes by strings, by hole id. */
export function fillHoles(value: Text, valuation: ReadonlyMap<string, string>): Text {
  return text(
    ...value.map((piece) => (typeof piece === "string" ? piece : (valuation.get(piece.id) ?? piece))),
  );
}

/**
 * Replaces the holes that have a value in the valuation, by id; the others stay. With `wild`, `*` and `?` in a value
 * are wildcards.
 */
export function* fillPatternHoles(
  pattern: readonly PatternPiece[],
  valuation: ReadonlyMap<string, string>,
  wild: boolean,
): Generator<PatternPiece> {
  for (const piece of pattern) {
    const value = isPatternHole(piece) ? valuation.get(piece.id) : undefined;
    if (value === undefined) yield piece;
    else if (wild) yield* wildcards([value]);
    else yield value;
  }
}

/** Whether the piece is a hole; pieces of patterns may also be wildcards. */
export function isPatternHole(piece: PatternPiece): piece is Hole {
  return typeof piece === "object" && "id" in piece;
}

/** The holes of a text and of a pattern, without duplicates. */
export function holesOf(...values: readonly (readonly PatternPiece[])[]): readonly Hole[] {
  const byId = new Map<string, Hole>();
  for (const value of values) for (const piece of value) if (isPatternHole(piece)) byId.set(piece.id, piece);
  return [...byId.values()];
}
