import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { isObject } from "../engine/values";
import type { SchemaOf } from "../testing/monitor-server";

/** The types, functions and properties of a package that a YAML program uses. */
interface UsedNames {
  readonly resources: Map<string, Set<string>>;
  readonly functions: Map<string, Set<string>>;
  /** Names of the properties that it reads. */
  readonly read: Set<string>;
}

const ANY = { $ref: "pulumi.json#/Any" };

/** The schema of a package's plugin; undefined where there is no plugin. */
export type SchemaFromPlugin = (name: string, version: string) => Promise<string | undefined>;

/**
 * The schemas against which the language host for YAML checks a program. Those of components come from their plugins.
 * Those of the providers are some hundred megabytes; here each package contains only what the program uses, and accepts
 * any value. A misspelled property is therefore reported only by `pulumi preview`.
 *
 * @param projectPackages the packages that the project adds
 */
export function schemasOf(
  folder: string,
  projectPackages: readonly string[],
  fromPlugin: SchemaFromPlugin,
): SchemaOf {
  let used: UsedNames | undefined;
  return async (name, version) => {
    const hasComponents = COMPONENTS.has(name) || projectPackages.includes(name);
    const schema = hasComponents ? await fromPlugin(name, version) : undefined;
    if (schema !== undefined) return withoutOtherPackages(schema);
    used ??= usedNames(folder);
    return JSON.stringify(schemaOf(name, version, used, hasComponents));
  };
}

/** References to other packages accept any value: these are missing, or only partly there. */
function withoutOtherPackages(schema: string): string {
  return JSON.stringify(JSON.parse(schema), (_key, value) =>
    isObject(value) && typeof value.$ref === "string" && /^[/.]|^https?:/.test(value.$ref) ? ANY : value,
  );
}

/** Packages whose resources are components, which their plugins construct. */
const COMPONENTS: ReadonlySet<string> = new Set(["aws-apigateway", "awsx", "eks", "synced-folder"]);

function usedNames(folder: string): UsedNames {
  const used: UsedNames = { resources: new Map(), functions: new Map(), read: new Set() };
  for (const file of readdirSync(folder).filter((text) => /\.(?:ya?ml|json)$/.test(text))) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, property = ""] of text.matchAll(/\$\{[\w-]+\.([A-Za-z_]\w*)/g)) used.read.add(property);
    try {
      collect(load(text), used);
    } catch {
      // A file that is not YAML is not part of the program, or its language host reports the error.
    }
  }
  return used;
}

function collect(value: unknown, used: UsedNames): void {
  if (Array.isArray(value)) for (const entry of value) collect(entry, used);
  if (!isObject(value)) return;
  const { type, properties, get } = value;
  if (typeof type === "string" && type.includes(":")) {
    const names = [...Object.keys(object(properties)), ...Object.keys(object(object(get).state))];
    add(used.resources, canonical(type, lowerFirst), names);
  }
  for (const [key, inner] of Object.entries(value)) {
    const call = object(inner);
    if (key.toLowerCase() === "fn::invoke" && typeof call.function === "string") {
      add(used.functions, canonical(call.function, unchanged), Object.keys(object(call.arguments)));
      if (typeof call.return === "string") used.read.add(call.return);
    } else if (/^fn::[\w-]+:/i.test(key)) {
      add(used.functions, canonical(key.slice("fn::".length), unchanged), Object.keys(call));
    }
    collect(inner, used);
  }
}

function add(namesByToken: Map<string, Set<string>>, token: string, names: readonly string[]): void {
  const existing = namesByToken.get(token) ?? new Set();
  for (const name of names) existing.add(name);
  namesByToken.set(token, existing);
}

/** `aws:lambda:Function` is short for `aws:lambda/function:Function`. */
function canonical(token: string, fileOf: (name: string) => string): string {
  const parts = token.split(":");
  const [pkg = "", module = "", name = module] = parts;
  if (pkg === "pulumi" || module.includes("/")) return token;
  const modulePath = parts.length === 2 ? "index" : module;
  return WITHOUT_MODULE_FILES.has(pkg)
    ? `${pkg}:${modulePath}:${name}`
    : `${pkg}:${modulePath}/${fileOf(name)}:${name}`;
}

/** Packages whose modules have no files, unlike those that are bridged from Terraform. */
const WITHOUT_MODULE_FILES: ReadonlySet<string> = new Set([
  "aws-apigateway",
  "aws-native",
  "awsx",
  "command",
  "docker-build",
  "eks",
  "kubernetes",
  "synced-folder",
]);

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const unchanged = (name: string): string => name;

function schemaOf(
  name: string,
  version: string,
  { resources, functions, read }: UsedNames,
  isComponent: boolean,
): object {
  const outputs = propertiesOf(read);
  const ofPackage = <T>(namesByToken: ReadonlyMap<string, T>): [string, T][] =>
    [...namesByToken].filter(([token]) => token.startsWith(`${name}:`));
  return {
    name,
    ...versionOf(name, version),
    resources: Object.fromEntries(
      ofPackage(resources).map(([token, inputs]) => [
        token,
        {
          isComponent,
          inputProperties: propertiesOf(inputs),
          properties: { ...outputs, ...propertiesOf(inputs) },
        },
      ]),
    ),
    functions: Object.fromEntries(
      ofPackage(functions).map(([token, inputs]) => [
        token,
        {
          inputs: { properties: anyOf(inputs) },
          outputs: { properties: anyOf(read) },
        },
      ]),
    ),
    provider: { inputProperties: propertiesOf(resources.get(`pulumi:providers:${name}`) ?? []) },
  };
}

/** The host for YAML rejects images of versions of this package before 4. */
function versionOf(name: string, version: string): { readonly version?: string } {
  if (version !== "") return { version };
  return name === "docker" ? { version: "4.0.0" } : {};
}

/** The id and the URN of a resource are not properties in a schema; those that a function returns are. */
function propertiesOf(names: Iterable<string>): Record<string, object> {
  return anyOf([...names].filter((name) => name !== "id" && name !== "urn"));
}

function anyOf(names: Iterable<string>): Record<string, object> {
  return Object.fromEntries([...names].map((name) => [name, ANY]));
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
