import type { Resolution } from "../evaluate/unknowns";
import { type HoleLabel, holeName } from "./hole-labels";

/**
 * Strings with parts that may be unknown. One representation for ARNs, names, patterns and condition values, used
 * everywhere: a list of literal pieces and holes.
 *
 * A hole is one string that the plan does not show. Its `id` is its identity: two holes with one id have the same value
 * ("the id of *this* API"). Holes of one `universe` with different ids never have the same value (two functions of a
 * stack never share a name in a region).
 */

/**
 * A resource that a value depends on. `key` identifies it (a URN; opaque in this folder); `label` names it in messages.
 */
export interface Origin {
  readonly key: string;
  readonly label: string;
}

/**
 * The strings that can be the value of a hole:
 * - `any`: every string, the empty one included
 * - `word`: one or more characters, none of them `:` or `/` (ids, names, regions, partitions)
 * - `digits`: one or more decimal digits (account ids, versions)
 * - `segment`: one or more characters, none of them `/` (a request's value of `{id}` in a path). Requests
 *   percent-encode braces, so a path template is never among them.
 * - `path`: the same over several segments (a request's value of `{proxy+}`)
 * - `tail`: one or more characters of any kind
 */
export type HoleShape = "any" | "word" | "digits" | "segment" | "path" | "tail";

/** An unknown part of a text. Two holes with the same id have the same value. */
export interface Hole {
  readonly id: string;
  readonly shape: HoleShape;
  readonly universe?: string;
  /** Its possible values, where they are few and known (the methods of an `ANY` method). */
  readonly oneOf?: readonly string[];
  /** `true` when each request chooses the string (a path parameter): it varies, it is not unknown. */
  readonly varies?: boolean;
  /** The value that it represents. */
  readonly label: HoleLabel;
  readonly origins: readonly Origin[];
  /** The way in which values that depend on it can become known. */
  readonly resolution?: Resolution;
}

/** A part of a text: known characters, or a hole. */
export type Piece = string | Hole;

/** A partly known string. Normal form (made by {@link text}): no empty literal, no two adjacent literals. */
export type Text = readonly Piece[];

/** Joins pieces and texts into a text in normal form. */
export function text(...parts: readonly (Piece | Text)[]): Text {
  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    const last = pieces[pieces.length - 1];
    if (typeof piece === "string" && typeof last === "string") pieces[pieces.length - 1] = last + piece;
    else if (piece !== "") pieces.push(piece);
  };
  for (const part of parts) {
    if (typeof part === "string" || isHole(part)) add(part);
    else part.forEach(add);
  }
  return pieces;
}

/** Whether a piece is unknown; false for a complete text, even if it consists of holes. */
export function isHole(piece: Piece | Text): piece is Hole {
  return typeof piece === "object" && !Array.isArray(piece);
}

/** The string when every character is known, else `undefined`. */
export function known(value: Text): string | undefined {
  if (value.length === 0) return "";
  const [piece] = value;
  return value.length === 1 && typeof piece === "string" ? piece : undefined;
}

/** The text as a string: literals as they are, a hole as `<its name>`. */
export function show(value: Text): string {
  return value.map((piece) => (typeof piece === "string" ? piece : `<${holeName(piece.label)}>`)).join("");
}

/** The holes that are not chosen by requests: the values that the plan would have to show for the text to be known. */
export function unknownHoles(value: Text): readonly Hole[] {
  return value.filter((piece): piece is Hole => isHole(piece) && piece.varies !== true);
}
