import { callersOfRoutes } from "../../../access/gates/caller-function/callers";
import { impossibleCallerCredentials } from "../../../access/gates/caller-function/impossible-caller-credentials";
import { NO_DECLARED_CALLERS } from "../../../access/gates/caller-route/declared-callers";
import { externalPrincipal } from "../../../stack";
import {
  API,
  document,
  integration,
  MAY_CALL,
  MAY_INVOKE,
  OTHER_ACCOUNT,
  role,
  route,
  rows,
  unknownDocument,
} from "./facts";

const asCaller = integration({ credentials: { mode: "caller" } });
const DENY = { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" };

describe("caller-function", () => {
  describe("under the two-step rule", () => {
    const routes = [route()];
    rows(
      (access) => callersOfRoutes(access, false, NO_DECLARED_CALLERS),
      [
        {
          name: "allowed for a caller with both actions",
          facts: { routes, principals: [role([MAY_CALL, MAY_INVOKE])] },
          verdicts: ["caller-function allowed policies"],
        },
        {
          name: "denied for a caller with execute-api:Invoke only",
          facts: { routes, principals: [role([MAY_CALL])] },
          verdicts: ["caller-function denied policies"],
        },
        {
          name: "unproven for a caller with an unknown policy that may allow it",
          facts: {
            routes,
            principals: [role([], { sources: [document("identity", MAY_CALL), unknownDocument("policy")] })],
          },
          verdicts: ["caller-function unproven policies document"],
        },
        {
          name: "denied for a caller with a Deny",
          facts: { routes, principals: [role([MAY_CALL, MAY_INVOKE, DENY])] },
          verdicts: ["caller-function denied policies"],
        },
        {
          name: "not evaluated for a principal that calls no route",
          facts: { routes, principals: [role([MAY_INVOKE])] },
          verdicts: [],
        },
        {
          name: "not evaluated for routes without IAM authorization",
          facts: { routes: [route({ authorization: "NONE" })], principals: [role([MAY_CALL])] },
          verdicts: [],
        },
        {
          name: "not evaluated for routes with caller credentials",
          facts: { routes: [route({ integration: asCaller })], principals: [role([MAY_CALL])] },
          verdicts: [],
        },
      ],
    );
  });

  describe("with caller credentials", () => {
    const routes = [route({ integration: asCaller })];
    rows(
      (access) => callersOfRoutes(access, true, NO_DECLARED_CALLERS),
      [
        {
          name: "allowed for a caller with both actions",
          facts: { routes, principals: [role([MAY_CALL, MAY_INVOKE])] },
          verdicts: ["caller-credentials-function allowed policies"],
        },
        {
          name: "denied for a caller with execute-api:Invoke only",
          facts: { routes, principals: [role([MAY_CALL])] },
          verdicts: ["caller-credentials-function denied policies"],
        },
      ],
    );
  });

  describe("with caller credentials, for a declared caller in another account", () => {
    const caller = externalPrincipal(`arn:aws:iam::${OTHER_ACCOUNT}:role/caller`, {});
    const declared = Object.assign(() => true, { externalPrincipals: [caller] });
    rows(
      (access) => callersOfRoutes(access, true, declared),
      [
        {
          name: "denied: API Gateway uses only credentials of its own account",
          facts: { routes: [route({ integration: asCaller })] },
          verdicts: ["caller-credentials-function denied caller-in-another-account"],
        },
      ],
    );
  });

  describe("integrations with caller credentials that no caller can use", () => {
    const api = { ...API, policies: [document("resource", { ...MAY_CALL, Principal: "*" })] };
    rows(impossibleCallerCredentials, [
      {
        name: "denied without IAM authorization",
        facts: { routes: [route({ integration: asCaller, authorization: "NONE" })] },
        verdicts: ["caller-credentials-function denied caller-credentials-without-iam-authorization"],
      },
      {
        name: "denied with a resource policy",
        facts: { apis: [api], routes: [route({ api, integration: asCaller })] },
        verdicts: ["caller-credentials-function denied caller-credentials-with-resource-policy"],
      },
      {
        name: "none under IAM authorization without a resource policy",
        facts: { routes: [route({ integration: asCaller })] },
        verdicts: [],
      },
    ]);
  });
});
