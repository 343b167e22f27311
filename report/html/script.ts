import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const ROOT = path.join(__dirname, "..", "..");
const BROWSER = "report/html/browser";
/** The modules that the page shares with the other formats. */
const SHARED: readonly string[] = [
  "access/gates/table",
  "messages/answers",
  "messages/drift",
  "messages/fixes/written-fix",
  "messages/printable",
  "messages/report",
  "report/gates",
  "report/sources",
  "report/outcomes",
  "stack/pulumi/urns",
];
/** Compiled next to this file in the package; compiled on the fly from source. */
const EXTENSION = path.extname(__filename);

/**
 * The page's modules as one script. The compiler produces CommonJS, so each needs only a function around it and a
 * `require` of four lines.
 */
export function browserScript(): string {
  const pageModules = fs
    .readdirSync(path.join(ROOT, BROWSER))
    .filter((file) => file.endsWith(EXTENSION) && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => `${BROWSER}/${path.basename(file, EXTENSION)}`);
  const modules = [...SHARED, ...pageModules].map(
    (name) => `"${name}"(exports, require) {\n${compiled(name)}\n}`,
  );
  return `"use strict";
(() => {
const modules = {\n${modules.join(",\n")}\n};
const loaded = {};
const require = (name) => {
  if (loaded[name] === undefined) modules[name]((loaded[name] = {}), require);
  return loaded[name];
};
require("${BROWSER}/main");
})();`;
}

/** A module that requires others by their paths from the root, and not from its folder. */
function compiled(name: string): string {
  return commonJs(name).replace(
    /\brequire\("(\.[^"]+)"\)/g,
    (_, required: string) => `require("${path.posix.join(path.posix.dirname(name), required)}")`,
  );
}

function commonJs(name: string): string {
  const text = fs.readFileSync(path.join(ROOT, `${name}${EXTENSION}`), "utf8");
  if (EXTENSION !== ".ts") return text;
  const ts: typeof import("typescript") = createRequire(__filename)("typescript");
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  }).outputText;
}
