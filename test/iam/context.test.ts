import assert from "node:assert/strict";
import {
  apiGatewayServiceContext,
  assumeRoleContext,
  type Context,
  callerCredentialsContext,
  directCallContext,
  executeApiContext,
  functionUrlContext,
  identityPoolContext,
  integrationRoleContext,
  show,
  type Trilean,
  text,
} from "../../iam";
import { contextValue } from "../../iam/evaluate/condition";
import { ACCOUNT, API, decideCase, hole, ROLE, statements, USER } from "./support";

/** `+` with the value, `-` if absent, `?` if unknown, with the value that the key has if present. */
function shown(context: Context, key: string): string {
  const value = contextValue(context, key);
  return value.state === "present"
    ? `+${value.values.map(show).join(",")}`
    : value.state === "absent"
      ? "-"
      : `?${(value.values ?? []).map(show).join(",")}`;
}

const sourceArn = [`${API}/prod/GET/pets`];
/** A request context for each kind of call. */
const all = (): readonly Context[] => [
  apiGatewayServiceContext({ sourceArn, sourceAccount: [ACCOUNT] }),
  integrationRoleContext({ role: ROLE }),
  callerCredentialsContext({ caller: USER }),
  directCallContext({ caller: USER }),
  executeApiContext({ caller: ROLE, privateApi: "no" }),
  executeApiContext({ privateApi: "yes" }),
  assumeRoleContext({}),
  functionUrlContext({ caller: ROLE, action: "lambda:InvokeFunctionUrl", authType: "AWS_IAM" }),
  functionUrlContext({ caller: ROLE, action: "lambda:InvokeFunction", authType: "AWS_IAM" }),
];

describe("condition keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)", () => {
  const roleName = `arn:aws:iam::${ACCOUNT}:role/caller`;
  const userName = `arn:aws:iam::${ACCOUNT}:user/ann`;
  // A column for each kind of call, in the order of `all`.
  const table: Record<string, readonly string[]> = {
    "aws:sourcearn": [`+${sourceArn}`, "-", "-", "-", "?", "?", "?", "-", "-"],
    "aws:sourceaccount": [`+${ACCOUNT}`, "-", "-", "-", "?", "?", "-", "-", "-"],
    "aws:principalarn": [
      "?",
      `+${roleName}`,
      `+${userName}`,
      `+${userName}`,
      `+${roleName}`,
      "-",
      "?",
      `+${roleName}`,
      `+${roleName}`,
    ],
    "aws:principalaccount": [
      "?",
      `+${ACCOUNT}`,
      `+${ACCOUNT}`,
      `+${ACCOUNT}`,
      `+${ACCOUNT}`,
      "?",
      "?",
      `+${ACCOUNT}`,
      `+${ACCOUNT}`,
    ],
    "aws:principaltype": [
      "?",
      "+AssumedRole",
      "+User",
      "+User",
      "+AssumedRole",
      "+Anonymous",
      "?",
      "+AssumedRole",
      "+AssumedRole",
    ],
    "aws:principalorgid": ["-", "?", "?", "?", "?", "-", "-", "?", "?"],
    "aws:principaltag/team": ["-", "?", "?", "?", "?", "-", "-", "?", "?"],
    "aws:principalisawsservice": [
      "+true",
      "+false",
      "+false",
      "+false",
      "+false",
      "-",
      "+true",
      "+false",
      "+false",
    ],
    "aws:principalservicename": [
      "+apigateway.amazonaws.com",
      "-",
      "-",
      "-",
      "-",
      "-",
      "+apigateway.amazonaws.com",
      "-",
      "-",
    ],
    "aws:username": ["-", "-", "+ann", "+ann", "-", "-", "-", "-", "-"],
    "aws:userid": ["?", "?", "?", "?", "?", "+anonymous", "?", "?", "?"],
    "aws:viaawsservice": ["?", "?", "?", "+false", "?", "?", "?", "+false", "+false"],
    "aws:principalorgpaths": ["-", "?", "?", "?", "?", "-", "-", "?", "?"],
    "aws:sourceorgid": ["?", "-", "-", "-", "-", "-", "?", "-", "-"],
    "sts:externalid": ["?", "?", "?", "?", "?", "?", "-", "?", "?"],
    "lambda:eventsourcetoken": ["-", "-", "-", "-", "?", "?", "?", "-", "-"],
    "aws:securetransport": Array.from({ length: 9 }, () => "+true"),
    "aws:calledvia": ["?", "-", "-", "-", "-", "-", "?", "-", "-"],
    "aws:sourceip": Array.from({ length: 9 }, () => "?"),
    "aws:sourcevpc": ["?", "?", "?", "?", "-", "?vpc-<endpoint id>", "?", "?", "?"],
    "aws:currenttime": Array.from({ length: 9 }, () => "?"),
    "aws:resourcetag/team": Array.from({ length: 9 }, () => "?"),
    "lambda:invokedviafunctionurl": ["?false", "?false", "?false", "?false", "?", "?", "?", "?", "+true"],
    "lambda:functionurlauthtype": ["-", "-", "-", "-", "?", "?", "?", "+AWS_IAM", "?"],
    "lambda:sourcefunctionarn": ["-", "-", "?", "?", "?", "?", "-", "?", "?"],
    "lambda:functionarn": ["-", "-", "-", "-", "?", "?", "?", "?", "-"],
  };
  for (const [key, expected] of Object.entries(table))
    it(key, () =>
      assert.deepEqual(
        all().map((requestContext) => shown(requestContext, key)),
        expected,
      ),
    );

  it("contain the source ARN of an assumed role if it is given", () =>
    assert.equal(shown(assumeRoleContext({ sourceArn }), "aws:sourcearn"), `+${sourceArn}`));
  it("contain the name of a user with a path", () => {
    const arn = text("arn:aws:iam::", hole("digits"), ":user/a/", hole("word", { name: "name" }));
    assert.equal(
      shown(directCallContext({ caller: { kind: "user", arn, account: [ACCOUNT] } }), "aws:username"),
      "+<name>",
    );
  });
  it("contain the name of a user after a slash", () =>
    assert.equal(
      shown(
        directCallContext({ caller: { kind: "user", arn: ["arn:aws:iam::1:/ann"], account: ["1"] } }),
        "aws:username",
      ),
      "+ann",
    ));
  it("contain an unknown name for a user with an unknown ARN", () => {
    for (const arn of [
      [hole("any")],
      text("arn:aws:iam::1:user/", hole("any")),
      text("arn:aws:iam::1:user/", hole("tail")),
      text("arn:aws:iam::1:user"),
    ])
      assert.equal(
        shown(directCallContext({ caller: { kind: "user", arn, account: [ACCOUNT] } }), "aws:username"),
        "?",
      );
  });
  it("are present for an anonymous call of a function URL", () => {
    const open = functionUrlContext({ action: "lambda:invokefunctionurl", authType: "NONE" });
    assert.equal(shown(open, "lambda:functionurlauthtype"), "+NONE");
    assert.equal(shown(open, "aws:principaltype"), "+Anonymous");
  });
  it("are distinguished from keys with the same prefix", () => {
    for (const key of ["aws:sourcearns", "aws:principaltag", "aws:usernames"])
      assert.equal(shown(integrationRoleContext({ role: ROLE }), key), "?", key);
  });
  it("include those of an identity pool (https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html)", () => {
    const provider = "cognito-identity.amazonaws.com";
    const rows: readonly [boolean, amr: string][] = [
      [true, "+authenticated,<login provider>"],
      [false, "+unauthenticated"],
    ];
    for (const [authenticated, amr] of rows) {
      const requestContext = identityPoolContext({ provider, pool: ["us-east-1:pool"], authenticated });
      assert.equal(shown(requestContext, `${provider}:aud`), "+us-east-1:pool");
      assert.equal(shown(requestContext, `${provider}:amr`), amr);
      assert.equal(shown(requestContext, `${provider}:sub`), "?");
      assert.equal(shown(requestContext, "aws:federatedprovider"), `+${provider}`);
      assert.equal(shown(requestContext, "aws:principaltag/team"), "?");
      assert.equal(shown(requestContext, "aws:securetransport"), "+true");
    }
  });
  it("are unknown for a login of an unknown provider", () => {
    const requestContext = identityPoolContext({ provider: "p", pool: ["x"], authenticated: true });
    const logins = (audience: string): Trilean =>
      decideCase({
        principal: { kind: "federated", name: "p" },
        context: requestContext,
        resourcePolicies: [
          statements({
            Effect: "Allow",
            Principal: { Federated: "p" },
            Action: "lambda:InvokeFunction",
            Resource: "*",
            Condition: { "ForAnyValue:StringLike": { "p:amr": audience } },
          }),
        ],
      }).answer;
    assert.equal(logins("authenticated"), "yes");
    assert.equal(logins("unauthenticated"), "unknown");
    assert.equal(logins("graph.facebook.com"), "unknown");
    assert.equal(logins("?*"), "yes");
  });
  it("are unknown for a private API of an unknown kind", () =>
    assert.equal(
      shown(executeApiContext({ caller: ROLE, privateApi: "unknown" }), "aws:sourcevpc"),
      "?vpc-<endpoint id>",
    ));
});
