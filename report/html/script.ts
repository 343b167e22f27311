import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const FOLDER = path.join(__dirname, "browser");
/** The modules that the page shares with the other formats: their import paths, and their files. */
const SHARED: readonly (readonly [imported: string, file: string])[] = [
  ["../access/gates/table", "../../../access/gates/table"],
  ["../../gates", "../../gates"],
  ["../../sources", "../../sources"],
  ["../../standings", "../../standings"],
  ["../../../messages/printable", "../../../messages/printable"],
];
/** Compiled next to this file in the package; compiled on the fly from source. */
const EXTENSION = path.extname(__filename);

/**
 * The page's modules as one script. The compiler produces CommonJS, so each needs only a function around it and a
 * `require` of four lines.
 */
export function browserScript(): string {
  const own = fs
    .readdirSync(FOLDER)
    .filter((file) => file.endsWith(EXTENSION) && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => `./${path.basename(file, EXTENSION)}`)
    .map((name) => [name, name] as const);
  const modules = [...SHARED, ...own].map(
    ([imported, file]) => `"${imported}"(exports, require) {\n${compiled(file)}\n}`,
  );
  return `"use strict";
(() => {
const modules = {\n${modules.join(",\n")}\n};
const loaded = {};
const require = (name) => {
  if (loaded[name] === undefined) modules[name]((loaded[name] = {}), require);
  return loaded[name];
};
require("./main");
})();`;
}

function compiled(name: string): string {
  const text = fs.readFileSync(path.join(FOLDER, `${name}${EXTENSION}`), "utf8");
  if (EXTENSION !== ".ts") return text;
  const ts: typeof import("typescript") = createRequire(__filename)("typescript");
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  }).outputText;
}
