import { type Text, text, Unknown } from "../../iam";
import type { Authorization, Route } from "../facts";
import { type Functions, type FunctionTarget, isFunctionArn, isInvocation } from "../functions/functions";
import { type ReadableResource, readString } from "../pulumi/properties";
import { type ResourceIndex, resolveReference } from "../pulumi/resource-index";

/**
 * The authorization of a route, from `authorizationType` or `authorization`: `NONE` where it is not set, `OTHER` for
 * Cognito, JWT and values that AWS does not document. An unknown value stays unknown.
 */
export function authorizationOf(value: string | Unknown | undefined): Authorization | Unknown {
  if (value instanceof Unknown) return value;
  switch ((value ?? "NONE").toUpperCase()) {
    case "AWS_IAM":
      return "AWS_IAM";
    case "NONE":
      return "NONE";
    case "CUSTOM":
      return "LAMBDA";
    default:
      return "OTHER";
  }
}

/** The function of an authorizer; `undefined` when API Gateway does not accept its URI. */
export function authorizerFunction(
  functions: Functions,
  planned: ReadableResource,
): FunctionTarget | undefined {
  const uri = readString(planned, "authorizerUri");
  if (typeof uri === "string" && !isInvocation(uri, undefined) && !isFunctionArn(uri)) return undefined;
  return functions.targetOf(planned, "authorizerUri");
}

/** Reads the authorization of a method or route, and its authorizer where the stack defines it. */
export function authorizationReader(
  resources: ResourceIndex,
  kind: "RestAuthorizer" | "HttpAuthorizer",
): (
  planned: ReadableResource,
  type: string | Unknown | undefined,
) => Pick<Route, "authorization" | "authorizer" | "authorizerUrn"> {
  const byId = new Map(resources.ofKind(kind).map((planned) => [readString(planned, "id"), planned]));
  return (planned, type) => {
    const authorization = authorizationOf(type);
    if (authorization !== "LAMBDA") return { authorization };
    const { target } = resolveReference(resources, planned, "authorizerId", {
      byValue: (id) => byId.get(id),
      byDependency: (dependency) => (dependency.kind === kind ? dependency : undefined),
    });
    return target === undefined
      ? { authorization }
      : { authorization, authorizer: authorizerId(resources, target), authorizerUrn: target.urn };
  };
}

/** The id of an authorizer, as ARNs contain it; a hole before AWS has assigned one. */
export function authorizerId(resources: ResourceIndex, planned: ReadableResource): Text {
  const id = readString(planned, "id");
  return text(typeof id === "string" ? id : resources.unassigned(planned, "authorizer id"));
}
