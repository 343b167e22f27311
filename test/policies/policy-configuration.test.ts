import { runCases } from "../support/cases";
import { executeOnly, restStack } from "../support/rest";

const POLICY = "policy-configuration";
const CALLERS = "iam-route-caller-lambda-invoke";
const PERMISSIONS = "route-function-permission";
const REPORTED = [`${POLICY} @ project-dev`];

describe(POLICY, () =>
  runCases([
    {
      name: "exempt somebody else",
      only: [CALLERS, POLICY],
      program: restStack({ caller: executeOnly }),
      config: { [CALLERS]: { exempt: [{ resource: "other", reason: "legacy" }] } },
      expected: [`${CALLERS} @ caller`, ...REPORTED],
    },
    {
      name: "callers: of nobody",
      only: [CALLERS, POLICY],
      program: restStack(),
      config: { [CALLERS]: { callers: [{ principal: "nobody" }] } },
      expected: [],
    },
    {
      name: "a key with a typing error",
      only: [CALLERS, POLICY],
      program: restStack({ caller: executeOnly }),
      config: { [CALLERS]: { whenUnkown: "prove" } },
      expected: [`${CALLERS} @ caller`, ...REPORTED],
      says: ["whenUnknown"],
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
  ]),
);
