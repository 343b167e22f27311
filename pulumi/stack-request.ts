import type { AnalyzeStackRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import { type ResourceMessage, resourcesIn } from "./sent-resource";

/** The SDK's argument to gRPC: a description of the service's methods. */
export type Definition = Readonly<Record<string, unknown>>;

interface Method {
  readonly requestType: new () => AnalyzeStackRequest;
  readonly requestDeserialize: (bytes: Uint8Array) => AnalyzeStackRequest;
}

const sent = new WeakMap<AnalyzeStackRequest, readonly ResourceMessage[]>();

/**
 * Makes gRPC read stack requests faster: protobuf reads a body of 5 MB byte by byte, and creates messages for all
 * resources and their properties, most of which no policy reads. An unexpected definition is not changed.
 */
export function withFastStackRequests(definition: Definition): Definition {
  const method = definition?.analyzeStack as Partial<Method> | undefined;
  const { requestType: Request, requestDeserialize: deserialize } = method ?? {};
  if (typeof Request !== "function" || typeof deserialize !== "function") return definition;
  const requestDeserialize: Method["requestDeserialize"] = (bytes) => {
    try {
      return withDeferredMessages(new Request(), bytes, deserialize);
    } catch {
      return deserialize(bytes);
    }
  };
  return { ...definition, analyzeStack: { ...method, requestDeserialize } };
}

/** A request whose messages are created when they are first read. */
function withDeferredMessages(
  request: AnalyzeStackRequest,
  bytes: Uint8Array,
  deserialize: Method["requestDeserialize"],
): AnalyzeStackRequest {
  const { getResourcesList } = request;
  sent.set(request, resourcesIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
  request.getResourcesList = () => {
    // If this throws, the request must not look empty to the next caller.
    const resources = deserialize(bytes).getResourcesList();
    request.getResourcesList = getResourcesList;
    request.setResourcesList(resources);
    return request.getResourcesList();
  };
  return request;
}

/** The resources of a request, without the SDK's messages where the pack has read it. */
export function resourcesOf(request: AnalyzeStackRequest): readonly ResourceMessage[] {
  return sent.get(request) ?? request.getResourcesList();
}
