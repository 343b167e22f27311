/** Routes that are found by domain names, raw paths and IDs, in every form of API. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Plan, plan } from "../../testing";
import { withAwsNative } from "../support/aws-native-sdk";
import { diagnose, idOf } from "../support/diagnosis";
import { httpStack } from "../support/http";
import { example } from "../support/reports";
import { allow, type Base, bothActions, restStack } from "../support/rest";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";

const deployed = (program: () => void): Promise<Plan> => plan(program, { as: "deployed", project: "shop" });

async function routesOf(planned: Plan, record: Record<string, unknown>): Promise<readonly string[]> {
  const [failure] = (await diagnose(planned, { status: 403, httpMethod: "GET", ...record })).failures;
  return failure?.routes.map(({ api, label }) => `${label} of ${api}`) ?? [];
}

/** A second API with the same route, and a mapping of each API to a base path of one domain name. */
function mapped({ api, fn }: Base): void {
  const secondApi = new aws.apigateway.RestApi("second-api", { name: "second-api" });
  const orders = new aws.apigateway.Resource("second-orders", {
    restApi: secondApi.id,
    parentId: secondApi.rootResourceId,
    pathPart: "orders",
  });
  const orderPath = new aws.apigateway.Resource("second-one", {
    restApi: secondApi.id,
    parentId: orders.id,
    pathPart: "{id}",
  });
  const at = { restApi: secondApi.id, resourceId: orderPath.id, httpMethod: "GET" };
  new aws.apigateway.Method("second", { ...at, authorization: "AWS_IAM" });
  const integration = new aws.apigateway.Integration("second", {
    ...at,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  const deployment = new aws.apigateway.Deployment(
    "second",
    { restApi: secondApi.id },
    { dependsOn: [integration] },
  );
  new aws.apigateway.Stage("second", { restApi: secondApi.id, deployment: deployment.id, stageName: "live" });
  const domainName = "api.example.com";
  new aws.apigateway.BasePathMapping("first", {
    restApi: api.id,
    stageName: "prod",
    domainName,
    basePath: "v1",
  });
  new aws.apigatewayv2.ApiMapping("second", {
    apiId: secondApi.id,
    stage: "live",
    domainName,
    apiMappingKey: "v2/shop",
  });
}

/** A REST API of Cloud Control with caller credentials, whose caller may not invoke the function. */
function nativeStack(): void {
  const native = require("@pulumi/aws-native");
  const trust = (Service: string) => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
  });
  const execution = new native.iam.Role("execution", {
    assumeRolePolicyDocument: trust("lambda.amazonaws.com"),
  });
  const fn = new native.lambda.Function("orders", {
    role: execution.arn,
    runtime: "nodejs22.x",
    handler: "i.h",
    code: { zipFile: "" },
  });
  const api = new native.apigateway.RestApi("shop", { name: "shop" });
  const orders = new native.apigateway.Resource("orders-path", {
    restApiId: api.restApiId,
    parentId: api.rootResourceId,
    pathPart: "orders",
  });
  const order = new native.apigateway.Resource("order", {
    restApiId: api.restApiId,
    parentId: orders.resourceId,
    pathPart: "{id}",
  });
  new native.apigateway.Method("get", {
    restApiId: api.restApiId,
    resourceId: order.resourceId,
    httpMethod: "GET",
    authorizationType: "AWS_IAM",
    integration: {
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}/invocations`,
      credentials: "arn:aws:iam::*:user/*",
    },
  });
  const deployment = new native.apigateway.Deployment("d", { restApiId: api.restApiId });
  new native.apigateway.Stage("live", {
    restApiId: api.restApiId,
    deploymentId: deployment.deploymentId,
    stageName: "live",
  });
  new native.apigateway.BasePathMapping("m", {
    restApiId: api.restApiId,
    stage: "live",
    domainName: "native.example.com",
    basePath: "v1",
  });
  new native.iam.Role("client", {
    roleName: "client",
    assumeRolePolicyDocument: trust("ec2.amazonaws.com"),
    policies: [
      {
        policyName: "call",
        policyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "execute-api:Invoke",
              Resource: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${api.restApiId}/*`,
            },
          ],
        },
      },
    ],
  });
}

describe("diagnose of the requested API and route", () => {
  withAwsNative();

  describe("domain names", () => {
    let planned: Plan;

    before(async () => {
      planned = await deployed(restStack({ more: mapped }));
    });

    for (const [record, expected] of [
      [{ domainName: "api.example.com", path: "/v1/orders/7" }, ["GET /orders/{id} of orders-api"]],
      [{ domainName: "API.example.com", path: "/v2/shop/orders/7" }, ["GET /orders/{id} of second-api"]],
      [{ domainName: "api.example.com", path: "/v2/orders/7" }, []],
      // A base path identifies the API even without a domain name.
      [{ path: "/v1/orders/7" }, ["GET /orders/{id} of orders-api"]],
      [{ path: "/v2/shop/orders/7" }, ["GET /orders/{id} of second-api"]],
      [{ path: "/live/orders/7" }, ["GET /orders/{id} of second-api"]],
      [{ path: "/prod/orders/7" }, ["GET /orders/{id} of orders-api"]],
      [{ path: "/orders/7" }, ["GET /orders/{id} of orders-api", "GET /orders/{id} of second-api"]],
      [
        { domainName: "api.example.com", resourcePath: "/orders/{id}", stage: "live" },
        ["GET /orders/{id} of second-api"],
      ],
      [{ domainName: "elsewhere.example.com", path: "/v3/orders/7" }, []],
    ] as const)
      it(JSON.stringify(record), async () => {
        assert.deepEqual(await routesOf(planned, record), expected);
      });

    it("uses the API's ID in the default endpoint", async () => {
      const id = idOf(planned, "second-api", "RestApi");
      for (const domainName of [
        `${id}.execute-api.us-east-1.amazonaws.com`,
        `${id}-vpce-01234567abcdef000.execute-api.us-east-1.amazonaws.com`,
        `${id}.execute-api.us-east-1.api.aws`,
      ])
        assert.deepEqual(await routesOf(planned, { domainName, path: "/live/orders/7" }), [
          "GET /orders/{id} of second-api",
        ]);
    });

    it("reports an unknown domain name and how to find its mapping", async () => {
      const record = {
        status: 403,
        httpMethod: "GET",
        domainName: "elsewhere.example.com",
        path: "/v3/orders/7",
      };
      const [failure] = (await diagnose(planned, record)).failures;
      assert.equal(failure?.outcome, "no-route");
      assert.match(
        failure?.hypotheses[0]?.command ?? "",
        /get-api-mappings --domain-name elsewhere\.example\.com/,
      );
    });
  });

  it("uses the mapping of an HTTP API", async () => {
    const planned = await deployed(
      httpStack({
        more: ({ api }) => {
          new aws.apigatewayv2.ApiMapping("m", {
            apiId: api.id,
            stage: "$default",
            domainName: "http.example.com",
            apiMappingKey: "a/b",
          });
        },
      }),
    );
    for (const record of [
      { domainName: "http.example.com", path: "/a/b/orders/7" },
      { path: "/a/b/orders/7" },
      { domainName: "http.example.com", routeKey: "GET /orders/{id}" },
    ])
      assert.deepEqual(
        await routesOf(planned, record),
        ["GET /orders/{id} of orders-api"],
        JSON.stringify(record),
      );
  });

  for (const [name, record, expected] of [
    ["openapi-body", { resourcePath: "/orders" }, /orders/],
    ["quick-create", { routeKey: "$default" }, /\$default/],
    ["http-api", { routeKey: "GET /orders" }, /orders/],
  ] as const)
    it(`explains the example ${name}`, async () => {
      const planned = await deployed(example(name));
      const found = await routesOf(planned, record);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0] ?? "", expected);
    });

  it("finds aws-native resources by IDs and base path, and the role by its unique ID", async () => {
    const planned = await deployed(nativeStack);
    const outputs = (name: string) =>
      planned.resources.find((resource) => resource.name === name)?.outputs ?? {};
    const { restApiId } = outputs("shop");
    const { resourceId } = outputs("order");
    const caller = `${outputs("client").roleId}:session`;
    assert.ok(typeof resourceId === "string" && !caller.startsWith("undefined"));
    for (const record of [
      { restApiId, resourceId, caller },
      { x: restApiId, y: resourceId, caller },
      { domainName: "native.example.com", path: "/v1/orders/7", caller },
      {
        apiId: restApiId,
        stage: "live",
        path: "/live/orders/7",
        "identity.userArn": "arn:aws:sts::123456789012:assumed-role/client/me",
      },
    ]) {
      const log = { status: 500, integrationError: INVALID, httpMethod: "GET", ...record };
      const [failure] = (await diagnose(planned, log)).failures;
      assert.deepEqual(
        [failure?.outcome, failure?.routes.map(({ label }) => label), failure?.caller.label],
        ["explained", ["GET /orders/{id}"], 'role "client"'],
        JSON.stringify(record),
      );
      assert.deepEqual(
        failure?.causes.map(({ gate }) => gate),
        ["caller-function"],
      );
    }
  });

  it("finds routes of a program by the path, because its IDs are simulated", async () => {
    const planned = await deployed(restStack({ permission: false }));
    const record = {
      status: 500,
      error: INVALID,
      apiId: "zzzz999999",
      httpMethod: "GET",
      resourcePath: "/orders/{id}",
    };
    for (const [areIdsReal, outcome] of [
      [true, "no-route"],
      [false, "explained"],
    ] as const) {
      const [failure] = (await diagnose(planned, record, { areIdsReal })).failures;
      assert.equal(failure?.outcome, outcome);
    }
  });

  describe("a request that Lambda rejects", () => {
    for (const [apiKind, program, route] of [
      [
        "REST",
        restStack({ integration: () => ({ integrationHttpMethod: "GET" }) }),
        { httpMethod: "GET", resourcePath: "/orders/{id}" },
      ],
      [
        "HTTP",
        httpStack({ integration: () => ({ integrationMethod: "GET" }) }),
        { routeKey: "GET /orders/{id}" },
      ],
    ] as const)
      for (const error of [INVALID, "Unable to determine service/operation name to be authorized", undefined])
        it(`${apiKind}: ${error ?? "status only"}`, async () => {
          const planned = await deployed(program);
          const [failure] = (await diagnose(planned, { status: 500, ...route, integrationError: error }))
            .failures;
          assert.equal(failure?.outcome, "explained", JSON.stringify(failure));
          assert.deepEqual(
            failure?.causes.map(({ gate, policy }) => [gate, policy]),
            [["integration-request", "lambda-integration-request"]],
          );
          assert.match(failure?.causes[0]?.fix ?? "", /POST/);
        });
  });

  it("finds the caller of $connect by the message and the execution log", async () => {
    const planned = await deployed(
      httpStack({
        protocol: "WEBSOCKET",
        routeKey: "$connect",
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/send`)],
      }),
    );
    const id = idOf(planned, "orders-api", "Api");
    const message = `User: arn:aws:sts::123456789012:assumed-role/caller/me is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:${id}/prod/$connect`;
    for (const log of [
      { status: 403, message },
      `(L0SM9cOFvHcCIhw=) WebSocket Request Route: [$connect]\n(L0SM9cOFvHcCIhw=) ${message}`,
    ]) {
      const [failure] = (await diagnose(planned, log)).failures;
      assert.deepEqual(
        [failure?.outcome, failure?.routes.map(({ label }) => label), failure?.caller.label],
        ["explained", ["$connect"], 'role "caller"'],
      );
    }
  });

  it("explains the WebSocket example's execution log by the function's policy", async () => {
    const planned = await deployed(example("websocket-api"));
    const id = planned.resources.find(({ type }) => type.endsWith(":Api"))?.id ?? "";
    const log = [
      "(L0SM9cOFvHcCIhw=) WebSocket Request Route: [send]",
      `(L0SM9cOFvHcCIhw=) WebSocket API [${id}] received message from client [Connection Id: L0SM9fOFvHcCIhw=].`,
      `(L0SM9cOFvHcCIhw=) ${INVALID}`,
    ];
    const [failure] = (await diagnose(planned, log)).failures;
    assert.deepEqual([failure?.outcome, failure?.routes.map(({ label }) => label)], ["explained", ["send"]]);
  });

  it("accepts records with inconsistent values", async () => {
    const planned = await deployed(restStack({ caller: bothActions, more: mapped }));
    const unusualValues = [
      "",
      "/",
      "//",
      "/%",
      "{",
      "{}",
      "/{",
      "[",
      "$",
      "\u0000",
      "a".repeat(5_000),
      "/v1",
      "/v1/",
      "(x",
      "arn:",
      "*",
    ];
    const keys = [
      "path",
      "resourcePath",
      "routeKey",
      "httpMethod",
      "stage",
      "apiId",
      "domainName",
      "userArn",
      "caller",
      "message",
      "resourceId",
      "cognitoIdentityId",
    ];
    const records = keys.flatMap((key) =>
      unusualValues.map((value) => ({ status: 403, httpMethod: "GET", [key]: value })),
    );
    const { log } = await diagnose(planned, records);
    assert.equal(log.failed, records.length);
  });

  it("reads the path of a REST execution log with and without the stage", async () => {
    const planned = await deployed(restStack({}));
    for (const at of ["/orders/7", "/prod/orders/7"]) {
      const lines = [
        `HTTP Method: GET, Resource Path: ${at}`,
        `API Key:  API Stage: ${idOf(planned, "api", "RestApi")}/prod`,
        INVALID,
        "Method completed with status: 500",
      ];
      const log = lines.map((line) => `(4f0e1c2d-1111) ${line}`);
      const { failures } = await diagnose(planned, log);
      assert.deepEqual(
        failures.map(({ routes }) => routes.map(({ label }) => label)),
        [["GET /orders/{id}"]],
        at,
      );
    }
  });
});
