import assert from "node:assert/strict";
import { check, plan } from "../../testing";
import { runCases } from "../support/cases";
import { executeOnly, restStack } from "../support/rest";

const POLICY = "policy-configuration";
const CALLERS = "iam-route-caller-lambda-invoke";
const PERMISSIONS = "route-function-permission";
const REPORTED = [`${POLICY} @ project-dev`];

describe(POLICY, () => {
  runCases([
    {
      name: "exemption of another resource",
      only: [CALLERS, POLICY],
      program: restStack({ caller: executeOnly }),
      config: { [CALLERS]: { exempt: [{ resource: "other", reason: "legacy" }] } },
      expected: [`${CALLERS} @ caller`, ...REPORTED],
    },
    {
      name: "callers that match no principal",
      only: [CALLERS, POLICY],
      program: restStack(),
      config: { [CALLERS]: { callers: [{ principal: "missing" }] } },
      expected: [],
    },
    {
      name: "misspelled key",
      only: [CALLERS, POLICY],
      program: restStack({ caller: executeOnly }),
      config: { [CALLERS]: { whenUnkown: "prove" } },
      expected: [`${CALLERS} @ caller`, ...REPORTED],
      messageIncludes: ["whenUnknown"],
    },
    {
      name: "expired exemption",
      program: restStack({ permission: false }),
      config: {
        [PERMISSIONS]: { exempt: [{ resource: "integration", reason: "legacy", until: "2020-01-01" }] },
      },
      only: [PERMISSIONS, POLICY],
      expected: [...REPORTED, `${PERMISSIONS} @ integration`],
    },
  ]);

  const exempt = [{ resource: "integration", reason: "the migration grants it", until: "2999-12-31" }];

  async function found(config: Record<string, unknown>): Promise<readonly string[]> {
    const planned = await plan(restStack({ permission: false }), { as: "deployed" });
    const findings = await check(planned, { config: config as never });
    return findings
      .filter(({ policy }) => policy === POLICY)
      .map(({ level, message }) => `${level} ${message}`);
  }

  it("reports exemptions and missing account data as advisory at any level", async () => {
    for (const level of [{ all: "mandatory" }, { [POLICY]: "mandatory" }, {}]) {
      const [only = "", ...more] = await found({ ...level, [PERMISSIONS]: { exempt } });
      assert.match(
        only,
        /^advisory 1 finding is exempt: .* \(the migration grants it; until 2999-12-31\)\.$/m,
      );
      assert.deepEqual(more, []);
    }
    const account = { enforcementLevel: "mandatory", account: ["nothing.json"] };
    const [only = "", ...more] = await found({ [POLICY]: account });
    assert.match(only, /^advisory Account data: .*nothing\.json/);
    assert.deepEqual(more, []);
  });

  it("reports all problems in one finding, one line each", async () => {
    const [only = "", ...more] = await found({
      [POLICY]: { enforcementLevel: "mandatory", account: ["nothing.json"] },
      [PERMISSIONS]: { exempt: [...exempt, { resource: "missing", reason: "gone" }], exmpt: [] },
    });
    assert.match(only, /^mandatory Configuration of route-function-permission: exmpt/);
    assert.match(only, /^Configuration of .*"missing" matches no resource/m);
    assert.match(only, /^Account data: .*nothing\.json/m);
    assert.match(only, /^1 finding is exempt: /m);
    assert.deepEqual(more, []);
  });
});
