import { fail } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check, type Plan, plan, programFrom } from "apigateway-lambda-access/testing";

const PROJECT = join(__dirname, "..");

// The file that the pipeline passes to `pulumi preview --policy-pack-config`.
const config = JSON.parse(readFileSync(join(PROJECT, "policy-config.json"), "utf8"));

describe("the orders API", () => {
  const passes = async (planned: Plan): Promise<void> => {
    const findings = await check(planned, { config });
    const text = findings.map(
      ({ level, policy, name, message }) => `${level} ${policy}, ${name}\n${message}`,
    );
    if (text.length > 0) fail(text.join("\n\n"));
  };

  it("allows its callers when it is new", async () => {
    await passes(await plan(programFrom(PROJECT), { as: "first-preview" }));
  });

  it("allows its callers once it is deployed", async () => {
    await passes(await plan(programFrom(PROJECT), { as: "deployed" }));
  });
});
