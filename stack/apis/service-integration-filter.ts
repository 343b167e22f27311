import { RESOURCE_TYPES, type ResourceKind } from "../pulumi/resource-types";

/**
 * Whether a resource may contain an integration with a service other than Lambda. In a stack without such an
 * integration, the resources that only these call are not read: a stack may have thousands of buckets, queues and
 * tables. `readServiceIntegrations` must skip every resource that is skipped here.
 *
 * @param readProperty reads a property by the provider's name, in the form in which the engine sends it: a secret is an
 *   object that contains its value
 */
export function mayHaveServiceIntegration(
  type: string,
  readProperty: (property: string) => unknown,
): boolean {
  const resourceType = RESOURCE_TYPES.get(type);
  return (INTEGRATIONS[resourceType?.kind ?? "Role"] ?? []).some((property) => {
    const value = readProperty(resourceType?.renamed[property] ?? property);
    if (property === "integrationSubtype") return value !== undefined && value !== null && value !== "";
    return namesService(value);
  });
}

/** The properties with integrations. Integrations from quick create are omitted: they call functions or URLs. */
const INTEGRATIONS: Partial<Record<ResourceKind, readonly string[]>> = {
  RestIntegration: ["uri"],
  RestMethod: ["integration"],
  HttpIntegration: ["integrationUri", "integrationSubtype"],
  RestApi: ["body"],
  RestApiPut: ["body"],
  HttpApi: ["body"],
};

/**
 * Text that every value with the name of a service contains. Bodies may write any character as an escape.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
 */
const SERVICE = /:apigateway:[^:]*:(?!lambda:)|integrationSubtype|\\[uUx\r\n]/;

/** Bodies are not read for this: they have megabytes of descriptions, and most call functions only. */
function namesService(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return SERVICE.test(JSON.stringify(value));
  return typeof value === "string" && SERVICE.test(value);
}
