/** What the map draws of a report, and what filters leave of it. */
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
      ({ route, caller, function: invoked, standing }) =>
        `${[route, caller, invoked].map((end) => end?.label ?? "").join(" - ")}: ${standing}`,
    )
    .sort();
}

/** {@link smallReport} with other routes and answers. */
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

describe("the links of the map", () => {
  it("go from each caller of a route to its function, and are as bad as their worst gate", () => {
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

  it("blame, of several functions of a route, the one that an answer is about", () => {
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

  it("fail with the authorizer of their route", () => {
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

  it("do without a route for a function URL, and without a function for a caller of nothing", () => {
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

  it("contain routes and functions without answers, so that the map shows them", () => {
    const report = reportOf({ callers: [caller], functions: [orders], routes: [route] });
    assert.deepEqual(linkNames(graphOf(report).links), [
      " - storefront - : undefined",
      "GET /orders - no caller in these stacks - orders: undefined",
    ]);
  });

  it("ignore what an answer refers to in vain", () => {
    const report = reportOf({
      answers: [
        answer({ gate: "caller-route", outcome: "denied", routes: ["route-99"], caller: "caller-99" }),
      ],
    });
    assert.deepEqual(graphOf(report).links, []);
  });
});

describe("the gates of a selection", () => {
  const graph = graphOf(smallReport());
  const gates = (selection: Parameters<typeof gatesOf>[1]): string[] =>
    gatesOf(graph, selection).map(
      ([gate, answers]) => `${gate}: ${answers.map((gateAnswer) => gateAnswer.outcome).join()}`,
    );

  it("of a route: all callers, in the order of a request, the worst first", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders") }), [
      "caller-route: allowed,allowed,allowed",
      "route-function: allowed",
      "caller-function: denied,allowed,allowed",
    ]);
  });

  it("of a route with an authorizer", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /audit") }), [
      "authorizer-function: allowed",
      "route-function: allowed",
    ]);
  });

  it("of a caller: with those of its routes, for it fails with them", () => {
    assert.deepEqual(gates({ caller: item(graph, "payments-worker") }), [
      "caller-route: allowed,allowed",
      "role-function: allowed",
      "caller-function: allowed",
    ]);
  });

  it("of a caller at a route", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders"), caller: item(graph, "reporting") }), [
      "caller-route: allowed",
      "route-function: allowed",
      "caller-function: denied",
    ]);
  });

  it("of a caller without access at a route: none", () => {
    assert.deepEqual(gates({ route: item(graph, "GET /orders"), caller: item(graph, "anyone") }), []);
  });
});

describe("filters", () => {
  const report = smallReport();
  const graph = graphOf(report);
  const labels = (filter: Partial<Filter>, kind: "route" | "caller" | "function"): string[] =>
    filterGraph(graph, { ...ALL, ...filter }).items[kind].map((shownItem) => shownItem.label);

  it("none: everything, the worst first", () => {
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

  it("by outcome", () => {
    assert.deepEqual(labels({ outcomes: new Set(["unproven"]) }, "route"), ["POST /catalog"]);
    assert.deepEqual(labels({ outcomes: new Set(["denied", "unproven"]) }, "route"), [
      "GET /catalog/{id}",
      "POST /payments",
      "POST /catalog",
    ]);
  });

  it("by API", () => {
    assert.deepEqual(labels({ api: "api-2" }, "function"), ["catalog"]);
  });

  it("by caller: outcomes are then those of its own links", () => {
    const view = filterGraph(graph, { ...ALL, caller: item(graph, "back-office").id });
    assert.deepEqual(
      view.items.route.map((route) => `${route.label} ${view.standings.get(route)}`),
      [
        "POST /catalog unproven",
        "GET /orders allowed",
        "GET /orders/{id} allowed",
        "POST /payments/{id}/refund allowed",
      ],
    );
  });

  it("sorts equals as people count, not as computers spell", () => {
    const graph = graphOf(bigReport(60, 12));
    const { items } = filterGraph(graph, { ...ALL, outcomes: new Set(["denied"]) });
    assert.deepEqual(
      items.caller.map(({ label }) => label),
      Array.from({ length: 12 }, (_, index) => `application-${index + 1}`),
    );
  });

  it("by stack: what is of it, and what reaches into it", () => {
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

  it("by stack: one in which nothing is evaluated comes last, and says so", () => {
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

  it("by words, in any case and at either end of a link", () => {
    assert.deepEqual(labels({ text: "REPORTING /Orders" }, "route"), ["GET /orders"]);
    assert.deepEqual(labels({ text: "nothing like it" }, "route"), []);
  });

  it("together", () => {
    assert.deepEqual(labels({ api: "api-1", outcomes: new Set(["unproven"]) }, "route"), []);
  });

  it("findings by outcome, API, caller and words", () => {
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

describe("the lines that are drawn", () => {
  it("of a selection: all of its own and no others", () => {
    const graph = graphOf(smallReport());
    const { edges, total: all } = edgesOf(
      filterGraph(graph, ALL),
      { route: item(graph, "POST /payments") },
      300,
    );
    assert.equal(all, 4);
    assert.deepEqual(
      edges.map(({ from, to, standing }) => `${from.label} - ${to.label}: ${standing}`),
      [
        "storefront - payments:live: denied",
        "POST /payments - storefront: allowed",
        "POST /payments - payments-worker: allowed",
        "payments-worker - payments:live: allowed",
      ],
    );
  });

  it("of very many: the worst", () => {
    const graph = graphOf(bigReport(50, 20));
    const { edges, total: all } = edgesOf(filterGraph(graph, ALL), {}, 30);
    assert.equal(all, 50 * 20 + 20 * 10);
    assert.equal(edges.length, 30);
    assert.deepEqual([...new Set(edges.map((edge) => edge.standing))], ["denied", "unproven"]);
  });
});
