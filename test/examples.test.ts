/** Runs each example at both moments and compares the pack's findings with the example's folder and the tables. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { version } from "@pulumi/aws/package.json";
import { load } from "js-yaml";
import { check, plan, programFrom } from "../testing";
import { withAwsNative } from "./support/aws-native-sdk";
import { findingLabel, MOMENTS } from "./support/cases";

const ROOT = resolve(__dirname, "..");
const FOLDER = join(ROOT, "examples");

/** The findings on each example at both moments. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "aws-native": ["caller-credentials-lambda-invoke @ orders-client"],
  "caller-credentials": ["caller-credentials-lambda-invoke @ orders-client"],
  "caller-credentials-fixed": [],
  component: ["route-function-permission @ create-order"],
  "function-url": ["function-url-caller-lambda-invoke @ orders-client"],
  "http-api": ["route-function-permission @ fallback"],
  "integration-role": ["integration-role-lambda-invoke @ shop-gateway"],
  "invalid-permissions": ["iam-route-caller-lambda-invoke @ orders-client"],
  "invalid-permissions-fixed": [],
  "lambda-authorizer": ["authorizer-function-permission @ gate"],
  "openapi-body": ["caller-credentials-lambda-invoke @ orders-client"],
  "private-api": ["iam-route-caller-lambda-invoke @ reports-client"],
  "quick-create": ["route-function-permission @ shop"],
  "stage-variables": ["route-function-permission @ get"],
  "websocket-api": ["route-function-permission @ send"],
};

/** The major version of `@pulumi/aws` that an example requires, if the lowest supported version is not sufficient. */
const SINCE: Readonly<Record<string, number>> = {
  "function-url": 6,
  "openapi-body": 6,
  "private-api": 7,
  "stage-variables": 6,
};

const [, INSTALLED = ""] = /^v?(\d+)\./.exec(version) ?? [];

/** Examples with their own tests. */
const TESTED_ELSEWHERE = ["shop", "unit-test"];

const read = (...path: string[]): string => readFileSync(join(FOLDER, ...path), "utf8");

describe("examples", () => {
  withAwsNative();

  it("are all tested here", () => {
    const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(
      folders.map(({ name }) => name).sort(),
      [...Object.keys(EXAMPLES), ...TESTED_ELSEWHERE].sort(),
    );
  });

  it("are listed in the table of forms, one for each form", () => {
    const page = readFileSync(join(ROOT, "docs/forms.md"), "utf8");
    const table = page.slice(0, page.indexOf("\n## "));
    const shown = [...table.matchAll(/\]\(\.\.\/examples\/([\w-]+)\)/g)].map(([, name = ""]) => name);
    assert.ok(shown.length >= 8, shown.join());
    for (const name of shown) assert.ok(name in EXAMPLES, name);
  });

  for (const [name, expected] of Object.entries(EXAMPLES)) {
    describe(name, () => {
      it("is a project that a user can run", () => {
        const project = load(read(name, "Pulumi.yaml")) as Record<string, unknown>;
        assert.deepEqual([project.name, project.runtime], [name, "nodejs"]);
        const manifest = JSON.parse(read(name, "package.json"));
        assert.deepEqual([manifest.name, manifest.private, manifest.main], [name, true, "index.ts"]);
        const code = read(name, "index.ts");
        for (const [, dependency = ""] of code.matchAll(/ from "([^"]+)"/g))
          assert.ok(dependency in manifest.dependencies, dependency);
        assert.ok(existsSync(join(FOLDER, name, "tsconfig.json")));
      });

      const test = Number(INSTALLED) >= (SINCE[name] ?? 0) ? it : it.skip;
      for (const as of MOMENTS)
        test(`gets what the table says (${as})`, async () => {
          const program = programFrom(join(FOLDER, name));
          const planned = await plan(program, { as, config: { "aws-native:region": "us-east-1" } });
          const found = await check(planned);
          assert.deepEqual(
            found.map(findingLabel),
            expected,
            found.map(({ message }) => message).join("\n\n"),
          );
        });

      it("has a row in the table with the policy that reports it", () => {
        const row = read("README.md")
          .split("\n")
          .find((line) => line.startsWith(`| \`${name}\``));
        assert.ok(row !== undefined);
        for (const finding of expected)
          assert.ok(row.includes(`\`${finding.slice(0, finding.indexOf(" "))}\``), row);
      });
    });
  }
});
