import * as assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import Ajv, { type ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { showFix } from "../../messages";
import { printable, printableJson, printableLines } from "../../messages/printable";
import { POLICIES } from "../../policies";
import { renderCheck } from "../../report/check";
import { GATES } from "../../report/gates";
import { renderJson } from "../../report/json";
import { renderJunit } from "../../report/junit";
import { renderMarkdown } from "../../report/markdown";
import type { Answer, Report } from "../../report/model";
import { renderSarif } from "../../report/sarif";
import { renderText } from "../../report/text";
import { reportSchema, SCHEMA } from "../../scripts/report-schema";
import { plan } from "../../testing";
import { assertGolden } from "../support/golden";
import { example, type Moment, reportOn, reportOnPlans } from "../support/reports";
import { allow, executeOnly, restStack, trustOf } from "../support/rest";

const ROOT = path.resolve(__dirname, "../..");
/** The examples whose packages are installed. */
const EXAMPLES = fs
  .readdirSync(path.join(ROOT, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => {
    const folder = path.join(ROOT, "examples", name);
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    return Object.keys(dependencies).every((dependency) => {
      try {
        return require.resolve(dependency, { paths: [folder] }) !== "";
      } catch {
        return false;
      }
    });
  });

/** Reports for the tests of each format: the examples at both moments, and a report with hostile names. */
const reports = new Map<string, () => Promise<Report>>([
  ...EXAMPLES.flatMap((name) =>
    (["first-preview", "deployed"] as const).map(
      (as: Moment) => [`${name}, ${as}`, () => reportOn(example(name), { as })] as const,
    ),
  ),
  ["hostile names", () => hostileReport()],
]);

const ESCAPE = "\u001b[31mred\u001b[0m";
const RIGHT_TO_LEFT = "\u202egnp.exe";
const MARKUP = `<script>alert("1")</script>]]>&amp;`;

/** Functions, roles and APIs with hostile names, with denied and unproven verdicts. */
function hostileReport(): Promise<Report> {
  return reportOn(
    restStack({
      permission: false,
      path: [`a${MARKUP.replaceAll("/", "")}`, "{id}"],
      functionArgs: { name: `orders-${ESCAPE}\n    - [mandatory] forged` },
      stage: `prod${RIGHT_TO_LEFT}`,
      more: ({ api }) => {
        const role = new aws.iam.Role(`x${MARKUP}`, {
          name: `caller${ESCAPE}${RIGHT_TO_LEFT}\u0007\u009b2J\ud800`,
          assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        });
        new aws.iam.RolePolicy("x", {
          role: role.name,
          policy: {
            Version: "2012-10-17",
            Statement: [
              {
                ...allow(
                  "execute-api:Invoke",
                  api.executionArn.apply((arn) => `${arn}/*`),
                ),
                Sid: MARKUP,
              },
            ],
          },
        });
      },
    }),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it must not contain control characters
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

describe("the examples for the tests of formats", () => {
  it("include nearly all examples", () => assert.ok(EXAMPLES.length >= 10, EXAMPLES.join()));
});

describe("json", () => {
  const schema = JSON.parse(fs.readFileSync(path.join(ROOT, SCHEMA), "utf8"));

  it("has an up-to-date schema (npm run docs writes it)", () => {
    assert.equal(fs.readFileSync(path.join(ROOT, SCHEMA), "utf8"), reportSchema());
  });

  /** Closes every object, so that undocumented properties are rejected. */
  function strict(): ValidateFunction {
    const closed = JSON.parse(JSON.stringify(schema), (_key, value) =>
      value?.type === "object" ? { ...value, additionalProperties: false } : value,
    );
    return new Ajv2020({ allErrors: true }).compile(closed);
  }

  const withFixAsText = ({ fix, ...answer }: Answer): unknown =>
    fix === undefined
      ? answer
      : { ...answer, fix: showFix(fix), ...(fix.code === undefined ? {} : { code: fix.code }) };

  for (const [name, make] of reports)
    it(`matches the schema and contains the whole report: ${name}`, async () => {
      const report = await make();
      const text = renderJson(report);
      const read = JSON.parse(text);
      const validate = strict();
      assert.ok(validate(read), JSON.stringify(validate.errors, undefined, 2));
      assert.deepEqual(read, { ...report, answers: report.answers.map(withFixAsText) });
      assert.ok(!CONTROLS.test(text));
    });

  it("has a schema that rejects other documents", async () => {
    const report = await reportOn(example("http-api"));
    const validate = strict();
    const [route] = report.routes;
    const invalidReports: unknown[] = [
      { ...report, schemaVersion: 2 },
      { ...report, more: 1 },
      { ...report, routes: undefined },
      { ...report, routes: [{ ...route, authorization: "SOMETHING" }] },
      { ...report, routes: [{ ...route, stages: "prod" }] },
    ];
    for (const document of invalidReports) assert.ok(!validate(JSON.parse(JSON.stringify(document))));
  });
});

describe("sarif", () => {
  const official = JSON.parse(
    fs.readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
  );
  const validator = (): ValidateFunction => {
    const { $schema: _draft4, id: _id, ...schema } = official;
    const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
    addFormats(ajv);
    return ajv.compile(schema);
  };

  for (const [name, make] of reports)
    it(`matches the official schema: ${name}`, async () => {
      const text = renderSarif(await make(), () => "infra/Pulumi.yaml");
      const validate = validator();
      assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors, undefined, 2));
      assert.ok(!CONTROLS.test(text));
    });

  it("has the properties that GitHub requires", async () => {
    const report = await reportOn(example("invalid-permissions"));
    const [run] = JSON.parse(renderSarif(report, () => "infra/My stack.yaml")).runs;
    assert.equal(run.results.length, 1);
    const [result] = run.results;
    assert.equal(result.ruleId, "iam-route-caller-lambda-invoke");
    assert.equal(run.tool.driver.rules[result.ruleIndex].id, result.ruleId);
    assert.equal(result.level, "error");
    assert.deepEqual(result.locations, [
      {
        physicalLocation: {
          artifactLocation: { uri: "infra/My%20stack.yaml" },
          region: { startLine: 1 },
        },
        logicalLocations: [
          {
            fullyQualifiedName: "urn:pulumi:dev::shop::aws:iam/role:Role::orders-client",
            name: "orders-client",
            kind: "resource",
          },
        ],
      },
    ]);
    const rule = run.tool.driver.rules[result.ruleIndex];
    assert.equal(rule.properties["security-severity"], "8.0");
    assert.ok(rule.properties.tags.includes("security"));
    assert.match(rule.helpUri, /^https:.*\/iam-route-caller-lambda-invoke\.md$/);
    assert.equal(rule.defaultConfiguration.level, "error");
  });

  it("has a fingerprint that does not depend on the message", async () => {
    const finding = {
      policy: "invoke-policy-scope",
      level: "advisory",
      severity: "low",
      urn: "urn:pulumi:dev::shop::aws:iam/role:Role::a",
      name: "a",
      type: "aws:iam/role:Role",
    } as const;
    const report = await reportOn(() => undefined);
    const prints = (...findings: Report["findings"]): string[] =>
      JSON.parse(renderSarif({ ...report, findings }, () => "x")).runs[0].results.map(
        (result: { partialFingerprints: Record<string, string> }) =>
          Object.values(result.partialFingerprints)[0],
      );
    const [before] = prints({ ...finding, message: "one" });
    const [after, second] = prints({ ...finding, message: "two" }, { ...finding, message: "three" });
    assert.equal(before, after);
    assert.notEqual(after, second);
    assert.notEqual(before, prints({ ...finding, urn: `${finding.urn}b`, message: "one" })[0]);
  });
});

describe("junit", () => {
  interface ParsedSuite {
    name: string;
    attributes: Record<string, string>;
    properties: [string, string][];
    cases: { classname: string; name: string; result: string; message: string; text: string }[];
  }

  /** Parses the XML with Python, as an independent parser. */
  function parsed(xml: string): { root: Record<string, string>; suites: ParsedSuite[] } {
    const program = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
def case(one):
    inner = [child for child in one if child.tag in ("failure", "skipped", "error")]
    first = inner[0] if inner else None
    return {"classname": one.get("classname"), "name": one.get("name"),
            "result": first.tag if first is not None else "passed",
            "message": first.get("message", "") if first is not None else "",
            "text": (first.text or "") if first is not None else ""}
json.dump({"root": root.attrib, "suites": [{"name": suite.get("name"), "attributes": suite.attrib,
  "properties": [[p.get("name"), p.get("value")] for p in suite.find("properties")],
  "cases": [case(one) for one in suite.findall("testcase")]} for suite in root]}, sys.stdout)`;
    return JSON.parse(execFileSync("python3", ["-c", program], { input: xml, encoding: "utf8" }));
  }

  before(function () {
    if (spawnSync("python3", ["--version"]).status !== 0) {
      console.warn("      skipped: there is no python3 to read the XML");
      this.skip();
    }
  });

  for (const [name, make] of reports)
    it(`is valid XML with correct counts: ${name}`, async () => {
      const { root, suites } = parsed(renderJunit(await make()));
      const all = suites.flatMap(({ cases }) => cases);
      const count = (result: string): string =>
        String(all.filter((testCase) => testCase.result === result).length);
      assert.equal(root.tests, String(all.length));
      assert.equal(root.failures, count("failure"));
      assert.equal(root.skipped, count("skipped"));
      for (const { attributes, cases } of suites) assert.equal(attributes.tests, String(cases.length));
    });

  it("has a test case for each route and gate, and for each policy on single resources", async () => {
    const { suites } = parsed(renderJunit(await reportOn(example("http-api"))));
    assert.deepEqual(
      suites.map(({ name }) => name.replace(/-[0-9a-f]{7}$/, "")),
      ["API shop", "policies"],
    );
    const [api, policies] = suites;
    assert.deepEqual(
      api?.cases.map(({ name, result }) => `${name} ${result}`),
      [
        "$default: route-function failure",
        "GET /orders: caller-route passed",
        "GET /orders: route-function passed",
        "GET /orders: caller-function passed",
      ],
    );
    assert.deepEqual(api?.properties, [
      ["version", "1.2.3"],
      ["stack", "shop/dev"],
    ]);
    const failed = api?.cases[0];
    assert.match(failed?.message ?? "", /^Denied: function fallback.* allows API Gateway to invoke it$/);
    assert.match(failed?.text ?? "", /new aws\.lambda\.Permission\(/);
    assert.ok(policies?.cases.some(({ name }) => name === "lambda-permission-source-arn"));
    assert.ok(!policies?.cases.some(({ name }) => name === "route-function-permission"));
  });

  it("skips unproven and exempt answers, and fails denied answers of an advisory policy", async () => {
    const cases = async (patch: Parameters<typeof restStack>[0], config = {}): Promise<string[]> => {
      const { suites } = parsed(renderJunit(await reportOn(restStack(patch), { config })));
      return suites[0]?.cases.map(({ name, result, message }) => `${name} ${result} ${message}`) ?? [];
    };
    const unproven = await cases({
      caller: false,
      integration: () => ({ credentials: "arn:aws:iam::123456789012:role/elsewhere" }),
    });
    assert.match(unproven.join(), /^GET \/orders\/\{id\}: role-function skipped .*unknown: the policies/);
    const exempt = [{ resource: "*", reason: "on purpose" }];
    const skipped = await cases(
      { caller: false, permission: false },
      { "route-function-permission": { enforcementLevel: "mandatory", exempt } },
    );
    assert.match(skipped.join(), /skipped .*exempt: on purpose$/);
    const advisory = await cases(
      { caller: false, permission: false },
      { "route-function-permission": "advisory" },
    );
    assert.match(advisory.join(), /failure Denied/);
  });

  it("lists exempt findings next to failures", async () => {
    const exempt = [{ resource: "caller", reason: "is being replaced", until: "2999-12-31" }];
    const program = (): void => {
      restStack({ caller: executeOnly })();
      const otherRole = new aws.iam.Role("other", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      new aws.iam.RolePolicy("other-calls", {
        role: otherRole.id,
        policy: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
        },
      });
    };
    const report = await reportOn(program, { config: { "iam-route-caller-lambda-invoke": { exempt } } });
    const { suites } = parsed(renderJunit(report));
    const failed = suites[0]?.cases.find(({ result }) => result === "failure");
    assert.match(failed?.text ?? "", /Denied: role "other-/);
    assert.match(failed?.text ?? "", /role "caller".*: exempt: is being replaced, until 2999-12-31$/);
  });

  it("fails if a policy on single resources is violated", async () => {
    const program = restStack({
      caller: false,
      permission: ({ api }) => ({ sourceArn: api.executionArn }),
    });
    const { suites } = parsed(renderJunit(await reportOn(program)));
    const policies = suites.find(({ name }) => name === "policies");
    const failed = policies?.cases.filter(({ result }) => result === "failure").map(({ name }) => name);
    assert.deepEqual(failed, ["lambda-permission-source-arn"]);
  });
});

describe("text", () => {
  for (const [name, as] of [
    ["invalid-permissions", "first-preview"],
    ["http-api", "deployed"],
    ["integration-role", "deployed"],
  ] as const)
    it(`matches the golden text: ${name}, ${as}`, async () => {
      const text = renderText(await reportOn(example(name), { as }), false);
      assertGolden(name, text);
    });

  it("has colors only if requested", async () => {
    const report = await reportOn(example("http-api"));
    const plain = renderText(report, false);
    const colored = renderText(report, true);
    assert.ok(!plain.includes("\u001b"));
    assert.ok(colored.includes("\u001b[31m"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches color sequences
    assert.equal(colored.replace(/\u001b\[\d+m/g, ""), plain);
  });

  it("shows the worst of several verdicts and their number", async () => {
    const report = await reportOn(
      restStack({
        more: ({ api }) => {
          const otherRole = new aws.iam.Role("other", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
          new aws.iam.RolePolicy("other", {
            role: otherRole.name,
            policy: {
              Version: "2012-10-17",
              Statement: [
                allow(
                  "execute-api:Invoke",
                  api.executionArn.apply((arn) => `${arn}/*`),
                ),
              ],
            },
          });
        },
      }),
    );
    assert.match(renderText(report, false), /orders {4}✓ 2 {3}✓ {6}! 1\/2\n/);
  });

  it("escapes names, including line breaks", async () => {
    const text = renderText(await hostileReport(), false);
    assert.ok(!CONTROLS.test(text));
    assert.ok(text.includes("\\u{1b}[31mred"));
    const forged = text.split("\n").filter((line) => /^ {4}- \[mandatory\] forged/.test(line));
    assert.deepEqual(forged, []);
  });

  it("describes an empty report", async () => {
    const idle = POLICIES.filter((policy) => policy.kind === "stack" && policy.subjects !== undefined);
    assert.equal(
      renderText(await reportOn(() => undefined), false),
      `apigateway-lambda-access 1.2.3\nshop/dev (shop, deployed, 1 resource)\n\n0 routes; 0 mandatory and 0 advisory findings; ${idle.length} policies not applicable\n`,
    );
    assert.match(
      renderMarkdown(await reportOn(() => undefined), ({ name }) => name),
      new RegExp(`0 mandatory and 0 advisory findings; ${idle.length} policies not applicable`),
    );
    assert.equal(
      renderCheck(await reportOn(() => undefined), false)
        .split("\n")
        .at(-2),
      `0 routes; 0 mandatory and 0 advisory findings; ${idle.length} policies not applicable`,
    );
  });

  it("counts the stacks that have nothing to evaluate", async () => {
    const plans = await Promise.all([
      plan(example("caller-credentials-fixed"), { project: "shop", as: "deployed" }),
      plan(() => void new aws.s3.Bucket("files"), { project: "files", as: "deployed" }),
      plan(() => undefined, { project: "empty", as: "deployed" }),
      plan(
        () =>
          void new aws.iam.Policy("calls", {
            policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", "*")] },
          }),
        { project: "caller", as: "deployed" },
      ),
    ]);
    const report = await reportOnPlans(plans);
    assert.deepEqual(
      report.inputs.map(({ project, notApplicable }) => [project, notApplicable !== undefined]),
      [
        ["caller", false],
        ["empty", true],
        ["files", true],
        ["shop", false],
      ],
    );
    const counted = "; not applicable to 2 of 4 stacks";
    assert.ok(renderText(report, false).endsWith(`${counted}\n`));
    assert.ok(renderCheck(report, false).endsWith(`${counted}\n`));
    assert.ok(renderMarkdown(report, ({ name }) => name).includes(`${counted}\n`));
  });
});

describe("printable", () => {
  const cases: [string, string][] = [
    ["plain", "plain"],
    ["Grüße, 世界 🎉", "Grüße, 世界 🎉"],
    ["a\u001b[31mb", "a\\u{1b}[31mb"],
    ["a\rb", "a\\u{d}b"],
    ["a\u009bb", "a\\u{9b}b"],
    ["a\u202eb", "a\\u{202e}b"],
    ["a\ud800b", "a\\u{d800}b"],
    ["a\u0000b", "a\\u{0}b"],
  ];
  for (const [given, expected] of cases)
    it(`prints ${JSON.stringify(given)} as ${expected}`, () => {
      assert.equal(printable(given), expected);
      assert.equal(printableLines(given), expected);
      assert.deepEqual(JSON.parse(printableJson(given)), given);
    });

  it("keeps line breaks only in printableLines", () => {
    assert.equal(printableLines("a\nb"), "a\nb");
    assert.equal(printable("a\nb"), "a\\u{a}b");
  });
});

describe("docs/report.md", () => {
  const page = fs.readFileSync(path.join(ROOT, "docs/report.md"), "utf8");

  it("shows the report of the example", async () => {
    const shown = /```\n(API [^`]*)```/.exec(page)?.[1] ?? "?";
    assert.ok(renderText(await reportOn(example("shop")), false).includes(shown));
  });

  it("lists every gate with its column, question and status code", () => {
    for (const [gate, { column, question, status }] of Object.entries(GATES)) {
      const questionInPage = `${question.charAt(0).toLowerCase()}${question.slice(1)}`;
      const shown = gate === "function-url" || gate === "outside-api" ? "" : column;
      const row = page.split("\n").find((line) => line.startsWith(`| \`${gate}\` |`));
      assert.ok(row !== undefined, gate);
      const [, , ...cells] = row.split("|").map((cell) => cell.trim());
      assert.deepEqual([cells[0], cells[1]], [shown, questionInPage]);
      assert.ok(cells[2]?.startsWith(status ?? ""), row);
    }
  });
});
