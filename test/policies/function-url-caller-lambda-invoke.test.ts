import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, trustOf } from "../support/rest";

const POLICY = "function-url-caller-lambda-invoke";
const only = [POLICY, "unproven-access"];
const DENIED = [`${POLICY} @ caller`];

interface Url {
  readonly url?: Partial<aws.lambda.FunctionUrlArgs>;
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
    });
    new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM", ...url });
    const caller = new aws.iam.Role("caller", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
    new aws.iam.RolePolicy("caller-policy", {
      role: caller.name,
      policy: { Version: "2012-10-17", Statement: grants(fn) },
    });
    more?.(fn, caller);
  };

const byUrl = (fn: aws.lambda.Function) => allow("lambda:InvokeFunctionUrl", fn.arn);
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

describe(POLICY, () =>
  runCases(
    (
      [
        {
          name: "both actions",
          program: withUrl({ grants: (fn) => [byUrl(fn), allow("lambda:InvokeFunction", fn.arn)] }),
          expected: [],
        },
        { name: "lambda:*", program: withUrl({ grants: () => [allow("lambda:*", ARN)] }), expected: [] },
        {
          name: "the first only, written",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", ARN)] }),
          expected: DENIED,
          says: ["lambda:InvokeFunction is missing", "403"],
        },
        // Which action an unshown document allows on the function cannot be told: it is taken to be meant.
        {
          name: "the first only, by reference",
          program: withUrl({ grants: (fn) => [byUrl(fn)] }),
          expected: { "first-preview": [], deployed: DENIED },
        },
        {
          name: "the second only is no caller of URLs",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunction", ARN)] }),
          expected: [],
        },
        { name: "neither", program: withUrl({ grants: () => [allow("s3:GetObject", "*")] }), expected: [] },
        {
          name: "the second by function URL only",
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
          name: "the second never by function URL",
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
          name: "the second is denied",
          program: withUrl({
            grants: () => [
              allow("lambda:*", ARN),
              { Effect: "Deny", Action: "lambda:InvokeFunction", Resource: "*" },
            ],
          }),
          expected: DENIED,
          says: ["is denied"],
        },
        {
          name: "the URL's auth type is another",
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
          name: "the second on a condition that cannot be told",
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
          name: "URL without authorization",
          program: withUrl({
            url: { authorizationType: "NONE" },
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: [],
        },
        {
          name: "another function",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", `${ARN}-2`)] }),
          expected: [],
        },
        {
          name: "URL on an alias, both on the alias",
          program: withUrl({
            url: { qualifier: "live" },
            grants: () => [
              allow("lambda:InvokeFunctionUrl", `${ARN}:live`),
              allow("lambda:InvokeFunction", `${ARN}:*`),
            ],
          }),
          expected: [],
        },
        {
          name: "URL on an alias, the second unqualified",
          program: withUrl({
            url: { qualifier: "live" },
            grants: () => [
              allow("lambda:InvokeFunctionUrl", `${ARN}:live`),
              allow("lambda:InvokeFunction", ARN),
            ],
          }),
          expected: DENIED,
        },
        {
          name: "the second by the function's resource policy",
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
          expected: { "first-preview": ["unproven-access @ caller"], deployed: [] },
        },
        {
          name: "by a policy of another stack",
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
          name: "exempt",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", ARN)] }),
          config: { [POLICY]: { exempt: [{ resource: "caller", reason: "x" }] } },
          expected: [],
        },
        {
          name: "disabled",
          program: withUrl({ grants: () => [allow("lambda:InvokeFunctionUrl", ARN)] }),
          config: { [POLICY]: "disabled" },
          expected: [],
        },
        {
          name: "a StackReference for the function's name",
          program: withUrl({
            url: { functionName: new pulumi.Config("x").get("y") ?? "elsewhere" },
            grants: () => [allow("lambda:InvokeFunctionUrl", ARN)],
          }),
          expected: [],
        },
      ] as Case[]
    ).map((row) => ({ only, ...row })),
  ),
);
