import {
  policiesForPrincipals,
  resourcePolicies,
} from "../../../access/gates/resource-policy/resource-policies";
import { Unknown } from "../../../iam";
import type { Api, Route } from "../../../stack";
import { ACCOUNT, API, document, EXECUTION_ARN, route, rows, unknownDocument } from "./facts";

const CALL = { Action: "execute-api:Invoke", Resource: `${EXECUTION_ARN}/*` };

/** A route without authorization of an API with these properties. */
function routeOf(more: Partial<Api>, ofRoute: Partial<Route> = {}) {
  const api: Api = { ...API, ...more };
  return { apis: [api], routes: [route({ api, authorization: "NONE", ...ofRoute })] };
}

const UNKNOWN = { ...unknownDocument("policy"), document: new Unknown([{ key: "other", label: "other" }]) };

describe("resource-policy", () => {
  rows(resourcePolicies, [
    {
      name: "allowed if it allows everyone",
      facts: routeOf({ policies: [document("resource", { ...CALL, Principal: "*" })] }),
      verdicts: ["resource-policy allowed policies"],
    },
    {
      name: "denied if it allows only an account: a request without IAM authorization has no identity",
      facts: routeOf({ policies: [document("resource", { ...CALL, Principal: { AWS: ACCOUNT } })] }),
      verdicts: ["resource-policy denied policies"],
    },
    {
      name: "denied for a private API without a resource policy",
      facts: routeOf({ private: "yes" }),
      verdicts: ["resource-policy denied private-api-without-resource-policy"],
    },
    {
      name: "unproven for a private API without a resource policy and a deployment in this stack",
      facts: routeOf({ private: "yes" }, { stages: [] }),
      verdicts: [
        "resource-policy unproven private-api-without-resource-policy resource-policy-at-deployment",
      ],
    },
    {
      name: "unproven for an unknown policy that depends on a resource",
      facts: routeOf({ policies: [UNKNOWN] }),
      verdicts: ["resource-policy unproven policies document"],
    },
    {
      name: "not evaluated for IAM-authorized routes and without a resource policy",
      facts: {
        routes: [
          route({ api: { ...API, policies: [document("resource", { ...CALL, Principal: "*" })] } }),
          route({ authorization: "NONE" }),
        ],
      },
      verdicts: [],
    },
  ]);

  describe("new unknown policies that depend on principals of the stack", () => {
    const policies = [{ ...UNKNOWN, grantees: [{ key: "caller", label: "caller" }] }];
    rows(policiesForPrincipals, [
      {
        name: "denied for routes without authorization: such a policy allows those principals only",
        facts: routeOf({ policies }),
        verdicts: ["resource-policy denied resource-policy-for-principals"],
      },
      {
        name: "not evaluated if a route authenticates principals",
        facts: routeOf({ policies }, { authorization: "AWS_IAM" }),
        verdicts: [],
      },
    ]);
  });
});
