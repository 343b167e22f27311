/**
 * The route that API Gateway selects for a request. A caller whose requests all match a more specific route calls only
 * that route and needs no access to other functions. Programs with such routes are in
 * test/policies/overlapping-routes.test.ts.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 */
import { deepEqual } from "node:assert/strict";
import { callersOfRoutes } from "../../../access/gates/caller-function/callers";
import { NO_DECLARED_CALLERS } from "../../../access/gates/caller-route/declared-callers";
import { text } from "../../../iam";
import type { Api, Route } from "../../../stack";
import { ACCOUNT, API, accessTo, EXECUTION_ARN, FUNCTION, integration, role, route } from "../gates/facts";

const SECOND_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:second`;
const SECOND = { ...FUNCTION, urn: "second", label: "second", name: text("second"), arn: text(SECOND_ARN) };

function routeOf(api: Api, key: string, target: typeof FUNCTION): Route {
  const [verb = "", path = ""] = key.split(" ");
  return route({
    api,
    verb,
    path: path === "" ? [] : text(path),
    integration: integration({ urn: key, target: { function: target, arn: target.arn } }),
  });
}

interface Row {
  readonly name: string;
  readonly wide: string;
  readonly narrow: string;
  readonly call: string;
  /** Whether API Gateway selects the less specific route for any of these requests. */
  readonly wideToo: boolean;
}

const row = (
  name: string,
  [wide, narrow]: readonly [wide: string, narrow: string],
  call: string,
  wideToo: boolean,
): Row => ({ name, wide, narrow, call, wideToo });

const ROWS: readonly Row[] = [
  row("before the default route", ["$default", "GET /orders"], "GET/orders", false),
  row("before a greedy path", ["ANY /{proxy+}", "GET /orders"], "GET/orders", false),
  row("before a parameter", ["GET /{id}", "GET /orders"], "GET/orders", false),
  row("a parameter before a greedy path", ["GET /{proxy+}", "GET /{id}"], "GET/7", false),
  row("any method of a narrower path", ["GET /{id}", "ANY /orders"], "*/orders", false),
  row("one below a parameter", ["GET /{id}/{part}", "GET /{order}/lines"], "GET/7/lines", false),
  row("another method", ["ANY /{id}", "GET /orders"], "POST/orders", true),
  row("any method", ["ANY /{id}", "GET /orders"], "*/orders", true),
  row("another path", ["GET /{id}", "GET /orders"], "GET/prices", true),
  row("a path further down", ["GET /{proxy+}", "GET /orders"], "GET/orders/7", true),
  row("a wildcard in the path", ["GET /{id}", "GET /orders"], "GET/*", true),
  row("the more general path is called", ["GET /orders", "GET /{id}"], "GET/orders", true),
  // The name of a path parameter does not make a route more specific.
  row("a parameter of another name", ["GET /{id}", "GET /{order}"], "GET/7", true),
  row("a greedy one of another name", ["GET /{all+}", "GET /{rest+}"], "GET/a/b", true),
  row("one method of it", ["ANY /{id}", "GET /{order}"], "GET/7", false),
  row("another method of it", ["ANY /{id}", "GET /{order}"], "POST/7", true),
];

for (const kind of ["HTTP", "REST"] as const)
  describe(`selected route of ${kind} APIs`, () => {
    const api: Api = { ...API, kind };
    for (const { name, wide, narrow, call, wideToo } of ROWS) {
      // REST APIs have no default route.
      if (kind === "REST" && wide === "$default") continue;
      it(name, () => {
        const routes = [routeOf(api, wide, FUNCTION), routeOf(api, narrow, SECOND)];
        const statements = [
          { Action: "execute-api:Invoke", Resource: `${EXECUTION_ARN}/*/${call}` },
          { Action: "lambda:InvokeFunction", Resource: SECOND_ARN },
        ];
        const facts = { apis: [api], functions: [FUNCTION, SECOND], routes, principals: [role(statements)] };
        const verdicts = callersOfRoutes(accessTo(facts), false, NO_DECLARED_CALLERS);
        const denied = verdicts.filter(({ outcome }) => outcome === "denied");
        deepEqual(
          denied.flatMap((verdict) => verdict.routes.map((answered) => answered.integration?.urn)),
          wideToo ? [wide] : [],
        );
      });
    }
  });
