import { readPropertiesMention, type SeenResource } from "./pulumi/properties";
import { RESOURCE_TYPES, type ResourceKind } from "./pulumi/resource-types";
import { LEAF_KINDS } from "./pulumi/service-types";

/** The features of a stack that policies evaluate. */
export type Subject = "api" | "function-url" | "external-api" | "permission";

const SUBJECT_OF_KIND: Partial<Record<ResourceKind, Subject>> = {
  RestApi: "api",
  RestApiPolicy: "api",
  RestApiPut: "api",
  RestResource: "api",
  RestMethod: "api",
  RestIntegration: "api",
  RestDeployment: "api",
  RestStage: "api",
  RestAuthorizer: "api",
  HttpApi: "api",
  HttpRoute: "api",
  HttpIntegration: "api",
  HttpDeployment: "api",
  HttpStage: "api",
  HttpAuthorizer: "api",
  HttpOverrides: "api",
  FunctionUrl: "function-url",
  // CloudFront calls function URLs, including those of other stacks.
  Distribution: "function-url",
  Permission: "permission",
  FunctionPolicy: "permission",
};

/**
 * Returns the features that a stack has, without reading its resources. Permissions and policy documents name APIs and
 * function URLs that are not in the stack.
 */
export function subjectsOf(resources: readonly SeenResource[]): ReadonlySet<Subject> {
  const subjects = new Set<Subject>();
  for (const resource of resources) {
    const resourceType = RESOURCE_TYPES.get(resource.type);
    if (resourceType === undefined) continue;
    const subject = SUBJECT_OF_KIND[resourceType.kind];
    if (subject !== undefined) subjects.add(subject);
    if (subject === "api" || resourceType.kind === "Function" || LEAF_KINDS.has(resourceType.kind)) continue;
    if (!subjects.has("external-api") && readPropertiesMention(resource, /execute-api/i))
      subjects.add("external-api");
    if (!subjects.has("function-url") && readPropertiesMention(resource, /InvokeFunctionUrl/i))
      subjects.add("function-url");
  }
  return subjects;
}
