import { callersOfEachRoute } from "../../../access/gates/caller-route/callers";
import { NO_DECLARED_CALLERS } from "../../../access/gates/caller-route/declared-callers";
import { deniedCallers } from "../../../access/gates/caller-route/denied-callers";
import { untrustedPools } from "../../../access/gates/caller-route/identity-pool-trust";
import { deniedServiceCalls } from "../../../access/gates/caller-route/service-calls";
import { untrustedServices } from "../../../access/gates/caller-route/service-trust";
import { unmatchedResourcePolicies } from "../../../access/gates/caller-route/unmatched-resource-policies";
import { text } from "../../../iam";
import {
  ACCOUNT,
  API,
  AS_ROLE,
  document,
  EXECUTION_ARN,
  MAY_CALL,
  role,
  route,
  rows,
  trusting,
} from "./facts";

const routes = [route()];
const privateApi = { ...API, private: "yes" } as const;
const boundary = document("identity", { Action: "s3:*", Resource: "*" });
const IN_ORGANIZATION = { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } };
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
          name: "unproven for a grant with a condition on an unknown organization",
          facts: { routes, principals: [role([{ ...MAY_CALL, Condition: IN_ORGANIZATION }])] },
          verdicts: ["caller-route unproven policies statement-condition"],
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

  describe("roles whose trust policy denies the service or identity pool that assumes them", () => {
    const trusts = (service: string) => ({
      routes,
      principals: [role([MAY_CALL], { trust: trusting(service) })],
    });
    const poolRoles = [
      { urn: "pool", label: "pool", pool: text("us-east-1:1"), authenticated: true, role: AS_ROLE },
    ] as const;
    const task = "ecs-tasks.amazonaws.com";
    const roleUses = [
      { urn: "task", label: "task", service: task, actions: ["sts:AssumeRole"], role: AS_ROLE },
    ] as const;
    rows(untrustedPools, [
      {
        name: "denied for an identity pool",
        facts: { ...trusts(task), poolRoles },
        verdicts: ["caller-route denied identity-pool-not-trusted"],
      },
    ]);
    rows(untrustedServices, [
      {
        name: "denied for a service",
        facts: { ...trusts("ec2.amazonaws.com"), roleUses },
        verdicts: ["caller-route denied service-not-trusted"],
      },
      {
        name: "no verdict for a service that the trust policy allows",
        facts: { ...trusts(task), roleUses },
        verdicts: [],
      },
    ]);
  });

  describe("services that call without a role", () => {
    const events = "events.amazonaws.com";
    const rule = text(`arn:aws:events:us-east-1:${ACCOUNT}:rule/nightly`);
    const called = (...statements: readonly object[]) => {
      const policies = statements.length === 0 ? [] : [document("resource", ...statements)];
      const api = { ...API, policies };
      const arn = text(MAY_CALL.Resource);
      const caller = { mode: "service", name: events, sourceArn: rule, sourceUrns: [] } as const;
      const call = { urn: "target", label: "target", api, arn, caller, service: events, inferredFrom: [] };
      return { apis: [api], routes: [route({ api })], apiCalls: [call] };
    };
    rows(deniedServiceCalls, [
      {
        name: "denied without a resource policy",
        facts: called(),
        verdicts: ["caller-route denied service-call"],
      },
      {
        name: "no verdict if the resource policy allows the service",
        facts: called({ ...MAY_CALL, Principal: { Service: events } }),
        verdicts: [],
      },
    ]);
  });
});
