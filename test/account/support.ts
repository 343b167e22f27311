import * as assert from "node:assert/strict";
import {
  type AccountData,
  type AccountFile,
  accountData,
  type Existing,
  readAccountFile,
} from "../../account";
import { analyze } from "../../engine/analyze";
import { buildReport } from "../../report";
import type { Answer, Report } from "../../report/model";
import { type Plan, type PlanOptions, type PolicyConfig, plan } from "../../testing";

export const ACCOUNT = "123456789012";
export const DAY = "2026-11-27";

/** The content of files, by name. */
export type Files = Readonly<Record<string, unknown>>;

export interface ReportSettings {
  readonly files?: Files;
  readonly config?: PolicyConfig;
  readonly as?: PlanOptions["as"];
  readonly named?: AccountData["namedResources"];
}

/** The existing resources of a deployed stack's plan, as read from a state. */
export function existingOf({ resources }: Pick<Plan, "resources">): readonly Existing[] {
  return resources.map(({ outputs: props, provider: providerUrn, ...resource }) => ({
    ...resource,
    props,
    ...(providerUrn === undefined ? {} : { providerUrn }),
  }));
}

export function dataOf(files: Files, named: AccountData["namedResources"] = []): AccountData {
  return accountData(filesOf(files), named);
}

export function filesOf(files: Files): readonly AccountFile[] {
  return Object.entries(files).map(([file, content]) => {
    const read = readAccountFile(JSON.parse(JSON.stringify(content)));
    assert.ok(read !== undefined, file);
    return { ...read, file, asOf: DAY };
  });
}

/** The report on a program, with account data if files are given. */
export async function reportOn(
  program: () => unknown,
  { files, config = {}, as = "deployed", named = [] }: ReportSettings = {},
): Promise<Report> {
  const { resources } = await plan(program, { as, project: "shop" });
  const account = filesOf(files ?? {});
  const analysis = await analyze(resources, config, undefined, { account, named });
  assert.deepEqual(analysis.faults, []);
  return buildReport({ version: "1", inputs: [], resources, analysis });
}

export function answersOf({ answers }: Report, gate: Answer["gate"]): readonly Answer[] {
  return answers.filter((answer) => answer.gate === gate);
}

/** The distinct outcomes of a gate, in order. */
export function outcomesOf(report: Report, gate: Answer["gate"]): string {
  return [...new Set(answersOf(report, gate).map(({ outcome }) => outcome))].sort().join();
}

export function documentOf(...statements: readonly object[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
