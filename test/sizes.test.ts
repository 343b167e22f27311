import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const ROOT = path.resolve(__dirname, "..");
const PRODUCT = [
  ...["aws", "iam", "stack", "access", "messages", "account", "policies", "pulumi"],
  ...["engine", "testing", "programs", "report", "diagnose", "cli", "index.ts"],
].flatMap(filesIn);

const LONGEST_FUNCTION = 80;
const LONGEST_FILE = 500;
const MOST_PARAMETERS = 4;

/** What is larger still. The lists get shorter, never longer. */
const STILL_LONGER: readonly string[] = [];
const STILL_WIDER: readonly string[] = [];
const STILL_ONE_FILE: readonly string[] = [];

/** A longer file says why in the comment at its head. */
const REASON = /^(import [^;]*;\s*)*\/\*\*?(?:(?!\*\/)[\s\S])*\bOne file because\b/;

function filesIn(entry: string): readonly string[] {
  if (!fs.existsSync(path.join(ROOT, entry))) return [];
  if (entry.endsWith(".ts")) return [entry];
  return fs
    .readdirSync(path.join(ROOT, entry), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(entry, file));
}

interface Size {
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

/** Every function with a body in a source text, arrows and methods included, with the lines of those inside it. */
function functionsIn(file: string, source: string): readonly Size[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  const sizes: Size[] = [];
  const descend = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const lineAt = (position: number) => parsed.getLineAndCharacterOfPosition(position).line;
      sizes.push({
        name: `${file} ${nameOf(node)}`,
        lines: lineAt(node.end) - lineAt(node.getStart()) + 1,
        parameters: node.parameters.length,
      });
    }
    ts.forEachChild(node, descend);
  };
  descend(parsed);
  return sizes;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const { parent } = node;
  return (
    node.name?.getText() ??
    (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : "function")
  );
}

function sourceOf(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), "utf8");
}

function linesOf(source: string): number {
  return source.split("\n").length - 1;
}

describe("sizes", () => {
  const functions = PRODUCT.flatMap((file) => functionsIn(file, sourceOf(file)));

  it(`no function is longer than ${LONGEST_FUNCTION} lines`, () => {
    const longer = functions.filter(
      ({ name, lines }) => lines > LONGEST_FUNCTION && !STILL_LONGER.includes(name),
    );
    assert.deepEqual(
      longer.map(({ name, lines }) => `${name}: ${lines} lines`),
      [],
    );
  });

  it(`no function takes more than ${MOST_PARAMETERS} parameters`, () => {
    const wider = functions.filter(
      ({ name, parameters }) => parameters > MOST_PARAMETERS && !STILL_WIDER.includes(name),
    );
    assert.deepEqual(
      wider.map(({ name, parameters }) => `${name}: ${parameters} parameters`),
      [],
    );
  });

  it("the lists of what is larger still name nothing that has become smaller", () => {
    const longer = functions.filter(({ lines }) => lines > LONGEST_FUNCTION).map(({ name }) => name);
    const wider = functions.filter(({ parameters }) => parameters > MOST_PARAMETERS).map(({ name }) => name);
    assert.deepEqual(
      [
        ...STILL_LONGER.filter((name) => !longer.includes(name)),
        ...STILL_WIDER.filter((name) => !wider.includes(name)),
        ...STILL_ONE_FILE.filter(
          (file) => linesOf(sourceOf(file)) <= LONGEST_FILE || REASON.test(sourceOf(file)),
        ),
      ],
      [],
    );
  });

  it(`no file is longer than ${LONGEST_FILE} lines without a reason at its head`, () => {
    const longer = PRODUCT.filter(
      (file) =>
        linesOf(sourceOf(file)) > LONGEST_FILE &&
        !STILL_ONE_FILE.includes(file) &&
        !REASON.test(sourceOf(file)),
    );
    assert.deepEqual(
      longer.map((file) => `${file}: ${linesOf(sourceOf(file))} lines`),
      [],
    );
  });

  it("counts what is written, in functions of every form", () => {
    const source = [
      "function declared(a: number, b = 2) {\n  return a + b;\n}",
      "const arrow = ({ a }: A, ...rest: B[]) =>\n  a;",
      "class C {\n  method(a: A) {\n    return () => {\n      a();\n    };\n  }\n}",
      "declare function typesOnly(a: A, b: B, c: C, d: D, e: E): void;",
    ].join("\n");
    assert.deepEqual(functionsIn("x.ts", source), [
      { name: "x.ts declared", lines: 3, parameters: 2 },
      { name: "x.ts arrow", lines: 2, parameters: 2 },
      { name: "x.ts method", lines: 5, parameters: 1 },
      { name: "x.ts function", lines: 3, parameters: 0 },
    ]);
  });

  it("takes a reason only from the head of a file", () => {
    assert.ok(REASON.test('import { a } from "./a";\n\n/**\n * A table. One file because it is one.\n */\n'));
    assert.ok(!REASON.test("/** A table. */\nconst a = 1;\n/** One file because it is one. */\n"));
  });
});
