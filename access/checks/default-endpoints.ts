import type { DisabledEndpoint } from "../../stack";
import type { Access } from "../decisions/access";

/**
 * APIs with routes whose default endpoint is disabled, and that have no custom domain in the stack, or whose default
 * endpoint a resource of the stack calls. A mapping in another stack may map to the API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
 */
export function unreachableEndpoints({ facts, routes }: Access): readonly DisabledEndpoint[] {
  return facts.disabledEndpoints.filter(
    ({ api, hasDomain, usedBy }) =>
      (!hasDomain || usedBy.length > 0) && routes.ofApi(routes.apiAt(api.urn) ?? api).length > 0,
  );
}
