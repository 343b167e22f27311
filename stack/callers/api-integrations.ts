import { API_GATEWAY } from "../../aws";
import { Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { ApiCall } from "../facts";
import { fieldOf, type ReadableResource, read } from "../pulumi/properties";
import { apiCallsOf, type CallContext, inferredRequest, type Request, requestArn } from "./requests";

/** `arn:aws:apigateway:us-east-1:abc123.execute-api:path/prod/orders` */
const URI = /^arn:[^:]{1,63}:apigateway:[^:]{1,63}:([^:.]{1,63})\.execute-api:path\/(.{1,2048})$/;

/**
 * Routes of API Gateway that call another API of API Gateway with a credentials role: AWS integrations with the service
 * `execute-api`, whose subdomain is the API's id.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
 */
export function integrationCalls(context: CallContext): readonly ApiCall[] {
  const { resources } = context;
  return [...resources.ofKind("RestIntegration"), ...resources.ofKind("RestMethod")].flatMap(
    (planned): readonly ApiCall[] => {
      const isInline = planned.kind === "RestMethod";
      const readProperty = (name: string): unknown =>
        isInline ? fieldOf(read(planned, "integration"), name) : read(planned, name);
      const [uri, credentials, type] = ["uri", "credentials", "type"].map((name) => {
        const value = readProperty(name);
        return typeof value === "string" || value instanceof Unknown ? value : undefined;
      });
      if (typeof type !== "string" || type.toUpperCase() !== "AWS") return [];
      const role = credentialsOf(resources, credentials, planned, isInline ? "integration" : "credentials");
      const verb = readProperty("integrationHttpMethod");
      const requests = requestsOf(context, planned, {
        uri,
        verb: typeof verb === "string" ? verb.toUpperCase() : "*",
      });
      return apiCallsOf(planned, requests, role, API_GATEWAY);
    },
  );
}

function requestsOf(
  { resources, byId, partOf }: CallContext,
  planned: ReadableResource,
  { uri, verb }: { readonly uri: string | Unknown | undefined; readonly verb: string },
): readonly Request[] {
  if (uri instanceof Unknown) {
    // An integration inside its method depends on its own API too: the API that it calls is then unknown.
    const ownApi = partOf(planned)?.api;
    return inferredRequest(resources, planned, "uri", partOf).filter(({ api }) => api !== ownApi);
  }
  const [, id, tail = ""] = URI.exec(uri ?? "") ?? [];
  const api = byId.get(id);
  if (id === undefined || api === undefined) return [];
  const [stage = "", ...path] = tail.split("/");
  // The caller chooses the values that API Gateway fills in.
  const filled = path.map((part) => (/[{}]/.test(part) ? "*" : part)).join("/");
  return [{ api, arn: requestArn(api, `/${stage}/${verb}/${filled}`, planned), inferredFrom: [] }];
}
