import assert from "node:assert/strict";
import {
  apiGatewayServiceContext,
  assumeRoleContext,
  type Context,
  directCallContext,
  executeApiContext,
  functionUrlContext,
  integrationRoleContext,
  passthroughContext,
  roleArn,
  show,
  text,
} from "../../iam";
import { lookup } from "../../iam/condition";
import { ACCOUNT, API, hole, ROLE, USER } from "./support";

/** `+` with its value, `-` for absent, `?` for unknown, with its value if it is there at all. */
function shown(context: Context, key: string): string {
  const value = lookup(context, key);
  return value.state === "present"
    ? `+${value.values.map(show).join(",")}`
    : value.state === "absent"
      ? "-"
      : `?${(value.values ?? []).map(show).join(",")}`;
}

const sourceArn = [`${API}/prod/GET/pets`];
const service = apiGatewayServiceContext({ sourceArn, sourceAccount: [ACCOUNT] });
const asRole = integrationRoleContext({ role: ROLE });
const passed = passthroughContext({ caller: USER });
const direct = directCallContext({ caller: USER });
const signed = executeApiContext({ caller: ROLE, privateApi: "no" });
const unsigned = executeApiContext({ privateApi: "yes" });
const trust = assumeRoleContext({});
const url = functionUrlContext({ caller: ROLE, action: "lambda:InvokeFunctionUrl", authType: "AWS_IAM" });
const viaUrl = functionUrlContext({ caller: ROLE, action: "lambda:InvokeFunction", authType: "AWS_IAM" });

describe("condition keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)", () => {
  const roleName = `arn:aws:iam::${ACCOUNT}:role/caller`;
  const userName = `arn:aws:iam::${ACCOUNT}:user/ann`;
  const all = [service, asRole, passed, direct, signed, unsigned, trust, url, viaUrl];
  // One column for each kind of call, in the order of `all`.
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
    "aws:securetransport": Array.from({ length: 9 }, () => "+true"),
    "aws:calledvia": ["?", "-", "-", "-", "-", "-", "?", "-", "-"],
    "aws:sourceip": Array.from({ length: 9 }, () => "?"),
    "aws:sourcevpc": ["?", "?", "?", "?", "-", "?", "?", "?", "?"],
    "aws:currenttime": Array.from({ length: 9 }, () => "?"),
    "aws:resourcetag/team": Array.from({ length: 9 }, () => "?"),
    "lambda:invokedviafunctionurl": ["?false", "?false", "?false", "?false", "?", "?", "?", "?", "+true"],
    "lambda:functionurlauthtype": ["-", "-", "-", "-", "?", "?", "?", "+AWS_IAM", "?"],
    "lambda:functionarn": ["-", "-", "-", "-", "?", "?", "?", "?", "-"],
  };
  for (const [key, expected] of Object.entries(table))
    it(key, () =>
      assert.deepEqual(
        all.map((one) => shown(one, key)),
        expected,
      ),
    );

  it("the source ARN of an assumed role, when it is given", () =>
    assert.equal(shown(assumeRoleContext({ sourceArn }), "aws:sourcearn"), `+${sourceArn}`));
  it("the name of a user with a path", () => {
    const arn = text("arn:aws:iam::", hole("digits"), ":user/a/", hole("word", { label: "name" }));
    assert.equal(
      shown(directCallContext({ caller: { kind: "user", arn, account: [ACCOUNT] } }), "aws:username"),
      "+<name>",
    );
  });
  it("the name of a user of whom the ARN is unknown", () => {
    for (const arn of [[hole("any")], text("arn:aws:iam::1:user/", hole("any"))])
      assert.equal(
        shown(directCallContext({ caller: { kind: "user", arn, account: [ACCOUNT] } }), "aws:username"),
        "?",
      );
  });
  it("a service has no caller's keys", () => {
    const role = {
      kind: "role" as const,
      arn: roleArn({ partition: ["aws"], account: [ACCOUNT], name: ["r"] }),
      account: [ACCOUNT],
    };
    assert.notEqual(
      shown(integrationRoleContext({ role }), "aws:principalarn"),
      shown(service, "aws:principalarn"),
    );
  });
});
