import { type Hole, known, type Origin, splitArn, type Text, text, Unknown } from "../../iam";
import type { ApiPart } from "../apis/api-form";
import type { Api, ApiCall, CallingService, Credentials } from "../facts";
import { asPattern, executeApiPatterns, pathForCallers } from "../principals/documents";
import { labelOf, type ReadableResource } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";

/** A request as a resource defines it. */
export interface Request {
  readonly api: Api;
  readonly arn: Text;
  readonly inferredFrom: readonly Origin[];
}

/** The part of an API that a planned resource describes. */
export type PartOf = (planned: ReadableResource) => ApiPart | undefined;

/** The index in which the readers of callers look up requests. */
export interface CallContext {
  readonly resources: ResourceIndex;
  readonly byId: ReadonlyMap<string | undefined, Api>;
  readonly partOf: PartOf;
}

/** The target of an ARN in a property of a resource. */
export function requestTo(
  { resources, byId, partOf }: CallContext,
  planned: ReadableResource,
  property: string,
  value: string | Unknown | undefined,
): readonly Request[] {
  if (value === undefined) return [];
  if (value instanceof Unknown) return inferredRequest(resources, planned, property, partOf);
  const arn = splitArn(text(value));
  if (arn === undefined || known(arn.service) !== "execute-api") return [];
  const [id = "", ...path] = (known(arn.resource) ?? "").split("/");
  const api = byId.get(id);
  if (api === undefined || path.length === 0) return [];
  return [{ api, arn: requestArn(api, `/${path.join("/")}`, planned), inferredFrom: [] }];
}

/**
 * The calls of a resource.
 *
 * @param service the service that assumes the role of the calls
 */
export function apiCallsOf(
  planned: ReadableResource,
  requests: readonly Request[],
  caller: Credentials | CallingService,
  service: string,
): readonly ApiCall[] {
  if (caller.mode !== "role" && caller.mode !== "service") return [];
  return requests.map((request) => ({
    urn: planned.urn,
    label: labelOf(planned),
    caller,
    service,
    ...request,
  }));
}

/** The path parameters of the request replace `*` in the ARN of a target. */
export function requestArn(api: Api, tail: string, planned: ReadableResource): Text {
  const pieces = tail
    .split("*")
    .flatMap((piece, index) => (index === 0 ? [piece] : [parameterHole(planned, index), piece]));
  return text(api.executionArn, ...pieces);
}

function parameterHole(planned: ReadableResource, index: number): Hole {
  return {
    id: `path parameter ${index} of ${planned.urn}`,
    shape: "path",
    varies: true,
    label: { code: "value-in-requests", of: labelOf(planned) },
    origins: [],
  };
}

/** A request whose ARN is unknown and depends on one API is a request to that API. */
export function inferredRequest(
  resources: ResourceIndex,
  planned: ReadableResource,
  property: string,
  partOf: PartOf,
): readonly Request[] {
  if (resources.whenUnknown === "prove") return [];
  const parts = plannedDependencies(resources, planned, property).flatMap((planned) => partOf(planned) ?? []);
  const [first] = parts;
  if (first === undefined || parts.some((part) => part.api !== first.api)) return [];
  const patterns = executeApiPatterns(parts, pathForCallers);
  // With several possible requests, none of them can be assumed.
  const [only, ...more] = patterns;
  const tail =
    only === undefined || more.length > 0 ? "/*" : only.slice(asPattern(first.api.executionArn).length);
  return [
    { api: first.api, arn: requestArn(first.api, tail, planned), inferredFrom: originsOf(planned, property) },
  ];
}
