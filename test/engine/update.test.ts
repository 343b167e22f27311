import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
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

const POLICY_PACK = ["--policy-pack", PACK, "--non-interactive"];
const POLICY = "mandatory lambda-permission-source-arn";

/** A stack whose permission has the execution ARN without a path. It is known only once the API exists. */
async function bareSourceArn(): Promise<EngineStack> {
  const stack = await openStack(join(PACK, "examples/invalid-permissions-fixed"));
  const file = join(stack.folder, "index.ts");
  const text = readFileSync(file, "utf8");
  const changed = text.replace(/sourceArn: .*$/m, "sourceArn: api.executionArn,");
  notStrictEqual(changed, text);
  writeFileSync(file, changed);
  return stack;
}

describeWithPulumi("an update by the pulumi command", function () {
  this.timeout(TIME_LIMIT);

  for (const [variant, options] of [
    ["after its preview", []],
    ["without a preview", ["--skip-preview"]],
  ] as const)
    it(`completes and reports a value that no preview showed at its end, ${variant}`, async () => {
      const stack = await bareSourceArn();
      try {
        const preview = await stack.pulumi(["preview", ...POLICY_PACK]);
        strictEqual(preview.code, 0, preview.output);
        ok(!violations(preview).some((violation) => violation.startsWith("mandatory")), preview.output);
        const update = await stack.pulumi(["up", "--yes", ...options, ...POLICY_PACK]);
        isReported(update);
        const { output } = await stack.pulumi(["stack", "export"]);
        const planned = [
          "lambda/permission:Permission",
          "apigateway/stage:Stage",
          "iam/rolePolicy:RolePolicy",
        ];
        deepStrictEqual(
          planned.filter((type) => !output.includes(`"type": "aws:${type}"`)),
          [],
          "everything was deployed",
        );
        // Once it is deployed, previews and the state show it.
        isReported(await stack.pulumi(["preview", ...POLICY_PACK]));
        writeFileSync(join(stack.folder, "state.json"), output);
        isReported(await stack.pulumi(["policy", "analyze", "--file", "state.json", ...POLICY_PACK]));
      } finally {
        stack.close();
      }
    });
});

function isReported(result: PulumiResult): void {
  notStrictEqual(result.code, 0, result.output);
  ok(violations(result).includes(POLICY), result.output);
  strictEqual(result.output.match(/lambda-permission-source-arn {2,}/g)?.length ?? 1, 1, result.output);
}
