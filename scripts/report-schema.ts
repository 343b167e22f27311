/**
 * The JSON Schemas of `report --format json` and `diagnose --format json`, made from the types and comments of
 * `report/model.ts` and `diagnose/model.ts`, and of their imports. `npm run docs` writes them; a test fails when they
 * differ.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { REPOSITORY } from "../messages";
import { GATE_NAMES, GATES } from "../report/gates";

const ROOT = path.resolve(__dirname, "..");

export const SCHEMA = "docs/report.schema.json";
export const DIAGNOSIS_SCHEMA = "schema/diagnosis.schema.json";

type Schema = Record<string, unknown>;

/** Types that are derived from a table. */
const FROM_TABLES: Readonly<Record<string, Schema>> = {
  GateName: {
    description: [
      "The gates that a request passes, in this order:",
      "",
      ...GATE_NAMES.map((gate) => {
        const { question, status } = GATES[gate];
        return `- \`${gate}\`: ${question}${status === undefined ? "" : ` (${status})`}`;
      }),
    ].join("\n"),
    enum: GATE_NAMES,
  },
};

/** Types that the output contains as several properties. */
const AS_PROPERTIES: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  WrittenFix: {
    fix: { type: "string" },
    code: { description: "The part of `fix` to paste into the program.", type: "string" },
  },
};

interface Model {
  readonly file: string;
  readonly root: string;
  readonly title: string;
  readonly schema: string;
}

/** The generated schema of reports. */
export function reportSchema(): string {
  return schemaOf({
    file: "report/model.ts",
    root: "Report",
    title: "Report of apigateway-lambda-access",
    schema: SCHEMA,
  });
}

/** The same for diagnoses. */
export function diagnosisSchema(): string {
  return schemaOf({
    file: "diagnose/model.ts",
    root: "Diagnosis",
    title: "Diagnosis of apigateway-lambda-access",
    schema: DIAGNOSIS_SCHEMA,
  });
}

function schemaOf({ file, root, title, schema: schemaFile }: Model): string {
  const declared = declarationsOf(file);
  const definitions: Record<string, Schema> = {};
  const add = (name: string, declarations: ReadonlyMap<string, Declaration>): void => {
    const declaration = declarations.get(name);
    if (declaration === undefined || name in definitions) return;
    const tableSchema = FROM_TABLES[name];
    if (tableSchema !== undefined) {
      definitions[name] = tableSchema;
      return;
    }
    if (ts.isImportSpecifier(declaration)) {
      add(name, declarationsOf(fileOf(declaration)));
      return;
    }
    const definition = definitionOf(declaration);
    definitions[name] = definition;
    for (const [, referenced = ""] of JSON.stringify(definition).matchAll(/"#\/\$defs\/(\w+)"/g))
      add(referenced, declarations);
  };
  for (const [name, declaration] of declared) if (!ts.isImportSpecifier(declaration)) add(name, declared);
  const { [root]: rootDefinition, ...otherDefinitions } = definitions;
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `${REPOSITORY}/blob/main/${schemaFile}`,
    title,
    ...rootDefinition,
    $defs: otherDefinitions,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ImportSpecifier;

/** The types that a file declares or imports, by name. */
function declarationsOf(file: string): ReadonlyMap<string, Declaration> {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(path.join(ROOT, file), "utf8"),
    ts.ScriptTarget.ES2022,
    true,
  );
  const declarations = source.statements.flatMap((statement): readonly Declaration[] => {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [statement];
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    return bindings !== undefined && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  });
  return new Map(declarations.map((declaration) => [declaration.name.text, declaration]));
}

function fileOf(specifier: ts.ImportSpecifier): string {
  const { moduleSpecifier } = specifier.parent.parent.parent as ts.ImportDeclaration;
  const { text } = moduleSpecifier as ts.StringLiteral;
  return `${path.posix.join(path.posix.dirname(specifier.getSourceFile().fileName), text)}.ts`;
}

function definitionOf(declaration: ts.InterfaceDeclaration | ts.TypeAliasDeclaration): Schema {
  return ts.isInterfaceDeclaration(declaration)
    ? { ...descriptionOf(declaration), ...objectSchema(declaration.members), ...inherited(declaration) }
    : { ...descriptionOf(declaration), ...typeSchema(declaration.type) };
}

/** The interfaces that an interface extends. */
function inherited(declaration: ts.InterfaceDeclaration): Schema {
  const clauses = [...(declaration.heritageClauses ?? [])];
  const bases = clauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
  return bases.length === 0 ? {} : { allOf: bases.map((base) => ({ $ref: `#/$defs/${base}` })) };
}

function objectSchema(members: ts.NodeArray<ts.TypeElement>): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const member of members) {
    if (!ts.isPropertySignature(member) || member.type === undefined) throw unsupported(member);
    const name = member.name.getText();
    const schemas = AS_PROPERTIES[member.type.getText()] ?? { [name]: typeSchema(member.type) };
    for (const [property, schema] of Object.entries(schemas))
      properties[property] = { ...descriptionOf(member), ...schema };
    if (member.questionToken === undefined) required.push(name);
  }
  return { type: "object", properties, required };
}

function typeSchema(type: ts.TypeNode): Schema {
  if (ts.isTypeOperatorNode(type)) return typeSchema(type.type);
  if (ts.isArrayTypeNode(type)) return { type: "array", items: typeSchema(type.elementType) };
  if (ts.isTypeLiteralNode(type)) return objectSchema(type.members);
  if (ts.isTypeReferenceNode(type)) return { $ref: `#/$defs/${type.typeName.getText()}` };
  if (ts.isUnionTypeNode(type)) return unionSchema(type);
  if (ts.isLiteralTypeNode(type)) return { const: literal(type) };
  if (type.kind === ts.SyntaxKind.StringKeyword) return { type: "string" };
  // All numbers in these types are integers.
  if (type.kind === ts.SyntaxKind.NumberKeyword) return { type: "integer", minimum: 0 };
  throw unsupported(type);
}

/** Literals, or literals and any other string. */
function unionSchema({ types }: ts.UnionTypeNode): Schema {
  const literals = types.filter((type) => ts.isLiteralTypeNode(type)).map(literal);
  if (literals.length === types.length) return { enum: literals };
  return { anyOf: [{ enum: literals }, { type: "string" }] };
}

function literal(type: ts.TypeNode): unknown {
  if (!ts.isLiteralTypeNode(type)) throw unsupported(type);
  return JSON.parse(type.literal.getText());
}

/** The comment of a declaration. */
function descriptionOf(node: ts.Node): Schema {
  const [comment] = ts.getJSDocCommentsAndTags(node);
  const text = ts.getTextOfJSDocComment(comment?.comment);
  return text === undefined ? {} : { description: text };
}

function unsupported(node: ts.Node): Error {
  return new Error(`${node.getSourceFile().fileName}: there is no schema for ${node.getText()}`);
}
