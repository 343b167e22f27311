import type { Drift } from "../account";
import { describeDrift } from "../messages/drift";
import type { Report } from "./model";

/** Where account data and states disagree, in order. */
export function driftEntries(drift: readonly Drift[]): Pick<Report, "drift"> {
  if (drift.length === 0) return {};
  const entries = drift.map((one) => ({ urn: one.urn, message: describeDrift(one) }));
  const key = ({ urn, message }: (typeof entries)[number]): string => `${urn}\n${message}`;
  return { drift: entries.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
