import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { type Drift, driftOf } from "../account";
import type { Analysis } from "../engine/analyze";
import type { PolicyConfig } from "../engine/model";
import { describeMissingStacks } from "../messages/report";
import { faultOf } from "../policies/framework/faults";
import type { ProgramOptions } from "../programs";
import { errorMessage, UserError } from "../programs/user-error";
import type { EntryIds } from "../report/build";
import { type KnownRuntime, languagesOf } from "../report/languages";
import type { IncompleteComponent } from "../report/missing-parts";
import type { Report } from "../report/model";
import { readAccountFiles } from "./account";
import { policyConfig, type ReadConfig, unknownNames, withoutLevels } from "./config";
import { Faults } from "./faults";
import type { ReadInput } from "./input";
import { printToStderr, progress } from "./output";

export const { version }: { version: string } = createRequire(__filename)(
  "apigateway-lambda-access/package.json",
);

export interface AnalyzeOptions extends ProgramOptions {
  readonly policyConfig?: string;
  /** Files of account data: output of AWS CLI commands. */
  readonly account?: readonly string[];
  /** Whether every principal of the account is treated as an intended caller, not only those that the stack names. */
  readonly allPrincipals?: boolean;
  /** Whether policies that the configuration disables are evaluated too: AWS denies requests at any level. */
  readonly includeDisabled?: boolean;
}

/** Inputs that were read and evaluated. */
export interface AnalyzedInputs {
  readonly read: readonly ReadInput[];
  readonly analysis: Analysis;
  readonly report: Report;
  readonly entryIds: EntryIds;
}

/**
 * Reads and evaluates the inputs of the command line.
 *
 * @throws {UserError} If an input or the configuration cannot be read.
 */
export async function analyzeInputs(
  names: readonly string[],
  options: AnalyzeOptions,
  only?: readonly string[],
): Promise<AnalyzedInputs> {
  const showProgress = progress();
  try {
    // Loaded late, since the help text does not need it.
    const [
      { isFolder, readInputs },
      { analyze },
      { buildIndexedReport, driftEntries, missingPluginEntries, possibleParts },
      { POLICIES },
    ] = await Promise.all([
      import("./input"),
      import("../engine/analyze"),
      import("../report"),
      import("../policies"),
    ]);
    const policies = POLICIES.map(({ metadata }) => metadata.name);
    const [unknown] = unknownNames(only ?? [], policies);
    if (unknown !== undefined) throw new UserError(unknown);
    const configuration = readConfigWithWarnings(options.policyConfig, policies);
    const config = options.includeDisabled ? withoutLevels(configuration) : configuration;
    const read = await readInputs(names, options, showProgress);
    for (const { input, skippedEntries, missingStacks } of read) {
      if (skippedEntries.length > 0) printToStderr(skippedEntriesWarning(input.name, skippedEntries));
      if (missingStacks.length > 0)
        printToStderr(`warning: ${input.name}: ${describeMissingStacks(missingStacks)}`);
    }
    const faults = new Faults();
    const account = faults.attempt(() => readAccountFiles(options.account ?? []));
    const planned = read.flatMap(({ plan }) => plan.resources);
    const components = read.flatMap(({ remoteComponents }) => remoteComponents);
    const parts = components.length === 0 ? [] : faults.attempt(() => possibleParts(planned, components));
    const resources = [...planned, ...parts];
    showProgress(`analyzing ${resources.length} resources`, resources.length);
    const languages = languagesOf(resources, read.flatMap(knownRuntimes));
    const analysis = await analyze(resources, config, languages, {
      account,
      removed: read.flatMap(({ removed = [] }) =>
        removed.map(({ type, outputs: props }) => ({ type, props })),
      ),
      ...(options.allPrincipals ? { named: "everything" as const } : {}),
      folders: () => programFolders(read.map(({ input }) => input.name).filter(isFolder)),
    });
    for (const fault of analysis.faults) faults.add(fault);
    showProgress("creating the report", resources.length);
    const { report: baseReport, entryIds } = buildIndexedReport({
      version,
      inputs: read.map(({ input }) => input),
      resources,
      analysis,
      onFault: (error) => faults.add(faultOf(error)),
      ...(only === undefined ? {} : { only: new Set(only) }),
    });
    const [drift] = faults.attempt(() => [driftEntries(driftOfInputs(analysis, read), resources)]);
    const [missing] = faults.attempt(() => [
      missingPluginEntries(baseReport, resources, read.flatMap(componentsWithoutParts)),
    ]);
    const report = { ...baseReport, ...drift, ...missing };
    for (const { message } of report.missingPlugins ?? []) printToStderr(`warning: ${message}`);
    return { read, analysis: { ...analysis, faults: faults.all }, report, entryIds };
  } finally {
    showProgress();
  }
}

/** Differences between AWS and states, including the states in previews. */
function driftOfInputs({ account }: Analysis, read: readonly ReadInput[]): readonly Drift[] {
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
export function programFolders(programs: readonly string[]): readonly string[] {
  return programs.length > 0 ? programs.map((folder) => resolve(folder)) : [process.cwd()];
}

/** The configuration in a file, with a warning for each part that has no effect here. */
function readConfigWithWarnings(file: string | undefined, policies: readonly string[]): PolicyConfig {
  if (file === undefined) return {};
  const { config, environments } = readConfig(file);
  for (const unknownName of unknownNames(Object.keys(config), ["all", ...policies]))
    printToStderr(`warning: ${file}: ${unknownName}`);
  if (environments.length > 0)
    printToStderr(`warning: ${file}: Pulumi ESC environments are not opened: ${environments.join(", ")}`);
  return config;
}

export function readConfig(file: string): ReadConfig {
  try {
    return policyConfig(readFileSync(file, "utf8"), file);
  } catch (error) {
    throw error instanceof UserError
      ? error
      : new UserError(`${file} cannot be read: ${errorMessage(error)}`);
  }
}

function knownRuntimes({ input: { project, stack }, runtime }: ReadInput): readonly KnownRuntime[] {
  return runtime === undefined ? [] : [{ project, stack, runtime }];
}

function skippedEntriesWarning(input: string, entries: readonly string[]): string {
  const more = entries.length > 3 ? ` and ${entries.length - 3} more` : "";
  return `warning: ${input}: skipped entries that are not resources: ${entries.slice(0, 3).join(", ")}${more}`;
}

/** The components of an input whose plugin is missing, and the reason. */
function componentsWithoutParts({
  remoteComponents,
  missingPlugins,
}: ReadInput): readonly IncompleteComponent[] {
  return remoteComponents.map((urn) => {
    const [name = ""] = (urn.split("::")[2]?.split("$").at(-1) ?? "").split(":");
    return { urn, plugin: missingPlugins.get(name) ?? { code: "unknown" } };
  });
}
