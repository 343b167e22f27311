/**
 * The source ARNs that API Gateway presents to Lambda for a route, in every form of API, and for an authorizer. Tests
 * of policies have one source ARN that matches and one that does not.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
import { equal } from "node:assert/strict";
import { authorizers } from "../../../access/gates/authorizer-function/authorizers";
import { functionPermissions } from "../../../access/gates/route-function/permissions";
import { text } from "../../../iam";
import type { Api, Authorizer, Route, Stage } from "../../../stack";
import { ACCOUNT, API, accessTo, EXECUTION_ARN, fromSource, permission, route, TARGET } from "../gates/facts";

type SourceArnCase = readonly [tail: string, outcome: "allowed" | "denied" | "unproven"];

function permissions(
  title: string,
  testedRoute: Route,
  tails: readonly SourceArnCase[],
  before = `${EXECUTION_ARN}/`,
): void {
  describe(title, () => {
    for (const [tail, outcome] of tails)
      it(`is ${outcome} if the permission has ${tail === "" ? "the bare execution ARN" : tail}`, () => {
        const facts = { routes: [testedRoute], permissions: [permission(fromSource(before + tail))] };
        const [verdict] = functionPermissions(accessTo({ apis: [testedRoute.api], ...facts }));
        equal(verdict?.outcome, outcome);
      });
  });
}

const stage = (name: string): readonly Stage[] => [{ urn: name, name: text(name), variables: new Map() }];
const rest = (verb: string, path: string): Route => route({ verb, path: text(path), stages: stage("prod") });

describe("source ARN of a REST route", () => {
  permissions("GET /orders/{id}", rest("GET", "/orders/{id}"), [
    ["*", "allowed"],
    ["*/*", "allowed"],
    ["*/*/*", "allowed"],
    ["*/GET/orders/{id}", "allowed"],
    ["*/GET/orders/*", "allowed"],
    ["prod/GET/orders/{id}", "allowed"],
    ["prod/*/orders/*", "allowed"],
    ["prod/*", "allowed"],
    ["*/G?T/orders/{id}", "allowed"],
    ["*/GET/orders/{other}", "denied"],
    ["*/GET/orders/42", "denied"],
    ["*/GET/orders", "denied"],
    ["*/GET/orders/{id}/", "denied"],
    ["*/GETorders/{id}", "denied"],
    ["*/get/orders/{id}", "denied"],
    ["*/POST/orders/{id}", "denied"],
    ["*/ANY/orders/{id}", "denied"],
    ["dev/GET/orders/{id}", "denied"],
    ["dev/*", "denied"],
    ["test-invoke-stage/*/*", "denied"],
    ["GET/orders/{id}", "denied"],
    ["*/GET/", "denied"],
    ["authorizers/*", "denied"],
  ]);
  permissions("GET /", rest("GET", "/"), [
    ["*/GET/", "allowed"],
    ["*/GET", "denied"],
    ["*/*/", "allowed"],
    ["*/GET/*", "allowed"],
    ["*/GET/orders", "denied"],
  ]);
  permissions("GET /{proxy+}", rest("GET", "/{proxy+}"), [
    ["*/GET/{proxy+}", "allowed"],
    ["*/GET/*", "allowed"],
    ["*/GET/{proxy}", "denied"],
  ]);
  permissions("ANY /{proxy+}", rest("ANY", "/{proxy+}"), [
    ["*/*/{proxy+}", "allowed"],
    ["*/ANY/{proxy+}", "denied"],
    ["*/GET/{proxy+}", "denied"],
  ]);
  permissions("ANY /a/b/c", rest("ANY", "/a/b/c"), [["prod/*/*", "allowed"]]);
  permissions("a route that is deployed to no stage", route({ stages: [] }), [
    ["*/*", "allowed"],
    ["prod/*", "unproven"],
    ["prod/GET/users", "denied"],
  ]);
  const place = `arn:aws:execute-api:us-east-1:${ACCOUNT}:`;
  permissions(
    "by the API's id",
    rest("GET", "/orders"),
    [
      ["abc123", "denied"],
      ["abc123*/*", "allowed"],
      ["abcdef1234/*/*", "denied"],
      ["*/*", "allowed"],
    ],
    place,
  );
  permissions(
    "by the region",
    rest("GET", "/orders"),
    [
      ["us-east-1", "allowed"],
      ["*", "allowed"],
      ["eu-west-1", "denied"],
    ].map(([region, outcome]) => [`${region}:${ACCOUNT}:*/*`, outcome as "allowed"]),
    "arn:aws:execute-api:",
  );
});

const HTTP: Api = { ...API, kind: "HTTP" };
const http = (verb: string, path = ""): Route =>
  route({ api: HTTP, verb, path: path === "" ? [] : text(path), stages: stage("$default") });

describe("source ARN of an HTTP route", () => {
  permissions("GET /orders/{id}", http("GET", "/orders/{id}"), [
    ["*", "allowed"],
    ["*/GET/orders/{id}", "allowed"],
    ["$default/GET/orders/*", "allowed"],
    ["*/GET/customers/*", "denied"],
    ["prod/*/*", "denied"],
  ]);
  permissions("no slash before the wildcards", http("GET", "/orders"), [["*/*", "allowed"]], EXECUTION_ARN);
  permissions("$default", http("$default"), [
    ["*/$default", "allowed"],
    ["$default/$default", "allowed"],
    ["*/*", "allowed"],
    ["*/*/$default", "denied"],
    ["*/*/*", "denied"],
  ]);
  permissions("ANY /orders", http("ANY", "/orders"), [
    ["*/*/orders", "allowed"],
    // AWS does not document the method in the source ARN for an ANY route of an HTTP API.
    ["*/ANY/orders", "unproven"],
    ["*/GET/orders", "denied"],
    ["*/ANY/customers", "denied"],
  ]);
});

describe("source ARN of a WebSocket route", () => {
  const websocket = route({
    api: { ...API, kind: "WEBSOCKET" },
    verb: "$connect",
    path: [],
    stages: stage("live"),
  });
  const connectCases: readonly SourceArnCase[] = [
    ["*/$connect", "allowed"],
    ["live/$connect", "allowed"],
    ["*$connect", "allowed"],
    ["*/*", "allowed"],
    ["*/$disconnect", "denied"],
    ["dev/$connect", "denied"],
    ["*/*/*", "denied"],
  ];
  permissions("$connect", websocket, connectCases);
  permissions("a custom route key", { ...websocket, verb: "send" }, [
    ["*/send", "allowed"],
    ["*/$connect", "denied"],
  ]);
});

describe("source ARN of an authorizer", () => {
  const authorizer = (api: Api): Authorizer => ({
    urn: "authorizer",
    label: 'authorizer "guard"',
    api,
    id: text("a1"),
    target: TARGET,
    credentials: { mode: "none" },
  });
  const authorizerCases: readonly SourceArnCase[] = [
    ["*", "allowed"],
    ["authorizers/a1", "allowed"],
    ["authorizers/*", "allowed"],
    // The first wildcard matches `authorizers`.
    ["*/*", "allowed"],
    ["*/*/*", "denied"],
    ["authorizers/b2", "denied"],
    ["*/*/orders", "denied"],
    ["*/GET/orders", "denied"],
  ];
  for (const kind of ["REST", "HTTP", "WEBSOCKET"] as const)
    for (const [tail, outcome] of authorizerCases)
      it(`${kind}: is ${outcome} if the permission has ${tail}`, () => {
        const api = { ...API, kind };
        const routes = [route({ api, authorization: "LAMBDA", authorizer: text("a1") })];
        const granted = [permission(fromSource(`${EXECUTION_ARN}/${tail}`))];
        const facts = { apis: [api], routes, authorizers: [authorizer(api)], permissions: granted };
        const [verdict] = authorizers(accessTo(facts));
        equal(verdict?.outcome, outcome);
      });
});
