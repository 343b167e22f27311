/**
 * Derives testing/aws/outputs.json: for every resource and data source of AWS's providers, the required
 * outputs with their shapes. The simulated AWS uses values of these shapes where its tables have none.
 *
 *     node -r ts-node/register/transpile-only scripts/computed-outputs.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unpackedPackage } from "./npm-package";

/** Types and the shapes of their outputs, in the notation of `testing/aws/shapes.ts`. */
export interface Outputs {
  readonly version: string;
  readonly resources: Readonly<Record<string, string>>;
  readonly dataSources: Readonly<Record<string, string>>;
}

type Field = readonly [name: string, optional: boolean, type: string];

/** Objects nested deeper are treated as maps. */
const MAX_DEPTH = 3;

/** Properties that the providers set themselves, and properties that are not computed by AWS. */
const NOT_COMPUTED: ReadonlySet<string> = new Set(["region", "tags", "tagsAll"]);

/** The outputs in the typings of an SDK. */
export function outputsOf(sdk: string): Outputs {
  const shapes = new Shapes(readFileSync(join(sdk, "types", "output.d.ts"), "utf8"));
  const resources: [string, string][] = [];
  const dataSources: [string, string][] = [];
  for (const script of scriptsIn(sdk)) {
    const declarations = script.replace(/\.js$/, ".d.ts");
    if (!existsSync(declarations)) continue;
    const [source, types] = [readFileSync(script, "utf8"), readFileSync(declarations, "utf8")];
    const type = /__pulumiType = '([^']+)'/.exec(source)?.[1];
    const token = /runtime\.invoke\("([^"]+)"/.exec(source)?.[1];
    if (type !== undefined) resources.push([type, resourceShape(types, shapes)]);
    else if (token !== undefined) dataSources.push([token, resultShape(types, shapes)]);
  }
  const { version } = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8"));
  return { version, resources: sorted(resources), dataSources: sorted(dataSources) };
}

function sorted(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.filter(([, shape]) => shape !== "").sort(([a], [b]) => (a < b ? -1 : 1)));
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ["types", "node_modules", "scripts"].includes(entry.name) ? [] : scriptsIn(path);
    return entry.name.endsWith(".js") ? [path] : [];
  });
}

function resourceShape(types: string, shapes: Shapes): string {
  const args = fieldsOf(/export interface \w+Args \{\n([\s\S]*?)^\}/m.exec(types)?.[1] ?? "");
  const optional = new Map(args.map(([name, isOptional]) => [name, isOptional]));
  const body = /export declare class \w+ extends pulumi\.CustomResource \{\n([\s\S]*?)^\}/m.exec(types)?.[1];
  return [...withoutComments(body ?? "").matchAll(/^ {4}readonly (\w+): pulumi\.Output<([\s\S]*?)>;$/gm)]
    .filter(([, name = "", type = ""]) => !type.endsWith("| undefined") && !NOT_COMPUTED.has(name))
    .filter(([, name = ""]) => optional.get(name) !== false)
    .map(([, name = "", type = ""]) => `${optional.has(name) ? "~" : ""}${shapes.field(name, type, 0)}`)
    .join(",");
}

function resultShape(types: string, shapes: Shapes): string {
  const body = /export interface \w*Result \{\n([\s\S]*?)^\}/m.exec(types)?.[1] ?? "";
  return fieldsOf(body)
    .filter(([, optional]) => !optional)
    .map(([name, , type]) => shapes.field(name, type, 0))
    .join(",");
}

/** The shapes of an SDK's types. */
class Shapes {
  readonly #bodies = new Map<string, string>();

  constructor(outputTypes: string) {
    const namespaces: string[] = [];
    const pattern =
      /^( *)(?:export )?(?:declare )?namespace (\w+) \{|^( *)(?:export )?interface (\w+) \{\n([\s\S]*?)^\3\}/gm;
    for (const [, outer, namespace, inner = "", name = "", body = ""] of outputTypes.matchAll(pattern)) {
      const depth = (outer ?? inner).length / INDENT;
      namespaces.length = Math.min(namespaces.length, depth);
      if (namespace === undefined) this.#bodies.set([...namespaces, name].join("."), body);
      else namespaces.push(namespace);
    }
  }

  field(name: string, type: string, depth: number): string {
    const shape = this.#shape(type.replace(/\s+/g, " ").replace(/ \| undefined$/, ""), depth);
    return shape === "" ? name : `${name}:${shape}`;
  }

  #shape(type: string, depth: number): string {
    if (type.endsWith("[]")) return `[${this.#shape(type.slice(0, -2), depth)}]`;
    if (type === "number" || type === "boolean") return type === "number" ? "n" : "b";
    if (type === "any" || type.startsWith("{ [key: string]")) return "m";
    const name = /^outputs\.([\w.]+)$/.exec(type)?.[1];
    if (name === undefined) return "";
    const body = depth < MAX_DEPTH ? this.#bodies.get(name) : undefined;
    if (body === undefined) return "m";
    const fields = fieldsOf(body).filter(([, optional]) => !optional);
    return `{${fields.map(([field, , fieldType]) => this.field(field, fieldType, depth + 1)).join(",")}}`;
  }
}

/** In the format of the typings. */
const INDENT = 4;

function withoutComments(text: string): string {
  return text.replace(/\/\*\*[\s\S]*?\*\//g, "");
}

/** The properties in the body of an interface. */
function fieldsOf(body: string): Field[] {
  const text = withoutComments(body);
  const fields: Field[] = [];
  const start = /(?:readonly )?(\w+)(\?)?: /y;
  for (let position = 0; position < text.length; position += 1) {
    start.lastIndex = position;
    const match = start.exec(text);
    if (match === null) continue;
    const end = endOfType(text, start.lastIndex);
    fields.push([match[1] ?? "", match[2] !== undefined, text.slice(start.lastIndex, end).trim()]);
    position = end;
  }
  return fields;
}

function endOfType(text: string, start: number): number {
  let depth = 0;
  for (let position = start; position < text.length; position += 1) {
    const char = text.charAt(position);
    if ("{<([".includes(char)) depth += 1;
    else if ("})]".includes(char) || (char === ">" && text.charAt(position - 1) !== "=")) depth -= 1;
    else if (char === ";" && depth === 0) return position;
  }
  return text.length;
}

function main(): void {
  const native = unpackedPackage("@pulumi/aws-native", "1.79.0");
  try {
    const aws = outputsOf(dirname(require.resolve("@pulumi/aws/package.json")));
    // aws-native's data sources return the outputs of the resource that they look up.
    const content = { aws, "aws-native": { ...outputsOf(native.folder), dataSources: {} } };
    writeFileSync(join(__dirname, "../testing/aws/outputs.json"), `${JSON.stringify(content, null, 2)}\n`);
  } finally {
    native.remove();
  }
}

if (require.main === module) main();
