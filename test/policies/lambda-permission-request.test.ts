import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseDocument, text, Unknown } from "../../iam";
import type { LambdaPermissionRequestProblem } from "../../messages/policies/lambda-permission-request";
import { requestProblems } from "../../policies/lambda-permission-request";
import type { FunctionTarget, Permission, PermissionRequest } from "../../stack";
import { FUNCTION_ARN, permission as permissionFact, TARGET } from "../access/gates/facts";
import { type Case, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { trustOf } from "../support/rest";

const POLICY = "lambda-permission-request";
const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";
const GATEWAY = "apigateway.amazonaws.com";

const functionOf = (name: string): aws.lambda.Function =>
  new aws.lambda.Function(name, {
    packageType: "Image",
    imageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1",
    role: new aws.iam.Role(name, { assumeRolePolicy: trustOf("lambda.amazonaws.com") }).arn,
    publish: true,
  });
const permission = (name: string, args: Partial<aws.lambda.PermissionArgs>): aws.lambda.Permission =>
  new aws.lambda.Permission(name, {
    action: "lambda:InvokeFunction",
    principal: GATEWAY,
    function: "orders",
    ...args,
  });

interface Row {
  readonly name: string;
  readonly program: () => unknown;
  readonly found?: Case["expected"];
  readonly message?: string;
  readonly plan?: Case["plan"];
}

function rows(title: string, all: readonly Row[]): void {
  describe(`${POLICY}: ${title}`, () =>
    runCases(
      withUpdate(
        all.map(({ name, program, found, message, plan }) => ({
          name,
          program,
          only: [POLICY],
          expected: found ?? [],
          ...(message === undefined ? {} : { messageIncludes: [message] }),
          ...(plan === undefined ? {} : { plan }),
        })),
        ["b"],
      ),
    ));
}

const B = [`${POLICY} @ b`];
const pair =
  (a: Partial<aws.lambda.PermissionArgs>, b: Partial<aws.lambda.PermissionArgs>, statementId = "Invoke") =>
  (): void => {
    permission("a", { statementId, ...a });
    permission("b", { statementId, ...b });
  };
const CONFLICT = "ResourceConflictException: The statement id (Invoke) provided already exists";
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders";

rows("statement ids", [
  { name: "same id twice on a function, by name", program: pair({}, {}), found: B, message: CONFLICT },
  {
    name: "same id twice on a function, by ARN",
    program: pair({ function: ARN }, { function: ARN }),
    found: B,
  },
  { name: "same id on two functions", program: pair({}, { function: "payments" }) },
  { name: "same id on a function and its alias", program: pair({}, { qualifier: "live" }) },
  { name: "same id on two aliases", program: pair({ qualifier: "test" }, { qualifier: "live" }) },
  {
    name: "same id twice on an alias",
    program: pair({ qualifier: "live" }, { function: "orders:live" }),
    found: B,
  },
  { name: "ids that differ in case", program: pair({}, { statementId: "invoke" }) },
  { name: "no ids", program: pair({ statementId: undefined } as never, { statementId: undefined } as never) },
  {
    name: "same id in two regions",
    program: () => {
      permission("a", { statementId: "Invoke", region: "eu-west-1" });
      permission("b", { statementId: "Invoke", region: "us-east-1" });
    },
  },
  {
    name: "same id twice on a function of the stack, by name",
    program: () => {
      const { name } = functionOf("orders");
      permission("a", { statementId: "Invoke", function: name });
      permission("b", { statementId: "Invoke", function: name });
    },
    found: B,
    message: CONFLICT,
  },
  {
    name: "same id on a function's ARN and on the ARN with an alias",
    program: () => {
      const { arn } = functionOf("orders");
      permission("a", { statementId: "Invoke", function: arn });
      permission("b", { statementId: "Invoke", function: pulumi.interpolate`${arn}:live` });
    },
  },
  {
    name: "same id twice on a function of the stack, by ARN",
    program: () => {
      const { arn } = functionOf("orders");
      permission("a", { statementId: "Invoke", function: arn });
      permission("b", { statementId: "Invoke", function: arn });
    },
    // While the ARN is unknown, either function may have a qualifier after it.
    found: { "first-preview": [], deployed: B },
  },
  {
    name: "same id three times",
    program: () => {
      for (const name of ["a", "b", "c"]) permission(name, { statementId: "Invoke" });
    },
    found: [...B, `${POLICY} @ c`],
  },
]);

const native = (inputs: object) => (): unknown =>
  new Native("lambda:Permission", "b", {
    action: "lambda:InvokeFunction",
    principal: GATEWAY,
    functionName: "orders",
    ...inputs,
  });
const withPermission = (args: Partial<aws.lambda.PermissionArgs>) => (): unknown => permission("b", args);
const URL_ONLY = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action";

rows("functionUrlAuthType", [
  {
    name: "functionUrlAuthType with lambda:InvokeFunction",
    program: withPermission({ principal: "*", functionUrlAuthType: "NONE" }),
    found: B,
    message: URL_ONLY,
  },
  {
    name: "functionUrlAuthType with lambda:GetFunction",
    program: withPermission({ action: "lambda:GetFunction", functionUrlAuthType: "AWS_IAM" }),
    found: B,
  },
  {
    name: "aws-native, functionUrlAuthType with lambda:InvokeFunction",
    program: native({ functionUrlAuthType: "AWS_IAM" }),
    found: B,
    message: URL_ONLY,
  },
  {
    name: "functionUrlAuthType with lambda:InvokeFunctionUrl",
    program: withPermission({
      action: "lambda:InvokeFunctionUrl",
      principal: "*",
      functionUrlAuthType: "NONE",
    }),
  },
  {
    name: "functionUrlAuthType with lambda:invokeFunctionUrl",
    program: withPermission({
      action: "lambda:invokeFunctionUrl",
      principal: "*",
      functionUrlAuthType: "NONE",
    }),
  },
  {
    name: "functionUrlAuthType with lambda:*",
    program: withPermission({ action: "lambda:*", functionUrlAuthType: "AWS_IAM" }),
  },
  {
    name: "no functionUrlAuthType",
    program: withPermission({ invokedViaFunctionUrl: true, principal: "*" }),
  },
  { name: "aws-native, empty functionUrlAuthType", program: native({ functionUrlAuthType: "" }) },
]);

const LATEST = "We currently do not support adding policies for $LATEST";
rows("$LATEST", [
  {
    name: "$LATEST as the qualifier",
    program: withPermission({ qualifier: "$LATEST" }),
    found: B,
    message: LATEST,
  },
  {
    name: "$LATEST after the name",
    program: withPermission({ function: "orders:$LATEST" }),
    found: B,
    message: LATEST,
  },
  {
    name: "aws-native, $LATEST after the ARN",
    program: native({ functionName: `${ARN}:$LATEST` }),
    found: B,
  },
  { name: "version as the qualifier", program: withPermission({ qualifier: "1" }) },
]);

rows("principals", [
  ...[
    "execute-api.amazonaws.com",
    "api-gateway.amazonaws.com",
    "apigatewayv2.amazonaws.com",
    "apigateway",
    "apigateway.com",
    "amazonaws.com",
  ].map(
    (principal): Row => ({
      name: principal,
      program: withPermission({ principal }),
      found: B,
      message: "principal was invalid",
    }),
  ),
  {
    name: "another service with an API's source ARN",
    program: withPermission({ principal: "lambda.amazonaws.com", sourceArn: `${API}/*` }),
    found: B,
    message: "only apigateway.amazonaws.com calls",
  },
  {
    name: "aws-native, another service with an API's source ARN",
    program: native({ principal: "events.amazonaws.com", sourceArn: `${API}/*` }),
    found: B,
  },
  { name: "apigateway.amazonaws.com", program: withPermission({ sourceArn: `${API}/*` }) },
  {
    name: "regional principal of API Gateway",
    program: withPermission({ principal: "apigateway.us-east-1.amazonaws.com", sourceArn: `${API}/*` }),
  },
  {
    name: "apigateway.amazonaws.com.cn in China",
    program: withPermission({ principal: "apigateway.amazonaws.com.cn" }),
    plan: { region: "cn-north-1" },
    found: B,
    message: "The provided principal was invalid",
  },
  {
    name: "aws-native, apigateway.amazonaws.com.cn in the commercial partition",
    program: native({ principal: "apigateway.amazonaws.com.cn" }),
    found: B,
  },
  {
    name: "events.amazonaws.com.cn with an API's source ARN",
    program: withPermission({ principal: "events.amazonaws.com.cn", sourceArn: `${API}/*` }),
    found: B,
  },
  { name: "ec2.amazonaws.com.cn", program: withPermission({ principal: "ec2.amazonaws.com.cn" }) },
  {
    name: "another service with its own source ARN",
    program: withPermission({
      principal: "events.amazonaws.com",
      sourceArn: "arn:aws:events:us-east-1:123456789012:rule/nightly",
    }),
  },
  { name: "an account", program: withPermission({ principal: "123456789012" }) },
  { name: "a role", program: withPermission({ principal: "arn:aws:iam::123456789012:role/app" }) },
  { name: "everyone", program: withPermission({ principal: "*" }) },
]);

const GOV = { region: "us-gov-west-1" };
rows("partitions", [
  {
    name: "role with the commercial partition in GovCloud",
    plan: GOV,
    program: withPermission({ principal: "arn:aws:iam::123456789012:role/app" }),
    found: B,
    message: "principal was invalid",
  },
  {
    name: "role with the GovCloud partition in GovCloud",
    plan: GOV,
    program: withPermission({ principal: "arn:aws-us-gov:iam::123456789012:role/app" }),
  },
  {
    name: "function in GovCloud with the commercial partition",
    program: withPermission({ function: ARN.replace("us-east-1", "us-gov-west-1") }),
    found: B,
    message: "region us-gov-west-1 is in aws-us-gov",
  },
  {
    name: "function in GovCloud with the GovCloud partition",
    plan: GOV,
    program: withPermission({
      function: ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1"),
    }),
  },
]);

const manyPermissions =
  (count: number, more: Partial<aws.lambda.PermissionArgs> = {}) =>
  (): void => {
    for (let at = 0; at < count; at += 1)
      permission(`p${at}`, {
        statementId: `AllowExecutionFromAPIGateway${at}`,
        function: ARN,
        sourceArn: `${API}/*/GET/a/path/of/the/api/number/${at}`,
        ...more,
      });
  };
const TOO_LONG = "PolicyLengthExceededException: The final policy size (";
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
rows("size of the resource policy", [
  { name: "permissions for 50 routes", program: manyPermissions(50) },
  {
    name: "permissions for 70 routes",
    program: manyPermissions(70),
    found: [`${POLICY} @ p9`],
    message: TOO_LONG,
  },
  {
    name: "permissions for 35 routes on each of two aliases",
    program: () => {
      manyPermissions(35, { qualifier: "live" })();
      for (let at = 0; at < 35; at += 1)
        permission(`q${at}`, { function: ARN, qualifier: "test", sourceArn: `${API}/*/GET/${at}` });
    },
  },
  {
    name: "permissions for 70 routes on a function of the stack",
    program: () => manyPermissions(70, { function: functionOf("orders").name })(),
    found: [`${POLICY} @ orders`],
    message: "one permission for all routes of an API",
  },
  {
    name: "aws-native ResourcePolicy over the size limit",
    program: () =>
      new Native("lambda:ResourcePolicy", "b", {
        resourceArn: ARN,
        policyDocument: {
          Version: "2012-10-17",
          Statement: Array.from({ length: 90 }, (_, at) => ({
            Sid: `AllowExecutionFromAPIGateway${at}`,
            Effect: "Allow",
            Principal: { Service: GATEWAY },
            Action: "lambda:InvokeFunction",
            Resource: ARN,
            Condition: { ArnLike: { "AWS:SourceArn": `${API}/*/GET/${at}` } },
          })),
        },
      }),
    found: B,
    message: TOO_LONG,
  },
]);

const LIVE: FunctionTarget = { ...TARGET, arn: text(FUNCTION_ARN, ":live"), qualifier: text("live") };
const fact = (request: Partial<PermissionRequest>, more: Partial<Permission> = {}): Permission => {
  const { request: usual, ...rest } = permissionFact({}, more);
  return { ...rest, request: { ...usual, ...request } };
};
/** A permission and its problems. */
type FactRow = readonly [name: string, permission: Permission, ...problems: LambdaPermissionRequestProblem[]];
const partition = (setting: "function" | "principal", found: string, expected: string) =>
  ({ code: "partition", setting, partition: found, expected }) as const;

const FACTS: readonly FactRow[] = [
  ["allows a request without known values", fact({})],
  [
    "reports functionUrlAuthType with another action",
    fact({ functionUrlAuthType: "NONE", action: "lambda:InvokeFunction" }),
    { code: "function-url-auth-type", action: "lambda:InvokeFunction" },
  ],
  [
    "allows an unknown functionUrlAuthType",
    fact({ functionUrlAuthType: new Unknown(), action: "lambda:InvokeFunction" }),
  ],
  [
    "allows functionUrlAuthType with an unknown action",
    fact({ functionUrlAuthType: "NONE", action: new Unknown() }),
  ],
  [
    "reports the qualifier $LATEST",
    fact({}, { target: { ...TARGET, qualifier: text("$LATEST") } }),
    { code: "latest" },
  ],
  ["allows an alias", fact({}, { target: LIVE })],
  [
    "reports a principal in another partition than the stack",
    fact({ principal: "arn:aws:iam::123456789012:role/app", partition: "aws-cn" }),
    partition("principal", "aws", "aws-cn"),
  ],
  [
    "reports a function in another partition than its region",
    fact({ functionName: "arn:aws:lambda:cn-north-1:123456789012:function:orders" }),
    { ...partition("function", "aws", "aws-cn"), region: "cn-north-1" },
  ],
  [
    "allows any partition if the stack's partition is unknown",
    fact({ principal: "arn:aws:iam::123456789012:role/app", partition: undefined }),
  ],
  ["allows an unknown principal", fact({ principal: new Unknown() })],
  [
    "reports a misspelled principal of API Gateway",
    fact({ principal: "api-gateway.amazonaws.com" }),
    { code: "principal", principal: "api-gateway.amazonaws.com", hasSourceArnOfApi: false },
  ],
  [
    "reports another service with an API's source ARN",
    fact({ principal: "events.amazonaws.com" }, { sourceArn: `${API}/*` }),
    { code: "principal", principal: "events.amazonaws.com", hasSourceArnOfApi: true },
  ],
  [
    "allows another service with an unknown source ARN",
    fact({ principal: "events.amazonaws.com" }, { sourceArn: new Unknown() }),
  ],
  [
    "reports several problems of one permission",
    fact({ principal: "apigateway" }, { target: { ...TARGET, qualifier: text("$LATEST") } }),
    { code: "latest" },
    { code: "principal", principal: "apigateway", hasSourceArnOfApi: false },
  ],
];

describe(`${POLICY} on facts`, () => {
  const found = (...permissions: readonly Permission[]) =>
    requestProblems({ permissions, functionPolicies: [] });
  const permissionAt = (
    urn: string,
    more: Partial<Permission> = {},
    request: Partial<PermissionRequest> = {},
  ) => fact({ statementId: "Invoke", ...request }, { urn, label: urn, ...more });

  for (const [name, testedPermission, ...problems] of FACTS)
    it(name, () => {
      assert.deepEqual(
        found(testedPermission),
        problems.map((problem) => ({ urn: testedPermission.urn, problem })),
      );
    });

  it("reports the second permission with a statement id, in the order of URNs", () => {
    const expected = { code: "statement-id", statementId: "Invoke", otherPermission: "a" };
    for (const order of [
      [permissionAt("a"), permissionAt("b")],
      [permissionAt("b"), permissionAt("a")],
    ])
      assert.deepEqual(found(...order), [{ urn: "b", problem: expected }]);
  });

  it("reports a statement id only if it is used twice on the same known function, version or alias", () => {
    assert.deepEqual(found(permissionAt("a"), permissionAt("b", { target: LIVE })), []);
    const unknown = { target: { arn: new Unknown() } };
    assert.deepEqual(found(permissionAt("a", unknown), permissionAt("b", unknown)), []);
    assert.deepEqual(
      found(permissionAt("a", { target: { ...TARGET, mayHaveQualifier: true } }), permissionAt("b")),
      [],
    );
    assert.deepEqual(found(permissionAt("a"), permissionAt("b", {}, { statementId: new Unknown() })), []);
  });

  it("reports permissions that exceed Lambda's size limit by one byte", () => {
    // The document without statements has 54 bytes, plus a comma between two statements.
    const limit = 20_480;
    const first = permissionAt("a", {}, { size: 10_000 });
    const second = (size: number) => permissionAt("b", {}, { size, statementId: "Other" });
    assert.deepEqual(found(first, second(limit - 54 - 10_000 - 1)), []);
    const permissions = { count: 2, function: "orders" };
    assert.deepEqual(found(first, second(limit - 54 - 10_000)), [
      { urn: "function", problem: { code: "policy-size", size: limit + 1, limit, permissions } },
    ]);
  });

  it("reports the permissions of an alias and of a function outside the stack that exceed the limit", () => {
    const tooLarge = { size: 20_480 };
    const [alias] = found(fact(tooLarge, { target: LIVE }));
    assert.deepEqual(alias?.problem.code === "policy-size" && alias.problem.permissions, {
      count: 1,
      function: "orders",
      qualifier: "live",
    });
    const [external] = found(fact(tooLarge, { target: { arn: text(FUNCTION_ARN) } }));
    assert.equal(external?.urn, "permission");
    assert.deepEqual(external?.problem.code === "policy-size" && external.problem.permissions, { count: 1 });
  });

  it("reports a known document that exceeds the limit", () => {
    const sized = (document: ReturnType<typeof parseDocument> | Unknown) =>
      requestProblems({
        permissions: [],
        functionPolicies: [
          { urn: "b", target: TARGET, source: { label: "b", key: "b", document }, isFunctionUnknown: false },
        ],
      });
    const Sid = "a".repeat(20_480);
    const [problem] = sized(parseDocument({ Statement: [{ Sid, Effect: "Allow" }] }, "resource"));
    assert.equal(problem?.problem.code, "policy-size");
    assert.deepEqual(sized(parseDocument({ Statement: [] }, "resource")), []);
    assert.deepEqual(sized(new Unknown()), []);
  });
});
