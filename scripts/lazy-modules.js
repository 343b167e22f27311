/**
 * Rewrites the compiled policies so that a module is loaded on its first use, instead of with the files that import it.
 * The engine starts the pack in every preview and first requests its policies: most of the pack is not needed for that,
 * nor for a stack with neither an API nor a function URL.
 *
 * `const a_1 = require("../a")` becomes a function that requires it, and `a_1.b` becomes `a_1().b`. Line numbers do not
 * change, for stack traces. The layers below the policies are not rewritten: their functions are called too often.
 */
const fs = require("node:fs");
const path = require("node:path");

const FOLDERS = ["policies", "pulumi", "messages", "account"].map((name) => path.join("dist", name));

function lazily(source) {
  const names = [];
  const declared = source.replace(
    /^(?:const|var) (\w+_\d+) = require\("(\.[^"]+)"\);$/gm,
    (_, name, module) => {
      names.push(name);
      // A function and a `var` are hoisted, which modules that require each other rely on.
      return `var ${name}$; function ${name}() { return (${name}$ ??= require("${module}")); }`;
    },
  );
  if (names.length === 0) return source;
  const any = `\\b(${names.join("|")})\\.`;
  return declared
    .replace(new RegExp(`\\bnew ${any}(\\w+)`, "g"), "new ($1().$2)")
    .replace(new RegExp(any, "g"), "$1().");
}

for (const folder of FOLDERS)
  for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js")) continue;
    const name = path.join(folder, file);
    fs.writeFileSync(name, lazily(fs.readFileSync(name, "utf8")));
  }
