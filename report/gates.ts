import {
  GATES as ALL,
  type Gate,
  type GateEntry,
  type Question,
  type ReportedGate,
  reportedAs,
} from "../access/gates/table";
import { REQUEST_QUESTION } from "../messages/answers";

/** IAM's gates, and the findings of single-resource policies on the requests of API Gateway. */
export type GateName = ReportedGate | "integration-request";

/** A gate in reports. */
type ReportedEntry = Omit<GateEntry, "actions" | "answers" | "questionCode" | "reportedAs"> & {
  readonly questionCode?: Question;
};

/** The gate for findings of single-resource policies, which does not involve IAM. */
export const INTEGRATION_REQUEST = "integration-request" satisfies GateName;

const byName = new Map<GateName, ReportedEntry>();
for (const gate of Object.keys(ALL) as Gate[]) {
  const name = reportedAs(gate);
  const existing = byName.get(name);
  const { policies } = ALL[gate];
  byName.set(name, existing ? { ...existing, policies: [...existing.policies, ...policies] } : ALL[gate]);
}
byName.set(INTEGRATION_REQUEST, {
  column: "REQUEST",
  question: REQUEST_QUESTION,
  rule: "aws",
  status: "500",
  appliesTo: "some-routes",
  policies: [],
  isAboutCaller: false,
});

/** The gates by their names in reports, in the order in which a request passes them. */
export const GATES = Object.fromEntries(byName) as Readonly<Record<GateName, ReportedEntry>>;

export const GATE_NAMES: readonly GateName[] = [...byName.keys()];

/** The status codes with which requests fail. */
export const STATUS_CODES: readonly string[] = [
  ...new Set(GATE_NAMES.flatMap((gate) => GATES[gate].status ?? [])),
].sort();

/** Whether it decides who may call a route: later gates are evaluated only for those callers. */
export function isAboutCalling({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].questionCode === "caller-calls";
}

/** Whether it is about the function of a route's authorizer. */
export function isAboutAuthorizer({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].questionCode === "authorizer-invoked";
}

/** Whether the caller itself needs permission to invoke the route's function. */
export function isAboutInvoking({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].questionCode === "caller-invokes";
}
