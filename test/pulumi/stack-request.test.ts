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
import { Pack } from "../../pulumi";
import { reducedStack } from "../../pulumi/reduced-stack";
import { propertiesSent } from "../../pulumi/seen-by-sdk";
import { type ResourceMessage, SentProperties } from "../../pulumi/sent-resource";
import { makeAnalyzeStackRpcFun, stackHandler } from "../../pulumi/server";
import { type Definition, resourcesOf, withFastStackRequests } from "../../pulumi/stack-request";
import { everything, structIn } from "../../pulumi/struct";

type Deserialize = (bytes: Uint8Array) => AnalyzeStackRequest;

const SERVICE = AnalyzerService as unknown as Definition;

function deserializeOf(definition: Definition): Deserialize {
  return (definition.analyzeStack as { requestDeserialize: Deserialize }).requestDeserialize;
}

const readBySdk = deserializeOf(SERVICE);
const readFast = deserializeOf(withFastStackRequests(SERVICE));

const times = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `p${index}`);

function requestOf(resources: readonly { name: string; properties: object }[], type = "a:b:C"): Buffer {
  const request = new AnalyzeStackRequest();
  request.setResourcesList(
    resources.map(({ name, properties }) => {
      const provider = new AnalyzerProviderResource();
      provider.setUrn(`provider of ${name}`);
      provider.setProperties(toStruct({ region: name }));
      const options = new AnalyzerResourceOptions();
      options.setIgnorechangesList([name]);
      const resource = new AnalyzerResource();
      resource.setType(type);
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

/** JSON escapes unpaired surrogates. */
const isWellFormed = (json: string): boolean => !/\\ud[89a-f]/i.test(json);

function outcomeOf(read: Deserialize, bytes: Uint8Array): unknown {
  try {
    return read(bytes)
      .getResourcesList()
      .map((resource) => [resource.toObject(), resource.getProperties()?.toJavaScript()]);
  } catch {
    return "invalid";
  }
}

function structOf(bytes: Uint8Array): Record<string, unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return structIn({ buffer, at: 0 }, bytes.length, everything);
}

describe("stack requests from the fast reader", () => {
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
        deepStrictEqual(readFast(bytes).toObject(), readBySdk(bytes).toObject());
        deepStrictEqual(
          Buffer.from(readFast(bytes).serializeBinary()),
          Buffer.from(readBySdk(bytes).serializeBinary()),
        );
        deepStrictEqual(
          readFast(bytes)
            .getResourcesList()
            .map((message) => [
              message.getProperties()?.toJavaScript(),
              message.getProvider()?.getProperties()?.toJavaScript(),
            ]),
          readBySdk(bytes)
            .getResourcesList()
            .map((message) => [
              message.getProperties()?.toJavaScript(),
              message.getProvider()?.getProperties()?.toJavaScript(),
            ]),
        );
      }),
      { numRuns: 100 },
    );
  });

  /** The fields of a resource that the pack reads. */
  function partsOf(message: ResourceMessage): object {
    const provider = message.getProvider();
    const dependencies: [string, readonly string[]][] = [];
    message.getPropertydependenciesMap().forEach((urns, property) => {
      dependencies.push([property, urns.getUrnsList()]);
    });
    return {
      names: [message.getType(), message.getUrn(), message.getName(), message.getParent()],
      properties: message.getProperties()?.toJavaScript(),
      provider: provider && [provider.getType(), provider.getUrn(), provider.getName()],
      ofProvider: provider?.getProperties()?.toJavaScript(),
      ignored: message.getOptions()?.getIgnorechangesList(),
      dependencies: [message.getDependenciesList(), dependencies],
    };
  }

  it("contain the same resources as the SDK's messages", () => {
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 4 }), (resources) => {
        const bytes = requestOf(resources);
        const expected = readBySdk(bytes).getResourcesList().map(partsOf);
        const written = JSON.stringify(expected);
        // The SDK's protobuf reader handles strings that may not be valid UTF-8.
        if (written.includes("\ufffd") || !isWellFormed(written)) return;
        deepStrictEqual(resourcesOf(readFast(bytes)).map(partsOf), expected);
      }),
      { numRuns: 100 },
    );
  });

  it("contain resources without any field", () => {
    const request = new AnalyzeStackRequest();
    request.setResourcesList([new AnalyzerResource()]);
    const bytes = request.serializeBinary();
    deepStrictEqual(
      resourcesOf(readFast(bytes)).map(partsOf),
      readBySdk(bytes).getResourcesList().map(partsOf),
    );
  });

  /** A length-delimited protobuf field. */
  const field = (number: number, content: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, content.length]), content]);

  it("contain the last of repeated values and no unknown fields", () => {
    const dependency = (urn: string): Buffer =>
      field(9, Buffer.concat([field(1, Buffer.from("uri")), field(2, field(1, Buffer.from(urn)))]));
    const struct = (value: string): Buffer => Buffer.from(toStruct({ region: value }).serializeBinary());
    const provider = (name: string): Buffer =>
      field(6, Buffer.concat([field(4, Buffer.from(name)), field(2, struct(name))]));
    const parts = [
      ...["a", "b"].flatMap((value) => [1, 3, 4, 7, 8].map((number) => field(number, Buffer.from(value)))),
      ...["a", "b"].flatMap((value) => [dependency(value), field(2, struct(value)), provider(value)]),
      field(5, field(2, Buffer.from("tags"))),
      field(15, Buffer.from("later")),
      Buffer.from([14 * 8, 0x81, 1]),
      Buffer.from([13 * 8 + 1, 0, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from([12 * 8 + 5, 0, 0, 0, 0]),
    ];
    const resourceBytes = Buffer.concat(parts);
    const length = Buffer.from([(resourceBytes.length & 127) | 128, resourceBytes.length >> 7]);
    const bytes = Buffer.concat([
      Buffer.from([1 * 8 + 2]),
      length,
      resourceBytes,
      field(2, Buffer.from("later")),
    ]);
    const [sent] = resourcesOf(readFast(bytes));
    deepStrictEqual(
      [sent].map((message) => message && partsOf(message)),
      readBySdk(bytes).getResourcesList().map(partsOf),
    );
    strictEqual(sent?.getUrn(), "b");
  });

  it("share one provider object between resources with the same provider", () => {
    const names = [...times(12), ...times(12)];
    const messages = resourcesOf(readFast(requestOf(names.map((name) => ({ name, properties: {} })))));
    deepStrictEqual(
      messages.map((message) => message.getProvider()?.getProperties()?.toJavaScript()),
      names.map((region) => ({ region })),
    );
    strictEqual(messages[0]?.getProvider(), messages[12]?.getProvider());
  });

  it("contain the requested properties in the SDK's order", () => {
    fc.assert(
      fc.property(resource, fc.func(fc.boolean()), (sample, isWanted) => {
        const bytes = requestOf([sample]);
        const struct = resourcesOf(readFast(bytes))[0]?.getProperties();
        const all = readBySdk(bytes).getResourcesList()[0]?.getProperties()?.toJavaScript() ?? {};
        const written = JSON.stringify(all);
        // The SDK's protobuf reader handles strings that may not be valid UTF-8.
        if (/\ufffd/.test(sample.name + written) || !isWellFormed(JSON.stringify(sample.name) + written))
          return;
        ok(struct instanceof SentProperties);
        strictEqual(JSON.stringify(propertiesSent(struct, () => true)), written);
        const wanted = Object.keys(all).filter((name) => isWanted(name) && name !== "__proto__");
        deepStrictEqual(Object.keys(propertiesSent(struct, (name) => wanted.includes(name)) ?? {}), wanted);
      }),
      { numRuns: 100 },
    );
  });

  it("reject properties that protobuf rejects", () => {
    const struct = toStruct({ a: "b", list: [1, { c: null }] });
    deepStrictEqual(
      propertiesSent(struct, (name) => name === "a"),
      { a: "b" },
    );
    const bytes = Buffer.from(struct.serializeBinary());
    deepStrictEqual(structOf(bytes), { a: "b", list: [1, { c: null }] });
    for (let length = 1; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      // Bytes that end between two properties are valid.
      let valid: object | undefined;
      try {
        valid = Struct.deserializeBinary(cut).toJavaScript();
      } catch {
        throws(() => structOf(cut), `${length} bytes`);
        continue;
      }
      deepStrictEqual(structOf(cut), valid);
    }
    for (const invalid of [
      [0x12, 0],
      [0x0a, 2, 0x0a, 0],
      [0x0a, 4, 0x12, 2, 0x38, 1],
      [0x0a, 2, 0x12, 0],
    ])
      throws(() => structOf(Buffer.from(invalid)), invalid.join(" "));
  });

  it("are read at any position in a buffer", () => {
    const bytes = requestOf([{ name: "é".repeat(5_000), properties: { body: "ü€😀".repeat(50_000) } }]);
    const within = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]).subarray(
      6,
      6 + bytes.length,
    );
    deepStrictEqual(readFast(within).toObject(), readBySdk(bytes).toObject());
  });

  it("contain the SDK's messages when these are requested", () => {
    const request = readFast(requestOf([{ name: "one", properties: { list: [1] } }]));
    ok(Object.hasOwn(request, "getResourcesList"));
    const messages = request.getResourcesList();
    strictEqual(request.getResourcesList(), messages);
    deepStrictEqual(messages[0]?.getProperties()?.toJavaScript(), { list: [1] });
  });

  it("contain the text into which the SDK converts bytes that are not UTF-8", () => {
    const valid = requestOf([{ name: "n".repeat(80), properties: { text: ["t".repeat(80), "s"], s: "t" } }]);
    for (const letter of ["n", "t", "s"]) {
      const bytes = Buffer.from(valid);
      for (let at = bytes.indexOf(letter); at >= 0; at = bytes.indexOf(letter, at + 7)) bytes[at] = 0xed;
      deepStrictEqual(outcomeOf(readFast, bytes), outcomeOf(readBySdk, bytes));
    }
  });

  it("contain no properties if these are invalid, however often they are requested", () => {
    const bytes = requestOf([{ name: "one", properties: { a: "b", c: "last" } }]);
    bytes[bytes.indexOf("last") - 1] = 100;
    throws(() => readBySdk(bytes));
    const request = readFast(bytes);
    for (let time = 0; time < 3; time++) throws(() => request.getResourcesList());
  });

  it("are invalid if they are invalid for the SDK", () => {
    const bytes = requestOf([{ name: "one", properties: { a: "b" } }]).subarray(0, 20);
    throws(() => readBySdk(bytes));
    throws(() => readFast(bytes));
  });

  it("contain the same text as the SDK's messages if a part is not UTF-8", () => {
    const type = "aws:lambda/function:Function";
    const valid = requestOf([{ name: "one", properties: { arn: "a\ufffdb", name: "n" } }], type);
    const invalid = Buffer.from(valid);
    invalid[invalid.indexOf("\ufffd") + 1] = 0x41;
    for (const bytes of [valid, invalid]) {
      const [fromFast, fromSdk] = [readFast(bytes), readBySdk(bytes)].map(
        (request) => reducedStack(request)?.resources,
      );
      deepStrictEqual(fromFast, fromSdk);
      strictEqual(fromFast?.length, 1);
    }
  });

  it("result in the SDK's error if part of a resource is invalid", async () => {
    const bytes = requestOf([{ name: "one", properties: { arn: "b" } }], "aws:lambda/function:Function");
    // The tag of a property's value.
    const at = bytes.indexOf(Buffer.from([0x1a, 1, "b".charCodeAt(0)]));
    bytes[at] = 0x1f;
    throws(() => readBySdk(bytes));
    const pack = new Pack();
    const handler = makeAnalyzeStackRpcFun("pack", "1.0.0", "advisory", pack.policies);
    const error = await new Promise((resolve) => {
      stackHandler(pack, handler)({ request: readFast(bytes) }, resolve);
    });
    ok(error instanceof Error);
  });

  it("are read by the SDK if it has an unexpected interface", () => {
    for (const analyzeStack of [undefined, {}, { requestType: {} }, { requestDeserialize: readBySdk }]) {
      const definition = { analyzeStack };
      strictEqual(withFastStackRequests(definition), definition);
    }
    strictEqual(withFastStackRequests(undefined as never), undefined);
    const broken = class extends AnalyzeStackRequest {
      constructor() {
        super();
        throw new Error("not this way");
      }
    };
    const definition = { analyzeStack: { requestType: broken, requestDeserialize: readBySdk } };
    const bytes = requestOf([{ name: "one", properties: { a: "b" } }]);
    deepStrictEqual(
      deserializeOf(withFastStackRequests(definition))(bytes).toObject(),
      readBySdk(bytes).toObject(),
    );
  });
});
