import { existsSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { PartialPlan } from "../testing/plan";
import { programError } from "./advice";
import { type ExitResult, onPath, withChild } from "./child-process";
import { BUILD_PATIENCE } from "./go";
import { planOfHostedProgram } from "./language-host";
import type { ProgramOptions, Project } from "./project";
import { environmentOf, PATIENCE, planOfServed, type ServedRun, throwIfFailed } from "./served";
import { UserError } from "./user-error";

/**
 * Plans a program for Java or .NET, whose SDKs find the monitor through environment variables: runs it with its build
 * tool, as Pulumi's language hosts do, or runs the binary that the project names.
 *
 * @throws {UserError} If it cannot be built or run, or fails.
 */
export async function planOfBuiltProgram(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const { runtime, givenPath, folder } = project;
  const command = runtime === "java" ? javaCommand(project) : dotnetCommand(project);
  if (command === undefined) return planOfHostedProgram(project, options);
  const [tool = ""] = command;
  const file = tool.includes("/") ? tool : onPath(tool);
  if (file === undefined)
    throw new UserError(`the program in ${givenPath} requires ${tool}, which is not on PATH`);
  const { patience = PATIENCE } = options;
  const started = Date.now();
  return planOfServed(project, options, (monitor) => {
    // A program makes no requests while it is being built.
    const lastActivity = (): number =>
      monitor.hasBegun() ? monitor.lastRequestTime() : started + (BUILD_PATIENCE - patience) * 1_000;
    const environment = environmentOf(project, options, monitor);
    const child = { file, args: command.slice(1), folder, environment };
    return withChild(child, { lastActivity, patience }, async ({ ended }) =>
      throwIfNotBuilt({ project, monitor, patience }, await ended),
    );
  });
}

function throwIfNotBuilt(run: ServedRun, ended: ExitResult): void {
  const { project, monitor } = run;
  const isBuilt = ended.status === 0 || monitor.hasBegun() || ended.isTimedOut;
  const error = isBuilt ? undefined : buildError(`${ended.output}\n${ended.errors}`);
  if (error !== undefined && monitor.errors.length === 0) throw programError(project, error);
  throwIfFailed(run, ended);
}

/** The first error that a build tool prints: `[ERROR] …` of Maven, `error: …` of compilers, `error CS1002: …`. */
function buildError(output: string): string | undefined {
  const lines = stripVTControlCharacters(output).split("\n");
  return lines
    .map((line) => /(?:\[ERROR\] +|\berror(?: [A-Z]+\d+)?: +)(.*\S)/i.exec(line)?.[1])
    .find((line) => line !== undefined && !/^(?:COMPILATION ERROR|Failed to execute goal)/.test(line));
}

/** https://www.pulumi.com/docs/iac/languages-sdks/java/ */
function javaCommand({ options, folder, root }: Project): readonly string[] | undefined {
  const { binary } = options;
  const executor = options["use-executor"];
  const tool = typeof executor === "string" ? executor : undefined;
  const has = (...names: string[]): boolean => names.some((name) => existsSync(join(folder, name)));
  const wrapperOr = (wrapper: string, name: string): string =>
    tool ?? (has(wrapper) ? join(folder, wrapper) : name);
  if (typeof binary === "string" && extname(binary) === ".jar")
    return ["java", "-jar", resolve(root, binary)];
  if (tool?.includes("mvn") || has("pom.xml"))
    return [wrapperOr("mvnw", "mvn"), "--no-transfer-progress", "--quiet", "compile", "exec:java"];
  if (tool?.includes("gradle") || has("settings.gradle", "settings.gradle.kts", "build.gradle"))
    return [wrapperOr("gradlew", "gradle"), "run", "--console=plain"];
  if (tool?.includes("jbang") || has("jbang.properties") || typeof binary === "string")
    return [
      wrapperOr("jbang", "jbang"),
      "--quiet",
      "run",
      typeof binary === "string" ? resolve(root, binary) : "src/main.java",
    ];
  return undefined;
}

/** https://www.pulumi.com/docs/iac/languages-sdks/dotnet/ */
function dotnetCommand({ options: { binary }, root }: Project): readonly string[] {
  if (typeof binary !== "string") return ["dotnet", "run"];
  const file = resolve(root, binary);
  return extname(file) === ".dll" ? ["dotnet", file] : [file];
}
