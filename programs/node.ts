import { readFileSync, realpathSync } from "node:fs";
import { createRequire, SourceMap } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CodePosition, type Plan, plan, programFrom, type SourcePosition } from "../testing";
import { positionFrom } from "../testing/source";
import { Failure, reasonOf } from "./failure";
import { type ProgramOptions, type Project, planOptions } from "./project";

/**
 * Plans a program for Node by running it in this process.
 *
 * @throws {Failure} If it fails.
 */
export async function planOfNodeProgram(project: Project, options: ProgramOptions): Promise<Plan> {
  const maps = new Map<string, SourceMap>();
  const undo = [loadTypeScript(project.folder, maps), consoleToErrors(), withoutExit(), workIn(project.root)];
  try {
    return await plan(programFrom(project.folder, project.entry), {
      ...planOptions(project, options),
      locate: (position) => located(project.root, maps, position),
    });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the program in ${project.given} failed: ${reasonOf(error)}`);
  } finally {
    for (const one of undo.reverse()) one();
  }
}

/** The place in the sources: the compiler's output has lines of its own. */
function located(
  root: string,
  maps: ReadonlyMap<string, SourceMap>,
  position: CodePosition,
): SourcePosition | undefined {
  const map = position.uri.startsWith("file:") ? maps.get(fileURLToPath(position.uri)) : undefined;
  if (map === undefined) return positionFrom(root, position);
  // A map counts from 0.
  const entry = map.findEntry(position.line - 1, position.column - 1);
  if (!("originalLine" in entry)) return undefined;
  const { originalLine, originalColumn } = entry;
  return positionFrom(root, { uri: position.uri, line: originalLine + 1, column: originalColumn + 1 });
}

type Compiler = typeof import("typescript");

/**
 * Lets `require` load TypeScript: with the compiler that the program has, as the Pulumi CLI does it, else with
 * the one that comes with the program's copy of `@pulumi/pulumi`. Types are not checked. Gives what undoes it.
 */
function loadTypeScript(folder: string, maps: Map<string, SourceMap>): () => void {
  const { extensions } = require;
  const before = extensions[".ts"];
  let ready: { compiler: Compiler; options: import("typescript").CompilerOptions } | undefined;
  extensions[".ts"] = (module, file) => {
    if (ready === undefined) {
      const compiler = compilerOf(folder);
      ready = { compiler, options: compilerOptions(compiler, folder) };
    }
    const { compiler, options } = ready;
    const { outputText, diagnostics, sourceMapText } = compiler.transpileModule(readFileSync(file, "utf8"), {
      fileName: file,
      compilerOptions: options,
      reportDiagnostics: true,
    });
    const [error] = diagnostics ?? [];
    if (error !== undefined)
      throw new SyntaxError(`${file}: ${compiler.flattenDiagnosticMessageText(error.messageText, " ")}`);
    if (sourceMapText !== undefined) maps.set(realpathSync(file), new SourceMap(JSON.parse(sourceMapText)));
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
    sourceMap: true,
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
