import { Unknown } from "../../iam";
import { VALUES } from "../labels";
import { type ReadableResource, read, type SeenResource } from "../pulumi/properties";
import { type OpenApi, readOpenApi } from "./openapi";

/** Several readers request a body, which may be megabytes long. */
const bodies = new WeakMap<SeenResource, { readonly body: OpenApi | Unknown | undefined }>();

/**
 * The OpenAPI document of an API: `undefined` when it has none, {@link Unknown} when the plan does not show it or
 * it cannot be read.
 */
export function readBody(planned: ReadableResource): OpenApi | Unknown | undefined {
  const cached = bodies.get(planned.resource);
  if (cached !== undefined) return cached.body;
  const body = bodyOf(planned);
  bodies.set(planned.resource, { body });
  return body;
}

function bodyOf(planned: ReadableResource): OpenApi | Unknown | undefined {
  const body = read(planned, "body");
  if (body !== undefined && body !== "") return readOpenApi(body);
  const bucketLocation = read(planned, "bodyS3Location");
  if (
    bucketLocation === undefined ||
    (bucketLocation instanceof Unknown && bucketLocation.origins.length === 0)
  )
    return undefined;
  return new Unknown([{ key: `${planned.urn} bodyS3Location`, label: VALUES.object }]);
}
