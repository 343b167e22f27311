/** The commands that settle what is unproven, wherever an unproven answer is shown. */
import * as assert from "node:assert/strict";
import { commandFor } from "../../messages";
import type { Answer } from "../../report/model";
import type { Program } from "../../testing";
import { reportOn } from "../account/support";
import { restStack } from "../support/rest";

const IAM = "aws iam get-account-authorization-details";
const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:refunds";
const ROLE = "arn:aws:iam::123456789012:role/shared-gateway";

const invoking = (arn: string): string =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;

const calls = (uri: string, credentials?: string): Program =>
  restStack({
    integration: () => ({ uri, ...(credentials === undefined ? {} : { credentials }) }),
    caller: false,
  });

const CASES: readonly (readonly [what: string, program: Program, gate: Answer["gate"], command: string])[] = [
  ["a credentials role of another stack", calls(invoking("x"), ROLE), "role-function", IAM],
  [
    "a function of another stack",
    calls(invoking(FUNCTION)),
    "route-function",
    `aws lambda get-policy --function-name ${FUNCTION} --region eu-west-1`,
  ],
  [
    "an alias of one",
    calls(invoking(`${FUNCTION}:live`)),
    "route-function",
    `aws lambda get-policy --function-name ${FUNCTION} --qualifier 'live' --region eu-west-1`,
  ],
];

describe("the command that settles what is unproven", function () {
  this.timeout(30_000);

  for (const [what, program, gate, command] of CASES)
    it(`is named for ${what}: in findings, JSON and explanations`, async () => {
      const { answers, findings } = await reportOn(program);
      const open = answers.filter((one) => one.gate === gate && one.outcome === "unproven");
      assert.notEqual(open.length, 0);
      for (const answer of open) {
        assert.deepEqual(answer.commands, [command]);
        assert.ok(answer.fix?.includes(`give what this prints as account data: ${command}`), answer.fix);
      }
      const [{ message = "" } = {}] = findings.filter(({ policy }) => policy === "unproven-access");
      assert.ok(message.includes(command), message);
    });

  it("is named for the API of another stack, with its region", () => {
    const subject = { code: "resource-policy-outside-stack", api: "abcdef1234", id: "abcdef1234" } as const;
    const command = "aws apigateway get-rest-api --rest-api-id abcdef1234";
    assert.equal(commandFor({ subject, dependsOn: [] }), command);
    assert.equal(
      commandFor({ subject: { ...subject, region: "eu-west-1" }, dependsOn: [] }),
      `${command} --region eu-west-1`,
    );
    assert.equal(
      commandFor({ subject: { code: subject.code, api: "named by x" }, dependsOn: [] }),
      undefined,
    );
  });

  it("is none where a preview or the program decides", () => {
    for (const subject of [
      { code: "function-policy-outside-stack", arn: "arn:aws:lambda:<the region>:<x>:function:a" },
      { code: "managed-policy", by: "x" },
      { code: "same-account" },
      { code: "other-policies", principal: "x", isNamed: false },
      { code: "grantee-policies", grantee: { kind: "everyone" } },
    ] as const)
      assert.equal(commandFor({ subject, dependsOn: [] }), undefined, subject.code);
    const named = { code: "grantee-policies", grantee: { kind: "principal", arn: ROLE } } as const;
    assert.equal(commandFor({ subject: named, dependsOn: [] }), IAM);
  });

  it("quotes nothing that a shell would run", () => {
    for (const arn of [`${FUNCTION}:$(id)`, `${FUNCTION};id`, "arn:aws:lambda:x';id:1:function:a"])
      assert.equal(
        commandFor({ subject: { code: "function-policy-outside-stack", arn }, dependsOn: [] }),
        undefined,
      );
  });
});
