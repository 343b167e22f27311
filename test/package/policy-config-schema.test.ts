/** The JSON schema for editors agrees with the policies and rejects the same mistakes as the pack. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { type ConfigurationOptions, readSettings } from "../../policies/framework/configuration";
import { createPolicies } from "../../pulumi";
import { policyConfigSchema, SCHEMA_FILE } from "../../scripts/policy-config-schema";

const ROOT = path.resolve(__dirname, "../..");
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), "utf8");

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(read(SCHEMA_FILE)));
const accepts = (config: unknown): boolean => validate(config);

const CALLERS = "iam-route-caller-lambda-invoke";
const reason = "is replaced in the spring";

describe("policy-config.schema.json", () => {
  it("is up to date with the policies (npm run docs writes it)", () => {
    assert.deepEqual(JSON.parse(read(SCHEMA_FILE)), JSON.parse(JSON.stringify(policyConfigSchema())));
  });

  it("describes a setting once, so it is the same in all policies", () => {
    const definitions = new Map<string, string>();
    for (const { configSchema } of createPolicies())
      for (const [key, schema] of Object.entries(configSchema?.properties ?? {})) {
        const definition = JSON.stringify(schema);
        assert.equal(definitions.get(key) ?? definition, definition, key);
        definitions.set(key, definition);
      }
  });

  it("contains every policy with its description and its settings", () => {
    const { properties } = JSON.parse(read(SCHEMA_FILE));
    for (const { name, description, enforcementLevel, configSchema } of createPolicies()) {
      assert.equal(properties[name].description, description);
      assert.equal(properties[name].default, enforcementLevel);
      assert.deepEqual(Object.keys(properties[name].anyOf[1].properties), [
        "enforcementLevel",
        ...Object.keys(configSchema?.properties ?? {}),
      ]);
    }
  });

  const accepted: [content: string, config: unknown][] = [
    ["an empty configuration", {}],
    ["levels", { all: "advisory", [CALLERS]: "mandatory", "unproven-access": "disabled" }],
    [
      "levels in objects",
      { all: { enforcementLevel: "advisory" }, [CALLERS]: { enforcementLevel: "disabled" } },
    ],
    ["settings without a level", { [CALLERS]: { whenUnknown: "prove" } }],
    [
      "remediation by policies that support it",
      {
        "lambda-integration-request": "remediate",
        "lambda-permission-source-arn": { enforcementLevel: "remediate" },
      },
    ],
    ["environments", { environments: ["security/policies"], all: "advisory" }],
  ];
  for (const [content, config] of accepted)
    it(`accepts ${content}`, () => assert.ok(accepts(config), ajv.errorsText(validate.errors)));

  const rejected: [content: string, config: unknown][] = [
    ["an unknown policy", { "iam-route-caler-lambda-invoke": "disabled" }],
    ["an unknown level", { [CALLERS]: "disable" }],
    ["an unknown level in an object", { [CALLERS]: { enforcementLevel: "off" } }],
    ["remediation by a policy that does not support it", { [CALLERS]: "remediate" }],
    [
      "remediation in an object by a policy that does not support it",
      { [CALLERS]: { enforcementLevel: "remediate" } },
    ],
    ["remediation by all policies", { all: "remediate" }],
    ["settings for all policies", { all: { enforcementLevel: "advisory", whenUnknown: "prove" } }],
    ["the property $schema, which the engine reads as a policy", { $schema: "./schema.json" }],
    ["a boolean", { [CALLERS]: true }],
    ["a list", []],
    ["a setting that the policy does not have", { "lambda-permission-scope": { callers: [] } }],
  ];
  for (const [content, config] of rejected) it(`rejects ${content}`, () => assert.ok(!accepts(config)));

  describe("agrees with the pack", () => {
    const options: ConfigurationOptions = { whenUnknown: true, callers: true };
    const exempt = (entry: unknown) => ({ exempt: [entry] });
    const callers = (entry: unknown) => ({ callers: [entry] });
    const settings: [valid: boolean, settings: object][] = [
      [true, { exempt: [], callers: [], whenUnknown: "infer" }],
      [true, exempt({ resource: "legacy-*", reason })],
      [true, exempt({ resource: "legacy-*", reason, until: "2028-02-29" })],
      [true, callers({ principal: "app" })],
      [true, callers({ principal: "arn:aws:iam::*:role/app", routes: ["GET /orders/{id}", "$connect"] })],
      [false, { exmpt: [] }],
      [false, { whenUnknown: "guess" }],
      [false, { exempt: {} }],
      [false, exempt("legacy-*")],
      [false, exempt({ resource: "legacy-*" })],
      [false, exempt({ reason })],
      [false, exempt({ resource: "legacy-*", reason: " " })],
      [false, exempt({ resource: "", reason })],
      [false, exempt({ resource: "legacy-*", reason, untl: "2027-03-31" })],
      [false, exempt({ resource: "legacy-*", reason, until: "2026-13-45" })],
      [false, exempt({ resource: "legacy-*", reason, until: "2027-02-29" })],
      [false, exempt({ resource: "legacy-*", reason, until: "31.3.2027" })],
      [false, exempt({ resource: "legacy-*", reason, until: "2027-03-31T00:00:00Z" })],
      [false, callers({ routes: ["GET /orders"] })],
      [false, callers({ principal: "app", routes: [] })],
      [false, callers({ principal: "app", routes: [7] })],
      [false, callers({ principal: "app", route: "GET /orders" })],
    ];
    for (const [valid, policySettings] of settings)
      it(`that ${JSON.stringify(policySettings)} is ${valid ? "valid" : "invalid"}`, () => {
        assert.equal(accepts({ [CALLERS]: policySettings }), valid, "the schema");
        assert.equal(
          readSettings(policySettings, options, new Date()).problems.length === 0,
          valid,
          "the pack",
        );
      });
  });

  it("accepts the configuration of examples/unit-test", () => {
    assert.ok(accepts(JSON.parse(read("examples/unit-test/policy-config.json"))));
  });

  describe("accepts the examples of the documentation", () => {
    const names = new Set(["all", ...createPolicies().map(({ name }) => name)]);
    for (const file of ["docs/configuration.md", "docs/rollout.md"]) {
      const configs = [...read(file).matchAll(/^```json\n([\s\S]*?)^```/gm)]
        .map(([, text = ""]) => JSON.parse(text))
        .filter((config) => Object.keys(config).some((key) => names.has(key)));
      it(`in ${file}`, () => {
        assert.ok(configs.length > 0);
        for (const config of configs)
          assert.ok(accepts(config), `${JSON.stringify(config)}: ${ajv.errorsText(validate.errors)}`);
      });
    }
  });
});
