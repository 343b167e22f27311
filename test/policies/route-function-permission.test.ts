import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { check, type Plan, plan, UNKNOWN } from "../../testing";
import { type Case, findingLabel, runCases } from "../support/cases";
import { type Base, type Patch, restStack, trustOf } from "../support/rest";

const POLICY = "route-function-permission";
const DENIED = [`${POLICY} @ integration`];
const UNPROVEN = ["unproven-access @ integration"];
const only = [POLICY, "unproven-access"];

type Tail = string | ((base: Base) => pulumi.Input<string>);

/** The base stack with a permission whose source ARN has this end. */
function withTail(tail: Tail, patch: Patch = {}): () => void {
  return restStack({
    ...patch,
    permission: (base) => ({
      sourceArn: typeof tail === "string" ? pulumi.interpolate`${base.api.executionArn}/${tail}` : tail(base),
    }),
  });
}

/** A role with a managed policy that the program attaches by its ARN. */
function attachToRole(policyArn: string): void {
  const role = new aws.iam.Role("other", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  new aws.iam.RolePolicyAttachment("other", { role: role.name, policyArn });
}

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

/** test/access/requests/source-arns.test.ts tests which source ARNs match, for every form of API. */
cases("source ARN built from the API's execution ARN", [
  { name: "source ARN of the route", program: withTail("*/GET/orders/{id}"), expected: [] },
  {
    name: "source ARN with another method",
    program: withTail("*/POST/orders/{id}"),
    // On a first preview the source ARN is unknown, and is assumed to cover the routes of the API that it depends on.
    expected: { "first-preview": [], deployed: DENIED },
  },
  {
    name: "source ARN with any method, ANY route",
    program: withTail("*/*/{proxy+}", { path: ["{proxy+}"], verb: "ANY" }),
    expected: [],
  },
]);

const place = "arn:aws:execute-api:us-east-1:123456789012";
cases("literal source ARN and other ways to build it", [
  {
    name: "literal source ARN of another API",
    program: withTail(() => `${place}:abcdef1234/*/*`),
    expected: DENIED,
  },
  { name: "source ARN for any API in the account", program: withTail(() => `${place}:*/*`), expected: [] },
  {
    name: "source ARN in another region",
    program: withTail(() => "arn:aws:execute-api:eu-west-1:123456789012:*/*"),
    expected: DENIED,
  },
  {
    name: "source ARN of another API of the stack",
    program: restStack({
      permission: () => {
        const otherApi = new aws.apigateway.RestApi("other-api");
        return { sourceArn: pulumi.interpolate`${otherApi.executionArn}/*/*` };
      },
    }),
    expected: DENIED,
  },
  {
    name: "source ARN built from id, region and account",
    program: withTail(
      ({ api }) => pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${api.id}/*/GET/orders/{id}`,
    ),
    expected: [],
  },
  {
    name: "source ARN with the path of the route's resource",
    program: withTail(({ api, resource }) => pulumi.interpolate`${api.executionArn}/*/GET${resource.path}`),
    expected: [],
  },
  {
    name: "source ARN with the path of another resource",
    program: withTail(({ api }) => {
      const otherResource = new aws.apigateway.Resource("other-path", {
        restApi: api.id,
        parentId: api.rootResourceId,
        pathPart: "other",
      });
      return pulumi.interpolate`${api.executionArn}/*/GET${otherResource.path}`;
    }),
    // The source ARN may depend on the resource only for the API's id.
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "permission without a source ARN",
    program: restStack({ permission: () => ({ sourceArn: undefined as never }) }),
    expected: [],
  },
  {
    name: "function without a permission",
    program: restStack({ permission: false }),
    expected: DENIED,
    messageIncludes: [
      "Invalid permissions on Lambda function",
      "has no permission for it",
      "new aws.lambda.Permission",
    ],
  },
]);

cases("action, principal and conditions of the permission", [
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
    name: "invokedViaFunctionUrl true",
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
    name: "account as the principal",
    program: restStack({ permission: () => ({ principal: "123456789012" }) }),
    expected: DENIED,
  },
  {
    name: "caller's role as the principal",
    program: restStack({ permission: () => ({ principal: "arn:aws:iam::123456789012:role/caller" }) }),
    expected: DENIED,
  },
  {
    name: "source account of the API",
    program: restStack({ permission: () => ({ sourceAccount: "123456789012" }) }),
    // The stack's account is unknown.
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "source account of the API, which the program also contains elsewhere",
    program: restStack({
      permission: () => ({ sourceAccount: "123456789012" }),
      more: () => attachToRole("arn:aws:iam::123456789012:policy/shared"),
    }),
    expected: [],
  },
  {
    name: "another source account",
    program: restStack({ permission: () => ({ sourceAccount: "999999999999" }) }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "another source account, where the program also contains the API's account",
    program: restStack({
      permission: () => ({ sourceAccount: "999999999999" }),
      more: () => attachToRole("arn:aws:iam::123456789012:policy/shared"),
    }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "source account from getCallerIdentity",
    program: restStack({ permission: () => ({ sourceAccount: aws.getCallerIdentityOutput().accountId }) }),
    // The result of a data source is a literal in the plan, which does not show that it is the stack's account.
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "principalOrgId",
    program: restStack({ permission: () => ({ principalOrgId: "o-abcdefghij" }) }),
    expected: DENIED,
  },
  {
    name: "eventSourceToken",
    program: restStack({ permission: () => ({ eventSourceToken: "t0ken" }) }),
    expected: DENIED,
  },
  {
    name: "two permissions, one of which covers the route",
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
    name: "permissions for some methods of an ANY route",
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

/** A route to the alias `live`, with the given permission. */
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
    name: "permission by reference to the function",
    program: restStack({ permission: ({ fn }) => ({ function: fn }) }),
    expected: [],
  },
  {
    name: "permission by the function's ARN",
    program: restStack({ permission: ({ fn }) => ({ function: fn.arn }) }),
    expected: [],
  },
  {
    name: "permission by a literal name",
    program: restStack({ permission: () => ({ function: "orders" }) }),
    expected: [],
  },
  {
    name: "permission by a literal ARN",
    program: restStack({ permission: () => ({ function: fnArn }) }),
    expected: [],
  },
  {
    name: "permission by a partial ARN",
    program: restStack({ permission: () => ({ function: "123456789012:function:orders" }) }),
    expected: [],
  },
  {
    name: "permission by the name of another function",
    program: restStack({ permission: () => ({ function: "others" }) }),
    expected: DENIED,
  },
  {
    name: "permission by a name in another case",
    program: restStack({ permission: () => ({ function: "Orders" }) }),
    expected: DENIED,
  },
  {
    name: "permission by the id of the function",
    program: restStack({ permission: ({ fn }) => ({ function: fn.id }) }),
    expected: [],
  },
  {
    name: "function with a name generated by Pulumi",
    program: restStack({ functionArgs: { name: undefined as never } }),
    expected: [],
  },
  {
    name: "permission on another function of the stack",
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
    // An unknown URI may contain a qualifier.
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "unqualified URI, permission on a qualified ARN",
    program: restStack({ permission: () => ({ function: `${fnArn}:live` }) }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "unqualified URI, permission on name:alias",
    program: restStack({ permission: () => ({ function: "orders:live" }) }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "alias URI, unqualified permission",
    program: onAlias(() => ({})),
    expected: DENIED,
    messageIncludes: ["qualifier"],
  },
  {
    name: "alias URI, permission with the qualifier by reference",
    program: onAlias((alias) => ({ qualifier: alias.name })),
    expected: [],
  },
  {
    name: "alias URI, permission with a literal qualifier",
    program: onAlias(() => ({ qualifier: "live" })),
    expected: [],
  },
  {
    name: "alias URI, permission on the alias's ARN",
    program: onAlias((alias) => ({ function: alias.arn })),
    expected: [],
  },
  {
    name: "alias URI, permission with functionName and name of the alias",
    program: onAlias((alias) => ({ function: alias.functionName, qualifier: alias.name })),
    expected: [],
  },
  {
    name: "alias URI, permission on name:alias",
    program: onAlias(() => ({ function: "orders:live" })),
    expected: [],
  },
  {
    name: "alias URI, permission on a literal qualified ARN",
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
    name: "version URI, unqualified permission",
    program: restStack({
      functionArgs: { publish: true },
      integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
    }),
    // While values are unknown, invokeArn and qualifiedInvokeArn cannot be distinguished.
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "version URI, permission on the version",
    program: restStack({
      functionArgs: { publish: true },
      integration: ({ fn }) => ({ uri: fn.qualifiedInvokeArn }),
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    // Both are unknown, and the URI may be that of the unqualified function.
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "unqualified URI, permission on the version",
    program: restStack({
      functionArgs: { publish: true },
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "published version, unqualified URI and permission",
    program: restStack({ functionArgs: { publish: true } }),
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "published version, unqualified URI and permission on the version",
    program: restStack({
      functionArgs: { publish: true },
      permission: ({ fn }) => ({ qualifier: fn.version }),
    }),
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "published version, permissions on the function and the version",
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
    name: "published version, no permission",
    program: restStack({ functionArgs: { publish: true }, permission: false, caller: false }),
    expected: DENIED,
  },
  {
    name: "URI built from the function's ARN",
    program: restStack({
      integration: ({ fn }) => ({
        uri: pulumi.interpolate`arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fn.arn}/invocations`,
      }),
    }),
    expected: [],
  },
  {
    name: "literal URI",
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

cases("functions outside the stack", [
  {
    name: "function in another stack, no permission in this one",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}-elsewhere/invocations`,
      }),
    }),
    expected: UNPROVEN,
    messageIncludes: ["not a function of this stack"],
  },
  {
    name: "function in another account",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:999999999999:function:orders/invocations",
      }),
    }),
    // While the stack's account is unknown, the only account id in the program is assumed to be it.
    expected: { "first-preview": [], deployed: UNPROVEN },
  },
  {
    name: "function in another stack, permission in this one",
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
    name: "function that is looked up",
    program: restStack({
      caller: false,
      integration: () => ({ uri: aws.lambda.getFunctionOutput({ functionName: "elsewhere" }).invokeArn }),
    }),
    expected: UNPROVEN,
  },
  {
    name: "function from a StackReference",
    program: restStack({
      caller: false,
      integration: () => ({
        uri: new pulumi.StackReference("org/functions/prod").getOutput("invokeArn") as never,
      }),
    }),
    expected: UNPROVEN,
    plan: {
      stackReferences: {
        "org/functions/prod": {
          invokeArn: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${fnArn}-elsewhere/invocations`,
        },
      },
    },
  },
]);

/** A route to an alias of a function that is looked up. */
function withLookedUpFunction(
  permission: (alias: aws.lambda.Alias) => Partial<aws.lambda.PermissionArgs>,
  lookup: "getFunctionOutput" | "Function.get" | "by name" = "getFunctionOutput",
  name: string | undefined = "live",
) {
  return () => {
    const functionName =
      lookup === "getFunctionOutput"
        ? aws.lambda.getFunctionOutput({ functionName: "elsewhere" }).functionName
        : lookup === "Function.get"
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

cases("alias of a function that is looked up", [
  ...(["getFunctionOutput", "Function.get", "by name"] as const).flatMap((lookup): Case[] => [
    {
      name: `${lookup}: permission on the alias`,
      program: withLookedUpFunction((alias) => ({ qualifier: alias.name }), lookup),
      expected: [],
    },
    {
      name: `${lookup}: permission on another alias`,
      program: withLookedUpFunction(() => ({ qualifier: "blue" }), lookup),
      expected: UNPROVEN,
    },
    {
      name: `${lookup}: permission on the unqualified function`,
      program: withLookedUpFunction(() => ({}), lookup),
      expected: UNPROVEN,
    },
  ]),
  {
    name: "alias with an unknown name",
    program: withLookedUpFunction((alias) => ({ qualifier: alias.name }), "by name", ""),
    expected: [],
  },
  {
    name: "permission on an alias that two functions have",
    program: () => {
      withLookedUpFunction(() => {
        const otherAlias = new aws.lambda.Alias("other", {
          functionName: "another",
          functionVersion: "1",
          name: "live",
        });
        return { function: "another", qualifier: otherAlias.name };
      })();
    },
    expected: UNPROVEN,
  },
]);

cases("dependencies of the source ARN", [
  {
    name: "source ARN that depends on a resource in another stack",
    program: withTail("*/GET/orders", {
      integration: ({ api }) => ({
        resourceId: aws.apigateway.getResourceOutput({ restApiId: api.id, path: "/orders" }).id,
      }),
    }),
    // A resource id that depends only on the API is assumed to be that of the root.
    expected: { "first-preview": [], deployed: UNPROVEN },
  },
  {
    name: "permission for the authorizer only",
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

cases("routes that need no permission", [
  {
    name: "credentials role",
    program: restStack({ permission: false, integration: ({ gateway }) => ({ credentials: gateway.arn }) }),
    expected: [],
  },
  {
    name: "caller credentials",
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
    name: "mock integration",
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
    name: "route without authorization and without a permission",
    program: restStack({ permission: false, authorization: "NONE" }),
    expected: DENIED,
  },
]);

cases("stages", [
  {
    name: "no stage in the stack, source ARN with any stage",
    program: withTail("*/GET/orders/{id}", { stage: false }),
    expected: [],
  },
  {
    name: "no stage in the stack, source ARN with a stage",
    program: withTail("prod/GET/orders/{id}", { stage: false }),
    expected: { "first-preview": [], deployed: UNPROVEN },
  },
  {
    name: "source ARN built from the stage's execution ARN",
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

cases("lambda.ResourcePolicy", [
  {
    name: "ResourcePolicy without the statement of the permission",
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
    name: "ResourcePolicy on an alias, permission on the function",
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
    expected: { "first-preview": UNPROVEN, deployed: [] },
    only: [POLICY, "unproven-access"],
  },
  {
    name: "ResourcePolicy with a Deny",
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
    name: "ResourcePolicy with an Allow",
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
    name: "unknown source ARN, whenUnknown: prove",
    program: restStack(),
    config: { [POLICY]: { whenUnknown: "prove" } },
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "no permission, whenUnknown: prove",
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

/** Ways to write the source ARN of a stage. */
const STAGE_ARNS = {
  "execution ARN of the stage": (_api, stage) => pulumi.interpolate`${stage.executionArn}/*`,
  "name of the stage": (api, stage) => pulumi.interpolate`${api.executionArn}/${stage.name}/*`,
  "literal name of the stage": (api, stage) => pulumi.interpolate`${api.executionArn}/${stage.text}/*`,
  "API's id from the stage": (_api, stage) =>
    pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${stage.apiId}/*/*`,
} satisfies Record<
  string,
  (
    api: { executionArn: pulumi.Output<string> },
    stage: Record<"executionArn" | "name" | "apiId", pulumi.Output<string>> & { text: string },
  ) => pulumi.Output<string>
>;

/**
 * Stages with an alias each in a stage variable. Each alias has a permission for its stage, except for one if not
 * `all`.
 */
function aliasPerStage(kind: "REST" | "HTTP", sourceArn: keyof typeof STAGE_ARNS, all: boolean): () => void {
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
        sourceArn: STAGE_ARNS[sourceArn](api, { ...stage, text }),
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
  "an alias for each stage",
  (["REST", "HTTP"] as const).flatMap((kind) =>
    (Object.keys(STAGE_ARNS) as (keyof typeof STAGE_ARNS)[]).flatMap((sourceArn): Case[] => [
      {
        name: `${kind}, permission for each stage by the ${sourceArn}`,
        program: aliasPerStage(kind, sourceArn, true),
        // The URI with the stage variable is unknown.
        expected: { "first-preview": UNPROVEN, deployed: [] },
      },
      {
        name: `${kind}, permission for two of three stages by the ${sourceArn}`,
        program: aliasPerStage(kind, sourceArn, false),
        expected: { "first-preview": UNPROVEN, deployed: DENIED },
      },
    ]),
  ),
);

cases("API's id from a stage", [
  {
    name: "id from one of two stages, source ARN with any stage",
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
    expected: { "first-preview": UNPROVEN, deployed: [] },
  },
  {
    name: "source ARN with one of two stages",
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
    expected: { "first-preview": UNPROVEN, deployed: DENIED },
  },
  {
    name: "source ARN of a stage of another API",
    program: restStack({
      permission: () => {
        const otherApi = new aws.apigateway.RestApi("other");
        const stage = new aws.apigateway.Stage("other", {
          restApi: otherApi.id,
          deployment: "d",
          stageName: "prod",
        });
        return { sourceArn: pulumi.interpolate`${stage.executionArn}/*` };
      },
    }),
    expected: DENIED,
  },
]);

describe(`${POLICY}: no credentials role`, () =>
  runCases([
    {
      only,
      name: "role that trusts another service, which no integration uses",
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

  /**
   * Sets the outputs to unknown that the provider cannot predict for a function with new code, and values that depend
   * on them.
   */
  function published(planned: Plan, called: string, qualified: string): Plan {
    for (const { type, inputs, outputs } of planned.resources) {
      const hidden =
        type === "aws:lambda/function:Function"
          ? ["version", "qualifiedArn", "qualifiedInvokeArn"]
          : type === "aws:apigateway/integration:Integration" && called === "version"
            ? ["uri"]
            : type === "aws:lambda/permission:Permission" && qualified === "version"
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
    for (const qualified of ["function", "version"] as const)
      it(`${called === qualified ? "allows" : "denies"} a route to the ${called} with a permission on the ${qualified}`, async () => {
        const program = restStack({
          functionArgs: { publish: true },
          integration: ({ fn }) => ({ uri: uriOf[called](fn) }),
          permission: ({ fn }) => permissionOn[qualified](fn),
        });
        const found = await check(published(await plan(program, { as: "deployed" }), called, qualified));
        const ofPolicy = found.filter(({ policy }) => policy === POLICY || policy === "unproven-access");
        assert.deepEqual(ofPolicy.map(findingLabel), called === qualified ? [] : DENIED);
      });
});
