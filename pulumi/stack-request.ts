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
 * Makes gRPC read stack requests faster: protobuf reads a body of 5 MB byte by byte, and makes messages of all resources
 * and their properties, most of which no policy reads. A definition that is not as expected is not changed.
 */
export function withFastStackRequests(definition: Definition): Definition {
  const method = definition?.analyzeStack as Partial<Method> | undefined;
  const { requestType: Request, requestDeserialize: plainly } = method ?? {};
  if (typeof Request !== "function" || typeof plainly !== "function") return definition;
  const requestDeserialize: Method["requestDeserialize"] = (bytes) => {
    try {
      return deferred(new Request(), bytes, plainly);
    } catch {
      return plainly(bytes);
    }
  };
  return { ...definition, analyzeStack: { ...method, requestDeserialize } };
}

/** A request whose messages are made when they are asked for. */
function deferred(
  request: AnalyzeStackRequest,
  bytes: Uint8Array,
  plainly: Method["requestDeserialize"],
): AnalyzeStackRequest {
  const { getResourcesList } = request;
  sent.set(request, resourcesIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)));
  request.getResourcesList = () => {
    // Where it throws, the next caller must not take the request for an empty one.
    const resources = plainly(bytes).getResourcesList();
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
