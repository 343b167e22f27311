import { createRequire } from "node:module";
import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import type { BinaryReader } from "google-protobuf";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { REPLACEMENT, structOf } from "./struct";

/** How a message is read, according to its protobuf definition. */
type Read<T> = (message: T, reader: BinaryReader) => T;

/** The SDK's argument to gRPC: a description of the service's methods. */
export type Definition = Readonly<Record<string, unknown>>;

interface Method {
  readonly requestType: (new () => AnalyzeStackRequest) & {
    readonly deserializeBinaryFromReader?: Read<AnalyzeStackRequest>;
  };
  readonly requestDeserialize: (bytes: Uint8Array) => AnalyzeStackRequest;
}

/** The functions that read a request. */
interface Protobuf {
  readonly BinaryReader: typeof BinaryReader;
  readonly readStruct: Read<Struct>;
}

/** Protobuf reads shorter strings faster, byte by byte. */
const LONG = 48;

/**
 * Makes gRPC read stack requests faster: protobuf reads a body of 5 MB byte by byte, and the properties of all
 * resources, most of which no policy reads. A definition that is not as expected is not changed.
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

/** The copy of protobuf that the SDK's messages are created with. */
function protobufOfSdk(): Protobuf | undefined {
  try {
    const ofSdk = createRequire(
      createRequire(require.resolve("@pulumi/policy")).resolve("@pulumi/pulumi/package.json"),
    );
    const { BinaryReader: Reader } = ofSdk("google-protobuf");
    const readStruct = ofSdk("google-protobuf/google/protobuf/struct_pb").Struct.deserializeBinaryFromReader;
    const { readString, readBytes, readMessage, getCursor } = Reader.prototype;
    return [readString, readBytes, readMessage, getCursor, readStruct].every(
      (entry) => typeof entry === "function",
    )
      ? { BinaryReader: Reader, readStruct }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Protobuf has to read the message: of bytes that are not UTF-8 it makes other text. */
class MayNotBeUtf8 extends Error {}

/** A reader that decodes long strings at once. */
function withFastStrings({ BinaryReader: Reader }: Protobuf, given: Uint8Array): BinaryReader {
  // A reader copies other types, such as the buffers of Node.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
  const reader = new Reader(bytes);
  const { readString } = Reader.prototype;
  reader.readString = () => {
    // The first byte of a length is the length itself, or more than this when others follow.
    if ((bytes[reader.getCursor()] ?? 0) < LONG) return readString.call(reader);
    const { buffer, byteOffset, length } = reader.readBytes() as Uint8Array;
    const text = Buffer.from(buffer, byteOffset, length).toString("utf8");
    if (text.includes(REPLACEMENT)) throw new MayNotBeUtf8();
    return text;
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

/** A reader that reads properties on demand. */
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
    const readNow: typeof getFieldsMap = (...args) => {
      struct.getFieldsMap = getFieldsMap;
      try {
        readEither(struct, protobuf, unread);
      } catch (error) {
        // What was read until then must not pass for all of it.
        struct.getFieldsMap = readNow;
        throw error;
      }
      return struct.getFieldsMap(...args);
    };
    struct.getFieldsMap = readNow;
  };
  return reader;
}

function readEither(struct: Struct, protobuf: Protobuf, unread: Uint8Array): void {
  const { BinaryReader: Reader, readStruct } = protobuf;
  try {
    readStruct(struct, withFastStrings(protobuf, unread));
  } catch {
    readStruct(struct, new Reader(unread));
  }
}
