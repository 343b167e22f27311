/** Several stacks in one call: folders of states, and programs with stack references to each other. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import { type ReadInput, readInputs } from "../../cli/input";
import { analyze } from "../../engine/analyze";
import { plan } from "../../testing";
import { allow, restStack, trustOf } from "../support/rest";
import { stateOf } from "../support/state";
import { named } from "../testing/fixtures";

const ROOT = path.resolve(__dirname, "../..");

const API = `
  const aws = require("@pulumi/aws");
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }] });
  const role = new aws.iam.Role("execution", { assumeRolePolicy: trust });
  const fn = new aws.lambda.Function("orders", { role: role.arn, runtime: "nodejs22.x", handler: "index.handler", s3Bucket: "b", s3Key: "k" });
  const api = new aws.apigateway.RestApi("orders-api");
  const method = new aws.apigateway.Method("get", { restApi: api.id, resourceId: api.rootResourceId, httpMethod: "GET", authorization: "AWS_IAM" });
  new aws.apigateway.Integration("get", { restApi: api.id, resourceId: api.rootResourceId, httpMethod: method.httpMethod, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: fn.invokeArn });
  new aws.lambda.Permission("get", { action: "lambda:InvokeFunction", function: fn.name, principal: "apigateway.amazonaws.com", sourceArn: api.executionArn.apply((arn) => arn + "/*/GET/") });
  exports.executionArn = api.executionArn;
  exports.functionArn = fn.arn;`;

const app = (statements: string): string => `
  const aws = require("@pulumi/aws");
  const pulumi = require("@pulumi/pulumi");
  const api = new pulumi.StackReference("acme/api/dev");
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }] });
  const role = new aws.iam.Role("client", { assumeRolePolicy: trust });
  new aws.iam.RolePolicy("client", { role: role.id, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: [${statements}] }) });`;

const CALL_ROUTE = `{ Effect: "Allow", Action: "execute-api:Invoke", Resource: pulumi.interpolate\`\${api.requireOutput("executionArn")}/*\` }`;
const INVOKE_FUNCTION = `{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: api.getOutput("functionArn") }`;
const FINDING = "iam-route-caller-lambda-invoke urn:pulumi:dev::app::aws:iam/role:Role::client";

describe("several stacks", () => {
  let root: string;

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-lambda-access-"));
  });

  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  function file(name: string, content: string): string {
    const at = path.join(root, name);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.writeFileSync(at, content);
    return at;
  }

  function program(name: string, code: string): string {
    file(`${name}/Pulumi.yaml`, `name: ${name}\nruntime: nodejs\n`);
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(root, name, "node_modules"), "junction");
    return path.dirname(file(`${name}/index.js`, code));
  }

  const read = (...names: string[]): Promise<readonly ReadInput[]> =>
    readInputs(names, { as: "deployed", stack: "dev" }, () => undefined);

  async function mandatoryFindings(inputs: readonly ReadInput[]): Promise<readonly string[]> {
    const { findings } = await analyze(inputs.flatMap(({ plan }) => plan.resources));
    return findings
      .filter(({ level }) => level === "mandatory")
      .map(({ policy, resource }) => `${policy} ${resource}`);
  }

  const projectsOf = (inputs: readonly ReadInput[]): readonly string[] =>
    inputs.map(({ plan }) => plan.project);

  for (const order of [
    ["app", "api"],
    ["api", "app"],
  ])
    it(`a program reads the outputs of another one, in the order ${order.join(", ")}`, async () => {
      const folders = { api: program("api", API), app: program("app", app(CALL_ROUTE)) };
      const inputs = await read(...order.map((folder) => folders[folder as "api" | "app"]));
      assert.deepEqual(projectsOf(inputs), order);
      assert.deepEqual(await mandatoryFindings(inputs), [FINDING]);
      assert.deepEqual(
        inputs.map(({ missingStacks }) => missingStacks),
        [[], []],
      );
    });

  it("a caller that the outputs of another program allow to call the route and the function is not reported", async () => {
    const inputs = await read(program("app", app(`${CALL_ROUTE}, ${INVOKE_FUNCTION}`)), program("api", API));
    assert.deepEqual(await mandatoryFindings(inputs), []);
  });

  it("a program reads the outputs of an exported state", async () => {
    const [api] = await read(program("api", API));
    assert.ok(api !== undefined);
    const inputs = await read(program("app", app(CALL_ROUTE)), file("states/api.json", stateOf(api.plan)));
    assert.deepEqual(await mandatoryFindings(inputs), [FINDING]);
  });

  it("outputs of a missing stack are unknown, and the missing stack is reported", async () => {
    const [input] = await read(program("app", app(CALL_ROUTE)));
    assert.deepEqual(input?.missingStacks, ["acme/api/dev"]);
    const policy = input.plan.resources.find(({ type }) => type.endsWith(":RolePolicy"));
    assert.match(String(policy?.outputs.policy), /^04da6b54-/);
    assert.deepEqual(await mandatoryFindings([input]), []);
  });

  it("programs with stack references to each other are run, and the first one lacks the outputs of the second", async () => {
    const programReferringTo = (stack: string): string =>
      `const pulumi = require("@pulumi/pulumi"); module.exports = { out: new pulumi.StackReference("acme/${stack}/dev").getOutput("out") };`;
    const inputs = await read(
      program("one", programReferringTo("two")),
      program("two", programReferringTo("one")),
    );
    assert.deepEqual(
      inputs.map(({ missingStacks }) => missingStacks),
      [["acme/two/dev"], []],
    );
  });

  it("a program that fails after a reference to a missing stack is rejected with its own error", async () => {
    const failing = `new (require("@pulumi/pulumi").StackReference)("acme/api/dev"); throw new Error("no such thing");`;
    await assert.rejects(read(program("app", failing)), /failed: no such thing$/);
  });

  async function writeStates(): Promise<void> {
    const api = await plan(restStack({ caller: false }), { as: "deployed", project: "api" });
    const arn = String(named(api, "orders-api", "RestApi").outputs.executionArn);
    const caller = await plan(
      () => {
        const role = new aws.iam.Role("client", { assumeRolePolicy: trustOf("ec2.amazonaws.com") });
        new aws.iam.RolePolicy("client", {
          role: role.name,
          policy: { Version: "2012-10-17", Statement: [allow("execute-api:Invoke", `${arn}/*`)] },
        });
      },
      { as: "deployed", project: "app" },
    );
    file("states/api/dev.json", stateOf(api));
    file("states/app/dev.json", stateOf(caller));
  }

  it("a folder includes the exported states in its subfolders", async () => {
    await writeStates();
    const inputs = await read(path.join(root, "states"));
    assert.deepEqual(projectsOf(inputs), ["api", "app"]);
    assert.deepEqual(await mandatoryFindings(inputs), [FINDING]);
  });

  it("other JSON files and earlier states in a folder are skipped", async () => {
    await writeStates();
    file("states/notes.json", '{"a": 1}');
    file("states/history/app/dev.json", fs.readFileSync(path.join(root, "states/app/dev.json"), "utf8"));
    assert.deepEqual(projectsOf(await read(path.join(root, "states"))), ["api", "app"]);
  });

  for (const [condition, content, message] of [
    [
      "with a malformed state is rejected",
      '{"deployment": {"resou',
      /broken\.json is not JSON; pass the output/,
    ],
    ["can contain a state without resources", '{"deployment": {}}', undefined],
  ] as const)
    it(`a folder ${condition}`, async () => {
      await writeStates();
      file("states/broken.json", content);
      if (message === undefined) assert.equal((await read(path.join(root, "states"))).length, 3);
      else await assert.rejects(read(path.join(root, "states")), message);
    });

  it("a folder with neither a program nor a state is rejected", async () => {
    fs.mkdirSync(path.join(root, "empty"));
    await assert.rejects(
      read(path.join(root, "empty")),
      /empty contains neither a Pulumi\.yaml nor exported states/,
    );
    file("other/a.json", "{}");
    await assert.rejects(read(path.join(root, "other")), /no exported state in .*other$/);
  });

  it("a state that is named both by its file and by its folder is rejected", async () => {
    await writeStates();
    await assert.rejects(
      read(path.join(root, "states"), path.join(root, "states/api/../api/dev.json")),
      /both contain the stack api\/dev/,
    );
  });
});
