/**
 * Transpiles TypeScript without type checks, as ts-node does, and caches the result of each file for the next
 * process: transpilation takes two thirds of the time of one test file.
 */
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { SourceMap } = require("node:module");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "../..");
const CACHE = path.join(ROOT, "node_modules/.cache/tests");
const hashOf = (...parts) => createHash("sha256").update(parts.join("\0")).digest("hex");
const versionOf = (name) => JSON.parse(read(require.resolve(`${name}/package.json`))).version;
const read = (file) => fs.readFileSync(file, "utf8");

const settings = hashOf(versionOf("typescript"), read(path.join(ROOT, "tsconfig.json")), read(__filename));
let options;

function translated(file, source) {
  const ts = require("typescript");
  if (options === undefined) {
    const { config } = ts.readConfigFile(path.join(ROOT, "tsconfig.json"), ts.sys.readFile);
    const { options: read } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
    options = { ...read, noEmit: false, inlineSourceMap: true, inlineSources: true };
  }
  return ts.transpileModule(source, { fileName: file, compilerOptions: options }).outputText;
}

/**
 * The cache has one file for each source, so that it does not grow; the last line contains the hash of the source.
 * Copies of the project share the cache.
 */
function cached(file, source) {
  const name = path.relative(ROOT, file);
  if (name.startsWith("..")) return translated(file, source);
  const kept = path.join(CACHE, `${hashOf(name)}.js`);
  const trailer = `\n// ${hashOf(settings, source)}`;
  try {
    const code = read(kept);
    if (code.endsWith(trailer)) return code;
  } catch {
    // The file is not cached yet.
  }
  const code = translated(file, source) + trailer;
  try {
    fs.mkdirSync(CACHE, { recursive: true });
    // Two processes may write the same file.
    const written = `${kept}.${process.pid}`;
    fs.writeFileSync(written, code);
    fs.renameSync(written, kept);
  } catch {
    // Without a writable folder the cache is not used.
  }
  return code;
}

const maps = new Map();
const MAP = /^\/\/# sourceMappingURL=data:application\/json;base64,(.*)$/m;

require.extensions[".ts"] = (module, file) => {
  const code = cached(file, read(file));
  maps.set(file, () => {
    const map = new SourceMap(JSON.parse(Buffer.from(MAP.exec(code)[1], "base64").toString()));
    maps.set(file, () => map);
    return map;
  });
  module._compile(code, file);
};

/** A stack frame with its position in the source file. */
function shown(frame) {
  const map = maps.get(frame.getFileName());
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  if (map === undefined || line === null) return `${frame}`;
  const { originalLine, originalColumn } = map().findEntry(line - 1, column - 1);
  if (originalLine === undefined) return `${frame}`;
  return `${frame}`.replace(`:${line}:${column}`, `:${originalLine + 1}:${originalColumn + 1}`);
}

/** Replaces Node's own support for source maps, which reads them for each file and for each stack trace. */
Error.prepareStackTrace = (error, frames) =>
  [Error.prototype.toString.call(error), ...frames.map((frame) => `    at ${shown(frame)}`)].join("\n");
