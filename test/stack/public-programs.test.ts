import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, plan } from "../../testing";
import { type Case, runCases } from "../support/cases";
import { type Base as HttpBase, httpStack } from "../support/http";
import { type Base, executeOnly, restStack } from "../support/rest";

/** Forms of permissions and APIs in public programs that differ from the base stacks. */
const both = (first: readonly string[], deployed: readonly string[]): Case["expected"] => ({
  "first-preview": first,
  deployed,
});

const DENIED = ["route-function-permission @ integration"];

function rows(title: string, cases: readonly Case[]): void {
  describe(title, () =>
    runCases(cases, ["lambda-permission-scope", "invoke-policy-scope", "caller-execute-api-invoke"]),
  );
}

/** Two stages, and source ARNs that begin with the execution ARN of one. */
const fromStages = (tail: string, permitted = ["prod", "test"]) =>
  restStack({
    stage: false,
    permission: false,
    more: ({ api, fn }) => {
      const deployment = new aws.apigateway.Deployment("stages", { restApi: api.id });
      for (const stageName of ["prod", "test"]) {
        const stage = new aws.apigateway.Stage(stageName, {
          restApi: api.id,
          deployment: deployment.id,
          stageName,
        });
        if (permitted.includes(stageName))
          new aws.lambda.Permission(stageName, {
            action: "lambda:InvokeFunction",
            function: fn.name,
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${stage.executionArn}${tail}`,
          });
      }
    },
  });

const permission = (tail: string) => (base: Base) => ({
  sourceArn: pulumi.interpolate`${base.api.executionArn}${tail}`,
});

rows("source ARNs", [
  { name: "a stage's ARN followed directly by */*", program: fromStages("*/*"), expected: [] },
  { name: "a stage's ARN with /*", program: fromStages("/*"), expected: [] },
  { name: "a stage's ARN with /*/*", program: fromStages("/*/*"), expected: [] },
  {
    name: "the ARN of one of two stages",
    program: fromStages("*/*", ["test"]),
    // A source ARN that depends on a stage can contain only the API's ID from it.
    expected: both(["unproven-access @ integration"], DENIED),
  },
  {
    name: "an API's ARN followed directly by */*",
    program: restStack({ permission: permission("*/*") }),
    expected: [],
  },
  {
    name: "an API's ARN followed directly by a method",
    program: restStack({ permission: permission("GET/orders/*") }),
    expected: both([], DENIED),
    only: ["route-function-permission"],
  },
]);

rows("permissions", [
  {
    name: "another service alongside API Gateway",
    program: restStack({
      more: ({ fn }) => {
        new aws.lambda.Permission("events", {
          action: "lambda:InvokeFunction",
          function: fn.name,
          principal: "events.amazonaws.com",
          sourceArn: "arn:aws:events:us-east-1:123456789012:rule/nightly",
        });
      },
    }),
    expected: [],
  },
  {
    name: "another service instead of API Gateway",
    program: restStack({
      permission: () => ({
        principal: "events.amazonaws.com",
        sourceArn: "arn:aws:events:us-east-1:123456789012:rule/nightly",
      }),
    }),
    expected: DENIED,
  },
]);

/** A second API with one route without authorization to the same function. */
const secondApi =
  (permitted: boolean) =>
  ({ fn }: Base): void => {
    const api = new aws.apigateway.RestApi("second", { name: "second" });
    const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
    new aws.apigateway.Method("second", { ...at, authorization: "NONE" });
    new aws.apigateway.Integration("second", {
      ...at,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: fn.invokeArn,
    });
    if (permitted)
      new aws.lambda.Permission("second", {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
      });
  };

rows("one function behind two APIs", [
  { name: "a permission for each", program: restStack({ more: secondApi(true) }), expected: [] },
  {
    name: "a permission for one",
    program: restStack({ more: secondApi(false) }),
    expected: ["route-function-permission @ second"],
  },
]);

/** The same API in two regions, with a region argument on each resource. */
const inRegions =
  (patch: { permittedIn?: readonly string[]; qualifier?: string; permittedOn?: string } = {}) =>
  (): void => {
    for (const region of ["us-east-1", "eu-west-1"] as const) {
      const named = (name: string): string => `${name}-${region}`;
      const fn = new aws.lambda.Function(named("orders"), {
        region,
        name: "orders",
        role: "arn:aws:iam::123456789012:role/execution",
        packageType: "Image",
        imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
      });
      const live =
        patch.qualifier === undefined
          ? undefined
          : new aws.lambda.Alias(named("live"), {
              region,
              name: patch.qualifier,
              functionName: fn.name,
              functionVersion: "1",
            });
      const api = new aws.apigateway.RestApi(named("api"), { region, name: "api" });
      const at = { region, restApi: api.id, resourceId: api.rootResourceId, httpMethod: "ANY" };
      new aws.apigateway.Method(named("method"), { ...at, authorization: "NONE" });
      new aws.apigateway.Integration(named("integration"), {
        ...at,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: (live ?? fn).invokeArn,
      });
      const qualifier = patch.permittedOn ?? patch.qualifier;
      if (patch.permittedIn?.includes(region) ?? true)
        new aws.lambda.Permission(named("permission"), {
          region,
          action: "lambda:InvokeFunction",
          function: "orders",
          ...(qualifier === undefined ? {} : { qualifier }),
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        });
    }
  };

rows("an API for each region", [
  { name: "healthy", program: inRegions(), expected: [] },
  {
    name: "a permission in one region only",
    program: inRegions({ permittedIn: ["eu-west-1"] }),
    expected: ["route-function-permission @ integration-us-east-1"],
  },
  { name: "an alias", program: inRegions({ qualifier: "live" }), expected: [] },
  {
    name: "an alias, with permissions on another",
    program: inRegions({ qualifier: "live", permittedOn: "next" }),
    expected: [
      "route-function-permission @ integration-eu-west-1",
      "route-function-permission @ integration-us-east-1",
    ],
  },
]);

/** The function is in another region than the API. */
const inOtherRegion =
  (sourceArn: (api: aws.apigateway.RestApi) => pulumi.Input<string>, authorizer?: true) => (): void => {
    const fn = new aws.lambda.Function("orders", {
      region: "eu-west-1",
      name: "orders",
      role: "arn:aws:iam::123456789012:role/execution",
      packageType: "Image",
      imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1",
    });
    const api = new aws.apigateway.RestApi("api", { name: "api" });
    const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
    if (authorizer) {
      const gate = new aws.apigateway.Authorizer("authorizer", {
        restApi: api.id,
        authorizerUri: fn.invokeArn,
      });
      new aws.apigateway.Method("method", { ...at, authorization: "CUSTOM", authorizerId: gate.id });
      new aws.apigateway.Integration("integration", { ...at, type: "MOCK" });
    } else {
      new aws.apigateway.Method("method", { ...at, authorization: "NONE" });
      new aws.apigateway.Integration("integration", {
        ...at,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: fn.invokeArn,
      });
    }
    new aws.lambda.Permission("permission", {
      region: "eu-west-1",
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: "apigateway.amazonaws.com",
      sourceArn: sourceArn(api),
    });
  };
const withItsRegion = (api: aws.apigateway.RestApi) =>
  pulumi.interpolate`arn:aws:execute-api:eu-west-1:123456789012:${api.id}/*`;
const withTheApis = (api: aws.apigateway.RestApi) => pulumi.interpolate`${api.executionArn}/*`;

rows("a function in another region than the API, to which the API is presented with the function's region", [
  { name: "a source ARN with the function's region", program: inOtherRegion(withItsRegion), expected: [] },
  {
    name: "a source ARN with the API's region",
    program: inOtherRegion(withTheApis),
    expected: both([], DENIED),
  },
  {
    name: "an authorizer, with the function's region",
    program: inOtherRegion(withItsRegion, true),
    expected: [],
  },
  {
    name: "an authorizer, with the API's region",
    program: inOtherRegion(withTheApis, true),
    expected: both([], ["authorizer-function-permission @ authorizer"]),
  },
]);

describe("the fix for a function in another region", () => {
  it("contains the function's region", async () => {
    const found = await check(await plan(inOtherRegion(withTheApis), { as: "deployed" }));
    const fix = "sourceArn: pulumi.interpolate`arn:aws:execute-api:eu-west-1:123456789012:${api.id}/*/GET/`";
    assert.ok(found[0]?.message.includes(fix), found[0]?.message);
  });
});

/** Routes that call another service through `AWS_PROXY` with a subtype. */
const service = (integrationSubtype: string, requestParameters: Record<string, string>) =>
  httpStack({
    permission: false,
    caller: ({ api }) => [
      {
        Effect: "Allow",
        Action: "execute-api:Invoke",
        Resource: pulumi.interpolate`${api.executionArn}/*`,
      },
    ],
    integration: ({ gateway }: HttpBase) => ({
      integrationUri: undefined as never,
      integrationSubtype,
      credentialsArn: gateway.arn,
      requestParameters,
    }),
    gatewayPolicy: () => [{ Effect: "Allow", Action: "*", Resource: "*" }],
  });

rows("routes to other services", [
  {
    name: "EventBridge",
    program: service("EventBridge-PutEvents", {
      Source: "orders",
      Detail: "$request.body",
      DetailType: "order",
    }),
    expected: [],
  },
  {
    name: "SQS",
    program: service("SQS-SendMessage", { QueueUrl: "$request.header.queue", MessageBody: "$request.body" }),
    expected: [],
  },
  {
    name: "Step Functions",
    program: service("StepFunctions-StartExecution", { StateMachineArn: "$request.body.arn" }),
    expected: [],
  },
]);

/** Resources that do not affect access to the function. */
const unrelatedResources = ({ api }: Base): void => {
  const stage = { restApi: api.id, stageName: "prod" };
  const domain = new aws.apigateway.DomainName("domain", {
    domainName: "api.example.com",
    regionalCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
    endpointConfiguration: { types: "REGIONAL" },
  });
  new aws.apigateway.BasePathMapping("mapping", { ...stage, domainName: domain.domainName, basePath: "v1" });
  const plan = new aws.apigateway.UsagePlan("plan", { apiStages: [{ apiId: api.id, stage: "prod" }] });
  const key = new aws.apigateway.ApiKey("key");
  new aws.apigateway.UsagePlanKey("plan-key", { keyId: key.id, keyType: "API_KEY", usagePlanId: plan.id });
  new aws.apigateway.MethodSettings("settings", {
    ...stage,
    methodPath: "*/*",
    settings: { throttlingRateLimit: 1 },
  });
  new aws.apigateway.Response("response", {
    restApiId: api.id,
    responseType: "ACCESS_DENIED",
    statusCode: "404",
  });
};

rows("domains, mappings, usage plans and API keys change nothing", [
  { name: "healthy", program: restStack({ more: unrelatedResources }), expected: [] },
  {
    name: "no permission",
    program: restStack({ more: unrelatedResources, permission: false }),
    expected: DENIED,
  },
  {
    name: "a caller that may not invoke the function",
    program: restStack({ more: unrelatedResources, caller: executeOnly }),
    expected: ["iam-route-caller-lambda-invoke @ caller"],
  },
]);
