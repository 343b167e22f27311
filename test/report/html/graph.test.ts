/** The access map of a report, and its filters. */
import assert from "node:assert/strict";
import { buildGraph } from "../../../report/html/browser/build-graph";
import {
  edgesOf,
  type Filter,
  filterFindings,
  filterGraph,
  type Graph,
  gatesOf,
  type Item,
  KINDS,
} from "../../../report/html/browser/graph";
import { stackRows } from "../../../report/html/browser/stack-rows";
import type { Answer, Outcome, Report } from "../../../report/model";
import { bigReport, fleetReport, smallReport, urn } from "./samples";

const graphOf = (report: Report): Graph => buildGraph(report, report.answers);
const ALL: Filter = { text: "", outcomes: new Set(), stack: "", api: "", caller: "" };

function item(graph: Graph, label: string): Item {
  const found = KINDS.flatMap((kind) => graph.items[kind]).filter((candidate) => candidate.label === label);
  assert.equal(found.length, 1, `${found.length} are called ${label}`);
  return found[0] as Item;
}

/** `GET /orders - reporting - orders: denied` */
function linkNames(links: Graph["links"]): string[] {
  return links
    .map(
      ({ route, caller, function: invoked, outcome }) =>
        `${[route, caller, invoked].map((end) => end?.label ?? "").join(" - ")}: ${outcome}`,
    )
    .sort();
}

/** {@link smallReport} with other routes and verdicts. */
function reportOf(parts: Partial<Report>): Report {
  return { ...smallReport(), findings: [], answers: [], callers: [], functions: [], routes: [], ...parts };
}

function answer(parts: Partial<Answer> & { gate: Answer["gate"]; outcome: Outcome }): Answer {
  return {
    id: "answer-1",
    question: `${parts.gate}?`,
    policy: "route-function-permission",
    rule: "AWS",
    routes: [],
    urn: urn("aws:iam/role:Role", "someone"),
    evidence: [],
    doubts: [],
    inferredFrom: [],
    ...parts,
  };
}

describe("links of the map", () => {
  it("go from callers through routes to functions, with the outcome of their worst gate", () => {
    assert.deepEqual(linkNames(graphOf(smallReport()).links), [
      "GET /audit - callers that the Lambda authorizer allows - audit: allowed",
      "GET /audit - callers that the Lambda authorizer allows - sessions: allowed",
      "GET /catalog - anyone - catalog: allowed",
      "GET /catalog/{id} - anyone - catalog: denied",
      "GET /health - anyone - : undefined",
      "GET /orders - back-office - orders: allowed",
      "GET /orders - reporting - orders: two-step, inferred",
      "GET /orders - storefront - orders: allowed",
      "GET /orders/{id} - back-office - orders: allowed",
      "GET /orders/{id} - storefront - orders: allowed",
      "POST /catalog - back-office - catalog: unproven",
      "POST /orders - storefront - orders: allowed",
      "POST /payments - payments-worker - payments:live: allowed",
      "POST /payments - storefront - payments:live: denied",
      "POST /payments/{id}/refund - back-office - payments:live: allowed",
      "POST /payments/{id}/refund - payments-worker - payments:live: allowed",
    ]);
  });

  const { callers, functions, routes } = smallReport();
  const [route] = routes.filter(({ label }) => label === "GET /orders");
  const [caller] = callers;
  const [orders, catalog] = functions;
  if (route === undefined || caller === undefined || orders === undefined || catalog === undefined)
    throw new Error("the sample is another one");

  it("of a route with several functions have the outcomes of each function", () => {
    const report = reportOf({
      functions: [orders, catalog],
      routes: [{ ...route, authorization: "NONE", functions: [orders.id, catalog.id] }],
      answers: [
        answer({ gate: "route-function", outcome: "denied", routes: [route.id], function: catalog.id }),
        answer({ gate: "route-function", outcome: "allowed", routes: [route.id], function: orders.id }),
      ],
    });
    assert.deepEqual(linkNames(graphOf(report).links), [
      "GET /orders - anyone - catalog: denied",
      "GET /orders - anyone - orders: allowed",
    ]);
  });

  it("are denied if the authorizer of their route is denied", () => {
    const report = reportOf({
      functions: [orders, catalog],
      routes: [{ ...route, authorization: "LAMBDA" }],
      answers: [
        answer({ gate: "authorizer-function", outcome: "denied", routes: [route.id], function: catalog.id }),
        answer({ gate: "route-function", outcome: "allowed", routes: [route.id], function: orders.id }),
      ],
    });
    assert.deepEqual(linkNames(graphOf(report).links), [
      "GET /orders - callers that the Lambda authorizer allows - catalog: denied",
      "GET /orders - callers that the Lambda authorizer allows - orders: denied",
    ]);
  });

  it("have no route for a function URL and no function for a caller without routes", () => {
    const report = reportOf({
      callers: [caller],
      functions: [orders],
      answers: [
        answer({ gate: "function-url", outcome: "denied", caller: caller.id, function: orders.id }),
        answer({ gate: "caller-route", outcome: "denied", caller: caller.id }),
      ],
    });
    assert.deepEqual(linkNames(graphOf(report).links), [
      " - storefront - : denied",
      " - storefront - orders: denied",
    ]);
  });

  it("include routes and functions without verdicts", () => {
    const report = reportOf({ callers: [caller], functions: [orders], routes: [route] });
    assert.deepEqual(linkNames(graphOf(report).links), [
      " - storefront - : undefined",
      "GET /orders - no caller in these stacks - orders: undefined",
    ]);
  });

  it("ignore references of a verdict to missing items", () => {
    const report = reportOf({
      answers: [
        answer({ gate: "caller-route", outcome: "denied", routes: ["route-99"], caller: "caller-99" }),
      ],
    });
    assert.deepEqual(graphOf(report).links, []);
  });
});

describe("gates of a selection", () => {
  const graph = graphOf(smallReport());
  const gates = (selection: Parameters<typeof gatesOf>[1]): string[] =>
    gatesOf(graph, selection).map(
      ([gate, answers]) => `${gate}: ${answers.map((gateAnswer) => gateAnswer.outcome).join()}`,
    );

  it("of a route include all callers, in the order of a request, the worst first", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders") }), [
      "caller-route: allowed,allowed,allowed",
      "route-function: allowed",
      "caller-function: denied,allowed,allowed",
    ]);
  });

  it("of a route include its authorizer", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /audit") }), [
      "authorizer-function: allowed",
      "route-function: allowed",
    ]);
  });

  it("of a caller include those of its routes", () => {
    assert.deepEqual(gates({ caller: item(graph, "payments-worker") }), [
      "caller-route: allowed,allowed",
      "role-function: allowed",
      "caller-function: allowed",
    ]);
  });

  it("of a caller and a route include both", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders"), caller: item(graph, "reporting") }), [
      "caller-route: allowed",
      "route-function: allowed",
      "caller-function: denied",
    ]);
  });

  it("of a caller and a route without access are empty", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders"), caller: item(graph, "anyone") }), []);
  });
});

describe("filters", () => {
  const report = smallReport();
  const graph = graphOf(report);
  const labels = (filter: Partial<Filter>, kind: "route" | "caller" | "function"): string[] =>
    filterGraph(graph, { ...ALL, ...filter }).items[kind].map((shownItem) => shownItem.label);

  it("without values show everything, the worst first", () => {
    assert.deepEqual(labels({}, "caller"), [
      "storefront",
      "anyone",
      "reporting",
      "back-office",
      "payments-worker",
      "callers that the Lambda authorizer allows",
    ]);
    assert.equal(labels({}, "route").length, 10);
  });

  it("by outcome limit routes, callers and functions", () => {
    assert.deepEqual(labels({ outcomes: new Set(["unproven"]) }, "route"), ["POST /catalog"]);
    assert.deepEqual(labels({ outcomes: new Set(["denied", "unproven"]) }, "route"), [
      "GET /catalog/{id}",
      "POST /payments",
      "POST /catalog",
    ]);
  });

  it("by API limit routes, callers and functions", () => {
    assert.deepEqual(labels({ api: "api-2" }, "function"), ["catalog"]);
  });

  it("by caller show the outcomes of its links", () => {
    const view = filterGraph(graph, { ...ALL, caller: item(graph, "back-office").id });
    assert.deepEqual(
      view.items.route.map((route) => `${route.label} ${view.outcomes.get(route)}`),
      [
        "POST /catalog unproven",
        "GET /orders allowed",
        "GET /orders/{id} allowed",
        "POST /payments/{id}/refund allowed",
      ],
    );
  });

  it("sort equal outcomes by natural order of names", () => {
    const graph = graphOf(bigReport(60, 12));
    const { items } = filterGraph(graph, { ...ALL, outcomes: new Set(["denied"]) });
    assert.deepEqual(
      items.caller.map(({ label }) => label),
      Array.from({ length: 12 }, (_, index) => `application-${index + 1}`),
    );
  });

  it("by stack include its items and callers of other stacks", () => {
    const report = fleetReport(3);
    const graph = graphOf(report);
    assert.deepEqual(graph.stacks, ["team-1/prod", "team-2/prod", "team-3/prod"]);
    const { items } = filterGraph(graph, { ...ALL, stack: "team-2/prod" });
    assert.equal(items.route.length, 10);
    for (const shownItem of [...items.route, ...items.function]) assert.equal(shownItem.stack, "team-2/prod");
    const found = filterFindings(graph, report.findings, { ...ALL, stack: "team-2/prod" });
    assert.deepEqual(
      found.map((finding) => finding.urn.split("::")[1]),
      found.map(() => "team-2"),
    );
    assert.equal(found.length, 4);
    const failing = { denied: 2, "two-step": 1, unproven: 1, allowed: 5 };
    assert.deepEqual(
      stackRows(graph, report.findings, report.inputs).map((row) => ({
        ...row,
        outcomes: Object.fromEntries(row.outcomes),
      })),
      [
        { stack: "team-1/prod", routes: 10, outcomes: failing, findings: 4 },
        { stack: "team-2/prod", routes: 10, outcomes: failing, findings: 4 },
        { stack: "team-3/prod", routes: 10, outcomes: { allowed: 9 }, findings: 0 },
      ],
    );
  });

  it("by stack list a stack without evaluations last", () => {
    const report = fleetReport(2);
    const notApplicable = "The stack has no API";
    const inputs = [
      {
        name: "a.json",
        as: "state",
        project: "a-bucket",
        stack: "prod",
        resources: 2,
        notApplicable,
      } as const,
      ...report.inputs,
    ];
    const rows = stackRows(graphOf({ ...report, inputs }), report.findings, inputs);
    assert.deepEqual(
      rows.map((row) => [row.stack, row.routes, row.notApplicable]),
      [
        ["team-1/prod", 10, undefined],
        ["team-2/prod", 10, undefined],
        ["a-bucket/prod", 0, notApplicable],
      ],
    );
  });

  it("by words ignore case and match either end of a link", () => {
    assert.deepEqual(labels({ text: "REPORTING /Orders" }, "route"), ["GET /orders"]);
    assert.deepEqual(labels({ text: "nothing like it" }, "route"), []);
  });

  it("can be combined", () => {
    assert.deepEqual(labels({ api: "api-1", outcomes: new Set(["unproven"]) }, "route"), []);
  });

  it("limit findings by outcome, API, caller and words", () => {
    const names = (filter: Partial<Filter>): string[] =>
      filterFindings(graph, report.findings, { ...ALL, ...filter }).map((finding) => finding.name);
    assert.deepEqual(names({}), ["storefront", "back-office", "reporting", "get-catalog-id-"]);
    assert.deepEqual(names({ outcomes: new Set(["unproven"]) }), ["back-office"]);
    assert.deepEqual(names({ outcomes: new Set(["allowed"]) }), []);
    assert.deepEqual(names({ api: "api-2" }), ["back-office", "get-catalog-id-"]);
    assert.deepEqual(names({ caller: item(graph, "reporting").id }), ["reporting"]);
    assert.deepEqual(names({ text: "lambda.Permission catalog" }), ["get-catalog-id-"]);
  });
});

describe("lines of the map", () => {
  it("of a selection are complete and exclude others", () => {
    const graph = graphOf(smallReport());
    const { edges, total: all } = edgesOf(
      filterGraph(graph, ALL),
      { route: item(graph, "POST /payments") },
      300,
    );
    assert.equal(all, 4);
    assert.deepEqual(
      edges.map(({ from, to, outcome }) => `${from.label} - ${to.label}: ${outcome}`),
      [
        "storefront - payments:live: denied",
        "POST /payments - storefront: allowed",
        "POST /payments - payments-worker: allowed",
        "payments-worker - payments:live: allowed",
      ],
    );
  });

  it("are limited to the worst", () => {
    const graph = graphOf(bigReport(50, 20));
    const { edges, total: all } = edgesOf(filterGraph(graph, ALL), {}, 30);
    assert.equal(all, 50 * 20 + 20 * 10);
    assert.equal(edges.length, 30);
    assert.deepEqual([...new Set(edges.map((edge) => edge.outcome))], ["denied", "unproven"]);
  });
});
