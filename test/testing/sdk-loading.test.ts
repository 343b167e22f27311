import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lazily, withoutFunctions } from "../../engine/sdk";

import Module = require("node:module");

describe("the SDK without what it writes functions out with", () => {
  const folder = mkdtempSync(join(tmpdir(), "sdk-"));
  after(() => rmSync(folder, { recursive: true }));

  const loaded: string[] = [];
  (globalThis as { loadedBySdk?: string[] }).loadedBySdk = loaded;

  function install(name: string, code: string): string {
    const file = join(folder, "node_modules", name, "index.js");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `globalThis.loadedBySdk.push(${JSON.stringify(name)});\n${code}`);
    return file;
  }

  it("loads TypeScript when something of it is used", () => {
    install("typescript", "exports.version = '1.2.3';");
    install("semver", "exports.valid = true;");
    const sdk = install(
      "@pulumi/pulumi",
      'exports.ts = require("typescript"); exports.semver = require("semver");',
    );
    const program = install("program", 'exports.ts = require("typescript");');
    loaded.length = 0;
    const { ts } = withoutFunctions(() => require(sdk));
    deepStrictEqual(loaded, ["@pulumi/pulumi", "semver"]);
    strictEqual(ts.__esModule, true);
    deepStrictEqual(loaded, ["@pulumi/pulumi", "semver"]);
    strictEqual(ts.version, "1.2.3");
    deepStrictEqual({ ...ts }, { version: "1.2.3" });
    deepStrictEqual(loaded, ["@pulumi/pulumi", "semver", "typescript"]);
    // Others get the module itself.
    const own = withoutFunctions(() => require(program)).ts;
    strictEqual(Object.getOwnPropertyDescriptor(own, "version")?.configurable, true);
    strictEqual(own, require(join(folder, "node_modules", "typescript")));
  });

  it("misses at once what is not installed", () => {
    const sdk = install("other/@pulumi/pulumi", 'require("@npmcli/arborist");');
    throws(() => withoutFunctions(() => require(sdk)), { code: "MODULE_NOT_FOUND" });
  });

  it("leaves Node's loader as it was", () => {
    const loader = Module as unknown as { _load: unknown };
    const { _load } = loader;
    throws(() =>
      withoutFunctions(() => {
        ok(loader._load !== _load);
        throw new Error("not loadable");
      }),
    );
    strictEqual(loader._load, _load);
  });

  it("loads a module once, and shows all of it", () => {
    let times = 0;
    const module = Object.freeze({ a: 1, b: 2 });
    const lazy = lazily(() => {
      times++;
      return module;
    }) as { a: number };
    strictEqual(times, 0);
    deepStrictEqual(Object.keys(lazy), ["a", "b"]);
    ok("a" in lazy);
    strictEqual(lazy.a, 1);
    strictEqual(times, 1);
  });
});
