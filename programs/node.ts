import type { SourceMap } from "node:module";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { positionFrom } from "../engine/source";
import { type CodePosition, programFrom, type SourcePosition } from "../testing";
import { loadModules, MissingCompiler } from "../testing/modules";
import { type PartialPlan, planUntilIdle } from "../testing/plan";
import { programError } from "./advice";
import { type ProgramOptions, type Project, planOptions } from "./project";
import { PATIENCE } from "./served";
import { ExitCalled, UserError } from "./user-error";
import { withWatchdog } from "./watchdog";

/**
 * Plans a program for Node by running it in this process.
 *
 * @throws {UserError} If it fails.
 */
export async function planOfNodeProgram(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const maps = new Map<string, SourceMap>();
  const restorers = [
    loadModules(project.folder, { always: true, maps }),
    redirectStdoutToStderr(),
    forbidExit(),
    changeFolder(project.root),
  ];
  const { patience = PATIENCE } = options;
  const timeoutMessage = `the program in ${project.givenPath} was stopped: it ran for more than ${patience} s (see --patience)`;
  try {
    return await withWatchdog({ patience, status: 2, message: `error: ${timeoutMessage}` }, () =>
      Promise.race([
        planUntilIdle(
          programFrom(project.folder, project.entry),
          {
            ...planOptions(project, options),
            locate: (position) => sourcePosition(project.root, maps, position),
          },
          options.find ?? (async () => undefined),
        ),
        setTimeoutPromise(patience * 1_000, undefined, { ref: false }).then(() => {
          throw new UserError(timeoutMessage);
        }),
      ]),
    );
  } catch (error) {
    if (error instanceof MissingCompiler) throw new UserError(error.message);
    if (error instanceof UserError) throw error;
    throw programError(project, error);
  } finally {
    for (const callback of restorers.reverse()) callback();
  }
}

/** The position in the source files; the lines of the compiler's output differ. */
function sourcePosition(
  root: string,
  maps: ReadonlyMap<string, SourceMap>,
  position: CodePosition,
): SourcePosition | undefined {
  const map = position.uri.startsWith("file:") ? maps.get(fileURLToPath(position.uri)) : undefined;
  if (map === undefined) return positionFrom(root, position);
  // A source map counts from 0.
  const entry = map.findEntry(position.line - 1, position.column - 1);
  if (!("originalLine" in entry)) return undefined;
  const { originalLine, originalColumn } = entry;
  return positionFrom(root, { uri: position.uri, line: originalLine + 1, column: originalColumn + 1 });
}

/** The output of a program must not become part of the report. */
function redirectStdoutToStderr(): () => void {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  return () => {
    process.stdout.write = write;
  };
}

/** A program that ends its process would end this one, with an exit status that has another meaning here. */
function forbidExit(): () => void {
  const { exit } = process;
  process.exit = () => {
    throw new ExitCalled();
  };
  return () => {
    process.exit = exit;
  };
}

/** Programs read files by relative paths: the Pulumi CLI starts them in their folder. */
function changeFolder(folder: string): () => void {
  const previousFolder = process.cwd();
  process.chdir(folder);
  return () => process.chdir(previousFolder);
}
