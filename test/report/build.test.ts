import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { showFix } from "../../messages";
import { createPolicies } from "../../pulumi";
import type { Answer, Report } from "../../report/model";
import { renderText } from "../../report/text";
import { check, plan } from "../../testing";
import { answerText, example, type Moment, reportOn, reportOnPlans } from "../support/reports";
import { allow, type Patch, restStack, trustOf } from "../support/rest";
import { named } from "../testing/fixtures";

const MOMENTS: readonly Moment[] = ["first-preview", "deployed"];

function answer(report: Report, gate: Answer["gate"]): Answer {
  const [only, ...more] = report.answers.filter((candidate) => candidate.gate === gate);
  assert.ok(only !== undefined && more.length === 0, report.answers.map(answerText).join("\n"));
  return only;
}

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

describe("verdicts of a report", () => {
  const HEALTHY = [
    'caller-route allowed: role "caller" can call GET /orders/{id} of API orders-api',
    "route-function allowed: function orders allows API Gateway to invoke it",
    'caller-function allowed: role "caller" can invoke function orders',
  ];
  const cases: [name: string, patch: Patch, answers: readonly string[]][] = [
    ["a healthy route", {}, HEALTHY],
    [
      "a caller without lambda:InvokeFunction",
      {
        caller: ({ api }) => [
          allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
        ],
      },
      [
        HEALTHY[0] ?? "",
        HEALTHY[1] ?? "",
        'caller-function denied: role "caller" can invoke function orders',
      ],
    ],
    [
      "no permission",
      { permission: false },
      [
        HEALTHY[0] ?? "",
        "route-function denied: function orders allows API Gateway to invoke it",
        HEALTHY[2] ?? "",
      ],
    ],
    [
      "the credentials of a role",
      { integration: ({ gateway }) => ({ credentials: gateway.arn }) },
      [
        HEALTHY[0] ?? "",
        'role-function allowed: role "gateway" can invoke function orders',
        'role-function allowed: role "gateway" trusts API Gateway',
        HEALTHY[2] ?? "",
      ],
    ],
    [
      "a role that does not trust API Gateway",
      {
        integration: ({ gateway }) => ({ credentials: gateway.arn }),
        gatewayTrust: trustOf("ec2.amazonaws.com"),
      },
      [
        HEALTHY[0] ?? "",
        'role-function allowed: role "gateway" can invoke function orders',
        'role-function denied: role "gateway" trusts API Gateway',
        HEALTHY[2] ?? "",
      ],
    ],
    [
      "the caller's credentials",
      { integration: () => ({ credentials: CALLER_CREDENTIALS }) },
      [HEALTHY[0] ?? "", HEALTHY[2] ?? ""],
    ],
    ["no caller", { caller: false }, [HEALTHY[1] ?? ""]],
    ["no authorization", { authorization: "NONE" }, [HEALTHY[1] ?? ""]],
  ];
  for (const [name, patch, expected] of cases)
    for (const as of MOMENTS)
      it(`${name} (${as})`, async () => {
        const report = await reportOn(restStack(patch), { as });
        assert.deepEqual(report.answers.map(answerText), expected);
      });

  // While the caller's document is unknown, it can contain a literal grant.
  for (const [as, outcome] of [
    ["first-preview", "unproven"],
    ["deployed", "denied"],
  ] as const)
    it(`are ${outcome} for a function outside the stack (${as})`, async () => {
      const externalFunction = "arn:aws:lambda:us-east-1:123456789012:function:far";
      const uri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${externalFunction}/invocations`;
      const report = await reportOn(restStack({ integration: () => ({ uri }) }), { as });
      assert.deepEqual(report.answers.map(answerText), [
        HEALTHY[0],
        `route-function unproven: ${externalFunction} allows API Gateway to invoke it`,
        `caller-function ${outcome}: role "caller" can invoke ${externalFunction}`,
      ]);
    });

  it("refer to the route, caller and function by ID", async () => {
    const report = await reportOn(restStack());
    const [route] = report.routes;
    assert.deepEqual(route, {
      id: "route-1",
      api: "api-1",
      method: "GET",
      path: "/orders/{id}",
      label: "GET /orders/{id}",
      authorization: "AWS_IAM",
      credentials: "none",
      functions: ["function-1"],
      stages: ["prod"],
      urn: "urn:pulumi:dev::shop::aws:apigateway/integration:Integration::integration",
    });
    assert.deepEqual(
      report.answers.map(({ routes, caller, function: fn }) => [routes, caller, fn]),
      [
        [["route-1"], "caller-1", undefined],
        [["route-1"], undefined, "function-1"],
        [["route-1"], "caller-1", "function-1"],
      ],
    );
    assert.deepEqual(
      report.apis.map(({ id, name, kind }) => [id, name, kind]),
      [["api-1", "orders-api", "REST"]],
    );
    assert.deepEqual(
      report.callers.map(({ id, label, arn }) => [id, label, arn]),
      [["caller-1", 'role "caller"', "arn:aws:iam::123456789012:role/caller"]],
    );
    assert.deepEqual(
      report.functions.map(({ id, label, arn }) => [id, label, arn]),
      [["function-1", "orders", "arn:aws:lambda:us-east-1:123456789012:function:orders"]],
    );
  });

  it("have the evidence of the policy's message", async () => {
    const report = await reportOn(restStack({ permission: false }));
    const [finding] = report.findings;
    const denied = answer(report, "route-function");
    assert.equal(finding?.policy, denied.policy);
    const fix = denied.fix === undefined ? "?" : showFix(denied.fix);
    for (const part of [...denied.evidence, denied.symptom ?? "?", fix])
      assert.ok(finding?.message.includes(part), part);
    assert.match(fix, /new aws\.lambda\.Permission/);
    assert.match(denied.symptom ?? "", /500 "Execution failed/);
    const [first] = report.answers;
    assert.match(first?.evidence.join() ?? "", /^Allowed by statement 1 in inline policy/);
    assert.deepEqual([first?.symptom, first?.fix], [undefined, undefined]);
  });

  it("list unknown values and how to resolve them", async () => {
    const report = await reportOn(
      restStack({ integration: () => ({ credentials: "arn:aws:iam::123456789012:role/elsewhere" }) }),
    );
    const open = answer(report, "role-function");
    assert.equal(open.outcome, "unproven");
    assert.match(open.doubts.join("\n"), /role\/elsewhere, which is not a role of this stack/);
    assert.equal(
      open.fix?.text,
      "run the pack on the stack that owns the role; or pass the output of this command as account data: aws iam get-account-authorization-details.",
    );
  });

  it("list the dependencies from which they are inferred", async () => {
    const report = await reportOn(example("invalid-permissions"), { as: "first-preview" });
    assert.deepEqual(answer(report, "caller-function").inferredFrom, ["RestApi shop", "Stage live"]);
  });

  it("contain no placeholders for unassigned names", async () => {
    const report = await reportOn(example("http-api"), { as: "first-preview" });
    assert.ok(!/[\ue000-\ue002]/.test(JSON.stringify(report)));
    assert.match(JSON.stringify(report), /<API id of shop>/);
  });

  it("are exempt and not findings if the configuration exempts the resource", async () => {
    const report = await reportOn(restStack({ permission: false }), {
      config: {
        "route-function-permission": {
          enforcementLevel: "mandatory",
          exempt: [{ resource: "integration", reason: "the migration grants it", until: "2999-12-31" }],
        },
      },
    });
    const { exempt, exemptUntil } = answer(report, "route-function");
    assert.deepEqual([exempt, exemptUntil], ["the migration grants it", "2999-12-31"]);
    assert.deepEqual(
      report.exempted.map(({ policy, name, level, reason, until }) => [policy, name, level, reason, until]),
      [["route-function-permission", "integration", "mandatory", "the migration grants it", "2999-12-31"]],
    );
    assert.deepEqual(
      report.findings.map(({ policy, message }) => [policy, message.split("\n")[0]]),
      [
        [
          "policy-configuration",
          '1 finding is exempt: route-function-permission on "integration" (the migration grants it; until 2999-12-31).',
        ],
      ],
    );
  });

  it("do not include disabled policies, but include caller-route", async () => {
    const all = await reportOn(restStack(), { config: { all: "disabled" } });
    assert.deepEqual(all.answers.map(answerText), [HEALTHY[0]]);
    assert.deepEqual(new Set(all.policies.map(({ level }) => level)), new Set(["disabled"]));
    const withTwoStepDisabled = await reportOn(restStack({ permission: false }), {
      config: { "route-function-permission": "disabled", "caller-execute-api-invoke": "disabled" },
    });
    assert.deepEqual(withTwoStepDisabled.answers.map(answerText), [HEALTHY[0], HEALTHY[2]]);
  });

  it("and findings are limited to the policies of `only`", async () => {
    const program = restStack({ permission: false, caller: false });
    const report = await reportOn(program, { only: ["route-function-permission"] });
    assert.deepEqual(
      new Set(report.answers.map(({ policy }) => policy)),
      new Set(["route-function-permission"]),
    );
    assert.deepEqual(
      report.policies.map(({ name }) => name),
      ["route-function-permission"],
    );
    assert.equal(report.findings.length, 1);
    const scopeOnly = await reportOn(program, { only: ["lambda-permission-scope"] });
    assert.deepEqual([scopeOnly.answers, scopeOnly.findings], [[], []]);
  });

  it("include declared callers", async () => {
    const report = await reportOn(
      restStack({ caller: ({ fn }) => [allow("lambda:InvokeFunction", fn.arn)] }),
      {
        config: {
          "caller-execute-api-invoke": {
            enforcementLevel: "advisory",
            callers: [{ principal: "caller", routes: ["GET /orders/{id}"] }],
          },
        },
      },
    );
    assert.deepEqual(report.answers.map(answerText), [
      'caller-route denied: role "caller" can call GET /orders/{id} of API orders-api',
      "route-function allowed: function orders allows API Gateway to invoke it",
    ]);
  });

  it("include caller-route once for a declared caller with an unproven verdict", async () => {
    const attachment: Patch["more"] = ({ caller }) => {
      new aws.iam.RolePolicyAttachment("other", {
        role: caller.name,
        policyArn: "arn:aws:iam::123456789012:policy/of-another-stack",
      });
    };
    const callers = [{ principal: "caller" }];
    const report = await reportOn(restStack({ caller: false, more: attachment }), {
      config: {
        "caller-execute-api-invoke": { enforcementLevel: "advisory", callers },
        "iam-route-caller-lambda-invoke": { enforcementLevel: "mandatory", callers },
      },
    });
    assert.deepEqual(report.answers.map(answerText), [
      'caller-route unproven: role "caller" can call GET /orders/{id} of API orders-api',
      "route-function allowed: function orders allows API Gateway to invoke it",
      'caller-function unproven: role "caller" can invoke function orders',
    ]);
  });

  it("include a declared caller outside the stack", async () => {
    const principal = "arn:aws:iam::123456789012:role/elsewhere";
    const report = await reportOn(restStack({ caller: false }), {
      config: {
        "iam-route-caller-lambda-invoke": { enforcementLevel: "mandatory", callers: [{ principal }] },
        "caller-execute-api-invoke": { enforcementLevel: "advisory", callers: [{ principal }] },
      },
    });
    assert.deepEqual(
      report.callers.map(({ name, arn }) => [name, arn]),
      [[principal, principal]],
    );
    assert.deepEqual(
      report.answers.map(({ gate, outcome, caller }) => [gate, outcome, caller]),
      [
        ["caller-route", "unproven", "caller-1"],
        ["route-function", "allowed", undefined],
        ["caller-function", "unproven", "caller-1"],
      ],
    );
  });

  it("do not deny a caller a route that another grant allows", async () => {
    const report = await reportOn(
      restStack({
        caller: ({ api, fn }) => [
          allow("execute-api:Invoke", [
            pulumi.interpolate`${api.executionArn}/*/GET/orders/*`,
            pulumi.interpolate`${api.executionArn}/*/GET/nowhere`,
          ]),
          allow("lambda:InvokeFunction", fn.arn),
        ],
      }),
    );
    const callerRouteVerdict = report.answers.filter(({ gate }) => gate === "caller-route");
    assert.deepEqual(
      callerRouteVerdict.map(({ outcome, routes }) => [outcome, routes]),
      [["allowed", ["route-1"]]],
    );
  });

  it("include function URLs and external APIs", async () => {
    const report = await reportOn(() => {
      const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
      const fn = new aws.lambda.Function("orders", {
        name: "orders",
        role: execution.arn,
        packageType: "Image",
        imageUri: "x",
      });
      new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM" });
      for (const [name, statement] of [
        ["urls", allow("lambda:InvokeFunctionUrl", fn.arn)],
        ["calls", allow("execute-api:Invoke", "arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*")],
      ] as const) {
        const role = new aws.iam.Role(name, { name, assumeRolePolicy: trustOf("ec2.amazonaws.com") });
        new aws.iam.RolePolicy(name, {
          role: role.name,
          policy: { Version: "2012-10-17", Statement: [statement] },
        });
      }
    });
    assert.deepEqual(report.answers.map(answerText), [
      'function-url denied: role "urls" can call the function URL of function orders',
      'outside-api denied: role "calls" can invoke the function behind arn:aws:execute-api:us-east-1:123456789012:abcdefghij/*',
    ]);
    assert.deepEqual(
      report.callers.map(({ name }) => name),
      ["calls", "urls"],
    );
  });
});

describe("verdicts on authorizers", () => {
  function functions() {
    const role = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const fn = (name: string) =>
      new aws.lambda.Function(name, { name, role: role.arn, packageType: "Image", imageUri: "x" });
    return { orders: fn("orders"), authorizerFunction: fn("guard") };
  }

  function permission(name: string, fn: aws.lambda.Function, sourceArn: pulumi.Output<string>): void {
    new aws.lambda.Permission(name, {
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      function: fn.name,
      sourceArn,
    });
  }

  const forms: [string, () => void][] = [
    [
      "of a REST API",
      () => {
        const { orders, authorizerFunction } = functions();
        const restApi = new aws.apigateway.RestApi("shop", { name: "shop" });
        const authorizer = new aws.apigateway.Authorizer("guard", {
          restApi,
          authorizerUri: authorizerFunction.invokeArn,
        });
        for (const [httpMethod, authorizerId] of [
          ["GET", authorizer.id],
          ["POST", undefined],
        ] as const) {
          const place = { restApi, resourceId: restApi.rootResourceId, httpMethod };
          new aws.apigateway.Method(httpMethod, {
            ...place,
            authorization: authorizerId === undefined ? "NONE" : "CUSTOM",
            ...(authorizerId === undefined ? {} : { authorizerId }),
          });
          new aws.apigateway.Integration(httpMethod, {
            ...place,
            type: "AWS_PROXY",
            integrationHttpMethod: "POST",
            uri: orders.invokeArn,
          });
        }
        permission("orders", orders, pulumi.interpolate`${restApi.executionArn}/*`);
      },
    ],
    [
      "of an HTTP API",
      () => {
        const { orders, authorizerFunction } = functions();
        const api = new aws.apigatewayv2.Api("shop", { name: "shop", protocolType: "HTTP" });
        const authorizer = new aws.apigatewayv2.Authorizer("guard", {
          apiId: api.id,
          authorizerType: "REQUEST",
          authorizerUri: authorizerFunction.invokeArn,
          authorizerPayloadFormatVersion: "2.0",
        });
        const integration = new aws.apigatewayv2.Integration("orders", {
          apiId: api.id,
          integrationType: "AWS_PROXY",
          integrationUri: orders.arn,
        });
        const target = pulumi.interpolate`integrations/${integration.id}`;
        new aws.apigatewayv2.Route("GET", {
          apiId: api.id,
          routeKey: "GET /",
          target,
          authorizationType: "CUSTOM",
          authorizerId: authorizer.id,
        });
        new aws.apigatewayv2.Route("POST", { apiId: api.id, routeKey: "POST /", target });
        permission("orders", orders, pulumi.interpolate`${api.executionArn}/*`);
      },
    ],
    [
      "in a body",
      () => {
        const { orders, authorizerFunction } = functions();
        const uri = (name: string): string =>
          `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${name}/invocations`;
        const integration = { type: "aws_proxy", httpMethod: "POST", uri: uri("orders") };
        const api = new aws.apigateway.RestApi("shop", {
          name: "shop",
          body: JSON.stringify({
            swagger: "2.0",
            paths: {
              "/": {
                get: { security: [{ guard: [] }], "x-amazon-apigateway-integration": integration },
                post: { "x-amazon-apigateway-integration": integration },
              },
            },
            securityDefinitions: {
              guard: {
                type: "apiKey",
                name: "Authorization",
                in: "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": { type: "token", authorizerUri: uri("guard") },
              },
            },
          }),
        });
        permission("orders", orders, pulumi.interpolate`${api.executionArn}/*`);
        permission("guard", authorizerFunction, pulumi.interpolate`${api.executionArn}/nowhere`);
      },
    ],
  ];
  for (const [name, program] of forms)
    for (const as of MOMENTS)
      it(`are about the routes with the authorizer: ${name} (${as})`, async () => {
        const report = await reportOn(program, { as });
        const answerOfAuthorizer = answer(report, "authorizer-function");
        assert.match(
          answerOfAuthorizer.question,
          /^function guard allows API Gateway to invoke it for [Aa]uthorizer guard/,
        );
        assert.deepEqual(
          answerOfAuthorizer.routes.map((id) => report.routes.find((route) => route.id === id)?.method),
          ["GET"],
        );
        const text = renderText(report, false);
        assert.match(text, / AUTHORIZER {2}/);
      });
});

describe("findings of a report", () => {
  it("are the pack's findings with the metadata of their policies", async () => {
    const planned = await plan(example("invalid-permissions"), { as: "deployed", project: "shop" });
    const report = await reportOnPlans([planned]);
    const found = await check(planned);
    assert.deepEqual(
      report.findings.map(({ policy, level, urn, message }) => ({ policy, level, urn, message })),
      found.map(({ policy, level, resource, message }) => ({ policy, level, urn: resource, message })),
    );
    assert.deepEqual(
      report.findings.map(({ severity, type, name }) => [severity, type, name]),
      [["high", "aws:iam/role:Role", "orders-client"]],
    );
  });

  for (const name of [
    "shop",
    "invalid-permissions",
    "caller-credentials",
    "integration-role",
    "http-api",
    "openapi-body",
  ])
    for (const as of MOMENTS)
      it(`are exactly the denied verdicts: ${name} (${as})`, async () => {
        const report = await reportOn(example(name), { as });
        const about = ({ policy, urn }: { policy: string; urn: string }): string => `${policy} ${urn}`;
        const deciding = new Set(report.answers.map(({ policy }) => policy));
        const denied = new Set(report.answers.filter(({ outcome }) => outcome === "denied").map(about));
        const found = report.findings.filter(({ policy }) => deciding.has(policy)).map(about);
        assert.ok(denied.size > 0);
        assert.deepEqual(found.sort(), [...denied].sort());
      });

  it("are complete for any number", async () => {
    const report = await reportOn(() => {
      for (let index = 0; index < 210; index += 1)
        new aws.lambda.Permission(`p${index}`, {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          function: `f${index}`,
          sourceArn: "arn:aws:execute-api:us-east-1:123456789012:abcdefghij",
        });
    });
    assert.equal(
      report.findings.filter(({ policy }) => policy === "lambda-permission-source-arn").length,
      210,
    );
  });
});

describe("a report", () => {
  it("does not depend on the order of resources", async () => {
    const planned = await plan(example("http-api"), { as: "deployed", project: "shop" });
    const reversed = { ...planned, resources: [...planned.resources].reverse() };
    assert.deepEqual(await reportOnPlans([planned]), await reportOnPlans([reversed]));
  });

  it("on an empty stack is empty", async () => {
    const report = await reportOnPlans([{ project: "", stack: "", resources: [] }]);
    const { apis, functions, callers, routes, answers, findings } = report;
    assert.deepEqual([apis, functions, callers, routes, answers, findings], [[], [], [], [], [], []]);
    assert.equal(report.policies.length, createPolicies().length);
  });
});

describe("a report on several stacks", () => {
  const account = "123456789012";

  /** A stack whose role can call an API of another stack, with additional grants. */
  const callers =
    (statements: readonly aws.iam.PolicyStatement[], name = "caller") =>
    () => {
      const role = new aws.iam.Role(name, { name, assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      new aws.iam.RolePolicy(name, {
        role: role.name,
        policy: { Version: "2012-10-17", Statement: [...statements] },
      });
    };

  async function together(
    statements: (arns: { api: string; fn: string }) => readonly aws.iam.PolicyStatement[],
    options: { account?: string; config?: Record<string, "disabled"> } = {},
  ): Promise<{ appOnly: Report; both: Report }> {
    const api = await plan(restStack({ caller: false }), { as: "deployed", project: "api", account });
    const arns = {
      api: String(named(api, "orders-api", "RestApi").outputs.executionArn),
      fn: String(named(api, "orders", "Function").outputs.arn),
    };
    const app = await plan(callers(statements(arns), "app"), {
      as: "deployed",
      project: "app",
      account: options.account ?? account,
    });
    return { appOnly: await reportOnPlans([app]), both: await reportOnPlans([api, app]) };
  }

  it("evaluates callers of one stack at the API of another", async () => {
    const { appOnly, both } = await together(({ api }) => [
      allow("execute-api:Invoke", `${api}/*/GET/orders/*`),
    ]);
    assert.deepEqual(
      appOnly.findings.map(({ policy }) => policy),
      ["external-api-caller-lambda-invoke"],
    );
    assert.deepEqual(
      both.findings.map(({ policy, urn }) => [policy, urn]),
      [["iam-route-caller-lambda-invoke", "urn:pulumi:dev::app::aws:iam/role:Role::app"]],
    );
    assert.deepEqual(both.answers.map(answerText), [
      'caller-route allowed: role "app" can call GET /orders/{id} of API orders-api',
      "route-function allowed: function orders allows API Gateway to invoke it",
      'caller-function denied: role "app" can invoke function orders',
    ]);
  });

  it("allows callers with both actions", async () => {
    const { both } = await together(({ api, fn }) => [
      allow("execute-api:Invoke", `${api}/*/GET/orders/*`),
      allow("lambda:InvokeFunction", fn),
    ]);
    assert.deepEqual(both.findings, []);
  });

  it("distinguishes roles of the same name in different accounts", async () => {
    const otherAccount = "210987654321";
    const api = await plan(restStack({ caller: false }), { as: "deployed", project: "api", account });
    const arn = String(named(api, "orders-api", "RestApi").outputs.executionArn);
    const fn = String(named(api, "orders", "Function").outputs.arn);
    // The role "caller" of the API's stack has no policies; the role "caller" of the other account allows everything.
    const app = await plan(
      () => {
        new aws.iam.RolePolicy("both", {
          role: "caller",
          policy: {
            Version: "2012-10-17",
            Statement: [allow("execute-api:Invoke", `${arn}/*`), allow("lambda:InvokeFunction", fn)],
          },
        });
        new aws.iam.Role("own", { name: "own", assumeRolePolicy: trustOf("ec2.amazonaws.com") });
      },
      { as: "deployed", project: "app", account: otherAccount },
    );
    const report = await reportOnPlans([api, app]);
    assert.deepEqual(
      report.callers.map(({ label, urn }) => [label, urn]),
      [['role "caller"', "urn:pulumi:dev::app::aws:iam/rolePolicy:RolePolicy::both"]],
    );
  });

  it("uses the account of each stack's own environment", async () => {
    const { both } = await together(
      ({ api, fn }) => [
        allow("execute-api:Invoke", `${api}/*/GET/orders/*`),
        allow("lambda:InvokeFunction", fn),
      ],
      { account: "210987654321" },
    );
    // Across accounts, the API's resource policy would have to name the caller too, and there is none.
    assert.deepEqual(
      both.answers.filter(({ gate }) => gate === "caller-route").map(({ outcome }) => outcome),
      ["denied"],
    );
  });
});
