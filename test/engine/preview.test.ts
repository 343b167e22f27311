/** Behaviour with every supported version of the Pulumi CLI. The CI also runs this file with the lowest version. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describeWithPulumi, openStack, PACK, type Ran, TIME_LIMIT, violations } from "./harness";

describeWithPulumi("a preview with this pack", function () {
  this.timeout(TIME_LIMIT);

  async function preview(example: string): Promise<Ran> {
    const stack = await openStack(join(PACK, "examples", example));
    try {
      return await stack.pulumi(["preview", "--non-interactive", "--policy-pack", PACK]);
    } finally {
      stack.close();
    }
  }

  it("is blocked with the exit status in docs/rollout.md", async () => {
    const ran = await preview("caller-credentials");
    deepStrictEqual(violations(ran), ["mandatory caller-credentials-lambda-invoke"], ran.output);
    const version = execFileSync("pulumi", ["version"], { encoding: "utf8" });
    const minor = Number(/^v3\.(\d+)\./.exec(version)?.[1]);
    strictEqual(ran.code, minor < 226 ? 255 : 1, `${version} ${ran.output}`);
  });

  it("passes once it is fixed", async () => {
    const ran = await preview("caller-credentials-fixed");
    deepStrictEqual([ran.code, violations(ran)], [0, []], ran.output);
  });
});
