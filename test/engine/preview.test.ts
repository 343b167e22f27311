/** Behavior with every supported version of the Pulumi CLI. The CI also runs this file with the lowest version. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describeWithPulumi, openStack, PACK, type PulumiResult, TIME_LIMIT, violations } from "./harness";

describeWithPulumi("a preview with this pack", function () {
  this.timeout(TIME_LIMIT);

  async function preview(example: string): Promise<PulumiResult> {
    const stack = await openStack(join(PACK, "examples", example));
    try {
      return await stack.pulumi(["preview", "--non-interactive", "--policy-pack", PACK]);
    } finally {
      stack.close();
    }
  }

  it("is blocked with the exit status in docs/rollout.md", async () => {
    const result = await preview("caller-credentials");
    deepStrictEqual(violations(result), ["mandatory caller-credentials-lambda-invoke"], result.output);
    const version = execFileSync("pulumi", ["version"], { encoding: "utf8" });
    const minor = Number(/^v3\.(\d+)\./.exec(version)?.[1]);
    strictEqual(result.code, minor < 226 ? 255 : 1, `${version} ${result.output}`);
  });

  it("passes once it is fixed", async () => {
    const result = await preview("caller-credentials-fixed");
    deepStrictEqual([result.code, violations(result)], [0, []], result.output);
  });
});
