/**
 * The results of the policies for a cloud account, which docs/rollout.md lists. The resources follow Pulumi's
 * documentation of the resources that Discovery records: Pulumi type, ID and current state, without a program and
 * therefore without dependencies. None was recorded by Pulumi Cloud.
 *
 * https://www.pulumi.com/docs/discovery-governance/concepts/discovery/
 * https://www.pulumi.com/docs/reference/cloud-rest-api/schema/upsertinsightsresource/
 */
import { deepStrictEqual, match } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { POLICIES } from "../../policies";
import type { PlannedResource, Properties } from "../../testing";
import { type BootedPack, bootPack } from "./harness";

const PACK = resolve(__dirname, "../..");
const PRESET = JSON.parse(readFileSync(join(PACK, "presets/cloud-accounts.json"), "utf8"));
const PAGE = readFileSync(join(PACK, "docs/rollout.md"), "utf8");

function discovered(type: string, id: string, state: Properties): PlannedResource {
  return {
    urn: `urn:pulumi:production::aws::${type}::${id}`,
    type,
    name: id,
    custom: true,
    id,
    inputs: state,
    outputs: { id, ...state },
    dependencies: [],
    propertyDependencies: {},
  };
}

const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
const INVOKE = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;
const policyOf = (statement: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

/** A route that fails with 500: API Gateway is not allowed to invoke the function. */
const ROUTE = [
  discovered("aws:apigateway/restApi:RestApi", "a1b2c3d4e5", { name: "shop", rootResourceId: "root" }),
  discovered("aws:apigateway/resource:Resource", "r1", { restApi: "a1b2c3d4e5", path: "/orders" }),
  discovered("aws:apigateway/method:Method", "agm-a1b2c3d4e5-r1-GET", {
    restApi: "a1b2c3d4e5",
    resourceId: "r1",
    httpMethod: "GET",
    authorization: "NONE",
  }),
  discovered("aws:apigateway/integration:Integration", "agi-a1b2c3d4e5-r1-GET", {
    restApi: "a1b2c3d4e5",
    resourceId: "r1",
    httpMethod: "GET",
    type: "AWS_PROXY",
    integrationHttpMethod: "POST",
    uri: INVOKE,
  }),
  discovered("aws:lambda/function:Function", "orders", {
    name: "orders",
    arn: FUNCTION,
    invokeArn: INVOKE,
    qualifiedArn: `${FUNCTION}:$LATEST`,
  }),
];

const FAULTY: Readonly<Record<string, PlannedResource>> = {
  "lambda-permission-source-arn": discovered("aws:lambda/permission:Permission", "no-stage", {
    action: "lambda:InvokeFunction",
    function: "orders",
    principal: "apigateway.amazonaws.com",
    sourceArn: "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5",
    statementId: "no-stage",
  }),
  "lambda-permission-scope": discovered("aws:lambda/permission:Permission", "any-api", {
    action: "lambda:InvokeFunction",
    function: "orders",
    principal: "apigateway.amazonaws.com",
    statementId: "any-api",
  }),
  "lambda-integration-request": discovered("aws:apigateway/integration:Integration", "agi-x-y-GET", {
    restApi: "x",
    resourceId: "y",
    httpMethod: "GET",
    type: "AWS_PROXY",
    integrationHttpMethod: "GET",
    uri: INVOKE,
  }),
  "invoke-policy-resource": discovered("aws:iam/policy:Policy", "arn:aws:iam::123456789012:policy/p", {
    name: "p",
    policy: policyOf({ Action: "lambda:InvokeFunction", Resource: INVOKE }),
  }),
  "invoke-policy-scope": discovered("aws:iam/rolePolicy:RolePolicy", "worker:all", {
    role: "worker",
    policy: policyOf({ Action: "lambda:InvokeFunction", Resource: "*" }),
  }),
};

const names = (kind: string): string[] =>
  POLICIES.filter((policy) => policy.kind === kind)
    .map(({ metadata }) => metadata.name)
    .sort();

describe("resources of a cloud account that Pulumi discovers", () => {
  let pack: BootedPack;

  before(async () => {
    pack = await bootPack(PACK, { PULUMI_NODEJS_DRY_RUN: "" });
  });
  after(() => pack.close());

  it("have a fixture for each resource policy", () => {
    deepStrictEqual(Object.keys(FAULTY).sort(), names("resource"));
  });

  for (const [policy, resource] of Object.entries(FAULTY))
    it(`get a finding of ${policy} with the preset`, async () => {
      await pack.configure(PRESET);
      const found = await pack.analyze(resource);
      deepStrictEqual(
        found.map(({ policy: name, level }) => `${level} ${name}`),
        [`advisory ${policy}`],
      );
    });

  it("get no findings if the resource has no problem", async () => {
    await pack.configure(PRESET);
    for (const resource of ROUTE) deepStrictEqual(await pack.analyze(resource, ROUTE), []);
  });

  it("get no findings from stack policies with the preset", async () => {
    await pack.configure(PRESET);
    deepStrictEqual(await pack.analyzeStack([...ROUTE, ...Object.values(FAULTY)]), []);
  });

  it("are unproven in stack policies without the preset", async () => {
    await pack.configure({});
    const found = await pack.analyzeStack(ROUTE);
    deepStrictEqual(
      found.map(({ policy }) => policy),
      ["unproven-access"],
    );
  });

  it("are documented for each policy, with the reason if it does not apply", () => {
    const section = PAGE.slice(PAGE.indexOf("### Cloud accounts"), PAGE.indexOf("### As a Pulumi program"));
    const rows = section.split("\n").filter((line) => line.startsWith("| "));
    for (const name of names("resource"))
      match(rows.find((row) => row.includes(`policies/${name}.md`)) ?? "", /\| the same as in a stack/, name);
    for (const name of names("stack"))
      match(rows.find((row) => row.includes(`policies/${name}.md`)) ?? "", /\| not applicable: /, name);
  });
});
