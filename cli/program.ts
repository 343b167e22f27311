import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { type Plan, plan, programFrom } from "../testing";
import { Failure, reasonOf } from "./failure";

/** What a project file says, as far as a run without the Pulumi CLI needs it. */
interface Project {
  readonly name: string;
  /** The folder that the program is loaded from. */
  readonly folder: string;
  /** The file in it, where the project names one. */
  readonly entry?: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface ProgramOptions {
  readonly as: "first-preview" | "deployed";
  readonly stack: string;
}

/**
 * Plans the Pulumi program in a folder by running it, with neither cloud nor credentials nor the Pulumi CLI.
 *
 * @throws {Failure} If it cannot be run, or fails.
 */
export async function planOfProgram(folder: string, options: ProgramOptions): Promise<Plan> {
  const project = readProject(folder, options.stack);
  const { as, stack } = options;
  const restore = [loadTypeScript(project.folder), consoleToErrors(), withoutExit(), workIn(resolve(folder))];
  try {
    return await plan(programFrom(project.folder, project.entry), {
      as,
      project: project.name,
      stack,
      config: project.config,
      secretConfig: project.secrets,
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the program in ${folder} failed: ${reasonOf(error)}`);
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}

/** The project file in a folder. */
export function projectFile(folder: string): string | undefined {
  return ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(folder, name)).find((file) => existsSync(file));
}

function readProject(folder: string, stack: string): Project {
  const file = projectFile(folder);
  if (file === undefined) throw new Failure(`${folder} is a folder without a Pulumi.yaml`);
  const project = readYaml(file);
  const runtime = isObject(project.runtime) ? project.runtime.name : project.runtime;
  if (runtime !== "nodejs")
    throw new Failure(
      `${folder} holds a program for ${text(runtime) ?? "no runtime"}, and only those for nodejs can be run; give what "pulumi stack export" prints instead`,
    );
  const name = text(project.name) ?? "project";
  const main = resolve(folder, text(project.main) ?? ".");
  const isFile = existsSync(main) && statSync(main).isFile();
  const settings = {
    ...settingsIn(project.config, name, true),
    ...settingsIn(stackFile(folder, stack)?.config, name, false),
  };
  const given = Object.entries(settings);
  return {
    name,
    folder: isFile ? dirname(main) : main,
    ...(isFile ? { entry: basename(main) } : {}),
    config: Object.fromEntries(given.map(([key, { value }]) => [key, value])),
    secrets: given.filter(([, { secret }]) => secret).map(([key]) => key),
  };
}

function stackFile(folder: string, stack: string): Record<string, unknown> | undefined {
  // Names of stacks of an organization are written as organization/project/stack.
  const name = stack.slice(stack.lastIndexOf("/") + 1);
  const file = [".yaml", ".yml"]
    .map((end) => join(folder, `Pulumi.${name}${end}`))
    .find((one) => existsSync(one));
  return file === undefined ? undefined : readYaml(file);
}

interface Setting {
  readonly value: string;
  readonly secret: boolean;
}

/**
 * The configuration in a project's or a stack's file. A project describes its settings as `{type, default}`, and
 * a value there may be any; in a stack's file `{secure}` is a secret, whose text stays with whoever can decrypt
 * it.
 * https://www.pulumi.com/docs/iac/concepts/config/
 */
function settingsIn(config: unknown, project: string, described: boolean): Record<string, Setting> {
  const settings: Record<string, Setting> = {};
  for (const [key, entry] of Object.entries(isObject(config) ? config : {})) {
    const name = key.includes(":") ? key : `${project}:${key}`;
    if (isObject(entry) && "secure" in entry) settings[name] = { value: "[secret]", secret: true };
    else {
      const value = described && isObject(entry) ? (entry.value ?? entry.default) : entry;
      if (value !== undefined && value !== null)
        settings[name] = { value: typeof value === "string" ? value : JSON.stringify(value), secret: false };
    }
  }
  return settings;
}

function readYaml(file: string): Record<string, unknown> {
  try {
    const content: unknown = load(readFileSync(file, "utf8"));
    if (isObject(content)) return content;
  } catch {
    // Told below.
  }
  throw new Failure(`${file} cannot be read as YAML`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

type Compiler = typeof import("typescript");

/**
 * Lets `require` load TypeScript: with the compiler that the program has, as the Pulumi CLI does it, else with
 * the one that comes with the program's copy of `@pulumi/pulumi`. Types are not checked. Gives what undoes it.
 */
function loadTypeScript(folder: string): () => void {
  const { extensions } = require;
  const before = extensions[".ts"];
  let ready: { compiler: Compiler; options: import("typescript").CompilerOptions } | undefined;
  extensions[".ts"] = (module, file) => {
    if (ready === undefined) {
      const compiler = compilerOf(folder);
      ready = { compiler, options: compilerOptions(compiler, folder) };
    }
    const { compiler, options } = ready;
    const { outputText, diagnostics } = compiler.transpileModule(readFileSync(file, "utf8"), {
      fileName: file,
      compilerOptions: options,
      reportDiagnostics: true,
    });
    const [error] = diagnostics ?? [];
    if (error !== undefined)
      throw new SyntaxError(`${file}: ${compiler.flattenDiagnosticMessageText(error.messageText, " ")}`);
    (module as unknown as { _compile(code: string, file: string): void })._compile(outputText, file);
  };
  return () => {
    if (before === undefined) delete extensions[".ts"];
    else extensions[".ts"] = before;
  };
}

function compilerOf(folder: string): Compiler {
  const load = createRequire(join(folder, "package.json"));
  for (const name of ["typescript", "@pulumi/pulumi/typescript-shim"]) {
    try {
      const compiler: Compiler = load(name);
      // Not every version can be used from JavaScript.
      if (typeof compiler.transpileModule === "function") return compiler;
    } catch {
      // The next one is tried.
    }
  }
  throw new Failure(
    `the program in ${folder} is written in TypeScript, and no compiler is installed there: npm install typescript@5`,
  );
}

/** The program's own options, but for what would keep the compiler's output from being loaded. */
function compilerOptions(ts: Compiler, folder: string): import("typescript").CompilerOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const host = { ...ts.sys, readDirectory: () => [] };
  const config = file === undefined ? {} : ts.readConfigFile(file, ts.sys.readFile).config;
  const own = ts.parseJsonConfigFileContent(config ?? {}, host, file === undefined ? folder : dirname(file));
  return {
    target: ts.ScriptTarget.ES2020,
    esModuleInterop: true,
    ...own.options,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.NodeJs,
    declaration: false,
    importHelpers: false,
    inlineSourceMap: false,
    noEmit: false,
    sourceMap: false,
    verbatimModuleSyntax: false,
  };
}

/** What a program prints must not stand in the report. */
function consoleToErrors(): () => void {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  return () => {
    process.stdout.write = write;
  };
}

/** A program that ends its process would end this one, with a status that means something else. */
function withoutExit(): () => void {
  const { exit } = process;
  process.exit = () => {
    throw new Error("it called process.exit");
  };
  return () => {
    process.exit = exit;
  };
}

/** Programs read files beside them by relative paths: the Pulumi CLI starts them in their folder. */
function workIn(folder: string): () => void {
  const before = process.cwd();
  process.chdir(folder);
  return () => process.chdir(before);
}
