import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeWithPulumi,
  type EngineStack,
  openStack,
  PACK,
  type PulumiResult,
  TIME_LIMIT,
  violations,
} from "./harness";

const POLICY_PACK = ["--policy-pack", PACK];
const NO_INPUT = "--non-interactive";

const program = (name: string): string => join(PACK, "examples", name);

function failsWith(result: PulumiResult, policy: string): void {
  notStrictEqual(result.code, 0, result.output);
  deepStrictEqual(violations(result), [`mandatory ${policy}`], result.output);
}

function passes(result: PulumiResult): void {
  strictEqual(result.code, 0, result.output);
  deepStrictEqual(violations(result), [], result.output);
}

describeWithPulumi("the pulumi command with this pack", function () {
  this.timeout(TIME_LIMIT);

  const withStack =
    (name: string, test: (stack: EngineStack) => Promise<void>) => async (): Promise<void> => {
      const stack = await openStack(program(name));
      try {
        await test(stack);
      } finally {
        stack.close();
      }
    };

  const exported = async (stack: EngineStack): Promise<string> => {
    const file = join(stack.folder, "state.json");
    const { code, output } = await stack.pulumi(["stack", "export", "--file", file]);
    strictEqual(code, 0, output);
    return file;
  };

  /** The findings of `pulumi policy analyze --file` on the deployed stack. */
  const analyzed = async (stack: EngineStack, ...options: string[]): Promise<PulumiResult> =>
    stack.pulumi([
      "policy",
      "analyze",
      "--file",
      await exported(stack),
      NO_INPUT,
      ...POLICY_PACK,
      ...options,
    ]);

  it(
    "blocks the first preview and the deployment of a caller without lambda:InvokeFunction, and reports it once deployed",
    withStack("invalid-permissions", async (stack) => {
      const policy = "iam-route-caller-lambda-invoke";
      const preview = await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]);
      failsWith(preview, policy);
      match(preview.output, /orders-client/);
      match(preview.output, /this pack's two-step rule/);
      match(preview.output, /"Action": "lambda:InvokeFunction"/);

      failsWith(await stack.pulumi(["up", "--yes", NO_INPUT, ...POLICY_PACK]), policy);
      const { output } = await stack.pulumi(["stack", "export"]);
      ok(!output.includes("aws:lambda/function:Function"), "nothing was deployed");

      // Without a preview, stack policies run after the deployment, which is not undone.
      failsWith(await stack.pulumi(["up", "--yes", "--skip-preview", NO_INPUT, ...POLICY_PACK]), policy);
      ok(readFileSync(await exported(stack), "utf8").includes("aws:lambda/function:Function"));
      failsWith(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]), policy);
      failsWith(await analyzed(stack), policy);

      const file = join(stack.folder, "policy-config.json");
      const configured = (config: unknown): string[] => {
        writeFileSync(file, JSON.stringify(config));
        return ["--policy-pack-config", file];
      };
      const exempt = [{ resource: "orders-client", reason: "being replaced" }];
      const exempted = await stack.pulumi([
        "preview",
        NO_INPUT,
        ...POLICY_PACK,
        ...configured({ [policy]: { exempt } }),
      ]);
      strictEqual(exempted.code, 0, exempted.output);
      deepStrictEqual(violations(exempted), ["advisory policy-configuration"], exempted.output);
      const advisoryResult = await analyzed(stack, ...configured({ [policy]: "advisory" }));
      strictEqual(advisoryResult.code, 0, advisoryResult.output);
      deepStrictEqual(violations(advisoryResult), [`advisory ${policy}`], advisoryResult.output);
      failsWith(await analyzed(stack, ...configured({ [policy]: { whenUnknown: "prove" } })), policy);
      const referring = await analyzed(stack, ...configured({ $schema: "./schema.json" }));
      notStrictEqual(referring.code, 0);
      match(referring.output, /"\$schema".*is not a valid enforcement level/);
    }),
  );

  it(
    "reports nothing for a caller with both actions: preview, deployment, second preview and state",
    withStack("invalid-permissions-fixed", async (stack) => {
      passes(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]));
      passes(await stack.pulumi(["up", "--yes", NO_INPUT, ...POLICY_PACK]));
      passes(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]));
      passes(await analyzed(stack));
    }),
  );

  const otherExamples: [name: string, policy: string][] = [
    ["caller-credentials", "caller-credentials-lambda-invoke"],
    ["integration-role", "integration-role-lambda-invoke"],
    ["websocket-api", "route-function-permission"],
    ["component", "route-function-permission"],
  ];
  for (const [name, policy] of otherExamples) {
    it(
      `blocks the first preview of ${name}, and reports it once deployed`,
      withStack(name, async (stack) => {
        failsWith(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]), policy);
        strictEqual((await stack.pulumi(["up", "--yes", "--skip-preview", NO_INPUT])).code, 0);
        failsWith(await analyzed(stack), policy);
      }),
    );
  }
});
