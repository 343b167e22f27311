/** The source line of a finding in every format. */
import * as assert from "node:assert/strict";
import { analyze } from "../../engine/analyze";
import { buildIndexedReport } from "../../report";
import { explainRoutes, renderExplanation } from "../../report/explain";
import { renderJunit } from "../../report/junit";
import type { Report } from "../../report/model";
import { renderSarif } from "../../report/sarif";
import { sourcesOf } from "../../report/sources";
import { renderText } from "../../report/text";
import { type PlannedResource, plan, type SourcePosition } from "../../testing";
import { example } from "../support/reports";

const SOURCE: SourcePosition = { file: "src/my stack.ts", line: 24, column: 7 };

async function reported(source: SourcePosition | undefined) {
  const { project, stack, resources } = await plan(example("invalid-permissions"), { as: "deployed" });
  const sourced = resources.map((resource) =>
    resource.name === "orders-client" && source !== undefined ? { ...resource, source } : resource,
  );
  const analysis = await analyze(sourced);
  const input = { name: "state.json", as: "state", project, stack, resources: resources.length } as const;
  const indexed = buildIndexedReport({ version: "1.2.3", inputs: [input], resources: sourced, analysis });
  return { ...indexed, analysis };
}

const placeIn = (report: Report, projectFile: string): unknown =>
  JSON.parse(renderSarif(report, () => projectFile)).runs[0].results[0].locations[0].physicalLocation;

describe("source line", () => {
  let found: Awaited<ReturnType<typeof reported>>;

  before(async () => {
    found = await reported(SOURCE);
  });

  it("is in a finding and in the verdicts about its resource", () => {
    assert.deepEqual(
      found.report.findings.map(({ source }) => source),
      [SOURCE],
    );
    const answers = found.report.answers.filter(({ source }) => source !== undefined);
    assert.deepEqual([...new Set(answers.map(({ urn }) => urn.split("::").at(-1)))], ["orders-client"]);
  });

  it("is the location for code scanning, in addition to the project file", () => {
    assert.deepEqual(placeIn(found.report, "infra/Pulumi.yaml"), {
      artifactLocation: { uri: "infra/src/my%20stack.ts" },
      region: { startLine: 24, startColumn: 7 },
    });
    assert.deepEqual(placeIn(found.report, "Pulumi.yaml"), {
      artifactLocation: { uri: "src/my%20stack.ts" },
      region: { startLine: 24, startColumn: 7 },
    });
  });

  it("is printed below the resource, in a failure and in an explanation", () => {
    assert.match(
      renderText(found.report, false),
      /\(aws:iam:Role: orders-client\)\n {6}at src\/my stack\.ts:24:7\n/,
    );
    assert.match(renderJunit(found.report), /Denied: .*\nAt src\/my stack\.ts:24:7\n/);
    const explanation = explainRoutes(found, found.analysis, { route: "GET /orders" });
    assert.ok(explanation.found);
    assert.match(
      renderExplanation(found.report, explanation.routes, false),
      /^ {7}At src\/my stack\.ts:24:7$/m,
    );
  });

  it("is omitted if the input has none", async () => {
    const { report } = await reported(undefined);
    assert.equal(report.findings[0]?.source, undefined);
    assert.deepEqual(placeIn(report, "infra/Pulumi.yaml"), {
      artifactLocation: { uri: "infra/Pulumi.yaml" },
      region: { startLine: 1 },
    });
    assert.ok(!/^ *at /im.test(renderText(report, false)));
  });

  it("of a component's child is that of the component", () => {
    const resource = (urn: string, parent: string, source?: SourcePosition): PlannedResource => ({
      ...{ urn, parent, type: "a:b:C", name: urn, custom: true, id: "", inputs: {}, outputs: {} },
      ...{ dependencies: [], propertyDependencies: {}, ...(source === undefined ? {} : { source }) },
    });
    const sources = sourcesOf([
      resource("stack", ""),
      resource("component", "stack", SOURCE),
      resource("part", "component"),
      resource("one", "other"),
      resource("other", "one"),
    ]);
    assert.deepEqual(
      ["part", "stack", "one", "missing"].map((urn) => sources(urn)),
      [SOURCE, undefined, undefined, undefined],
    );
  });
});
