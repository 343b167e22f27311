import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { check, type PlanOptions, plan } from "../../testing";
import { allow, trustOf } from "../support/rest";

/** An unknown OpenAPI body can contain any of these integrations, so no denial may contradict one of them. */

interface OperationSpec {
  readonly fn: 0 | 1 | 2;
  readonly credentials: "none" | "caller" | "literal role" | "role";
  readonly iam: boolean;
}

interface BodySpec {
  readonly api: "REST" | "HTTP" | "RestApiPut";
  readonly operations: readonly OperationSpec[];
  /** A function that only the API's description names. */
  readonly described: boolean;
  readonly permissions: readonly ("none" | "all" | "exact" | "stage")[];
  readonly gatewayLacks: boolean;
  readonly caller: "none" | "api" | "both";
}

const operation: fc.Arbitrary<OperationSpec> = fc.record({
  fn: fc.constantFrom(0, 1, 2),
  credentials: fc.constantFrom("none", "caller", "literal role", "role"),
  iam: fc.boolean(),
});

const permission = fc.constantFrom("none" as const, "all" as const, "exact" as const, "stage" as const);

const spec: fc.Arbitrary<BodySpec> = fc.record({
  api: fc.constantFrom("REST", "HTTP", "RestApiPut"),
  operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
  described: fc.boolean(),
  permissions: fc.tuple(permission, permission, permission),
  gatewayLacks: fc.boolean(),
  caller: fc.constantFrom("none", "api", "both"),
});

const CALLER_CREDENTIALS = "arn:aws:iam::*:user/*";
const LITERAL_ROLE = "arn:aws:iam::123456789012:role/of-another-stack";
const SIGV4 = {
  type: "apiKey",
  name: "Authorization",
  in: "header",
  "x-amazon-apigateway-authtype": "awsSigv4",
};

function program(given: BodySpec): () => void {
  return () => {
    const execution = new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") });
    const functions = ["f0", "f1", "f2"].map(
      (name) =>
        new aws.lambda.Function(name, {
          role: execution.arn,
          runtime: "nodejs22.x",
          handler: "index.handler",
          s3Bucket: "code",
          s3Key: `${name}.zip`,
        }),
    ) as [aws.lambda.Function, aws.lambda.Function, aws.lambda.Function];
    const gateway = new aws.iam.Role("gateway", { assumeRolePolicy: trustOf("apigateway.amazonaws.com") });
    new aws.iam.RolePolicy("gateway-policy", {
      role: gateway.name,
      policy: {
        Version: "2012-10-17",
        Statement: [
          given.gatewayLacks ? allow("logs:PutLogEvents", "*") : allow("lambda:InvokeFunction", "*"),
        ],
      },
    });
    const body = pulumi.jsonStringify(bodyOf(given, functions, gateway));
    const { id, executionArn } = makeApi(given.api, body);
    for (const [i, permissionScope] of given.permissions.entries()) {
      const fn = functions[i];
      if (permissionScope === "none" || fn === undefined) continue;
      const tail = { all: "*/*", exact: "*/GET/r0", stage: "prod/*" }[permissionScope];
      new aws.lambda.Permission(`in-${i}`, {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`${executionArn}/${tail}`,
      });
    }
    if (given.api === "HTTP") new aws.apigatewayv2.Stage("stage", { apiId: id, name: "prod" });
    else {
      const deployment = new aws.apigateway.Deployment("deployment", { restApi: id });
      new aws.apigateway.Stage("stage", { restApi: id, deployment: deployment.id, stageName: "prod" });
    }
    if (given.caller === "none") return;
    const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: {
        Version: "2012-10-17",
        Statement: [
          allow("execute-api:Invoke", pulumi.interpolate`${executionArn}/*`),
          ...(given.caller === "both"
            ? [
                allow(
                  "lambda:InvokeFunction",
                  functions.map((fn) => fn.arn),
                ),
              ]
            : []),
        ],
      },
    });
  };
}

function bodyOf(
  { api, operations, described }: BodySpec,
  functions: readonly aws.lambda.Function[],
  gateway: aws.iam.Role,
): Record<string, unknown> {
  const credentials = {
    none: {},
    caller: { credentials: CALLER_CREDENTIALS },
    "literal role": { credentials: LITERAL_ROLE },
    role: { credentials: gateway.arn },
  };
  return {
    openapi: "3.0.1",
    info: {
      title: "shop",
      version: "1",
      ...(described ? { description: pulumi.interpolate`reports go to ${functions[2]?.arn}` } : {}),
    },
    components: { securitySchemes: { sigv4: SIGV4 } },
    paths: Object.fromEntries(
      operations.map((operationSpec, i) => [
        `/r${i}`,
        {
          get: {
            // API Gateway supports caller credentials on IAM-authorized routes only.
            ...(operationSpec.iam || operationSpec.credentials === "caller"
              ? { security: [{ sigv4: [] }] }
              : {}),
            "x-amazon-apigateway-integration": {
              type: "aws_proxy",
              httpMethod: "POST",
              uri: functions[operationSpec.fn]?.invokeArn,
              ...(api === "HTTP" ? { payloadFormatVersion: "2.0" } : {}),
              ...credentials[operationSpec.credentials],
            },
          },
        },
      ]),
    ),
  };
}

function makeApi(
  kind: BodySpec["api"],
  body: pulumi.Output<string>,
): Record<"id" | "executionArn", pulumi.Output<string>> {
  if (kind === "HTTP") return new aws.apigatewayv2.Api("api", { protocolType: "HTTP", body });
  if (kind === "REST") return new aws.apigateway.RestApi("api", { body });
  const api = new aws.apigateway.RestApi("api");
  new aws.apigateway.RestApiPut("put", { restApiId: api.id, body });
  return api;
}

async function blocking(given: BodySpec, as: PlanOptions["as"]): Promise<readonly string[]> {
  const found = await check(await plan(program(given), { as }));
  return [
    ...new Set(
      found
        .filter(({ level }) => level === "mandatory")
        .map((finding) => `${finding.policy} @ ${finding.name}`),
    ),
  ].sort();
}

describe("unknown OpenAPI bodies", () => {
  it("never cause a denial that an integration in the body could contradict", async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(spec, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), async (given, coins) => {
        const truth = await blocking(given, "deployed");
        let at = 0;
        const previews: readonly PlanOptions["as"][] = [
          "first-preview",
          { update: () => coins[at++ % coins.length] as boolean },
          { update: ({ name }) => name !== "f1" },
        ];
        for (const as of previews)
          for (const finding of await blocking(given, as))
            assert.ok(
              truth.includes(finding),
              `${finding} is not a finding once deployed: ${truth.join(", ")}`,
            );
      }),
      { numRuns: 12, seed: 20_263, endOnFailure: true },
    );
  });
});
