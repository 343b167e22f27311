import { join, resolve } from "node:path";
import type { PartialPlan } from "../testing/plan";
import { onPath, withChild, withTemporaryFolder } from "./child-process";
import type { ProgramOptions, Project } from "./project";
import { environmentOf, PATIENCE, planOfServed, throwIfFailed } from "./served";
import { UserError } from "./user-error";

/**
 * The maximum number of seconds that a program may take to build: the typed package of AWS alone takes minutes the
 * first time.
 */
export const BUILD_PATIENCE = 1_800;

/**
 * Plans a program for Go: builds it, or uses the binary that the project names, and runs it. Its SDK finds the monitor
 * through environment variables.
 *
 * @throws {UserError} If it cannot be built or run, or fails.
 */
export async function planOfGoProgram(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const { binary } = project.options;
  if (typeof binary === "string") return planOfBinary(resolve(project.root, binary), project, options);
  return withTemporaryFolder(async (folder) => {
    const built = join(folder, process.platform === "win32" ? "program.exe" : "program");
    await build(project, built);
    return planOfBinary(built, project, options);
  });
}

async function build({ givenPath, folder, entry }: Project, output: string): Promise<void> {
  const go = onPath("go");
  if (go === undefined) throw new UserError(`the program in ${givenPath} requires Go, which is not on PATH`);
  const started = Date.now();
  const child = { file: go, args: ["build", "-o", output, entry ?? "."], folder, environment: {} };
  await withChild(child, { lastActivity: () => started, patience: BUILD_PATIENCE }, async ({ ended }) => {
    const { status, errors } = await ended;
    // A line that begins with # names the package of the following lines.
    const [first, next = ""] = errors
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("#"));
    const error = first?.endsWith(":") ? `${first} ${next.trim()}` : first;
    if (status !== 0)
      throw new UserError(
        `the program in ${givenPath} cannot be built: ${error?.trim() ?? "go build failed"}`,
      );
  });
}

async function planOfBinary(file: string, project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const { patience = PATIENCE } = options;
  return planOfServed(project, options, (monitor) => {
    const environment = environmentOf(project, options, monitor);
    const child = { file, args: [], folder: project.folder, environment };
    return withChild(child, { lastActivity: monitor.lastRequestTime, patience }, async ({ ended }) =>
      throwIfFailed({ project, monitor, patience }, await ended),
    );
  });
}
