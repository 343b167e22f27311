import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { type Base, executeOnly, httpStack, PASSTHROUGH, sourceArn } from "../support/http";
import { allow, trustOf } from "../support/rest";

/** What is decided about routes; the advisory policies on how documents are written are left aside. */
const DECISIONS = [
  "iam-route-caller-lambda-invoke",
  "caller-credentials-lambda-invoke",
  "route-function-permission",
  "integration-role-lambda-invoke",
  "authorizer-function-permission",
  "caller-execute-api-invoke",
  "unproven-access",
  "policy-configuration",
];

type Decided = Omit<Case, "only" | "program"> & { readonly stack: Parameters<typeof httpStack>[0] };

function decided(cases: readonly Decided[]): void {
  runCases(cases.map(({ stack, ...one }) => ({ ...one, program: httpStack(stack), only: DECISIONS })));
}

/** A wholly unknown source ARN is taken to be for the API it is computed from, whatever it says. */
const onceShown = (...findings: string[]) => ({ "first-preview": [], deployed: findings });

const NO_PERMISSION = "route-function-permission @ integration";

describe("HTTP APIs", () => {
  describe("integrations without credentials", () => {
    decided([
      { name: "healthy", stack: {}, expected: [] },
      {
        name: "the function by its ARN",
        stack: { integration: ({ fn }) => ({ integrationUri: fn.arn }) },
        expected: [],
      },
      {
        name: "no permission",
        stack: { permission: false },
        expected: [NO_PERMISSION],
        says: ["GET /orders/{id}", "has no permission for it"],
      },
      {
        name: "no permission, the function by its ARN",
        stack: { permission: false, integration: ({ fn }) => ({ integrationUri: fn.arn }) },
        expected: [NO_PERMISSION],
      },
      {
        name: "a source ARN for the whole API",
        stack: { permission: sourceArn("/*") },
        expected: [],
      },
      {
        name: "a source ARN with another path",
        stack: { permission: sourceArn("/*/GET/customers/*") },
        expected: onceShown(NO_PERMISSION),
      },
      {
        name: "a source ARN with the route's template",
        stack: { permission: sourceArn("/*/GET/orders/{id}") },
        expected: [],
      },
      {
        name: "a source ARN with another stage",
        stack: { permission: sourceArn("/prod/*/*") },
        expected: onceShown(NO_PERMISSION),
      },
      {
        name: "a source ARN with the stage $default",
        stack: { permission: sourceArn("/$default/GET/orders/*") },
        expected: [],
      },
      {
        name: "a permission under another qualifier",
        stack: { permission: () => ({ qualifier: "live" }) },
        expected: [NO_PERMISSION],
        says: ["only under another qualifier"],
      },
      {
        name: "a permission for another action",
        stack: { permission: () => ({ action: "lambda:GetFunction" }) },
        expected: [NO_PERMISSION],
      },
      {
        name: "lower-case action and no slash before the wildcards",
        stack: {
          permission: ({ api }) => ({
            action: "lambda:invokeFunction",
            sourceArn: pulumi.interpolate`${api.executionArn}*/*`,
          }),
        },
        expected: [],
      },
      { name: "no stage in the stack", stack: { stage: false, permission: sourceArn("/*/*") }, expected: [] },
    ]);
  });

  describe("an alias", () => {
    const alias = ({ fn }: Base) =>
      new aws.lambda.Alias("live", { name: "live", functionName: fn.name, functionVersion: "1" });
    decided([
      {
        name: "permission on the function only",
        stack: {
          route: { authorizationType: "NONE" },
          integration: (base) => ({ integrationUri: alias(base).invokeArn }),
        },
        expected: [NO_PERMISSION],
        says: ["only under another qualifier"],
      },
      {
        name: "permission on the alias",
        stack: {
          integration: (base) => ({ integrationUri: alias(base).arn }),
          permission: () => ({ qualifier: "live" }),
          caller: (base) => [
            ...executeOnly(base),
            allow("lambda:InvokeFunction", pulumi.interpolate`${base.fn.arn}:*`),
          ],
        },
        expected: [],
      },
    ]);
  });

  describe("the $default route", () => {
    const stack = { routeKey: "$default" };
    decided([
      { name: "two segments", stack: { ...stack, permission: sourceArn("/*/$default") }, expected: [] },
      {
        name: "two segments with the stage",
        stack: { ...stack, permission: sourceArn("/$default/$default") },
        expected: [],
      },
      { name: "two wildcards", stack: { ...stack, permission: sourceArn("/*/*") }, expected: [] },
      {
        name: "a verb before it",
        stack: { ...stack, permission: sourceArn("/*/*/$default") },
        expected: onceShown(NO_PERMISSION),
      },
      {
        name: "three wildcards",
        stack: { ...stack, permission: sourceArn("/*/*/*") },
        expected: onceShown(NO_PERMISSION),
      },
      {
        name: "callers send any verb and path to it",
        stack: {
          ...stack,
          caller: (base) => [
            allow("execute-api:Invoke", pulumi.interpolate`${base.api.executionArn}/$default/POST/any/path`),
          ],
        },
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
    ]);
  });

  describe("an ANY route", () => {
    const stack = { routeKey: "ANY /orders" };
    decided([
      { name: "the verb as *", stack: { ...stack, permission: sourceArn("/*/*/orders") }, expected: [] },
      {
        name: "the verb as ANY: AWS does not document what it presents",
        stack: { ...stack, permission: sourceArn("/*/ANY/orders") },
        expected: onceShown("unproven-access @ integration"),
      },
      {
        name: "one verb of all",
        stack: { ...stack, permission: sourceArn("/*/GET/orders") },
        expected: onceShown(NO_PERMISSION),
      },
      {
        name: "the verb as ANY on another path",
        stack: { ...stack, permission: sourceArn("/*/ANY/customers") },
        expected: onceShown(NO_PERMISSION),
      },
    ]);
  });

  describe("callers", () => {
    decided([
      {
        name: "lacks lambda:InvokeFunction",
        stack: { caller: executeOnly },
        expected: ["iam-route-caller-lambda-invoke @ caller"],
      },
      {
        name: "lacks it on a route without authorization",
        stack: { caller: executeOnly, route: { authorizationType: "NONE" } },
        expected: [],
      },
      {
        name: "lacks it on a route with a JWT",
        stack: { caller: executeOnly, route: { authorizationType: "JWT" } },
        expected: [],
      },
      {
        name: "may call another stage only",
        stack: {
          caller: ({ api }) => [
            allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/prod/GET/orders/*`),
          ],
        },
        expected: {
          "first-preview": ["iam-route-caller-lambda-invoke @ caller"],
          deployed: ["caller-execute-api-invoke @ caller"],
        },
      },
      {
        name: "may call no route",
        stack: { caller: false },
        expected: [],
      },
    ]);
  });

  describe("the caller's credentials", () => {
    const stack = { integration: () => ({ credentialsArn: PASSTHROUGH }), permission: false } as const;
    decided([
      { name: "the caller holds both", stack, expected: [] },
      {
        name: "the caller lacks lambda:InvokeFunction",
        stack: { ...stack, caller: executeOnly },
        expected: ["caller-credentials-lambda-invoke @ caller"],
      },
      {
        name: "on a route without authorization",
        stack: { ...stack, route: { authorizationType: "NONE" } },
        expected: ["caller-credentials-lambda-invoke @ integration"],
      },
    ]);
  });

  describe("a role in the credentials", () => {
    const stack = {
      integration: ({ gateway }: Base) => ({ credentialsArn: gateway.arn }),
      permission: false,
    } as const;
    decided([
      { name: "healthy", stack, expected: [] },
      {
        name: "lacks lambda:InvokeFunction",
        stack: { ...stack, gatewayPolicy: () => [allow("logs:PutLogEvents", "*")] },
        expected: ["integration-role-lambda-invoke @ gateway"],
      },
      {
        name: "does not trust API Gateway",
        stack: { ...stack, gatewayTrust: trustOf("lambda.amazonaws.com") },
        expected: ["integration-role-lambda-invoke @ gateway"],
      },
    ]);
  });

  describe("integrations that are not with Lambda", () => {
    decided([
      {
        name: "another service, by a subtype",
        stack: {
          permission: false,
          caller: executeOnly,
          integration: ({ gateway }) => ({
            integrationUri: undefined as never,
            integrationSubtype: "SQS-SendMessage",
            credentialsArn: gateway.arn,
            requestParameters: { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/orders" },
          }),
        },
        expected: [],
      },
      {
        name: "a proxy of a URL",
        stack: {
          permission: false,
          caller: executeOnly,
          integration: () => ({ integrationType: "HTTP_PROXY", integrationUri: "https://example.com" }),
        },
        expected: [],
      },
      {
        name: "an integration that the plan does not hold",
        stack: { permission: false, caller: executeOnly, route: { target: "integrations/abc1234" } },
        expected: ["unproven-access @ caller"],
      },
    ]);
  });
});
