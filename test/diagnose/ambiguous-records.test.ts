/** Diagnoses of records that match several requests, and of requests whose stage, method and path decide. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { renderDiagnosis } from "../../diagnose";
import { type Plan, plan } from "../../testing";
import { diagnose, idOf } from "../support/diagnosis";
import { httpStack } from "../support/http";
import { allow, type Base, bothActions, executeOnly, restStack } from "../support/rest";

const INVALID = "Execution failed due to configuration error: Invalid permissions on Lambda function";
const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";
const CALLER = "arn:aws:sts::123456789012:assumed-role/caller/me";

const deployed = (program: () => void, { stack = "dev" } = {}): Promise<Plan> =>
  plan(program, { as: "deployed", project: "shop", stack });

/** A second stage, on the deployment of the first. */
function secondStage(name: string): (base: Base) => void {
  return ({ api }) => {
    const deployment = new aws.apigateway.Deployment("second", { restApi: api.id });
    new aws.apigateway.Stage("second", { restApi: api.id, deployment: deployment.id, stageName: name });
  };
}

describe("diagnose of records that match several requests", () => {
  describe("stages of one route", () => {
    let planned: Plan;

    before(async () => {
      planned = await deployed(
        restStack({
          stage: "live",
          permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/live/GET/orders/*` }),
          caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/live/*`)],
          more: secondStage("test"),
        }),
      );
    });

    for (const [stage, outcome] of [
      ["test", "explained"],
      ["live", "unexplained"],
      [undefined, "unproven"],
    ] as const) {
      it(`the function's policy covers one stage: ${stage ?? "unknown stage"}`, async () => {
        const record = {
          status: 500,
          error: INVALID,
          httpMethod: "GET",
          resourcePath: "/orders/{id}",
          stage,
        };
        const [failure] = (await diagnose(planned, record)).failures;
        assert.equal(failure?.outcome, outcome);
      });

      it(`the caller can call one stage: ${stage ?? "unknown stage"}`, async () => {
        const record = {
          status: 403,
          userArn: CALLER,
          httpMethod: "GET",
          resourcePath: "/orders/{id}",
          stage,
        };
        const [failure] = (await diagnose(planned, record)).failures;
        assert.equal(failure?.outcome, outcome);
      });
    }

    it("reads the stage from the path if the record has no stage", async () => {
      const apiId = idOf(planned, "orders-api", "RestApi");
      for (const [path, outcome] of [
        ["/test/orders/7", "explained"],
        ["/live/orders/7", "unexplained"],
      ]) {
        const record = { status: 500, error: INVALID, apiId, path, httpMethod: "GET" };
        const [failure] = (await diagnose(planned, record)).failures;
        assert.deepEqual([failure?.outcome, failure?.routes.length], [outcome, 1], path);
      }
    });
  });

  describe("methods and paths of one route", () => {
    let planned: Plan;

    before(async () => {
      planned = await deployed(
        restStack({
          verb: "ANY",
          stage: "live",
          permission: ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/orders/*` }),
          caller: ({ api }) => [
            allow("execute-api:Invoke", [
              pulumi.interpolate`${api.executionArn}/*/GET/orders/*`,
              pulumi.interpolate`${api.executionArn}/*/PUT/orders/7`,
            ]),
          ],
        }),
      );
    });

    for (const [httpMethod, path, calls, invokes] of [
      ["GET", "/live/orders/8", "unexplained", "unexplained"],
      ["PUT", "/live/orders/7", "unexplained", "explained"],
      ["PUT", "/live/orders/8", "explained", "explained"],
      ["DELETE", "/live/orders/7", "explained", "explained"],
    ] as const)
      it(`${httpMethod} ${path}`, async () => {
        const request = { httpMethod, path, stage: "live", resourcePath: "/orders/{id}", userArn: CALLER };
        const { failures } = await diagnose(planned, [
          { ...request, status: 403 },
          { ...request, status: 500, error: INVALID },
        ]);
        const outcomeOf = (status: string) => failures.find((failure) => failure.status === status)?.outcome;
        assert.deepEqual([outcomeOf("403"), outcomeOf("500")], [calls, invokes]);
      });

    it("is unproven for an unknown method or path if the caller can send some requests", async () => {
      for (const [record, outcome] of [
        [{ httpMethod: "PUT", resourcePath: "/orders/{id}", stage: "live" }, "unproven"],
        [{ resourcePath: "/orders/{id}", stage: "live" }, "unproven"],
        [{ httpMethod: "GET", resourcePath: "/orders/{id}", stage: "live" }, "unexplained"],
        [{ httpMethod: "DELETE", resourcePath: "/orders/{id}", stage: "live" }, "explained"],
      ] as const) {
        const [failure] = (await diagnose(planned, { ...record, status: 403, userArn: CALLER })).failures;
        assert.equal(failure?.outcome, outcome, JSON.stringify(record));
        assert.equal(
          failure?.hypotheses.some(({ what }) => what.includes("$context.path")),
          outcome === "unproven",
        );
      }
    });

    it("groups requests to one route that fail for the same reason", async () => {
      const records = Array.from({ length: 30 }, (_, at) => ({
        status: 403,
        httpMethod: "PUT",
        path: `/live/orders/${at}`,
        stage: "live",
        userArn: CALLER,
      }));
      const { failures } = await diagnose(planned, records);
      assert.deepEqual(
        failures.map(({ outcome, count }) => [outcome, count]),
        [
          ["explained", 29],
          ["unexplained", 1],
        ],
      );
    });
  });

  describe("stacks with the same path", () => {
    let broken: Plan;
    let healthyPlan: Plan;
    const record = { status: 500, error: INVALID, httpMethod: "GET", resourcePath: "/orders/{id}" };

    before(async () => {
      broken = await deployed(restStack({ permission: false }), { stack: "one" });
      healthyPlan = await deployed(restStack({ functionArgs: { name: "more-orders" } }), { stack: "two" });
    });

    it("names the stack whose route fails as a possible cause", async () => {
      const [failure] = (await diagnose([broken, healthyPlan], record)).failures;
      assert.equal(failure?.outcome, "unproven");
      assert.equal(failure?.routes.length, 2);
      assert.deepEqual(
        failure?.causes.map(({ gate, route }) => [gate, route]),
        [["route-function", "GET /orders/{id} of API orders-api"]],
      );
      assert.match(failure?.hypotheses[0]?.what ?? "", /which of 2 routes was called: log \$context\.apiId/);
    });

    it("is certain if the routes of both stacks fail", async () => {
      const otherStack = await deployed(
        restStack({ permission: false, functionArgs: { name: "more-orders" } }),
        {
          stack: "two",
        },
      );
      const [failure] = (await diagnose([broken, otherStack], record)).failures;
      assert.equal(failure?.outcome, "explained");
    });
  });

  describe("records without a route", () => {
    const more = ({ api, fn }: Base): void => {
      const path = new aws.apigateway.Resource("own", {
        restApi: api.id,
        parentId: api.rootResourceId,
        pathPart: "own",
      });
      const at = { restApi: api.id, resourceId: path.id, httpMethod: "GET" };
      new aws.apigateway.Method("own", { ...at, authorization: "AWS_IAM" });
      new aws.apigateway.Integration("own", {
        ...at,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
      });
    };

    for (const [title, sourceArn, outcome] of [
      ["each of the API's routes fails", undefined, "explained"],
      ["one of the API's routes fails", "/*/GET/own", "unproven"],
    ] as const)
      it(title, async () => {
        const planned = await deployed(
          restStack({
            more,
            permission:
              sourceArn === undefined
                ? false
                : ({ api }) => ({ sourceArn: pulumi.interpolate`${api.executionArn}${sourceArn}` }),
          }),
        );
        const group = `API-Gateway-Execution-Logs_${idOf(planned, "orders-api", "RestApi")}/live`;
        const event = { "@message": `(4f0e1c2d-1111) ${INVALID}`, "@log": `123456789012:${group}` };
        const [failure] = (await diagnose(planned, event)).failures;
        assert.deepEqual([failure?.outcome, failure?.routes.length], [outcome, 2]);
      });
  });

  describe("several callers", () => {
    it("is unproven if one of an identity pool's roles is denied", async () => {
      const pool = "us-east-1:0f0e0d0c-0b0a-0908-0706-050403020100";
      const planned = await deployed(
        restStack({
          caller: bothActions,
          more: ({ caller }) => {
            const guest = new aws.iam.Role("guest", {
              name: "guest",
              assumeRolePolicy: { Version: "2012-10-17", Statement: [] },
            });
            new aws.cognito.IdentityPoolRoleAttachment("roles", {
              identityPoolId: pool,
              roles: { authenticated: caller.arn, unauthenticated: guest.arn },
            });
          },
        }),
      );
      const request = { status: 403, httpMethod: "GET", resourcePath: "/orders/{id}" };
      const id = "us-east-1:11111111-2222-3333-4444-555555555555";
      for (const [identity, label, outcome] of [
        [{ cognitoIdentityPoolId: pool }, 'role "caller" or role "guest"', "unproven"],
        [{ cognitoIdentityId: id }, 'role "caller" or role "guest"', "unproven"],
        [
          { "identity.cognitoIdentityId": id, "identity.cognitoAuthenticationType": "unauthenticated" },
          'role "guest"',
          "explained",
        ],
        [
          { "identity.cognitoIdentityId": id, "identity.cognitoAuthenticationType": "authenticated" },
          'role "caller"',
          "unexplained",
        ],
        [
          {
            "identity.cognitoAuthenticationProvider":
              "cognito-idp.us-east-1.amazonaws.com/us-east-1_a:CognitoSignIn:x",
          },
          'role "caller"',
          "unexplained",
        ],
        [
          {
            userArn: "arn:aws:sts::123456789012:assumed-role/guest/CognitoIdentityCredentials",
            cognitoIdentityId: id,
          },
          'role "guest"',
          "explained",
        ],
      ] as const) {
        const [failure] = (await diagnose(planned, { ...request, ...identity })).failures;
        assert.deepEqual(
          [failure?.caller.label, failure?.outcome],
          [label, outcome],
          JSON.stringify(identity),
        );
      }
    });

    it("does not match a federated user to a role of the same name", async () => {
      const planned = await deployed(restStack({ caller: bothActions }));
      const userArn = "arn:aws:sts::123456789012:federated-user/caller";
      const record = { status: 403, httpMethod: "GET", resourcePath: "/orders/{id}", userArn };
      const [failure] = (await diagnose(planned, record)).failures;
      assert.equal(failure?.caller.kind, "external");
    });
  });

  it("evaluates the function that the called stage's variable names", async () => {
    const planned = await deployed(
      restStack({
        stage: false,
        permission: false,
        integration: ({ fn }) => ({
          uri: fn.invokeArn.apply((arn) => arn.replace(":orders/", `:\${stageVariables.fn}/`)),
        }),
        more: ({ api, fn, gateway }) => {
          const otherFunction = new aws.lambda.Function("other", {
            name: "other",
            role: gateway.arn,
            runtime: "nodejs22.x",
            handler: "i.h",
            code: new pulumi.asset.AssetArchive({}),
          });
          new aws.lambda.Permission("other", {
            function: otherFunction.name,
            action: "lambda:InvokeFunction",
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${api.executionArn}/*`,
          });
          const deployment = new aws.apigateway.Deployment("d", { restApi: api.id });
          for (const [stageName, name] of [
            ["one", fn.name],
            ["two", otherFunction.name],
          ] as const)
            new aws.apigateway.Stage(stageName, {
              restApi: api.id,
              deployment: deployment.id,
              stageName,
              variables: { fn: name },
            });
        },
      }),
    );
    const record = { status: 500, error: INVALID, httpMethod: "GET", resourcePath: "/orders/{id}" };
    for (const [stage, outcome] of [
      ["one", "explained"],
      ["two", "unexplained"],
      [undefined, "unproven"],
    ] as const) {
      const [failure] = (await diagnose(planned, { ...record, stage })).failures;
      assert.deepEqual([stage, failure?.outcome], [stage, outcome]);
    }
  });

  it("matches an HTTP API's $default route to any request", async () => {
    const planned = await deployed(
      httpStack({
        routeKey: "$default",
        caller: ({ api }) => [allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/*`)],
      }),
    );
    for (const [httpMethod, outcome] of [
      ["GET", "unexplained"],
      ["POST", "explained"],
    ] as const) {
      const record = { status: 403, httpMethod, path: "/orders/7", routeKey: "$default", userArn: CALLER };
      const [failure] = (await diagnose(planned, record)).failures;
      assert.deepEqual([httpMethod, failure?.outcome], [httpMethod, outcome]);
    }
  });

  describe("callers with the same result", () => {
    const recordsOf = (count: number, fields: (index: number) => object) =>
      Array.from({ length: count }, (_, index) => ({
        httpMethod: "GET",
        resourcePath: "/orders/{id}",
        ...fields(index),
      }));
    const external = (index: number) => ({
      userArn: `arn:aws:sts::123456789012:assumed-role/other-${index}/s`,
    });

    it("are one failure if API Gateway invokes the function itself", async () => {
      const planned = await deployed(restStack({}));
      const { failures } = await diagnose(
        planned,
        recordsOf(50, (index) => ({ status: 500, error: INVALID, ...external(index) })),
      );
      assert.deepEqual(
        failures.map(({ count, otherCallers }) => [count, otherCallers?.count, otherCallers?.as.length]),
        [[50, 49, 20]],
      );
    });

    it("are counted up to a documented limit", async () => {
      const planned = await deployed(restStack({}));
      const diagnosis = await diagnose(
        planned,
        recordsOf(10_002, (index) => ({ status: 500, error: INVALID, ...external(index) })),
      );
      assert.deepEqual(
        diagnosis.failures.map(({ otherCallers }) => [otherCallers?.count, otherCallers?.more]),
        [[10_000, true]],
      );
      assert.match(renderDiagnosis(diagnosis, false), /; and at least 10000 others: /);
    });

    it("are one failure if all of them are unknown", async () => {
      const planned = await deployed(restStack({}));
      const unknown = (index: number) => ({ caller: `AROAQQQQQQQQQQQQ${1000 + index}:s` });
      const log = [...recordsOf(50, external), ...recordsOf(50, unknown)].map((route) => ({
        status: 403,
        ...route,
      }));
      const { failures } = await diagnose(planned, log);
      assert.deepEqual(
        failures.map(({ caller, otherCallers }) => [caller.kind, otherCallers?.count]).sort(),
        [
          ["external", 49],
          ["unknown", 49],
        ],
      );
    });

    it("are one caller if they are sessions of one role", async () => {
      const planned = await deployed(
        restStack({ integration: () => ({ credentials: CALLER_CREDENTIALS }), caller: executeOnly }),
      );
      const session = (index: number) => ({
        status: 500,
        error: INVALID,
        userArn: `arn:aws:sts::123456789012:assumed-role/caller/session-${index}`,
      });
      const { failures } = await diagnose(planned, recordsOf(50, session));
      assert.deepEqual(
        failures.map(({ outcome, count, otherCallers }) => [outcome, count, otherCallers]),
        [["explained", 50, undefined]],
      );
    });
  });
});
