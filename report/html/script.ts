import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const FOLDER = path.join(__dirname, "browser");
/** What the page shares with the other formats: as it is imported, and where it is. */
const SHARED: readonly (readonly [imported: string, file: string])[] = [
  ["../access/gates/table", "../../../access/gates/table"],
  ["../../gates", "../../gates"],
  ["../../sources", "../../sources"],
  ["../../standings", "../../standings"],
  ["../../../messages/printable", "../../../messages/printable"],
];
/** Where this file is compiled the browser's are, too; from source they have to be. */
const EXTENSION = path.extname(__filename);

/**
 * The page's modules as one script. The compiler has made them CommonJS, so a function around each and a `require`
 * of four lines are all that it takes.
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
