import { readFileSync, realpathSync } from "node:fs";
import Module, { createRequire, SourceMap } from "node:module";
import { dirname, extname, join } from "node:path";

/**
 * Loads the modules of a program with `require`, regardless of their language and module system: Node keeps ES modules in
 * memory while the process runs, and each run has to load the program again. Types are not checked.
 */

type Compiler = typeof import("typescript");
type Extension = NonNullable<NodeJS.RequireExtensions[string]>;
type SourceFile = import("typescript").SourceFile;
type Node = import("typescript").Node;

/** How the modules of a program are loaded. */
export interface LoadOptions {
  /** Compile TypeScript, too, even where another loader already does. */
  readonly always?: boolean;
  /** Receives the source maps of compiled files. */
  readonly maps?: Map<string, SourceMap>;
}

const SCRIPTS = [".js", ".mjs", ".ts", ".mts", ".cts"] as const;

/** The extensions in imports of compiled TypeScript files. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

let active = false;

/** Lets `require` load the modules of a program in a folder; returns a function that undoes it. */
export function loadModules(folder: string, { always = false, maps }: LoadOptions = {}): () => void {
  if (active) return () => undefined;
  active = true;
  const { extensions } = require;
  const previousLoaders = new Map(SCRIPTS.map((extension) => [extension, extensions[extension]]));
  const compile = compilerFor(folder, maps);
  const types = new Map<string, boolean>();
  const asJavaScript = previousLoaders.get(".js") as Extension;
  for (const [extension, load] of previousLoaders) {
    const isTypeScript = extension.endsWith("ts");
    extensions[extension] = (module, file) => {
      const isOwnFile = !/[\\/]node_modules[\\/]/.test(file);
      const isCompiled =
        (isTypeScript && (always || load === undefined)) || (isOwnFile && isEsModule(file, types));
      if (isCompiled) evaluate(module, file, compile(file));
      else (load ?? asJavaScript)(module, file);
    };
  }
  const restore = resolveSources();
  return () => {
    active = false;
    restore();
    for (const [extension, load] of previousLoaders)
      if (load === undefined) delete extensions[extension];
      else extensions[extension] = load;
  };
}

/** https://nodejs.org/api/packages.html#determining-module-system */
export function isEsModule(file: string, cache = new Map<string, boolean>()): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (/\.c[jt]s$/.test(file)) return false;
  const folder = dirname(file);
  const isModule =
    cache.get(folder) ?? typeOf(folder) ?? (dirname(folder) !== folder && isEsModule(folder, cache));
  cache.set(folder, isModule);
  return isModule;
}

function typeOf(folder: string): boolean | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).type === "module";
  } catch {
    return undefined;
  }
}

interface Compiled {
  readonly code: string;
  /** The module uses await outside of functions. */
  readonly awaits: boolean;
}

/** The exports of a module that uses top-level await are a promise, which the caller awaits. */
function evaluate(module: NodeJS.Module, file: string, { code, awaits }: Compiled): void {
  const text = awaits ? `module.exports = (async () => { ${code}\nreturn exports; })();` : code;
  // Without the format, Node uses the file's name.
  (module as unknown as { _compile(code: string, file: string, format: string): void })._compile(
    text,
    file,
    "commonjs",
  );
}

function compilerFor(folder: string, maps: LoadOptions["maps"]): (file: string) => Compiled {
  let ready: { ts: Compiler; options: import("typescript").CompilerOptions } | undefined;
  return (file) => {
    if (ready === undefined) {
      const ts = compilerOf(folder);
      ready = { ts, options: compilerOptions(ts, folder) };
    }
    const { ts, options } = ready;
    let awaits = false;
    const { outputText, diagnostics, sourceMapText } = ts.transpileModule(readFileSync(file, "utf8"), {
      // With the name of an .mts file the compiler would keep it an ES module.
      fileName: file.replace(/\.[cm]([jt]s)$/, ".$1"),
      compilerOptions: options,
      reportDiagnostics: true,
      transformers: {
        before: [
          (context) => (source) => {
            awaits = awaitsAtTop(ts, source);
            return withoutImportMeta(ts, context, source);
          },
        ],
      },
    });
    const [error] = diagnostics ?? [];
    if (error !== undefined)
      throw new SyntaxError(
        `${file}: ${ts.flattenDiagnosticMessageText(error.messageText, " ").replace(/\.$/, "")}${adviceOn(ts)}`,
      );
    if (sourceMapText !== undefined) maps?.set(realpathSync(file), new SourceMap(JSON.parse(sourceMapText)));
    const code = outputText.includes(IMPORT_META) ? META + outputText : outputText;
    return { code: isEsModule(file) ? withDefaults(code) : code, awaits };
  };
}

/** The compiler in `@pulumi/pulumi` is from 2020, and does not support later options and syntax. */
function adviceOn({ version }: Compiler): string {
  return Number.parseInt(version, 10) > 3
    ? ""
    : ` (compiled by TypeScript ${version}, which is part of @pulumi/pulumi); install a newer version: npm install --save-dev typescript@5`;
}

/** A default import of a CommonJS module in Node is its `exports`. */
function withDefaults(code: string): string {
  return code.replace(
    /\b__importDefault\(require\(/g,
    "(m => m?.__esModule && 'default' in m ? m : { default: m })(require(",
  );
}

function awaitsAtTop(ts: Compiler, source: SourceFile): boolean {
  const awaits = (node: Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined))
      return true;
    return ts.forEachChild(node, (child) => awaits(child) || undefined) ?? false;
  };
  return awaits(source);
}

/** The properties of `import.meta` in an ES module, by CommonJS's names, on the first line of the code. */
const IMPORT_META = "__importMeta";
const META = `"use strict"; const ${IMPORT_META} = { url: require("node:url").pathToFileURL(__filename).href, filename: __filename, dirname: __dirname }; `;

function withoutImportMeta(
  ts: Compiler,
  context: import("typescript").TransformationContext,
  source: SourceFile,
): SourceFile {
  const visit = (node: Node): Node =>
    ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword
      ? identifier(ts, context, IMPORT_META)
      : ts.visitEachChild(node, visit, context);
  return ts.visitEachChild(source, visit, context) as SourceFile;
}

/** The compiler in `@pulumi/pulumi` is version 3.8, which lacks the factory functions. */
function identifier(
  ts: Compiler,
  { factory }: Partial<Pick<import("typescript").TransformationContext, "factory">>,
  name: string,
): Node {
  return factory === undefined
    ? (ts as unknown as { createIdentifier(name: string): Node }).createIdentifier(name)
    : factory.createIdentifier(name);
}

/** The program's compiler, as the Pulumi CLI selects it, else that of its copy of `@pulumi/pulumi`. */
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
  throw new MissingCompiler(
    `the program in ${folder} is written in TypeScript, and no compiler is installed there; run npm install typescript@5`,
  );
}

/** A program in TypeScript cannot be loaded, since no compiler is installed for it. */
export class MissingCompiler extends Error {}

/** The program's own options, except those that would prevent loading the compiler's output. */
function compilerOptions(ts: Compiler, folder: string): import("typescript").CompilerOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const host = { ...ts.sys, readDirectory: () => [] };
  const config = file === undefined ? {} : ts.readConfigFile(file, ts.sys.readFile).config;
  const parsed = ts.parseJsonConfigFileContent(
    config ?? {},
    host,
    file === undefined ? folder : dirname(file),
  );
  return {
    target: ts.ScriptTarget.ES2020,
    esModuleInterop: true,
    ...parsed.options,
    allowJs: true,
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

/** An import of `./names.js` refers to `./names.ts` where only that exists. */
function resolveSources(): () => void {
  const resolver = Module as unknown as { _resolveFilename(request: string, ...rest: unknown[]): string };
  const resolve = resolver._resolveFilename;
  resolver._resolveFilename = function (this: unknown, request, ...rest) {
    try {
      return resolve.call(this, request, ...rest);
    } catch (error) {
      const extension = extname(request);
      for (const source of request.startsWith(".") ? (SOURCES[extension] ?? []) : []) {
        try {
          return resolve.call(this, request.slice(0, -extension.length) + source, ...rest);
        } catch {
          // The next one is tried.
        }
      }
      throw error;
    }
  };
  return () => {
    resolver._resolveFilename = resolve;
  };
}
