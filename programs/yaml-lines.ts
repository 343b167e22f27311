import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { load } from "js-yaml";
import type { SourcePosition } from "../engine/source";
import type { PlannedResource } from "../testing";
import type { Project } from "./project";

/** A resource of a YAML program: its name, the last part of its type, and the line of its name. */
interface DeclaredResource {
  readonly name: string;
  readonly type: string;
  readonly source: SourcePosition;
}

/** The resources of a YAML program with the lines that declare them, which its language host does not send. */
export function withLines(project: Project, resources: readonly PlannedResource[]): PlannedResource[] {
  const declared = readdirSync(project.folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => join(project.folder, file))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .flatMap((file) => declaredResources(project, file));
  return resources.map((resource) => {
    if (resource.source !== undefined) return resource;
    const type = lastPart(resource.type);
    const [first, duplicate] = declared.filter(
      (candidate) => candidate.name === resource.name && candidate.type === type,
    );
    return first === undefined || duplicate !== undefined ? resource : { ...resource, source: first.source };
  });
}

/** The host converts `aws:iam:Role` to `aws:iam/role:Role`. */
const lastPart = (type: string): string => type.split(":").at(-1) ?? type;

function declaredResources(project: Project, file: string): DeclaredResource[] {
  const text = readFileSync(file, "utf8");
  const lines = linesOfKeys(text.split(/\r?\n/));
  return Object.entries(resourcesIn(text)).flatMap(([key, { type, name = key }]) => {
    const line = lines.get(key);
    if (line === undefined || typeof type !== "string" || typeof name !== "string") return [];
    const path = relative(project.root, file).split(sep).join("/");
    return [{ name, type: lastPart(type), source: { file: path, line } }];
  });
}

function resourcesIn(text: string): Readonly<Record<string, { type?: unknown; name?: unknown }>> {
  try {
    const { resources } = load(text) as { resources?: Record<string, object | null> };
    return Object.fromEntries(Object.entries(resources ?? {}).map(([key, value]) => [key, value ?? {}]));
  } catch {
    // Another file of the folder: the host has read the program.
    return {};
  }
}

/** The keys under `resources`, if each is on a separate line. */
function linesOfKeys(lines: readonly string[]): ReadonlyMap<string, number> {
  const lineNumbers = new Map<string, number>();
  const start =
    lines.findIndex((line) => /^(resources|"resources"|'resources')\s*:\s*(#.*)?$/.test(line)) + 1;
  if (start === 0) return lineNumbers;
  let indent: string | undefined;
  for (const [index, line] of lines.slice(start).entries()) {
    const [, space = "", rest = ""] = /^( *)(.*)$/.exec(line) ?? [];
    if (rest === "" || rest.startsWith("#")) continue;
    if (space === "") break;
    indent ??= space;
    const [, double, single, plain] = /^(?:"([^"]*)"|'([^']*)'|([^\s:#][^:]*?))\s*:(?:\s|$)/.exec(rest) ?? [];
    const key = double ?? single ?? plain;
    if (space === indent && key !== undefined) lineNumbers.set(key, start + index + 1);
  }
  return lineNumbers;
}
