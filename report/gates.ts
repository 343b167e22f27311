import { GATES as ALL, type Gate, type GateEntry, reportedAs } from "../access/gates/table";
import type { GateName } from "./model";

/** What reports show of a gate. */
type ReportedEntry = Omit<GateEntry, "actions" | "asks" | "reportedAs">;

const byName = new Map<GateName, ReportedEntry>();
for (const gate of Object.keys(ALL) as Gate[]) {
  const name = reportedAs(gate);
  if (!byName.has(name)) byName.set(name, ALL[gate]);
}

/** No gate of IAM's: what the policies of single resources find wrong with what API Gateway sends. */
const REQUEST: ReportedEntry = {
  column: "REQUEST",
  question: "Does API Gateway send a request that Lambda takes?",
  rule: "aws",
  status: "500",
  isOfCaller: false,
};
byName.set("integration-request", REQUEST);

/** The gates by their names in reports, in the order in which a request meets them. */
export const GATES = Object.fromEntries(byName) as Readonly<Record<GateName, ReportedEntry>>;

export const GATE_NAMES: readonly GateName[] = [...byName.keys()];
