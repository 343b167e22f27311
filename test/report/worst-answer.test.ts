/** No output calls a route allowed beside a denial of it, and none says that a caller it lists is not there. */
import assert from "node:assert/strict";
import { buildReport, judge } from "../../report";
import { explainRoutes } from "../../report/explain";
import { buildGraph, filterGraph, summarize } from "../../report/html/browser/graph";
import { renderJson } from "../../report/json";
import { renderText } from "../../report/text";
import { plan } from "../../testing";
import { WORLDS } from "../support/cases";
import { allow, executeOnly, type Patch, restStack } from "../support/rest";

const PATCHES: readonly [name: string, patch: Patch, denied: boolean][] = [
  ["a healthy route", {}, false],
  ["a route that nobody calls", { caller: false }, false],
  ["a permission for another service", { permission: () => ({ principal: "s3.amazonaws.com" }) }, true],
  ["a caller that lacks the function", { caller: executeOnly }, true],
  [
    "a caller that lacks the route",
    {
      caller: ({ api, fn }) => [allow("execute-api:Invoke", api.arn), allow("lambda:InvokeFunction", fn.arn)],
    },
    false,
  ],
];

for (const as of WORLDS)
  for (const [name, patch, denied] of PATCHES)
    it(`shows the worst answer: ${name} (${as})`, async () => {
      const { project, stack, resources } = await plan(restStack(patch), { as, project: "shop" });
      const judgement = await judge(resources, {});
      const inputs = [{ name: "shop", as, project, stack, resources: resources.length }];
      const report = buildReport({ version: "1.2.3", inputs, resources, judgement });
      const { answers, routes }: typeof report = JSON.parse(renderJson(report));
      const hit = routes.filter(({ id }) =>
        answers.some((one) => one.outcome === "denied" && one.routes.includes(id)),
      );
      if (denied) assert.equal(hit.length, 1);
      const links = filterGraph(buildGraph(report, report.answers), {
        text: "",
        outcomes: new Set(),
        stack: "",
        api: "",
        caller: "",
      }).links;
      for (const [item, standing] of summarize(links))
        if (hit.some(({ id }) => item.kind === "route" && item.id === id))
          assert.match(String(standing), /^(denied|two-step)/);
      if (hit.length > 0) assert.doesNotMatch(renderText(report, false), /routes?: [^;]*\d allowed/);
      const explanation = explainRoutes(report, judgement, { route: "GET /orders/{id}" });
      assert.ok(explanation.found);
      for (const { gates } of explanation.routes)
        if (gates.some(({ gate, answers }) => gate === "caller-route" && answers.length > 0))
          assert.ok(gates.every(({ notAsked }) => notAsked !== "it has no caller here"));
    });
