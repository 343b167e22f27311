import { type Kind, RESOURCE_TYPES } from "../pulumi/resource-types";

/**
 * Whether a resource may hold an integration with a service other than Lambda. Where none does, buckets, queues and
 * tables, of which a stack may have thousands, decide nothing. Resources that are skipped here, `readServiceIntegrations` has
 * to pass over as well.
 *
 * @param valueOf the values of properties, by the provider's names, as they are sent: a secret is an object that holds its value
 */
export function mayCallService(type: string, valueOf: (property: string) => unknown): boolean {
  const resourceType = RESOURCE_TYPES.get(type);
  return (INTEGRATIONS[resourceType?.kind ?? "Role"] ?? []).some((property) => {
    const value = valueOf(resourceType?.renamed[property] ?? property);
    if (property === "integrationSubtype") return value !== undefined && value !== null && value !== "";
    return namesService(value);
  });
}

/** Where integrations of which the action may be known are: those that quick create makes call functions or URLs. */
const INTEGRATIONS: Partial<Record<Kind, readonly string[]>> = {
  RestIntegration: ["uri"],
  RestMethod: ["integration"],
  HttpIntegration: ["integrationUri", "integrationSubtype"],
  RestApi: ["body"],
  RestApiPut: ["body"],
  HttpApi: ["body"],
};

/**
 * What a value holds somewhere that names a service. Bodies may write any character as an escape.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
 */
const SERVICE = /:apigateway:[^:]*:(?!lambda:)|integrationSubtype|\\[uUx\r\n]/;

/** Bodies are not read for this: they have megabytes of descriptions, and most call functions only. */
function namesService(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return SERVICE.test(JSON.stringify(value));
  return typeof value === "string" && SERVICE.test(value);
}
