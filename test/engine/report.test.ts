/** The command on exports of the Pulumi CLI, with encrypted secrets and an external resource. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWithPulumi, type EngineStack, openStack, PACK, TIME_LIMIT, violations } from "./harness";

const COMMAND = join(PACK, "dist/cli/index.js");
const NO_INPUT = "--non-interactive";

/** The example's program, with a secret in its function and a role from `get`. */
function program(): string {
  const index = readFileSync(join(PACK, "examples/invalid-permissions/index.ts"), "utf8");
  const withSecret = index.replace(
    'handler: "index.handler",',
    'handler: "index.handler",\n  environment: { variables: { TOKEN: pulumi.secret("s3cret") } },',
  );
  ok(withSecret !== index);
  return `${withSecret}\naws.iam.Role.get("looked-up", "someone-else");\n`;
}

describeWithPulumi("the command on an exported stack", function () {
  this.timeout(180_000);
  let stack: EngineStack;
  let state: string;

  before(async () => {
    stack = await openStack(join(PACK, "examples/invalid-permissions"));
    writeFileSync(join(stack.folder, "index.ts"), program());
    const deployed = await stack.pulumi(["up", "--yes", "--skip-preview", NO_INPUT]);
    strictEqual(deployed.code, 0, deployed.output);
    const file = join(stack.folder, "state.json");
    const exported = await stack.pulumi(["stack", "export", "--file", file]);
    strictEqual(exported.code, 0, exported.output);
    state = readFileSync(file, "utf8");
  });

  after(() => stack?.close());

  it("reports the pack's findings without the secret and without the passphrase", () => {
    ok(state.includes("ciphertext") && !state.includes("s3cret"));
    ok(state.includes('"external": true'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, "report", "-", "-f", "json"], {
      input: state,
      encoding: "utf8",
      cwd: stack.folder,
    });
    strictEqual(status, 1, stderr);
    const report = JSON.parse(stdout);
    deepStrictEqual(
      report.findings.map(({ policy, level }: { policy: string; level: string }) => `${level} ${policy}`),
      ["mandatory iam-route-caller-lambda-invoke"],
    );
    strictEqual(report.inputs[0].stack, "dev");
    ok(!stdout.includes("ciphertext"));
  });

  for (const [form, environment] of [
    ["document", {}],
    ["events", { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" }],
  ] as const)
    it(`reports it for a preview of the same stack as ${form}, with the line of the program`, async () => {
      const { output } = await stack.pulumi(["preview", "--json", "--show-sames", NO_INPUT], environment);
      const printed = output.slice(output.indexOf("{"));
      const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, "report", "-", "-f", "json"], {
        input: printed,
        encoding: "utf8",
        cwd: stack.folder,
      });
      strictEqual(status, 1, stderr);
      const [finding] = JSON.parse(stdout).findings;
      strictEqual(finding.policy, "iam-route-caller-lambda-invoke");
      const line = program()
        .slice(0, program().indexOf('new aws.iam.Role("orders-client"'))
        .split("\n").length;
      strictEqual(finding.source?.line, form === "document" ? line : undefined);
    });

  it("names the program's file relative to the repository, for code scanning", () => {
    const sarif = spawnSync(process.execPath, [COMMAND, "report", "-", "-f", "sarif"], {
      input: state,
      encoding: "utf8",
      cwd: stack.folder,
    });
    const [result] = JSON.parse(sarif.stdout).runs[0].results;
    strictEqual(result.locations[0].physicalLocation.artifactLocation.uri, "index.ts");
  });
});

/** The example's program, with the caller's policy as a secret. */
function withSecretPolicy(): string {
  const index = readFileSync(join(PACK, "examples/invalid-permissions/index.ts"), "utf8");
  const secret = index.replace(
    /(new aws\.iam\.RolePolicy\([^{]*\{[^{]*policy: )(\{[\s\S]*?\n {2}\}),\n\}\);/,
    "$1pulumi.secret(pulumi.jsonStringify($2)),\n});",
  );
  ok(secret !== index);
  return secret;
}

describeWithPulumi("a policy that an exported stack encrypts", function () {
  this.timeout(TIME_LIMIT);
  const ORIGIN = "mandatory iam-route-caller-lambda-invoke";
  const OPEN = "advisory unproven-access";
  let stack: EngineStack;
  const file = (name: string): string => join(stack.folder, name);

  before(async () => {
    stack = await openStack(join(PACK, "examples/invalid-permissions"));
    writeFileSync(file("index.ts"), withSecretPolicy());
    for (const args of [
      ["up", "--yes", "--skip-preview", NO_INPUT],
      ["stack", "export", "--file", "encrypted.json"],
      ["stack", "export", "--show-secrets", "--file", "shown.json"],
    ]) {
      const result = await stack.pulumi(args);
      strictEqual(result.code, 0, result.output);
    }
  });

  after(() => stack?.close());

  const analyzed = async (passphrase: string): Promise<string[]> =>
    violations(
      await stack.pulumi(["policy", "analyze", "--file", "encrypted.json", "--policy-pack", PACK], {
        PULUMI_CONFIG_PASSPHRASE: passphrase,
      }),
    );

  const reported = (state: string): string[] => {
    const { stdout } = spawnSync(process.execPath, [COMMAND, "report", state, "-f", "json"], {
      encoding: "utf8",
      cwd: stack.folder,
    });
    return JSON.parse(stdout).findings.map(
      ({ policy, level }: { policy: string; level: string }) => `${level} ${policy}`,
    );
  };

  it("is evaluated by the Pulumi CLI, and unproven without its passphrase", async () => {
    deepStrictEqual(await analyzed("test"), [ORIGIN]);
    deepStrictEqual(await analyzed("another"), [OPEN]);
  });

  it("is unproven in the command unless it is exported with --show-secrets", () => {
    deepStrictEqual(reported("encrypted.json"), [OPEN]);
    deepStrictEqual(reported("shown.json"), [ORIGIN]);
  });
});
