import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, trustOf } from "../support/rest";

const POLICY = "function-url-caller-lambda-invoke";
const only = [POLICY, "unproven-access"];
const DENIED = [`${POLICY} @ caller`];
const UNPROVEN = ["unproven-access @ caller"];

interface Url {
  readonly url?: () => Partial<aws.lambda.FunctionUrlArgs>;
  readonly grants: (fn: aws.lambda.Function) => aws.iam.PolicyStatement[];
  readonly more?: (fn: aws.lambda.Function, caller: aws.iam.Role) => void;
}

const withUrl =
  ({ url, grants, more }: Url) =>
  (): void => {
    const fn = new aws.lambda.Function("orders", {
      name: "orders",
      role: "arn:aws:iam::123456789012:role/execution",
      runtime: "nodejs22.x",
      handler: "index.handler",
      s3Bucket: "code",
      s3Key: "orders.zip",
    });
    new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM", ...url?.() });
    const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: grants(fn) },
    });
    more?.(fn, caller);
  };

const allowCaller =
  (args: Partial<aws.lambda.PermissionArgs> & { action: string }) =>
  (fn: aws.lambda.Function, caller: aws.iam.Role): void => {
    new aws.lambda.Permission(args.action.slice("lambda:".length), {
      function: fn.name,
      principal: caller.arn,
      ...args,
    });
  };

/** A value that is unknown on a first preview. */
const hidden = (value: string): pulumi.Output<string> => new aws.sqs.Queue("hidden").arn.apply(() => value);

/**
 * A caller in another account with both actions. The provider states its account, because the testing kit deploys all
 * resources into one account.
 */
const fromOtherAccount = (...permissions: (Partial<aws.lambda.PermissionArgs> & { action: string })[]) =>
  withUrl({
    grants: () => [allow("s3:GetObject", "*")],
    more: (fn, caller) => {
      const provider = new aws.Provider("partner", {
        region: "us-east-1",
        profile: "partner",
        allowedAccountIds: ["111122223333"],
      });
      const role = new aws.iam.Role("abroad", { name: "abroad", assumeRolePolicy: "{}" }, { provider });
      new aws.iam.RolePolicy(
        "abroad-policy",
        { role: role.name, policy: { Version: "2012-10-17", Statement: [allow("lambda:*", ARN)] } },
        { provider },
      );
      for (const permission of permissions) allowCaller(permission)(fn, caller);
    },
  });

const byUrl = (fn: aws.lambda.Function) => allow("lambda:InvokeFunctionUrl", fn.arn);
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

describe(POLICY, () =>
  runCases(
    (
      [
        {
          name: "caller with both actions",
          program: withUrl({ grants: (fn) => [byUrl(fn), allow("lambda:InvokeFunction", fn.arn)] }),
          expected: { "first-preview": UNPROVEN, deployed: [] },
        },
        {
          name: "caller with lambda:*",
          program: withUrl({ grants: () => [allow("lambda:*", ARN)] }),
          expected: [],
        },
        {
          name: "caller with lambda:InvokeFunctionUrl only, literal ARN",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", ARN)] }),
          expected: DENIED,
          messageIncludes: ["lambda:InvokeFunction is missing", "403"],
        },
        // An unknown document that depends on the function may allow any action on it.
        {
          name: "caller with lambda:InvokeFunctionUrl only, ARN by reference",
          program: withUrl({ grants: (fn) => [byUrl(fn)] }),
          expected: { "first-preview": UNPROVEN, deployed: DENIED },
        },
        {
          name: "role with lambda:InvokeFunction only, which is not a caller of URLs",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunction", ARN)] }),
          expected: [],
        },
        {
          name: "role with neither action",
          program: withUrl({ grants: () => [allow("s3:GetObject", "*")] }),
          expected: [],
        },
        {
          name: "lambda:InvokeFunction with lambda:InvokedViaFunctionUrl true",
          program: withUrl({
            grants: () => [
              allow("lambda:InvokeFunctionUrl", ARN),
              {
                ...allow("lambda:InvokeFunction", ARN),
                Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
              },
            ],
          }),
          expected: [],
        },
        {
          name: "lambda:InvokeFunction with lambda:InvokedViaFunctionUrl false",
          program: withUrl({
            grants: () => [
              allow("lambda:InvokeFunctionUrl", ARN),
              {
                ...allow("lambda:InvokeFunction", ARN),
                Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "false" } },
              },
            ],
          }),
          expected: DENIED,
        },
        {
          name: "Deny on lambda:InvokeFunction",
          program: withUrl({
            grants: () => [
              allow("lambda:*", ARN),
              { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" },
            ],
          }),
          expected: DENIED,
          messageIncludes: ["is denied"],
        },
        {
          name: "lambda:FunctionUrlAuthType NONE",
          program: withUrl({
            grants: () => [
              {
                ...allow("lambda:InvokeFunctionUrl", ARN),
                Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
              },
            ],
          }),
          expected: [],
        },
        {
          name: "lambda:InvokeFunction with a condition on request data",
          program: withUrl({
            grants: () => [
              allow("lambda:InvokeFunctionUrl", ARN),
              {
                ...allow("lambda:InvokeFunction", ARN),
                Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
              },
            ],
          }),
          expected: ["unproven-access @ caller"],
        },
        {
          name: "URL with authorization type NONE",
          program: withUrl({
            url: () => ({ authorizationType: "NONE" }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: [],
        },
        {
          name: "caller with lambda:InvokeFunction on another function",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", `${ARN}-2`)] }),
          expected: [],
        },
        {
          name: "URL of an alias, both actions on the alias",
          program: withUrl({
            url: () => ({ qualifier: "live" }),
            grants: () => [
              allow("lambda:InvokeFunctionUrl", `${ARN}:live`),
              allow("lambda:InvokeFunction", `${ARN}:*`),
            ],
          }),
          expected: [],
        },
        {
          name: "URL of an alias, lambda:InvokeFunction on the unqualified function",
          program: withUrl({
            url: () => ({ qualifier: "live" }),
            grants: () => [
              allow("lambda:InvokeFunctionUrl", `${ARN}:live`),
              allow("lambda:InvokeFunction", ARN),
            ],
          }),
          expected: DENIED,
        },
        {
          name: "lambda:InvokeFunction from the function's resource policy",
          program: withUrl({
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
            more: (fn, caller) => {
              new aws.lambda.Permission("for-caller", {
                action: "lambda:InvokeFunction",
                function: fn.name,
                principal: caller.arn,
                invokedViaFunctionUrl: true,
              });
            },
          }),
          expected: [],
        },
        {
          name: "caller with an attached policy from another stack",
          program: withUrl({
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
            more: (_, caller) => {
              new aws.iam.RolePolicyAttachment("other", {
                role: caller.name,
                policyArn: "arn:aws:iam::123456789012:policy/other",
              });
            },
          }),
          expected: ["unproven-access @ caller"],
        },
        {
          name: "lambda:InvokeFunction with lambda:InvokedViaFunctionUrl true, without lambda:InvokeFunctionUrl",
          program: withUrl({
            grants: () => [
              {
                ...allow("lambda:InvokeFunction", ARN),
                Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
              },
            ],
          }),
          expected: DENIED,
          messageIncludes: ["lambda:InvokeFunctionUrl is missing", '"Action": "lambda:InvokeFunctionUrl"'],
        },
        {
          name: "lambda:* with a Deny on lambda:InvokeFunctionUrl",
          program: withUrl({
            grants: () => [
              allow("lambda:*", "*"),
              { Effect: "Deny", Action: "lambda:InvokeFunctionUrl", Resource: "*" },
            ],
          }),
          expected: [],
        },
        {
          name: "lambda:InvokeFunctionUrl from the resource policy only",
          program: withUrl({ grants: () => [], more: allowCaller({ action: "lambda:InvokeFunctionUrl" }) }),
          expected: DENIED,
        },
        {
          name: "both actions from the resource policy",
          program: withUrl({
            grants: () => [],
            more: (...args) => {
              allowCaller({ action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "AWS_IAM" })(...args);
              allowCaller({ action: "lambda:InvokeFunction", invokedViaFunctionUrl: true })(...args);
            },
          }),
          expected: [],
        },
        {
          name: "resource policy for URLs with authorization type NONE",
          program: withUrl({
            grants: () => [],
            more: allowCaller({ action: "lambda:InvokeFunctionUrl", functionUrlAuthType: "NONE" }),
          }),
          expected: [],
        },
        {
          name: "resource policy for the account",
          program: withUrl({
            grants: () => [allow("s3:GetObject", "*")],
            more: allowCaller({ action: "lambda:InvokeFunctionUrl", principal: "123456789012" }),
          }),
          expected: [],
        },
        {
          name: "resource policy with lambda:InvokeFunctionUrl for everyone",
          program: withUrl({
            grants: () => [allow("s3:GetObject", "*")],
            more: allowCaller({ action: "lambda:InvokeFunctionUrl", principal: "*" }),
          }),
          expected: ["unproven-access @ InvokeFunctionUrl"],
        },
        {
          name: "caller in another account, resource policy with lambda:InvokeFunctionUrl only",
          program: fromOtherAccount({ action: "lambda:InvokeFunctionUrl", principal: "111122223333" }),
          expected: { "first-preview": ["unproven-access @ abroad"], deployed: [`${POLICY} @ abroad`] },
        },
        {
          name: "caller in another account, no resource policy",
          program: fromOtherAccount(),
          expected: { "first-preview": ["unproven-access @ abroad"], deployed: [`${POLICY} @ abroad`] },
        },
        {
          name: "caller in another account, resource policy with both actions",
          program: fromOtherAccount(
            { action: "lambda:InvokeFunctionUrl", principal: "111122223333" },
            { action: "lambda:InvokeFunction", principal: "111122223333" },
          ),
          expected: { "first-preview": ["unproven-access @ abroad"], deployed: [] },
        },
        {
          name: "unknown authorization type",
          program: withUrl({
            url: () => ({ authorizationType: hidden("AWS_IAM") }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: { "first-preview": ["unproven-access @ url"], deployed: DENIED },
        },
        {
          name: "unknown function name",
          program: withUrl({
            url: () => ({ functionName: hidden("orders") }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: { "first-preview": ["unproven-access @ url"], deployed: DENIED },
        },
        {
          name: "unknown alias",
          program: withUrl({
            url: () => ({ qualifier: hidden("live") }),
            grants: () => [allow("lambda:InvokeFunctionUrl", `${ARN}:live`)],
          }),
          expected: { "first-preview": ["unproven-access @ url"], deployed: DENIED },
        },
        {
          name: "invalid authorization type",
          program: withUrl({
            url: () => ({ authorizationType: "aws_iam; drop" }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: [],
        },
        {
          name: "malformed function name",
          program: withUrl({
            url: () => ({ functionName: ":::/${x}" }),
            grants: () => [allow("lambda:InvokeFunctionUrl", "*")],
          }),
          expected: ["unproven-access @ caller"],
        },
        {
          name: "URL of a function in another stack",
          program: withUrl({
            url: () => ({ functionName: "elsewhere" }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN.replace("orders", "elsewhere"))],
          }),
          expected: ["unproven-access @ caller"],
          messageIncludes: ["the stack that owns the function"],
        },
        {
          name: "credentials role of an integration, which is not a caller of the URL",
          program: () => {
            withUrl({ grants: () => [allow("s3:GetObject", "*")] })();
            const gateway = new aws.iam.Role("gateway", {
              assumeRolePolicy: trustOf("apigateway.amazonaws.com"),
            });
            const fn = new aws.lambda.Function("behind", {
              role: "arn:aws:iam::123456789012:role/execution",
              runtime: "nodejs22.x",
              handler: "index.handler",
            });
            new aws.lambda.FunctionUrl("behind", { functionName: fn.name, authorizationType: "AWS_IAM" });
            new aws.iam.RolePolicy("gateway-policy", {
              role: gateway.name,
              policy: { Version: "2012-10-17", Statement: [allow("lambda:InvokeFunction", fn.arn)] },
            });
            const api = new aws.apigatewayv2.Api("api", { protocolType: "HTTP" });
            const integration = new aws.apigatewayv2.Integration("integration", {
              apiId: api.id,
              integrationType: "AWS_PROXY",
              integrationUri: fn.invokeArn,
              credentialsArn: gateway.arn,
            });
            new aws.apigatewayv2.Route("route", {
              apiId: api.id,
              routeKey: "GET /",
              target: pulumi.interpolate`integrations/${integration.id}`,
            });
          },
          expected: [],
        },
        {
          name: "function name from the configuration",
          program: withUrl({
            url: () => ({ functionName: new pulumi.Config("x").get("y") ?? "elsewhere" }),
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: [],
        },
      ] as Case[]
    ).map((row) => ({ only, ...row })),
  ),
);
