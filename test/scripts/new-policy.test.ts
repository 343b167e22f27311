/** Runs `npm run new-gate` and then `npm run new-policy` in a copy of the project. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { newGate } from "../../scripts/new-gate";
import { newPolicy } from "../../scripts/new-policy";
import { ProjectCopy } from "../support/project-copy";

const ROOT = path.resolve(__dirname, "../..");
const NAME = "function-permission-example";
const GATE = "route-identity";
const GATE_POLICY = "route-identity-example";

describe("npm run new-gate, then npm run new-policy", function () {
  this.timeout(300_000);
  let copy: ProjectCopy;
  let changes: ReturnType<ProjectCopy["changes"]>;

  before(() => {
    copy = new ProjectCopy();
    copy.script("scripts/new-gate.ts", GATE, GATE_POLICY);
    changes = copy.changes();
    copy.script("scripts/new-policy.ts", NAME);
  });

  after(() => copy.remove());

  it("changes only the gate's folder, the policy, its page, their tests, the table of gates and the list of policies", () => {
    const { added, changed } = changes;
    assert.deepEqual(added, [
      `access/gates/${GATE}/routes.ts`,
      `access/gates/${GATE}/verdict.ts`,
      `docs/policies/${GATE_POLICY}.md`,
      `messages/verdicts/${GATE}.ts`,
      `policies/${GATE_POLICY}.ts`,
      `test/access/gates/${GATE}.test.ts`,
      `test/policies/${GATE_POLICY}.test.ts`,
    ]);
    const generated = ["ARCHITECTURE.md", "pulumi/policies.ts", /^docs\//, /^schema\//];
    const isGenerated = (file: string): boolean =>
      generated.some((pattern) => (typeof pattern === "string" ? pattern === file : pattern.test(file)));
    assert.deepEqual(
      changed.filter((file) => !isGenerated(file)),
      ["access/gates/table.ts", "policies/index.ts"],
    );
    for (const file of changed.filter(isGenerated))
      assert.ok(copy.read(file).includes(GATE) || copy.read(file).includes(GATE_POLICY), file);
  });

  it("adds the policies to the generated tables and names", () => {
    for (const file of ["docs/policies/README.md", "pulumi/policies.ts", "schema/policy-config.schema.json"])
      for (const name of [NAME, GATE_POLICY]) assert.ok(copy.read(file).includes(name), file);
  });

  it("results in code that passes format and lint", () => {
    copy.tool("biome", "check", "--error-on-warnings", "access", "messages", "policies", "pulumi", "test");
  });

  it("results in code that passes the type check", () => {
    copy.types(
      "index.ts",
      "cli/index.ts",
      "pulumi/policies.ts",
      `test/*/**/${NAME}.test.ts`,
      `test/*/**/${GATE}*.ts`,
    );
  });

  it("results in code whose tests pass, as do those of the documentation and the layers", () => {
    const out = copy.tool(
      "mocha",
      `test/access/gates/${GATE}.test.ts`,
      `test/policies/${GATE_POLICY}.test.ts`,
      `test/policies/${NAME}.test.ts`,
      "test/docs.test.ts",
      "test/docstrings.test.ts",
      "test/layers.test.ts",
      "-g",
      `${NAME}|${GATE}|docstrings|the layers|the folders|the table of|a page for each`,
    );
    assert.match(out, /\b0 failed/);
    assert.match(out, new RegExp(`${GATE}[^]*unproven while the authorization is unknown`));
    assert.match(out, new RegExp(`${NAME}[^]*an action that is unknown`));
    assert.match(out, /the failing example fails, first-preview/);
    assert.match(out, /are at every exported function, class and type of access/);
  });
});

describe("new-gate", () => {
  const noFile = (): undefined => undefined;

  for (const name of ["", "One", "one", "../one-two"])
    it(`rejects the name ${JSON.stringify(name)}`, () => {
      assert.throws(
        () => newGate(name, GATE_POLICY, noFile),
        /The name of a gate consists of lowercase words/,
      );
      assert.throws(() => newGate(GATE, name, noFile), /The name of a policy consists of lowercase words/);
    });

  it("rejects names of files that exist", () => {
    assert.throws(() => newGate(GATE, GATE_POLICY, () => ""), /verdict\.ts already exists/);
  });
});

describe("new-policy", () => {
  const readIfExists = (file: string): string | undefined =>
    fs.existsSync(path.join(ROOT, file)) ? fs.readFileSync(path.join(ROOT, file), "utf8") : undefined;

  for (const name of ["", "One", "one", "../one-two", "one--two", "one-two.ts"])
    it(`rejects the name ${JSON.stringify(name)}`, () => {
      assert.throws(() => newPolicy(name, readIfExists), /The name of a policy consists of lowercase words/);
    });

  it("rejects the name of a policy that exists", () => {
    assert.throws(
      () => newPolicy("lambda-permission-scope", readIfExists),
      /policies\/lambda-permission-scope.ts already exists/,
    );
  });
});
