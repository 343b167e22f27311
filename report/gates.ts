import { GATES as ALL, type GateEntry, type ReportedGate, reportedAs } from "../access/gates/table";

export { INTEGRATION_REQUEST } from "../access/gates/table";

/** The gates by their names in reports. */
export type GateName = ReportedGate;

/** A gate in reports. */
type ReportedEntry = Omit<GateEntry, "actions" | "answers" | "answersOn" | "reportedAs">;

const byName = new Map<GateName, ReportedEntry>();
for (const gate of Object.keys(ALL) as (keyof typeof ALL)[]) {
  const name = reportedAs(gate);
  const existing = byName.get(name);
  const { policies } = ALL[gate];
  byName.set(name, existing ? { ...existing, policies: [...existing.policies, ...policies] } : ALL[gate]);
}

/** The gates by their names in reports, in the order in which a request passes them. */
export const GATES = Object.fromEntries(byName) as Readonly<Record<GateName, ReportedEntry>>;

export const GATE_NAMES: readonly GateName[] = [...byName.keys()];

/** The status codes with which requests fail. */
export const STATUS_CODES: readonly string[] = [
  ...new Set(GATE_NAMES.flatMap((gate) => GATES[gate].status ?? [])),
].sort();

/** Whether it evaluates a caller, rather than API Gateway or a role that API Gateway assumes. */
export function isAboutCaller({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].principal === "caller";
}

/** Whether it decides who may call a route: later gates are evaluated only for those callers. */
export function isAboutCalling({ gate }: { readonly gate: GateName }): boolean {
  return isAboutCaller({ gate }) && GATES[gate].resource === "route";
}

/** Whether it is about the function of a route's authorizer. */
export function isAboutAuthorizer({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].resource === "authorizer";
}

/** Whether the caller itself needs permission to invoke the route's function. */
export function isAboutInvoking({ gate }: { readonly gate: GateName }): boolean {
  return isAboutCaller({ gate }) && GATES[gate].resource === "function";
}
