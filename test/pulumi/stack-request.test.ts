import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  AnalyzerPropertyDependencies,
  AnalyzerProviderResource,
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeStackRequest,
} from "@pulumi/pulumi/proto/analyzer_pb";
import fc from "fast-check";
import { toStruct } from "../../engine/wire";
import { type Definition, withFastStackRequests } from "../../pulumi/stack-request";

type Deserialize = (bytes: Uint8Array) => AnalyzeStackRequest;

const SERVICE = AnalyzerService as unknown as Definition;

function deserializeOf(definition: Definition): Deserialize {
  return (definition.analyzeStack as { requestDeserialize: Deserialize }).requestDeserialize;
}

const plainly = deserializeOf(SERVICE);
const fast = deserializeOf(withFastStackRequests(SERVICE));

function requestOf(resources: readonly { name: string; properties: object }[]): Buffer {
  const request = new AnalyzeStackRequest();
  request.setResourcesList(
    resources.map(({ name, properties }) => {
      const provider = new AnalyzerProviderResource();
      provider.setUrn(`provider of ${name}`);
      provider.setProperties(toStruct({ region: name }));
      const options = new AnalyzerResourceOptions();
      options.setIgnorechangesList([name]);
      const resource = new AnalyzerResource();
      resource.setType("a:b:C");
      resource.setName(name);
      resource.setUrn(`urn:${name}`);
      resource.setProperties(toStruct(properties as never));
      resource.setProvider(provider);
      resource.setOptions(options);
      resource.setDependenciesList([name, "x".repeat(200)]);
      const dependencies = new AnalyzerPropertyDependencies();
      dependencies.setUrnsList([name]);
      resource.getPropertydependenciesMap().set(name, dependencies);
      return resource;
    }),
  );
  return Buffer.from(request.serializeBinary());
}

describe("requests for a stack that are read faster", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({ unit: "grapheme", minLength: 30, maxLength: 400 }),
    fc.string({ unit: "binary", minLength: 60, maxLength: 300 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      text,
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4 }),
    ),
  }));
  const resource = fc.record({ name: text, properties: fc.dictionary(text, value, { maxKeys: 5 }) });

  it("hold what the SDK reads of them", () => {
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 4 }), (resources) => {
        const bytes = requestOf(resources);
        deepStrictEqual(fast(bytes).toObject(), plainly(bytes).toObject());
        deepStrictEqual(
          Buffer.from(fast(bytes).serializeBinary()),
          Buffer.from(plainly(bytes).serializeBinary()),
        );
        deepStrictEqual(
          fast(bytes)
            .getResourcesList()
            .map((one) => [
              one.getProperties()?.toJavaScript(),
              one.getProvider()?.getProperties()?.toJavaScript(),
            ]),
          plainly(bytes)
            .getResourcesList()
            .map((one) => [
              one.getProperties()?.toJavaScript(),
              one.getProvider()?.getProperties()?.toJavaScript(),
            ]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it("are read wherever in a buffer they are", () => {
    const bytes = requestOf([{ name: "é".repeat(5_000), properties: { body: "ü€😀".repeat(50_000) } }]);
    const within = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]).subarray(
      6,
      6 + bytes.length,
    );
    deepStrictEqual(fast(within).toObject(), plainly(bytes).toObject());
  });

  it("hold properties that are not read until they are asked for, and then once", () => {
    const [one] = fast(requestOf([{ name: "one", properties: { list: [1] } }])).getResourcesList();
    const properties = one?.getProperties();
    ok(Object.hasOwn(properties ?? {}, "getFieldsMap"));
    const fields = properties?.getFieldsMap();
    strictEqual(properties?.getFieldsMap(), fields);
    deepStrictEqual(properties?.toJavaScript(), { list: [1] });
  });

  it("are as invalid as they are to the SDK", () => {
    const bytes = requestOf([{ name: "one", properties: { a: "b" } }]).subarray(0, 20);
    throws(() => plainly(bytes));
    throws(() => fast(bytes));
  });

  it("are read by the SDK where it is not as expected", () => {
    for (const analyzeStack of [undefined, {}, { requestType: {} }, { requestDeserialize: plainly }]) {
      const definition = { analyzeStack };
      strictEqual(withFastStackRequests(definition), definition);
    }
    strictEqual(withFastStackRequests(undefined as never), undefined);
    const broken = class extends AnalyzeStackRequest {
      static override deserializeBinaryFromReader(): never {
        throw new Error("not this way");
      }
    };
    const definition = { analyzeStack: { requestType: broken, requestDeserialize: plainly } };
    const bytes = requestOf([{ name: "one", properties: { a: "b" } }]);
    deepStrictEqual(
      deserializeOf(withFastStackRequests(definition))(bytes).toObject(),
      plainly(bytes).toObject(),
    );
  });
});
