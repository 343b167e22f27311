import { positionFrom } from "../engine/source";
import { ORGANIZATION } from "../testing/components";
import type { SchemaOf } from "../testing/monitor-server";
import { isDryRun, type PartialPlan } from "../testing/plan";
import { type ServedMonitor, serveMonitor } from "../testing/server";
import { programError } from "./advice";
import type { ExitResult } from "./child-process";
import { type ProgramOptions, type Project, planOptions } from "./project";
import { lastLine, UserError } from "./user-error";

/** The maximum number of seconds for which a program may be idle. */
export const PATIENCE = 300;

/** The number of requests of a program that run in parallel: the CLI's default. */
export const PARALLEL = "16";

/**
 * Serves a monitor while a program runs against it, and returns the plan of its resources.
 *
 * @throws {UserError} If the program fails.
 */
export async function planOfServed(
  project: Project,
  options: ProgramOptions,
  run: (monitor: ServedMonitor) => Promise<void>,
  schemaOf?: SchemaOf,
): Promise<PartialPlan> {
  const monitor = await serveMonitor(
    { ...planOptions(project, options), locate: (position) => positionFrom(project.root, position) },
    {
      ...(schemaOf === undefined ? {} : { schemaOf }),
      ...(options.find === undefined ? {} : { find: options.find }),
    },
  );
  try {
    await run(monitor);
    const [error] = monitor.errors;
    if (error !== undefined) throw programError(project, error);
    const { resources, ...plan } = monitor.plan();
    if (resources.length === 0)
      throw new UserError(
        `the program in ${project.givenPath} ended without registering any resource, not even its stack`,
      );
    return { ...plan, resources, remoteComponents: monitor.remoteComponents };
  } finally {
    monitor.close();
  }
}

/** A program that runs against a served monitor, with its idle timeout in seconds. */
export interface ServedRun {
  readonly project: Project;
  readonly monitor: ServedMonitor;
  readonly patience: number;
}

/** @throws {UserError} If the program failed or timed out. */
export function throwIfFailed({ project, monitor, patience }: ServedRun, ended: ExitResult): void {
  if (ended.isTimedOut)
    throw new UserError(
      `the program in ${project.givenPath} was stopped: it was idle for more than ${patience} s (see --patience)`,
    );
  const [logged] = monitor.errors;
  if (logged !== undefined) throw programError(project, logged);
  if (ended.status !== 0)
    throw programError(
      project,
      lastLine(ended.errors) ??
        `it ended with ${ended.status === undefined ? "a signal" : `exit status ${ended.status}`}`,
    );
}

/**
 * The environment variables that the SDKs for Go, .NET and Java read, and those for configuration that all SDKs read.
 */
export function environmentOf(
  project: Project,
  options: ProgramOptions,
  monitor: ServedMonitor,
): Record<string, string> {
  const { config, project: name, stack } = settingsOfPlan(project, monitor);
  return {
    PULUMI_PROJECT: name,
    PULUMI_STACK: stack,
    PULUMI_ORGANIZATION: ORGANIZATION,
    PULUMI_ROOT_DIRECTORY: project.root,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(project.secrets),
    PULUMI_DRY_RUN: String(isDryRun(options)),
    PULUMI_PARALLEL: PARALLEL,
    PULUMI_MONITOR: monitor.address,
    PULUMI_ENGINE: monitor.address,
  };
}

function settingsOfPlan(project: Project, monitor: ServedMonitor) {
  const { project: name, stack } = monitor.plan();
  return { project: name, stack, config: project.config };
}
