/** `npm ci` refuses a lockfile with holes, and an install on one platform can leave the others' packages out of it. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

interface Locked {
  readonly resolved?: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const ROOT = path.resolve(__dirname, "../..");
const { packages }: { packages: Record<string, Locked> } = JSON.parse(
  fs.readFileSync(path.join(ROOT, "package-lock.json"), "utf8"),
);

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

  it("leaves the registry to whoever installs", () => {
    const hosts = Object.values(packages).map((locked) => locked.resolved?.split("/")[2]);
    assert.deepEqual(
      [...new Set(hosts)].filter((host) => host !== undefined && host !== "registry.npmjs.org"),
      [],
    );
  });
});
