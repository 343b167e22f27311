/**
 * Creates the image of the access map in the README from the example `shop`: `npm run screenshot`. It needs a Chromium
 * on PATH or in `CHROMIUM_PATH`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../cli/main";
import { openBrowser } from "../test/support/browser";

const PICTURE = resolve(__dirname, "../docs/access-map.png");
const SIZE = { width: 1280, height: 900 };

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "access-map-"));
  const file = join(folder, "report.html");
  process.chdir(resolve(__dirname, ".."));
  await run(["report", "examples/shop", "--as", "deployed", "--format", "html", "-o", file]);
  const browser = await openBrowser({ viewport: SIZE, colorScheme: "light" });
  try {
    const page = await browser.context.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("button", { name: "denied: POST /payments" }).click();
    // The lines are drawn with the next frame.
    await page.locator(".lines .denied").waitFor({ state: "attached" });
    await page.screenshot({ path: PICTURE });
    // A third of the size, where it is installed.
    spawnSync("pngquant", ["--force", "--quality=80-95", "--output", PICTURE, PICTURE]);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
