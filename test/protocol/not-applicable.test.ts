import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { stackRequest } from "../../engine/pack";
import { AnalysisSession, POLICIES } from "../../policies";
import { Pack } from "../../pulumi";
import { makeAnalyzeStackRpcFun } from "../../pulumi/server";
import { type PlannedResource, type Properties, plan, programFrom } from "../../testing";
import { type BootedPack, bootPack } from "./harness";

const PACK = resolve(__dirname, "../..");
const EXAMPLES = join(PACK, "examples");

function resource(type: string, name: string, properties: Properties): PlannedResource {
  return {
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    name,
    custom: true,
    id: name,
    inputs: properties,
    outputs: properties,
    dependencies: [],
    propertyDependencies: {},
  };
}

const bucket = resource("aws:s3/bucket:Bucket", "files", { bucket: "files" });
const role = resource("aws:iam/role:Role", "worker", { name: "worker", assumeRolePolicy: "{}" });
const permission = resource("aws:lambda/permission:Permission", "invoke", {
  action: "lambda:InvokeFunction",
  function: "orders",
  principal: "s3.amazonaws.com",
});
const grants = (action: string, resourceArn: string): PlannedResource =>
  resource("aws:iam/rolePolicy:RolePolicy", "grants", {
    role: "worker",
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: action, Resource: resourceArn }],
    }),
  });

const ROUTES = [
  "authorizer-function-permission",
  "caller-credentials-lambda-invoke",
  "caller-execute-api-invoke",
  "disabled-default-endpoint",
  "durable-function-qualified-arn",
  "iam-route-caller-lambda-invoke",
  "integration-role-lambda-invoke",
  "route-function-permission",
  "rest-api-deployment-dependencies",
  "rest-api-resource-policy",
  "service-integration-role",
  "websocket-manage-connections",
];
const EXTERNAL = "external-api-caller-lambda-invoke";
const URLS = "function-url-caller-lambda-invoke";
const UNPROVEN = "unproven-access";
const REQUEST = "lambda-permission-request";
const API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*/GET/orders";

const STACKS: [description: string, resources: PlannedResource[], silent: string[]][] = [
  ["no resource", [], [...ROUTES, EXTERNAL, URLS, UNPROVEN, REQUEST]],
  ["a bucket and a role", [bucket, role], [...ROUTES, EXTERNAL, URLS, UNPROVEN, REQUEST]],
  ["a permission for another service", [bucket, permission], [...ROUTES, EXTERNAL, URLS, UNPROVEN]],
  [
    "a caller of an API outside the stack",
    [role, grants("execute-api:Invoke", API)],
    [...ROUTES, URLS, REQUEST],
  ],
  [
    "a caller of a function URL outside the stack",
    [role, grants("lambda:InvokeFunctionUrl", "*")],
    [...ROUTES, EXTERNAL, REQUEST],
  ],
];

describe("policies that are not applicable", function () {
  this.timeout(120_000);
  let pack: BootedPack;

  before(async () => {
    pack = await bootPack(PACK);
  });
  beforeEach(() => pack.configure({}));
  after(() => pack.close());

  for (const [description, resources, silent] of STACKS)
    it(`are reported for a stack with ${description}, as with the SDK's own server`, async () => {
      deepStrictEqual((await pack.notApplicable(resources)).sort(), [...silent].sort());
      const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", new Pack().policies);
      const plain = await new Promise<string[]>((done, fail) => {
        void handler({ request: stackRequest(resources) }, (error, response) =>
          response === undefined
            ? fail(error)
            : done(response.getNotApplicableList().map((policy) => policy.getPolicyName())),
        );
      });
      deepStrictEqual(plain.sort(), [...silent].sort());
    });

  it("do not hide problems with the configuration", async () => {
    await pack.configure({ "route-function-permission": { exemptt: [] } });
    const found = await pack.analyzeStack([bucket]);
    deepStrictEqual(
      found.map(({ policy }) => policy),
      ["policy-configuration"],
    );
  });

  it("are only those without findings and verdicts", async () => {
    let silent = 0;
    const programs = readdirSync(EXAMPLES).filter((name) => name !== "README.md" && name !== "aws-native");
    const stacks = [...STACKS.map(([, resources]) => resources)];
    for (const name of programs)
      stacks.push((await plan(programFrom(join(EXAMPLES, name)), { as: "deployed" })).resources);
    for (const resources of stacks) {
      const sdkResources = resources.map(({ type, urn, name, outputs }) => ({
        type,
        urn,
        name,
        props: outputs,
      }));
      const stack = { resources: sdkResources, allResources: () => sdkResources };
      const session = new AnalysisSession(stack, "analyze");
      const without = new AnalysisSession(stack, "analyze");
      for (const policy of POLICIES) {
        const { notApplicable } = session.evaluate(policy, () => ({}));
        const { subjects: _subjects, ...always } = policy as typeof policy & { subjects?: unknown };
        const { findings, decisions, faults } = without.evaluate(always as typeof policy, () => ({}));
        deepStrictEqual(faults, []);
        if (notApplicable === undefined) continue;
        silent++;
        ok(notApplicable.startsWith("Policy only applies to stacks that have "), notApplicable);
        deepStrictEqual(findings, [], policy.metadata.name);
        strictEqual(decisions?.verdicts.length ?? 0, 0, policy.metadata.name);
      }
    }
    ok(silent > 30, `${silent}`);
  });
});
