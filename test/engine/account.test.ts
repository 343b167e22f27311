/** Account data of the pack's configuration decides verdicts during the preview. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GATEWAY_ROLE, gatewayRole } from "../account/gateway-role";
import { describeWithPulumi, type EngineStack, openStack, PACK, TIME_LIMIT, violations } from "./harness";

const UNPROVEN = "advisory unproven-access";
const ADVICE = "advisory policy-configuration";
const DENIED = "mandatory integration-role-lambda-invoke";

describeWithPulumi("account data in the pack's configuration", function () {
  this.timeout(TIME_LIMIT);
  let stack: EngineStack;

  before(async () => {
    stack = await openStack(join(PACK, "examples/integration-role"));
    const file = join(stack.folder, "index.ts");
    const text = readFileSync(file, "utf8");
    const changed = text.replace("credentials: gateway.arn", `credentials: "${GATEWAY_ROLE}"`);
    ok(changed !== text);
    writeFileSync(file, changed);
    write("may.json", gatewayRole("lambda:InvokeFunction"));
    write("may-not.json", gatewayRole("s3:GetObject"));
  });
  after(() => stack?.close());

  const write = (name: string, content: unknown): string => {
    writeFileSync(join(stack.folder, name), JSON.stringify(content));
    return join(stack.folder, name);
  };

  const previewed = async (account: readonly string[], inOtherFolder = false) => {
    const config = write("policy-config.json", { "policy-configuration": { account } });
    const folder = inOtherFolder ? ["-C", stack.folder] : [];
    const args = ["preview", "--non-interactive", "--policy-pack", PACK, "--policy-pack-config", config];
    // A shell sets PWD to its working directory.
    return stack.pulumi([...folder, ...args], { PWD: inOtherFolder ? PACK : stack.folder });
  };

  const assertPreviewShows = async (account: readonly string[], ...expected: string[]): Promise<string> => {
    const result = await previewed(account);
    deepStrictEqual(violations(result), expected, result.output);
    strictEqual(
      result.code === 0,
      !expected.some((violation) => violation.startsWith("mandatory")),
      result.output,
    );
    return result.output;
  };

  it("decides verdicts that are unproven without it, in the first preview and once deployed", async () => {
    await assertPreviewShows([], UNPROVEN);
    match(await assertPreviewShows(["may-not.json"], DENIED), /account data as of \d{4}-\d\d-\d\d/);
    await assertPreviewShows(["may.json"]);
    match(await assertPreviewShows(["gone.json"], ADVICE, UNPROVEN), /gone\.json cannot be read/);
    const up = await stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive"]);
    strictEqual(up.code, 0, up.output);
    await assertPreviewShows([], UNPROVEN);
    await assertPreviewShows(["may-not.json"], DENIED);
    await assertPreviewShows(["may.json"]);
  });

  it("accepts absolute paths and reports relative ones if the engine is started in another folder", async () => {
    const relative = await previewed(["may-not.json"], true);
    strictEqual(relative.code, 0, relative.output);
    deepStrictEqual(violations(relative), [ADVICE, UNPROVEN], relative.output);
    match(relative.output, /relative to the program's folder, which is unknown here/);
    const absolute = await previewed([join(stack.folder, "may-not.json")], true);
    deepStrictEqual(violations(absolute), [DENIED], absolute.output);
  });
});
