/** Documents that depend on values from a provider, in first previews and in updates that make them unknown. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  allowDocument,
  allowInvoke,
  caller,
  endpoint,
  executeApi,
  invokeFunction,
  makeFunction,
  roleWithPolicy,
  type Shop,
  shop,
} from "../../support/programs";
import { creating, type Entry, fails, failsOnceKnown, hard, WORKS, worksOnceKnown } from "../corpus";
import { attach, CALLER_CREDENTIALS, gateway, interpolate, open, restApi, table } from "../parts";

const DENIED = "iam-route-caller-lambda-invoke @ app";
const SHOP_FUNCTIONS = "arn:aws:lambda:us-east-1:123456789012:function:shop-*";
const ORDERS_FUNCTIONS = "arn:aws:lambda:*:*:function:orders*";

/** Everything except deleting a bucket. */
const allExceptDeleteBucket = (bucket: aws.s3.Bucket): aws.iam.PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "*", Resource: "*" },
    { Effect: "Deny", Action: "s3:DeleteBucket", Resource: bucket.arn },
  ],
});

/** A route with the credentials role `gateway`. */
function byRole(
  policy: (fn: aws.lambda.Function) => aws.iam.RolePolicyArgs["policy"],
  args: () => Partial<aws.iam.RoleArgs> = () => ({}),
): () => void {
  return () => {
    const fn = makeFunction("orders", { name: "shop-orders" });
    const role = gateway(args());
    attach("gateway", role, policy(fn));
    restApi((api) => [open(api, "orders", "GET", "orders", fn.invokeArn, { credentials: role.arn })]);
  };
}

/** The shop API and a caller with these documents. */
const appWith =
  (
    documents: (base: Shop) => readonly aws.iam.RolePolicyArgs["policy"][],
    args: (base: Shop) => Partial<aws.iam.RoleArgs> = () => ({}),
    integration: Partial<aws.apigateway.IntegrationArgs> = {},
  ): (() => void) =>
  () => {
    const base = shop({}, { name: "shop-orders" }, integration);
    const role = caller("app", args(base));
    for (const [at, document] of documents(base).entries()) attach(`app-${at}`, role, document);
  };

const byDataSource = (...statements: readonly (readonly [string, pulumi.Input<string>])[]) =>
  aws.iam.getPolicyDocumentOutput({
    statements: statements.map(([action, resource]) => ({ actions: [action], resources: [resource] })),
  }).json;

const bucketAnd = (action: string, resource: string) => {
  const data = new aws.s3.Bucket("data");
  return allowDocument(["s3:GetObject", interpolate`${data.arn}/*`], [action, resource]);
};

const onFirstPreviews: Entry[] = [
  {
    name: "API grant in one document, a new bucket and lambda on * in another",
    program: appWith((base) => [allowDocument(executeApi(base)), bucketAnd("lambda:InvokeFunction", "*")]),
    answers: { first: { acceptedDenials: [DENIED] }, deployed: {} },
  },
  {
    name: "API grant in one managed policy, a new bucket and lambda on * in another",
    program: () => {
      const base = shop();
      const role = caller("app");
      attach("api", role, allowDocument(executeApi(base)));
      const policy = new aws.iam.Policy("worker", {
        policy: allowDocument(["dynamodb:*", table("data").arn], ["lambda:InvokeFunction", ORDERS_FUNCTIONS]),
      });
      new aws.iam.RolePolicyAttachment("worker", { role: role.name, policyArn: policy.arn });
    },
    answers: { first: { acceptedDenials: [DENIED] }, deployed: {} },
  },
  {
    name: "credentials role: a document with a log group's ARN and lambda on *",
    program: byRole(() => {
      const logs = new aws.cloudwatch.LogGroup("logs");
      return allowDocument(["logs:PutLogEvents", interpolate`${logs.arn}:*`], ["lambda:InvokeFunction", "*"]);
    }),
    answers: worksOnceKnown(1),
  },
  {
    name: "credentials role: a document with a queue and a literal prefix of functions",
    program: byRole(() =>
      allowDocument(
        ["sqs:SendMessage", new aws.sqs.Queue("jobs").arn],
        ["lambda:InvokeFunction", SHOP_FUNCTIONS],
      ),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "credentials role: a document with only a queue",
    program: byRole(() => allowDocument(["sqs:SendMessage", new aws.sqs.Queue("jobs").arn])),
    answers: failsOnceKnown(1, "integration-role-lambda-invoke @ gateway"),
  },
  {
    name: "a boundary of the stack with the API and lambda on *",
    program: appWith(
      (base) => [allowDocument(executeApi(base)), allowDocument(invokeFunction(base))],
      (base) => ({
        permissionsBoundary: new aws.iam.Policy("boundary", {
          policy: allowDocument(executeApi(base), ["lambda:InvokeFunction", "*"]),
        }).arn,
      }),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "a boundary of the stack with only the API",
    program: appWith(
      (base) => [allowDocument(executeApi(base)), allowDocument(invokeFunction(base))],
      (base) => ({
        permissionsBoundary: new aws.iam.Policy("boundary", { policy: allowDocument(executeApi(base)) }).arn,
      }),
    ),
    answers: failsOnceKnown(1, DENIED),
  },
  {
    name: "boundary: all actions except deleting a bucket",
    program: appWith(
      (base) => [allowDocument(executeApi(base)), allowDocument(invokeFunction(base))],
      () => ({
        permissionsBoundary: new aws.iam.Policy("boundary", {
          policy: allExceptDeleteBucket(new aws.s3.Bucket("data")),
        }).arn,
      }),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "credentials role with such a boundary",
    program: byRole(
      (fn) => allowDocument(invokeFunction({ fn })),
      () => ({
        permissionsBoundary: new aws.iam.Policy("boundary", {
          policy: allExceptDeleteBucket(new aws.s3.Bucket("data")),
        }).arn,
      }),
    ),
    answers: worksOnceKnown(1),
  },
  {
    name: "a policy whose ARN comes from the configuration",
    program: () => {
      const role = roleWithPolicy("app", [executeApi(shop())]);
      new aws.iam.RolePolicyAttachment("platform", {
        role: role.name,
        policyArn: "arn:aws:iam::123456789012:policy/platform-lambda-callers",
      });
    },
    answers: { first: { unproven: 1 }, deployed: { unproven: 1 } },
  },
  {
    name: "AWSLambdaRole attached",
    program: () => {
      const role = roleWithPolicy("app", [executeApi(shop())]);
      new aws.iam.RolePolicyAttachment("invoke", {
        role: role.name,
        policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaRole",
      });
    },
    answers: WORKS,
  },
  {
    name: "credentials role with getPolicyDocumentOutput",
    program: byRole((fn) => byDataSource(["lambda:InvokeFunction", fn.arn])),
    answers: WORKS,
  },
  {
    name: "the API in an object, the function by getPolicyDocumentOutput",
    program: appWith((base) => [
      allowDocument(executeApi(base)),
      byDataSource(["lambda:InvokeFunction", base.fn.arn]),
    ]),
    answers: worksOnceKnown(1),
  },
  {
    name: "getPolicyDocumentOutput without lambda:InvokeFunction",
    program: appWith(({ api }) => [byDataSource(["execute-api:Invoke", interpolate`${api.executionArn}/*`])]),
    answers: failsOnceKnown(1, DENIED),
  },
  {
    name: "getPolicyDocument with source and override documents",
    program: appWith(({ api, fn }) => {
      const base = aws.iam.getPolicyDocumentOutput({
        statements: [
          { sid: "fn", actions: ["lambda:GetFunction"], resources: [fn.arn] },
          { sid: "api", actions: ["execute-api:Invoke"], resources: [interpolate`${api.executionArn}/*`] },
        ],
      });
      const override = aws.iam.getPolicyDocumentOutput({
        statements: [{ sid: "fn", actions: ["lambda:InvokeFunction"], resources: [fn.arn] }],
      });
      return [
        aws.iam.getPolicyDocumentOutput({
          sourcePolicyDocuments: [base.json],
          overridePolicyDocuments: [override.json],
        }).json,
      ];
    }),
    answers: worksOnceKnown(1),
  },
  {
    name: "inlinePolicies: one with the API, one with a literal",
    program: () => {
      const base = shop();
      caller("app", {
        inlinePolicies: [
          { name: "api", policy: pulumi.jsonStringify(allowDocument(executeApi(base))) },
          { name: "fn", policy: JSON.stringify(allowDocument(["lambda:InvokeFunction", ORDERS_FUNCTIONS])) },
        ],
      });
    },
    answers: WORKS,
  },
  {
    name: "inlinePolicies: a literal function and a new bucket",
    program: () => {
      const base = shop();
      caller("app", {
        inlinePolicies: [
          { name: "api", policy: pulumi.jsonStringify(allowDocument(executeApi(base))) },
          {
            name: "fn",
            policy: pulumi.jsonStringify(bucketAnd("lambda:InvokeFunction", ORDERS_FUNCTIONS)),
          },
        ],
      });
    },
    answers: { first: { acceptedDenials: [DENIED] }, deployed: {} },
  },
  {
    name: "every API as a literal, the function by its name",
    program: () => {
      shop({}, { name: "orders" });
      roleWithPolicy("app", [
        ["execute-api:Invoke", "arn:aws:execute-api:*:*:*"],
        ["lambda:InvokeFunction", "arn:aws:lambda:*:*:function:orders"],
      ]);
    },
    answers: WORKS,
  },
  {
    name: "a user calls by its own policy and invokes as a member of a group of administrators",
    program: () => {
      const base = shop();
      const [user, group] = [new aws.iam.User("app"), new aws.iam.Group("admins")];
      new aws.iam.GroupMembership("admins", { group: group.name, users: [user.name] });
      new aws.iam.GroupPolicyAttachment("admins", {
        group: group.name,
        policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
      });
      new aws.iam.UserPolicy("app", { user: user.name, policy: allowDocument(executeApi(base)) });
    },
    answers: WORKS,
  },
  {
    name: "two managed policies: lambda on * in one, the API in the other",
    program: () => {
      const base = shop();
      const role = caller("app");
      for (const [name, policy] of Object.entries({
        api: allowDocument(executeApi(base)),
        fn: allowDocument(["lambda:InvokeFunction", "*"]),
      })) {
        const { arn: policyArn } = new aws.iam.Policy(name, { policy });
        new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn });
      }
    },
    answers: WORKS,
  },
  {
    name: "an operator's role with apigateway:* on the API and its logs",
    program: () => {
      const { api } = shop();
      roleWithPolicy("app", [
        ["apigateway:*", interpolate`arn:aws:apigateway:us-east-1::/restapis/${api.id}/*`],
        ["logs:*", interpolate`arn:aws:logs:us-east-1:*:log-group:API-Gateway-Execution-Logs_${api.id}/*`],
      ]);
    },
    answers: { first: { acceptedDenials: [DENIED] }, deployed: {} },
  },
];

const queueJoins = (base: Shop) => [
  allowDocument(
    executeApi(base),
    ["dynamodb:GetItem", table("new").arn],
    ["lambda:InvokeFunction", SHOP_FUNCTIONS],
  ),
];

const inUpdates: Entry[] = [
  {
    name: "update: a new table is added to the caller's second document",
    program: appWith((base) => [
      allowDocument(executeApi(base)),
      allowDocument(["dynamodb:GetItem", table("new").arn], ["lambda:InvokeFunction", SHOP_FUNCTIONS]),
    ]),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: one document with the API, a literal prefix and a new table",
    program: appWith(queueJoins),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: credentials role with a literal prefix and a new queue",
    program: byRole(() =>
      allowDocument(
        ["sqs:SendMessage", new aws.sqs.Queue("new").arn],
        ["lambda:InvokeFunction", SHOP_FUNCTIONS],
      ),
    ),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: a boundary with all actions except deleting a new bucket",
    program: appWith(
      (base) => [allowDocument(executeApi(base)), allowDocument(invokeFunction(base))],
      () => ({
        permissionsBoundary: new aws.iam.Policy("boundary", {
          policy: allExceptDeleteBucket(new aws.s3.Bucket("new")),
        }).arn,
      }),
    ),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: caller credentials, a literal prefix and a new table",
    program: appWith(queueJoins, () => ({}), { credentials: CALLER_CREDENTIALS }),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: an administrator's document with the ARN of a new bucket",
    program: appWith((base) => [
      allExceptDeleteBucket(new aws.s3.Bucket("new")),
      allowDocument(executeApi(base)),
    ]),
    update: creating("new"),
    answers: { deployed: {}, update: { unproven: 1 } },
  },
  {
    name: "update: a new function of the API, and its ARN in the caller's list",
    program: withNewFunction("items", ({ fn }, items) => [fn.arn, items.arn]),
    update: creating("new*"),
    answers: { deployed: {}, update: {} },
  },
  {
    name: "update: a new function of the API that is missing in the caller's list",
    program: withNewFunction("items", ({ fn }) => [fn.arn]),
    update: creating("new*"),
    answers: { deployed: { denied: [DENIED] }, update: { denied: [DENIED] } },
  },
  {
    name: "update: the permission of a new function is for another path",
    program: withNewFunction("item", ({ fn }, items) => [fn.arn, items.arn]),
    update: creating("new*"),
    answers: {
      deployed: { denied: ["route-function-permission @ new-items-integration"] },
      update: { denied: ["route-function-permission @ new-items-integration"] },
    },
  },
  {
    name: "Cognito identity pool whose role has only execute-api:Invoke",
    program: () => {
      const base = shop();
      const pool = new aws.cognito.IdentityPool("pool", { identityPoolName: "pool" });
      const role = new aws.iam.Role("app", {
        assumeRolePolicy: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Federated: "cognito-identity.amazonaws.com" },
              Action: "sts:AssumeRoleWithWebIdentity",
              Condition: {
                StringEquals: { "cognito-identity.amazonaws.com:aud": pool.id },
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
              },
            },
          ],
        },
      });
      attach("app", role, allowDocument(executeApi(base)));
      new aws.cognito.IdentityPoolRoleAttachment("pool", {
        identityPoolId: pool.id,
        roles: { authenticated: role.arn },
      });
    },
    answers: fails(DENIED),
  },
];

/** Adds the route `GET /items` to a new function to the deployed shop. */
function withNewFunction(
  permitted: string,
  invoked: (base: Shop, items: aws.lambda.Function) => pulumi.Input<string>[],
): () => void {
  return () => {
    const base = shop();
    const items = makeFunction("new-items");
    endpoint("new-items", base.api, "GET", "items", items.invokeArn);
    allowInvoke("new-items", items.name, interpolate`${base.api.executionArn}/*/GET/${permitted}`);
    const role = caller("app");
    attach("api", role, allowDocument(executeApi(base)));
    attach("functions", role, allowDocument(["lambda:InvokeFunction", invoked(base, items)]));
  };
}

export default hard([...onFirstPreviews, ...inUpdates]);
