import { Unknown } from "../../iam";
import { type Planned, read } from "../pulumi/properties";
import { type OpenApi, readOpenApi } from "./openapi";

/**
 * The OpenAPI document of an API: `undefined` when it has none, {@link Unknown} when the plan does not show it or
 * it cannot be read.
 */
export function readBody(planned: Planned): OpenApi | Unknown | undefined {
  const body = read(planned, "body");
  if (body !== undefined && body !== "") return readOpenApi(body);
  const inBucket = read(planned, "bodyS3Location");
  if (inBucket === undefined || (inBucket instanceof Unknown && inBucket.from.length === 0)) return undefined;
  return new Unknown([{ key: `${planned.urn} bodyS3Location`, label: "an object in S3" }]);
}
