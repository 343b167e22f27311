import { externalApiCallers } from "../../../access/gates/external-api/callers";
import { EXECUTION_ARN, MAY_CALL, MAY_INVOKE, role, route, rows } from "./facts";

const OTHER = { ...MAY_CALL, Resource: `${EXECUTION_ARN.replace("abc123", "other1")}/v1/GET/*` };

describe("external-api", () => {
  rows(externalApiCallers, [
    {
      name: "denied to a caller that may invoke no function",
      facts: { routes: [route()], principals: [role([OTHER])] },
      verdicts: ["external-api denied policies"],
    },
    {
      name: "not asked of who may invoke some function",
      facts: { routes: [route()], principals: [role([OTHER, MAY_INVOKE])] },
      verdicts: [],
    },
    {
      name: "not asked of who calls the stack's own API",
      facts: { routes: [route()], principals: [role([MAY_CALL])] },
      verdicts: [],
    },
    {
      name: "not asked of a grant for every API",
      facts: { routes: [route()], principals: [role([{ ...MAY_CALL, Resource: "*" }])] },
      verdicts: [],
    },
  ]);
});
