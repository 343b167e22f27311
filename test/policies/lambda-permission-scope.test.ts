import assert from "node:assert/strict";
import type { LambdaPermissionScopeProblem } from "../../messages/policies/lambda-permission-scope";
import { scopeProblems } from "../../policies/lambda-permission-scope";
import { plannedOf } from "../../stack";
import { type Inputs, PERMISSION, permission, source, testFindings, UNKNOWN } from "../support/resources";

const API = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234";

testFindings("lambda-permission-scope", PERMISSION, permission, [
  ["no source ARN", {}, "no source ARN"],
  ["no source ARN but a source account", { sourceAccount: "123456789012" }, 1],
  ["a source ARN", source(`${API}/*`), 0],
  ["unknown source ARN", source(UNKNOWN), 0],
  ["everyone", { principal: "*" }, "every AWS principal"],
  ["everyone in an organization", { principal: "*", principalOrgId: "o-abcdefghij" }, 0],
  [
    "everyone, by function URL",
    { principal: "*", functionUrlAuthType: "NONE", action: "lambda:InvokeFunctionUrl" },
    0,
  ],
  ["another service", { principal: "events.amazonaws.com" }, 0],
  ["an account", { principal: "123456789012" }, 0],
  ["unknown principal", { principal: UNKNOWN }, 0],
  ["no properties", { principal: undefined, action: undefined, function: undefined }, 0],
]);

const CODES: readonly (readonly [Inputs, ...LambdaPermissionScopeProblem["code"][]])[] = [
  [{}, "any-api"],
  [{ sourceArn: "" }, "any-api"],
  [{ sourceAccount: "123456789012" }, "any-api"],
  [{ sourceArn: `${API}/*` }],
  [{ sourceArn: UNKNOWN }],
  [{ principal: "*" }, "everyone"],
  [{ principal: "*", sourceAccount: UNKNOWN }],
  [{ principal: "*", principalOrgId: "o-abcdefghij" }],
  [{ principal: UNKNOWN }],
  [{ principal: { Service: "apigateway.amazonaws.com" } }],
];

describe("lambda-permission-scope on facts", () => {
  for (const [inputs, ...codes] of CODES)
    it(`reports ${codes.join() || "no problem"} for ${JSON.stringify(inputs)}`, () => {
      const props = { ...permission, ...inputs };
      const urn = `urn:pulumi:dev::project::${PERMISSION}::it`;
      const planned = plannedOf({ type: PERMISSION, urn, name: "it", props });
      assert.ok(planned);
      assert.deepEqual(
        scopeProblems(planned).map(({ code }) => code),
        codes,
      );
    });
});
