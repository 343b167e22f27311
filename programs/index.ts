/** Runs a Pulumi program, in any language, against a simulated AWS. */
import type { MissingPlugin } from "../messages/missing-parts";
import { isDryRun, type PartialPlan } from "../testing/plan";
import { requireSettings } from "./advice";
import { planOfGoProgram } from "./go";
import { planOfBuiltProgram } from "./java-dotnet";
import { planOfHostedProgram } from "./language-host";
import { planOfNodeProgram } from "./node";
import { type Plugins, withPlugins } from "./plugins";
import { type ProgramOptions, type Project, readProject } from "./project";
import { planOfPythonProgram } from "./python";

export { nameAndRuntime, type ProgramOptions, projectFile } from "./project";

/** The result of a program that was run. */
export interface ProgramPlan extends PartialPlan {
  /** As in its project file. */
  readonly runtime: string;
  /** The packages whose plugin is missing, with the reason. */
  readonly missingPlugins: ReadonlyMap<string, MissingPlugin>;
}

/**
 * Plans the Pulumi program in a folder by running it, without cloud, credentials or Pulumi's engine.
 *
 * @throws {UserError} If it cannot be run, or fails.
 */
export async function planOfProgram(folder: string, options: ProgramOptions): Promise<ProgramPlan> {
  const project = readProject(folder, options.stack);
  requireSettings(project);
  return withPlugins(project, async ({ find, missing }) => {
    const plan = await planIfComplete(project, { ...options, find }, missing);
    const planned = plan ?? (await planOf(project, { ...options, find, dryRun: true }));
    return { runtime: project.runtime, missingPlugins: missing, ...planned };
  });
}

/**
 * Plans a program as deployed unless a plugin is missing: the outputs of its components are then unknown to the
 * program, and programs handle unknown values only in a preview.
 */
async function planIfComplete(
  project: Project,
  options: ProgramOptions & Pick<Plugins, "find">,
  missing: Plugins["missing"],
): Promise<PartialPlan | undefined> {
  const find: Plugins["find"] = async (pkg) => {
    const plugin = await options.find(pkg);
    if (plugin === undefined && !isDryRun(options)) throw new Error(`the plugin ${pkg.name} is missing`);
    return plugin;
  };
  try {
    const plan = await planOf(project, { ...options, find });
    return missing.size > 0 && !isDryRun(options) ? undefined : plan;
  } catch (error) {
    if (missing.size > 0 && !isDryRun(options)) return undefined;
    throw error;
  }
}

async function planOf(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  switch (project.runtime) {
    case "nodejs":
      return planOfNodeProgram(project, options);
    case "python":
      return planOfPythonProgram(project, options);
    case "go":
      return planOfGoProgram(project, options);
    case "java":
    case "dotnet":
      return planOfBuiltProgram(project, options);
    default:
      return planOfHostedProgram(project, options);
  }
}
