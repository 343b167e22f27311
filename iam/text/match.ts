import { BUDGET, type Comparison, matchPartlyKnown } from "./partial-match";
import {
  compile,
  fillHoles,
  fillPatternHoles,
  isPatternHole,
  lowerCase,
  type Pattern,
  type PatternPiece,
  patternOf,
  valuations,
  verbatim,
  type WildcardRun,
} from "./pattern";
import { isHole, known, type Text } from "./text";
import type { Trilean } from "./trilean";

/**
 * Wildcard matching over partly known strings. Both sides may contain holes. The answer is `yes` when the pattern
 * matches for all values of the holes, `no` when it matches for none, else `unknown`.
 *
 * A hole in a pattern whose shape is `word` or `digits` is the name of a real resource (a function, an account), so it
 * contains no wildcard; a hole of another shape may, and is matched as if it did.
 *
 * Characters are UTF-16 code units: `?` matches half of a character beyond the basic plane. No name in IAM contains
 * such a character.
 */

/** The maximum number of combinations of `oneOf` values that are tried one by one. */
const COMBINATIONS = 64;

const BY_PATTERN: Comparison = { wild: true, ignoreCase: false };
const BY_PATTERN_IGNORING_CASE: Comparison = { wild: true, ignoreCase: true };
const LITERALLY: Comparison = { wild: false, ignoreCase: false };
const LITERALLY_IGNORING_CASE: Comparison = { wild: false, ignoreCase: true };

/** Whether the pattern matches the subject; `*` and `?` are wildcards. */
export function match(pattern: Text, subject: Text): Trilean {
  return matchPattern(compile(pattern), subject);
}

/** As {@link match}, ignoring case (ASCII), as in Action. */
export function matchIgnoreCase(pattern: Text, subject: Text): Trilean {
  return matchPattern(compile(lowerCase(pattern)), lowerCase(subject), true);
}

/** Whether the two texts are the same string. `*` and `?` are ordinary characters here. */
export function equal(a: Text, b: Text): Trilean {
  return compare(a, b, LITERALLY);
}

/** As {@link equal}, ignoring case. */
export function equalIgnoreCase(a: Text, b: Text): Trilean {
  return compare(lowerCase(a), lowerCase(b), LITERALLY_IGNORING_CASE);
}

/** Matches a compiled pattern. With `ignoreCase`, both sides are already in lower case. */
export function matchPattern(pattern: Pattern, subject: Text, ignoreCase = false): Trilean {
  const wholeSubject = known(subject);
  if (!pattern.hasHoles && wholeSubject !== undefined) return glob(pattern, wholeSubject);
  if (pattern.prefix === "") return "yes";
  return compareEachValuation(pattern, subject, ignoreCase ? BY_PATTERN_IGNORING_CASE : BY_PATTERN);
}

function compare(a: Text, b: Text, comparison: Comparison): Trilean {
  const [knownA, knownB] = [known(a), known(b)];
  if (knownA !== undefined && knownB !== undefined) return knownA === knownB ? "yes" : "no";
  return a.some(hasChoices) || b.some(hasChoices)
    ? compareEachValuation(verbatim(a), b, comparison)
    : matchPartlyKnown(a, b, comparison);
}

function hasChoices(piece: PatternPiece): boolean {
  return isPatternHole(piece) && piece.oneOf !== undefined;
}

/** Tries each combination of the values of holes with `oneOf`. */
function compareEachValuation(pattern: Pattern, subject: Text, comparison: Comparison): Trilean {
  const isFixed = !pattern.pieces.some(hasChoices);
  if (isFixed && !subject.some(hasChoices)) return matchPartlyKnown(pattern.pieces, subject, comparison);
  if (isFixed && !pattern.hasHoles) {
    const strings = possibleStringsOf(subject);
    if (strings !== "several") return commonResult(strings, (value) => glob(pattern, value));
  }
  const choices = new Map<string, readonly string[]>();
  for (const piece of [...pattern.pieces, ...subject])
    if (isPatternHole(piece) && piece.oneOf && piece.oneOf.length > 0) choices.set(piece.id, piece.oneOf);
  return commonResult(valuations(choices, COMBINATIONS) ?? [new Map<string, string>()], (valuation) => {
    const filled = isFixed
      ? pattern
      : patternOf(fillPatternHoles(pattern.pieces, valuation, comparison.wild));
    const value = fillHoles(subject, valuation);
    const strings = filled.hasHoles ? undefined : known(value);
    return strings === undefined ? matchPartlyKnown(filled.pieces, value, comparison) : glob(filled, strings);
  });
}

/** The result that all items have in common. */
function commonResult<T>(items: Iterable<T>, resultOf: (item: T) => Trilean): Trilean {
  let result: Trilean | undefined;
  for (const item of items) {
    const itemResult = resultOf(item);
    if (itemResult === "unknown" || (result !== undefined && result !== itemResult)) return "unknown";
    result = itemResult;
  }
  return result ?? "unknown";
}

const possibleStrings = new WeakMap<Text, readonly string[] | "several">();

/** The strings that a text with one hole can be, where these are few and known: the ARN of an `ANY` method. */
function possibleStringsOf(value: Text): readonly string[] | "several" {
  const strings = possibleStrings.get(value) ?? fillSingleHole(value);
  possibleStrings.set(value, strings);
  return strings;
}

function fillSingleHole(value: Text): readonly string[] | "several" {
  const [hole, ...more] = value.filter(isHole);
  const { oneOf = [] } = hole ?? {};
  if (more.length > 0 || oneOf.length === 0 || oneOf.length > COMBINATIONS) return "several";
  return oneOf.map((text) => value.map((piece) => (isHole(piece) ? text : piece)).join(""));
}

/**
 * Both sides known: matches each literal between stars at the first position where it fits, which leaves the most room
 * for the rest. The cost is at most pattern × subject, and close to their sum in practice.
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
    const run = runs[index] as WildcardRun;
    const [literal] = run.pieces;
    if (run.pieces.length === 1 && typeof literal === "string") at = subject.indexOf(literal, at);
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

function fits({ pieces }: WildcardRun, subject: string, start: number): boolean {
  let at = start;
  for (const piece of pieces) {
    if (typeof piece === "string") {
      if (!subject.startsWith(piece, at)) return false;
      at += piece.length;
    } else if (at++ >= subject.length) return false;
  }
  return true;
}
