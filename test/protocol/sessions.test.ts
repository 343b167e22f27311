import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { type PlannedResource, plan, programFrom } from "../../testing";
import { type BootedPack, bootPack, type Reported } from "./harness";

const PACK = resolve(__dirname, "../..");

const example = async (name: string): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(PACK, "examples", name)), { as: "deployed", project: "shop" })).resources;

const policies = (found: readonly Reported[]): string[] =>
  [...new Set(found.map(({ policy, level }) => `${level} ${policy}`))].sort();

/** Resources of no interest, first and last, so that stacks of one length look alike from outside. */
function framed(resources: readonly PlannedResource[], length: number): PlannedResource[] {
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

describe("the sessions of a pack in a process of its own", function () {
  this.timeout(120_000);
  let pack: BootedPack;
  let broken: PlannedResource[];
  let fixed: PlannedResource[];
  const BROKEN = ["mandatory iam-route-caller-lambda-invoke"];

  before(async () => {
    const [one, other] = [await example("invalid-permissions"), await example("invalid-permissions-fixed")];
    const length = Math.max(one.length, other.length) + 3;
    broken = framed(one, length);
    fixed = framed(other, length);
    pack = await bootPack(PACK);
  });
  beforeEach(() => pack.configure({}));
  after(() => pack.close());

  it("keep stacks apart that are analyzed at the same time", async () => {
    strictEqual(broken.length, fixed.length);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => pack.analyzeStack(index % 2 === 0 ? broken : fixed)),
    );
    answers.forEach((found, index) => {
      deepStrictEqual(policies(found), index % 2 === 0 ? BROKEN : []);
    });
  });

  it("keep nothing of one stack for the next, whatever its organization and configuration", async () => {
    for (let turn = 0; turn < 100; turn += 1) {
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
      const findings = policies(found).filter((one) => !one.endsWith("policy-configuration"));
      deepStrictEqual(findings, expected, `turn ${turn}`);
      for (const { urn } of found) ok(urn === "" || urn.includes(`::shop-${turn}::`), urn);
    }
  });

  it("say nothing of a configuration that was replaced", async () => {
    await pack.configure({
      "iam-route-caller-lambda-invoke": { exemptt: [] },
      "invoke-policy-scope": { exempt: [{ resource: "nobody", reason: "" }] },
    });
    deepStrictEqual(policies(await pack.run(fixed)), ["advisory policy-configuration"]);
    await pack.configure({});
    deepStrictEqual(policies(await pack.run(fixed)), []);
  });

  it("report which exemptions of resource policies do nothing", async () => {
    const exempt = [
      { resource: "nobody-here", reason: "gone" },
      { resource: "between-*", reason: "a resource that the pack does not read" },
    ];
    await pack.configure({ "invoke-policy-scope": { exempt } });
    const found = await pack.run(fixed);
    strictEqual(found.length, 1);
    ok(found[0]?.message.includes('"nobody-here" matches no resource'), found[0]?.message);
  });
});
