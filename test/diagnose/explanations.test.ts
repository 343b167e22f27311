/** The route, caller and cause of a failed request, from a log record and the state of a stack. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import { Ajv2020 } from "ajv/dist/2020";
import { type Diagnosis, LogDiagnosis, renderDiagnosis } from "../../diagnose";
import { analyze } from "../../engine/analyze";
import { DIAGNOSIS_SCHEMA, diagnosisSchema } from "../../scripts/report-schema";
import { type Plan, plan } from "../../testing";
import { httpStack } from "../support/http";
import { example } from "../support/reports";
import { allow, bothActions, executeOnly, restStack } from "../support/rest";

const ROOT = path.resolve(__dirname, "../..");
const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";
const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

type LogEntry = { readonly [key: string]: unknown };

async function diagnosed(planned: Plan, ...records: readonly LogEntry[]): Promise<Diagnosis> {
  const diagnosing = new LogDiagnosis(await analyze(planned.resources), planned.resources);
  const text = records.map((record) => JSON.stringify(record)).join("\n");
  const counts = await diagnosing.read(
    (async function* () {
      yield Buffer.from(text);
    })(),
    new Map(),
  );
  const about = {
    tool: { name: "apigateway-lambda-access" as const, version: "1.2.3" },
    inputs: [{ name: "state.json", as: "state" as const, project: planned.project, stack: planned.stack }],
  };
  return diagnosing.result(about, "access.log", counts);
}

function idOf({ resources }: Plan, name: string, type: string): string {
  return resources.find((resource) => resource.name === name && resource.type.endsWith(`:${type}`))?.id ?? "";
}

function uniqueIdOf({ resources }: Plan, name: string): string {
  const found = resources.find((resource) => resource.name === name && "uniqueId" in resource.outputs);
  return String(found?.outputs.uniqueId);
}

const deployed = (program: () => void): Promise<Plan> => plan(program, { as: "deployed", project: "shop" });

describe("diagnose", () => {
  describe("the record in the README", () => {
    let planned: Plan;
    let record: LogEntry;

    before(async () => {
      planned = await deployed(example("caller-credentials"));
      record = {
        requestId: "4f0e",
        resourceId: idOf(planned, "orders-path", "Resource"),
        status: "500",
        errorResponseType: "API_CONFIGURATION_ERROR",
        integrationError: INVALID,
        authorizeStatus: "200",
        authenticateStatus: "200",
        identityCaller: `${uniqueIdOf(planned, "orders-client")}:AssumeRoleSession`,
      };
    });

    it("is explained by the route, the role, caller credentials and the missing statement", async () => {
      const { failures, log } = await diagnosed(planned, record, record);
      assert.deepEqual([log.records, log.failed, failures.length], [2, 2, 1]);
      const [failure] = failures;
      assert.equal(failure?.outcome, "explained");
      assert.equal(failure?.count, 2);
      assert.deepEqual(
        failure?.routes.map(({ label, credentials }) => [label, credentials]),
        [["GET /orders", "caller"]],
      );
      assert.match(failure?.caller.label ?? "", /^role "orders-client-/);
      assert.deepEqual(
        failure?.causes.map(({ gate, policy }) => [gate, policy]),
        [["caller-function", "caller-credentials-lambda-invoke"]],
      );
      assert.match(
        failure?.causes[0]?.code ?? "",
        /"Action": "lambda:InvokeFunction",\n {2}"Resource": orders\.arn/,
      );
    });

    it("is unexplained after the fix, with hypotheses", async () => {
      const fixed = await deployed(example("caller-credentials-fixed"));
      const { failures } = await diagnosed(fixed, {
        ...record,
        resourceId: undefined,
        resourcePath: "/orders",
        httpMethod: "GET",
        identityCaller: `${uniqueIdOf(fixed, "orders-client")}:AssumeRoleSession`,
      });
      assert.equal(failures[0]?.outcome, "unexplained");
      const commands = failures[0]?.hypotheses.flatMap(({ command }) => command ?? []) ?? [];
      assert.ok(commands.length > 0);
      for (const command of commands)
        assert.match(command, /^aws (iam|lambda|apigateway|organizations|cloudtrail) [a-z-]+/);
    });

    it("is printed as text and as JSON that matches the schema", async () => {
      const diagnosis = await diagnosed(planned, record, {
        ...record,
        identityCaller: "AROANOBODYKNOWSTHIS1:x",
      });
      const text = renderDiagnosis(diagnosis, false);
      assert.match(text, /✗ 500 at GET \/orders of API shop-\w+: explained by the stack/);
      assert.match(text, /Fix: add this statement to a policy of role "orders-client"/);
      const schema = JSON.parse(fs.readFileSync(path.join(ROOT, DIAGNOSIS_SCHEMA), "utf8"));
      const closed = JSON.parse(JSON.stringify(schema), (_key, value) =>
        value?.type === "object" ? { ...value, additionalProperties: false } : value,
      );
      const validate = new Ajv2020({ allErrors: true }).compile(closed);
      assert.ok(
        validate(JSON.parse(JSON.stringify(diagnosis))),
        JSON.stringify(validate.errors, undefined, 2),
      );
      assert.equal(fs.readFileSync(path.join(ROOT, DIAGNOSIS_SCHEMA), "utf8"), diagnosisSchema());
    });

    it("names the denied callers as possible callers if the caller is unknown", async () => {
      for (const [identityCaller, kind] of [
        ["AROANOBODYKNOWSTHIS1:x", "unknown"],
        ["-", "not-said"],
      ]) {
        const [failure] = (await diagnosed(planned, { ...record, identityCaller })).failures;
        assert.equal(failure?.caller.kind, kind);
        assert.equal(failure?.outcome, "unproven");
        assert.deepEqual(
          failure?.causes.map(({ gate, outcome }) => [gate, outcome]),
          [["caller-function", "denied"]],
        );
      }
    });
  });

  describe("the caller", () => {
    let planned: Plan;
    const about = { status: "403", httpMethod: "GET", resourcePath: "/orders/{id}" };

    before(async () => {
      planned = await deployed(
        restStack({
          caller: bothActions,
          more: () => {
            new aws.iam.User("batch", { name: "batch", path: "/jobs/" });
          },
        }),
      );
    });

    for (const [title, record, kind, label] of [
      [
        "a session by the role's name",
        { userArn: "arn:aws:sts::123456789012:assumed-role/caller/me" },
        "principal",
        'role "caller"',
      ],
      [
        "a user by its ARN",
        { userArn: "arn:aws:iam::123456789012:user/jobs/batch" },
        "principal",
        'user "batch"',
      ],
      [
        "a role in another account",
        { userArn: "arn:aws:sts::999999999999:assumed-role/caller/me" },
        "external",
        "arn:aws:iam::999999999999:role/caller",
      ],
      [
        "missing",
        {
          message:
            "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:x/y/GET/orders/1",
        },
        "anonymous",
        undefined,
      ],
      ["absent", {}, "not-said", undefined],
      ["an unknown id", { caller: "AIDANOBODYKNOWSTHIS1" }, "unknown", undefined],
    ] as const)
      it(title, async () => {
        const [failure] = (await diagnosed(planned, { ...about, ...record })).failures;
        assert.equal(failure?.caller.kind, kind);
        assert.equal(failure?.caller.label, label);
      });

    it("is a user by its unique ID", async () => {
      const [failure] = (await diagnosed(planned, { ...about, caller: uniqueIdOf(planned, "batch") }))
        .failures;
      assert.equal(failure?.caller.label, 'user "batch"');
      assert.equal(failure?.outcome, "explained");
      assert.deepEqual(
        failure?.causes.map(({ gate, outcome }) => [gate, outcome]),
        [["caller-route", "denied"]],
      );
    });

    it("gets a fix in the program's language also if no policy evaluates it", async () => {
      const [failure] = (await diagnosed(planned, { ...about, caller: uniqueIdOf(planned, "batch") }))
        .failures;
      assert.match(
        failure?.causes[0]?.code ?? "",
        /"Resource": pulumi\.interpolate`\$\{ordersApi\.executionArn\}\/prod\/GET\/orders\/\*`/,
      );
    });

    it("is not the cause if its policies allow the request, and a command to check is named", async () => {
      const [failure] = (
        await diagnosed(planned, { ...about, caller: `${uniqueIdOf(planned, "caller")}:me` })
      ).failures;
      assert.equal(failure?.outcome, "unexplained");
      assert.match(
        failure?.hypotheses[0]?.command ?? "",
        /^aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::123456789012:role\/caller --action-names execute-api:Invoke/,
      );
    });

    it("is an identity of a pool with the roles that the stack assigns", async () => {
      const pool = "us-east-1:0f0e0d0c-0b0a-0908-0706-050403020100";
      const withPool = await deployed(
        restStack({
          caller: bothActions,
          more: ({ caller }) => {
            new aws.cognito.IdentityPoolRoleAttachment("roles", {
              identityPoolId: pool,
              roles: { authenticated: caller.arn },
            });
          },
        }),
      );
      const record = { ...about, "identity.cognitoIdentityPoolId": pool };
      const [failure] = (await diagnosed(withPool, record)).failures;
      assert.equal(failure?.caller.label, 'role "caller"');
    });

    it("is unproven if the stack does not contain it", async () => {
      const [failure] = (
        await diagnosed(planned, { ...about, userArn: "arn:aws:iam::123456789012:user/unknown" })
      ).failures;
      assert.equal(failure?.outcome, "unproven");
    });
  });

  describe("the route", () => {
    let planned: Plan;
    let api: string;
    const denied = { status: "403", caller: "AIDANOBODYKNOWSTHIS1" };

    before(async () => {
      planned = await deployed(
        restStack({
          stage: "prod",
          caller: bothActions,
          more: ({ api, resource, fn }) => {
            const pathResource = new aws.apigateway.Resource("own", {
              restApi: api.id,
              parentId: resource.parentId,
              pathPart: "own",
            });
            for (const [name, resourceId, httpMethod] of [
              ["any", resource.id, "ANY"],
              ["own", pathResource.id, "GET"],
            ] as const) {
              new aws.apigateway.Method(name, {
                restApi: api.id,
                resourceId,
                httpMethod,
                authorization: "AWS_IAM",
              });
              new aws.apigateway.Integration(name, {
                restApi: api.id,
                resourceId,
                httpMethod,
                type: "AWS_PROXY",
                integrationHttpMethod: "POST",
                uri: fn.invokeArn,
              });
            }
            new aws.apigateway.BasePathMapping("mapping", {
              restApi: api.id,
              domainName: "api.example.com",
              basePath: "v1",
              stageName: "prod",
            });
          },
        }),
      );
      api = idOf(planned, "orders-api", "RestApi");
    });

    for (const [title, record, label] of [
      ["the template and method", { resourcePath: "/orders/{id}", httpMethod: "GET" }, "GET /orders/{id}"],
      ["ANY for other methods", { resourcePath: "/orders/{id}", httpMethod: "PUT" }, "ANY /orders/{id}"],
      [
        "a path, preferring a literal segment to a parameter",
        { path: "/prod/orders/own", httpMethod: "GET", stage: "prod" },
        "GET /orders/own",
      ],
      [
        "a path with a parameter",
        { path: "/prod/orders/7?x=1", httpMethod: "GET", stage: "prod" },
        "GET /orders/{id}",
      ],
      [
        "a path that only ANY matches",
        { path: "/prod/orders/own", httpMethod: "POST", stage: "prod" },
        "ANY /orders/{id}",
      ],
      [
        "a custom domain name",
        { domainName: "API.example.com", path: "/v1/orders/own", httpMethod: "GET" },
        "GET /orders/own",
      ],
      [
        "AWS's message",
        {
          message:
            "User: arn:aws:iam::123456789012:user/u is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:API/prod/PATCH/orders/7 with an explicit deny",
        },
        "ANY /orders/{id}",
      ],
    ] as const)
      it(`is found by ${title}`, async () => {
        const recordOfApi = JSON.parse(JSON.stringify(record).replace(":API/", `:${api}/`));
        const [failure] = (await diagnosed(planned, { ...denied, ...recordOfApi })).failures;
        assert.deepEqual(
          failure?.routes.map((route) => route.label),
          [label],
        );
      });

    it("is found by the ID of its resource under any key", async () => {
      const record = { ...denied, httpMethod: "GET", x: idOf(planned, "own", "Resource"), y: api };
      const [failure] = (await diagnosed(planned, record)).failures;
      assert.deepEqual(
        failure?.routes.map((route) => route.label),
        ["GET /orders/own"],
      );
    });

    it("is unknown for an API outside the stack", async () => {
      const [failure] = (
        await diagnosed(planned, { ...denied, apiId: "zzzzzzzzzz", path: "/x", httpMethod: "GET" })
      ).failures;
      assert.equal(failure?.outcome, "no-route");
      assert.match(failure?.hypotheses[0]?.command ?? "", /get-rest-api --rest-api-id zzzzzzzzzz/);
    });

    it("is reported as missing if no route matches", async () => {
      const [failure] = (
        await diagnosed(planned, { ...denied, apiId: api, path: "/nothing", httpMethod: "GET" })
      ).failures;
      assert.equal(failure?.outcome, "no-route");
    });

    it("is found by the route key of an HTTP API", async () => {
      const http = await deployed(httpStack({}));
      const label = (await analyze(http.resources)).access.facts.routes[0]?.verb;
      const { failures } = await diagnosed(http, {
        status: "500",
        integrationErrorMessage:
          "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.",
        apiId: idOf(http, "orders-api", "Api"),
        path: "/orders/7",
        httpMethod: "GET",
      });
      assert.equal(failures[0]?.kind, "function-not-invoked");
      assert.ok(label !== undefined);
      assert.equal(failures[0]?.routes.length, 1);
    });
  });

  describe("the gate", () => {
    const failing = { httpMethod: "GET", resourcePath: "/orders/{id}", status: "500" };

    it("is route-function without credentials", async () => {
      const planned = await deployed(restStack({ permission: false, caller: bothActions }));
      const [failure] = (await diagnosed(planned, { ...failing, error: INVALID })).failures;
      assert.deepEqual(
        failure?.causes.map(({ gate }) => gate),
        ["route-function"],
      );
    });

    it("is role-function for the credentials role and its trust policy", async () => {
      const integration = ({ gateway }: { gateway: aws.iam.Role }) => ({ credentials: gateway.arn });
      const withoutTrust = await deployed(
        restStack({ integration, gatewayPolicy: () => [allow("logs:PutLogEvents", "*")] }),
      );
      const [first] = (await diagnosed(withoutTrust, { ...failing, error: INVALID })).failures;
      assert.deepEqual(
        first?.causes.map(({ gate }) => gate),
        ["role-function"],
      );
      const untrusted = await deployed(
        restStack({
          integration,
          gatewayTrust: {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
            ],
          },
        }),
      );
      const [second] = (
        await diagnosed(untrusted, {
          ...failing,
          error: "API Gateway does not have permission to assume the provided role",
        })
      ).failures;
      assert.deepEqual(
        [second?.kind, second?.causes.map(({ gate }) => gate)],
        ["role-not-assumed", ["role-function"]],
      );
    });

    it("is both the policies and the trust policy of a role that lacks permission and trust", async () => {
      const planned = await deployed(
        restStack({
          integration: ({ gateway }) => ({ credentials: gateway.arn }),
          gatewayPolicy: () => [allow("logs:PutLogEvents", "*")],
          gatewayTrust: { Version: "2012-10-17", Statement: [] },
        }),
      );
      const error =
        "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.";
      const [failure] = (await diagnosed(planned, { ...failing, error })).failures;
      assert.deepEqual(
        failure?.causes.map(({ gate, question }) => [gate, question]),
        [
          ["role-function", 'role "gateway" can invoke function orders'],
          ["role-function", 'role "gateway" trusts API Gateway'],
        ],
      );
    });

    it("is not the trust policy if Lambda denied the role", async () => {
      const untrusted = await deployed(
        restStack({
          integration: ({ gateway }) => ({ credentials: gateway.arn }),
          gatewayTrust: { Version: "2012-10-17", Statement: [] },
        }),
      );
      const [failure] = (await diagnosed(untrusted, { ...failing, error: INVALID })).failures;
      assert.deepEqual([failure?.outcome, failure?.causes], ["unexplained", []]);
    });

    it("is never the two-step rule, which AWS does not require", async () => {
      const planned = await deployed(restStack({ caller: executeOnly }));
      const [failure] = (
        await diagnosed(planned, {
          ...failing,
          error: INVALID,
          userArn: "arn:aws:sts::123456789012:assumed-role/caller/me",
        })
      ).failures;
      assert.equal(failure?.outcome, "unexplained");
      assert.match(
        failure?.hypotheses[0]?.command ?? "",
        /^aws lambda get-policy --function-name arn:aws:lambda/,
      );
    });

    it("is caller-credentials-function for a role that is not a known caller", async () => {
      const planned = await deployed(
        restStack({
          integration: () => ({ credentials: CALLER_CREDENTIALS }),
          caller: () => [allow("s3:GetObject", "*")],
        }),
      );
      const [failure] = (
        await diagnosed(planned, {
          ...failing,
          error: INVALID,
          userArn: "arn:aws:sts::123456789012:assumed-role/caller/me",
        })
      ).failures;
      assert.equal(failure?.outcome, "explained");
      assert.deepEqual(
        failure?.causes.map(({ gate }) => gate),
        ["caller-function"],
      );
    });

    for (const [type, status] of [
      ["THROTTLED", "429"],
      ["INTEGRATION_FAILURE", "502"],
      ["WAF_FILTERED", "403"],
      ["MISSING_AUTHENTICATION_TOKEN", "403"],
    ])
      it(`is none for ${type}`, async () => {
        const planned = await deployed(restStack({ caller: bothActions }));
        const [failure] = (await diagnosed(planned, { ...failing, status, responseType: type })).failures;
        assert.equal(failure?.outcome, "other");
        assert.ok((failure?.meaning ?? "").length > 10);
      });

    it("is none for a function that returned status 500 itself", async () => {
      const planned = await deployed(restStack({ permission: false, caller: bothActions }));
      const [failure] = (await diagnosed(planned, { ...failing, integrationStatus: "200" })).failures;
      assert.equal(failure?.outcome, "other");
    });

    it("ignores successful requests", async () => {
      const planned = await deployed(restStack({}));
      const { failures, log } = await diagnosed(planned, { ...failing, status: "200" });
      assert.deepEqual([failures.length, log.records, log.failed], [0, 1, 0]);
    });
  });

  it("reports the times of the first and the last request, in any order of records", async () => {
    const planned = await deployed(restStack({}));
    const days = ["2026-01-02", "2026-01-03", "2026-01-01"];
    const { failures } = await diagnosed(
      planned,
      ...days.map((day) => ({ status: "403", resourcePath: "/orders/{id}", time: `${day}T00:00:00` })),
    );
    assert.deepEqual([failures[0]?.first, failures[0]?.last], ["2026-01-01T00:00:00", "2026-01-03T00:00:00"]);
  });

  it("prints the content of a record escaped", async () => {
    const planned = await deployed(restStack({}));
    const diagnosis = await diagnosed(planned, {
      status: "403",
      path: "/\u001b[31m\u202e",
      httpMethod: "GET",
      message: "\u001b]0;x\u0007 Forbidden",
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters
    assert.doesNotMatch(renderDiagnosis(diagnosis, false), /[\u001b\u0007\u202e]/);
  });

  it("lists a limited number of failures and counts the others", async () => {
    const planned = await deployed(restStack({}));
    const records = Array.from({ length: 1_200 }, (_, index) => ({
      status: "403",
      path: `/p${index}`,
      httpMethod: "GET",
    }));
    const { failures, log } = await diagnosed(planned, ...records);
    assert.deepEqual([failures.length, log.notListed, log.failed], [200, 1_000, 1_200]);
  });

  it("finds one failure at a route among thousands without a route", async () => {
    const planned = await deployed(restStack({ permission: false }));
    const records = Array.from({ length: 3_000 }, (_, index) => ({
      status: index === 2_500 ? "500" : "403",
      httpMethod: "GET",
      path: index === 2_500 ? "/prod/orders/7" : `/wp-${index}`,
      error: index === 2_500 ? INVALID : `Missing Authentication Token ${index}`,
    }));
    const { failures } = await diagnosed(planned, ...records);
    assert.equal(failures[0]?.outcome, "explained");
  });

  it("groups sessions of a role and messages with request IDs into one failure", async () => {
    const planned = await deployed(restStack({}));
    const at = { httpMethod: "GET", resourcePath: "/orders/{id}" };
    for (const record of [
      (index: number) => ({ ...at, status: 403, caller: `AROANOBODYKNOWSTHIS1:session-${index}` }),
      (index: number) => ({
        ...at,
        status: 403,
        userArn: `arn:aws:sts::999999999999:assumed-role/x/session-${index}`,
      }),
      (index: number) => ({
        ...at,
        status: 502,
        error: `Lambda invocation failed with status: 502. Lambda request id: ${index}f0e-1111`,
      }),
    ]) {
      const { failures } = await diagnosed(planned, ...Array.from({ length: 9 }, (_, at) => record(at)));
      assert.deepEqual(
        failures.map(({ count }) => count),
        [9],
      );
    }
  });

  it("prints the same in each run", async () => {
    const planned = await deployed(restStack({ permission: false }));
    const records = ["b", "a"].map((path) => ({ status: "403", path: `/${path}`, httpMethod: "GET" }));
    const shuffled = { ...planned, resources: [...planned.resources].reverse() };
    assert.deepEqual(await diagnosed(planned, ...records), await diagnosed(shuffled, ...records.reverse()));
  });
});
