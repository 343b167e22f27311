/** Account data about APIs, functions and function URLs of other stacks. */
import * as assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, trustOf } from "../support/rest";
import { ACCOUNT, answersOf, dataOf, documentOf, type Files, outcomesOf, reportOn } from "./support";

const API = "abcdef1234";
const ROOT = "root123456";
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:elsewhere`;
const INVOCATION = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";

/** The output of `aws apigateway get-rest-api`. */
function restApi(more: object = {}): object {
  return {
    id: API,
    name: "shared-api",
    createdDate: "2024-01-01T00:00:00+00:00",
    apiKeySource: "HEADER",
    endpointConfiguration: { types: ["REGIONAL"], ipAddressType: "ipv4" },
    disableExecuteApiEndpoint: false,
    rootResourceId: ROOT,
    ...more,
  };
}

/** The output of `aws apigateway get-resources --embed methods`. */
function resources(credentials?: string): object {
  return {
    items: [
      { id: ROOT, path: "/" },
      {
        id: "res4567890",
        parentId: ROOT,
        pathPart: "orders",
        path: "/orders",
        resourceMethods: {
          GET: {
            httpMethod: "GET",
            authorizationType: "AWS_IAM",
            apiKeyRequired: false,
            methodIntegration: {
              type: "AWS_PROXY",
              httpMethod: "POST",
              uri: INVOCATION,
              ...(credentials === undefined ? {} : { credentials }),
              passthroughBehavior: "WHEN_NO_MATCH",
              timeoutInMillis: 29000,
              cacheNamespace: "res4567890",
              cacheKeyParameters: [],
            },
          },
        },
      },
    ],
  };
}

/** A policy of the function that allows none of the callers in this test. */
const policyOfFunction = {
  Policy: JSON.stringify(
    documentOf({
      Sid: "s",
      Effect: "Allow",
      Principal: { Service: "s3.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: FUNCTION,
    }),
  ),
  RevisionId: "1",
};

/** The stack adds a route to an API of another stack. */
function addsRoute(mayCall = true): void {
  const role = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
  const fn = new aws.lambda.Function("orders", {
    name: "orders",
    role: role.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({
      "index.js": new pulumi.asset.StringAsset("exports.handler = async () => {};"),
    }),
  });
  const resource = new aws.apigateway.Resource("mine", { restApi: API, parentId: ROOT, pathPart: "mine" });
  const method = new aws.apigateway.Method("method", {
    restApi: API,
    resourceId: resource.id,
    httpMethod: "GET",
    authorization: "AWS_IAM",
  });
  new aws.apigateway.Integration("integration", {
    restApi: API,
    resourceId: resource.id,
    httpMethod: method.httpMethod,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: fn.invokeArn,
  });
  new aws.lambda.Permission("permission", {
    action: "lambda:InvokeFunction",
    function: fn.name,
    principal: "apigateway.amazonaws.com",
  });
  caller([
    ...(mayCall
      ? [allow("execute-api:Invoke", `arn:aws:execute-api:us-east-1:${ACCOUNT}:${API}/*/GET/mine`)]
      : []),
    allow("lambda:InvokeFunction", fn.arn),
  ]);
}

function caller(statements: aws.iam.PolicyStatement[]): void {
  const role = new aws.iam.Role("caller", { name: "caller", assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  new aws.iam.RolePolicy("caller-policy", {
    role: role.name,
    policy: { Version: "2012-10-17", Statement: statements },
  });
}

const calls =
  (path: string, ...more: aws.iam.PolicyStatement[]) =>
  () =>
    caller([allow("execute-api:Invoke", `arn:aws:execute-api:us-east-1:${ACCOUNT}:${API}/${path}`), ...more]);

describe("account data of APIs", () => {
  describe("an API to which the stack adds a route", () => {
    const policy = (statement: object): string =>
      JSON.stringify(
        documentOf({ Principal: "*", Action: "execute-api:Invoke", Resource: "*", ...statement }),
      );
    const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
    const cases: readonly (readonly [reason: string, files: Files | undefined, outcome: string])[] = [
      ["without account data about the API", undefined, "allowed"],
      ["the API has no resource policy", { "api.json": restApi() }, "allowed"],
      [
        "the API is one of several in the account data",
        { "api.json": { items: [restApi({ id: "other12345", rootResourceId: "x" }), restApi()] } },
        "allowed",
      ],
      [
        "the resource policy denies the caller",
        { "api.json": restApi({ policy: policy({ Effect: "Deny" }) }) },
        "denied",
      ],
      [
        "the resource policy, escaped as by API Gateway, denies the caller",
        { "api.json": restApi({ policy: escaped(policy({ Effect: "Deny" })) }) },
        "denied",
      ],
      [
        "the resource policy denies other callers",
        { "api.json": restApi({ policy: policy({ Effect: "Deny", Resource: "execute-api:/*/POST/*" }) }) },
        "allowed",
      ],
      ["the account data is about another API", { "api.json": restApi({ id: "other12345" }) }, "allowed"],
    ];
    for (const [reason, files, outcome] of cases)
      it(`is ${outcome}: ${reason}`, async () => {
        const report = await reportOn(() => addsRoute(), files === undefined ? {} : { files });
        assert.equal(outcomesOf(report, "caller-route"), outcome);
        for (const { urn } of report.findings) assert.match(urn, /^urn:pulumi:dev::shop::/);
      });

    it("allows only the principals in its resource policy", async () => {
      const config = { "caller-execute-api-invoke": { callers: [{ principal: "caller" }] } };
      const outcomesWith = async (files?: Files) =>
        outcomesOf(
          await reportOn(() => addsRoute(false), files === undefined ? { config } : { config, files }),
          "caller-route",
        );
      const naming = policy({
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/caller` },
      });
      assert.equal(await outcomesWith(), "unproven");
      assert.equal(await outcomesWith({ "api.json": restApi() }), "denied");
      assert.equal(await outcomesWith({ "api.json": restApi({ policy: naming }) }), "allowed");
    });

    it("shows the date of the resource policy", async () => {
      const files = { "api.json": restApi({ policy: policy({ Effect: "Deny" }) }) };
      const [answer] = answersOf(await reportOn(() => addsRoute(), { files }), "caller-route");
      assert.match(answer?.evidence.join("\n") ?? "", /account data as of 2026-11-27/);
    });

    it("has no verdicts on its other routes", async () => {
      const files = { "api.json": restApi(), "resources.json": resources() };
      const report = await reportOn(() => addsRoute(), { files });
      assert.deepEqual(
        report.routes.map(({ label }) => label),
        ["GET /mine"],
      );
      assert.equal(outcomesOf(report, "route-function"), "allowed");
    });
  });

  describe("an API that a role of the stack calls", () => {
    const both: Files = {
      "api.json": restApi(),
      "resources.json": resources(CALLER_CREDENTIALS),
      "policy.json": policyOfFunction,
    };

    it("is unproven while the function's policy is unknown", async () => {
      const { "policy.json": _, ...files } = both;
      assert.equal(
        outcomesOf(await reportOn(calls("*/GET/orders"), { files }), "caller-function"),
        "unproven",
      );
    });

    it("is only known to be outside the stack without account data", async () => {
      const report = await reportOn(calls("*/GET/orders"));
      assert.equal(outcomesOf(report, "outside-api"), "denied");
      assert.equal(outcomesOf(report, "caller-function"), "");
    });

    it("evaluates the caller if it uses caller credentials", async () => {
      const report = await reportOn(calls("*/GET/orders"), { files: both });
      assert.equal(outcomesOf(report, "caller-function"), "denied");
      assert.equal(outcomesOf(report, "outside-api"), "");
      const callerFindings = report.findings.filter(
        ({ policy }) => policy === "caller-credentials-lambda-invoke",
      );
      assert.equal(callerFindings.length, 1);
      assert.match(callerFindings[0]?.urn ?? "", /Role::caller$/);
      const withFunctionAccess = calls("*/GET/orders", allow("lambda:InvokeFunction", FUNCTION));
      assert.equal(
        outcomesOf(await reportOn(withFunctionAccess, { files: both }), "caller-function"),
        "allowed",
      );
    });

    it("has no verdicts on callers of its other routes", async () => {
      const report = await reportOn(calls("*/GET/other"), { files: both });
      assert.equal(outcomesOf(report, "caller-function"), "");
    });

    it("evaluates the two-step rule if it does not use caller credentials", async () => {
      const files = { "api.json": restApi(), "resources.json": resources() };
      const report = await reportOn(calls("*/GET/orders"), { files });
      assert.deepEqual(
        answersOf(report, "caller-function").map(({ rule, outcome }) => [rule, outcome]),
        [["two-step", "denied"]],
      );
      assert.equal(outcomesOf(report, "route-function"), "");
    });

    it("is identified by its root resource, and otherwise by the file name", () => {
      const { rootResourceId: _, ...old } = restApi() as { rootResourceId: string };
      assert.deepEqual(dataOf({ "a.json": old, "b.json": resources() }).unplaced, ["b.json"]);
      for (const name of [`${API}.json`, `resources-${API}.json`, `${API}_resources.txt`])
        assert.deepEqual(dataOf({ "a.json": old, [name]: resources() }).unplaced, []);
    });

    it("has methods without integrations if --embed methods was omitted", () => {
      const { items } = resources() as { items: { resourceMethods?: object }[] };
      for (const item of items) if (item.resourceMethods) item.resourceMethods = { GET: {} };
      const { resources: read } = dataOf({ "a.json": restApi(), "b.json": { items } });
      assert.deepEqual(
        read.filter(({ type }) => /method|integration/.test(type)),
        [],
      );
    });
  });

  describe("an HTTP API that a role of the stack calls", () => {
    const files = (credentials?: string): Files => ({
      "apis.json": {
        Items: [
          {
            ApiEndpoint: `https://${API}.execute-api.us-east-1.amazonaws.com`,
            ApiId: API,
            ApiKeySelectionExpression: "$request.header.x-api-key",
            CreatedDate: "2024-01-01T00:00:00+00:00",
            DisableExecuteApiEndpoint: false,
            Name: "shared-http",
            ProtocolType: "HTTP",
            RouteSelectionExpression: "$request.method $request.path",
          },
        ],
      },
      [`routes-${API}.json`]: {
        Items: [
          {
            ApiKeyRequired: false,
            AuthorizationType: "AWS_IAM",
            RouteId: "route12",
            RouteKey: "GET /orders",
            Target: "integrations/integ12",
          },
        ],
      },
      [`integrations-${API}.json`]: {
        Items: [
          {
            ConnectionType: "INTERNET",
            IntegrationId: "integ12",
            IntegrationMethod: "POST",
            IntegrationType: "AWS_PROXY",
            IntegrationUri: FUNCTION,
            PayloadFormatVersion: "2.0",
            ...(credentials === undefined ? {} : { CredentialsArn: credentials }),
          },
        ],
      },
    });

    it("evaluates the caller if it uses caller credentials", async () => {
      const report = await reportOn(calls("*/GET/orders"), {
        files: { ...files(CALLER_CREDENTIALS), "policy.json": policyOfFunction },
      });
      assert.equal(outcomesOf(report, "caller-function"), "denied");
      assert.equal(answersOf(report, "caller-function")[0]?.rule, "AWS");
    });

    it("evaluates the two-step rule if it does not use caller credentials", async () => {
      const report = await reportOn(calls("*/GET/orders"), { files: files() });
      assert.equal(answersOf(report, "caller-function")[0]?.rule, "two-step");
    });

    it("is identified by the file name only", () => {
      const { "apis.json": apis, ...parts } = files();
      const [routes, integrations] = Object.values(parts);
      const data = dataOf({ "apis.json": apis, "routes.json": routes, "integrations.json": integrations });
      assert.deepEqual([...data.unplaced].sort(), ["integrations.json", "routes.json"]);
    });
  });

  describe("a function", () => {
    const configuration = {
      Configuration: {
        FunctionName: "elsewhere",
        FunctionArn: FUNCTION,
        Role: `arn:aws:iam::${ACCOUNT}:role/execution`,
        Environment: { Variables: { PASSWORD: "hunter2-secret" } },
      },
      Code: { RepositoryType: "S3", Location: "https://example.com/?X-Amz-Security-Token=hunter2-secret" },
      Tags: { team: "orders" },
    };
    const byTag = calls("*/GET/orders", {
      ...allow("lambda:InvokeFunction", FUNCTION),
      Condition: { StringEquals: { "aws:ResourceTag/team": "orders" } },
    } as aws.iam.PolicyStatement);
    const api: Files = {
      "api.json": restApi(),
      "resources.json": resources(CALLER_CREDENTIALS),
      "policy.json": policyOfFunction,
    };

    it("has the tags of the account data", async () => {
      assert.equal(outcomesOf(await reportOn(byTag, { files: api }), "caller-function"), "unproven");
      const known = await reportOn(byTag, { files: { ...api, "function.json": configuration } });
      assert.equal(outcomesOf(known, "caller-function"), "allowed");
      const otherConfiguration = { ...configuration, Tags: { team: "users" } };
      assert.equal(
        outcomesOf(
          await reportOn(byTag, { files: { ...api, "function.json": otherConfiguration } }),
          "caller-function",
        ),
        "denied",
      );
    });

    it("has unknown tags if Lambda could not read them", async () => {
      const { Tags: _, ...rest } = configuration;
      const files = { ...api, "function.json": { ...rest, TagsError: { ErrorCode: "AccessDenied" } } };
      assert.equal(outcomesOf(await reportOn(byTag, { files }), "caller-function"), "unproven");
    });

    it("does not reveal environment variables", async () => {
      const files = { ...api, "function.json": configuration };
      assert.ok(!JSON.stringify(dataOf(files)).includes("hunter2"));
      assert.ok(!JSON.stringify(await reportOn(byTag, { files })).includes("hunter2"));
    });
  });

  describe("a function URL", () => {
    const config = {
      FunctionUrl: "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/",
      FunctionArn: FUNCTION,
      AuthType: "AWS_IAM",
      CreationTime: "2024-01-01T00:00:00Z",
      LastModifiedTime: "2024-01-01T00:00:00Z",
      InvokeMode: "BUFFERED",
    };
    const byUrl =
      (...more: aws.iam.PolicyStatement[]) =>
      () =>
        caller([allow("lambda:InvokeFunctionUrl", FUNCTION), ...more]);

    for (const [name, content] of [
      ["get-function-url-config", config],
      ["list-function-url-configs", { FunctionUrlConfigs: [config] }],
    ] as const)
      it(`from ${name} requires both actions of a caller in the stack`, async () => {
        const files = { "url.json": content };
        assert.equal(outcomesOf(await reportOn(byUrl()), "function-url"), "");
        assert.equal(outcomesOf(await reportOn(byUrl(), { files }), "function-url"), "unproven");
        const withFunctionAccess = byUrl(allow("lambda:InvokeFunction", FUNCTION));
        assert.equal(outcomesOf(await reportOn(withFunctionAccess, { files }), "function-url"), "allowed");
        const all = { ...files, "policy.json": policyOfFunction };
        assert.equal(outcomesOf(await reportOn(byUrl(), { files: all }), "function-url"), "denied");
      });

    it("without authorization is evaluated only in its own stack", async () => {
      const files = { "url.json": { ...config, AuthType: "NONE" } };
      assert.equal(outcomesOf(await reportOn(byUrl(), { files }), "function-url"), "");
    });
  });
});
