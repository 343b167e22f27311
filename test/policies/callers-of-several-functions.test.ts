import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, findings, runCases } from "../support/cases";
import { allow, type Base, type Patch, restStack, trustOf } from "../support/rest";

/** The intended callers of a route, if the plan does not show their documents. */
const INVOKE = "iam-route-caller-lambda-invoke";
const CREDENTIALS = "caller-credentials-lambda-invoke";
const only = [INVOKE, CREDENTIALS, "unproven-access"];
const prove = Object.fromEntries(only.map((policy) => [policy, { whenUnknown: "prove" }]));

type Grants = (base: Base, prices: aws.lambda.Function) => aws.iam.PolicyStatement[];

const executeAll: Grants = ({ api }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*`),
];
const bothOnOrders: Grants = ({ api, fn }) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/orders/*`),
  allow("lambda:InvokeFunction", fn.arn),
];
const bothOnPrices: Grants = ({ api }, prices) => [
  allow("execute-api:Invoke", pulumi.interpolate`${api.executionArn}/*/GET/prices`),
  allow("lambda:InvokeFunction", prices.arn),
];

function roleWith(name: string, Statement: aws.iam.PolicyStatement[]): aws.iam.Role {
  const role = new aws.iam.Role(name, { name, assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: { Version: "2012-10-17", Statement } });
  return role;
}

interface TwoFunctions {
  /** Grants of the role `app`, in one document. */
  readonly app: Grants;
  readonly credentials?: string;
  readonly more?: (base: Base, prices: aws.lambda.Function) => void;
}

/** A stack in which `GET /orders/{id}` invokes one function and `GET /prices` another. */
const withTwoFunctions = ({ app, credentials, more }: TwoFunctions, patch: Patch = {}) =>
  restStack({
    caller: false,
    ...patch,
    ...(credentials === undefined ? {} : { integration: () => ({ credentials }), permission: false }),
    more: (base) => {
      const prices = new aws.lambda.Function("prices", {
        name: "prices",
        role: "arn:aws:iam::123456789012:role/execution",
        runtime: "nodejs22.x",
        handler: "index.handler",
        s3Bucket: "code",
        s3Key: "function.zip",
      });
      const resource = new aws.apigateway.Resource("prices", {
        restApi: base.api.id,
        parentId: base.api.rootResourceId,
        pathPart: "prices",
      });
      const at = { restApi: base.api.id, resourceId: resource.id, httpMethod: "GET" };
      const method = new aws.apigateway.Method("prices", { ...at, authorization: "AWS_IAM" });
      new aws.apigateway.Integration("prices", {
        ...at,
        httpMethod: method.httpMethod,
        type: "AWS_PROXY",
        integrationHttpMethod: "POST",
        uri: prices.invokeArn,
        ...(credentials === undefined ? {} : { credentials }),
      });
      if (credentials === undefined)
        new aws.lambda.Permission("prices", {
          action: "lambda:InvokeFunction",
          function: prices.name,
          principal: "apigateway.amazonaws.com",
          sourceArn: pulumi.interpolate`${base.api.executionArn}/*/*`,
        });
      roleWith("app", app(base, prices));
      more?.(base, prices);
    },
  });

function cases(title: string, rows: readonly Case[]): void {
  describe(title, () => runCases(rows.map((row) => ({ only, ...row }))));
}

const UNPROVEN = ["unproven-access @ app"];
const withoutPrices: Grants = (base, prices) => [
  ...executeAll(base, prices),
  allow("lambda:InvokeFunction", base.fn.arn),
];
const bothOnAll: Grants = (base, prices) => [
  ...executeAll(base, prices),
  allow("lambda:InvokeFunction", [base.fn.arn, prices.arn]),
];

cases("caller of several functions", [
  {
    name: "caller with lambda:InvokeFunction on each function",
    program: withTwoFunctions({ app: bothOnAll }),
    expected: [],
  },
  {
    name: "caller without lambda:InvokeFunction on one function",
    program: withTwoFunctions({ app: withoutPrices }),
    expected: { "first-preview": UNPROVEN, deployed: [`${INVOKE} @ app`] },
    messageIncludes: ["GET /prices"],
  },
  {
    name: "caller credentials, caller without lambda:InvokeFunction on one function",
    program: withTwoFunctions({ app: withoutPrices, credentials: "arn:aws:iam::*:user/*" }),
    expected: { "first-preview": UNPROVEN, deployed: [`${CREDENTIALS} @ app`] },
  },
  {
    name: "caller without lambda:InvokeFunction on any function",
    program: withTwoFunctions({ app: executeAll }),
    expected: [`${INVOKE} @ app`],
    messageIncludes: ["function orders and function prices", "[\n    orders.arn,\n    prices.arn\n  ]"],
  },
  {
    name: "two callers, each with both actions on its own route",
    program: withTwoFunctions({
      app: bothOnOrders,
      more: (base, prices) => roleWith("other", bothOnPrices(base, prices)),
    }),
    expected: [],
  },
  {
    name: "route without a caller in the stack",
    program: withTwoFunctions({ app: bothOnOrders }),
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "administrator, who is not an intended caller of the other route",
    program: withTwoFunctions({
      app: withoutPrices,
      more: () => {
        new aws.iam.Role("admin", {
          assumeRolePolicy: "{}",
          managedPolicyArns: [aws.iam.ManagedPolicy.AdministratorAccess],
        });
      },
    }),
    expected: { "first-preview": UNPROVEN, deployed: [`${INVOKE} @ app`] },
  },
  {
    name: "two callers of the same route, and no caller of the other one",
    program: withTwoFunctions({
      app: bothOnOrders,
      more: (base) => roleWith("other", bothOnOrders(base, base.fn)),
    }),
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "caller with both actions, whenUnknown: prove",
    program: withTwoFunctions({ app: bothOnAll }),
    config: prove,
    expected: { "first-preview": [...UNPROVEN, ...UNPROVEN], deployed: [] },
  },
]);

/** A role with an unknown document that depends on the given resources. */
const withUnknownDocument = (document: (base: Base) => pulumi.Input<string>, patch: Patch = {}) =>
  restStack({
    ...patch,
    more: (base) => {
      const role = new aws.iam.Role("worker", {
        name: "worker",
        assumeRolePolicy: trustOf("ec2.amazonaws.com"),
      });
      new aws.iam.RolePolicy("worker-policy", { role: role.name, policy: document(base) });
    },
  });

const tableDocument = (): pulumi.Input<string> => {
  const table = new aws.dynamodb.Table("table", {
    attributes: [{ name: "id", type: "S" }],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
  });
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: [allow("dynamodb:GetItem", table.arn)] });
};

const dataSourceDocument = (action: string, resource: (base: Base) => pulumi.Input<string>) => (base: Base) =>
  aws.iam.getPolicyDocumentOutput({ statements: [{ actions: [action], resources: [resource(base)] }] }).json;

const UNKNOWN_CALLER = { "first-preview": ["unproven-access @ worker"], deployed: [] };

cases("role with an unknown document", [
  {
    name: "document that depends on a table, in a stack with a caller",
    program: withUnknownDocument(tableDocument),
    expected: [],
  },
  {
    name: "document that depends on a table, in a stack without a caller",
    program: withUnknownDocument(tableDocument, { caller: false }),
    expected: [],
  },
  {
    name: "document that depends on a table, whenUnknown: prove",
    program: withUnknownDocument(tableDocument, { caller: false }),
    config: prove,
    expected: [],
  },
  {
    name: "document that depends on the API, whenUnknown: prove",
    program: withUnknownDocument(
      ({ api }) =>
        pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [allow("execute-api:Invoke", api.executionArn)],
        }),
      { caller: false },
    ),
    config: prove,
    expected: { "first-preview": ["unproven-access @ worker"], deployed: [] },
  },
  {
    name: "document without dependencies, in a stack with a caller",
    program: withUnknownDocument(dataSourceDocument("s3:GetObject", ({ fn }) => fn.arn)),
    expected: [],
  },
  {
    name: "document without dependencies, in a stack without a caller",
    program: withUnknownDocument(
      dataSourceDocument("s3:GetObject", ({ fn }) => fn.arn),
      { caller: false },
    ),
    expected: UNKNOWN_CALLER,
  },
  {
    name: "document without dependencies, in a stack without IAM-authorized routes",
    program: withUnknownDocument(
      dataSourceDocument("s3:GetObject", ({ fn }) => fn.arn),
      { caller: false, authorization: "NONE" },
    ),
    expected: [],
  },
  {
    name: "document without dependencies that, once known, allows execute-api:Invoke",
    program: withUnknownDocument(
      dataSourceDocument("execute-api:Invoke", ({ api }) => pulumi.interpolate`${api.executionArn}/*`),
      { caller: false },
    ),
    expected: { "first-preview": ["unproven-access @ worker"], deployed: [`${INVOKE} @ worker`] },
  },
  {
    name: "API's resource policy that depends on the caller",
    program: restStack({
      caller: () => [allow("s3:GetObject", "*")],
      more: ({ api, caller }) => {
        new aws.apigateway.RestApiPolicy("api-policy", {
          restApiId: api.id,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { AWS: caller.arn },
                Action: "execute-api:Invoke",
                Resource: "*",
              },
            ],
          }),
        });
      },
    }),
    expected: { "first-preview": ["unproven-access @ caller"], deployed: [`${INVOKE} @ caller`] },
  },
]);

describe("unproven-access under whenUnknown: prove", () => {
  it("names only the principal whose document depends on the API", async () => {
    const program = withUnknownDocument(tableDocument);
    const found = await findings({ name: "", program, config: prove, expected: [] }, "first-preview");
    const text = found.map(({ message }) => message).join("\n");
    assert.ok(text.includes('role "caller"'), text);
    assert.ok(!text.includes('role "worker"') && !text.includes("execution"), text);
  });
});
