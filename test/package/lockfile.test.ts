/** `npm ci` fails with an incomplete lockfile, and an install on one platform can omit packages of other platforms. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { runtimePackages } from "../../scripts/licenses";

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const ROOT = path.resolve(__dirname, "../..");
const { packages }: { packages: Record<string, Locked> } = JSON.parse(
  fs.readFileSync(path.join(ROOT, "package-lock.json"), "utf8"),
);

/** Licenses that require nothing but attribution. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  "Apache-2.0",
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "(BSD-3-Clause AND Apache-2.0)",
  "BlueOak-1.0.0",
  "Python-2.0",
  "PSF-2.0",
  "CC0-1.0",
  "CC-BY-3.0",
]);

/** Whether Node.js resolves a dependency of the package at a place of the tree. */
function resolves(place: string, dependency: string): boolean {
  const at = `${place === "" ? "" : `${place}/`}node_modules/${dependency}`;
  if (at in packages) return true;
  if (place === "") return false;
  const above = place.lastIndexOf("node_modules/");
  return resolves(place.slice(0, Math.max(0, above - 1)), dependency);
}

describe("package-lock.json", () => {
  it("contains every dependency, including those of other platforms", () => {
    const missing = Object.entries(packages).flatMap(([place, locked]) =>
      Object.keys({ ...locked.dependencies, ...locked.optionalDependencies, ...locked.devDependencies })
        .filter((dependency) => !resolves(place, dependency))
        .map((dependency) => `${place} needs ${dependency}`),
    );
    assert.deepEqual(missing, []);
  });

  it("names no registry other than registry.npmjs.org", () => {
    const hosts = Object.values(packages).map((locked) => locked.resolved?.split("/")[2]);
    assert.deepEqual(
      [...new Set(hosts)].filter((host) => host !== undefined && host !== "registry.npmjs.org"),
      [],
    );
  });

  it("contains a checksum for every package", () => {
    const withoutChecksum = Object.entries(packages)
      .filter(([place, { integrity }]) => place !== "" && integrity === undefined)
      .map(([place]) => place);
    assert.deepEqual(withoutChecksum, []);
  });

  it("contains only runtime dependencies under permissive licenses", () => {
    const runtime = runtimePackages();
    assert.ok(runtime.length > 50, `${runtime.length} packages`);
    assert.deepEqual(
      runtime.filter(({ license }) => !PERMISSIVE.has(license)),
      [],
    );
  });
});
