/**
 * Recorded output of the AWS CLI (scripts/account-fixtures.ts): it matches the AWS service models
 * (scripts/account-shapes.ts), and the pack reads it.
 */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ACCOUNT_COMMANDS, accountData, readFile } from "../../account";
import { restStack } from "../support/rest";
import { outcomesOf, reportOn } from "./support";

const FOLDER = path.join(__dirname, "fixtures");
const SHAPES = JSON.parse(fs.readFileSync(path.join(__dirname, "shapes.json"), "utf8"));

const OPERATIONS: Readonly<Record<string, string>> = {
  "iam.json": "iam GetAccountAuthorizationDetails",
  "function-policy.json": "lambda GetPolicy",
  "function.json": "lambda GetFunction",
  "function-url.json": "lambda GetFunctionUrlConfig",
  "function-urls.json": "lambda ListFunctionUrlConfigs",
  "rest-api.json": "apigateway GetRestApi",
  "rest-apis.json": "apigateway GetRestApis",
  "rest-resources.json": "apigateway GetResources",
  "http-api.json": "apigatewayv2 GetApi",
  "http-apis.json": "apigatewayv2 GetApis",
  "http-authorizers.json": "apigatewayv2 GetAuthorizers",
  "http-routes.json": "apigatewayv2 GetRoutes",
  "http-integrations.json": "apigatewayv2 GetIntegrations",
  "control-policy.json": "organizations DescribePolicy",
  "policies-for-target.json": "organizations ListPoliciesForTarget",
};

const FILES = Object.keys(OPERATIONS);

const content = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(FOLDER, file), "utf8"));

/** Members of a value that its shape lacks. The model has strings for documents that the CLI prints as objects. */
function unknownMembers(value: unknown, shape: unknown, at = ""): readonly string[] {
  if (Array.isArray(value)) {
    const item = typeof shape === "object" && shape !== null ? (shape as { "*"?: unknown })["*"] : undefined;
    return item === undefined
      ? [`${at}[]`]
      : value.flatMap((element) => unknownMembers(element, item, `${at}[]`));
  }
  if (typeof value !== "object" || value === null || typeof shape === "string") return [];
  const members = shape as Readonly<Record<string, unknown>>;
  return Object.entries(value).flatMap(([key, inner]) => {
    const member = members[key] ?? members["*"];
    return member === undefined ? [`${at}.${key}`] : unknownMembers(inner, member, `${at}.${key}`);
  });
}

describe("recorded output of the AWS CLI", () => {
  it("exists for each kind of account data", () => {
    assert.deepEqual(fs.readdirSync(FOLDER).sort(), Object.keys(OPERATIONS).sort());
  });

  it("exists for each supported command", () => {
    const operations = ACCOUNT_COMMANDS.map((command) => {
      const [, service, name = ""] = command.split(" ");
      return `${service} ${name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
    });
    assert.deepEqual(operations.sort(), Object.values(OPERATIONS).sort());
  });

  for (const [file, operation] of Object.entries(OPERATIONS))
    it(`matches the shape of ${operation}: ${file}`, () => {
      assert.ok(SHAPES[operation] !== undefined);
      // The output of the simulator lacks some members of the model.
      assert.deepEqual(unknownMembers(content(file), SHAPES[operation]), []);
    });

  for (const file of FILES)
    it(`is read: ${file}`, () => {
      const read = readFile(path.join(FOLDER, file));
      assert.ok("read" in read, JSON.stringify(read));
      if (!OPERATIONS[file]?.startsWith("organizations"))
        assert.ok(read.read.resources.length > 0 || read.read.parts !== undefined);
    });

  it("is used completely if all files are given", () => {
    const files = FILES.flatMap((file) => {
      const read = readFile(path.join(FOLDER, file));
      return "read" in read ? [read.read] : [];
    });
    // The lists of an HTTP API do not name their API, and these file names do not either.
    assert.deepEqual([...accountData(files, []).unplaced].sort(), [
      "http-authorizers.json",
      "http-integrations.json",
      "http-routes.json",
    ]);
  });

  it("decides a role with a path, an inline policy, a managed policy, a permissions boundary and a trust policy", async () => {
    const role = "arn:aws:iam::123456789012:role/teams/shop/shared-gateway";
    const program = restStack({ integration: () => ({ credentials: role }), caller: false });
    assert.equal(outcomesOf(await reportOn(program), "role-function"), "unproven");
    const files = { "iam.json": content("iam.json") };
    assert.equal(outcomesOf(await reportOn(program, { files }), "role-function"), "allowed");
    const roleWithoutPolicies = "arn:aws:iam::123456789012:role/without-policies";
    const stackWithRole = restStack({
      integration: () => ({ credentials: roleWithoutPolicies }),
      caller: false,
    });
    assert.ok(outcomesOf(await reportOn(stackWithRole, { files }), "role-function").includes("denied"));
  });
});
