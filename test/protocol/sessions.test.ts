import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { type PlannedResource, type PolicyConfig, plan, programFrom } from "../../testing";
import { type BootedPack, bootPack, type Reported } from "./harness";

const PACK = resolve(__dirname, "../..");

const example = async (name: string): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(PACK, "examples", name)), { as: "deployed", project: "shop" })).resources;

const policies = (found: readonly Reported[]): string[] =>
  [...new Set(found.map(({ policy, level }) => `${level} ${policy}`))].sort();

/** Adds unrelated resources, so that all stacks have the same length, first resource and last resource. */
function padded(resources: readonly PlannedResource[], length: number): PlannedResource[] {
  const bucket = (name: string): PlannedResource => ({
    urn: `urn:pulumi:dev::shop::aws:s3/bucket:Bucket::${name}`,
    type: "aws:s3/bucket:Bucket",
    name,
    custom: true,
    id: name,
    inputs: {},
    outputs: { id: name },
    dependencies: [],
    propertyDependencies: {},
  });
  const filling = Array.from({ length: length - resources.length - 2 }, (_, index) =>
    bucket(`between-${index}`),
  );
  return [bucket("first"), ...resources, ...filling, bucket("last")];
}

describe("sessions of the pack in its own process", function () {
  this.timeout(120_000);
  let pack: BootedPack;
  let broken: PlannedResource[];
  let fixed: PlannedResource[];
  const BROKEN = ["mandatory iam-route-caller-lambda-invoke"];

  before(async () => {
    const [failing, working] = [
      await example("invalid-permissions"),
      await example("invalid-permissions-fixed"),
    ];
    const length = Math.max(failing.length, working.length) + 3;
    broken = padded(failing, length);
    fixed = padded(working, length);
    pack = await bootPack(PACK);
  });
  beforeEach(() => pack.configure({}));
  after(() => pack.close());

  it("do not mix stacks that are analyzed concurrently", async () => {
    strictEqual(broken.length, fixed.length);
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, index) => pack.analyzeStack(index % 2 === 0 ? broken : fixed)),
    );
    responses.forEach((found, index) => {
      deepStrictEqual(policies(found), index % 2 === 0 ? BROKEN : []);
    });
  });

  it("do not keep anything for the next stack", async () => {
    for (let turn = 0; turn < 24; turn += 1) {
      const rename = (text: string): string => text.replaceAll("::shop::", `::shop-${turn}::`);
      const resources: PlannedResource[] = JSON.parse(
        rename(JSON.stringify(turn % 2 === 0 ? broken : fixed)),
      );
      const exempt = [{ resource: "orders-client", reason: "being replaced" }];
      const level = turn % 3 === 0 ? "advisory" : "mandatory";
      await pack.configure({
        "iam-route-caller-lambda-invoke": { enforcementLevel: level, exempt: turn % 4 === 0 ? exempt : [] },
      });
      const found = await pack.analyzeStack(resources);
      const expected = turn % 2 === 0 && turn % 4 !== 0 ? [`${level} iam-route-caller-lambda-invoke`] : [];
      const findings = policies(found).filter((label) => !label.endsWith("policy-configuration"));
      deepStrictEqual(findings, expected, `turn ${turn}`);
      for (const { urn } of found) ok(urn === "" || urn.includes(`::shop-${turn}::`), urn);
    }
  });

  it("return the same findings with other requests before and at the same time", async () => {
    const exempt = [{ resource: "orders-client", reason: "legacy" }];
    const CONFIGURATIONS: readonly (readonly [PolicyConfig, readonly string[]])[] = [
      [{}, BROKEN],
      [{ "iam-route-caller-lambda-invoke": "advisory" }, ["advisory iam-route-caller-lambda-invoke"]],
      [{ "iam-route-caller-lambda-invoke": { exempt } }, ["advisory policy-configuration"]],
      [{ all: "disabled" }, []],
    ];
    const stacks = [broken, fixed];
    // Numerical Recipes' generator: the same order in every run.
    let seed = 1;
    const below = (count: number): number => {
      seed = (seed * 1664525 + 1013904223) % 2 ** 32;
      return Math.floor((seed / 2 ** 32) * count);
    };
    for (const [turn, [config, expected]] of [...CONFIGURATIONS, ...CONFIGURATIONS].entries()) {
      await pack.configure(config);
      const alone = [await pack.analyzeStack(broken), await pack.analyzeStack(fixed)];
      deepStrictEqual(alone.map(policies), [expected, []], `turn ${turn}`);
      const requests = Array.from({ length: 24 }, async () => {
        const stackIndex = below(2);
        const stack = stacks[stackIndex] ?? [];
        const resource = stack[below(stack.length)];
        if (below(2) === 0 && resource !== undefined) await pack.analyze(resource, stack);
        else
          deepStrictEqual(
            await pack.analyzeStack(stack),
            alone[stackIndex],
            `turn ${turn}, stack ${stackIndex}`,
          );
      });
      await Promise.all(requests);
    }
  });

  it("apply a new configuration as a whole while stacks are analyzed", async () => {
    const levels = ["mandatory", "advisory"] as const;
    const responses: Reported[][] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const config = { "iam-route-caller-lambda-invoke": levels[turn % 2] ?? "mandatory" };
      const [, ...found] = await Promise.all([
        pack.configure(config),
        ...[broken, fixed, broken].map((stack) => pack.analyzeStack(stack)),
      ]);
      responses.push(...found);
      deepStrictEqual(policies(await pack.analyzeStack(broken)), [
        `${levels[turn % 2]} iam-route-caller-lambda-invoke`,
      ]);
    }
    responses.forEach((found, index) => {
      strictEqual(found.length, index % 3 === 1 ? 0 : 1);
    });
  });

  it("do not report problems of a configuration that was replaced", async () => {
    await pack.configure({
      "iam-route-caller-lambda-invoke": { exemptt: [] },
      "invoke-policy-scope": { exempt: [{ resource: "missing", reason: "" }] },
    });
    deepStrictEqual(policies(await pack.run(fixed)), ["advisory policy-configuration"]);
    await pack.configure({});
    deepStrictEqual(policies(await pack.run(fixed)), []);
  });

  it("report exemptions of resource policies that match no resource", async () => {
    const exempt = [
      { resource: "missing-here", reason: "gone" },
      { resource: "between-*", reason: "a resource that the pack does not read" },
    ];
    await pack.configure({ "invoke-policy-scope": { exempt } });
    const found = await pack.run(fixed);
    strictEqual(found.length, 1);
    ok(found[0]?.message.includes('"missing-here" matches no resource'), found[0]?.message);
  });

  it("use the inputs of an operation once, and not after a new configuration", async () => {
    const Statement = [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }];
    const inlinePolicies = [{ name: "invoke", policy: JSON.stringify({ Version: "2012-10-17", Statement }) }];
    // Only the inputs show that the program sets the policies, and not a refresh.
    const withPolicies = broken.map((resource) =>
      resource.type === "aws:iam/role:Role"
        ? {
            ...resource,
            inputs: { ...resource.inputs, inlinePolicies },
            outputs: { ...resource.outputs, inlinePolicies },
          }
        : resource,
    );
    const analyzeEach = async () => {
      for (const resource of withPolicies) await pack.analyze(resource, withPolicies);
    };
    const UNSEEN = ["advisory unproven-access"];
    await analyzeEach();
    deepStrictEqual(policies(await pack.analyzeStack(withPolicies)), []);
    deepStrictEqual(policies(await pack.analyzeStack(withPolicies)), UNSEEN);
    await analyzeEach();
    await pack.configure({});
    deepStrictEqual(policies(await pack.analyzeStack(withPolicies)), UNSEEN);
  });
});
