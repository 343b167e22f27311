/** Remote components, whose plugins register resources with the same monitor, and components without their plugin. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { analyze } from "../../engine/analyze";
import { describeMissingParts } from "../../messages/missing-parts";
import { type ProgramOptions, type ProgramPlan, planOfProgram } from "../../programs";
import { onPath } from "../../programs/child-process";
import { buildReport, possibleParts } from "../../report";
import { missingParts } from "../../report/missing-parts";
import { check, UNKNOWN } from "../../testing";

const ROOT = path.resolve(__dirname, "../..");

/** A plugin of `pulumi.provider.main` that records every request other than Construct and Call. */
const PLUGIN = `
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");
const pulumi = require("@pulumi/pulumi");
const make = (type, name, props, opts) => new pulumi.CustomResource("aws:apigateway/" + type, name, props, opts);

class Api extends pulumi.ComponentResource {
  constructor(name, args, opts) {
    super("acme:index:Api", name, {}, opts);
    const parent = { parent: this };
    if (args.fails) throw new Error("it fails");
    const api = make("restApi:RestApi", name, { rootResourceId: undefined, executionArn: undefined }, parent);
    const part = make("resource:Resource", name, { restApi: api.id, parentId: api.rootResourceId, pathPart: "orders" }, parent);
    const method = make("method:Method", name, { restApi: api.id, resourceId: part.id, httpMethod: "GET", authorization: "AWS_IAM" }, parent);
    make("integration:Integration", name, { restApi: api.id, resourceId: part.id, httpMethod: method.httpMethod, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: args.invokeArn }, parent);
    this.executionArn = api.executionArn;
    this.moment = pulumi.output(pulumi.runtime.isDryRun() ? "preview" : "update");
    this.registerOutputs({ executionArn: api.executionArn });
  }
}
const acts = (what) => async () => {
  appendFileSync(join(__dirname, "acted"), what);
  return { id: "1", outs: {}, props: {} };
};
const provider = {
  version: "1.0.0",
  schema: JSON.stringify({ name: "acme", version: "1.0.0", resources: { "acme:index:Api": { isComponent: true, inputProperties: { invokeArn: { type: "string" } }, properties: { executionArn: { type: "string" } } } } }),
  construct: async (name, type, inputs, options) => {
    const { urn, executionArn, moment } = new Api(name, inputs, options);
    return { urn, state: { executionArn, moment } };
  },
  call: async (token, { greeting }) => ({ outputs: { token, greeting } }),
  check: acts("check"),
  create: acts("create"),
  read: acts("read"),
  invoke: acts("invoke"),
};
pulumi.provider.main(provider, process.argv.slice(2));
`;

const START = `
const pulumi = require("@pulumi/pulumi");
const aws = require("@pulumi/aws");
class Api extends pulumi.ComponentResource {
  constructor(name, args, opts) {
    super("acme:index:Api", name, { executionArn: undefined, moment: undefined, ...args }, opts, true);
  }
}
const trust = (service) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }] });
const role = new aws.iam.Role("function", { assumeRolePolicy: trust("lambda.amazonaws.com") });
const orders = new aws.lambda.Function("orders", { role: role.arn, runtime: "nodejs22.x", handler: "index.handler", code: new pulumi.asset.AssetArchive({}) });
const caller = new aws.iam.Role("caller", { assumeRolePolicy: trust("ec2.amazonaws.com") });
const allow = (name, executionArn) => new aws.iam.RolePolicy(name, { role: caller.id, policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: pulumi.interpolate\`\${executionArn}/*\` }] } });
const permit = (name, executionArn) => new aws.lambda.Permission(name, { action: "lambda:InvokeFunction", function: orders.name, principal: "apigateway.amazonaws.com", sourceArn: pulumi.interpolate\`\${executionArn}/*/*\` });
`;

const USES = `${START}
const api = new Api("orders-api", { invokeArn: orders.invokeArn });
allow("caller", api.executionArn);
permit("api", api.executionArn);
exports.moment = api.moment;
`;

describe("remote components", function () {
  this.timeout(120_000);
  let root: string;
  let count = 0;
  const home = process.env.PULUMI_HOME;

  before(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "components-")));
    process.env.PULUMI_HOME = path.join(root, "home");
  });

  after(() => {
    if (home === undefined) delete process.env.PULUMI_HOME;
    else process.env.PULUMI_HOME = home;
    fs.rmSync(root, { recursive: true, force: true });
  });

  function folderWith(name: string, files: Record<string, string>): string {
    const folder = path.join(root, name);
    fs.mkdirSync(folder, { recursive: true });
    for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
    return folder;
  }

  /** Writes a program, with a plugin in source if the project has one. */
  function program(code: string, plugin?: string): string {
    count += 1;
    const packages = plugin === undefined ? "" : `packages:\n  acme: ../plugin${count}\n`;
    if (plugin !== undefined)
      folderWith(`plugin${count}`, { "PulumiPlugin.yaml": "runtime: nodejs\n", "index.js": plugin });
    return folderWith(`program${count}`, {
      "Pulumi.yaml": `name: shop\nruntime: nodejs\n${packages}`,
      "index.js": code,
    });
  }

  const plannedAs = (folder: string, options: Partial<ProgramOptions> = {}): Promise<ProgramPlan> =>
    planOfProgram(folder, { as: "deployed", stack: "dev", ...options });

  const findings = async (plan: ProgramPlan): Promise<string[]> =>
    (await check(plan)).map(({ level, policy, name }) => `${level} ${policy} ${name}`);

  for (const as of ["deployed", "first-preview"] as const)
    it(`are constructed by their plugin, and their routes are evaluated, as ${as}`, async () => {
      const plan = await plannedAs(program(USES, PLUGIN), { as });
      const api = plan.resources.find(({ type }) => type === "aws:apigateway/restApi:RestApi");
      assert.equal(
        api?.urn,
        "urn:pulumi:dev::shop::acme:index:Api$aws:apigateway/restApi:RestApi::orders-api",
      );
      assert.deepEqual(api?.source?.file, "index.js");
      assert.equal(api?.source?.line, USES.split("\n").findIndex((line) => line.includes("new Api(")) + 1);
      const stack = plan.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
      assert.equal(stack?.outputs.moment, as === "deployed" ? "update" : "preview");
      assert.deepEqual(await findings(plan), ["mandatory iam-route-caller-lambda-invoke caller"]);
      assert.deepEqual(plan.remoteComponents, []);
    });

  for (const as of ["deployed", "first-preview"] as const)
    it(`have resources as inputs and outputs, as ${as}`, async () => {
      const plugin = PLUGIN.replace(
        'const pulumi = require("@pulumi/pulumi");',
        'const pulumi = require("@pulumi/pulumi");\nrequire("@pulumi/aws").lambda.Function;',
      )
        .replace("uri: args.invokeArn", "uri: args.handler.invokeArn")
        .replace("this.executionArn =", "this.api = api;\n    this.executionArn =")
        .replace("const { urn, ", "const { urn, api, ")
        .replace("state: { ", "state: { api, ");
      const code = `${START.replace("moment: undefined", "api: undefined")}
const api = new Api("orders-api", { handler: orders });
const arn = api.api.apply((one) => one.executionArn);
allow("caller", arn);
permit("api", arn);
const other = new Api("other-api", { handler: aws.lambda.Function.get("found", "found") });
`;
      const plan = await plannedAs(program(code, plugin), { as });
      const uriOf = (part: string) =>
        plan.resources.find(
          ({ type, name }) => type === "aws:apigateway/integration:Integration" && name === part,
        )?.inputs.uri;
      if (as === "deployed") assert.match(String(uriOf("orders-api")), /:function:orders-\w+\/invocations$/);
      else assert.equal(uriOf("orders-api"), UNKNOWN);
      assert.match(String(uriOf("other-api")), /:function:found\/invocations$/);
      assert.ok((await findings(plan)).includes("mandatory iam-route-caller-lambda-invoke caller"));
    });

  it("have methods, and their plugin receives no request other than Construct and Call", async () => {
    const folder = program(
      `${USES}
new (class extends pulumi.CustomResource {})("acme:index:Thing", "thing", {});
exports.found = pulumi.runtime.invoke("acme:index:getThing", {}).then(() => 1);
exports.greeting = pulumi.runtime.call("acme:index:Api/say", { greeting: pulumi.output("hello") }, api).apply(({ greeting, token }) => greeting + " " + token);
`,
      PLUGIN,
    );
    const { resources } = await plannedAs(folder);
    assert.equal(
      resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs.greeting,
      "hello acme:index:Api/say",
    );
    assert.equal(fs.existsSync(path.join(root, `plugin${count}`, "acted")), false);
  });

  it("apply their transforms to their children", async () => {
    const code = USES.replace(
      "{ invokeArn: orders.invokeArn })",
      `{ invokeArn: orders.invokeArn }, { transforms: [({ type, props, opts }) => type === "aws:apigateway/restApi:RestApi" ? { props: { ...props, description: "transformed" }, opts } : undefined] })`,
    );
    const { resources } = await plannedAs(program(code, PLUGIN));
    const api = resources.find(({ type }) => type === "aws:apigateway/restApi:RestApi");
    assert.equal(api?.inputs.description, "transformed");
  });

  for (const [problem, plugin, message] of [
    ["fails", PLUGIN.replace("if (args.fails)", "if (true)"), /failed: .*it fails/],
    ["does not start", "throw new Error('no start');", /plugin acme did not start: .*no start/],
    [
      "prints no port",
      "console.log('hello'); setInterval(() => {}, 1000);",
      /did not start: it printed "hello"/,
    ],
  ] as const)
    it(`whose plugin ${problem} are rejected`, async () => {
      await assert.rejects(plannedAs(program(USES, plugin)), (error: Error) => {
        assert.equal(error.name, "UserError", error.stack);
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });

  it("use plugins that the Pulumi CLI installed", async () => {
    const installed = folderWith("home/plugins/resource-acme-v1.0.0", {
      "PulumiPlugin.yaml": "runtime: nodejs\n",
      "index.js": PLUGIN,
    });
    try {
      const plan = await plannedAs(program(USES));
      assert.ok(plan.resources.some(({ type }) => type === "aws:apigateway/restApi:RestApi"));
    } finally {
      fs.rmSync(installed, { recursive: true });
    }
  });

  it("use the virtual environment of a plugin in Python", async function () {
    if (process.platform === "win32") this.skip();
    const folder = program(USES, PLUGIN);
    const plugin = path.join(root, `plugin${count}`);
    fs.writeFileSync(path.join(plugin, "PulumiPlugin.yaml"), "runtime: python\n");
    fs.mkdirSync(path.join(plugin, ".venv/bin"), { recursive: true });
    // A substitute for Python, which runs the plugin with Node.js.
    const runner = JSON.stringify(path.join(ROOT, "node_modules/@pulumi/pulumi/cmd/run-plugin"));
    const interpreter = `#!${process.execPath}\nprocess.argv.splice(1, 2, ${runner});\nrequire(${runner});\n`;
    fs.writeFileSync(path.join(plugin, ".venv/bin/python3"), interpreter, { mode: 0o755 });
    const plan = await plannedAs(folder);
    assert.ok(plan.resources.some(({ type }) => type === "aws:apigateway/restApi:RestApi"));
  });

  describe("without their plugin", () => {
    /** The report on a program and the messages about components without a plugin. */
    async function evaluate(folder: string) {
      const { resources: planned, remoteComponents, missingPlugins } = await plannedAs(folder);
      const resources = [...planned, ...possibleParts(planned, remoteComponents)];
      const analysis = await analyze(resources);
      const report = buildReport({ version: "0", inputs: [], resources, analysis });
      const messages = resources
        .filter(({ urn }) => remoteComponents.includes(urn))
        .map((component) =>
          describeMissingParts(
            missingParts(report, resources, component),
            missingPlugins.get("acme") ?? { code: "unknown" },
          ),
        );
      return { report, messages, planned };
    }

    const API = `
const api = new aws.apigateway.RestApi("api", {});
const open = (path, fn) => {
  const part = new aws.apigateway.Resource(path, { restApi: api.id, parentId: api.rootResourceId, pathPart: path });
  const method = new aws.apigateway.Method(path, { restApi: api.id, resourceId: part.id, httpMethod: "GET", authorization: "AWS_IAM" });
  new aws.apigateway.Integration(path, { restApi: api.id, resourceId: part.id, httpMethod: method.httpMethod, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: fn.invokeArn });
};
open("orders", orders);
`;

    it("are reported with the routes that are unproven because of their inputs", async () => {
      const { report, messages } = await evaluate(
        program(`${START}${API}
allow("caller", api.executionArn);
new Api("grants", { functionName: orders.name, caller: caller.name, routes: [{ path: "/own", method: "GET" }] });
`),
      );
      assert.deepEqual(
        report.findings.map(({ level, policy }) => `${level} ${policy}`),
        ["advisory unproven-access", "advisory unproven-access"].slice(0, report.findings.length),
      );
      assert.equal(messages.length, 1);
      assert.match(
        messages[0] ?? "",
        /^the resources of component grants \(acme:index:Api, index\.js:\d+\) are missing: the plugin acme creates them, and it is not installed; .*\. Its routes GET \/own and its other resources are not evaluated; it leaves GET \/orders of API api-\w+ unproven$/,
      );
    });

    it("do not change findings on routes that do not depend on them", async () => {
      const { report, messages } = await evaluate(
        program(`${START}${API}
allow("caller", api.executionArn);
permit("api", api.executionArn);
new Api("other", {});
`),
      );
      assert.deepEqual(
        report.findings.map(({ level, policy }) => `${level} ${policy}`),
        ["mandatory iam-route-caller-lambda-invoke"],
      );
      assert.match(messages[0] ?? "", /none of the evaluated routes depends on it$/);
    });

    it("have unknown outputs, and the program continues", async () => {
      const { planned } = await evaluate(
        program(`${START}
const api = new Api("orders-api", {});
permit("api", api.executionArn.apply((arn) => arn.slice(1)));
`),
      );
      assert.equal(planned.find(({ name }) => name === "api")?.inputs.sourceArn, UNKNOWN);
      assert.match(String(planned.find(({ name }) => name === "orders")?.outputs.arn), /^arn:aws:lambda:/);
    });

    it("leave routes unproven that depend on their resource inputs", async () => {
      const { report, messages } = await evaluate(
        program(`${START}${API}
allow("caller", api.executionArn);
new Api("grants", { handler: orders, who: [caller] });
`),
      );
      assert.deepEqual(
        report.findings.filter(({ level }) => level === "mandatory"),
        [],
      );
      assert.match(messages[0] ?? "", /it leaves GET \/orders of API api-\w+ unproven$/);
    });

    it("reject calls of their methods", () =>
      assert.rejects(
        plannedAs(program(`${USES}exports.greeting = pulumi.runtime.call("acme:index:Api/say", {}, api);`)),
        /the method 'acme:index:Api\/say' runs in the plugin acme, which is not available/,
      ));
  });

  it("of a YAML program are constructed only by the schema of their plugin", async function () {
    if (onPath("pulumi-language-yaml") === undefined) {
      console.log("      skipped: pulumi-language-yaml is not on PATH");
      this.skip();
    }
    const folder = program(
      "",
      PLUGIN.replace(
        'properties: { executionArn: { type: "string" } }',
        'properties: { executionArn: { type: "string" }, api: { $ref: "/aws/v7.0.0/schema.json#/resources/aws:apigateway%2frestApi:RestApi" } }',
      )
        .replace("this.executionArn =", "this.api = api;\n    this.executionArn =")
        .replace("const { urn, ", "const { urn, api, ")
        .replace("state: { ", "state: { api, "),
    );
    fs.writeFileSync(
      path.join(folder, "Pulumi.yaml"),
      `name: shop
runtime: yaml
packages:
  acme: ../plugin${count}
resources:
  orders-api:
    type: acme:index:Api
    properties:
      invokeArn: arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:orders/invocations
outputs:
  arn: \${orders-api.api.executionArn}
`,
    );
    const { resources } = await plannedAs(folder);
    assert.match(
      String(resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs.arn),
      /^arn:aws:execute-api:us-east-1:123456789012:/,
    );
  });
});
