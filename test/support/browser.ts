/**
 * A browser for the tests of the HTML report: Chromium on PATH or in `CHROMIUM_PATH`, controlled by playwright-core.
 * It uses no network and removes its profile.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The path of the browser, or the reason for which there is none. */
export function findChromium(environment = process.env): { file: string } | { missing: string } {
  const configured = environment.CHROMIUM_PATH;
  if (configured !== undefined)
    return existsSync(configured) ? { file: configured } : { missing: `${configured} does not exist` };
  const folders = (environment.PATH ?? "").split(delimiter);
  const file = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((candidate) =>
    existsSync(candidate),
  );
  return file === undefined ? { missing: "no chromium is on PATH" } : { file };
}

/** Tests that need a browser. Without one they are skipped, with the reason in the title. */
export function describeInBrowser(title: string, tests: (this: Mocha.Suite) => void): void {
  const found = findChromium();
  if ("missing" in found) describe.skip(`${title} [${found.missing}]`, tests);
  else describe(title, tests);
}

/** A browser with its own profile. */
export interface OpenBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** @throws If the browser does not start. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<OpenBrowser> {
  const found = findChromium();
  if ("missing" in found) throw new Error(found.missing);
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.file,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...options,
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
