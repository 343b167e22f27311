import { integrationRoles } from "../../../access/gates/role-function/integration-roles";
import { text } from "../../../iam";
import { AS_ROLE, integration, MAY_INVOKE, OTHER_ACCOUNT, role, route, rows, trusting } from "./facts";

const API_GATEWAY = trusting("apigateway.amazonaws.com");
const routes = [route({ integration: integration({ credentials: AS_ROLE }) })];

describe("role-function", () => {
  rows(integrationRoles, [
    {
      name: "allowed if the role can invoke the function and trusts API Gateway",
      facts: { routes, principals: [role([MAY_INVOKE], { trust: API_GATEWAY })] },
      verdicts: ["role-function allowed trust-policy", "role-function allowed role-policies"],
    },
    {
      name: "denied if the role cannot invoke the function",
      facts: { routes, principals: [role([], { trust: API_GATEWAY })] },
      verdicts: ["role-function allowed trust-policy", "role-function denied role-policies"],
    },
    {
      name: "denied if the role trusts another service",
      facts: { routes, principals: [role([MAY_INVOKE], { trust: trusting("lambda.amazonaws.com") })] },
      verdicts: ["role-function allowed role-policies", "role-function denied trust-policy"],
    },
    {
      name: "denied for a role in another account",
      facts: {
        routes: [
          route({
            integration: integration({
              credentials: {
                mode: "role",
                arn: text(`arn:aws:iam::${OTHER_ACCOUNT}:role/other`),
                origins: [],
              },
            }),
          }),
        ],
      },
      verdicts: ["role-function denied role-in-another-account"],
    },
    {
      name: "unproven for a role outside the stack",
      facts: { routes },
      verdicts: ["role-function unproven role-outside-stack external-role"],
    },
    {
      name: "unproven if it is unknown whether the integration has credentials",
      facts: {
        routes: [route({ integration: integration({ credentials: { mode: "unknown", origins: [] } }) })],
      },
      verdicts: ["role-function unproven credentials-unknown credentials"],
    },
    {
      name: "not evaluated without a role",
      facts: { routes: [route()] },
      verdicts: [],
    },
  ]);
});
