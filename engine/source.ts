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

/** A position in the running code, in the format of a registration: a file's URI, a line and a column. */
export interface CodePosition {
  uri: string;
  line: number;
  column: number;
}

/**
 * The position in a file of a project, relative to its folder; undefined for code elsewhere. The folder is resolved as
 * the file is, without symbolic links.
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

/** Code of packages is in these folders, and cannot be changed by the reader. */
const PACKAGES = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor)\//;

/** `project:///index.ts#24,1`; programs in Python and Go have no column. */
const POSITION = /^project:\/\/\/([^#]+)#(\d+)(?:,(\d+))?$/;

/**
 * The position in the program of a resource in a state or a preview step: a resource that a component of a package
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
  const position = { file: decode(path), line: Number(line) };
  return column === undefined || Number(column) < 1 ? position : { ...position, column: Number(column) };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
