/** The commands that resolve unproven verdicts, in every output that shows an unproven verdict. */
import * as assert from "node:assert/strict";
import type { SubjectOf, UnknownSubject } from "../../iam";
import { commandFor, showUnknown } from "../../messages";
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

const CASES: readonly (readonly [
  subject: string,
  program: Program,
  gate: Answer["gate"],
  command: string,
])[] = [
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

type Example<Code extends UnknownSubject["code"]> = readonly [
  subject: Omit<SubjectOf<Code>, "code">,
  command?: string,
];

const PLACE = { statement: "statement 1", source: "a policy" };
const TO_ROUTE = { principal: "x", route: { verb: "GET", path: "/" }, api: "shop" };
const SCP = "arn:aws:organizations::111111111111:policy/o-exampleorgid/service_control_policy/p-deny00001";
const PRINCIPAL = { kind: "principal", arn: ROLE } as const;

/** An example of each code for which a command would most likely help. A new code requires an example to compile. */
const CODES: { readonly [Code in UnknownSubject["code"]]: Example<Code> } = {
  "request-choice": [{ choices: [{ code: "stage" }], allowed: ["a"], denied: ["b"], undecided: [] }],
  "principal-policies": [{ principal: ROLE }, IAM],
  "same-account": [{}],
  "boundary-limits-everyone": [{}],
  document: [{ source: "managed policy", arn: "arn:aws:iam::123456789012:policy/shared" }, IAM],
  "control-policy-list": [
    { kind: "resource" },
    "aws organizations list-policies-for-target --filter RESOURCE_CONTROL_POLICY --target-id TARGET",
  ],
  "control-policy-account": [{ kind: "service", principal: "x" }],
  "covered-requests": [{ ...PLACE, pattern: "*" }],
  "statement-resource": [{ ...PLACE, missing: [] }],
  "statement-condition": [
    { ...PLACE, missing: [], key: "aws:ResourceTag/team", tagsOf: `${FUNCTION}:live` },
    `aws lambda get-function --function-name ${FUNCTION} --region eu-west-1`,
  ],
  "service-principal": [{ ...PLACE, pattern: { not: false, patterns: ["*"] }, service: "x" }],
  "statement-principal": [PLACE],
  "statement-action": [PLACE],
  "statement-effect": [PLACE],
  "resource-policy-may-remain": [{ api: "shop" }],
  "policy-may-remain": [{ principal: "x", policy: "y", resource: "z" }],
  "policy-not-listed": [{ principal: "x", policy: "y", resource: "z" }],
  "policy-list": [{ kind: "managed", resource: "x" }],
  "listed-policies": [{ kind: "managed", resource: "x" }, IAM],
  "attached-policy": [{ resource: "x" }],
  "managed-policy": [{ arn: "arn:aws:iam::123456789012:policy/shared", resource: "x" }, IAM],
  "encrypted-principal": [{ resource: "x" }],
  "blank-principal": [{ principal: "x" }],
  "other-policies": [{ principal: "x", isNamed: true }, IAM],
  "member-outside-stack": [{ user: "x" }, IAM],
  "group-outside-stack": [{ resource: "x" }, IAM],
  "groups-may-remain": [{ resource: "x" }],
  "inferred-source-arn": [{ permission: "x", dependsOn: ["y"] }],
  "replaced-permission": [{ permission: "x", policy: "y" }],
  "caller-in-account": [{ principal: "x", api: "shop" }],
  "general-caller": [{ principal: "x", isExternal: true }, IAM],
  "intended-caller": [TO_ROUTE],
  "intended-route": [{ ...TO_ROUTE, otherRoute: TO_ROUTE.route, hasFunction: true }],
  "literal-grant": [{ source: "x" }],
  "external-role": [{ arn: ROLE }, IAM],
  "resource-policy-outside-stack": [
    { api: "shop", id: "abcdef1234" },
    "aws apigateway get-rest-api --rest-api-id abcdef1234",
  ],
  "resource-policy-in-body": [{ api: "shop" }],
  "resource-policy-set": [{ api: "shop" }],
  "resource-policy-kept": [{ policy: "x" }],
  "resource-policy-at-deployment": [{ api: "shop" }],
  "vpc-endpoint": [{ api: "shop", endpoints: ["vpce-1"] }],
  "route-target": [TO_ROUTE],
  "route-authorization": [TO_ROUTE],
  "integration-target": [{ integration: "x" }],
  "integration-in-body": [{ target: { arn: FUNCTION } }],
  credentials: [{ label: "x" }],
  "authorizer-used": [{ authorizer: "x", api: "shop" }],
  "called-function": [{}],
  "called-qualifier": [{ function: "x" }],
  "called-target": [{ target: { function: "x" }, likely: { function: "y" } }],
  "function-policy": [{}],
  "function-policy-outside-stack": [
    { arn: FUNCTION },
    `aws lambda get-policy --function-name ${FUNCTION} --region eu-west-1`,
  ],
  "function-of-permission": [{ permission: "x" }],
  "remaining-methods": [{ path: "/", route: TO_ROUTE.route }],
  "any-in-source-arn": [{}],
  "url-authorization": [{ url: "x" }],
  "url-function": [{ url: "x" }],
  "url-signer": [{ origin: "x" }],
  "both-actions": [{ source: "x" }],
  "grantee-policies": [{ grantee: PRINCIPAL }, IAM],
  "callers-of-url": [{}],
  "called-resource-policy": [{ action: "sqs:SendMessage" }],
  "grantee-account": [{ grantee: PRINCIPAL }],
  "grantee-allowed": [{ grantee: PRINCIPAL, action: "lambda:InvokeFunctionUrl" }, IAM],
};

describe("the command that resolves an unproven verdict", () => {
  for (const [subject, program, gate, command] of CASES)
    it(`is named for ${subject}: in findings, JSON and explanations`, async () => {
      const { answers, findings } = await reportOn(program);
      const open = answers.filter((answer) => answer.gate === gate && answer.outcome === "unproven");
      assert.notEqual(open.length, 0);
      for (const answer of open) {
        assert.deepEqual(answer.commands, [command]);
        assert.ok(
          answer.fix?.text.includes(`pass the output of this command as account data: ${command}`),
          answer.fix?.text,
        );
      }
      const [{ message = "" } = {}] = findings.filter(({ policy }) => policy === "unproven-access");
      assert.ok(message.includes(command), message);
    });

  for (const [code, [example, command]] of Object.entries(CODES))
    it(`is ${command === undefined ? "none" : "named"} for ${code}`, () => {
      const unknown = { subject: { ...example, code } as UnknownSubject, dependsOn: [] };
      assert.equal(commandFor(unknown), command);
      assert.notEqual(showUnknown(unknown), "");
    });

  it("prints a control policy whose document is unknown", () => {
    assert.equal(
      commandFor({ subject: { code: "document", source: "x", arn: SCP }, dependsOn: [] }),
      "aws organizations describe-policy --policy-id p-deny00001",
    );
  });

  it("is named with its region for the API of another stack", () => {
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

  it("is none if a preview or the program decides", () => {
    for (const subject of [
      { code: "function-policy-outside-stack", arn: "arn:aws:lambda:<the region>:<x>:function:a" },
      { code: "managed-policy", resource: "x" },
      { code: "same-account" },
      { code: "other-policies", principal: "x", isNamed: false },
      { code: "grantee-policies", grantee: { kind: "everyone" } },
    ] as const)
      assert.equal(commandFor({ subject, dependsOn: [] }), undefined, subject.code);
    const named = { code: "grantee-policies", grantee: { kind: "principal", arn: ROLE } } as const;
    assert.equal(commandFor({ subject: named, dependsOn: [] }), IAM);
  });

  it("contains no text that a shell would execute", () => {
    for (const arn of [`${FUNCTION}:$(id)`, `${FUNCTION};id`, "arn:aws:lambda:x';id:1:function:a"])
      assert.equal(
        commandFor({ subject: { code: "function-policy-outside-stack", arn }, dependsOn: [] }),
        undefined,
      );
  });
});
