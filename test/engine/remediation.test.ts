import { match, ok, strictEqual } from "node:assert";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWithPulumi, openStack, PACK, TIME_LIMIT } from "./harness";

describeWithPulumi("the pulumi command, with a policy at the level remediate", function () {
  this.timeout(TIME_LIMIT);
  const POLICY = "lambda-integration-request";

  it("deploys the integration method POST if the program has another one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "remediation-"));
    const program = join(folder, "program");
    cpSync(join(PACK, "examples/invalid-permissions-fixed"), program, {
      recursive: true,
      filter: (file) => !file.includes("node_modules"),
    });
    const source = readFileSync(join(program, "index.ts"), "utf8");
    const broken = source.replaceAll(/integrationHttpMethod: "POST"/g, 'integrationHttpMethod: "GET"');
    ok(broken !== source);
    writeFileSync(join(program, "index.ts"), broken);
    const config = join(folder, "policy-config.json");
    writeFileSync(config, JSON.stringify({ [POLICY]: "remediate" }));
    const stack = await openStack(program);
    try {
      const up = ["--yes", "--non-interactive", "--policy-pack", PACK, "--policy-pack-config", config];
      const deployed = await stack.pulumi(["up", ...up]);
      strictEqual(deployed.code, 0, deployed.output);
      match(deployed.output, new RegExp(`\\[remediate\\].*${POLICY}`));
      const { output } = await stack.pulumi(["stack", "export"]);
      const integrations = output.match(/"integrationHttpMethod": "\w+"/g) ?? [];
      ok(integrations.length > 0, output);
      ok(
        integrations.every((integration) => integration.includes("POST")),
        integrations.join(),
      );
    } finally {
      stack.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
