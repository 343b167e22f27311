import { authorizers } from "../../../access/gates/authorizer-function/authorizers";
import { text, Unknown } from "../../../iam";
import type { Authorizer } from "../../../stack";
import {
  API,
  AS_ROLE,
  EXECUTION_ARN,
  fromSource,
  permission,
  role,
  route,
  rows,
  TARGET,
  trusting,
} from "./facts";

const AUTHORIZER: Authorizer = {
  urn: "authorizer",
  label: 'authorizer "guard"',
  api: API,
  id: text("a1"),
  target: TARGET,
  credentials: { mode: "none" },
};
const routes = [route({ authorization: "LAMBDA", authorizer: text("a1") })];
const given = { routes, authorizers: [AUTHORIZER] };

describe("authorizer-function", () => {
  rows(authorizers, [
    {
      name: "allowed by a permission for the authorizer",
      facts: { ...given, permissions: [permission(fromSource(`${EXECUTION_ARN}/authorizers/a1`))] },
      verdicts: ["authorizer-function allowed policies"],
    },
    {
      name: "denied by a permission only for the routes",
      facts: { ...given, permissions: [permission(fromSource(`${EXECUTION_ARN}/*/GET/orders`))] },
      verdicts: ["authorizer-function denied policies"],
    },
    {
      name: "denied without a permission",
      facts: given,
      verdicts: ["authorizer-function denied no-permission"],
    },
    {
      name: "denied if its role cannot invoke the function",
      facts: {
        routes,
        authorizers: [{ ...AUTHORIZER, credentials: AS_ROLE }],
        principals: [role([], { trust: trusting("apigateway.amazonaws.com") })],
      },
      verdicts: ["authorizer-function allowed trust-policy", "authorizer-function denied role-policies"],
    },
    {
      name: "unproven if its credentials are unknown",
      facts: { routes, authorizers: [{ ...AUTHORIZER, credentials: { mode: "unknown", origins: [] } }] },
      verdicts: ["authorizer-function unproven credentials-unknown credentials"],
    },
    {
      name: "unproven without a permission if it is unknown whether a route uses the authorizer",
      facts: { routes: [route({ authorization: new Unknown() })], authorizers: [AUTHORIZER] },
      verdicts: ["authorizer-function unproven no-permission authorizer-used"],
    },
    {
      name: "not evaluated if no route uses the authorizer",
      facts: { routes: [route()], authorizers: [AUTHORIZER] },
      verdicts: [],
    },
  ]);
});
