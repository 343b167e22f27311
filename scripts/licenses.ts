/** The packages that are installed with this one, and their licenses: read from the lockfile. */
import * as fs from "node:fs";
import * as path from "node:path";

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** A package of the lockfile that is installed with this one. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const LOCKFILE = path.resolve(__dirname, "../package-lock.json");

/** Packages whose manifest only names a file, with the license in that file. */
const READ_FROM_FILE: Readonly<Record<string, string>> = {
  // https://github.com/logdna/tail-file-node/blob/main/LICENSE
  "@logdna/tail-file": "MIT",
};

/** Sorted by name, then version. */
export function runtimePackages(): readonly RuntimePackage[] {
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(
    fs.readFileSync(LOCKFILE, "utf8"),
  );
  const entries = Object.entries(packages)
    .filter(([place, { dev }]) => place !== "" && dev !== true)
    .map(([place, { version, license = "" }]) => {
      const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
      return { name, version, license: READ_FROM_FILE[name] ?? license };
    });
  const key = ({ name, version }: RuntimePackage): string => `${name}@${version}`;
  const unique = new Map(entries.map((entry) => [key(entry), entry]));
  return [...unique.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** One row for each license, with its packages. */
export function licenseTable(): string {
  const byLicense = new Map<string, string[]>();
  for (const { name, license } of runtimePackages()) {
    const names = byLicense.get(license) ?? [];
    if (!names.includes(name)) names.push(name);
    byLicense.set(license, names);
  }
  const rows = [...byLicense]
    .sort(([a, packages], [b, otherPackages]) => otherPackages.length - packages.length || (a < b ? -1 : 1))
    .map(([license, names]) => `| ${license} | ${names.length} | ${names.join(", ")} |`);
  return ["| license | packages | |", "|---|---|---|", ...rows, ""].join("\n");
}
