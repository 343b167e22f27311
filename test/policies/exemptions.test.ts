/** Exemptions and disabled policies, tested for every policy with the failing example of its page. */
import assert from "node:assert/strict";
import { createPolicies } from "../../pulumi";
import { check, type Finding, type Plan, type PolicyConfig } from "../../testing";
import { codeAfter, PREVIEW_ONLY, planExample, policyPage } from "../support/pages";

/** This policy reports the configuration itself; see test/policies/policy-configuration.test.ts. */
const POLICY_CONFIGURATION = "policy-configuration";

const nameOf = ({ resource }: Finding): string => resource.slice(resource.lastIndexOf("::") + 2);

for (const { name, enforcementLevel } of createPolicies().filter(
  (policy) => policy.name !== POLICY_CONFIGURATION,
))
  describe(`exemptions of ${name}`, () => {
    let planned: Plan;
    let reported: readonly Finding[];
    const found = async (config: PolicyConfig): Promise<readonly Finding[]> =>
      (await check(planned, { config })).filter(({ policy }) => policy === name);
    /** Exempts the reported resources, with their names as written by `as`. */
    const exempt = (as: (resource: string) => string, more: object = {}): PolicyConfig => ({
      [name]: {
        exempt: reported.map((finding) => ({ resource: as(nameOf(finding)), reason: "legacy", ...more })),
      },
    });

    before(async () => {
      const example = codeAfter(policyPage(name), "### Fails", "typescript");
      planned = await planExample(example, PREVIEW_ONLY.has(name) ? "first-preview" : "deployed");
      reported = await found({});
      assert.ok(reported.length > 0);
    });

    it("exempt a resource by its name", async () => {
      assert.deepEqual(await found(exempt((resource) => resource)), []);
    });

    it("exempt a resource by a wildcard", async () => {
      assert.deepEqual(await found(exempt((resource) => `${resource.slice(0, 3)}*`)), []);
    });

    it("do not apply to another name or after until", async () => {
      assert.deepEqual(await found(exempt((resource) => `${resource}-2`)), reported);
      assert.deepEqual(await found(exempt((resource) => resource, { until: "2020-01-01" })), reported);
    });

    it("are not needed if the policy is disabled, alone or with all others", async () => {
      assert.deepEqual(await found({ [name]: "disabled" }), []);
      assert.deepEqual(await found({ all: "disabled" }), []);
    });

    it("are not needed to change the policy's level", async () => {
      const level = enforcementLevel === "advisory" ? "mandatory" : "advisory";
      const atOtherLevel = reported.map((finding) => ({ ...finding, level }));
      assert.deepEqual(await found({ [name]: level }), atOtherLevel);
    });
  });
