/** The configurations in the package: the schema accepts them, and each has the effect of its name. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { SCHEMA_FILE } from "../../scripts/policy-config-schema";
import { answerText, reportOn } from "../support/reports";
import { allow, restStack } from "../support/rest";

const ROOT = path.resolve(__dirname, "../..");
const read = (file: string) => JSON.parse(fs.readFileSync(path.join(ROOT, file), "utf8"));
const preset = (name: string) => read(`presets/${name}.json`);

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats(ajv);
const accepts = ajv.compile(read(SCHEMA_FILE));

/** A caller that only the two-step rule denies. */
const program = restStack({
  caller: ({ api }) => [
    allow(
      "execute-api:Invoke",
      api.executionArn.apply((arn) => `${arn}/*`),
    ),
  ],
});

describe("the presets", () => {
  for (const file of fs.readdirSync(path.join(ROOT, "presets")))
    it(`${file} matches the schema`, () => {
      assert.ok(accepts(read(`presets/${file}`)), JSON.stringify(accepts.errors));
    });

  it("aws-rules-only reports nothing that only the two-step rule denies", async () => {
    const withoutPreset = await reportOn(program);
    assert.ok(withoutPreset.answers.some(({ rule, outcome }) => rule === "two-step" && outcome === "denied"));
    const report = await reportOn(program, { config: preset("aws-rules-only") });
    assert.deepEqual(report.answers.filter(({ rule }) => rule === "two-step").map(answerText), []);
    assert.deepEqual(report.findings, []);
  });

  it("advisory makes every finding advisory", async () => {
    const { findings } = await reportOn(program, { config: preset("advisory") });
    assert.deepEqual([...new Set(findings.map(({ level }) => level))], ["advisory"]);
  });
});
