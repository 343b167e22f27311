/** The formats for CI systems, baselines, and `--fail-on`. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { hasFailingFinding, newFindings } from "../../cli/baseline";
import { renderCodeQuality } from "../../report/code-quality";
import { FORMAT_NAMES, FORMATS } from "../../report/formats";
import { renderMarkdown } from "../../report/markdown";
import type { Report } from "../../report/model";
import { example, reportOn } from "../support/reports";
import { restStack } from "../support/rest";

const fileOf = (): string => "infra/Pulumi.yaml";
const SOURCE = { file: "index.ts", line: 24 };

describe("code-quality", () => {
  let report: Report;

  before(async () => {
    const original = await reportOn(example("shop"));
    report = { ...original, findings: original.findings.map((finding) => ({ ...finding, source: SOURCE })) };
  });

  it("has the fields that GitLab requires for each finding, and a line", () => {
    const issues: Record<string, unknown>[] = JSON.parse(renderCodeQuality(report, fileOf));
    assert.equal(issues.length, report.findings.length);
    for (const issue of issues) {
      assert.deepEqual(Object.keys(issue), [
        ...["description", "check_name", "fingerprint", "severity", "location"],
      ]);
      assert.ok(["info", "minor", "major", "critical", "blocker"].includes(String(issue.severity)));
      assert.ok(typeof issue.description === "string" && !issue.description.includes("\n"));
      assert.deepEqual(issue.location, { path: "infra/index.ts", lines: { begin: 24 } });
    }
    assert.equal(new Set(issues.map(({ fingerprint }) => fingerprint)).size, issues.length);
  });

  it("is an empty list without findings", async () => {
    const fixed = await reportOn(example("invalid-permissions-fixed"));
    assert.deepEqual(JSON.parse(renderCodeQuality(fixed, fileOf)), []);
  });
});

describe("markdown", () => {
  it("has failing routes first and the location of each finding", async () => {
    const text = renderMarkdown(await reportOn(example("shop")), fileOf);
    assert.match(text, /^### apigateway-lambda-access\n\n3 mandatory and 1 advisory finding\n\n\| API \|/);
    const signs = [...text.matchAll(/\| (✗ denied|\? unproven|✓ allowed) \|$/gm)].map(([, sign]) => sign);
    assert.ok(signs.lastIndexOf("✗ denied") < signs.indexOf("✓ allowed"), signs.join());
    assert.equal(text.match(/<details>/g)?.length, 4);
    assert.match(text, /<summary><b>mandatory<\/b> \S+: \S+ \(infra\/Pulumi\.yaml\)<br>/);
  });

  it("escapes names", async () => {
    const name = "a|b`</summary>@everyone";
    const text = renderMarkdown(
      await reportOn(restStack({ permission: false, functionArgs: { name } })),
      fileOf,
    );
    const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
    assert.ok(!prose.includes("@everyone") && !prose.includes("</summary>&"), prose);
  });

  const exempt = [{ resource: "integration", reason: "the migration | grants it", until: "2999-12-31" }];
  const withExemption = (): Promise<Report> =>
    reportOn(restStack({ permission: false }), {
      config: { "route-function-permission": { exempt }, "policy-configuration": "disabled" },
    });

  it("lists exempt findings with reason and date", async () => {
    const text = renderMarkdown(await withExemption(), fileOf);
    assert.match(
      text,
      /\nExempt:\n\n- route-function-permission: integration: the migration \| grants it, until 2999-12-31\n$/,
    );
  });

  it("stays below the size limit of a comment with many exemptions", async () => {
    const report = await withExemption();
    const { exempted } = report;
    const { findings } = await reportOn(example("shop"));
    const manyExemptions = {
      ...report,
      exempted: Array.from({ length: 500 }, () => exempted).flat(),
      findings: Array.from({ length: 500 }, () => findings).flat(),
    };
    const text = renderMarkdown(manyExemptions, fileOf);
    assert.ok(text.length < 65_536, `${text.length}`);
    assert.match(text, /\n\d+ more exempt findings are not shown\.\n$/);
  });

  it("stays below the size limit of a comment", async () => {
    const report = await reportOn(example("shop"));
    const manyFindings = { ...report, findings: Array.from({ length: 500 }, () => report.findings).flat() };
    const text = renderMarkdown(manyFindings, fileOf);
    assert.ok(text.length < 65_536, `${text.length}`);
    assert.match(text, /\n\d+ more findings are not shown\.\n$/);
  });
});

describe("the list of formats", () => {
  for (const name of FORMAT_NAMES)
    it(`renders and describes ${name}`, async () => {
      const reader = { inColor: false, fileOf };
      const text = await FORMATS[name].render(await reportOn(example("http-api")), reader);
      assert.ok(text.endsWith("\n"));
      assert.ok(FORMATS[name].description.length > 0);
      const page = fs.readFileSync(path.resolve(__dirname, "../../docs/report.md"), "utf8");
      assert.ok(page.includes(`| \`${name}\` |`), "docs/report.md has it");
    });
});

describe("a baseline", () => {
  let folder: string;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "baseline-"));
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  it("leaves only new findings", async () => {
    const report = await reportOn(example("shop"));
    const [first, ...otherFindings] = report.findings;
    assert.ok(first !== undefined);
    const file = path.join(folder, "baseline.json");
    assert.deepEqual(
      newFindings({ findings: otherFindings }, { failOn: "mandatory", writeBaseline: file }),
      [],
    );
    assert.deepEqual(newFindings(report, { failOn: "mandatory", baseline: file }), [first]);
    assert.deepEqual(newFindings(report, { failOn: "mandatory" }), report.findings);
  });

  for (const [problem, content, message] of [
    ["is not JSON", "{", /is not JSON$/],
    ["is another file", "[]", /is not a baseline; create one with --write-baseline$/],
  ] as const)
    it(`that ${problem} is rejected`, () => {
      const file = path.join(folder, "wrong.json");
      fs.writeFileSync(file, content);
      assert.throws(() => newFindings({ findings: [] }, { failOn: "never", baseline: file }), message);
    });

  it("that does not exist is rejected", () => {
    const baseline = path.join(folder, "nowhere.json");
    assert.throws(() => newFindings({ findings: [] }, { failOn: "never", baseline }), /cannot be read/);
  });
});

describe("--fail-on", () => {
  const [mandatory, advisory] = [{ level: "mandatory" }, { level: "advisory" }] as const;
  for (const [failOn, onMandatory, onAdvisory] of [
    ["mandatory", true, false],
    ["advisory", true, true],
    ["never", false, false],
  ] as const)
    it(failOn, () => {
      assert.deepEqual(
        [hasFailingFinding([mandatory], failOn), hasFailingFinding([advisory], failOn)],
        [onMandatory, onAdvisory],
      );
      assert.equal(hasFailingFinding([], failOn), false);
    });
});

describe("a missing plugin in each format", () => {
  const message =
    "the resources of component api (acme:index:Api) are missing: it leaves GET /orders of API shop unproven";
  const reader = { inColor: false, fileOf: () => "Pulumi.yaml" };
  let report: Report;

  before(async () => {
    const original = await reportOn(restStack({}));
    const urn = "urn:pulumi:dev::shop::acme:index:Api::api";
    report = {
      ...original,
      missingPlugins: [{ urn, name: "api", message, source: { file: "index.ts", line: 7 } }],
    };
  });

  // On a terminal it is printed to standard error.
  for (const format of FORMAT_NAMES.filter((name) => name !== "text"))
    it(`is reported in ${format}`, async () => {
      const written = await FORMATS[format].render(report, reader);
      assert.ok(written.replaceAll("&#95;", "_").includes(message), written.slice(0, 3000));
    });

  it("is a SARIF note with its own rule and line", async () => {
    const [{ tool, results }] = JSON.parse(await FORMATS.sarif.render(report, reader)).runs;
    const note = results.find(({ ruleId }: { ruleId: string }) => ruleId === "missing-plugin");
    assert.equal(tool.driver.rules[note.ruleIndex].id, "missing-plugin");
    assert.equal(note.level, "note");
    assert.equal(note.locations[0].physicalLocation.region.startLine, 7);
  });

  it("fails no test case", async () => {
    const written = await FORMATS.junit.render(report);
    assert.match(written, /<testsuite name="components" tests="1" failures="0" errors="0" skipped="1"/);
  });
});

describe("drift in each format", () => {
  const message =
    'the inline policy "own" of caller is in the state, but no longer in AWS (account data as of 2026-11-27)';
  let report: Report;

  before(async () => {
    const original = await reportOn(restStack({}));
    const urn = original.callers[0]?.urn ?? "";
    report = {
      ...original,
      drift: [{ urn, name: "caller", message, source: { file: "index.ts", line: 7 } }],
    };
  });

  for (const format of FORMAT_NAMES)
    it(`is reported in ${format}`, async () => {
      const written = await FORMATS[format].render(report, { inColor: false, fileOf: () => "Pulumi.yaml" });
      const plainText = written
        .replaceAll('\\"', '"')
        .replaceAll("&quot;", '"')
        .replaceAll("&#34;", '"')
        .replaceAll("&#95;", "_");
      assert.ok(plainText.includes(message), written.slice(0, 3000));
    });

  it("is a SARIF note with its own rule and line", async () => {
    const { runs } = JSON.parse(
      await FORMATS.sarif.render(report, { inColor: false, fileOf: () => "Pulumi.yaml" }),
    );
    const [{ tool, results }] = runs;
    const drift = results.find(({ ruleId }: { ruleId: string }) => ruleId === "drift");
    assert.equal(tool.driver.rules[drift.ruleIndex].id, "drift");
    assert.equal(drift.level, "note");
    assert.equal(drift.locations[0].physicalLocation.region.startLine, 7);
  });

  it("fails no test case", async () => {
    const written = await FORMATS.junit.render(report);
    assert.match(written, /<testsuite name="drift" tests="1" failures="0" errors="0" skipped="1"/);
  });

  it("is truncated in formats for people and complete in formats for programs", async () => {
    const drift = report.drift?.[0];
    const manyDrifts = {
      ...report,
      drift: Array.from({ length: 3000 }, () => drift).flatMap((each) => each ?? []),
    };
    const reader = { inColor: false, fileOf: () => "Pulumi.yaml" };
    for (const format of ["text", "markdown"] as const) {
      const written = await FORMATS[format].render(manyDrifts, reader);
      assert.ok(written.length < 60_000, format);
      assert.match(written, /and 2950 more/);
    }
    assert.equal(JSON.parse(await FORMATS.json.render(manyDrifts)).drift.length, 3000);
  });
});
