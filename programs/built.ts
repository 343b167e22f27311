import { existsSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { PlanInPart } from "../testing/plan";
import { failed } from "./advice";
import { type Ended, onPath, withChild } from "./child";
import { BUILD_PATIENCE } from "./go";
import { planOfHostedProgram } from "./host";
import type { ProgramOptions, Project } from "./project";
import { environmentOf, PATIENCE, planOfServed, refuseFailure, type ServedRun } from "./served";
import { UserError } from "./user-error";

/**
 * Plans a program for Java or .NET, whose SDKs find the monitor through environment variables: runs it with its build
 * tool, as Pulumi's language hosts do, or runs the binary that the project names.
 *
 * @throws {UserError} If it cannot be built or run, or fails.
 */
export async function planOfBuiltProgram(project: Project, options: ProgramOptions): Promise<PlanInPart> {
  const { runtime, given, folder } = project;
  const wanted = runtime === "java" ? javaCommand(project) : dotnetCommand(project);
  if (wanted === undefined) return planOfHostedProgram(project, options);
  const [tool = ""] = wanted;
  const file = tool.includes("/") ? tool : onPath(tool);
  if (file === undefined) throw new UserError(`the program in ${given} needs ${tool}, which is not on PATH`);
  const { patience = PATIENCE } = options;
  const started = Date.now();
  return planOfServed(project, options, (monitor) => {
    // A program makes no requests while it is being built.
    const since = (): number =>
      monitor.hasBegun() ? monitor.lastAsked() : started + (BUILD_PATIENCE - patience) * 1_000;
    const environment = environmentOf(project, options, monitor);
    const child = { file, args: wanted.slice(1), folder, environment };
    return withChild(child, { since, patience }, async ({ ended }) =>
      refuse({ project, monitor, patience }, await ended),
    );
  });
}

function refuse(run: ServedRun, ended: Ended): void {
  const { project, monitor } = run;
  const built = ended.status === 0 || monitor.hasBegun() || ended.outOfTime;
  const error = built ? undefined : buildError(`${ended.output}\n${ended.errors}`);
  if (error !== undefined && monitor.errors.length === 0) throw failed(project, error);
  refuseFailure(run, ended);
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
  const named = options["use-executor"];
  const tool = typeof named === "string" ? named : undefined;
  const has = (...names: string[]): boolean => names.some((name) => existsSync(join(folder, name)));
  const own = (wrapper: string, name: string): string =>
    tool ?? (has(wrapper) ? join(folder, wrapper) : name);
  if (typeof binary === "string" && extname(binary) === ".jar")
    return ["java", "-jar", resolve(root, binary)];
  if (tool?.includes("mvn") || has("pom.xml"))
    return [own("mvnw", "mvn"), "--no-transfer-progress", "--quiet", "compile", "exec:java"];
  if (tool?.includes("gradle") || has("settings.gradle", "settings.gradle.kts", "build.gradle"))
    return [own("gradlew", "gradle"), "run", "--console=plain"];
  if (tool?.includes("jbang") || has("jbang.properties") || typeof binary === "string")
    return [
      own("jbang", "jbang"),
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
