import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { filesIn } from "./support/source-files";

const ROOT = path.resolve(__dirname, "..");

/** The public entries, and the layers in which the rules of AWS are. */
const DOCUMENTED = ["testing", "pulumi/policies.ts", "aws", "iam", "stack", "access", "account"];

/** The exported functions, classes and types of a file, as `file:line name`, with or without a comment for them. */
function exportsOf(file: string, text: string, isDocumented: boolean): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  return source.statements
    .filter((statement) => isExported(statement) && hasComment(statement) === isDocumented)
    .flatMap((statement) =>
      namesOf(statement).map((name) => {
        const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
        return `${file}:${line + 1} ${name}`;
      }),
    );
}

function isExported(node: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** A constant is included only if it is a function: the names of others say what they are. */
function namesOf(node: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations
      .filter(({ initializer }) => initializer !== undefined && ts.isFunctionLike(initializer))
      .map(({ name }) => name.getText());
  return (ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)) &&
    node.name !== undefined
    ? [node.name.text]
    : [];
}

function hasComment(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).length > 0;
}

describe("docstrings", () => {
  it("are found at exports of every form", () => {
    const text = [
      "export function f() {}",
      "/** Documented. */\nexport function documented() {}",
      "function local() {}",
      "export const arrow = () => 1, constant = 1;",
      "export class C {}",
      "export interface I {}",
      "// Not a docstring.\nexport type T = 1;",
    ].join("\n");
    assert.deepEqual(exportsOf("x.ts", text, false), [
      "x.ts:1 f",
      "x.ts:5 arrow",
      "x.ts:6 C",
      "x.ts:7 I",
      "x.ts:9 T",
    ]);
    assert.deepEqual(exportsOf("x.ts", text, true), ["x.ts:3 documented"]);
  });

  for (const folder of DOCUMENTED)
    it(`are at every exported function, class and type of ${folder}`, () => {
      const texts = filesIn(folder).map(
        (file) => [file, fs.readFileSync(path.join(ROOT, file), "utf8")] as const,
      );
      assert.ok(texts.flatMap(([file, text]) => exportsOf(file, text, true)).length > 0);
      assert.deepEqual(
        texts.flatMap(([file, text]) => exportsOf(file, text, false)),
        [],
      );
    });
});
