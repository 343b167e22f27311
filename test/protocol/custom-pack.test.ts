import { deepStrictEqual } from "node:assert";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type PlannedResource, plan, programFrom } from "../../testing";
import { type BootedPack, bootPack, type Reported } from "./harness";

const PACK = resolve(__dirname, "../..");

/** Includes the policies of two calls, and a policy that awaits other requests after each of them. */
const CUSTOM_PACK = `const { PolicyPack } = require("@pulumi/policy");
const { apiGatewayLambdaAccess } = require(${JSON.stringify(join(PACK, "dist/pulumi/policies"))});
const waiting = (name) => ({
  name: "after-" + name, description: "Waits.", enforcementLevel: "advisory",
  validateStack: () => new Promise((resolve) => setImmediate(resolve)),
});
const first = ["route-function-permission", "lambda-permission-request", "unproven-access"];
const second = ["iam-route-caller-lambda-invoke", "policy-configuration"];
new PolicyPack("acme", {
  policies: [first, second].flatMap((names) =>
    apiGatewayLambdaAccess({ names }).flatMap((policy) => [policy, waiting(policy.name)])),
});
`;

const example = async (name: string): Promise<PlannedResource[]> =>
  (await plan(programFrom(join(PACK, "examples", name)), { as: "deployed", project: "shop" })).resources;

const policies = (found: readonly Reported[]): string[] => found.map(({ policy }) => policy).sort();

describe("a custom pack with these policies, in its own process", function () {
  this.timeout(120_000);
  let folder: string;
  let pack: BootedPack;
  /** Stacks, and the policies that report them. */
  let stacks: readonly (readonly [stack: readonly PlannedResource[], reporting: readonly string[]])[];

  before(async () => {
    const working = await example("invalid-permissions-fixed");
    const principal = "s3.amazonaws.com";
    const withoutPermission = working.map((resource) =>
      resource.type.endsWith(":Permission")
        ? { ...resource, outputs: { ...resource.outputs, principal } }
        : resource,
    );
    stacks = [
      [working, []],
      [withoutPermission, ["lambda-permission-request", "route-function-permission"]],
      [await example("invalid-permissions"), ["iam-route-caller-lambda-invoke"]],
    ];
    folder = mkdtempSync(join(tmpdir(), "custom-pack-"));
    symlinkSync(join(PACK, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "acme", version: "1.0.0", main: "index.js" }),
    );
    writeFileSync(join(folder, "index.js"), CUSTOM_PACK);
    pack = await bootPack(folder);
  });
  beforeEach(() => pack.configure({}));
  after(() => {
    pack.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("analyzes stacks with the same URNs one after another", async () => {
    for (const [stack, reporting] of [...stacks, ...[...stacks].reverse()])
      deepStrictEqual(policies(await pack.analyzeStack(stack)), reporting);
  });

  it("analyzes stacks with the same URNs at the same time", async () => {
    const requests = Array.from({ length: 24 }, (_, index) => stacks[index % 3] ?? stacks[0]);
    const responses = await Promise.all(requests.map((request) => pack.analyzeStack(request?.[0] ?? [])));
    deepStrictEqual(
      responses.map(policies),
      requests.map((request) => request?.[1]),
    );
  });

  it("passes the policies of each call their configuration", async () => {
    const [, , [stack] = [[]]] = stacks;
    const exempt = [{ resource: "orders-client", reason: "legacy" }];
    await pack.configure({ "iam-route-caller-lambda-invoke": { exempt } });
    deepStrictEqual(policies(await pack.analyzeStack(stack)), ["policy-configuration"]);
  });
});
