/**
 * The parts of Pulumi's own wire format in this kit. All of them come from the copy of protobuf that `@pulumi/pulumi`
 * itself uses, which rejects messages of other copies.
 */
import { createRequire } from "node:module";
import type { Struct as StructType } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./values";

const ofPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));

export type StructMessage = StructType;

/** `google.protobuf.Struct`: properties as a message. */
export type StructClass = typeof StructType;

export const Struct: StructClass = ofPulumi("google-protobuf/google/protobuf/struct_pb").Struct;

/** The gRPC library that `@pulumi/pulumi` speaks with. */
export const grpc: typeof import("@grpc/grpc-js") = ofPulumi("@grpc/grpc-js");

export type EmptyMessage = import("google-protobuf/google/protobuf/empty_pb").Empty;

/** `google.protobuf.Empty`. */
export const Empty: typeof import("google-protobuf/google/protobuf/empty_pb").Empty = ofPulumi(
  "google-protobuf/google/protobuf/empty_pb",
).Empty;

/** Properties as a message. */
export function toStruct(properties: Properties): StructType {
  return Struct.fromJavaScript(properties as { [key: string]: never });
}

/** The properties of a message; a missing message has none. */
export function fromStruct(message: StructType | undefined): Properties {
  return (message?.toJavaScript() ?? {}) as Properties;
}
