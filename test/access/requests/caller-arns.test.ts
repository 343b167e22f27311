/**
 * The resource ARNs of `execute-api:Invoke` for requests to a route, in every form of API. Tests of policies have one
 * grant that covers a route and one that does not.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
import { deepEqual } from "node:assert/strict";
import { callersOfEachRoute } from "../../../access/gates/caller-route/callers";
import { NO_DECLARED_CALLERS } from "../../../access/gates/caller-route/declared-callers";
import { deniedCallers } from "../../../access/gates/caller-route/denied-callers";
import { text } from "../../../iam";
import type { Route } from "../../../stack";
import { API, accessTo, EXECUTION_ARN, role, route } from "../gates/facts";

/**
 * The part after the execution ARN in one or several grants, and whether they cover all, some or none of the requests.
 */
type GrantCase = readonly [tails: string | readonly string[], requests: "all" | "some" | "none"];

function grants(title: string, testedRoute: Route, cases: readonly GrantCase[]): void {
  describe(title, () => {
    for (const [tails, requests] of cases) {
      const ends = [tails].flat();
      it(`allows ${requests === "none" ? "no" : requests} requests with ${ends.map((end) => end || "the bare ARN").join(" and ")}`, () => {
        const statement = {
          Action: "execute-api:Invoke",
          Resource: ends.map((end) => `${EXECUTION_ARN}${end}`),
        };
        const access = accessTo({
          apis: [testedRoute.api],
          routes: [testedRoute],
          principals: [role([statement])],
        });
        const callers = callersOfEachRoute(access, NO_DECLARED_CALLERS).map(({ outcome }) => outcome);
        const denied = new Set(deniedCallers(access, NO_DECLARED_CALLERS).map(({ cause }) => cause));
        // A principal that can make some of the requests is a caller. A plan does not show the requests that it makes.
        const outcome = requests === "none" ? [] : [requests === "all" ? "allowed" : "unproven"];
        deepEqual([callers, [...denied]], [outcome, requests === "none" ? ["grant-matches-no-route"] : []]);
      });
    }
  });
}

const atStage = (name: string) => ({ stages: [{ urn: name, name: text(name), variables: new Map() }] });
const rest = (verb: string, path: string): Route => route({ verb, path: text(path), ...atStage("prod") });

describe("resource ARN of requests to a REST API", () => {
  grants("GET /orders/{id}", rest("GET", "/orders/{id}"), [
    ["/*", "all"],
    ["/*/*/*", "all"],
    ["/*/GET/orders/*", "all"],
    ["/prod/GET/orders/*", "all"],
    ["/prod/GET/orders/42", "some"],
    ["/*/GET/*", "all"],
    ["/prod/*", "all"],
    ["", "none"],
    ["/*/GET/orders", "none"],
    ["/*/GET/orders/{id}", "none"],
    ["/dev/*", "none"],
    ["/dev/GET/orders/*", "none"],
    ["/*/POST/*", "none"],
    ["/*/POST/orders/*", "none"],
    ["/*/GET/items/*", "none"],
    ["/*/get/orders/*", "none"],
    ["/*/ANY/orders/*", "none"],
    ["/GET/orders/*", "none"],
    ["/*/GET/ordersx/*", "none"],
    ["/*/GET/orders/*/items", "none"],
    ["/prod", "none"],
    [["", "/*"], "all"],
    [["/*/GET/orders/*", "/*/GET/orders/*/items"], "all"],
    [["/prod/GET/orders/*", "/prod/POST/orders/*"], "all"],
    [["/*/GET/orders/*", "/*/GET/orders/{id}"], "all"],
    [["/*/GET//orders/*", "/*/GET/"], "none"],
    [["/*/GET/orders", "/*/GET/orders/{id}"], "none"],
  ]);
  grants("GET /{proxy+}", rest("GET", "/{proxy+}"), [
    ["/*/GET/a/*", "some"],
    ["/*/GET/a/b/c", "some"],
    ["/*/GET/{proxy+}", "none"],
  ]);
  grants("ANY /orders", rest("ANY", "/orders"), [
    ["/*/*/orders", "all"],
    ["/*/GET/orders", "some"],
    ["/*/ANY/orders", "none"],
  ]);
});

const HTTP = { ...API, kind: "HTTP" } as const;
const http = (verb: string, path?: string): Route =>
  route({ api: HTTP, verb, path: path === undefined ? [] : text(path), ...atStage("$default") });

describe("resource ARN of requests to an HTTP API", () => {
  const routes: Readonly<Record<string, Route>> = {
    $default: http("$default"),
    "ANY /orders/{id}": http("ANY", "/orders/{id}"),
    "GET /orders/{id}": http("GET", "/orders/{id}"),
    "ANY /{proxy+}": http("ANY", "/{proxy+}"),
  };
  for (const [name, testedRoute] of Object.entries(routes))
    grants(name, testedRoute, [
      ["/*", "all"],
      ["/$default/GET/orders/*", name === "GET /orders/{id}" ? "all" : "some"],
      ["/live/GET/orders/*", "none"],
    ]);
  // IAM evaluates the method and path of the request, never the route key.
  grants("$default, as a key", http("$default"), [
    ["/$default/$default", "none"],
    ["/$default/POST/any/path", "some"],
  ]);
  grants("ANY /orders, as a literal", http("ANY", "/orders"), [["/$default/ANY/orders", "none"]]);
});

describe("resource ARN of requests to a WebSocket API", () => {
  const connect = route({
    api: { ...API, kind: "WEBSOCKET" },
    verb: "$connect",
    path: [],
    ...atStage("live"),
  });
  grants("$connect", connect, [
    ["/live/$connect", "all"],
    ["/*/$connect", "all"],
    ["/*", "all"],
    ["/dev/$connect", "none"],
    ["/live/GET/connect", "none"],
    ["/live/sendMessage", "none"],
  ]);
});
