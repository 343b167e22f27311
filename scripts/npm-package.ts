import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A published package that is too large to be a dependency, fetched through the npm client and unpacked in a temporary
 * folder.
 *
 * @param version a version, or a tag such as `latest`
 * @throws The error of the npm client when it cannot reach a registry.
 */
export function unpackedPackage(
  name: string,
  version: string,
): {
  readonly folder: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "npm-package-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", folder], {
      cwd: folder,
      stdio: "pipe",
    });
    const [archive] = readdirSync(folder);
    if (archive === undefined) throw new Error(`npm pack created no archive of ${name}`);
    execFileSync("tar", ["xzf", archive], { cwd: folder });
    return { folder: join(folder, "package"), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
