import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeWithPulumi,
  type EngineStack,
  openStack,
  PACK,
  type Ran,
  TIME_LIMIT,
  violations,
} from "./harness";

const POLICY_PACK = ["--policy-pack", PACK];
const NO_INPUT = "--non-interactive";

const program = (name: string): string => join(PACK, "examples", name);

function failsWith(ran: Ran, policy: string): void {
  notStrictEqual(ran.code, 0, ran.output);
  deepStrictEqual(violations(ran), [`mandatory ${policy}`], ran.output);
}

function passes(ran: Ran): void {
  strictEqual(ran.code, 0, ran.output);
  deepStrictEqual(violations(ran), [], ran.output);
}

describeWithPulumi("the pulumi command with this pack", function () {
  this.timeout(TIME_LIMIT);

  const on = (name: string, test: (stack: EngineStack) => Promise<void>) => async (): Promise<void> => {
    const stack = await openStack(program(name));
    try {
      await test(stack);
    } finally {
      stack.close();
    }
  };

  /** What `pulumi policy analyze --file` says of the deployed stack. */
  const analyzed = async (stack: EngineStack): Promise<Ran> => {
    const file = join(stack.folder, "state.json");
    const exported = await stack.pulumi(["stack", "export", "--file", file]);
    strictEqual(exported.code, 0, exported.output);
    return stack.pulumi(["policy", "analyze", "--file", file, NO_INPUT, ...POLICY_PACK]);
  };

  it(
    "blocks the first preview and the deployment of a caller that may not invoke, and finds it once deployed",
    on("invalid-permissions", async (stack) => {
      const policy = "iam-route-caller-lambda-invoke";
      const preview = await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]);
      failsWith(preview, policy);
      match(preview.output, /orders-client/);
      match(
        preview.output,
        /Execution failed due to configuration error: Invalid permissions on Lambda function/,
      );
      match(preview.output, /"Action": "lambda:InvokeFunction"/);

      failsWith(await stack.pulumi(["up", "--yes", NO_INPUT, ...POLICY_PACK]), policy);
      const { output } = await stack.pulumi(["stack", "export"]);
      ok(!output.includes("aws:lambda/function:Function"), "nothing was deployed");

      strictEqual((await stack.pulumi(["up", "--yes", "--skip-preview", NO_INPUT])).code, 0);
      failsWith(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]), policy);
      failsWith(await analyzed(stack), policy);

      const config = join(stack.folder, "policy-config.json");
      writeFileSync(
        config,
        JSON.stringify({ [policy]: { exempt: [{ resource: "orders-client", reason: "being replaced" }] } }),
      );
      passes(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK, "--policy-pack-config", config]));
      writeFileSync(config, JSON.stringify({ [policy]: "advisory" }));
      const advised = await stack.pulumi([
        "preview",
        NO_INPUT,
        ...POLICY_PACK,
        "--policy-pack-config",
        config,
      ]);
      strictEqual(advised.code, 0, advised.output);
      deepStrictEqual(violations(advised), [`advisory ${policy}`], advised.output);
    }),
  );

  it(
    "lets a caller with both rights through: preview, deployment, second preview and state",
    on("invalid-permissions-fixed", async (stack) => {
      passes(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]));
      passes(await stack.pulumi(["up", "--yes", NO_INPUT, ...POLICY_PACK]));
      passes(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]));
      passes(await analyzed(stack));
    }),
  );

  const others: [name: string, policy: string][] = [
    ["caller-credentials", "caller-credentials-lambda-invoke"],
    ["integration-role", "integration-role-lambda-invoke"],
  ];
  for (const [name, policy] of others) {
    it(
      `blocks ${name} at its first preview, and finds it once deployed`,
      on(name, async (stack) => {
        failsWith(await stack.pulumi(["preview", NO_INPUT, ...POLICY_PACK]), policy);
        strictEqual((await stack.pulumi(["up", "--yes", "--skip-preview", NO_INPUT])).code, 0);
        failsWith(await analyzed(stack), policy);
      }),
    );
  }
});
