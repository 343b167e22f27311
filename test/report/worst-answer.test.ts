/** No output shows a route as allowed together with a denial, or reports a listed caller as missing. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { type Analysis, analyze } from "../../engine/analyze";
import { OUTCOME_NAMES } from "../../messages/answers";
import { buildIndexedReport } from "../../report";
import type { IndexedReport } from "../../report/build";
import { explainRoutes, renderExplanation } from "../../report/explain";
import { renderHtml } from "../../report/html";
import { renderJson } from "../../report/json";
import { renderJunit } from "../../report/junit";
import { renderMarkdown } from "../../report/markdown";
import type { Report, RouteEntry } from "../../report/model";
import { type DisplayedOutcome, outcomeKindOf, SIGNS, worstOf } from "../../report/outcomes";
import { renderText } from "../../report/text";
import { type PolicyConfig, plan } from "../../testing";
import { bodyStack, ordersBody } from "../support/body";
import { describeInBrowser, type OpenBrowser, openBrowser } from "../support/browser";
import { MOMENTS, type Moment } from "../support/cases";
import { httpStack } from "../support/http";
import { nativeStack } from "../support/native";
import { allow, executeOnly, restStack } from "../support/rest";

interface Case {
  readonly name: string;
  readonly program: () => unknown;
  /** The outcome of the first route at both moments, without inference. Undefined if it is unproven. */
  readonly kind?: "denied" | "two-step" | "allowed";
  readonly config?: PolicyConfig;
}

const CASES: readonly Case[] = [
  { name: "a healthy route", program: restStack({}), kind: "allowed" },
  { name: "a route without callers", program: restStack({ caller: false }), kind: "allowed" },
  {
    name: "a permission for another service",
    program: restStack({ permission: () => ({ principal: "s3.amazonaws.com" }) }),
    kind: "denied",
  },
  {
    name: "a caller that may not invoke the function",
    program: restStack({ caller: executeOnly }),
    kind: "two-step",
  },
  {
    name: "a caller that may not invoke the function under caller credentials",
    program: restStack({
      caller: executeOnly,
      integration: () => ({ credentials: "arn:aws:iam::*:user/*" }),
    }),
    kind: "denied",
  },
  {
    name: "a caller that lacks the route",
    program: restStack({
      caller: ({ api, fn }) => [allow("execute-api:Invoke", api.arn), allow("lambda:InvokeFunction", fn.arn)],
    }),
  },
  {
    name: "a request that Lambda refuses",
    program: restStack({ integration: () => ({ integrationHttpMethod: "GET" }) }),
    kind: "denied",
  },
  {
    name: "a request that Lambda refuses, exempt",
    program: restStack({ integration: () => ({ integrationHttpMethod: "GET" }) }),
    kind: "denied",
    config: {
      "lambda-integration-request": { exempt: [{ resource: "integration", reason: "replaced next week" }] },
    },
  },
  {
    name: "a URI with a leftover",
    program: restStack({
      integration: () => ({
        uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/undefined/invocations",
      }),
    }),
    kind: "denied",
  },
  {
    name: "an HTTP API's request that Lambda refuses",
    program: httpStack({ integration: () => ({ integrationMethod: "GET" }) }),
    kind: "denied",
  },
  {
    name: "an operation of a body whose request Lambda refuses",
    program: bodyStack({ body: (base) => ordersBody(base, { integration: { httpMethod: "GET" } }) }),
  },
  {
    name: "aws-native's method that Lambda refuses",
    program: nativeStack({ integration: () => ({ integrationHttpMethod: "GET" }) }),
    kind: "denied",
  },
];

interface Reported extends IndexedReport {
  readonly analysis: Analysis;
}

async function reportOn({ program, config = {} }: Case, as: Moment): Promise<Reported> {
  const { project, stack, resources } = await plan(program, { as, project: "shop" });
  const analysis = await analyze(resources, config);
  const inputs = [{ name: "shop", as, project, stack, resources: resources.length }];
  return { analysis, ...buildIndexedReport({ version: "1.2.3", inputs, resources, analysis }) };
}

function displayedOutcomeOf({ answers }: Report, route: RouteEntry): DisplayedOutcome | undefined {
  return worstOf(answers.filter(({ routes }) => routes.includes(route.id)));
}

for (const as of MOMENTS)
  describe(`every output shows the worst verdict (${as})`, () => {
    for (const testCase of CASES)
      it(testCase.name, async () => {
        const { report, entryIds, analysis } = await reportOn(testCase, as);
        const [route] = report.routes;
        assert.ok(route !== undefined);
        const worst = displayedOutcomeOf(report, route);
        if (testCase.kind !== undefined) assert.equal(worst && outcomeKindOf(worst), testCase.kind);
        const isDenied = worst !== undefined && /^(denied|two-step)/.test(worst);

        const { answers }: Report = JSON.parse(renderJson(report));
        assert.equal(worstOf(answers.filter(({ routes }) => routes.includes(route.id))), worst);

        const text = renderText(report, false);
        const cells = text.split("\n").find((line) => line.trim().startsWith(`${route.method} `)) ?? "";
        assert.ok(worst === undefined || cells.includes(` ${SIGNS[worst]}`), text);
        const ofRoute = report.findings.filter(
          ({ level, policy }) => level === "mandatory" && policy !== "invoke-policy-resource",
        );
        for (const finding of ofRoute) assert.ok(isDenied, `${finding.policy}: ${text}`);
        assert.equal(
          /routes?: [^;]*\d allowed/.test(text),
          worst !== undefined && outcomeKindOf(worst) === "allowed",
        );

        const row = renderMarkdown(report, () => "Pulumi.yaml")
          .split("\n")
          .filter((line) => line.startsWith("| "))[1];
        const sign = worst === undefined ? "·" : `${SIGNS[worst]} ${OUTCOME_NAMES[worst]}`;
        assert.ok(row?.endsWith(`| ${sign} |`), row);

        const failures = renderJunit(report).match(/<failure/g)?.length ?? 0;
        assert.equal(
          failures > 0,
          report.findings.some(({ level }) => level === "mandatory"),
        );

        const explanation = explainRoutes({ report, entryIds }, analysis, { route: route.label });
        assert.ok(explanation.found);
        const explained = explanation.routes.flatMap(({ gates }) => gates.flatMap((gate) => gate.answers));
        assert.equal(worstOf(explained), worst);
        const written = renderExplanation(report, explanation.routes, false);
        assert.equal(worst === undefined || written.includes(SIGNS[worst]), true, written);
        for (const { gates } of explanation.routes)
          if (gates.some(({ gate, answers }) => gate === "caller-route" && answers.length > 0))
            assert.ok(
              gates.every(({ notEvaluated: reason }) => reason !== "it has no caller in these stacks"),
            );
      });
  });

describeInBrowser("the worst answer on the page", () => {
  let browser: OpenBrowser;
  let folder: string;

  before(async () => {
    browser = await openBrowser();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "worst-answer-"));
  });

  after(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function open(report: Report): Promise<Page> {
    const file = path.join(folder, "report.html");
    fs.writeFileSync(file, renderHtml(report));
    const page = await browser.context.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("tab", { name: "Access map" }).waitFor();
    return page;
  }

  const sign = async (page: Page, place: string): Promise<string> =>
    (await page.locator(`${place} .mark [aria-hidden]`).first().textContent())?.trim() ?? "";

  for (const testCase of CASES)
    it(testCase.name, async () => {
      const { report } = await reportOn(testCase, "deployed");
      const [route] = report.routes;
      assert.ok(route !== undefined);
      const worst = displayedOutcomeOf(report, route);
      const expected = worst === undefined ? "·" : SIGNS[worst];
      const page = await open(report);
      try {
        const node = page.getByRole("region", { name: "Routes" }).locator(".node").first();
        const onMap = await node.locator(".mark [aria-hidden]").textContent();
        assert.equal(onMap, expected);
        await node.click();
        assert.equal(await sign(page, "[role=complementary], aside"), expected);
        const lines = await page
          .locator(".lines path")
          .evaluateAll((all) => all.map((path) => path.getAttribute("class")));
        if (/^(denied|two-step)/.test(worst ?? ""))
          assert.ok(lines.some((kind) => !/allowed/.test(kind ?? "")));
        await page.getByRole("tab", { name: "Matrix" }).click();
        assert.equal(await sign(page, "[role=rowheader]"), expected);
      } finally {
        await page.close();
      }
    });
});
