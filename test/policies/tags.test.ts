import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { Native, nativeStack } from "../support/native";
import { allow, restStack, trustOf } from "../support/rest";

/**
 * Conditions on known tags.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/attribute-based-access-control.html
 */

type Tags = aws.lambda.FunctionArgs["tags"];
type Condition = Readonly<Record<string, Readonly<Record<string, pulumi.Input<string>>>>>;

const CREDENTIALS = "arn:aws:iam::*:user/*";
const DENIED = ["caller-credentials-lambda-invoke @ tagged"];
const UNPROVEN = ["unproven-access @ tagged"];
const only = [
  "caller-credentials-lambda-invoke",
  "integration-role-lambda-invoke",
  "route-function-permission",
  "unproven-access",
];

/** Documents without references, which are known on a first preview. */
const GRANTS = [allow("execute-api:Invoke", "*")] as const;

const invokeIf = (Condition: Condition) => ({ ...allow("lambda:InvokeFunction", "*"), Condition });

interface Tagged {
  readonly fn?: Tags;
  readonly role?: Tags;
  readonly trust?: aws.iam.PolicyDocument;
  readonly options?: pulumi.CustomResourceOptions;
}

/** A route with caller credentials and a caller that is allowed to invoke functions under a condition. */
const called =
  (condition: Condition, { fn, role, trust, options }: Tagged = {}) =>
  () => {
    const provider = options?.provider;
    restStack({
      caller: false,
      permission: false,
      functionArgs: fn === undefined ? {} : { tags: fn },
      integration: () => ({ credentials: CREDENTIALS }),
      more: () => {
        const tagged = new aws.iam.Role(
          "tagged",
          {
            assumeRolePolicy: trust ?? trustOf("ec2.amazonaws.com"),
            ...(role === undefined ? {} : { tags: role }),
          },
          provider === undefined ? {} : { provider },
        );
        new aws.iam.RolePolicy("calls", {
          role: tagged.name,
          policy: { Version: "2012-10-17", Statement: [...GRANTS, invokeIf(condition)] },
        });
      },
    })();
  };

const resource = (value: string): Condition => ({ StringEquals: { "aws:ResourceTag/team": value } });
const principal = (value: string): Condition => ({ StringEquals: { "aws:PrincipalTag/team": value } });
const same: Condition = { StringEquals: { "aws:ResourceTag/team": `\${aws:PrincipalTag/team}` } };

const sessions = (action: string | string[]): aws.iam.PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: action }],
});

/** A tag that is unknown on a first preview. */
const hidden = () => ({ team: new aws.sqs.Queue("queue").arn });

const native = (condition: Condition, fnTags?: unknown, roleTags?: unknown) =>
  nativeStack({
    caller: false,
    permission: false,
    integration: () => ({ credentials: CREDENTIALS }),
    functionInputs: fnTags === undefined ? {} : { tags: fnTags },
    more: () => {
      new Native("iam:Role", "tagged", {
        assumeRolePolicyDocument: trustOf("ec2.amazonaws.com"),
        ...(roleTags === undefined ? {} : { tags: roleTags }),
        policies: [
          {
            policyName: "calls",
            policyDocument: { Version: "2012-10-17", Statement: [...GRANTS, invokeIf(condition)] },
          },
        ],
      });
    },
  });

const user = (condition: Condition, tags: Tags) =>
  restStack({
    caller: false,
    permission: false,
    integration: () => ({ credentials: CREDENTIALS }),
    more: () => {
      const tagged = new aws.iam.User("tagged", { tags });
      new aws.iam.UserPolicy("calls", {
        user: tagged.name,
        policy: { Version: "2012-10-17", Statement: [...GRANTS, invokeIf(condition)] },
      });
    },
  });

const withDefaults = (condition: Condition, settings: Partial<aws.ProviderArgs>) => () => {
  const provider = new aws.Provider("tagging", { region: "us-east-1", ...settings });
  called(condition, { fn: { team: "shop" }, options: { provider } })();
};

const programs: readonly [string, () => unknown, Case["expected"]][] = [
  ["condition that matches the function's tag", called(resource("shop"), { fn: { team: "shop" } }), []],
  ["function with another tag value", called(resource("shop"), { fn: { team: "billing" } }), DENIED],
  ["function without tags", called(resource("shop")), DENIED],
  ["tag key in another case", called(resource("shop"), { fn: { Team: "shop" } }), []],
  [
    "two tag keys that differ in case only",
    called(resource("shop"), { fn: { Team: "x", team: "shop" } }),
    UNPROVEN,
  ],
  ["condition that requires no tag", called({ Null: { "aws:ResourceTag/team": "true" } }), []],
  ["condition on an aws: tag", called({ StringLike: { "aws:ResourceTag/aws:owner": "*" } }), UNPROVEN],
  [
    "unknown tags",
    () => called(resource("shop"), { fn: hidden() })(),
    { "first-preview": UNPROVEN, deployed: DENIED },
  ],
  ["condition that matches the role's tag", called(principal("shop"), { role: { team: "shop" } }), []],
  ["role with another tag value", called(principal("shop"), { role: { team: "billing" } }), DENIED],
  ["role without tags", called(principal("shop")), DENIED],
  [
    "role whose trust policy allows sts:TagSession",
    called(principal("shop"), { trust: sessions(["sts:AssumeRole", "sts:TagSession"]) }),
    UNPROVEN,
  ],
  ["role whose trust policy allows sts:*", called(principal("shop"), { trust: sessions("sts:*") }), UNPROVEN],
  ["same tag on function and role", called(same, { fn: { team: "shop" }, role: { team: "shop" } }), []],
  [
    "different tags on function and role",
    called(same, { fn: { team: "shop" }, role: { team: "billing" } }),
    DENIED,
  ],
  ["condition that matches the user's tag", user(principal("shop"), { team: "shop" }), []],
  ["user with another tag value", user(principal("shop"), { team: "billing" }), DENIED],
  [
    "default tag of the provider",
    withDefaults(principal("shop"), { defaultTags: { tags: { team: "shop" } } }),
    [],
  ],
  [
    "another default tag of the provider",
    withDefaults(principal("shop"), { defaultTags: { tags: { team: "billing" } } }),
    DENIED,
  ],
  [
    "tags that the provider ignores",
    withDefaults(principal("shop"), { ignoreTags: { keys: ["team"] } }),
    UNPROVEN,
  ],
  [
    "aws-native, condition that matches the function's tag",
    native(resource("shop"), [{ key: "team", value: "shop" }]),
    [],
  ],
  [
    "aws-native, function with another tag value",
    native(resource("shop"), [{ key: "team", value: "billing" }]),
    DENIED,
  ],
  [
    "aws-native, condition that matches the role's tag",
    native(principal("shop"), undefined, [{ key: "team", value: "shop" }]),
    [],
  ],
  ["aws-native, role without tags", native(principal("shop")), DENIED],
];

describe("conditions on tags", () => {
  runCases(programs.map(([name, program, expected]) => ({ name, program, expected, only })));
});
