/** Runs a Pulumi program, in whatever language, against a simulated AWS. */
import { planOfGoProgram } from "./go";
import { planOfHostedProgram } from "./host";
import { planOfNodeProgram } from "./node";
import { type ProgramOptions, type Project, readProject } from "./project";
import { planOfPythonProgram } from "./python";
import type { ServedPlan } from "./served";

export { nameAndRuntime, type ProgramOptions, projectFile } from "./project";

/** What is known of a program that was run. */
export interface ProgramPlan extends ServedPlan {
  /** As its project file names it. */
  readonly runtime: string;
}

/**
 * Plans the Pulumi program in a folder by running it, with neither cloud nor credentials nor Pulumi's engine.
 *
 * @throws {Failure} If it cannot be run, or fails.
 */
export async function planOfProgram(folder: string, options: ProgramOptions): Promise<ProgramPlan> {
  const project = readProject(folder, options.stack);
  return { runtime: project.runtime, ...(await planOf(project, options)) };
}

async function planOf(project: Project, options: ProgramOptions): Promise<ServedPlan> {
  switch (project.runtime) {
    case "nodejs":
      return { remoteComponents: [], ...(await planOfNodeProgram(project, options)) };
    case "python":
      return planOfPythonProgram(project, options);
    case "go":
      return planOfGoProgram(project, options);
    default:
      return planOfHostedProgram(project, options);
  }
}
