/** `npm ci` refuses a lockfile with holes, and an install on one platform can leave the others' packages out of it. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { runtimePackages } from "../../scripts/licences";

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

/** Licences that ask for attribution and nothing else. */
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

/** Where Node finds a dependency of the package at a place of the tree. */
function found(place: string, dependency: string): boolean {
  const at = `${place === "" ? "" : `${place}/`}node_modules/${dependency}`;
  if (at in packages) return true;
  if (place === "") return false;
  const above = place.lastIndexOf("node_modules/");
  return found(place.slice(0, Math.max(0, above - 1)), dependency);
}

describe("the lockfile", () => {
  it("has every dependency, those of other platforms too", () => {
    const missing = Object.entries(packages).flatMap(([place, locked]) =>
      Object.keys({ ...locked.dependencies, ...locked.optionalDependencies, ...locked.devDependencies })
        .filter((dependency) => !found(place, dependency))
        .map((dependency) => `${place} needs ${dependency}`),
    );
    assert.deepEqual(missing, []);
  });

  it("leaves the registry to the installing user", () => {
    const hosts = Object.values(packages).map((locked) => locked.resolved?.split("/")[2]);
    assert.deepEqual(
      [...new Set(hosts)].filter((host) => host !== undefined && host !== "registry.npmjs.org"),
      [],
    );
  });

  it("has a checksum of every package", () => {
    const without = Object.entries(packages)
      .filter(([place, { integrity }]) => place !== "" && integrity === undefined)
      .map(([place]) => place);
    assert.deepEqual(without, []);
  });

  it("contains only runtime dependencies under permissive licences", () => {
    const runtime = runtimePackages();
    assert.ok(runtime.length > 50, `${runtime.length} packages`);
    assert.deepEqual(
      runtime.filter(({ licence }) => !PERMISSIVE.has(licence)),
      [],
    );
  });
});
