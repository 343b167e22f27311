/** Runs a Pulumi program, in whatever language, against a simulated AWS. */
import type { Plan } from "../testing";
import { planOfGoProgram } from "./go";
import { planOfHostedProgram } from "./host";
import { planOfNodeProgram } from "./node";
import { type ProgramOptions, readProject } from "./project";
import { planOfPythonProgram } from "./python";

export { type ProgramOptions, projectFile } from "./project";

/** A plan of a program, and what is missing in it. */
export interface ProgramPlan extends Plan {
  /** Types of components that a plugin makes: their parts are not in the plan. */
  readonly remoteComponents: readonly string[];
}

/**
 * Plans the Pulumi program in a folder by running it, with neither cloud nor credentials nor Pulumi's engine.
 *
 * @throws {Failure} If it cannot be run, or fails.
 */
export async function planOfProgram(folder: string, options: ProgramOptions): Promise<ProgramPlan> {
  const project = readProject(folder, options.stack);
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
