import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The description of a resource type in an SDK's typings. */
export interface ResourceTypings {
  readonly type: string;
  /** Outputs that are always present. */
  readonly present: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly optional: ReadonlySet<string>;
  /** Inputs that may be a policy document object or text. */
  readonly documents: readonly string[];
  /** Inputs that are objects or lists of objects, with the name of their type: `apigateway.StageCanarySettings`. */
  readonly objects: ReadonlyMap<string, string>;
}

/** The resource type that a script of `@pulumi/aws` or `@pulumi/aws-native` defines, if it defines one. */
export function typingsOf(script: string): ResourceTypings | undefined {
  const type = /__pulumiType = '([^']+)'/.exec(readFileSync(script, "utf8"))?.[1];
  if (type === undefined) return undefined;
  const declarations = script.replace(/\.js$/, ".d.ts");
  const source = ts.createSourceFile(
    declarations,
    readFileSync(declarations, "utf8"),
    ts.ScriptTarget.ES2022,
  );
  const present = new Set<string>();
  const outputs = new Set<string>();
  const required = new Set<string>();
  const optional = new Set<string>();
  const documents: string[] = [];
  const objects = new Map<string, string>();
  for (const node of source.statements) {
    if (ts.isClassDeclaration(node)) {
      for (const member of node.members) {
        if (!ts.isPropertyDeclaration(member) || !ts.isIdentifier(member.name)) continue;
        const text = member.type?.getText(source) ?? "";
        if (!text.startsWith("pulumi.Output<")) continue;
        outputs.add(member.name.text);
        if (!/\| undefined>$/.test(text)) present.add(member.name.text);
      }
    } else if (ts.isInterfaceDeclaration(node) && node.name.text.endsWith("Args")) {
      for (const member of node.members) {
        if (!ts.isPropertySignature(member) || !ts.isIdentifier(member.name)) continue;
        const text = member.type?.getText(source) ?? "";
        (member.questionToken ? optional : required).add(member.name.text);
        if (/^pulumi\.Input<string \| .*PolicyDocument>/.test(text)) documents.push(member.name.text);
        const object = /\binputs\.([\w.]+)/.exec(text)?.[1];
        if (object !== undefined) objects.set(member.name.text, object);
      }
    }
  }
  return { type, present, outputs, required, optional, documents, objects };
}

/** The maximum depth of nested fields. */
const MAX_DEPTH = 3;

/**
 * The names of an object type's fields and nested fields: `stageVariables`, `canarySetting.percentTraffic`.
 *
 * @param sdk the folder of the SDK
 * @param name the name of the type, from {@link ResourceTypings.objects}
 */
export function fieldPaths(sdk: string, name: string, depth = 1): string[] {
  return fieldsOf(sdk, name).flatMap(([field, objectType]) => [
    field,
    ...(objectType === undefined || depth === MAX_DEPTH
      ? []
      : fieldPaths(sdk, objectType, depth + 1).map((inner) => `${field}.${inner}`)),
  ]);
}

/** Fields with their object types, if they have one. */
function fieldsOf(sdk: string, name: string): [name: string, objectType: string | undefined][] {
  const [module, type] = name.split(".");
  const text = inputTypes(sdk);
  const start = text.indexOf(`    interface ${type} {`, text.indexOf(`declare namespace ${module} {`));
  const body = start < 0 ? "" : text.slice(start, text.indexOf("\n    }", start));
  const fields = body.matchAll(/^ {8}(\w+)\??: ([\s\S]*?);$/gm);
  return [...fields].map(([, field = "", objectType = ""]) => [
    field,
    /\binputs\.([\w.]+)/.exec(objectType)?.[1],
  ]);
}

const texts = new Map<string, string>();

function inputTypes(sdk: string): string {
  const text = texts.get(sdk) ?? readFileSync(join(sdk, "types", "input.d.ts"), "utf8");
  texts.set(sdk, text);
  return text;
}
