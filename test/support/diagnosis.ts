import { type Diagnosis, LogDiagnosis } from "../../diagnose";
import type { FieldNames } from "../../diagnose/records";
import { analyze } from "../../engine/analyze";
import type { Plan } from "../../testing";

type LogEntry = string | { readonly [key: string]: unknown };

/** The diagnosis of a log for the given stacks. Objects are written as JSON records, one per line. */
export async function diagnose(
  planned: Plan | readonly Plan[],
  log: LogEntry | readonly LogEntry[],
  { areIdsReal = true, names = new Map() as FieldNames } = {},
): Promise<Diagnosis> {
  const plans = "resources" in planned ? [planned] : planned;
  const resources = plans.flatMap((plan) => plan.resources);
  const diagnosing = new LogDiagnosis(await analyze(resources), resources, areIdsReal);
  const entries = Array.isArray(log) ? log : [log];
  const text = entries.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry))).join("\n");
  const counts = await diagnosing.read(
    (async function* () {
      yield Buffer.from(text);
    })(),
    names,
  );
  const inputs = plans.map(({ project, stack }) => ({
    name: "state.json",
    as: "state" as const,
    project,
    stack,
  }));
  return diagnosing.result(
    { tool: { name: "apigateway-lambda-access", version: "1.2.3" }, inputs },
    "access.log",
    counts,
  );
}

/** The id of a resource in a plan. */
export function idOf({ resources }: Plan, name: string, type: string): string {
  return resources.find((resource) => resource.name === name && resource.type.endsWith(`:${type}`))?.id ?? "";
}
