/**
 * `docs/report.schema.json`: the JSON Schema of `--format json`, made from the types and comments of
 * `report/model.ts`. `npm run docs` writes it; a test fails when the two differ.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { REPOSITORY } from "../messages";

const ROOT = path.resolve(__dirname, "..");
const MODEL = "report/model.ts";

export const SCHEMA = "docs/report.schema.json";

type Schema = Record<string, unknown>;

/** The schema as the types would have it. */
export function reportSchema(): string {
  const source = ts.createSourceFile(
    MODEL,
    fs.readFileSync(path.join(ROOT, MODEL), "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  const definitions: Record<string, Schema> = {};
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement))
      definitions[statement.name.text] = {
        ...described(statement),
        ...objectSchema(statement.members),
        ...inherited(statement),
      };
    if (ts.isTypeAliasDeclaration(statement))
      definitions[statement.name.text] = { ...described(statement), ...typeSchema(statement.type) };
  }
  const { Report, ...others } = definitions;
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${REPOSITORY}/blob/main/${SCHEMA}`,
    title: "Report of apigateway-lambda-access",
    ...Report,
    $defs: others,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** What an interface extends. */
function inherited(declaration: ts.InterfaceDeclaration): Schema {
  const clauses = [...(declaration.heritageClauses ?? [])];
  const bases = clauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
  return bases.length === 0 ? {} : { allOf: bases.map((base) => ({ $ref: `#/$defs/${base}` })) };
}

function objectSchema(members: ts.NodeArray<ts.TypeElement>): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const member of members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw unread(member);
    const name = member.name.getText();
    properties[name] = { ...described(member), ...typeSchema(member.type) };
    if (member.questionToken === undefined) required.push(name);
  }
  return { type: "object", properties, required };
}

function typeSchema(type: ts.TypeNode): Schema {
  if (ts.isTypeOperatorNode(type)) return typeSchema(type.type);
  if (ts.isArrayTypeNode(type)) return { type: "array", items: typeSchema(type.elementType) };
  if (ts.isTypeLiteralNode(type)) return objectSchema(type.members);
  if (ts.isTypeReferenceNode(type)) return { $ref: `#/$defs/${type.typeName.getText()}` };
  if (ts.isUnionTypeNode(type)) return { enum: type.types.map(literal) };
  if (ts.isLiteralTypeNode(type)) return { const: literal(type) };
  if (type.kind === ts.SyntaxKind.StringKeyword) return { type: "string" };
  // Everything that is counted here is whole.
  if (type.kind === ts.SyntaxKind.NumberKeyword) return { type: "integer", minimum: 0 };
  throw unread(type);
}

function literal(type: ts.TypeNode): unknown {
  if (!ts.isLiteralTypeNode(type)) throw unread(type);
  return JSON.parse(type.literal.getText());
}

/** The comment of a declaration. */
function described(node: ts.Node): Schema {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = ts.getTextOfJSDocComment(comment?.comment);
  return text === undefined ? {} : { description: text };
}

function unread(node: ts.Node): Error {
  return new Error(`${MODEL}: there is no schema for ${node.getText()}`);
}
