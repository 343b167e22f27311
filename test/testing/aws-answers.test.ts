import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { UNKNOWN } from "../../engine/values";
import {
  checkedInputs,
  contract,
  createOutputs,
  listedTypes,
  type ProviderRequest,
  readOutputs,
} from "../../testing/aws-answers";
import { type ResourceTypings, typingsOf } from "../support/typings";
import native from "./aws-native-types.json";

const SDK = dirname(require.resolve("@pulumi/aws/package.json"));

function resourcesIn(module: string): ResourceTypings[] {
  return readdirSync(join(SDK, module))
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => typingsOf(join(SDK, module, file)) ?? []);
}

function requestFor(type: string, inputs: ProviderRequest["inputs"] = {}): ProviderRequest {
  const place = { region: "eu-west-1", account: "111122223333", partition: "aws" };
  return { type, name: "name", urn: `urn:pulumi:s::p::${type}::name`, inputs, place, find: () => undefined };
}

const MODULES = ["apigateway", "apigatewayv2", "iam", "lambda"];

describe("simulated outputs of AWS's provider", () => {
  const typings = MODULES.flatMap(resourcesIn);
  const table = new Set(listedTypes());

  it("exist for every resource of the services that the pack reads", () => {
    ok(typings.length > 80, `${typings.length} types`);
    deepStrictEqual(
      typings.map(({ type }) => type).filter((type) => !table.has(type)),
      [],
    );
  });

  for (const resourceTypings of typings) {
    it(`match the SDK for ${resourceTypings.type}`, () => {
      const { named, computed, defaults, documents } = contract(resourceTypings.type);
      const inputs = new Set([...resourceTypings.required, ...resourceTypings.optional]);
      const given = [...(named === undefined ? [] : [named]), ...defaults, ...documents];
      deepStrictEqual(
        given.filter((key) => !inputs.has(key)),
        [],
        "named, defaults and documents are inputs",
      );
      deepStrictEqual(
        computed.filter((key) => !resourceTypings.outputs.has(key)),
        [],
        "computed properties are outputs",
      );
      deepStrictEqual(
        computed.filter((key) => resourceTypings.required.has(key)),
        [],
        "required inputs are not computed",
      );
      deepStrictEqual([...documents], resourceTypings.documents, "documents");
      // The provider determines the region and all tags in the plan, so they are not in the table.
      const known = new Set([...given, ...computed, ...resourceTypings.required, "region", "tagsAll"]);
      deepStrictEqual(
        [...resourceTypings.present].filter((key) => !known.has(key)),
        [],
        "always present",
      );
    });
  }

  it("contain only types and properties that exist, in other services too", () => {
    for (const type of table) {
      if (!type.startsWith("aws:") || typings.some((candidate) => candidate.type === type)) continue;
      const [, path = ""] = type.split(":");
      const script = join(SDK, `${path}.js`);
      ok(existsSync(script), type);
      const resourceTypings = typingsOf(script);
      strictEqual(resourceTypings?.type, type);
      const { named, computed, defaults, documents } = contract(type);
      const inputs = new Set([...resourceTypings.required, ...resourceTypings.optional]);
      const given = [...(named === undefined ? [] : [named]), ...defaults];
      deepStrictEqual(
        given.filter((key) => !inputs.has(key)),
        [],
        type,
      );
      deepStrictEqual(
        computed.filter((key) => !resourceTypings.outputs.has(key)),
        [],
        type,
      );
      deepStrictEqual([...documents], resourceTypings.documents, type);
    }
  });

  for (const [type, { required, optional, computed }] of Object.entries(native.types)) {
    it(`match the SDK for ${type}`, () => {
      const answers = contract(type);
      // A type without its own outputs also has the outputs that every AWS resource can have, such as its ARN.
      const given = table.has(type)
        ? answers.computed
        : answers.computed.filter((key) => (computed as readonly string[]).includes(key));
      deepStrictEqual([...given].sort(), [...computed].sort());
      const inputs = new Set([...required, ...optional]);
      if (answers.named !== undefined) ok(inputs.has(answers.named), answers.named);
    });
  }

  it("contain no type of aws-native that does not exist", () => {
    const known = new Set(Object.keys(native.types));
    deepStrictEqual(
      [...table].filter((type) => type.startsWith("aws-native:") && !known.has(type)),
      [],
    );
  });

  it("are unknown before the resource exists and known afterwards", () => {
    for (const type of table) {
      const inputs = checkedInputs(requestFor(type));
      const before = createOutputs(requestFor(type, inputs), false);
      strictEqual(before.id, UNKNOWN, type);
      for (const key of contract(type).computed) {
        if (inputs[key] === undefined) strictEqual(before.outputs[key], UNKNOWN, `${type} ${key}`);
      }
      const after = createOutputs(requestFor(type, inputs), true);
      ok(!JSON.stringify(after).includes(UNKNOWN), type);
      ok(!JSON.stringify(after).includes("undefined"), `${type} ${JSON.stringify(after)}`);
    }
  });

  it("are unknown if they depend on an unknown value", () => {
    const type = "aws:lambda/alias:Alias";
    const { id, outputs } = createOutputs(requestFor(type, { name: "live", functionName: UNKNOWN }), true);
    deepStrictEqual([id, outputs.arn, outputs.invokeArn, outputs.name], [UNKNOWN, UNKNOWN, UNKNOWN, "live"]);
  });

  it("are overridden by the program", () => {
    const { outputs } = createOutputs(
      requestFor("aws:iam/role:Role", { name: "n", managedPolicyArns: ["a"] }),
      false,
    );
    deepStrictEqual(outputs.managedPolicyArns, ["a"]);
    strictEqual(outputs.inlinePolicies, UNKNOWN);
    strictEqual(checkedInputs(requestFor("aws:iam/role:Role", { name: "mine" })).name, "mine");
  });

  it("generate a name from a prefix on creation", () => {
    const type = "aws:iam/role:Role";
    const inputs = checkedInputs(requestFor(type, { namePrefix: "team-" }));
    strictEqual(inputs.name, undefined);
    strictEqual(createOutputs(requestFor(type, inputs), false).outputs.name, UNKNOWN);
    const { id, outputs } = createOutputs(requestFor(type, inputs), true);
    match(id, /^team-\d{26}$/);
    strictEqual(outputs.arn, `arn:aws:iam::111122223333:role/${id}`);
  });

  it("have __defaults in the inputs of blocks only, as from the bridge", () => {
    const inputs = checkedInputs(
      requestFor("aws:iam/role:Role", { inlinePolicies: [{ name: "a", policy: "{}" }] }),
    );
    deepStrictEqual(inputs.inlinePolicies, [{ __defaults: [], name: "a", policy: "{}" }]);
    deepStrictEqual(createOutputs(requestFor("aws:iam/role:Role", inputs), false).outputs.inlinePolicies, [
      { name: "a", policy: "{}" },
    ]);
  });

  it("have documents of aws-native as objects", () => {
    const document = { Version: "2012-10-17", Statement: [{ Resource: UNKNOWN }] };
    const inputs = checkedInputs(requestFor("aws-native:iam:RolePolicy", { policyDocument: document }));
    deepStrictEqual(inputs.policyDocument, document);
  });

  const found: [string, string, string][] = [
    ["aws:iam/role:Role", "legacy", "arn:aws:iam::111122223333:role/legacy"],
    ["aws:iam/policy:Policy", "arn:aws:iam::9:policy/team/read", "arn:aws:iam::9:policy/team/read"],
    ["aws:lambda/function:Function", "orders", "arn:aws:lambda:eu-west-1:111122223333:function:orders"],
    ["aws:apigateway/restApi:RestApi", "abc", "arn:aws:apigateway:eu-west-1::/restapis/abc"],
  ];
  for (const [type, id, arn] of found) {
    it(`include an external ${type} by its ID`, () => {
      const outputs = readOutputs(requestFor(type), id);
      deepStrictEqual([outputs.id, outputs.arn], [id, arn]);
    });
  }

  it("are empty for other providers", () => {
    const inputs = { length: 8 };
    strictEqual(checkedInputs(requestFor("random:index/randomId:RandomId", inputs)), inputs);
    deepStrictEqual(
      createOutputs(requestFor("random:index/randomId:RandomId", inputs), true).outputs,
      inputs,
    );
  });
});
