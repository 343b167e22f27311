/**
 * What a caller's `execute-api:Invoke` has to be allowed on: the ARNs of requests to a route, in every form of API.
 * Tests of policies ask one grant that reaches a route and one that does not.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
import { deepEqual } from "node:assert/strict";
import { callersOfEachRoute } from "../../../access/gates/caller-route/callers";
import { NOBODY_DECLARED } from "../../../access/gates/caller-route/declared-callers";
import { deniedCallers } from "../../../access/gates/caller-route/denied-callers";
import { text } from "../../../iam";
import type { Route } from "../../../stack";
import { API, accessTo, EXECUTION_ARN, role, route } from "../gates/facts";

/** What follows the execution ARN in a grant, or in each of several, and how many of the route's requests it is for. */
type Ask = readonly [tails: string | readonly string[], requests: "all" | "some" | "none"];

function grants(of: string, asked: Route, asks: readonly Ask[]): void {
  describe(of, () => {
    for (const [tails, requests] of asks) {
      const ends = [tails].flat();
      it(`${requests} by ${ends.map((end) => end || "the bare ARN").join(" and ")}`, () => {
        const statement = {
          Action: "execute-api:Invoke",
          Resource: ends.map((end) => `${EXECUTION_ARN}${end}`),
        };
        const access = accessTo({ apis: [asked.api], routes: [asked], principals: [role([statement])] });
        const callers = callersOfEachRoute(access, NOBODY_DECLARED).map(({ outcome }) => outcome);
        const denied = new Set(deniedCallers(access, NOBODY_DECLARED).map(({ cause }) => cause));
        // Who may make some of the requests is a caller; of which of them, no plan shows.
        const outcome = { all: ["allowed"], some: ["unproven"], none: [] }[requests];
        deepEqual([callers, [...denied]], [outcome, requests === "none" ? ["grant-matches-no-route"] : []]);
      });
    }
  });
}

const on = (name: string) => ({ stages: [{ urn: name, name: text(name), variables: new Map() }] });
const rest = (verb: string, path: string): Route => route({ verb, path: text(path), ...on("prod") });

describe("the ARN of requests to a route of a REST API", () => {
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
  route({ api: HTTP, verb, path: path === undefined ? [] : text(path), ...on("$default") });

describe("the ARN of requests to a route of an HTTP API", () => {
  const routes: Readonly<Record<string, Route>> = {
    $default: http("$default"),
    "ANY /orders/{id}": http("ANY", "/orders/{id}"),
    "GET /orders/{id}": http("GET", "/orders/{id}"),
    "ANY /{proxy+}": http("ANY", "/{proxy+}"),
  };
  for (const [name, asked] of Object.entries(routes))
    grants(name, asked, [
      ["/*", "all"],
      ["/$default/GET/orders/*", name === "GET /orders/{id}" ? "all" : "some"],
      ["/live/GET/orders/*", "none"],
    ]);
  // IAM sees the request's own verb and path, never the route's key.
  grants("$default, as a key", http("$default"), [
    ["/$default/$default", "none"],
    ["/$default/POST/any/path", "some"],
  ]);
  grants("ANY /orders, as a word", http("ANY", "/orders"), [["/$default/ANY/orders", "none"]]);
});

describe("the ARN of requests to a route of a WebSocket API", () => {
  const connect = route({ api: { ...API, kind: "WEBSOCKET" }, verb: "$connect", path: [], ...on("live") });
  grants("$connect", connect, [
    ["/live/$connect", "all"],
    ["/*/$connect", "all"],
    ["/*", "all"],
    ["/dev/$connect", "none"],
    ["/live/GET/connect", "none"],
    ["/live/sendMessage", "none"],
  ]);
});
