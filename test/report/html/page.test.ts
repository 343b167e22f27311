/** The page in a browser, used with a mouse, a keyboard, a screen reader, a phone and on paper. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { renderHtml } from "../../../report/html";
import type { Report } from "../../../report/model";
import { describeInBrowser, type OpenBrowser, openBrowser } from "../../support/browser";
import { bigReport, fleetReport, hostileReport, smallReport } from "./samples";

const PHONE = { width: 375, height: 740 };
const OTHER_PHONE = { width: 390, height: 844 };

/** WCAG 2: the ratio of luminances, lighter over darker. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(first: readonly number[], second: readonly number[]): number {
  const luminance = (color: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Each visible text with its color and background color. */
function colorsOf(page: Page): Promise<{ text: string; color: number[]; ground: number[] }[]> {
  return page.evaluate(() => {
    const rgb = (css: string): number[] => (css.match(/[\d.]+/g) ?? []).map(Number);
    const groundOf = (element: Element | null): number[] => {
      for (let at = element; at !== null; at = at.parentElement) {
        const ground = rgb(getComputedStyle(at).backgroundColor);
        if (ground.length === 3) return ground;
      }
      return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: { text: string; color: number[]; ground: number[] }[] = [];
    while (walker.nextNode() !== null) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.textContent?.trim() ?? "";
      if (element === null || text === "" || !element.checkVisibility()) continue;
      texts.push({ text, color: rgb(getComputedStyle(element).color), ground: groundOf(element) });
    }
    return texts;
  });
}

interface PageWithoutTimers {
  passTime(duration: number): void;
}

/** The longest names that AWS accepts: a role with 64 characters, a path with many segments. */
function longNames(): Report {
  const report = bigReport(12, 12);
  const path =
    "/v1/organizations/{organization}/departments/{department}/employees/{employee}/contracts/{contract}";
  return {
    ...report,
    callers: report.callers.map((callerEntry, index) => ({
      ...callerEntry,
      name: `${index}-${"role-".repeat(13)}`.slice(0, 64),
    })),
    routes: report.routes.map((routeEntry, index) => ({
      ...routeEntry,
      path,
      label: `${routeEntry.method} ${path}/${index}`,
    })),
  };
}

/** Names longer than AWS accepts, with and without separators, also in wide characters. */
function endlessNames(): Report {
  const report = longNames();
  const names = [
    "endless".repeat(40),
    "role-of-someone-".repeat(12),
    "\u6ce8\u6587".repeat(60),
    "\u{1f9fe}".repeat(70),
    "a b",
  ];
  const paths = [
    `/${"endless".repeat(100)}`,
    `/${"part/".repeat(90)}`,
    `/${"\u6ce8\u6587".repeat(100)}`,
    "/a",
  ];
  return {
    ...report,
    callers: report.callers.map((callerEntry, index) => ({
      ...callerEntry,
      name: `${index}${names[index % names.length]}`,
    })),
    routes: report.routes.map((routeEntry, index) => ({
      ...routeEntry,
      label: `GET ${paths[index % paths.length]}${index}`,
    })),
  };
}

describeInBrowser("the access map in a browser", function () {
  this.timeout(120_000);
  let browser: OpenBrowser;
  let folder: string;
  let problems: string[];

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "access-map-"));
    browser = await openBrowser({ viewport: { width: 1280, height: 800 } });
  });

  after(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    problems = [];
  });

  /** In every test, the page loads nothing, runs no injected code and throws no error. */
  afterEach(async () => {
    for (const page of browser.context.pages().slice(1)) await page.close();
    assert.deepEqual(problems, []);
  });

  async function open(report: Report): Promise<Page> {
    const file = path.join(folder, "report.html");
    fs.writeFileSync(file, renderHtml(report));
    const page = await browser.context.newPage();
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("console", (message) => problems.push(`console: ${message.text()}`));
    page.on("dialog", (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    const address = pathToFileURL(file).href;
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:"))
        problems.push(`request: ${request.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        console.error(`blocked: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    });
    await page.goto(address);
    await page.getByRole("tab", { name: "Access map" }).waitFor();
    return page;
  }

  /**
   * A button shows for a few seconds that it copied. Without timers, a test has any time to see it. Playwright's clock
   * would also stop the frames of all other pages.
   */
  async function stopTimers(page: Page): Promise<void> {
    await page.evaluate(() => {
      const timers = new Map<number, { readonly time: number; readonly run: () => void }>();
      let [now, lastId] = [0, 0];
      const setTimer = (run: () => void, delay = 0): number => {
        lastId++;
        timers.set(lastId, { time: now + delay, run });
        return lastId;
      };
      const passTime = (duration: number): void => {
        now += duration;
        for (const [id, { time, run }] of timers) if (time <= now && timers.delete(id)) run();
      };
      Object.assign(window, {
        setTimeout: setTimer,
        clearTimeout: (id: number) => timers.delete(id),
        passTime,
      });
    });
  }

  /** @param duration in milliseconds */
  const passTime = (page: Page, duration: number): Promise<void> =>
    page.evaluate((passed) => (window as unknown as PageWithoutTimers).passTime(passed), duration);

  const route = (page: Page, name: string) =>
    page.getByRole("region", { name: "Routes" }).getByRole("button", { name });
  const detail = (page: Page) => page.getByRole("complementary");
  const textOf = async (shown: Locator): Promise<string> => (await shown.allInnerTexts()).join("\n");
  const inColumn = (page: Page, name: "Routes" | "Callers" | "Functions"): Promise<string[]> =>
    page.getByRole("region", { name }).locator(".label").allTextContents();

  describe("the page with a mouse", () => {
    it("shows a route's gates in order, with evidence and the fix", async () => {
      const page = await open(smallReport());
      await route(page, "POST /payments orders-api").click();
      const gates = await detail(page).getByRole("heading", { level: 3 }).allTextContents();
      assert.deepEqual(gates, [
        "Can the caller call the route? 403 if not",
        "Can the caller invoke the function? 500 if not",
      ]);
      const text = await textOf(detail(page));
      for (const part of [
        "Invalid permissions on Lambda function",
        'No statement of role "storefront" allows lambda:InvokeFunction',
        '"Action": "lambda:InvokeFunction"',
        "caller-credentials-lambda-invoke",
        "AWS's rule, mandatory",
      ])
        assert.ok(text.includes(part), `${part} is not in:\n${text}`);
    });

    it("shows a caller's gates, and inferences with their dependencies", async () => {
      const page = await open(smallReport());
      await page.getByRole("button", { name: "probably denied by the two-step rule: reporting" }).click();
      const text = await textOf(detail(page));
      assert.match(text, /Inferred from the dependencies of unknown values\s+orders-api \(aws:apigateway/);
      assert.match(text, /this pack's two-step rule/);
      // Status code 500 is for AWS's rule only.
      const gates = await detail(page).getByRole("heading", { level: 3 }).allTextContents();
      assert.ok(
        gates.includes("Can the caller invoke the function? this pack's two-step rule"),
        gates.join(),
      );
    });

    it("shows the change that would deny an allowed verdict", async () => {
      const report = smallReport();
      const change = 'remove statement 1 in inline policy "calls"; or add a Deny that covers it';
      const page = await open({
        ...report,
        answers: report.answers.map((answer) =>
          answer.outcome === "allowed" ? { ...answer, change } : answer,
        ),
      });
      await page.getByRole("button", { name: "probably denied by the two-step rule: reporting" }).click();
      assert.match(
        await textOf(detail(page)),
        /What would change it\s+remove statement 1 in inline policy "calls"/i,
      );
    });

    it("shows why an exempt verdict is not a finding", async () => {
      const report = smallReport();
      const page = await open({
        ...report,
        answers: report.answers.map((answer) =>
          answer.outcome === "denied" ? { ...answer, exempt: "granted by the migration" } : answer,
        ),
      });
      await route(page, "GET /catalog/{id}").click();
      assert.match(await textOf(detail(page)), /Exempt, so there is no finding\s+granted by the migration/);
    });

    it("colors the lines of the selection by outcome and hides other lines", async () => {
      const page = await open(smallReport());
      const lines = page.locator(".lines path");
      // Lines are drawn in the next frame.
      await lines.nth(4).waitFor({ state: "attached" });
      await route(page, "POST /payments orders-api").click();
      await lines.nth(4).waitFor({ state: "detached" });
      assert.equal(await lines.count(), 4);
      const strokes = await lines.evaluateAll((paths) =>
        paths.map((element) => {
          const { stroke, strokeDasharray, strokeWidth } = getComputedStyle(element);
          return [element.getAttribute("class"), stroke, strokeDasharray, strokeWidth].join();
        }),
      );
      assert.equal(new Set(strokes).size, 2);
      assert.equal(strokes.filter((stroke) => stroke.startsWith("denied,")).length, 1);
    });

    it("closes the panel and clears the selection", async () => {
      const page = await open(smallReport());
      await route(page, "GET /audit").click();
      await page.getByRole("button", { name: "Close" }).click();
      assert.equal(await textOf(detail(page).getByRole("heading", { level: 2 })), "How to read this");
      assert.equal(await page.locator("[aria-pressed=true].node").count(), 0);
    });

    it("shows a finding on the map regardless of filters", async () => {
      const page = await open(smallReport());
      await page.getByLabel("Search").fill("reporting");
      await page.getByRole("tab", { name: "Findings (1)" }).click();
      await page.getByRole("button", { name: "Show on the map" }).click();
      assert.match(await textOf(detail(page).getByRole("heading", { level: 2 })), /reporting/);
      assert.equal(await page.getByLabel("Search").inputValue(), "");
    });

    it("lists policies that were not applicable with the reason", async () => {
      const report = smallReport();
      const [first, ...otherPolicies] = report.policies;
      assert.ok(first !== undefined);
      const notApplicable = "Policy only applies to stacks that have a function URL";
      const page = await open({ ...report, policies: [{ ...first, notApplicable }, ...otherPolicies] });
      await page.getByRole("tab", { name: "Findings (4)" }).click();
      await page.getByText("Not applicable: 1 policy").click();
      assert.ok(await page.getByText(`${first.name}: ${notApplicable}`).isVisible());
    });

    it("shows the source line of a finding", async () => {
      const report = smallReport();
      const source = { file: "index.ts", line: 24, column: 3 };
      const [first, ...otherFindings] = report.findings;
      assert.ok(first !== undefined);
      const page = await open({ ...report, findings: [{ ...first, source }, ...otherFindings] });
      await page.getByRole("tab", { name: "Findings (4)" }).click();
      assert.ok(await page.getByText("index.ts:24:3").isVisible());
    });

    it("shows more findings before the exempt ones", async () => {
      const report = smallReport();
      const [first] = report.findings;
      assert.ok(first !== undefined);
      const page = await open({
        ...report,
        findings: Array.from({ length: 250 }, (_, index) => ({ ...first, name: `role-${index}` })),
        exempted: [{ ...first, name: "legacy", reason: "being replaced" }],
      });
      await page.getByRole("tab", { name: "Findings" }).click();
      await page.getByRole("button", { name: "Show 100 more of 150" }).click();
      assert.equal(
        await page.evaluate(
          () => document.activeElement?.closest("article")?.querySelector("h3")?.textContent,
        ),
        "role-100",
      );
      await page.getByRole("button", { name: "Show 50 more of 50" }).click();
      assert.equal(await page.getByRole("article").count(), 250);
      assert.equal(await page.getByRole("button", { name: /more of/ }).count(), 0);
      assert.match(
        await textOf(page.locator(".findings > :last-child")),
        /^Exempt\s.* on legacy .*being replaced/,
      );
    });

    it("shows more answers of a gate before its allowed ones", async () => {
      const report = smallReport();
      const denied = report.answers.find(({ outcome }) => outcome === "denied");
      assert.ok(denied !== undefined);
      const { fix: _fix, symptom: _symptom, ...allowed } = denied;
      const copies = <T>(length: number, answer: T): T[] => Array.from({ length }, () => answer);
      const page = await open({
        ...report,
        answers: [...copies(30, denied), ...copies(30, { ...allowed, outcome: "allowed" as const })],
      });
      await page.locator(".node[data-outcome=denied]").first().click();
      await detail(page).getByRole("button", { name: "Show 10 more of 10" }).click();
      const answers = detail(page).locator(".gate .answers").first().locator("> *");
      assert.equal(await answers.count(), 31);
      assert.equal(await textOf(answers.last()), "Show the 30 allowed");
    });

    it("copies only the code of a fix", async () => {
      const page = await open(smallReport());
      await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await stopTimers(page);
      await route(page, "POST /payments orders-api").click();
      await detail(page).getByRole("button", { name: "Copy" }).click();
      await detail(page).getByRole("button", { name: "Copied" }).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.deepEqual(Object.keys(JSON.parse(copied)), ["Effect", "Action", "Resource"]);
      assert.match(await textOf(detail(page)), /Safer: drop/);
    });

    it("copies a fix without code as text, visible or not", async () => {
      const report = smallReport();
      const fix = 'one\n\t"two" \u202E three';
      const page = await open({
        ...report,
        answers: report.answers.map((answer) =>
          answer.fix === undefined ? answer : { ...answer, fix: { text: fix } },
        ),
      });
      await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await stopTimers(page);
      await route(page, "GET /catalog/{id}").click();
      await detail(page).getByRole("button", { name: "Copy" }).click();
      await detail(page).getByRole("button", { name: "Copied" }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), fix);
      assert.equal(await textOf(detail(page).locator("[role=status]").first()), "Copied");
    });

    it("copies without permission for the clipboard API", async () => {
      const page = await open(smallReport());
      await page.evaluate(() => {
        Object.defineProperty(navigator, "clipboard", { value: undefined });
        document.addEventListener("copy", () => {
          document.title = String((document.activeElement as HTMLTextAreaElement).value);
        });
      });
      await stopTimers(page);
      await route(page, "GET /orders orders-api").click();
      await detail(page).getByRole("button", { name: "Copy" }).click();
      await detail(page).getByRole("button", { name: "Copied" }).waitFor();
      assert.match(await page.title(), /"Action": "lambda:InvokeFunction"/);
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Copied");
    });

    it("confirms a second copy as long as the first", async () => {
      const page = await open(smallReport());
      // Without the clipboard API, it copies during the click.
      await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      await stopTimers(page);
      await route(page, "POST /payments orders-api").click();
      const button = detail(page).locator(".copy").first();
      await button.click();
      assert.equal(await button.textContent(), "Copied");
      await passTime(page, 2_000);
      await button.click();
      await passTime(page, 2_000);
      assert.equal(await button.textContent(), "Copied");
      await passTime(page, 2_000);
      assert.equal(await button.textContent(), "Copy");
    });
  });

  describe("filters", () => {
    it("limit the lists by outcome, API, caller and words, and by all of them together", async () => {
      const page = await open(smallReport());
      await page.getByRole("button", { name: "unproven: 1" }).click();
      assert.deepEqual(await inColumn(page, "Routes"), ["POST /catalog"]);
      await page.getByRole("button", { name: "denied: 2" }).click();
      assert.equal((await inColumn(page, "Routes")).length, 3);
      await page.getByLabel("API").selectOption("catalog-api");
      assert.deepEqual(await inColumn(page, "Routes"), ["GET /catalog/{id}", "POST /catalog"]);
      await page.getByLabel("Caller", { exact: true }).selectOption("back-office");
      assert.deepEqual(await inColumn(page, "Routes"), ["POST /catalog"]);
      await page.getByLabel("Search").fill("catalog BACK");
      assert.deepEqual(await inColumn(page, "Callers"), ["back-office"]);
      await page.getByLabel("Search").fill("nothing like it");
      assert.equal(await textOf(page.getByRole("region", { name: "Routes" })), "Routes 0 of 10\nNone");
      await page.getByRole("button", { name: "Clear filters" }).click();
      assert.equal((await inColumn(page, "Routes")).length, 10);
      assert.ok(await page.getByRole("button", { name: "Clear filters" }).isHidden());
    });

    it("announce the remaining entries to screen readers", async () => {
      const page = await open(smallReport());
      await page.getByLabel("Search").fill("reporting");
      assert.equal(
        await textOf(page.getByRole("status").first()),
        "1 route, 1 caller, 1 function, 1 finding",
      );
    });

    it("clear a hidden selection and keep a visible one", async () => {
      const page = await open(smallReport());
      await route(page, "GET /audit").click();
      await page.getByLabel("API").selectOption("orders-api");
      assert.equal(await page.locator(".node[aria-pressed=true]").count(), 1);
      await page.getByLabel("API").selectOption("catalog-api");
      assert.equal(await page.locator(".node.apart").count(), 0);
      assert.equal(await textOf(detail(page).getByRole("heading", { level: 2 })), "How to read this");
    });

    it("apply to the matrix and the findings", async () => {
      const page = await open(smallReport());
      await page.getByLabel("API").selectOption("catalog-api");
      await page.getByRole("tab", { name: "Matrix" }).click();
      assert.deepEqual(await page.getByRole("rowheader").allTextContents(), [
        "✗denied: GET /catalog/{id} catalog-api",
        "?unproven: POST /catalog catalog-api",
        "✓allowed: GET /catalog catalog-api",
      ]);
      await page.getByRole("tab", { name: "Findings (2)" }).click();
      assert.equal(await page.getByRole("article").count(), 2);
    });
  });

  describe("the page with a keyboard", () => {
    const focused = (page: Page): Promise<string> =>
      page.evaluate(() => document.activeElement?.textContent ?? "");

    it("moves focus from the search through the filters and columns to the panel", async () => {
      const page = await open(smallReport());
      await page.getByLabel("Search").focus();
      const stops: string[] = [];
      for (let step = 0; step < 9; step++) {
        await page.keyboard.press("Tab");
        stops.push(await page.evaluate(() => document.activeElement?.textContent?.slice(0, 24) ?? ""));
      }
      assert.deepEqual(stops, [
        "All APIsorders-apicatalo",
        "All callersstorefrontbac",
        "✗denied: denied 2",
        "!denied by the two-step ",
        "?unproven: unproven 1",
        "✓allowed: allowed 11",
        "Access map",
        "✗denied: GET /catalog/{i",
        "✗denied: storefrontrole",
      ]);
    });

    it("moves through the columns with arrow keys", async () => {
      const page = await open(smallReport());
      await route(page, "GET /catalog/{id}").focus();
      const walk = async (key: string): Promise<string> => {
        await page.keyboard.press(key);
        return focused(page);
      };
      assert.match(await walk("ArrowDown"), /POST \/payments/);
      assert.match(await walk("End"), /GET \/health/);
      assert.match(await walk("ArrowDown"), /GET \/health/);
      assert.match(await walk("ArrowRight"), /storefront/);
      assert.match(await walk("ArrowDown"), /anyone/);
      assert.match(await walk("ArrowRight"), /catalog/);
      assert.match(await walk("ArrowLeft"), /anyone/);
      assert.match(await walk("ArrowLeft"), /GET \/health/);
      assert.match(await walk("Home"), /GET \/catalog\/\{id\}/);
    });

    it("opens the panel with Enter and returns with Escape", async () => {
      const page = await open(smallReport());
      await route(page, "GET /catalog/{id}").focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement?.id), "detail-title");
      assert.match(await focused(page), /POST \/payments$/);
      await page.keyboard.press("Tab");
      assert.equal(await focused(page), "Close");
      await page.keyboard.press("Escape");
      assert.match(await focused(page), /POST \/paymentsorders-api/);
      assert.equal(await page.locator(".node[aria-pressed=true]").count(), 0);
    });

    it("stays in the open view if the selection is in another view", async () => {
      const page = await open(smallReport());
      await route(page, "GET /audit").click();
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.getByRole("button", { name: "Close" }).focus();
      await page.keyboard.press("Enter");
      assert.equal(await focused(page), "Matrix");
    });

    it("changes views with arrow keys", async () => {
      const page = await open(smallReport());
      await page.getByRole("tab", { name: "Access map" }).focus();
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(page), "Matrix");
      assert.ok(await page.getByRole("grid").isVisible());
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("ArrowLeft");
      assert.match(await focused(page), /^Findings/);
    });

    it("moves through the cells and headers of the matrix, including Home and End", async () => {
      const page = await open(smallReport());
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.getByRole("grid").focus();
      const at = (): Promise<string> =>
        page.evaluate(() => {
          const id = document.activeElement?.getAttribute("aria-activedescendant") ?? "";
          const cell = document.getElementById(id);
          return cell?.getAttribute("aria-label") ?? cell?.textContent ?? "";
        });
      const walk = async (...keys: string[]): Promise<string> => {
        for (const key of keys) await page.keyboard.press(key);
        return at();
      };
      assert.equal(await at(), "not a caller of it: storefront, GET /catalog/{id} (catalog-api)");
      assert.equal(
        await walk("ArrowDown", "ArrowRight"),
        "not a caller of it: anyone, POST /payments (orders-api)",
      );
      assert.equal(await walk("ArrowUp", "ArrowUp", "ArrowUp"), "anyone");
      assert.equal(await walk("ArrowLeft", "ArrowLeft"), "storefront");
      assert.equal(await walk("ArrowDown", "ArrowLeft"), "✗denied: GET /catalog/{id} catalog-api");
      assert.equal(
        await walk("Control+End"),
        "not a caller of it: callers that the Lambda authorizer allows, GET /health (orders-api)",
      );
      assert.equal(
        await walk("Control+Home", "PageDown"),
        "not a caller of it: storefront, POST /payments/{id}/refund (orders-api)",
      );
    });

    it("shows the gates of a cell, row or column with Enter and returns with Escape", async () => {
      const page = await open(smallReport());
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.getByRole("grid").focus();
      for (const [key, title] of [
        ["ArrowRight", "GET /catalog/{id} for anyone"],
        ["ArrowUp", "anyone"],
        ["ArrowDown", "GET /catalog/{id} for anyone"],
        ["ArrowLeft", "GET /catalog/{id} for storefront"],
        ["ArrowLeft", "GET /catalog/{id}"],
      ] as const) {
        await page.keyboard.press(key);
        await page.keyboard.press("Enter");
        const heading = await textOf(detail(page).getByRole("heading", { level: 2 }));
        assert.ok(heading.endsWith(title), `${heading} after ${key}`);
        await page.keyboard.press("Escape");
        assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "grid");
      }
    });

    it("has a visible focus", async () => {
      const page = await open(smallReport());
      await page.getByLabel("Search").focus();
      for (let step = 0; step < 9; step++) {
        await page.keyboard.press("Tab");
        const outline = await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
          return `${outlineStyle} ${outlineWidth}`;
        });
        assert.equal(outline, "solid 2px", await focused(page));
      }
    });
  });

  describe("the page with a screen reader", () => {
    it("has landmarks, headings and names", async () => {
      const page = await open(smallReport());
      const roles = {
        banner: undefined,
        main: undefined,
        search: "Filter",
        tablist: "Views",
        tabpanel: "Access map",
        complementary: "How to read this",
      } as const;
      for (const [role, name] of Object.entries(roles))
        assert.equal(
          await page.getByRole(role as "main", name === undefined ? {} : { name }).count(),
          1,
          `${role} ${name}`,
        );
      assert.deepEqual(
        await page
          .getByRole("heading")
          .evaluateAll((all) => all.map((element) => element.tagName + element.textContent)),
        ["H1shop/dev", "H2Access map", "H3Routes 10", "H3Callers 6", "H3Functions 5", "H2How to read this"],
      );
    });

    it("has text for every outcome symbol", async () => {
      const page = await open(smallReport());
      const snapshot = await page.getByRole("region", { name: "Routes" }).ariaSnapshot();
      assert.match(snapshot, /button "denied: GET \/catalog\/\{id\} catalog-api · NONE"/);
      assert.match(snapshot, /button "unproven: POST \/catalog catalog-api · AWS_IAM"/);
      assert.match(snapshot, /button "allowed: GET \/orders\/\{id\} orders-api · AWS_IAM"/);
      assert.match(snapshot, /button "not evaluated: GET \/health orders-api · NONE"/);
    });

    it("has the size of the matrix and the position of each cell", async () => {
      const page = await open(bigReport(60, 80));
      await page.getByRole("tab", { name: "Matrix" }).click();
      const grid = page.getByRole("grid", { name: "Callers by routes" });
      assert.equal(await grid.getAttribute("aria-rowcount"), "61");
      assert.equal(await grid.getAttribute("aria-colcount"), "81");
      await grid.focus();
      await page.keyboard.press("Control+End");
      const cell = page.locator(`[id="${await grid.getAttribute("aria-activedescendant")}"]`);
      assert.equal(await cell.getAttribute("aria-colindex"), "81");
      assert.equal(await cell.locator("xpath=ancestor::*[@role='row']").getAttribute("aria-rowindex"), "61");
      assert.ok(await cell.isVisible());
    });

    for (const scheme of ["light", "dark"] as const)
      it(`has no axe violations (${scheme})`, async () => {
        const page = await open(smallReport());
        await page.emulateMedia({ colorScheme: scheme });
        await page.evaluate(axe);
        const broken = (): Promise<string[]> =>
          page.evaluate(async () => {
            const { axe } = window as unknown as { axe: typeof import("axe-core") };
            const { violations } = await axe.run(document);
            return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
          });
        assert.deepEqual(await broken(), []);
        await route(page, "POST /payments orders-api").click();
        assert.deepEqual(await broken(), []);
        await page.getByRole("tab", { name: "Matrix" }).click();
        assert.deepEqual(await broken(), []);
        await page.getByRole("tab", { name: "Findings" }).click();
        assert.deepEqual(await broken(), []);
      });
  });

  describe("the page in light and dark", () => {
    for (const scheme of ["light", "dark"] as const)
      it(`has sufficient contrast for every text (${scheme})`, async () => {
        const page = await open(smallReport());
        await page.emulateMedia({ colorScheme: scheme });
        const colors = await colorsOf(page);
        await route(page, "POST /payments orders-api").click();
        colors.push(...(await colorsOf(page)));
        for (const tab of ["Matrix", "Findings"]) {
          await page.getByRole("tab", { name: tab }).click();
          colors.push(...(await colorsOf(page)));
        }
        assert.ok(colors.length > 300, `${colors.length} texts`);
        const faint = colors.filter(({ color, ground }) => contrast(color, ground) < 4.5);
        assert.deepEqual(faint, []);
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(ground, scheme === "light" ? "rgb(245, 246, 249)" : "rgb(16, 20, 27)");
      });

    it("follows the system setting until the reader chooses", async () => {
      const page = await open(smallReport());
      const ground = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.emulateMedia({ colorScheme: "dark" });
      const withUnknownPolicies = await ground();
      assert.notEqual(withUnknownPolicies, light);
      await page.getByRole("button", { name: "Dark mode" }).click();
      assert.equal(await ground(), light);
      await page.getByRole("button", { name: "Dark mode" }).click();
      assert.equal(await ground(), withUnknownPolicies);
    });
  });

  describe("the page on a phone", () => {
    for (const [name, report] of [
      ["an everyday report", smallReport()],
      ["a hostile report", hostileReport()],
      ["a big report", bigReport(60, 80)],
    ] as const)
      it(`${name} stays within the screen`, async () => {
        const page = await open(report);
        await page.setViewportSize(PHONE);
        const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(await width(), PHONE.width);
        await page.locator(".node").first().click();
        assert.equal(await width(), PHONE.width);
        await page.keyboard.press("Escape");
        for (const tab of ["Matrix", "Findings"]) {
          await page.getByRole("tab", { name: tab }).click();
          assert.equal(await width(), PHONE.width, tab);
        }
      });

    it("shows how many entries of a list are below, if any", async () => {
      const page = await open(bigReport(60, 3));
      await page.setViewportSize(OTHER_PHONE);
      const below = (name: string): Locator => page.getByRole("region", { name }).locator(".below");
      await page.waitForFunction(() => document.querySelector(".nodes")?.classList.contains("goes-on"));
      const more = async (): Promise<number> =>
        Number(/^↓ (\d+) more$/.exec((await below("Routes").textContent()) ?? "")?.[1]);
      const before = await more();
      assert.ok(before > 45 && before < 60, `${before}`);
      assert.ok(await below("Routes").isVisible());
      assert.equal(await below("Callers").textContent(), "");
      await page
        .locator(".nodes")
        .first()
        .evaluate((list) => list.scrollBy(0, 300));
      await page.waitForFunction(
        (text) => document.querySelector(".below")?.textContent !== text,
        `↓ ${before} more`,
      );
      assert.ok((await more()) < before);
      await page
        .locator(".nodes")
        .first()
        .evaluate((list) => list.scrollTo(0, 1e6));
      await page.waitForFunction(() => document.querySelector(".below")?.textContent === "");
    });

    it("wraps long snippets", async () => {
      const page = await open(smallReport());
      await page.setViewportSize(OTHER_PHONE);
      await route(page, "POST /payments orders-api").click();
      const [inner = 0, outer = 0] = await detail(page)
        .locator(".fix pre")
        .first()
        .evaluate((pre) => [pre.scrollWidth, pre.clientWidth]);
      assert.equal(inner, outer);
    });

    it("scrolls to the panel and closes it", async () => {
      const page = await open(smallReport());
      await page.setViewportSize(PHONE);
      await route(page, "GET /orders orders-api").click();
      const box = await detail(page).boundingBox();
      assert.ok(box !== null && box.y > 0 && box.y + box.height <= PHONE.height, JSON.stringify(box));
      await page.getByRole("button", { name: "Close" }).click();
      assert.ok(await page.getByRole("button", { name: "Close" }).isHidden());
      // Columns above each other have no lines, from the next frame on.
      await page.locator(".lines path").first().waitFor({ state: "detached" });
    });
  });

  describe("the matrix", () => {
    for (const [name, report] of [
      ["an everyday report", smallReport()],
      ["a big report", bigReport(60, 80)],
      ["several stacks", fleetReport(5)],
      ["long names", longNames()],
      ["names without end", endlessNames()],
    ] as const)
      for (const size of [{ width: 1280, height: 800 }, OTHER_PHONE])
        it(`truncates no header of ${name} at ${size.width} pixels`, async () => {
          const page = await open(report);
          await page.setViewportSize(size);
          await page.getByRole("tab", { name: "Matrix" }).click();
          const heads = page.locator(".row-head .name, .column-head .name");
          assert.ok((await heads.count()) > 8);
          const cut = await heads.evaluateAll((all) =>
            all
              .filter(
                (element) =>
                  element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
              )
              .map((element) => element.textContent),
          );
          assert.deepEqual(cut, []);
          const above = await page
            .locator(".matrix")
            .evaluate((matrix) =>
              [...matrix.querySelectorAll(".column-head .name")]
                .filter((element) => element.getBoundingClientRect().top < matrix.getBoundingClientRect().top)
                .map((element) => element.textContent),
            );
          assert.deepEqual(above, []);
        });

    it("has space for the last slanted header", async () => {
      const page = await open(bigReport(4, 40));
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.locator(".matrix").evaluate((matrix) => matrix.scrollTo(1e6, 0));
      await page.waitForFunction(() => document.getElementById("cell--1-39") !== null);
      const overflow = await page.locator(".matrix").evaluate((matrix) => {
        const head = document.querySelector("#cell--1-39 .name");
        return (head?.getBoundingClientRect().right ?? 1e6) - matrix.getBoundingClientRect().right;
      });
      assert.ok(overflow <= 0, `${overflow} pixels outside`);
    });
  });

  describe("several stacks", () => {
    it("begin with a table of the stacks, the worst first, with links", async () => {
      const page = await open(fleetReport(4));
      assert.equal(await textOf(page.getByRole("heading", { level: 1 })), "4 stacks");
      const rows = page.getByRole("row");
      assert.equal(
        (await rows.allInnerTexts())[1]?.replace(/\s+/g, " ").trim(),
        "✗ denied: team-1/prod 10 2 1 1 5 4",
      );
      assert.equal(
        (await rows.allInnerTexts()).at(-1)?.replace(/\s+/g, " ").trim(),
        "✓ allowed: team-4/prod 10 – – – 9 –",
      );
      await page.getByRole("button", { name: "team-2/prod" }).click();
      assert.equal(await page.getByLabel("Stack", { exact: true }).inputValue(), "team-2/prod");
      assert.equal((await inColumn(page, "Routes")).length, 10);
      assert.ok(
        (await page.getByRole("region", { name: "Routes" }).locator(".sub").allTextContents()).every((note) =>
          note.endsWith(" · team-2/prod"),
        ),
      );
      await page.getByRole("tab", { name: "Findings (4)" }).waitFor();
    });

    it("without evaluations are not applicable, and are counted", async () => {
      const report = fleetReport(2);
      const notApplicable = "The stack has no API of API Gateway";
      const bucket = { name: "b.json", as: "state", project: "files", stack: "prod", resources: 2 } as const;
      const page = await open({ ...report, inputs: [...report.inputs, { ...bucket, notApplicable }] });
      const row = page.getByRole("row", { name: "files/prod" });
      assert.match((await textOf(row)).replace(/\s+/g, " "), /files\/prod not applicable – – – – – –/);
      assert.match(
        await textOf(page.getByRole("region", { name: "Stacks" })),
        /Not applicable to 1 of 3 stacks$/,
      );
    });

    it("have no view in a report on one stack", async () => {
      const page = await open(smallReport());
      assert.equal(await page.getByRole("tab", { name: "Stacks" }).count(), 0);
      assert.equal(await page.getByLabel("Stack", { exact: true }).count(), 0);
    });

    it("fit a phone's screen and have no axe violations", async () => {
      const page = await open(fleetReport(4));
      await page.setViewportSize(OTHER_PHONE);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), OTHER_PHONE.width);
      const table = await page
        .locator(".stacks")
        .evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.equal(table, 0);
      await page.evaluate(axe);
      const broken = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: typeof import("axe-core") };
        const { violations } = await axe.run(document);
        return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
      });
      assert.deepEqual(broken, []);
    });
  });

  describe("the page without colors", () => {
    it("distinguishes the lines of each outcome", async () => {
      const page = await open(smallReport());
      const classes = [
        "denied",
        "denied inferred",
        "two-step",
        "two-step inferred",
        "unproven",
        "allowed",
        "allowed inferred",
        "none",
      ];
      const drawn = await page.locator(".lines").evaluate((lines, names) => {
        return names.map((name) => {
          const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
          path.setAttribute("class", name);
          lines.append(path);
          const { strokeDasharray, strokeWidth } = getComputedStyle(path);
          return `${strokeWidth} ${strokeDasharray}`;
        });
      }, classes);
      assert.equal(new Set(drawn).size, classes.length, drawn.join("; "));
    });

    it("distinguishes inferred outcomes, and has a symbol for each outcome", async () => {
      const page = await open(smallReport());
      await page.locator(".lines path.two-step.inferred").first().waitFor({ state: "attached" });
      assert.equal(await page.locator(".lines path.denied.inferred").count(), 0);
      const signs = await page.locator(".legend .mark > [aria-hidden]").allTextContents();
      assert.deepEqual(signs, ["✗", "!", "?", "✓", "✗~"]);
    });
  });

  describe("the page on paper", () => {
    it("is light, expanded and without controls", async () => {
      const page = await open(bigReport(60, 40));
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.ok(await page.getByLabel("Search").isHidden());
      assert.ok(await page.locator(".theme").isHidden());
      const list = page.getByRole("region", { name: "Routes" }).locator("ul");
      assert.ok(await list.evaluate((element) => element.scrollHeight <= element.clientHeight));
      assert.ok((await colorsOf(page)).every(({ color, ground }) => contrast(color, ground) >= 4.5));
      await page.emulateMedia({ media: "screen" });
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      assert.equal(await page.getByRole("gridcell").count(), 60 * 40);
      await page.setViewportSize({ width: 700, height: 500 });
      // The page renders a changed size in a frame that follows the one in which it observes the size.
      await page.evaluate(
        () =>
          new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
      );
      assert.equal(await page.getByRole("gridcell").count(), 60 * 40);
      await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      assert.ok((await page.getByRole("gridcell").count()) < 60 * 40);
    });
  });

  describe("the page with hostile names", () => {
    it("shows them as text and runs nothing", async () => {
      const page = await open(hostileReport());
      for (const node of await page.locator(".node").all()) await node.click();
      for (const summary of await page.locator(".answer > summary").all()) await summary.click();
      await page.getByRole("tab", { name: "Matrix" }).click();
      for (const cell of (await page.getByRole("gridcell").all()).slice(0, 10)) await cell.click();
      await page.keyboard.press("Escape");
      await page.getByRole("tab", { name: "Findings" }).click();
      assert.equal(
        await page.locator("img, iframe, object, embed, main script, main svg[onload]").count(),
        0,
      );
      const addresses = await page
        .locator("[href], [src], [action]")
        .evaluateAll((all) => all.map((element) => element.getAttribute("href") ?? element.outerHTML));
      assert.deepEqual(
        addresses.filter((address) => !/^(https:\/\/|data:,$)/.test(address)),
        [],
      );
      const text = await textOf(page.locator("body"));
      assert.ok(text.includes('<img src=x onerror=alert("img")>'));
      assert.ok(text.includes("\\u{202e}"));
      assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069]/);
    });

    it("finds them by search as text", async () => {
      const page = await open(hostileReport());
      await page.getByLabel("Search").fill("__proto__");
      assert.ok((await inColumn(page, "Callers")).length > 0);
      await page.getByLabel("Search").fill(".*[");
      assert.equal((await inColumn(page, "Callers")).length, 0);
    });

    it("exports no formulas to spreadsheets", async () => {
      const report = smallReport();
      const page = await open({
        ...report,
        callers: report.callers.map((callerEntry, index) =>
          index === 0 ? { ...callerEntry, name: '=HYPERLINK("x")' } : callerEntry,
        ),
      });
      await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await stopTimers(page);
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.getByRole("button", { name: "Copy as CSV" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const rows = (await page.evaluate(() => navigator.clipboard.readText())).split("\r\n");
      assert.equal(
        rows[0],
        `"route","","'=HYPERLINK(""x"")","anyone","reporting","back-office","payments-worker","callers that the Lambda authorizer allows"`,
      );
      assert.equal(
        rows[3],
        '"GET /orders","orders-api · AWS_IAM","allowed","","probably denied by the two-step rule","allowed","",""',
      );
    });
  });

  describe("an empty report", () => {
    it("is described as empty", async () => {
      const page = await open({
        ...smallReport(),
        apis: [],
        functions: [],
        callers: [],
        routes: [],
        answers: [],
        findings: [],
      });
      assert.deepEqual(await page.locator(".column .none").allTextContents(), ["None", "None", "None"]);
      await page.getByRole("tab", { name: "Matrix" }).click();
      await page.getByRole("grid").focus();
      for (const key of ["ArrowDown", "ArrowRight", "Enter", "End", "PageUp"]) await page.keyboard.press(key);
      await page.getByRole("tab", { name: "Findings (0)" }).click();
      assert.match(await textOf(page.getByRole("tabpanel")), /^Findings\s+No findings\.$/);
    });
  });

  describe("the page with 500 routes × 100 callers", () => {
    /** Waits until the page is rendered again. */
    const renderedAfter = (page: Page, action: string): Promise<void> =>
      page.evaluate(
        (name) =>
          new Promise<void>((done) => {
            const actions: Record<string, () => void> = {
              search: () => {
                const field = document.getElementById("search") as HTMLInputElement;
                field.value = field.value === "" ? "collection-42" : "";
                field.dispatchEvent(new Event("input"));
              },
              outcome: () => document.querySelector<HTMLElement>("button.outcome")?.click(),
              select: () => document.querySelector<HTMLElement>('[data-kind="caller"] .node')?.click(),
              matrix: () => document.getElementById("tab-matrix")?.click(),
              scroll: () => document.querySelector(".matrix")?.scrollTo(1500, 9000),
              findings: () => document.getElementById("tab-findings")?.click(),
            };
            actions[name]?.();
            requestAnimationFrame(() => setTimeout(done));
          }),
        action,
      );
    const ACTIONS = [
      "search",
      "search",
      "outcome",
      "select",
      "outcome",
      "matrix",
      "scroll",
      "search",
      "findings",
    ];

    it("has a bounded size, and creates few elements in every view", async () => {
      const page = await open(bigReport(500, 100));
      assert.ok(fs.statSync(path.join(folder, "report.html")).size < 20e6);
      for (const name of ACTIONS) {
        await renderedAfter(page, name);
        const elements = await page.evaluate(() => document.querySelectorAll("*").length);
        assert.ok(elements < 12_000, `${elements} elements after ${name}`);
      }
    });

    it("draws at most 300 lines and shows a note", async () => {
      const page = await open(bigReport(500, 100));
      assert.equal(
        await textOf(page.locator(".note")),
        "The 300 lines drawn are the worst of 60,000. Select a route, a caller or a function, or filter, to see the others.",
      );
      assert.ok((await page.locator(".lines path").count()) <= 300);
    });

    it("shows the items of a selection first, and more on request", async () => {
      const page = await open(bigReport(500, 100));
      await page
        .getByRole("region", { name: "Routes" })
        .getByRole("button", { name: "Show 200 more of 300" })
        .click();
      assert.equal((await inColumn(page, "Routes")).length, 400);
      assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /collection-/);
      await page.getByRole("region", { name: "Functions" }).locator(".node").first().click();
      const [first = ""] = await page
        .getByRole("region", { name: "Routes" })
        .locator(".node")
        .evaluateAll((all) => all.map((element) => element.className));
      assert.equal(first, "node");
      assert.ok(
        (await page.getByRole("region", { name: "Routes" }).locator(".node:not(.apart)").count()) === 5,
      );
    });
  });
});
