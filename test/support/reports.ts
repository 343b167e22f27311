import * as path from "node:path";
import { analyze } from "../../engine/analyze";
import { buildReport } from "../../report";
import type { Answer, Input, Report } from "../../report/model";
import { type Plan, type PolicyConfig, type Program, plan, programFrom } from "../../testing";

export type Moment = "first-preview" | "deployed";

export interface ReportOptions {
  readonly as?: Moment;
  readonly config?: PolicyConfig;
  readonly only?: readonly string[];
}

/** The report on a program, as from the command. */
export async function reportOn(program: Program, options: ReportOptions = {}): Promise<Report> {
  const planned = await plan(program, { project: "shop", as: options.as ?? "deployed" });
  return reportOnPlans([planned], options);
}

/** One report on several plans. */
export async function reportOnPlans(
  plans: readonly Plan[],
  { as = "deployed", config = {}, only }: ReportOptions = {},
): Promise<Report> {
  const resources = plans.flatMap((planned) => planned.resources);
  return buildReport({
    version: "1.2.3",
    inputs: plans.map(
      ({ project, stack, resources }): Input => ({
        name: project,
        as,
        project,
        stack,
        resources: resources.length,
      }),
    ),
    resources,
    analysis: await analyze(resources, config),
    ...(only === undefined ? {} : { only: new Set(only) }),
  });
}

export function example(name: string): Program {
  return programFrom(path.resolve(__dirname, "../../examples", name));
}

/** For example `caller-route allowed: role "caller" can call GET /orders of API shop`. */
export function answerText({ gate, outcome, question }: Answer): string {
  return `${gate} ${outcome}: ${question}`;
}
