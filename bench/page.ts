/** The time until a large access map is rendered and responds, in a browser. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { renderHtml } from "../report/html";
import { bigReport } from "../test/report/html/samples";
import { openBrowser } from "../test/support/browser";
import type { Figure } from "./report";

const ACTIONS = ["search", "clear", "outcome", "caller", "matrix", "scroll", "findings"] as const;

/** Seconds of time that passes, not of processor time. */
export async function accessMap(quick: boolean): Promise<readonly Figure[]> {
  const [routes, callers] = quick ? [100, 50] : [500, 100];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-page-"));
  const browser = await openBrowser({ viewport: { width: 1280, height: 800 } });
  try {
    const file = path.join(folder, "report.html");
    fs.writeFileSync(file, renderHtml(bigReport(routes, callers)));
    const page = await browser.context.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("tab", { name: "Access map" }).waitFor();
    const { painted, ready } = await page.evaluate(() => ({
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      ready: (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming)
        .domContentLoadedEventEnd,
    }));
    const responses: number[] = [];
    for (const action of ACTIONS) responses.push(await responseTime(page, action));
    const label = `access map of ${routes} routes × ${callers} callers`;
    return [
      { label: `${label}: first paint`, unit: "s", value: painted, goal: 0.5 },
      { label: `${label}: ready`, unit: "s", value: ready, goal: 2 },
      { label: `${label}: slowest response`, unit: "s", value: Math.max(...responses), goal: 0.5 },
    ];
  } finally {
    await browser.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds until the page is rendered again after the action. */
function responseTime(page: Page, action: (typeof ACTIONS)[number]): Promise<number> {
  return page.evaluate(
    (name) =>
      new Promise<number>((done) => {
        const search = (text: string): void => {
          const field = document.getElementById("search") as HTMLInputElement;
          field.value = text;
          field.dispatchEvent(new Event("input"));
        };
        const actions: Readonly<Record<string, () => void>> = {
          search: () => search("collection-42"),
          clear: () => search(""),
          outcome: () => document.querySelector<HTMLElement>("button.outcome")?.click(),
          caller: () => document.querySelector<HTMLElement>('[data-kind="caller"] .node')?.click(),
          matrix: () => document.getElementById("tab-matrix")?.click(),
          scroll: () => document.querySelector(".matrix")?.scrollTo(1500, 9000),
          findings: () => document.getElementById("tab-findings")?.click(),
        };
        const before = performance.now();
        actions[name]?.();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - before)));
      }),
    action,
  );
}
