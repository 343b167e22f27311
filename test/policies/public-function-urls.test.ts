import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { check, type Properties, plan } from "../../testing";
import { findingLabel, MOMENTS } from "../support/cases";
import { makeFunction } from "../support/programs";

/** URLs without authorization: the provider's version determines which permissions it creates for everyone. */

const POLICY = "function-url-caller-lambda-invoke";

const publicUrl =
  (permission?: Partial<aws.lambda.PermissionArgs>, url: Partial<aws.lambda.FunctionUrlArgs> = {}) =>
  () => {
    const fn = makeFunction("site");
    new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "NONE", ...url });
    if (permission !== undefined)
      new aws.lambda.Permission("everyone", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "*",
        ...permission,
      });
  };

/** The findings on a program with another version of the provider. */
async function found(
  program: () => void,
  as: (typeof MOMENTS)[number],
  provider: (settings: Properties) => Properties,
  rename: (urn: string) => string = (urn) => urn,
): Promise<{ readonly labels: readonly string[]; readonly text: string }> {
  const planned = await plan(program, { as });
  for (const resource of planned.resources) {
    if (resource.type === "pulumi:providers:aws")
      Object.assign(resource, {
        urn: rename(resource.urn),
        inputs: provider(resource.inputs),
        outputs: provider(resource.outputs),
      });
    if (resource.provider !== undefined) resource.provider = rename(resource.provider);
  }
  const findings = (await check(planned)).filter(({ policy }) =>
    [POLICY, "unproven-access"].includes(policy),
  );
  return { labels: findings.map(findingLabel), text: findings.map(({ message }) => message).join("\n") };
}

const version = (value: string) => (settings: Properties) => ({ ...settings, version: value });

describe("function URLs without authorization", () => {
  for (const as of MOMENTS) {
    describe(as, () => {
      for (const [providerVersion, expected] of [
        ["7.16.0", []],
        ["7.48.0", []],
        ["8.0.0-alpha.1", []],
        ["not a version", []],
        ["7.15.9", [`${POLICY} @ url`]],
        ["6.83.2", [`${POLICY} @ url`]],
      ] as const)
        it(`reports ${expected.length === 0 ? "no findings" : "the URL"} with version ${providerVersion} of the provider`, async () => {
          const { labels, text } = await found(publicUrl(), as, version(providerVersion));
          assert.deepEqual(labels, expected);
          if (expected.length > 0) assert.match(text, /lambda:InvokeFunction is not allowed for everyone/);
        });

      it("reads the version from the name of a default provider", async () => {
        const { labels } = await found(
          publicUrl(),
          as,
          ({ version: _, ...settings }) => settings,
          (urn) => urn.replace(/default_[\d_]+$/, "default_6_83_2"),
        );
        assert.deepEqual(labels, [`${POLICY} @ url`]);
      });

      it("allows an earlier version with a permission in the program", async () => {
        const { labels } = await found(publicUrl({}), as, version("6.83.2"));
        assert.deepEqual(labels, []);
      });

      it("reports an earlier version with a permission for one organization", async () => {
        const { labels } = await found(publicUrl({ principalOrgId: "o-a1b2c3d4e5" }), as, version("6.83.2"));
        assert.deepEqual(labels, [`${POLICY} @ url`]);
      });

      it("leaves an earlier version unproven on a function outside the stack", async () => {
        const { labels } = await found(
          publicUrl(undefined, { functionName: "elsewhere" }),
          as,
          version("6.83.2"),
        );
        assert.deepEqual(labels, ["unproven-access @ url"]);
      });
    });
  }
});
