import {
  GATES as ALL,
  type Gate,
  type GateEntry,
  type Question,
  type ReportedGate,
  reportedAs,
} from "../access/gates/table";

/** Of IAM's gates, and what the policies of single resources find wrong with what API Gateway sends. */
export type GateName = ReportedGate | "integration-request";

/** What reports show of a gate. */
type ReportedEntry = Omit<GateEntry, "actions" | "asks" | "reportedAs"> & { readonly asks?: Question };

/** The gate of what the policies of single resources find, which asks nothing of IAM. */
export const INTEGRATION_REQUEST = "integration-request" satisfies GateName;

const byName = new Map<GateName, ReportedEntry>();
for (const gate of Object.keys(ALL) as Gate[]) {
  const name = reportedAs(gate);
  const before = byName.get(name);
  const { policies } = ALL[gate];
  byName.set(name, before ? { ...before, policies: [...before.policies, ...policies] } : ALL[gate]);
}
byName.set(INTEGRATION_REQUEST, {
  column: "REQUEST",
  question: "Does API Gateway send a request that Lambda takes?",
  rule: "aws",
  status: "500",
  metBy: "some-routes",
  policies: [],
  isOfCaller: false,
});

/** The gates by their names in reports, in the order in which a request meets them. */
export const GATES = Object.fromEntries(byName) as Readonly<Record<GateName, ReportedEntry>>;

export const GATE_NAMES: readonly GateName[] = [...byName.keys()];

/** Whether it asks who may call a route: what comes after it is asked of those who may. */
export function isAboutCalling({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].asks === "caller-calls";
}

/** Whether it is about the function of a route's authorizer. */
export function isAboutAuthorizer({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].asks === "authorizer-invoked";
}

/** Whether it asks the caller itself for the right to invoke the route's function. */
export function isAboutInvoking({ gate }: { readonly gate: GateName }): boolean {
  return GATES[gate].asks === "caller-invokes";
}
