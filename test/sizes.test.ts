import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { allFilesIn } from "./support/source-files";

const ROOT = path.resolve(__dirname, "..");
const PRODUCT = [
  ...["aws", "iam", "stack", "access", "messages", "account", "policies", "pulumi"],
  ...["engine", "testing", "programs", "report", "diagnose", "cli", "index.ts", "scripts", "bench"],
]
  .filter((entry) => fs.existsSync(path.join(ROOT, entry)))
  .flatMap(allFilesIn)
  .filter((file) => /\.(ts|js|cjs|css)$/.test(file));

const MAX_FUNCTION_LINES = 80;
const MAX_FILE_LINES = 500;
const MAX_PARAMETERS = 4;
const MAX_PARAMETERS_TOGETHER = 3;

/** A longer file needs a reason in the comment at its top. */
const REASON = /^(import [^;]*;\s*)*\/\*\*?(?:(?!\*\/)[\s\S])*\bOne file because\b/;

interface Size {
  readonly name: string;
  readonly lines: number;
  /** As `access: Access`, without modifiers and defaults. */
  readonly parameters: readonly string[];
  /** The types of its parameters; a parameter without a type has its name instead. */
  readonly types: readonly string[];
}

/**
 * Every function with a body in a source text, including arrow functions and methods, with the lines of nested
 * functions.
 */
function functionsIn(file: string, source: string): readonly Size[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  const sizes: Size[] = [];
  const descend = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const lineAt = (position: number) => parsed.getLineAndCharacterOfPosition(position).line;
      sizes.push({
        name: `${file} ${nameOf(node)}`,
        lines: lineAt(node.end) - lineAt(node.getStart()) + 1,
        parameters: node.parameters.map(parameterOf),
        types: node.parameters.map(({ name, type }) => (type ?? name).getText().replace(/\s+/g, " ")),
      });
    }
    ts.forEachChild(node, descend);
  };
  descend(parsed);
  return sizes;
}

/** A default and a modifier such as `readonly` do not make another parameter. */
function parameterOf({ dotDotDotToken, name, questionToken, type }: ts.ParameterDeclaration): string {
  const parts = [dotDotDotToken, name, questionToken].map((part) => part?.getText() ?? "").join("");
  return `${parts}${type === undefined ? "" : `: ${type.getText()}`}`.replace(/\s+/g, " ");
}

function nameOf(node: ts.SignatureDeclaration): string {
  const { parent } = node;
  return (
    node.name?.getText() ??
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : "function")
  );
}

/**
 * Pairs of functions that share more parameters than allowed. Parameters are compared by their types, since their names
 * may differ; parameters of such types as `string` are the same only next to others that are.
 */
function together(functions: readonly Size[]): readonly string[] {
  const withManyParameters = functions.filter(({ types }) => types.length > MAX_PARAMETERS_TOGETHER);
  return withManyParameters.flatMap((size, index) =>
    withManyParameters.slice(index + 1).flatMap((secondSize) => {
      const shared = sharedItems(size.types, secondSize.types);
      const named = shared.filter((type) => !/^(string|number|boolean|unknown|object)(\[\])?$/.test(type));
      return shared.length > MAX_PARAMETERS_TOGETHER && named.length > 1
        ? [`${size.name}, ${secondSize.name}: ${shared.join(", ")}`]
        : [];
    }),
  );
}

/** The items of both lists; an item that one list has twice is shared twice only if the other has it twice too. */
function sharedItems(first: readonly string[], second: readonly string[]): readonly string[] {
  const rest = [...second];
  return first.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function sourceOf(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), "utf8");
}

function linesOf(source: string): number {
  return source.split("\n").length - 1;
}

describe("sizes", () => {
  const functions = PRODUCT.flatMap((file) => functionsIn(file, sourceOf(file)));

  it(`no function is longer than ${MAX_FUNCTION_LINES} lines`, () => {
    assert.deepEqual(
      functions
        .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ name, lines }) => `${name}: ${lines} lines`),
      [],
    );
  });

  it(`no function takes more than ${MAX_PARAMETERS} parameters`, () => {
    assert.deepEqual(
      functions
        .filter(({ parameters }) => parameters.length > MAX_PARAMETERS)
        .map(({ name, parameters }) => `${name}: ${parameters.length} parameters`),
      [],
    );
  });

  it(`no more than ${MAX_PARAMETERS_TOGETHER} parameters are passed together from function to function`, () => {
    assert.deepEqual(together(functions), []);
  });

  it(`no file is longer than ${MAX_FILE_LINES} lines without a reason at its top`, () => {
    assert.deepEqual(
      PRODUCT.filter((file) => linesOf(sourceOf(file)) > MAX_FILE_LINES && !REASON.test(sourceOf(file))).map(
        (file) => `${file}: ${linesOf(sourceOf(file))} lines`,
      ),
      [],
    );
  });

  it("counts lines and parameters in functions of every form", () => {
    const source = [
      "function declared(a: number, b = 2) {\n  return a + b;\n}",
      "const arrow = ({ a }: A, ...rest: B[]) =>\n  a;",
      "class C {\n  method(a: A) {\n    return () => {\n      a();\n    };\n  }\n}",
      "declare function typesOnly(a: A, b: B, c: C, d: D, e: E): void;",
    ].join("\n");
    assert.deepEqual(functionsIn("x.ts", source), [
      { name: "x.ts declared", lines: 3, parameters: ["a: number", "b"], types: ["number", "b"] },
      { name: "x.ts arrow", lines: 2, parameters: ["{ a }: A", "...rest: B[]"], types: ["A", "B[]"] },
      { name: "x.ts method", lines: 5, parameters: ["a: A"], types: ["A"] },
      { name: "x.ts function", lines: 3, parameters: [], types: [] },
    ]);
  });

  it("finds parameters that several functions share", () => {
    const source = "function one(a: A, b: B, c: C, d: D) {}\nconst two = (w: D, x: C, y: B, z: A) => {};";
    assert.deepEqual(together(functionsIn("x.ts", source)), ["x.ts one, x.ts two: A, B, C, D"]);
    const mixed =
      "function one(a: A, b: B, c: string, d: string) {}\nfunction two(a: A, b: B, x: string, y: string) {}";
    assert.deepEqual(together(functionsIn("x.ts", mixed)), ["x.ts one, x.ts two: A, B, string, string"]);
    const texts =
      "function one(a: A, b: string, c: string, d: string) {}\nfunction two(a: A, x: string, y: string, z: string) {}";
    assert.deepEqual(together(functionsIn("x.ts", texts)), []);
    const fewerTexts =
      "function one(a: A, b: B, c: string, d: string) {}\nfunction two(a: A, b: B, c: string, e: E) {}";
    assert.deepEqual(together(functionsIn("x.ts", fewerTexts)), []);
    const fewerShared = "function one(a: A, b: B, c: C, d: D) {}\nfunction two(a: A, b: B, c: C, e: E) {}";
    assert.deepEqual(together(functionsIn("x.ts", fewerShared)), []);
  });

  it("reads a reason only from the top of a file", () => {
    assert.ok(REASON.test('import { a } from "./a";\n\n/**\n * A table. One file because it is one.\n */\n'));
    assert.ok(!REASON.test("/** A table. */\nconst a = 1;\n/** One file because it is one. */\n"));
  });
});
