/**
 * Reads a `google.protobuf.Struct` as its `toJavaScript` returns it, but only the wanted properties: protobuf first
 * creates a message for each value.
 * https://protobuf.dev/programming-guides/encoding/, https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/struct.proto
 */

import { compareText } from "../stack/pulumi/keys";

/** Stands for bytes that are not UTF-8, which protobuf decodes differently. */
const REPLACEMENT = "\ufffd";

/** Thrown for bytes that protobuf reads differently, or refuses. */
export const NOT_READ = new Error();

export interface Cursor {
  readonly buffer: Buffer;
  at: number;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** The next field of a message. */
export function fieldAt(cursor: Cursor): { readonly field: number; readonly wireType: number } {
  const tag = varint(cursor);
  return { field: tag >>> 3, wireType: tag & 7 };
}

function varint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = cursor.buffer[cursor.at++];
    if (byte === undefined || scale > 2 ** 49) throw NOT_READ;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

/** The end of a value that begins with its length. */
export function endOf(cursor: Cursor, wireType: number, within: number): number {
  if (wireType !== LENGTH_DELIMITED) throw NOT_READ;
  const length = varint(cursor);
  const end = cursor.at + length;
  if (end > within) throw NOT_READ;
  return end;
}

export function stringIn(cursor: Cursor, end: number): string {
  const value = cursor.buffer.toString("utf8", cursor.at, end);
  if (value.includes(REPLACEMENT)) throw NOT_READ;
  cursor.at = end;
  return value;
}

/** Skips an unknown field. */
export function skip(cursor: Cursor, wireType: number, within: number): void {
  if (wireType === VARINT) varint(cursor);
  else if (wireType === FIXED_64) cursor.at += 8;
  else if (wireType === FIXED_32) cursor.at += 4;
  else cursor.at = endOf(cursor, wireType, within);
  if (cursor.at > within) throw NOT_READ;
}

export const everything = (): boolean => true;

/** `map<string, Value> fields = 1` */
export function structIn(
  cursor: Cursor,
  end: number,
  isWanted: (name: string) => boolean,
): Record<string, unknown> {
  const entries: [name: string, value: unknown][] = [];
  let inOrder = true;
  while (cursor.at < end) {
    const { field, wireType } = fieldAt(cursor);
    if (field !== 1) throw NOT_READ;
    const entry = entryIn(cursor, endOf(cursor, wireType, end), isWanted);
    if (entry === undefined) continue;
    const previous = entries.at(-1);
    if (previous !== undefined && previous[0] >= entry[0]) inOrder = false;
    entries.push(entry);
  }
  // protobuf sorts the names, and uses the last of several equal ones.
  if (!inOrder) entries.sort(([a], [b]) => compareText(a, b));
  const struct: Record<string, unknown> = {};
  for (const [name, value] of entries) struct[name] = value;
  return struct;
}

function entryIn(
  cursor: Cursor,
  end: number,
  isWanted: (name: string) => boolean,
): [name: string, value: unknown] | undefined {
  let name = "";
  let value: { readonly from: number; readonly to: number } | undefined;
  while (cursor.at < end) {
    const { field, wireType } = fieldAt(cursor);
    const to = endOf(cursor, wireType, end);
    if (field === 1) name = stringIn(cursor, to);
    else if (field === 2) value = { from: cursor.at, to };
    else throw NOT_READ;
    cursor.at = to;
  }
  if (!isWanted(name)) return undefined;
  if (value === undefined) throw NOT_READ;
  cursor.at = value.from;
  const read = valueIn(cursor, value.to);
  cursor.at = end;
  return [name, read];
}

/** `oneof kind`: the last field is used. */
function valueIn(cursor: Cursor, end: number): unknown {
  let value: unknown;
  while (cursor.at < end) {
    const { field, wireType } = fieldAt(cursor);
    value = kindIn(cursor, field, wireType, end);
  }
  if (value === undefined) throw NOT_READ;
  return value;
}

function kindIn(cursor: Cursor, field: number, wireType: number, end: number): unknown {
  switch (field) {
    case 1:
    case 4: {
      if (wireType !== VARINT) throw NOT_READ;
      const number = varint(cursor);
      return field === 1 ? null : number !== 0;
    }
    case 2: {
      if (wireType !== FIXED_64) throw NOT_READ;
      cursor.at += 8;
      return cursor.buffer.readDoubleLE(cursor.at - 8);
    }
    case 3:
      return stringIn(cursor, endOf(cursor, wireType, end));
    case 5:
      return structIn(cursor, endOf(cursor, wireType, end), everything);
    case 6:
      return listIn(cursor, endOf(cursor, wireType, end));
    default:
      throw NOT_READ;
  }
}

/** `repeated Value values = 1` */
function listIn(cursor: Cursor, end: number): unknown[] {
  const values: unknown[] = [];
  while (cursor.at < end) {
    const { field, wireType } = fieldAt(cursor);
    if (field !== 1) throw NOT_READ;
    values.push(valueIn(cursor, endOf(cursor, wireType, end)));
  }
  return values;
}
