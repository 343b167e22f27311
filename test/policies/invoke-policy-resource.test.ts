import * as aws from "@pulumi/aws";
import { type Case, runCases } from "../support/cases";
import { Native } from "../support/native";
import { document as documentOf, INLINE, testFindings, UNKNOWN } from "../support/resources";
import { trustOf } from "../support/rest";

const POLICY = "invoke-policy-resource";
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:orders";
const API = "arn:aws:execute-api:us-east-1:123456789012:abc123";
const CALL = "lambda:InvokeFunction";
const ROUTE = "execute-api:Invoke";

/** The document as it is in an inline policy of a role. */
const inline = (policy: string) => (): void => {
  const role = new aws.iam.Role("caller", { name: "caller", assumeRolePolicy: trustOf("ec2.amazonaws.com") });
  new aws.iam.RolePolicy("policy", { name: "policy", role: role.name, policy });
};

const statement = (Action: unknown, Resource: unknown, more: object = {}): object => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const document = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const on = (Action: unknown, Resource: unknown, more: object = {}): string =>
  document(statement(Action, Resource, more));

interface Mistake {
  readonly name: string;
  readonly wrong: string;
  /** Parts of the message: what is wrong, and the fix. */
  readonly messageIncludes: readonly string[];
  /** A document that is similar and right. */
  readonly right: string;
}

const FUNCTION_FIX = "arn:aws:lambda:REGION:ACCOUNT:function:NAME";
const REFUSED = "MalformedPolicyDocument";

const MISTAKES: readonly Mistake[] = [
  {
    name: "an invoke ARN",
    wrong: on(CALL, `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`),
    messageIncludes: ["invoke ARN for integrations", "use the function's arn in place of its invokeArn"],
    right: on([CALL, "apigateway:GET"], [FUNCTION, "arn:aws:apigateway:us-east-1::/restapis/*"]),
  },
  {
    name: "a function under execute-api",
    wrong: on(ROUTE, FUNCTION),
    messageIncludes: [
      "is a resource of lambda, but the statement's actions are of execute-api",
      "API/STAGE/VERB/path",
    ],
    right: on([ROUTE, CALL], [FUNCTION, `${API}/*`]),
  },
  {
    name: "a control-plane ARN under execute-api",
    wrong: on(ROUTE, "arn:aws:apigateway:us-east-1::/restapis/abc123/*"),
    messageIncludes: ["is a resource of apigateway", "API/STAGE/VERB/path"],
    right: on("apigateway:*", "arn:aws:apigateway:us-east-1::/restapis/abc123/*"),
  },
  {
    name: "a path parameter",
    wrong: on(ROUTE, `${API}/*/GET/pets/{id}`),
    messageIncludes: ["contains a path parameter in braces", "write * for the parameter"],
    right: on(ROUTE, `${API}/*/GET/pets/\${aws:username}`),
  },
  {
    name: "no stage",
    wrong: on(ROUTE, API),
    messageIncludes: ["has no stage", "end it with /*"],
    right: on(ROUTE, `${API}*`),
  },
  {
    name: "no verb",
    wrong: on(ROUTE, `${API}/prod`),
    messageIncludes: ["has no verb", "STAGE/VERB/path"],
    right: on(ROUTE, `${API}/prod/$connect`),
  },
  {
    name: "two slashes",
    wrong: on(ROUTE, `${API}/prod/GET//pets`),
    messageIncludes: ["contains two slashes in a row", "write one"],
    right: on(ROUTE, `${API}/prod/GET/`),
  },
  ...[
    "undefined",
    "None",
    "null",
    "[object Object]",
    "Calling [toString] on an [Output<T>] is not supported",
  ].map(
    (value): Mistake => ({
      name: value,
      wrong: on(CALL, `arn:aws:lambda:us-east-1:123456789012:function:${value}`),
      messageIncludes: [
        `contains "${value.replace(" is not supported", "")}" in place of a value`,
        "combine outputs with the SDK's functions",
      ],
      right: on(CALL, `${FUNCTION}-undefined`),
    }),
  ),
  {
    name: "lambda:Invoke",
    wrong: on("lambda:Invoke", FUNCTION),
    messageIncludes: ['action "lambda:Invoke" does not exist', "did you mean lambda:InvokeFunction?"],
    right: on(["lambda:InvokeAsync", "lambda:invokefunctionurl", "lambda:Invoke*"], FUNCTION),
  },
  {
    name: "execute-api:InvokeApi",
    wrong: on("execute-api:InvokeApi", `${API}/*`),
    messageIncludes: ['action "execute-api:InvokeApi" does not exist', "did you mean execute-api:Invoke?"],
    right: on(["execute-api:InvalidateCache", "execute-api:Inv*"], `${API}/*`),
  },
  {
    name: "apigateway:Invoke",
    wrong: on("apigateway:Invoke", `${API}/*`),
    messageIncludes: ["did you mean execute-api:Invoke?"],
    right: on("apigateway:GET", "*"),
  },
  {
    name: "a Version that is a date of its own",
    wrong: JSON.stringify({ Version: "2012-10-18", Statement: statement(CALL, FUNCTION) }),
    messageIncludes: ['Version is "2012-10-18", not "2012-10-17"', 'write "Version": "2012-10-17"'],
    right: JSON.stringify({ Version: "2008-10-17", Statement: statement(CALL, FUNCTION) }),
  },
  {
    name: "a Version that is a number",
    wrong: JSON.stringify({ Version: 20121017, Statement: statement(CALL, FUNCTION) }),
    messageIncludes: ["Version is of type number"],
    right: JSON.stringify({ Statement: [statement(CALL, FUNCTION)] }),
  },
  {
    name: "no JSON",
    wrong: "{'Version': '2012-10-17'}",
    messageIncludes: ["the document is not JSON", REFUSED, "JSON.stringify"],
    right: `\n\t${on(CALL, FUNCTION)}\n`,
  },
  {
    name: "no Effect",
    wrong: document({ Action: CALL, Resource: FUNCTION }),
    messageIncludes: ["the statement has no Effect", REFUSED],
    right: document({ Action: "s3:GetObject", Resource: "*" }),
  },
  {
    name: "no Resource",
    wrong: document({ Effect: "Allow", Action: CALL }),
    messageIncludes: ["the statement has no Resource", REFUSED],
    right: document({ Effect: "Allow", Action: CALL, NotResource: FUNCTION }),
  },
  {
    name: "an empty list of resources",
    wrong: on(CALL, []),
    messageIncludes: ["Resource is empty", REFUSED],
    right: on(CALL, [FUNCTION]),
  },
  {
    name: "a Principal",
    wrong: on(CALL, FUNCTION, { Principal: "*" }),
    messageIncludes: ["an identity-based policy cannot have a Principal", REFUSED, "remove it"],
    right: on(CALL, FUNCTION, { Condition: { ArnLike: { "aws:PrincipalArn": "*" } } }),
  },
  {
    name: "an element in another case",
    wrong: on(CALL, FUNCTION, { condition: {} }),
    messageIncludes: ["unknown element condition", REFUSED, "case-sensitive"],
    right: on(CALL, FUNCTION, { Condition: {} }),
  },
  {
    name: "an operator in another case",
    wrong: on(CALL, FUNCTION, { Condition: { stringEquals: { "aws:username": "ann" } } }),
    messageIncludes: ["unknown condition operator stringEquals", REFUSED],
    right: on(CALL, FUNCTION, {
      Condition: {
        "ForAnyValue:StringEqualsIfExists": { "AWS:UserName": ["ann"] },
        Null: { "aws:a": "true" },
      },
    }),
  },
  {
    name: "a name in place of an ARN",
    wrong: on(CALL, "orders"),
    messageIncludes: ['neither an ARN nor "*"', REFUSED, FUNCTION_FIX],
    right: on("s3:GetObject", "orders"),
  },
  {
    name: "a Sid with a hyphen",
    wrong: on(CALL, FUNCTION, { Sid: "call-it" }),
    messageIncludes: ["the Sid contains characters other than", REFUSED],
    right: on(CALL, FUNCTION, { Sid: "CallIt1" }),
  },
];

describe(`${POLICY}: mistakes`, () =>
  runCases(
    MISTAKES.flatMap(({ name, wrong, messageIncludes, right }): readonly Case[] => [
      {
        name,
        only: [POLICY],
        program: inline(wrong),
        expected: [`${POLICY} @ policy`],
        messageIncludes: [...messageIncludes, "Fix: "],
      },
      { name: `near ${name}`, only: [POLICY], program: inline(right), expected: [] },
    ]),
  ));

/** A document of so many characters without white space. */
function long(size: number): string {
  const made = (Sid: string): string => on(CALL, FUNCTION, { Sid });
  return made("a".repeat(size - made("").length));
}

const trust = trustOf("ec2.amazonaws.com");
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length */
const PLACES: readonly [string, number, (policies: readonly string[]) => void, at: string][] = [
  [
    "a role, in a resource of its own",
    10_240,
    ([policy = ""]) => new aws.iam.RolePolicy("policy", { role: "caller", policy }),
    "policy",
  ],
  ["a user", 2_048, ([policy = ""]) => new aws.iam.UserPolicy("policy", { user: "ann", policy }), "policy"],
  [
    "a group",
    5_120,
    ([policy = ""]) => new aws.iam.GroupPolicy("policy", { group: "people", policy }),
    "policy",
  ],
  ["a managed policy", 6_144, ([policy = ""]) => new aws.iam.Policy("policy", { policy }), "policy"],
  [
    "the inline policies of a role together",
    10_240,
    (policies) =>
      new aws.iam.Role("caller", {
        assumeRolePolicy: trust,
        inlinePolicies: policies.map((policy, at) => ({ name: `p${at}`, policy })),
      }),
    "caller",
  ],
  [
    "the inline policies of a user together",
    2_048,
    (policies) =>
      new Native("iam:User", "ann", {
        policies: policies.map((policy, at) => ({
          policyName: `p${at}`,
          policyDocument: JSON.parse(policy),
        })),
      }),
    "ann",
  ],
];

describe(`${POLICY}: size`, () =>
  runCases(
    PLACES.flatMap(([name, limit, place, at]): readonly Case[] => {
      const half = Math.floor(limit / 2);
      const together = name.endsWith("together");
      const policies = (over: number): readonly string[] =>
        together ? [long(half), long(limit - half + over)] : [long(limit + over)];
      return [
        { name: `${name}, at the limit`, only: [POLICY], program: () => place(policies(0)), expected: [] },
        {
          name: `${name}, beyond`,
          only: [POLICY],
          program: () => place(policies(1)),
          expected: [`${POLICY} @ ${at}`],
          messageIncludes: [
            `${limit + 1} characters without white space; the limit for`,
            "split it into several managed policies",
          ],
        },
      ];
    }),
  ));

const GOV = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:orders";
/** Every place that holds an identity-based document. */
const HOLDERS: readonly [string, (policy: object) => void, at: string][] = [
  [
    "a role policy",
    (policy) => new aws.iam.RolePolicy("policy", { role: "caller", policy: policy as never }),
    "policy",
  ],
  [
    "a user policy",
    (policy) => new aws.iam.UserPolicy("policy", { user: "ann", policy: JSON.stringify(policy) }),
    "policy",
  ],
  [
    "a group policy",
    (policy) => new aws.iam.GroupPolicy("policy", { group: "people", policy: policy as never }),
    "policy",
  ],
  ["a managed policy", (policy) => new aws.iam.Policy("policy", { policy: policy as never }), "policy"],
  [
    "an inline policy",
    (policy) =>
      new aws.iam.Role("caller", {
        assumeRolePolicy: trust,
        inlinePolicies: [{ name: "p", policy: JSON.stringify(policy) }],
      }),
    "caller",
  ],
  [
    "aws-native's role policy",
    (policy) =>
      new Native("iam:RolePolicy", "policy", { roleName: "caller", policyName: "p", policyDocument: policy }),
    "policy",
  ],
  [
    "aws-native's managed policy",
    (policy) => new Native("iam:ManagedPolicy", "policy", { policyDocument: policy }),
    "policy",
  ],
  [
    "aws-native's policies of a role",
    (policy) => new Native("iam:Role", "caller", { policies: [{ policyName: "p", policyDocument: policy }] }),
    "caller",
  ],
];

describe(`${POLICY}: partitions`, () =>
  runCases(
    HOLDERS.flatMap(([holder, hold, at]): readonly Case[] =>
      (
        [
          ["of the partition", "us-gov-west-1", GOV, []],
          ["of the commercial partition", "us-gov-west-1", FUNCTION, [at]],
          ["of GovCloud, in a commercial region", "us-east-1", GOV, [at]],
          [
            "of China's region in the commercial partition",
            "cn-north-1",
            FUNCTION.replace("us-east-1", "cn-north-1"),
            [at],
          ],
        ] as const
      ).map(([name, region, arn, found]) => ({
        name: `${holder} on a function ${name}`,
        only: [POLICY],
        // One working resource does not help: IAM refuses the document.
        program: () => hold(JSON.parse(on(CALL, [arn, "arn:*:lambda:*:*:function:orders"]))),
        plan: { region, config: { "aws-native:region": region } },
        expected: found.map((one) => `${POLICY} @ ${one}`),
        messageIncludes: [REFUSED],
      })),
    ),
  ));

describe(`${POLICY}: resources are alternatives`, () =>
  runCases(
    HOLDERS.flatMap(([holder, hold, at]): readonly Case[] =>
      (
        [
          ["the API alone", ROUTE, [API], [at]],
          ["the API and all of it", ROUTE, [API, `${API}/*`], []],
          ["the API and all of it, to send messages", "execute-api:ManageConnections", [API, `${API}/*`], []],
          ["two resources that no request has", ROUTE, [API, `${API}/*/GET/{id}`], [at, at]],
          ["a misspelt action alongside the right one", [CALL, "lambda:InvokeModel"], [FUNCTION], []],
          ["a misspelt action", ["lambda:InvokeModel"], [FUNCTION], [at]],
        ] as const
      ).map(([name, action, resource, found]) => ({
        name: `${name}: ${holder}`,
        only: [POLICY],
        program: () => hold(JSON.parse(on(action, resource))),
        expected: found.map((one) => `${POLICY} @ ${one}`),
      })),
    ),
  ));

testFindings("invoke-policy-resource", INLINE, { role: "caller" }, [
  ["a function", documentOf("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", documentOf("lambda:InvokeFunction", "*"), 0],
  ["a qualified function", documentOf("lambda:InvokeFunction", `${FUNCTION}:live`), 0],
  ["a route", documentOf("execute-api:Invoke", `${API}/*/GET/orders/*`), 0],
  [
    "both actions on both",
    documentOf(["execute-api:Invoke", "lambda:InvokeFunction"], [`${API}/*`, FUNCTION]),
    0,
  ],
  ["another service", documentOf("s3:GetObject", "arn:aws:s3:::bucket/{id}"), 0],
  ["not known", { policy: UNKNOWN }, 0],
  [
    "an invocation URI",
    documentOf(
      "lambda:InvokeFunction",
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`,
    ),
    1,
  ],
  ["a function under execute-api", documentOf("execute-api:Invoke", FUNCTION), 1],
  ["a route under lambda", documentOf("lambda:InvokeFunction", `${API}/*`), 1],
  ["a literal parameter", documentOf("execute-api:Invoke", `${API}/*/GET/orders/{id}`), "braces"],
  ["a misspelled action", documentOf("lambda:InvokeFunctions", FUNCTION), 1],
  ["a misspelled service", documentOf("execute-api:invoke-api", `${API}/*`), 1],
  ["malformed JSON", { policy: '{"Version":' }, 1],
]);
