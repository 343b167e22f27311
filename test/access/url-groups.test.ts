/** Function URLs that share a verdict: each has the result that it would have by itself. */
import { deepEqual, equal } from "node:assert/strict";
import { decisionOf, functionUrlOf, principalOf, type Verdict } from "../../access";
import { functionUrlCallers } from "../../access/gates/function-url/callers";
import { text } from "../../iam";
import { evidence, fixText } from "../../messages";
import { describeFunctionUrl } from "../../messages/verdicts/function-url";
import type { FunctionUrl, LambdaFunction, PrincipalFacts, StackFacts } from "../../stack";
import { accessTo, document, FUNCTION, functionUrl, permission, role } from "./gates/facts";

const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;

function functionNamed(name: string, more: Partial<LambdaFunction> = {}): LambdaFunction {
  return { ...FUNCTION, urn: `urn:${name}`, label: name, name: text(name), arn: text(arnOf(name)), ...more };
}

const functions = ["carts", "items", "named", "orders", "prices", "published", "stock"].map((name) =>
  functionNamed(name, name === "published" ? { publishesVersions: true } : {}),
);

const functionUrls = functions.map((fn): FunctionUrl => {
  const target = {
    function: fn,
    arn: fn.arn,
    ...(fn.label === "prices" ? { inferredFrom: [origin()] } : {}),
  };
  return functionUrl({
    urn: `urn:pulumi:dev::shop::url::${fn.label}`,
    target,
    authorization: fn.label === "stock" ? "NONE" : "AWS_IAM",
  });
});

function origin() {
  return { key: "prices", label: "Function prices" };
}

const URL = "lambda:InvokeFunctionUrl";
const INVOKE = "lambda:InvokeFunction";

const STATEMENTS: Readonly<Record<string, readonly object[]>> = {
  both: [{ Action: [URL, INVOKE], Resource: "*" }],
  "all of Lambda": [{ Action: "lambda:*", Resource: "*" }],
  first: [{ Action: URL, Resource: "*" }],
  "first, in the region": [{ Action: URL, Resource: "arn:aws:lambda:us-east-1:*:function:*" }],
  "first, elsewhere": [{ Action: URL, Resource: "arn:aws:lambda:eu-west-1:*:function:*" }],
  "first, and something near": [
    { Action: URL, Resource: "*" },
    { Action: "lambda:InvokeAsync", Resource: arnOf("items") },
  ],
  "second for one": [
    { Action: URL, Resource: "*" },
    { Action: INVOKE, Resource: arnOf("items") },
  ],
  "second by tag": [
    { Action: URL, Resource: "*" },
    { Action: INVOKE, Resource: "*", Condition: { StringEquals: { "aws:ResourceTag/team": "shop" } } },
  ],
  "all except one": [{ Action: [URL, INVOKE], NotResource: arnOf("items") }],
  "one denied": [
    { Action: [URL, INVOKE], Resource: "*" },
    { Effect: "Deny", Action: INVOKE, Resource: arnOf("items") },
  ],
  "all denied": [
    { Action: [URL, INVOKE], Resource: "*" },
    { Effect: "Deny", Action: INVOKE, Resource: "*" },
  ],
  "one by name": [{ Action: URL, Resource: arnOf("items") }],
  "only the second": [{ Action: INVOKE, Resource: "*" }],
  "only by URL": [
    { Action: INVOKE, Resource: "*", Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
  ],
  nothing: [{ Action: "s3:GetObject", Resource: "*" }],
};

const principals = Object.entries(STATEMENTS).map(([name, statements]): PrincipalFacts => {
  const arn = text(`arn:aws:iam::123456789012:role/${name.replace(/\W+/g, "-")}`);
  return role(statements, { urn: `urn:${name}`, name, label: name, arn });
});

const facts: Partial<StackFacts> = {
  functions,
  functionUrls,
  principals: [
    ...principals,
    {
      ...principals[2],
      urn: "urn:bounded",
      label: "bounded",
      boundary: document("identity", STATEMENTS.first?.[0] ?? {}),
    } as PrincipalFacts,
  ],
  permissions: functions
    .filter(({ label }) => label === "named")
    .map((fn) =>
      permission(
        { Principal: { AWS: "arn:aws:iam::123456789012:role/first" }, Action: URL, Resource: arnOf("named") },
        { target: { function: fn, arn: fn.arn }, isForService: false },
      ),
    ),
};

/** The result of a verdict for each of its function URLs. */
function shown(verdict: Verdict): readonly string[] {
  const { outcome, cause, actions, unknowns, inferredFrom } = verdict;
  const { answer, reason, missingAllow } = decisionOf(verdict) ?? {};
  const urls = verdict.cause === "policies" && "urlGroup" in verdict ? verdict.urlGroup : undefined;
  return (urls ?? [functionUrlOf(verdict)]).map((url) => {
    const about = [url?.urn, principalOf(verdict)?.label, outcome, cause, actions, unknowns];
    // An allowed verdict is not a finding. Only reports show its evidence.
    const because = outcome === "allowed" ? [] : evidence(verdict);
    return JSON.stringify([...about, inferredFrom.length > 0, answer, reason, missingAllow, because]);
  });
}

describe("function URLs with the same verdict", () => {
  const verdicts = functionUrlCallers(accessTo(facts), "reported");

  it("have the same verdict as when each is evaluated alone", () => {
    const separate = functionUrls.flatMap((url) =>
      functionUrlCallers(accessTo({ ...facts, functionUrls: [url] })),
    );
    deepEqual(verdicts.flatMap(shown).sort(), separate.flatMap(shown).sort());
    deepEqual(
      functionUrlCallers(accessTo(facts), "all").flatMap(shown).sort(),
      separate.flatMap(shown).sort(),
    );
  });

  it("have one verdict for a caller with permission on all functions", () => {
    const ofFirst = verdicts.filter((verdict) => principalOf(verdict)?.label === "first");
    equal(ofFirst.length, 4);
    equal(ofFirst.flatMap(shown).length, 6);
  });

  it("are all named in the finding and its fix", () => {
    for (const verdict of verdicts) {
      if (verdict.outcome !== "denied" || verdict.cause !== "policies" || verdict.urlGroup === undefined)
        continue;
      const { finding, fix } = describeFunctionUrl([verdict]);
      const written = fix === undefined ? "" : fixText(fix, "json");
      for (const { target } of verdict.urlGroup) {
        equal(finding.includes(`function ${target.function?.label}`), true);
        equal(written.includes(arnOf(target.function?.label ?? "")), true, written);
      }
    }
  });
});
