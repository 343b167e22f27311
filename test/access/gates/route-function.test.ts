import { functionPermissions } from "../../../access/gates/route-function/permissions";
import { text } from "../../../iam";
import {
  AS_ROLE,
  EXECUTION_ARN,
  FUNCTION,
  FUNCTION_ARN,
  fromSource,
  integration,
  permission,
  route,
  rows,
  UNKNOWN_TARGET,
} from "./facts";

const live = { function: FUNCTION, arn: text(FUNCTION_ARN, ":live"), qualifier: text("live") };

describe("route-function", () => {
  rows(functionPermissions, [
    {
      name: "allowed by a permission for the route",
      facts: { routes: [route()], permissions: [permission(fromSource(`${EXECUTION_ARN}/*/GET/orders`))] },
      verdicts: ["route-function allowed policies"],
    },
    {
      name: "allowed by a permission without a source ARN",
      facts: { routes: [route()], permissions: [permission({})] },
      verdicts: ["route-function allowed policies"],
    },
    {
      name: "denied without a permission",
      facts: { routes: [route()] },
      verdicts: ["route-function denied no-permission"],
    },
    {
      name: "denied by a permission for another path",
      facts: { routes: [route()], permissions: [permission(fromSource(`${EXECUTION_ARN}/*/GET/users`))] },
      verdicts: ["route-function denied policies"],
    },
    {
      name: "denied by a permission for another service",
      facts: {
        routes: [route()],
        permissions: [permission({ Principal: { Service: "events.amazonaws.com" } })],
      },
      verdicts: ["route-function denied policies"],
    },
    {
      name: "denied by a permission under another qualifier",
      facts: { routes: [route()], permissions: [permission({}, { target: live })] },
      verdicts: ["route-function denied other-qualifier"],
    },
    {
      name: "denied once for the routes of one integration",
      facts: { routes: [route(), route({ verb: "POST" })] },
      verdicts: ["route-function denied no-permission"],
    },
    {
      name: "unproven if the function is unknown",
      facts: { routes: [route({ integration: integration({ target: UNKNOWN_TARGET }) })] },
      verdicts: ["route-function unproven function-unknown called-function"],
    },
    {
      name: "unproven for a function outside the stack",
      facts: {
        functions: [],
        routes: [route({ integration: integration({ target: { arn: text(FUNCTION_ARN) } }) })],
      },
      verdicts: ["route-function unproven no-permission function-policy-outside-stack"],
    },
    {
      name: "not evaluated if a role or the caller invokes the function",
      facts: {
        routes: [
          route({ integration: integration({ credentials: AS_ROLE }) }),
          route({ integration: integration({ credentials: { mode: "caller" } }) }),
        ],
      },
      verdicts: [],
    },
  ]);
});
