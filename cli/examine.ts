import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { type Drift, driftOf } from "../account";
import type { Analysis } from "../engine/analyze";
import type { PolicyConfig } from "../engine/model";
import { faultOf } from "../policies/framework/faults";
import type { ProgramOptions } from "../programs";
import { Failure, reasonOf } from "../programs/failure";
import { type KnownRuntime, languagesOf } from "../report/languages";
import type { Report } from "../report/model";
import { accountIn } from "./account";
import { policyConfig, type ReadConfig, unknownNames, withoutLevels } from "./config";
import { Faults } from "./faults";
import type { ReadInput } from "./input";
import { note, progress } from "./output";

export const { version }: { version: string } = createRequire(__filename)(
  "apigateway-lambda-access/package.json",
);

export interface AnalyzeOptions extends ProgramOptions {
  readonly policyConfig?: string;
  /** Files of account data: output of AWS CLI commands. */
  readonly account?: readonly string[];
  /** Whether every principal of the account counts as intended, rather than only those that the stack names. */
  readonly everyone?: boolean;
  /** Whether policies that the configuration disables are evaluated too: AWS denies requests at any level. */
  readonly anyLevel?: boolean;
}

/** Inputs that were read and evaluated. */
export interface AnalyzedInputs {
  readonly read: readonly ReadInput[];
  readonly analysis: Analysis;
  readonly report: Report;
}

/**
 * Reads and evaluates the inputs of the command line.
 *
 * @throws {Failure} If an input or the configuration cannot be read.
 */
export async function analyzeInputs(
  names: readonly string[],
  options: AnalyzeOptions,
  only?: readonly string[],
): Promise<AnalyzedInputs> {
  const show = progress();
  try {
    // Loaded late, since the help text does not need it.
    const [
      { isFolder, readInputs },
      { analyze },
      { buildReport, driftEntries, missingPluginEntries, possibleParts },
      { POLICIES },
    ] = await Promise.all([
      import("./input"),
      import("../engine/analyze"),
      import("../report"),
      import("../policies"),
    ]);
    const policies = POLICIES.map(({ metadata }) => metadata.name);
    const [unknown] = unknownNames(only ?? [], policies);
    if (unknown !== undefined) throw new Failure(unknown);
    const configured = configOf(options.policyConfig, policies);
    const config = options.anyLevel ? withoutLevels(configured) : configured;
    const read = await readInputs(names, options, show);
    for (const { input, leftOut, missingStacks } of read) {
      if (leftOut.length > 0) note(leftOutOf(input.name, leftOut));
      if (missingStacks.length > 0) note(unknownOutputs(input.name, missingStacks));
    }
    const faults = new Faults();
    const account = faults.attempt(() => accountIn(options.account ?? []));
    const planned = read.flatMap(({ plan }) => plan.resources);
    const components = read.flatMap(({ remoteComponents }) => remoteComponents);
    const parts = components.length === 0 ? [] : faults.attempt(() => possibleParts(planned, components));
    const resources = [...planned, ...parts];
    show(`analyzing ${resources.length} resources`, resources.length);
    const languages = languagesOf(resources, read.flatMap(runtimeOf));
    const analysis = await analyze(resources, config, languages, {
      account,
      removed: read.flatMap(({ removed = [] }) =>
        removed.map(({ type, outputs: props }) => ({ type, props })),
      ),
      ...(options.everyone ? { named: "everything" as const } : {}),
      folders: () => foldersOf(read.map(({ input }) => input.name).filter(isFolder)),
    });
    for (const fault of analysis.faults) faults.add(fault);
    show("making the report", resources.length);
    const built = buildReport({
      version,
      inputs: read.map(({ input }) => input),
      resources,
      analysis,
      onFault: (error) => faults.add(faultOf(error)),
      ...(only === undefined ? {} : { only: new Set(only) }),
    });
    const [drift] = faults.attempt(() => [driftEntries(driftIn(analysis, read), resources)]);
    const [missing] = faults.attempt(() => [
      missingPluginEntries(built, resources, read.flatMap(withoutParts)),
    ]);
    const report = { ...built, ...drift, ...missing };
    for (const { message } of report.missingPlugins ?? []) note(`warning: ${message}`);
    return { read, analysis: { ...analysis, faults: faults.all }, report };
  } finally {
    show();
  }
}

/** Differences between AWS and states, including the states in previews. */
function driftIn({ account }: Analysis, read: readonly ReadInput[]): readonly Drift[] {
  if (account === undefined) return [];
  const existing = read
    .flatMap(({ existing: resources = [] }) => resources)
    .map(({ outputs: props, provider: providerUrn, ...resource }) => ({
      ...resource,
      props,
      ...(providerUrn === undefined ? {} : { providerUrn }),
    }));
  return driftOf(account, existing);
}

/** The folders of the programs; with states only, the current folder. */
export function foldersOf(programs: readonly string[]): readonly string[] {
  return programs.length > 0 ? programs.map((folder) => resolve(folder)) : [process.cwd()];
}

/** The configuration in a file, with a warning for each part that has no effect here. */
function configOf(file: string | undefined, policies: readonly string[]): PolicyConfig {
  if (file === undefined) return {};
  const { config, environments } = configIn(file);
  for (const unknownName of unknownNames(Object.keys(config), ["all", ...policies]))
    note(`warning: ${file}: ${unknownName}`);
  if (environments.length > 0)
    note(`warning: ${file}: environments of Pulumi ESC are not opened here: ${environments.join(", ")}`);
  return config;
}

export function configIn(file: string): ReadConfig {
  try {
    return policyConfig(readFileSync(file, "utf8"), file);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

function runtimeOf({ input: { project, stack }, runtime }: ReadInput): readonly KnownRuntime[] {
  return runtime === undefined ? [] : [{ project, stack, runtime }];
}

function leftOutOf(input: string, entries: readonly string[]): string {
  const more = entries.length > 3 ? ` and ${entries.length - 3} more` : "";
  return `warning: ${input}: skipped entries that are not resources: ${entries.slice(0, 3).join(", ")}${more}`;
}

function unknownOutputs(input: string, stacks: readonly string[]): string {
  return `warning: ${input}: the outputs of ${stacks.slice(0, 5).join(", ")} are unknown, and routes that depend on them are unproven: add the exported state or the program's folder of ${stacks.length === 1 ? "this stack" : "these stacks"} as well`;
}

/** The components of an input whose plugin is missing, and why. */
function withoutParts({ remoteComponents, missingPlugins }: ReadInput) {
  return remoteComponents.map((urn) => {
    const [name = ""] = (urn.split("::")[2]?.split("$").at(-1) ?? "").split(":");
    return { urn, why: missingPlugins.get(name) ?? "it is not there" };
  });
}
