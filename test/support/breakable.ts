import { join, relative, resolve, sep } from "node:path";
import * as ts from "typescript";

const ROOT = resolve(__dirname, "../..");
/** Folders whose modules are loaded again, because they may have a reference to a function of the pack. */
const PACK =
  "access account aws cli diagnose engine iam messages policies programs pulumi report stack testing";

type Load = (module: { _compile: (code: string, file: string) => unknown }, file: string) => unknown;

const extensions = require.extensions as unknown as Record<string, Load>;

/** The global function that every instrumented function calls first, with its name. */
const HOOK = "__breakable";

/** The pack, loaded again so that its functions can be made to throw. */
export interface Breakable {
  /** The functions that can be broken, as `folder/file: name`; those of a file are known once it is loaded. */
  readonly names: readonly string[];
  load<T>(module: string): T;
  /** Sets `visit`, which is called with the name of each instrumented function. If it throws, the function throws. */
  onCall(visit: (name: string) => void): void;
  /** Restores the modules that were loaded before. */
  unload(): void;
}

/**
 * Loads the pack with instrumented functions.
 *
 * @param isBreakable for the path of a file from the root: whether its exported functions, the methods of its
 * exported classes and the functions in its tables are instrumented
 */
export function loadBreakable(isBreakable: (file: string) => boolean): Breakable {
  const names: string[] = [];
  const before = new Map(Object.entries(require.cache).filter(([file]) => isOfPack(file)));
  const original = extensions[".ts"] as Load;
  const globals = globalThis as unknown as Record<string, unknown>;
  let visit = (_name: string): void => undefined;
  globals[HOOK] = (name: string): void => visit(name);
  for (const file of before.keys()) delete require.cache[file];
  extensions[".ts"] = (module, file) => {
    const name = relative(ROOT, file).split(sep).join("/");
    if (isOfPack(file) && isBreakable(name)) {
      const compile = module._compile;
      module._compile = function (code, at) {
        return compile.call(this, instrumented(code, name.replace(/\.ts$/, ""), names), at);
      };
    }
    return original(module, file);
  };
  return {
    names,
    load: (module) => require(join(ROOT, module)),
    onCall: (next) => {
      visit = next;
    },
    unload: () => {
      extensions[".ts"] = original;
      for (const file of Object.keys(require.cache)) if (isOfPack(file)) delete require.cache[file];
      for (const [file, module] of before) require.cache[file] = module;
      delete globals[HOOK];
    },
  };
}

function isOfPack(file: string): boolean {
  const [folder = ""] = relative(ROOT, file).split(sep);
  return PACK.split(" ").includes(folder);
}

/**
 * Adds a call of the hook to functions in compiled code, also to functions that are called within the module and in
 * tables.
 */
function instrumented(code: string, file: string, names: string[]): string {
  const source = ts.createSourceFile("x.js", code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const exported = new Set(
    [...code.matchAll(/^exports\.(\w+) = (\w+);$/gm)].flatMap(([, ...exportedNames]) => exportedNames),
  );
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const hook = (name: string): string => {
    names.push(`${file}: ${name}`);
    return `${HOOK}(${JSON.stringify(`${file}: ${name}`)})`;
  };
  const insert = (fn: ts.FunctionLikeDeclaration, name: string): void => {
    if (fn.body === undefined) return;
    if (ts.isBlock(fn.body)) insertions.push({ at: fn.body.getStart() + 1, text: `${hook(name)};` });
    else
      insertions.push(
        { at: fn.body.getStart(), text: `(${hook(name)},` },
        { at: fn.body.getEnd(), text: ")" },
      );
  };
  const inTable = (node: ts.Node, name: string): void => {
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) insert(node, name);
    else ts.forEachChild(node, (child) => inTable(child, nameOf(child) ?? name));
  };
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement)) {
      const name = statement.name?.text ?? "";
      if (exported.has(name)) insert(statement, name);
    } else if (ts.isClassDeclaration(statement)) {
      const name = statement.name?.text ?? "";
      if (exported.has(name))
        for (const member of statement.members)
          if (ts.isMethodDeclaration(member) || ts.isGetAccessor(member))
            insert(member, `${name}.${member.name.getText()}`);
    } else if (ts.isVariableStatement(statement)) inTable(statement, nameOf(statement) ?? "");
    else if (ts.isExpressionStatement(statement) && /^exports\.\w+ = /.test(statement.getText()))
      inTable(statement, /\w+/.exec(statement.getText().slice("exports.".length))?.[0] ?? "");
  }
  return insertions
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: inserted }) => text.slice(0, at) + inserted + text.slice(at), code);
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText();
  return ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) ? node.name.getText() : undefined;
}
