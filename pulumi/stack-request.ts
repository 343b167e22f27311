import { createRequire } from "node:module";
import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type { BinaryReader } from "google-protobuf";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { structOf } from "./struct";

/** How a message is read, in what protobuf makes of its definition. */
type Read<T> = (message: T, reader: BinaryReader) => T;

/** What the SDK hands to gRPC: a description of the service's methods. */
export type Definition = Readonly<Record<string, unknown>>;

interface Method {
  readonly requestType: (new () => AnalyzeStackRequest) & {
    readonly deserializeBinaryFromReader?: Read<AnalyzeStackRequest>;
  };
  readonly requestDeserialize: (bytes: Uint8Array) => AnalyzeStackRequest;
}

/** What a request is read with. */
interface Protobuf {
  readonly BinaryReader: typeof BinaryReader;
  readonly readStruct: Read<Struct>;
}

/** Shorter strings are read faster as protobuf reads them, one byte after another. */
const LONG = 48;

/**
 * Lets gRPC read the requests for a stack faster: protobuf reads a body of 5 MB byte by byte, and the properties of all
 * resources, most of which no policy asks for. A definition that is not as expected stays as it is.
 */
export function withFastStackRequests(definition: Definition): Definition {
  const method = definition?.analyzeStack as Partial<Method> | undefined;
  const { requestType: Request, requestDeserialize: plainly } = method ?? {};
  const read = Request?.deserializeBinaryFromReader;
  const protobuf = protobufOfSdk();
  if (Request === undefined || plainly === undefined || read === undefined || protobuf === undefined)
    return definition;
  const requestDeserialize: Method["requestDeserialize"] = (bytes) => {
    try {
      return read(new Request(), deferring(protobuf, bytes));
    } catch {
      return plainly(bytes);
    }
  };
  return { ...definition, analyzeStack: { ...method, requestDeserialize } };
}

/** The copy of protobuf that the SDK's messages are made with. */
function protobufOfSdk(): Protobuf | undefined {
  try {
    const ofSdk = createRequire(
      createRequire(require.resolve("@pulumi/policy")).resolve("@pulumi/pulumi/package.json"),
    );
    const { BinaryReader: Reader } = ofSdk("google-protobuf");
    const readStruct = ofSdk("google-protobuf/google/protobuf/struct_pb").Struct.deserializeBinaryFromReader;
    const { readString, readBytes, readMessage, getCursor } = Reader.prototype;
    return [readString, readBytes, readMessage, getCursor, readStruct].every(
      (one) => typeof one === "function",
    )
      ? { BinaryReader: Reader, readStruct }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A reader that decodes long strings at once. */
function withFastStrings({ BinaryReader: Reader }: Protobuf, given: Uint8Array): BinaryReader {
  // A reader copies what is not plainly this, as the buffers of Node are not.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
  const reader = new Reader(bytes);
  const { readString } = Reader.prototype;
  reader.readString = () => {
    // The first byte of a length is the length itself, or more than this when others follow.
    if ((bytes[reader.getCursor()] ?? 0) < LONG) return readString.call(reader);
    const { buffer, byteOffset, length } = reader.readBytes() as Uint8Array;
    return Buffer.from(buffer, byteOffset, length).toString("utf8");
  };
  return reader;
}

const unreadBytes = new WeakMap<object, Uint8Array>();

/** The wanted properties of a struct that is not read yet; `undefined` where it is, or where protobuf has to read it. */
export function propertiesOfUnread(
  struct: object,
  isWanted: (name: string) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  const bytes = unreadBytes.get(struct);
  try {
    return bytes && structOf(bytes, isWanted);
  } catch {
    return undefined;
  }
}

/** A reader that reads properties when they are first asked for. */
function deferring(protobuf: Protobuf, bytes: Uint8Array): BinaryReader {
  const { BinaryReader: Reader, readStruct } = protobuf;
  const reader = withFastStrings(protobuf, bytes);
  const { readMessage } = Reader.prototype;
  reader.readMessage = (message, read) => {
    if ((read as unknown) !== readStruct) return readMessage.call(reader, message, read);
    const struct = message as unknown as Struct;
    const { getFieldsMap } = struct;
    const unread = reader.readBytes() as Uint8Array;
    unreadBytes.set(struct, unread);
    struct.getFieldsMap = (...args) => {
      struct.getFieldsMap = getFieldsMap;
      readStruct(struct, withFastStrings(protobuf, unread));
      return struct.getFieldsMap(...args);
    };
  };
  return reader;
}
