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

/** An inline policy of a role with this document. */
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
const documentOn = (Action: unknown, Resource: unknown, more: object = {}): string =>
  document(statement(Action, Resource, more));

interface Mistake {
  readonly name: string;
  readonly incorrect: string;
  /** Parts of the message: the problem and the fix. */
  readonly messageIncludes: readonly string[];
  /** A similar document without the mistake. */
  readonly correct: string;
}

const FUNCTION_FIX = "arn:aws:lambda:REGION:ACCOUNT:function:NAME";
const REFUSED = "MalformedPolicyDocument";

const MISTAKES: readonly Mistake[] = [
  {
    name: "lambda:InvokeFunction on an invoke ARN",
    incorrect: documentOn(
      CALL,
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`,
    ),
    messageIncludes: ["invoke ARN for integrations", "use the function's arn in place of its invokeArn"],
    correct: documentOn([CALL, "apigateway:GET"], [FUNCTION, "arn:aws:apigateway:us-east-1::/restapis/*"]),
  },
  {
    name: "execute-api:Invoke on a function's ARN",
    incorrect: documentOn(ROUTE, FUNCTION),
    messageIncludes: [
      "is a resource of lambda, but the statement's actions are of execute-api",
      "API/STAGE/METHOD/path",
    ],
    correct: documentOn([ROUTE, CALL], [FUNCTION, `${API}/*`]),
  },
  {
    name: "execute-api:Invoke on an apigateway ARN",
    incorrect: documentOn(ROUTE, "arn:aws:apigateway:us-east-1::/restapis/abc123/*"),
    messageIncludes: ["is a resource of apigateway", "API/STAGE/METHOD/path"],
    correct: documentOn("apigateway:*", "arn:aws:apigateway:us-east-1::/restapis/abc123/*"),
  },
  {
    name: "path parameter in braces",
    incorrect: documentOn(ROUTE, `${API}/*/GET/pets/{id}`),
    messageIncludes: ["contains a path parameter in braces", "write * for the parameter"],
    correct: documentOn(ROUTE, `${API}/*/GET/pets/\${aws:username}`),
  },
  {
    name: "execution ARN without a stage",
    incorrect: documentOn(ROUTE, API),
    messageIncludes: ["has no stage", "end it with /*"],
    correct: documentOn(ROUTE, `${API}*`),
  },
  {
    name: "execution ARN without a method",
    incorrect: documentOn(ROUTE, `${API}/prod`),
    messageIncludes: ["has no method", "STAGE/METHOD/path"],
    correct: documentOn(ROUTE, `${API}/prod/$connect`),
  },
  {
    name: "two consecutive slashes",
    incorrect: documentOn(ROUTE, `${API}/prod/GET//pets`),
    messageIncludes: ["contains two slashes in a row", "write one"],
    correct: documentOn(ROUTE, `${API}/prod/GET/`),
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
      incorrect: documentOn(CALL, `arn:aws:lambda:us-east-1:123456789012:function:${value}`),
      messageIncludes: [
        `contains "${value.replace(" is not supported", "")}" in place of a value`,
        "combine outputs with the SDK's functions",
      ],
      correct: documentOn(CALL, `${FUNCTION}-undefined`),
    }),
  ),
  {
    name: "lambda:Invoke",
    incorrect: documentOn("lambda:Invoke", FUNCTION),
    messageIncludes: ['action "lambda:Invoke" does not exist', "did you mean lambda:InvokeFunction?"],
    correct: documentOn(["lambda:InvokeAsync", "lambda:invokefunctionurl", "lambda:Invoke*"], FUNCTION),
  },
  {
    name: "execute-api:InvokeApi",
    incorrect: documentOn("execute-api:InvokeApi", `${API}/*`),
    messageIncludes: ['action "execute-api:InvokeApi" does not exist', "did you mean execute-api:Invoke?"],
    correct: documentOn(["execute-api:InvalidateCache", "execute-api:Inv*"], `${API}/*`),
  },
  {
    name: "apigateway:Invoke",
    incorrect: documentOn("apigateway:Invoke", `${API}/*`),
    messageIncludes: ["did you mean execute-api:Invoke?"],
    correct: documentOn("apigateway:GET", "*"),
  },
  {
    name: "unknown date in Version",
    incorrect: JSON.stringify({ Version: "2012-10-18", Statement: statement(CALL, FUNCTION) }),
    messageIncludes: ['Version is "2012-10-18", not "2012-10-17"', 'write "Version": "2012-10-17"'],
    correct: JSON.stringify({ Version: "2008-10-17", Statement: statement(CALL, FUNCTION) }),
  },
  {
    name: "number in Version",
    incorrect: JSON.stringify({ Version: 20121017, Statement: statement(CALL, FUNCTION) }),
    messageIncludes: ["Version is of type number"],
    correct: JSON.stringify({ Statement: [statement(CALL, FUNCTION)] }),
  },
  {
    name: "document that is not JSON",
    incorrect: "{'Version': '2012-10-17'}",
    messageIncludes: ["the document is not JSON", REFUSED, "JSON.stringify"],
    correct: `\n\t${documentOn(CALL, FUNCTION)}\n`,
  },
  {
    name: "statement without Effect",
    incorrect: document({ Action: CALL, Resource: FUNCTION }),
    messageIncludes: ["the statement has no Effect", REFUSED],
    correct: document({ Action: "s3:GetObject", Resource: "*" }),
  },
  {
    name: "statement without Resource",
    incorrect: document({ Effect: "Allow", Action: CALL }),
    messageIncludes: ["the statement has no Resource", REFUSED],
    correct: document({ Effect: "Allow", Action: CALL, NotResource: FUNCTION }),
  },
  {
    name: "empty list in Resource",
    incorrect: documentOn(CALL, []),
    messageIncludes: ["Resource is empty", REFUSED],
    correct: documentOn(CALL, [FUNCTION]),
  },
  {
    name: "Principal in an identity-based policy",
    incorrect: documentOn(CALL, FUNCTION, { Principal: "*" }),
    messageIncludes: ["an identity-based policy cannot have a Principal", REFUSED, "remove it"],
    correct: documentOn(CALL, FUNCTION, { Condition: { ArnLike: { "aws:PrincipalArn": "*" } } }),
  },
  {
    name: "element name in the wrong case",
    incorrect: documentOn(CALL, FUNCTION, { condition: {} }),
    messageIncludes: ["unknown element condition", REFUSED, "case-sensitive"],
    correct: documentOn(CALL, FUNCTION, { Condition: {} }),
  },
  {
    name: "condition operator in the wrong case",
    incorrect: documentOn(CALL, FUNCTION, { Condition: { stringEquals: { "aws:username": "ann" } } }),
    messageIncludes: ["unknown condition operator stringEquals", REFUSED],
    correct: documentOn(CALL, FUNCTION, {
      Condition: {
        "ForAnyValue:StringEqualsIfExists": { "AWS:UserName": ["ann"] },
        Null: { "aws:a": "true" },
      },
    }),
  },
  {
    name: "name instead of an ARN",
    incorrect: documentOn(CALL, "orders"),
    messageIncludes: ['neither an ARN nor "*"', REFUSED, FUNCTION_FIX],
    correct: documentOn("s3:GetObject", "orders"),
  },
  {
    name: "hyphen in Sid",
    incorrect: documentOn(CALL, FUNCTION, { Sid: "call-it" }),
    messageIncludes: ["the Sid contains characters other than", REFUSED],
    correct: documentOn(CALL, FUNCTION, { Sid: "CallIt1" }),
  },
];

describe(`${POLICY}: mistakes`, () =>
  runCases(
    MISTAKES.flatMap(({ name, incorrect, messageIncludes, correct }): readonly Case[] => [
      {
        name,
        only: [POLICY],
        program: inline(incorrect),
        expected: [`${POLICY} @ policy`],
        messageIncludes: [...messageIncludes, "Fix: "],
      },
      { name: `correct counterpart of ${name}`, only: [POLICY], program: inline(correct), expected: [] },
    ]),
  ));

/** A document with this number of characters, without white space. */
function documentOfSize(size: number): string {
  const withSid = (Sid: string): string => documentOn(CALL, FUNCTION, { Sid });
  return withSid("a".repeat(size - withSid("").length));
}

const trust = trustOf("ec2.amazonaws.com");
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length */
const PLACES: readonly [string, number, (policies: readonly string[]) => void, at: string][] = [
  [
    "RolePolicy",
    10_240,
    ([policy = ""]) => new aws.iam.RolePolicy("policy", { role: "caller", policy }),
    "policy",
  ],
  [
    "UserPolicy",
    2_048,
    ([policy = ""]) => new aws.iam.UserPolicy("policy", { user: "ann", policy }),
    "policy",
  ],
  [
    "GroupPolicy",
    5_120,
    ([policy = ""]) => new aws.iam.GroupPolicy("policy", { group: "people", policy }),
    "policy",
  ],
  ["managed policy", 6_144, ([policy = ""]) => new aws.iam.Policy("policy", { policy }), "policy"],
  [
    "inline policies of a role together",
    10_240,
    (policies) =>
      new aws.iam.Role("caller", {
        assumeRolePolicy: trust,
        inlinePolicies: policies.map((policy, at) => ({ name: `p${at}`, policy })),
      }),
    "caller",
  ],
  [
    "inline policies of a user together",
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
      const halfLimit = Math.floor(limit / 2);
      const isCombined = name.endsWith("together");
      const policies = (excess: number): readonly string[] =>
        isCombined
          ? [documentOfSize(halfLimit), documentOfSize(limit - halfLimit + excess)]
          : [documentOfSize(limit + excess)];
      return [
        {
          name: `${name}, at the size limit`,
          only: [POLICY],
          program: () => place(policies(0)),
          expected: [],
        },
        {
          name: `${name}, one character over the size limit`,
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
/** Every resource that contains an identity-based policy document. */
const DOCUMENT_PLACES: readonly [string, (policy: object) => void, at: string][] = [
  [
    "RolePolicy",
    (policy) => new aws.iam.RolePolicy("policy", { role: "caller", policy: policy as never }),
    "policy",
  ],
  [
    "UserPolicy",
    (policy) => new aws.iam.UserPolicy("policy", { user: "ann", policy: JSON.stringify(policy) }),
    "policy",
  ],
  [
    "GroupPolicy",
    (policy) => new aws.iam.GroupPolicy("policy", { group: "people", policy: policy as never }),
    "policy",
  ],
  ["managed policy", (policy) => new aws.iam.Policy("policy", { policy: policy as never }), "policy"],
  [
    "inlinePolicies of Role",
    (policy) =>
      new aws.iam.Role("caller", {
        assumeRolePolicy: trust,
        inlinePolicies: [{ name: "p", policy: JSON.stringify(policy) }],
      }),
    "caller",
  ],
  [
    "aws-native RolePolicy",
    (policy) =>
      new Native("iam:RolePolicy", "policy", { roleName: "caller", policyName: "p", policyDocument: policy }),
    "policy",
  ],
  [
    "aws-native ManagedPolicy",
    (policy) => new Native("iam:ManagedPolicy", "policy", { policyDocument: policy }),
    "policy",
  ],
  [
    "aws-native policies of Role",
    (policy) => new Native("iam:Role", "caller", { policies: [{ policyName: "p", policyDocument: policy }] }),
    "caller",
  ],
];

describe(`${POLICY}: partitions`, () =>
  runCases(
    DOCUMENT_PLACES.flatMap(([placeName, create, at]): readonly Case[] =>
      (
        [
          ["GovCloud function in a GovCloud region", "us-gov-west-1", GOV, []],
          ["commercial function in a GovCloud region", "us-gov-west-1", FUNCTION, [at]],
          ["GovCloud function in a commercial region", "us-east-1", GOV, [at]],
          [
            "function in China with the commercial partition",
            "cn-north-1",
            FUNCTION.replace("us-east-1", "cn-north-1"),
            [at],
          ],
        ] as const
      ).map(([name, region, arn, found]) => ({
        name: `${placeName}: ${name}`,
        only: [POLICY],
        // IAM rejects the document even if another resource is correct.
        program: () => create(JSON.parse(documentOn(CALL, [arn, "arn:*:lambda:*:*:function:orders"]))),
        plan: { region, config: { "aws-native:region": region } },
        expected: found.map((resourceName) => `${POLICY} @ ${resourceName}`),
        messageIncludes: [REFUSED],
      })),
    ),
  ));

describe(`${POLICY}: resources are alternatives`, () =>
  runCases(
    DOCUMENT_PLACES.flatMap(([placeName, create, at]): readonly Case[] =>
      (
        [
          ["the bare execution ARN", ROUTE, [API], [at]],
          ["the bare execution ARN and all routes", ROUTE, [API, `${API}/*`], []],
          [
            "the bare execution ARN and all routes, execute-api:ManageConnections",
            "execute-api:ManageConnections",
            [API, `${API}/*`],
            [],
          ],
          ["two resources that match no request", ROUTE, [API, `${API}/*/GET/{id}`], [at, at]],
          ["a misspelled action and the correct one", [CALL, "lambda:InvokeModel"], [FUNCTION], []],
          ["a misspelled action", ["lambda:InvokeModel"], [FUNCTION], [at]],
        ] as const
      ).map(([name, action, resource, found]) => ({
        name: `${name}: ${placeName}`,
        only: [POLICY],
        program: () => create(JSON.parse(documentOn(action, resource))),
        expected: found.map((resourceName) => `${POLICY} @ ${resourceName}`),
      })),
    ),
  ));

testFindings("invoke-policy-resource", INLINE, { role: "caller" }, [
  ["a function", documentOf("lambda:InvokeFunction", FUNCTION), 0],
  ["every function", documentOf("lambda:InvokeFunction", "*"), 0],
  ["a qualified function", documentOf("lambda:InvokeFunction", `${FUNCTION}:live`), 0],
  ["a route", documentOf("execute-api:Invoke", `${API}/*/GET/orders/*`), 0],
  [
    "both actions on both ARNs",
    documentOf(["execute-api:Invoke", "lambda:InvokeFunction"], [`${API}/*`, FUNCTION]),
    0,
  ],
  ["another service", documentOf("s3:GetObject", "arn:aws:s3:::bucket/{id}"), 0],
  ["unknown document", { policy: UNKNOWN }, 0],
  [
    "lambda:InvokeFunction on an invocation URI",
    documentOf(
      "lambda:InvokeFunction",
      `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`,
    ),
    1,
  ],
  ["execute-api:Invoke on a function's ARN", documentOf("execute-api:Invoke", FUNCTION), 1],
  ["lambda:InvokeFunction on a route's ARN", documentOf("lambda:InvokeFunction", `${API}/*`), 1],
  ["path parameter in braces", documentOf("execute-api:Invoke", `${API}/*/GET/orders/{id}`), "braces"],
  ["a misspelled action", documentOf("lambda:InvokeFunctions", FUNCTION), 1],
  ["a misspelled service", documentOf("execute-api:invoke-api", `${API}/*`), 1],
  ["malformed JSON", { policy: '{"Version":' }, 1],
]);
