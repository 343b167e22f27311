import { GATES as ALL, type Gate, type GateEntry, reportedAs } from "../access/gates/table";
import type { GateName } from "./model";

const byName = new Map<GateName, GateEntry>();
for (const gate of Object.keys(ALL) as Gate[]) {
  const name = reportedAs(gate);
  if (!byName.has(name)) byName.set(name, ALL[gate]);
}

/** The gates by their names in reports, in the order in which a request meets them. */
export const GATES = Object.fromEntries(byName) as Readonly<Record<GateName, GateEntry>>;

export const GATE_NAMES: readonly GateName[] = [...byName.keys()];
