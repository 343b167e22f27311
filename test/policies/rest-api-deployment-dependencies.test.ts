import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { Native } from "../support/native";

const POLICY = "rest-api-deployment-dependencies";
const only = [POLICY];
const FOUND = { "first-preview": [`${POLICY} @ deployment`], deployed: [] };

interface Routes {
  readonly api: aws.apigateway.RestApi;
  readonly method: aws.apigateway.Method;
  readonly integration: aws.apigateway.Integration;
}

function routeOf(name: string, api: aws.apigateway.RestApi, opts: pulumi.CustomResourceOptions = {}): Routes {
  const resource = new aws.apigateway.Resource(
    name,
    { restApi: api.id, parentId: api.rootResourceId, pathPart: name },
    opts,
  );
  const method = new aws.apigateway.Method(
    name,
    { restApi: api.id, resourceId: resource.id, httpMethod: "GET", authorization: "NONE" },
    opts,
  );
  const integration = new aws.apigateway.Integration(
    name,
    { restApi: api.id, resourceId: resource.id, httpMethod: "GET", type: "MOCK" },
    opts,
  );
  return { api, method, integration };
}

type Deploy = (
  routes: Routes,
) => readonly [args?: Partial<aws.apigateway.DeploymentArgs>, opts?: pulumi.CustomResourceOptions];

const program = (deploy: Deploy, more?: (routes: Routes) => void) => (): void => {
  const api = new aws.apigateway.RestApi("api");
  const routes = routeOf("orders", api);
  const [args, opts] = deploy(routes);
  new aws.apigateway.Deployment("deployment", { restApi: api.id, ...args }, opts);
  more?.(routes);
};

const both: Deploy = ({ method, integration }) => [{}, { dependsOn: [method, integration] }];
const none: Deploy = () => [];

describe(POLICY, () => {
  runCases(
    (
      [
        {
          name: "deployment that depends on the method and the integration",
          program: program(both),
          expected: [],
        },
        {
          name: "deployment without dependencies",
          program: program(none),
          expected: FOUND,
          messageIncludes: ["Method orders", "Integration orders", "Missing Authentication Token"],
        },
        {
          name: "deployment that depends on the method only",
          program: program(({ method }) => [{}, { dependsOn: [method] }]),
          expected: FOUND,
          messageIncludes: ["before Integration orders: it"],
        },
        {
          name: "deployment with the method and the integration in its triggers",
          program: program(({ method, integration }) => [
            { triggers: { routes: pulumi.jsonStringify([method.id, integration.id]) } },
          ]),
          expected: [],
        },
        {
          name: "deployment that depends on a permission that depends on both",
          program: program(({ api, method, integration }) => {
            const permission = new aws.lambda.Permission(
              "permission",
              {
                action: "lambda:InvokeFunction",
                function: "orders",
                principal: "apigateway.amazonaws.com",
                sourceArn: pulumi.interpolate`${api.executionArn}/*`,
              },
              { dependsOn: [method, integration] },
            );
            return [{}, { dependsOn: [permission] }];
          }),
          expected: [],
        },
        {
          name: "deployment that depends on a permission that depends on the method only",
          program: program(({ api, method }) => {
            const permission = new aws.lambda.Permission(
              "permission",
              {
                action: "lambda:InvokeFunction",
                function: "orders",
                principal: "apigateway.amazonaws.com",
                sourceArn: pulumi.interpolate`${api.executionArn}/*`,
              },
              { dependsOn: [method] },
            );
            return [{}, { dependsOn: [permission] }];
          }),
          expected: FOUND,
          messageIncludes: ["before Integration orders: it"],
        },
        {
          name: "deployment whose parent is the integration",
          program: program(({ integration }) => [{}, { parent: integration }]),
          expected: [],
        },
        {
          name: "deployment with a stage variable that depends on a queue",
          program: program(() => [{ variables: { queue: new aws.sqs.Queue("queue").arn } }]),
          expected: [],
        },
        {
          name: "two deployments, one of which depends on both",
          program: program(both, ({ api }) => {
            new aws.apigateway.Deployment("another", { restApi: api.id });
          }),
          expected: [],
        },
        {
          name: "deployment of another API",
          program: program(both, () => {
            const api = new aws.apigateway.RestApi("second");
            const { method, integration } = routeOf("prices", api);
            new aws.apigateway.Deployment(
              "second",
              { restApi: api.id },
              { dependsOn: [method, integration] },
            );
          }),
          expected: [],
        },
        {
          name: "deployment that depends on one of two routes",
          program: program(both, ({ api }) => void routeOf("prices", api)),
          expected: FOUND,
          messageIncludes: ["Method prices"],
        },
        {
          name: "deployment that depends on a component with the routes",
          program: () => {
            const api = new aws.apigateway.RestApi("api");
            const routes = new pulumi.ComponentResource("shop:index:Routes", "routes");
            routeOf("orders", api, { parent: routes });
            new aws.apigateway.Deployment("deployment", { restApi: api.id }, { dependsOn: [routes] });
          },
          expected: [],
        },
        {
          name: "deployment that depends on an integration that depends on both",
          program: program(({ api, method, integration }) => [
            {},
            {
              dependsOn: [
                new aws.apigateway.Integration(
                  "last",
                  { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET", type: "MOCK" },
                  { dependsOn: [method, integration] },
                ),
              ],
            },
          ]),
          expected: [],
        },
        {
          name: "API without a deployment",
          program: () => void routeOf("orders", new aws.apigateway.RestApi("api")),
          expected: [],
        },
        {
          name: "API with a body",
          program: () => {
            const api = new aws.apigateway.RestApi("api", {
              body: JSON.stringify({ openapi: "3.0.1", paths: {} }),
            });
            new aws.apigateway.Deployment("deployment", { restApi: api.id });
          },
          expected: [],
        },
        {
          name: "API in another stack",
          program: () => {
            new aws.apigateway.Method("method", {
              restApi: "abc123",
              resourceId: "x",
              httpMethod: "GET",
              authorization: "NONE",
            });
            new aws.apigateway.Deployment("deployment", { restApi: "abc123" });
          },
          expected: [],
        },
        ...[true, false].map(
          (depends): Case => ({
            name: `aws-native, deployment ${depends ? "that depends on the method" : "without dependencies"}`,
            program: () => {
              const api = new Native("apigateway:RestApi", "api", {}, ["restApiId", "rootResourceId"]);
              const method = new Native("apigateway:Method", "method", {
                restApiId: api.output("restApiId"),
                resourceId: api.output("rootResourceId"),
                httpMethod: "GET",
                authorizationType: "NONE",
                integration: { type: "MOCK" },
              });
              new Native(
                "apigateway:Deployment",
                "deployment",
                { restApiId: api.output("restApiId") },
                [],
                depends ? { dependsOn: [method] } : {},
              );
            },
            expected: depends ? [] : FOUND,
          }),
        ),
      ] as Case[]
    ).map((testCase) => ({ ...testCase, only })),
  );

  describe("in an update", () => {
    const found = async (run: () => unknown, isOld: (name: string) => boolean): Promise<string[]> =>
      (await check(await plan(run, { as: { update: ({ name }) => isOld(name) } })))
        .filter(({ policy }) => policy === POLICY)
        .map(({ message }) => message.split("\n")[0] ?? "");
    const added = program(both, ({ api }) => void routeOf("prices", api));

    it("reports a new route that an existing deployment does not contain", async () => {
      const [message = "", ...more] = await found(added, (name) => name !== "prices");
      assert.deepEqual(more, []);
      assert.match(
        message,
        /exists and is not replaced, so it does not contain Integration prices and Method prices/,
      );
    });

    it("reports a new route that may be created after a new deployment", async () => {
      const [message = ""] = await found(added, (name) => name !== "prices" && name !== "deployment");
      assert.match(message, /may be created before Integration prices and Method prices/);
    });

    /** A route to a function that this update replaces, so that its integration changes. */
    const withReplacedFunction = (triggers: boolean) => () => {
      const api = new aws.apigateway.RestApi("api");
      const { arn: role } = new aws.iam.Role("exec", { assumeRolePolicy: "{}" });
      const fn = new aws.lambda.Function("fn", { packageType: "Image", imageUri: "x", role });
      const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
      const method = new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
      const integration = new aws.apigateway.Integration("integration", {
        ...at,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
      });
      const routes = { routes: pulumi.jsonStringify([integration.uri]) };
      new aws.apigateway.Deployment(
        "deployment",
        { restApi: api.id, ...(triggers ? { triggers: routes } : {}) },
        { dependsOn: [method, integration] },
      );
    };
    const isOld = (name: string): boolean => name !== "fn";

    it("reports an integration that changes while its deployment does not", async () => {
      const [first = ""] = await found(withReplacedFunction(false), isOld);
      assert.match(
        first,
        /exists and is not replaced, so it contains Integration integration as before this update/,
      );
    });

    it("suggests the changed property as a trigger", async () => {
      const all = await check(
        await plan(withReplacedFunction(false), { as: { update: ({ name }) => isOld(name) } }),
      );
      const text = all.find(({ policy }) => policy === POLICY)?.message ?? "";
      assert.match(text, /triggers: \{[^}]*integration\.uri/s);
    });

    it("allows a trigger with the changed property", async () => {
      assert.deepEqual(await found(withReplacedFunction(true), isOld), []);
    });

    it("allows a deployment if the function does not change", async () => {
      assert.deepEqual(await found(withReplacedFunction(false), () => true), []);
    });

    it("allows a new deployment that depends on the new route", async () => {
      assert.deepEqual(await found(program(both), (name) => name === "api"), []);
    });

    it("allows a new deployment if the routes exist", async () => {
      assert.deepEqual(await found(program(none), (name) => name !== "deployment"), []);
    });
  });
});
