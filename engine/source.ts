import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject, type Value } from "./values";

/** Where a program declares a resource. */
export interface SourcePosition {
  /** A path from the folder of the project file, with `/`. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column?: number;
}

/** A position in the code that runs, as programs send it with a registration: a file's URI, a line and a column. */
export interface CodePosition {
  uri: string;
  line: number;
  column: number;
}

/**
 * The position in a file of a project, which is named from its folder; nothing for code elsewhere. The folder is
 * named as the file is, without symbolic links on the way.
 */
export function positionFrom(
  folder: string,
  { uri, line, column }: CodePosition,
): SourcePosition | undefined {
  if (line < 1) return undefined;
  let file: string;
  try {
    file = relative(folder, pathOf(uri));
  } catch {
    return undefined;
  }
  const position = { file: file.split(sep).join("/"), line };
  return column < 1 ? position : { ...position, column };
}

/** Pulumi's SDK for Go writes `project://%2Fshop%2Fmain.go`. */
function pathOf(uri: string): string {
  if (uri.startsWith("project://")) return decodeURIComponent(uri.slice("project://".length));
  return uri.startsWith("file:") ? fileURLToPath(uri) : uri;
}

/** Code of packages is in these folders, and is not what the reader can change. */
const PACKAGES = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor)\//;

/** `project:///index.ts#24,1`; programs in Python and Go have no column. */
const POSITION = /^project:\/\/\/([^#]+)#(\d+)(?:,(\d+))?$/;

/**
 * The place in the program that a state, or a step of a preview, has for a resource: what a component of a package
 * declares is at the line that uses the component.
 */
export function sourceOf(state: Readonly<Record<string, Value>>): SourcePosition | undefined {
  const frames = Array.isArray(state.stackTrace) ? state.stackTrace : [];
  const positions = [state.sourcePosition, ...frames.map((frame) => isObject(frame) && frame.sourcePosition)];
  return firstInProject(
    positions.map((position) => (typeof position === "string" ? positionIn(position) : undefined)),
  );
}

/** The first of several positions, innermost first, that is in a file of the project itself. */
export function firstInProject(
  positions: readonly (SourcePosition | undefined)[],
): SourcePosition | undefined {
  return positions.find((position) => position !== undefined && isInProject(position.file));
}

function isInProject(file: string): boolean {
  return !file.startsWith("../") && !file.startsWith("/") && !/^[a-z]:/i.test(file) && !PACKAGES.test(file);
}

function positionIn(text: string): SourcePosition | undefined {
  const [, path, line, column] = POSITION.exec(text) ?? [];
  if (path === undefined || Number(line) < 1) return undefined;
  const position = { file: decoded(path), line: Number(line) };
  return column === undefined || Number(column) < 1 ? position : { ...position, column: Number(column) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
