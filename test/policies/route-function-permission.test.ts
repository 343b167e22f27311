import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, type Plan, plan, UNKNOWN } from "../../testing";
import { type Case, findingLabel, runCases } from "../support/cases";
import { type Base, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "route-function-permission";
const DENIED = [`${POLICY} @ integration`];
const OPEN = ["unproven-access @ integration"];
const only = [POLICY, "unproven-access"];

type Tail = string | ((base: Base) => pulumi.Input<string>);

/** The base stack with a permission whose source ARN ends so. */
function withTail(tail: Tail, patch: Patch = {}): () => void {
  return restStack({
    ...patch,
    permission: (base) => ({
      sourceArn: typeof tail === "string" ? pulumi.interpolate`${base.api.executionArn}/${tail}` : tail(base),
    }),
  });
}

/** A role that holds a policy which the program names by its ARN. */
function other(policyArn: string): void {
  const role = new aws.iam.Role("other", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  new aws.iam.RolePolicyAttachment("other", { role: role.name, policyArn });
}

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

/** What matches is in test/access/requests/source-arns.test.ts, for every form of API. */
cases("source ARN as the plan shows it", [
  { name: "of the route", program: withTail("*/GET/orders/{id}"), expected: [] },
  {
    name: "of another verb",
    program: withTail("*/POST/orders/{id}"),
    // On a first preview the whole source ARN is unknown, and is taken to be intended for what it depends on.
    expected: { "first-preview": [], deployed: DENIED },
  },
  {
    name: "of each verb that an ANY route answers",
    program: withTail("*/*/{proxy+}", { path: ["{proxy+}"], verb: "ANY" }),
    expected: [],
  },
]);

const place = "arn:aws:execute-api:us-east-1:123456789012";
cases("source ARN that is written or computed otherwise", [
  {
    name: "of another API, written down",
    program: withTail(() => `${place}:abcdef1234/*/*`),
    expected: DENIED,
  },
  { name: "any API of the account", program: withTail(() => `${place}:*/*`), expected: [] },
  {
    name: "of another region",
    program: withTail(() => "arn:aws:execute-api:eu-west-1:123456789012:*/*"),
    expected: DENIED,
  },
  {
    name: "of another API of the stack",
    program: restStack({
      permission: () => {
        const other = new aws.apigateway.RestApi("other-api");
        return { sourceArn: pulumi.interpolate`${other.executionArn}/*/*` };
      },
    }),
    expected: DENIED,
  },
  {
    name: "made of id, region and account",
    program: withTail(
      ({ api }) => pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${api.id}/*/GET/orders/{id}`,
    ),
    expected: [],
  },
  {
    name: "made of the resource's path",
    program: withTail(({ api, resource }) => pulumi.interpolate`${api.executionArn}/*/GET${resource.path}`),
    expected: [],
  },
  {
    name: "made of the path of another resource",
    program: withTail(({ api }) => {
      const other = new aws.apigateway.Resource("other-path", {
        restApi: api.id,
        parentId: api.rootResourceId,
        pathPart: "other",
      });
      return pulumi.interpolate`${api.executionArn}/*/GET${other.path}`;
    }),
    // It may as well depend on the resource for the API's id.
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "none",
    program: restStack({ permission: () => ({ sourceArn: undefined as never }) }),
    expected: [],
  },
  {
    name: "no permission at all",
    program: restStack({ permission: false }),
    expected: DENIED,
    messageIncludes: [
      "Invalid permissions on Lambda function",
      "has no permission for it",
      "new aws.lambda.Permission",
    ],
  },
]);

cases("the statement", [
  {
    name: "lambda:invokeFunction",
    program: restStack({ permission: () => ({ action: "lambda:invokeFunction" }) }),
    expected: [],
  },
  { name: "lambda:*", program: restStack({ permission: () => ({ action: "lambda:*" }) }), expected: [] },
  { name: "*", program: restStack({ permission: () => ({ action: "*" }) }), expected: [] },
  {
    name: "lambda:GetFunction",
    program: restStack({ permission: () => ({ action: "lambda:GetFunction" }) }),
    expected: DENIED,
  },
  {
    name: "lambda:InvokeFunctionUrl",
    program: restStack({
      permission: () => ({ action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "AWS_IAM" }),
    }),
    expected: DENIED,
  },
  {
    name: "only by function URL",
    program: restStack({ permission: () => ({ invokedViaFunctionUrl: true }) }),
    expected: DENIED,
  },
  {
    name: "invokedViaFunctionUrl false",
    program: restStack({ permission: () => ({ invokedViaFunctionUrl: false }) }),
    expected: [],
  },
  {
    name: "principal lambda.amazonaws.com",
    program: restStack({ permission: () => ({ principal: "lambda.amazonaws.com" }) }),
    expected: DENIED,
  },
  { name: "principal *", program: restStack({ permission: () => ({ principal: "*" }) }), expected: [] },
  {
    name: "principal is the account",
    program: restStack({ permission: () => ({ principal: "123456789012" }) }),
    expected: DENIED,
  },
  {
    name: "principal is the caller's role",
    program: restStack({ permission: () => ({ principal: "arn:aws:iam::123456789012:role/caller" }) }),
    expected: DENIED,
  },
  {
    name: "source account of the API",
    program: restStack({ permission: () => ({ sourceAccount: "123456789012" }) }),
    // Nothing else shows which account it is.
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "source account of the API, which the program names elsewhere, too",
    program: restStack({
      permission: () => ({ sourceAccount: "123456789012" }),
      more: () => other("arn:aws:iam::123456789012:policy/shared"),
    }),
    expected: [],
  },
  {
    name: "source account of another",
    program: restStack({ permission: () => ({ sourceAccount: "999999999999" }) }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "source account of another, where the program names its own elsewhere",
    program: restStack({
      permission: () => ({ sourceAccount: "999999999999" }),
      more: () => other("arn:aws:iam::123456789012:policy/shared"),
    }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "source account of the caller identity",
    program: restStack({ permission: () => ({ sourceAccount: aws.getCallerIdentityOutput().accountId }) }),
    // A plan shows the answer as it shows a literal: nothing says that it is this account.
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "organization",
    program: restStack({ permission: () => ({ principalOrgId: "o-abcdefghij" }) }),
    expected: DENIED,
  },
  {
    name: "event source token",
    program: restStack({ permission: () => ({ eventSourceToken: "t0ken" }) }),
    expected: DENIED,
  },
  {
    name: "one of several permissions serves",
    program: restStack({
      permission: () => ({ principal: "s3.amazonaws.com" }),
      more: ({ api, fn }) => {
        for (const [name, tail] of [
          ["post", "*/POST/orders"],
          ["get", "*/GET/orders/*"],
        ])
          new aws.lambda.Permission(`permission-${name}`, {
            action: "lambda:InvokeFunction",
            function: fn.name,
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${api.executionArn}/${tail}`,
          });
      },
    }),
    expected: [],
  },
  {
    name: "several permissions for verbs together serve ANY only when all are there",
    program: restStack({
      verb: "ANY",
      permission: false,
      more: ({ api, fn }) => {
        for (const verb of ["GET", "POST"])
          new aws.lambda.Permission(`permission-${verb}`, {
            action: "lambda:InvokeFunction",
            function: fn.name,
            principal: "apigateway.amazonaws.com",
            sourceArn: pulumi.interpolate`${api.executionArn}/*/${verb}/orders/{id}`,
          });
      },
    }),
    expected: { "first-preview": [], deployed: DENIED },
    messageIncludes: [],
  },
]);

const fnArn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const live = ({ fn }: Base) =>
  new aws.lambda.Alias("live", { name: "live", functionName: fn.name, functionVersion: "1" });

/** The integration calls the alias `live`; the permission is as given. */
function onAlias(permission: (alias: aws.lambda.Alias, base: Base) => Partial<aws.lambda.PermissionArgs>) {
  let alias: aws.lambda.Alias;
  return restStack({
    integration: (base) => {
      alias = live(base);
      return { uri: alias.invokeArn };
    },
    permission: (base) => permission(alias, base),
  });
}

cases("the function and its qualifier", [
  {
    name: "by reference to the Function",
    program: restStack({ permission: ({ fn }) => ({ function: fn }) }),
    expected: [],
  },
  {
    name: "by its ARN",
    program: restStack({ permission: ({ fn }) => ({ function: fn.arn }) }),
    expected: [],
  },
  {
    name: "by a written name",
    program: restStack({ permission: () => ({ function: "orders" }) }),
    expected: [],
  },
  { name: "by a written ARN", program: restStack({ permission: () => ({ function: fnArn }) }), expected: [] },
  {
    name: "by a partial ARN",
    program: restStack({ permission: () => ({ function: "123456789012:function:orders" }) }),
    expected: [],
  },
  {
    name: "by the name of another function",
    program: restStack({ permission: () => ({ function: "others" }) }),
    expected: DENIED,
  },
  {
    name: "by a name whose case differs",
    program: restStack({ permission: () => ({ function: "Orders" }) }),
    expected: DENIED,
  },
  {
    name: "by the id of the Function",
    program: restStack({ permission: ({ fn }) => ({ function: fn.id }) }),
    expected: [],
  },
  {
    name: "a function whose name Pulumi makes",
    program: restStack({ functionArgs: { name: undefined as never } }),
    expected: [],
  },
  {
    name: "another function of the stack",
    program: restStack({
      permission: ({ fn }) => ({
        function: new aws.lambda.Function("others", {
          role: fn.role,
          runtime: "nodejs22.x",
          handler: "index.handler",
          code: new pulumi.asset.AssetArchive({}),
        }),
      }),
    }),
    expected: DENIED,
  },
  {
    name: "unqualified URI, permission on an alias",
    program: restStack({ permission: () => ({ qualifier: "live" }) }),
    // A qualifier behind the function's ARN could not be seen in an unknown URI.
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "unqualified URI, permission on a qualified ARN",
    program: restStack({ permission: () => ({ function: `${fnArn}:live` }) }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "unqualified URI, permission on name and qualifier in one",
    program: restStack({ permission: () => ({ function: "orders:live" }) }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "alias URI, unqualified permission",
    program: onAlias(() => ({})),
    expected: DENIED,
    messageIncludes: ["qualifier"],
  },
  {
    name: "alias URI, permission with qualifier by reference",
    program: onAlias((alias) => ({ qualifier: alias.name })),
    expected: [],
  },
  {
    name: "alias URI, permission with written qualifier",
    program: onAlias(() => ({ qualifier: "live" })),
    expected: [],
  },
  {
    name: "alias URI, permission on the alias's ARN",
    program: onAlias((alias) => ({ function: alias.arn })),
    expected: [],
  },
  {
    name: "alias URI, permission on functionName and name of the alias",
    program: onAlias((alias) => ({ function: alias.functionName, qualifier: alias.name })),
    expected: [],
  },
  {
    name: "alias URI, permission on name:alias",
    program: onAlias(() => ({ function: "orders:live" })),
    expected: [],
  },
  {
    name: "alias URI, permission on a written qualified ARN",
    program: onAlias(() => ({ function: `${fnArn}:live` })),
    expected: [],
  },
  {
    name: "alias URI, permission on another alias",
    program: onAlias(() => ({ qualifier: "blue" })),
    expected: DENIED,
  },
  {
    name: "alias URI, permission on the version",
    program: onAlias(({ functionVersion }) => ({ qualifier: functionVersion })),
    expected: DENIED,
  },
  {
    name: "published version by qualifiedInvokeArn, unqualified permission",
    program: restStack({
      functionArgs: { publish: true },
      integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
    }),
    // Nothing distinguishes invokeArn from qualifiedInvokeArn before values are known.
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "published version by qualifiedInvokeArn, permission on the version",
    program: restStack({
      functionArgs: { publish: true },
      integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    // Neither is shown, and the URI may as well be that of the function.
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "permission on the version, which the plain URI does not call",
    program: restStack({
      functionArgs: { publish: true },
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "published version, both by the plain references",
    program: restStack({ functionArgs: { publish: true } }),
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "published version, a permission on the version and the function by its plain reference",
    program: restStack({
      functionArgs: { publish: true },
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "published version, permissions on both",
    program: restStack({
      functionArgs: { publish: true },
      more: ({ api, fn }) => {
        new aws.lambda.Permission("on-version", {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          function: fn.name,
          qualifier: fn.version,
          sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
        });
      },
    }),
    expected: [],
  },
  {
    name: "published version, no permission on either",
    program: restStack({ functionArgs: { publish: true }, permission: false, caller: false }),
    expected: DENIED,
  },
  {
    name: "URI built by hand of the function's ARN",
    program: restStack({
      integration: ({ fn }) => ({
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}/invocations`,
      }),
    }),
    expected: [],
  },
  {
    name: "URI written down whole",
    program: restStack({
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}/invocations`,
      }),
    }),
    expected: [],
  },
  {
    name: "URI with two slashes after path",
    program: restStack({
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path//2015-03-31/functions/${fnArn}/invocations`,
      }),
    }),
    expected: [],
  },
  {
    name: "streaming URI",
    program: restStack({
      integration: ({ fn }) => ({ uri: fn.responseStreamingInvokeArn, responseTransferMode: "STREAM" }),
    }),
    expected: [],
  },
]);

cases("what is not in the stack", [
  {
    name: "a function of another stack, no permission here",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}-elsewhere/invocations`,
      }),
    }),
    expected: OPEN,
    messageIncludes: ["not a function of this stack"],
  },
  {
    name: "a function in another account",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:999999999999:function:orders/invocations",
      }),
    }),
    // The only account that a program writes down is taken for its own while the plan shows none.
    expected: { "first-preview": [], deployed: OPEN },
  },
  {
    name: "a function of another stack, its permission here",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}-elsewhere/invocations`,
      }),
      permission: () => ({ function: "orders-elsewhere" }),
    }),
    expected: [],
  },
  {
    name: "a function that is looked up",
    program: restStack({
      caller: false,
      integration: () => ({ uri: aws.lambda.getFunctionOutput({ functionName: "elsewhere" }).invokeArn }),
    }),
    expected: OPEN,
  },
  {
    name: "a function of a StackReference",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: new pulumi.StackReference("org/functions/prod").getOutput("invokeArn") as never,
      }),
    }),
    expected: OPEN,
    plan: {
      stackReferences: {
        "org/functions/prod": {
          invokeArn: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}-elsewhere/invocations`,
        },
      },
    },
  },
]);

/** The route calls an alias of a function that the program looks up. */
function lookedUp(
  permission: (alias: aws.lambda.Alias) => Partial<aws.lambda.PermissionArgs>,
  how: "getFunctionOutput" | "Function.get" | "by name" = "getFunctionOutput",
  name: string | undefined = "live",
) {
  return () => {
    const functionName =
      how === "getFunctionOutput"
        ? aws.lambda.getFunctionOutput({ functionName: "elsewhere" }).functionName
        : how === "Function.get"
          ? aws.lambda.Function.get("existing", "elsewhere").name
          : "elsewhere";
    const alias = new aws.lambda.Alias("live", {
      functionName,
      functionVersion: "1",
      ...(name ? { name } : {}),
    });
    restStack({
      caller: false,
      integration: () => ({ uri: alias.invokeArn }),
      permission: () => ({ function: functionName, ...permission(alias) }),
    })();
  };
}

cases("an alias of a function that is looked up", [
  ...(["getFunctionOutput", "Function.get", "by name"] as const).flatMap((how): Case[] => [
    {
      name: `${how}: a permission of the alias`,
      program: lookedUp((alias) => ({ qualifier: alias.name }), how),
      expected: [],
    },
    {
      name: `${how}: a permission of another qualifier`,
      program: lookedUp(() => ({ qualifier: "blue" }), how),
      expected: OPEN,
    },
    { name: `${how}: a permission of the function`, program: lookedUp(() => ({}), how), expected: OPEN },
  ]),
  {
    name: "an alias whose name is unknown",
    program: lookedUp((alias) => ({ qualifier: alias.name }), "by name", ""),
    expected: [],
  },
  {
    name: "a permission of an alias that two functions have",
    program: () => {
      lookedUp(() => {
        const other = new aws.lambda.Alias("other", {
          functionName: "another",
          functionVersion: "1",
          name: "live",
        });
        return { function: "another", qualifier: other.name };
      })();
    },
    expected: OPEN,
  },
]);

cases("a resource or an authorizer is meant by what depends on it", [
  {
    name: "a resource of another stack: its path cannot be determined",
    program: withTail("*/GET/orders", {
      integration: ({ api }) => ({
        resourceId: aws.apigateway.getResourceOutput({ restApiId: api.id, path: "/orders" }).id,
      }),
    }),
    // A resource id that depends on nothing but the API is taken for the root's.
    expected: { "first-preview": [], deployed: OPEN },
  },
  {
    name: "the authorizer's permission does not serve the route",
    program: withTail(({ api, fn }) => {
      const authorizer = new aws.apigateway.Authorizer("authorizer", {
        restApi: api.id,
        authorizerUri: fn.invokeArn,
      });
      return pulumi.interpolate`${api.executionArn}/authorizers/${authorizer.id}`;
    }),
    expected: DENIED,
  },
]);

cases("routes that need none", [
  {
    name: "credentials role",
    program: restStack({ permission: false, integration: ({ gateway }) => ({ credentials: gateway.arn }) }),
    expected: [],
  },
  {
    name: "caller's credentials",
    program: restStack({ permission: false, integration: () => ({ credentials: "arn:aws:iam::*:user/*" }) }),
    expected: [],
  },
  {
    name: "HTTP integration",
    program: restStack({
      permission: false,
      integration: () => ({ type: "HTTP_PROXY", uri: "https://example.com" }),
    }),
    expected: [],
  },
  {
    name: "mock",
    program: restStack({ permission: false, integration: () => ({ type: "MOCK", uri: undefined as never }) }),
    expected: [],
  },
  {
    name: "another AWS service",
    program: restStack({
      permission: false,
      integration: () => ({ type: "AWS", uri: "arn:aws:apigateway:us-east-1:sqs:path/123456789012/queue" }),
    }),
    expected: [],
  },
  {
    name: "a route without authorization needs one too",
    program: restStack({ permission: false, authorization: "NONE" }),
    expected: DENIED,
  },
]);

cases("stages", [
  {
    name: "no stage in the stack, any stage",
    program: withTail("*/GET/orders/{id}", { stage: false }),
    expected: [],
  },
  {
    name: "no stage in the stack, a stage by name",
    program: withTail("prod/GET/orders/{id}", { stage: false }),
    expected: { "first-preview": [], deployed: OPEN },
  },
  {
    name: "the stage by its execution ARN",
    program: restStack({
      stage: false,
      permission: ({ api }) => {
        const deployment = new aws.apigateway.Deployment("first", { restApi: api.id });
        const stage = new aws.apigateway.Stage("live", {
          restApi: api.id,
          deployment: deployment.id,
          stageName: "live",
        });
        return { sourceArn: pulumi.interpolate`${stage.executionArn}/GET/orders/{id}` };
      },
    }),
    expected: [],
  },
  {
    name: "two stages, permission for one",
    program: withTail("prod/*/*", {
      more: ({ api }) => {
        const deployment = new aws.apigateway.Deployment("second", { restApi: api.id });
        new aws.apigateway.Stage("beta", { restApi: api.id, deployment: deployment.id, stageName: "beta" });
      },
    }),
    expected: { "first-preview": [], deployed: DENIED },
  },
]);

const document = (resourceArn: pulumi.Input<string>, ...Statement: object[]) =>
  new aws.lambda.ResourcePolicy("document", {
    resourceArn,
    policy: JSON.stringify({ Version: "2012-10-17", Statement }),
  });

cases("a document as the function's resource policy", [
  {
    name: "that replaces the permission, or is there before it",
    program: restStack({
      more: ({ fn }) =>
        document(fn.arn, {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: "*",
        }),
    }),
    expected: ["unproven-access @ integration"],
    only: [POLICY, "unproven-access"],
    messageIncludes: [
      "whether Permission permission remains, since ResourcePolicy document replaces all statements",
    ],
  },
  {
    name: "that is on an alias, and the permission is not",
    program: restStack({
      more: ({ fn }) => {
        const alias = new aws.lambda.Alias("live", {
          functionName: fn.name,
          functionVersion: "1",
          name: "live",
        });
        document(alias.arn, {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: "*",
        });
      },
    }),
    expected: { "first-preview": OPEN, deployed: [] },
    only: [POLICY, "unproven-access"],
  },
  {
    name: "that denies what the permission allows",
    program: restStack({
      more: ({ fn }) =>
        new aws.lambda.ResourcePolicy("document", {
          resourceArn: fn.arn,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Deny", Principal: "*", Action: "lambda:InvokeFunction", Resource: "*" }],
          }),
        }),
    }),
    expected: DENIED,
    messageIncludes: ["denies it"],
  },
  {
    name: "that allows",
    program: restStack({
      permission: false,
      more: ({ fn }) =>
        new aws.lambda.ResourcePolicy("document", {
          resourceArn: fn.arn,
          policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "apigateway.amazonaws.com" },
                Action: "lambda:InvokeFunction",
                Resource: fnArn,
              },
            ],
          }),
        }),
    }),
    expected: [],
  },
]);

cases("configuration", [
  {
    name: "prove: a source ARN that is not shown is unproven",
    program: restStack(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "prove: no permission is denied all the same",
    program: restStack({
      permission: false,
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}/invocations`,
      }),
    }),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: DENIED,
  },
]);

/** The origin of the stage in the permission of a stage. */
const STAGE_ARNS = {
  "the stage's execution ARN": (_api, stage) => pulumi.interpolate`${stage.executionArn}/*`,
  "the stage's name": (api, stage) => pulumi.interpolate`${api.executionArn}/${stage.name}/*`,
  "the text of its name": (api, stage) => pulumi.interpolate`${api.executionArn}/${stage.text}/*`,
  "the API's id that the stage has": (_api, stage) =>
    pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${stage.apiId}/*/*`,
} satisfies Record<
  string,
  (
    api: { executionArn: pulumi.Output<string> },
    stage: Record<"executionArn" | "name" | "apiId", pulumi.Output<string>> & { text: string },
  ) => pulumi.Output<string>
>;

/** Stages that name an alias each by a variable, each alias with a permission for its stage; all of them or but one. */
function aliasPerStage(kind: "REST" | "HTTP", how: keyof typeof STAGE_ARNS, all: boolean): () => void {
  return () => {
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      publish: true,
      role: "arn:aws:iam::123456789012:role/execution",
      runtime: "nodejs22.x",
      handler: "index.handler",
      s3Bucket: "code",
      s3Key: "orders.zip",
    });
    const uri = pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}:\${stageVariables.alias}/invocations`;
    const { api, stageOf } = kind === "REST" ? restApi(uri) : httpApi(uri);
    for (const text of ["dev", "beta", "prod"]) {
      const alias = new aws.lambda.Alias(text, { name: text, functionName: fn.name, functionVersion: "1" });
      const stage = stageOf(text);
      if (!all && text === "prod") continue;
      new aws.lambda.Permission(text, {
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        function: fn.name,
        qualifier: alias.name,
        sourceArn: STAGE_ARNS[how](api, { ...stage, text }),
      });
    }
  };
}

type StageParts = Record<"executionArn" | "name" | "apiId", pulumi.Output<string>>;
interface ApiParts {
  readonly api: { readonly executionArn: pulumi.Output<string> };
  readonly stageOf: (name: string) => StageParts;
}

function restApi(uri: pulumi.Output<string>): ApiParts {
  const api = new aws.apigateway.RestApi("api");
  const at = { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET" };
  new aws.apigateway.Method("integration", { ...at, authorization: "NONE" });
  new aws.apigateway.Integration("integration", {
    ...at,
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri,
  });
  const deployment = new aws.apigateway.Deployment("deployment", { restApi: api.id });
  return {
    api,
    stageOf: (name) => {
      const variables = { alias: name };
      const { executionArn, stageName, restApi } = new aws.apigateway.Stage(name, {
        restApi: api.id,
        deployment: deployment.id,
        stageName: name,
        variables,
      });
      return { executionArn, name: stageName, apiId: restApi };
    },
  };
}

function httpApi(integrationUri: pulumi.Output<string>): ApiParts {
  const api = new aws.apigatewayv2.Api("api", { protocolType: "HTTP" });
  const integration = new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationUri,
  });
  const target = pulumi.interpolate`integrations/${integration.id}`;
  new aws.apigatewayv2.Route("route", { apiId: api.id, routeKey: "GET /", target });
  return {
    api,
    stageOf: (name) =>
      new aws.apigatewayv2.Stage(name, { apiId: api.id, name, stageVariables: { alias: name } }),
  };
}

cases(
  "one alias for each stage",
  (["REST", "HTTP"] as const).flatMap((kind) =>
    (Object.keys(STAGE_ARNS) as (keyof typeof STAGE_ARNS)[]).flatMap((how): Case[] => [
      {
        name: `${kind}, each with its own stage's permission by ${how}`,
        program: aliasPerStage(kind, how, true),
        // The variable of each stage is in a URI that is unknown.
        expected: { "first-preview": OPEN, deployed: [] },
      },
      {
        name: `${kind}, one without a permission, the others by ${how}`,
        program: aliasPerStage(kind, how, false),
        expected: { "first-preview": OPEN, deployed: DENIED },
      },
    ]),
  ),
);

cases("the API's id of a stage, a method or a resource", [
  {
    name: "of one of two stages",
    program: restStack({
      permission: false,
      more: ({ api, fn }) => {
        const stage = new aws.apigateway.Stage("other", {
          restApi: api.id,
          deployment: "d",
          stageName: "beta",
        });
        new aws.lambda.Permission("by-stage", {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          function: fn.name,
          sourceArn: pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${stage.restApi}/*/*`,
        });
      },
    }),
    expected: { "first-preview": OPEN, deployed: [] },
  },
  {
    name: "of one of two stages, and that stage's name",
    program: restStack({
      permission: false,
      more: ({ api, fn }) => {
        const stage = new aws.apigateway.Stage("other", {
          restApi: api.id,
          deployment: "d",
          stageName: "beta",
        });
        new aws.lambda.Permission("by-stage", {
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          function: fn.name,
          sourceArn: pulumi.interpolate`${stage.executionArn}/*`,
        });
      },
    }),
    expected: { "first-preview": OPEN, deployed: DENIED },
  },
  {
    name: "of another API",
    program: restStack({
      permission: () => {
        const other = new aws.apigateway.RestApi("other");
        const stage = new aws.apigateway.Stage("other", {
          restApi: other.id,
          deployment: "d",
          stageName: "prod",
        });
        return { sourceArn: pulumi.interpolate`${stage.executionArn}/*` };
      },
    }),
    expected: DENIED,
  },
]);

describe(`${POLICY}: gateway role is not needed`, () =>
  runCases([
    {
      only,
      name: "trust of another service",
      program: restStack({ gatewayTrust: trustOf("ec2.amazonaws.com") }),
      expected: [],
    },
  ]));

describe("route-function-permission: an update that publishes a version", () => {
  const uriOf = {
    function: (fn: aws.lambda.Function) => fn.invokeArn,
    version: (fn: aws.lambda.Function) => fn.qualifiedInvokeArn,
  } as const;
  const permissionOn = {
    function: () => ({}),
    version: (fn: aws.lambda.Function) => ({ qualifier: fn.version }),
  } as const;

  /** What the provider does not show of a function whose code changes, and what depends on it. */
  function published(planned: Plan, called: string, on: string): Plan {
    for (const { type, inputs, outputs } of planned.resources) {
      const hidden =
        type === "aws:lambda/function:Function"
          ? ["version", "qualifiedArn", "qualifiedInvokeArn"]
          : type === "aws:apigateway/integration:Integration" && called === "version"
            ? ["uri"]
            : type === "aws:lambda/permission:Permission" && on === "version"
              ? ["qualifier"]
              : [];
      for (const property of hidden) {
        outputs[property] = UNKNOWN;
        if (property in inputs) inputs[property] = UNKNOWN;
      }
    }
    return planned;
  }

  for (const called of ["function", "version"] as const)
    for (const on of ["function", "version"] as const)
      it(`the ${called} is called, the permission is on the ${on}`, async () => {
        const program = restStack({
          functionArgs: { publish: true },
          integration: ({ fn }) => ({ uri: uriOf[called](fn) }),
          permission: ({ fn }) => permissionOn[on](fn),
        });
        const found = await check(published(await plan(program, { as: "deployed" }), called, on));
        const about = found.filter(({ policy }) => policy === POLICY || policy === "unproven-access");
        assert.deepEqual(about.map(findingLabel), called === on ? [] : DENIED);
      });
});
