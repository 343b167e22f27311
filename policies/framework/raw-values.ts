import { isObject } from "../../iam";
import type { QuotedValue, ValueKind } from "../../messages/configuration";

/** Values of a user's configuration: reading them never throws, and none is quoted completely. */

/** Longer texts are shortened. */
export const MAX_QUOTED = 80;

/** Replaces a property that throws when it is read, as an unknown value of the SDK does. */
const UNREADABLE = Symbol("unreadable");

/** An own property; `__proto__` and prototypes are not part of a configuration. */
export function property(record: object, key: string): unknown {
  try {
    return Object.hasOwn(record, key) ? (record as Record<string, unknown>)[key] : undefined;
  } catch {
    return UNREADABLE;
  }
}

/** Whether a value can be read; a proxy may refuse. */
export function isReadable(value: unknown): boolean {
  try {
    if (isObject(value)) Object.keys(value);
    return true;
  } catch {
    return false;
  }
}

export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

export function dayOf(date: Date): string | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

/** The type of a value; never the value itself. */
export function kindOf(value: unknown): ValueKind {
  if (value === UNREADABLE) return "unreadable";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value;
}

/** A value as a message may quote it. */
export function quotable(value: unknown): QuotedValue {
  if (typeof value === "string") return shortened(value);
  return typeof value === "number" || typeof value === "boolean" ? value : { kind: kindOf(value) };
}

export function shortened(value: string): string {
  return value.length <= MAX_QUOTED ? value : `${value.slice(0, MAX_QUOTED - 1)}…`;
}
