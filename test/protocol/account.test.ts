/** Account data from the configuration, in a process that the engine starts. */
import { deepStrictEqual, ok } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type PlannedResource, type PolicyConfig, plan } from "../../testing";
import { GATEWAY_ROLE, gatewayRole } from "../account/gateway-role";
import { restStack } from "../support/rest";
import { type BootedPack, bootPack } from "./harness";

const PACK = resolve(__dirname, "../..");

const DENIED = ["mandatory integration-role-lambda-invoke"];
const UNPROVEN = ["advisory unproven-access"];

describe("account data in the configuration of a running pack", function () {
  this.timeout(120_000);
  let folder: string;
  let resources: PlannedResource[];
  let unrelated: PlannedResource[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "account-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
    writeFileSync(join(folder, "may.json"), JSON.stringify(gatewayRole("lambda:InvokeFunction")));
    writeFileSync(join(folder, "may-not.json"), JSON.stringify(gatewayRole("s3:GetObject")));
    const program = restStack({ integration: () => ({ credentials: GATEWAY_ROLE }), caller: false });
    ({ resources } = await plan(program, { as: "deployed", project: "shop" }));
    ({ resources: unrelated } = await plan(restStack({ caller: false }), {
      as: "deployed",
      project: "shop",
    }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const files = (...account: string[]): PolicyConfig => ({ "policy-configuration": { account } });

  async function assertAccountData(pack: BootedPack, relative: boolean): Promise<void> {
    const labels = async (stack = resources) =>
      [...new Set((await pack.run(stack)).map(({ level, policy }) => `${level} ${policy}`))].sort();
    const accountFile = (name: string) => files(relative ? name : join(folder, name));
    try {
      await pack.configure({});
      deepStrictEqual(await labels(), UNPROVEN);
      const without = await labels(unrelated);
      await pack.configure(accountFile("may-not.json"));
      deepStrictEqual(await labels(), DENIED);
      deepStrictEqual(await labels(unrelated), without);
      const responses = await Promise.all([pack.analyzeStack(resources), pack.analyzeStack(unrelated)]);
      ok(!responses[1]?.some(({ message }) => message.includes("shared-gateway")));
      await pack.configure(accountFile("may.json"));
      deepStrictEqual(await labels(), []);
      await pack.configure(accountFile("nothing.json"));
      deepStrictEqual(await labels(), ["advisory policy-configuration", ...UNPROVEN]);
      await pack.configure({});
      deepStrictEqual(await labels(), UNPROVEN);
    } finally {
      pack.close();
    }
  }

  it("affects verdicts until the next configuration", async () => {
    await assertAccountData(await bootPack(PACK), false);
  });

  it("is read relative to the folder of Pulumi.yaml, from any subfolder", async () => {
    await assertAccountData(await bootPack(PACK, { PWD: join(folder, "src") }), true);
  });

  it("affects verdicts in another pack that includes these policies", async () => {
    const packFolder = join(folder, "own");
    mkdirSync(packFolder);
    symlinkSync(join(PACK, "node_modules"), join(packFolder, "node_modules"), "junction");
    writeFileSync(join(packFolder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(
      join(packFolder, "package.json"),
      JSON.stringify({ name: "acme", version: "1.0.0", main: "index.js" }),
    );
    writeFileSync(
      join(packFolder, "index.js"),
      `const { PolicyPack } = require("@pulumi/policy");
const { apiGatewayLambdaAccess } = require(${JSON.stringify(join(PACK, "dist/pulumi/policies"))});
new PolicyPack("acme", { policies: apiGatewayLambdaAccess() });
`,
    );
    await assertAccountData(await bootPack(packFolder, { PWD: folder }), true);
  });
});
