import { externalApiCallers } from "../../../access/gates/external-api/callers";
import { document, EXECUTION_ARN, MAY_CALL, MAY_INVOKE, role, route, rows, unknownDocument } from "./facts";

const OTHER = { ...MAY_CALL, Resource: `${EXECUTION_ARN.replace("abc123", "other1")}/v1/GET/*` };

const UNKNOWN = { ...unknownDocument("policy"), inferredFrom: [{ key: "policy", label: "policy" }] };

describe("external-api", () => {
  rows(externalApiCallers, [
    {
      name: "denied for a caller that cannot invoke any function",
      facts: { routes: [route()], principals: [role([OTHER])] },
      verdicts: ["external-api denied policies"],
    },
    {
      name: "unproven for a caller with an unknown policy, which may allow it to invoke a function",
      facts: {
        routes: [route()],
        principals: [role([], { sources: [document("identity", OTHER), UNKNOWN] })],
      },
      verdicts: ["external-api unproven policies document"],
    },
    {
      name: "not evaluated for a caller that can invoke a function",
      facts: { routes: [route()], principals: [role([OTHER, MAY_INVOKE])] },
      verdicts: [],
    },
    {
      name: "not evaluated for a caller of an API in the stack",
      facts: { routes: [route()], principals: [role([MAY_CALL])] },
      verdicts: [],
    },
    {
      name: "not evaluated for a grant on every API",
      facts: { routes: [route()], principals: [role([{ ...MAY_CALL, Resource: "*" }])] },
      verdicts: [],
    },
  ]);
});
