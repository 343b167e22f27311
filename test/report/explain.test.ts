import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { analyze } from "../../engine/analyze";
import { buildIndexedReport } from "../../report";
import { type Explanation, explainRoutes, type RouteQuestion, renderExplanation } from "../../report/explain";
import type { Report } from "../../report/model";
import { type PolicyConfig, type Program, plan } from "../../testing";
import { assertGolden } from "../support/golden";
import { example } from "../support/reports";
import { allow, type Patch, restStack, trustOf } from "../support/rest";

interface Explained {
  readonly report: Report;
  readonly explanation: Explanation;
}

async function explainProgram(
  program: Program,
  question: RouteQuestion,
  { as = "deployed", config = {} }: { as?: "deployed" | "first-preview"; config?: PolicyConfig } = {},
): Promise<Explained> {
  const { project, stack, resources } = await plan(program, { as, project: "shop" });
  const analysis = await analyze(resources, config);
  const inputs = [{ name: "shop", as, project, stack, resources: resources.length }];
  const indexed = buildIndexedReport({ version: "1.2.3", inputs, resources, analysis });
  return { report: indexed.report, explanation: explainRoutes(indexed, analysis, question) };
}

/** Each gate with its verdicts, or the reason why there is none. */
function gates({ explanation }: Explained): readonly string[] {
  assert.ok(explanation.found);
  return explanation.routes.flatMap(({ gates }) =>
    gates.map(({ gate, answers, notEvaluated: reason }) =>
      [gate, reason ?? answers.map(({ outcome, question }) => `${outcome}: ${question}`).join("; ")].join(
        " ",
      ),
    ),
  );
}

const ROUTE = "GET /orders/{id}";
const CAN_CALL = 'caller-route allowed: role "caller" can call GET /orders/{id} of API orders-api';
const ALLOWS_GATEWAY = "route-function allowed: function orders allows API Gateway to invoke it";
const NO_AUTHORIZER = "authorizer-function it has no Lambda authorizer";
const NO_ROLE = "role-function its integration has no credentials: API Gateway invokes the function itself";
const CAN_INVOKE = 'caller-function allowed: role "caller" can invoke function orders';

describe("an explanation", () => {
  const cases: [name: string, patch: Patch, expected: readonly string[]][] = [
    ["of a healthy route", {}, [CAN_CALL, NO_AUTHORIZER, ALLOWS_GATEWAY, NO_ROLE, CAN_INVOKE]],
    [
      "of a route without callers",
      { caller: false },
      [
        "caller-route no policy in these stacks allows a caller to call it",
        NO_AUTHORIZER,
        ALLOWS_GATEWAY,
        NO_ROLE,
        "caller-function it has no caller in these stacks",
      ],
    ],
    [
      "of a route without authorization",
      { authorization: "NONE" },
      [
        "caller-route anyone can call it: it has no authorization",
        NO_AUTHORIZER,
        ALLOWS_GATEWAY,
        NO_ROLE,
        "caller-function it is not IAM-authorized: no caller has an identity",
      ],
    ],
    [
      "of a route with a role",
      { integration: ({ gateway }) => ({ credentials: gateway.arn }) },
      [
        CAN_CALL,
        NO_AUTHORIZER,
        "route-function its integration has the credentials of a role",
        'role-function allowed: role "gateway" can invoke function orders; allowed: role "gateway" trusts API Gateway',
        CAN_INVOKE,
      ],
    ],
    [
      "of a route that calls no function",
      { integration: () => ({ type: "MOCK", uri: undefined as never }) },
      [
        CAN_CALL,
        NO_AUTHORIZER,
        "route-function it calls no function",
        "role-function it calls no function",
        "caller-function it calls no function",
      ],
    ],
  ];
  for (const [name, patch, expected] of cases)
    it(name, async () =>
      assert.deepEqual(gates(await explainProgram(restStack(patch), { route: ROUTE })), expected),
    );

  it("shows gates that the configuration disables", async () => {
    const explained = await explainProgram(
      restStack(),
      { route: ROUTE },
      { config: { "route-function-permission": "disabled" } },
    );
    assert.equal(gates(explained)[2], "route-function route-function-permission is disabled");
  });

  const names: [string, string][] = [
    ["its parameter by another name", "GET /orders/{orderId}"],
    ["the name of its API in front", "orders-api GET /orders/{id}"],
    ["a pattern", "ANY /*"],
    ["lower case", "get /orders/{id}"],
  ];
  for (const [name, route] of names)
    it(`finds a route by ${name}`, async () => {
      const { explanation } = await explainProgram(restStack(), { route });
      assert.ok(explanation.found);
      assert.deepEqual(
        explanation.routes.map((explained) => explained.route.label),
        [ROUTE],
      );
    });

  it("finds a route by its route key", async () => {
    const { explanation } = await explainProgram(example("http-api"), { route: "$default" });
    assert.ok(explanation.found);
    assert.deepEqual(
      explanation.routes.map((explained) => explained.route.label),
      ["$default"],
    );
  });

  it("shows all routes with the name", async () => {
    const { explanation } = await explainProgram(example("http-api"), { route: "*" });
    assert.ok(explanation.found);
    assert.deepEqual(
      explanation.routes.map((explained) => explained.route.label),
      ["$default", "GET /orders"],
    );
  });

  it("matches any route to the unknown routes of an unknown body", async () => {
    const program = () => {
      const fn = new aws.lambda.Function("orders", {
        role: "arn:aws:iam::123456789012:role/x",
        packageType: "Image",
        imageUri: "x",
      });
      new aws.apigateway.RestApi("shop", {
        body: pulumi.interpolate`{"paths":{"/a":{"get":{"x":"${fn.arn}"}}}}`,
      });
    };
    const { explanation } = await explainProgram(program, { route: "GET /a" }, { as: "first-preview" });
    assert.ok(explanation.found);
    assert.deepEqual(
      explanation.routes.map((explained) => explained.route.label),
      ["the routes in the body"],
    );
  });

  it("suggests similar routes if no route matches", async () => {
    const { explanation } = await explainProgram(restStack(), { route: "GET /order/{id}" });
    assert.deepEqual(explanation, {
      found: false,
      missing: "route",
      suggestions: [ROUTE, `orders-api ${ROUTE}`],
    });
  });

  describe("for one caller", () => {
    const withOther: Patch = {
      more: () => {
        const otherRole = new aws.iam.Role("other", {
          name: "other-1",
          assumeRolePolicy: trustOf("ec2.amazonaws.com"),
        });
        new aws.iam.RolePolicy("other", {
          role: otherRole.name,
          policy: {
            Version: "2012-10-17",
            Statement: [
              allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:elsewhere0/*"),
            ],
          },
        });
      },
    };
    for (const caller of [
      "caller",
      "urn:pulumi:dev::shop::aws:iam/role:Role::caller",
      "arn:aws:iam::123456789012:role/caller",
      "arn:*:role/call*",
    ])
      it(`named ${caller}`, async () => {
        const explained = await explainProgram(restStack(withOther), { route: ROUTE, caller });
        assert.deepEqual(gates(explained), [CAN_CALL, NO_AUTHORIZER, ALLOWS_GATEWAY, NO_ROLE, CAN_INVOKE]);
      });

    it("without access to the route has the nearest statement and the fix", async () => {
      const explained = await explainProgram(restStack(withOther), { route: ROUTE, caller: "other" });
      assert.deepEqual(gates(explained), [
        'caller-route denied: role "other-1" can call GET /orders/{id} of API orders-api',
        NO_AUTHORIZER,
        ALLOWS_GATEWAY,
        NO_ROLE,
        "caller-function the caller cannot call the route",
      ]);
      assert.ok(explained.explanation.found);
      const [denied] = explained.explanation.routes[0]?.gates[0]?.answers ?? [];
      assert.match(denied?.evidence.join() ?? "", /^Nearest: statement 1 .* whose API ID does not match/);
      assert.match(denied?.fix?.code ?? "", /"Action": "execute-api:Invoke"/);
    });

    it("contains no placeholders for unassigned names", async () => {
      const { explanation } = await explainProgram(
        restStack(withOther),
        { route: ROUTE, caller: "other" },
        { as: "first-preview" },
      );
      const written = JSON.stringify(explanation);
      assert.ok(!/[\ue000-\ue002]/.test(written));
      assert.match(written, /<API id of orders-api>/);
    });

    it("suggests similar names if no caller matches", async () => {
      const { explanation } = await explainProgram(restStack(), { route: ROUTE, caller: "coller" });
      assert.ok(!explanation.found && explanation.missing === "caller");
      assert.equal(explanation.suggestions[0], "caller");
    });
  });

  it("matches the golden text", async () => {
    const { report, explanation } = await explainProgram(restStack({ permission: false }), { route: ROUTE });
    assert.ok(explanation.found);
    assertGolden("explanation", renderExplanation(report, explanation.routes, false));
  });

  it("escapes names", async () => {
    const { report, explanation } = await explainProgram(
      restStack({ stage: "prod\u001b[2J", path: ["\u009b1m", "{id}"] }),
      { route: "ANY /*" },
    );
    assert.ok(explanation.found);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it must not contain control characters
    assert.ok(!/[\u001b\u009b]/.test(renderExplanation(report, explanation.routes, false)));
  });
});
