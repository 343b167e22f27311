import { callersOfEachRoute } from "../../../access/gates/caller-route/callers";
import { NO_DECLARED_CALLERS } from "../../../access/gates/caller-route/declared-callers";
import { deniedCallers } from "../../../access/gates/caller-route/denied-callers";
import { unmatchedResourcePolicies } from "../../../access/gates/caller-route/unmatched-resource-policies";
import { text } from "../../../iam";
import { API, document, EXECUTION_ARN, MAY_CALL, role, route, rows } from "./facts";

const routes = [route()];
const privateApi = { ...API, private: "yes" } as const;
const boundary = document("identity", { Action: "s3:*", Resource: "*" });
const DENY = { Effect: "Deny", Action: "execute-api:Invoke", Resource: "*" };

describe("caller-route", () => {
  describe("callers with access", () => {
    rows(
      (access) => callersOfEachRoute(access, NO_DECLARED_CALLERS),
      [
        {
          name: "allowed by a grant for the route",
          facts: { routes, principals: [role([MAY_CALL])] },
          verdicts: ["caller-route allowed policies"],
        },
        {
          name: "no verdict without a grant",
          facts: { routes, principals: [role([])] },
          verdicts: [],
        },
      ],
    );
  });

  describe("intended callers without access", () => {
    rows(
      (access) => deniedCallers(access, NO_DECLARED_CALLERS),
      [
        {
          name: "denied by a permissions boundary",
          facts: { routes, principals: [role([MAY_CALL], { boundary })] },
          verdicts: ["caller-route denied policies"],
        },
        {
          name: "denied by a Deny",
          facts: { routes, principals: [role([MAY_CALL, DENY])] },
          verdicts: ["caller-route denied policies"],
        },
        {
          name: "denied by a grant that matches no route",
          facts: { routes, principals: [role([{ ...MAY_CALL, Resource: EXECUTION_ARN }])] },
          verdicts: ["caller-route denied grant-matches-no-route"],
        },
        {
          name: "denied at a private API without a resource policy",
          facts: {
            apis: [privateApi],
            routes: [route({ api: privateApi })],
            principals: [role([MAY_CALL])],
          },
          verdicts: ["caller-route denied private-api-without-resource-policy"],
        },
        {
          name: "no verdict for a grant on another API",
          facts: {
            routes,
            principals: [role([{ ...MAY_CALL, Resource: `${EXECUTION_ARN.replace("abc123", "other1")}/*` }])],
          },
          verdicts: [],
        },
      ],
    );
  });

  describe("principals that a resource policy names", () => {
    const policies = [
      document("resource", {
        Principal: { AWS: "arn:aws:iam::123456789012:role/caller" },
        Action: "execute-api:Invoke",
        Resource: EXECUTION_ARN,
      }),
    ];
    const api = { ...API, policies };
    rows(
      (access) => unmatchedResourcePolicies(access, NO_DECLARED_CALLERS),
      [
        {
          name: "denied if its Resource matches no route",
          facts: { apis: [api], routes: [route({ api, path: text("/orders") })], principals: [role([])] },
          verdicts: ["caller-route denied resource-policy-matches-no-route"],
        },
        {
          name: "no verdict for a caller whose identity-based policies allow the call",
          facts: { apis: [api], routes: [route({ api })], principals: [role([MAY_CALL])] },
          verdicts: [],
        },
      ],
    );
  });
});
