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
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { toStruct } from "../../engine/wire";
import { type Definition, propertiesOfUnread, withFastStackRequests } from "../../pulumi/stack-request";
import { structOf } from "../../pulumi/struct";

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

/** JSON escapes halves of characters. */
const isWellFormed = (json: string): boolean => !/\\ud[89a-f]/i.test(json);

function outcomeOf(read: Deserialize, bytes: Uint8Array): unknown {
  try {
    return read(bytes)
      .getResourcesList()
      .map((one) => [one.toObject(), one.getProperties()?.toJavaScript()]);
  } catch {
    return "invalid";
  }
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

  it("contain the fields that the SDK reads", () => {
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

  it("contain the requested parts of unread properties, in the order in which the SDK reads them", () => {
    fc.assert(
      fc.property(resource, fc.func(fc.boolean()), (one, isWanted) => {
        const bytes = requestOf([one]);
        const struct = fast(bytes).getResourcesList()[0]?.getProperties() ?? {};
        const all = plainly(bytes).getResourcesList()[0]?.getProperties()?.toJavaScript() ?? {};
        const written = JSON.stringify(all);
        // Protobuf itself reads what may not be UTF-8.
        if (written.includes("\ufffd") || !isWellFormed(written)) return;
        strictEqual(JSON.stringify(propertiesOfUnread(struct, () => true)), written);
        deepStrictEqual(
          propertiesOfUnread(struct, () => true),
          all,
        );
        const wanted = Object.keys(all).filter((name) => isWanted(name) && name !== "__proto__");
        deepStrictEqual(
          Object.keys(propertiesOfUnread(struct, (name) => wanted.includes(name)) ?? {}),
          wanted,
        );
      }),
      { numRuns: 100 },
    );
  });

  it("have no wanted properties where protobuf refuses them or has read them itself", () => {
    const struct = toStruct({ a: "b", list: [1, { c: null }] });
    strictEqual(
      propertiesOfUnread(struct, () => true),
      undefined,
    );
    const bytes = Buffer.from(struct.serializeBinary());
    deepStrictEqual(
      structOf(bytes, () => true),
      { a: "b", list: [1, { c: null }] },
    );
    for (let length = 1; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      // What ends between two properties is whole.
      let whole: object | undefined;
      try {
        whole = Struct.deserializeBinary(cut).toJavaScript();
      } catch {
        throws(() => structOf(cut, () => true), `${length} bytes`);
        continue;
      }
      deepStrictEqual(
        structOf(cut, () => true),
        whole,
      );
    }
    for (const odd of [
      [0x12, 0],
      [0x0a, 2, 0x0a, 0],
      [0x0a, 4, 0x12, 2, 0x38, 1],
      [0x0a, 2, 0x12, 0],
    ])
      throws(() => structOf(Buffer.from(odd), () => true), odd.join(" "));
  });

  it("are read wherever in a buffer they are", () => {
    const bytes = requestOf([{ name: "é".repeat(5_000), properties: { body: "ü€😀".repeat(50_000) } }]);
    const within = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]).subarray(
      6,
      6 + bytes.length,
    );
    deepStrictEqual(fast(within).toObject(), plainly(bytes).toObject());
  });

  it("contain properties that are read on demand, and only once", () => {
    const [one] = fast(requestOf([{ name: "one", properties: { list: [1] } }])).getResourcesList();
    const properties = one?.getProperties();
    ok(Object.hasOwn(properties ?? {}, "getFieldsMap"));
    const fields = properties?.getFieldsMap();
    strictEqual(properties?.getFieldsMap(), fields);
    deepStrictEqual(properties?.toJavaScript(), { list: [1] });
  });

  it("contain the text into which the SDK converts bytes that are not UTF-8", () => {
    const valid = requestOf([{ name: "n".repeat(80), properties: { text: ["t".repeat(80), "s"], s: "t" } }]);
    for (const letter of ["n", "t", "s"]) {
      const bytes = Buffer.from(valid);
      for (let at = bytes.indexOf(letter); at >= 0; at = bytes.indexOf(letter, at + 7)) bytes[at] = 0xed;
      deepStrictEqual(outcomeOf(fast, bytes), outcomeOf(plainly, bytes));
    }
  });

  it("contain no properties if these are invalid, however often they are requested", () => {
    const bytes = requestOf([{ name: "one", properties: { a: "b", c: "last" } }]);
    bytes[bytes.indexOf("last") - 1] = 100;
    throws(() => plainly(bytes));
    const [one] = fast(bytes).getResourcesList();
    for (let time = 0; time < 3; time++) throws(() => one?.getProperties()?.toJavaScript());
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
