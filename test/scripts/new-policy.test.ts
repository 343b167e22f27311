/** `npm run new-policy` and `npm run new-gate`, one after the other in one copy of the project. */
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
  let touched: ReturnType<ProjectCopy["changes"]>;

  before(() => {
    copy = new ProjectCopy();
    copy.script("scripts/new-gate.ts", GATE, GATE_POLICY);
    touched = copy.changes();
    copy.script("scripts/new-policy.ts", NAME);
  });

  after(() => copy.remove());

  it("touches the gate's room, its policy, its page, their tests, the table and the lists of policies", () => {
    const { added, changed } = touched;
    assert.deepEqual(added, [
      `access/gates/${GATE}/routes.ts`,
      `access/gates/${GATE}/verdict.ts`,
      `docs/policies/${GATE_POLICY}.md`,
      `messages/verdicts/${GATE}.ts`,
      `policies/${GATE_POLICY}.ts`,
      `test/access/gates/${GATE}.test.ts`,
      `test/policies/${GATE_POLICY}.test.ts`,
    ]);
    const generated = ["ARCHITECTURE.md", /^docs\//, /^schema\//];
    const isGenerated = (file: string): boolean =>
      generated.some((one) => (typeof one === "string" ? one === file : one.test(file)));
    assert.deepEqual(
      changed.filter((file) => !isGenerated(file)),
      ["access/gates/table.ts", "policies/index.ts", "pulumi/policies.ts", "test/protocol/pack.test.ts"],
    );
    for (const file of changed.filter(isGenerated))
      assert.ok(copy.read(file).includes(GATE) || copy.read(file).includes(GATE_POLICY), file);
  });

  it("lists the policies in the tables", () => {
    for (const file of ["docs/policies/README.md", "schema/policy-config.schema.json"])
      for (const name of [NAME, GATE_POLICY]) assert.ok(copy.read(file).includes(name), file);
  });

  it("passes format and lint", () => {
    copy.tool("biome", "check", "--error-on-warnings", "access", "messages", "policies", "pulumi", "test");
  });

  it("passes the type check", () => {
    copy.types(
      "index.ts",
      "cli/index.ts",
      "test/protocol/pack.test.ts",
      `test/*/**/${NAME}.test.ts`,
      `test/*/**/${GATE}*.ts`,
    );
  });

  it("passes its own tests, those of its pages and those of the layers", () => {
    const out = copy.tool(
      "mocha",
      `test/access/gates/${GATE}.test.ts`,
      `test/policies/${GATE_POLICY}.test.ts`,
      `test/policies/${NAME}.test.ts`,
      "test/docs.test.ts",
      "test/layers.test.ts",
      "-g",
      `${NAME}|${GATE}|the layers|the folders|the table of|a page for each`,
    );
    assert.match(out, /\b0 failed/);
    assert.match(out, new RegExp(`${GATE}[^]*unproven while the authorization is unknown`));
    assert.match(out, new RegExp(`${NAME}[^]*an action that is unknown`));
    assert.match(out, /the failing one fails, first-preview/);
  });
});

describe("the names of a new gate and its policy", () => {
  const nothing = (): undefined => undefined;

  for (const name of ["", "One", "one", "../one-two"])
    it(`are not ${JSON.stringify(name)}`, () => {
      assert.throws(() => newGate(name, GATE_POLICY, nothing), /A gate is called by words/);
      assert.throws(() => newGate(GATE, name, nothing), /A policy is called by words/);
    });

  it("are not those of files that exist", () => {
    assert.throws(() => newGate(GATE, GATE_POLICY, () => ""), /verdict\.ts exists/);
  });
});

describe("the name of a new policy", () => {
  const exists = (file: string): string | undefined =>
    fs.existsSync(path.join(ROOT, file)) ? fs.readFileSync(path.join(ROOT, file), "utf8") : undefined;

  for (const name of ["", "One", "one", "../one-two", "one--two", "one-two.ts"])
    it(`is not ${JSON.stringify(name)}`, () => {
      assert.throws(() => newPolicy(name, exists), /A policy is called by words/);
    });

  it("is not that of one that exists", () => {
    assert.throws(
      () => newPolicy("lambda-permission-scope", exists),
      /policies\/lambda-permission-scope.ts exists/,
    );
  });
});
