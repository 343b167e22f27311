import { Unknown } from "../../iam";
import type { Api, ApiCall, DisabledEndpoint, EndpointUser } from "../facts";
import { fieldOf, labelOf, type ReadableResource, read, stringOf } from "../pulumi/properties";
import {
  originsOf,
  plannedDependencies,
  type ResourceIndex,
  resourcesByProperty,
} from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";
import { readBody } from "./read-body";

type PartOf = (planned: ReadableResource) => ApiPart | undefined;

/**
 * The APIs whose default endpoint is disabled, by an argument or in a body: only custom domains reach them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html
 */
export function readDisabledEndpoints(
  resources: ResourceIndex,
  partOf: PartOf,
  calls: readonly ApiCall[],
): readonly DisabledEndpoint[] {
  const definitions = (["RestApi", "RestApiPut", "HttpApi"] as const).flatMap((kind) =>
    resources.ofKind(kind),
  );
  const apis = new Map<string, Api>();
  for (const definition of definitions) {
    const api = disablesEndpoint(definition) ? partOf(definition)?.api : undefined;
    if (api !== undefined && !api.external) apis.set(api.urn, api);
  }
  if (apis.size === 0) return [];
  const { mapped, mayBeAny } = domainMappings(resources, partOf);
  const users = [...callers(calls), ...distributions(resources, partOf)];
  return [...apis.values()].map((api) => ({
    urn: api.urn,
    api,
    hasDomain: mayBeAny || mapped.has(api.urn),
    usedBy: users
      .filter((user) => user.api === api.urn)
      .map(({ label, inferredFrom }) => ({ label, inferredFrom })),
  }));
}

function disablesEndpoint(definition: ReadableResource): boolean {
  if (read(definition, "disableExecuteApiEndpoint") === true) return true;
  const body = readBody(definition);
  return (
    body !== undefined && !(body instanceof Unknown) && body.endpoint?.disableExecuteApiEndpoint === true
  );
}

/**
 * The APIs (URNs) that custom domains of the stack map to, and whether one maps to an unknown API. A mapping of either
 * version of API Gateway may map to a REST API.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
 */
function domainMappings(
  resources: ResourceIndex,
  partOf: PartOf,
): { readonly mapped: ReadonlySet<string>; readonly mayBeAny: boolean } {
  const rest = resourcesByProperty(resources, "RestApi", "id");
  const http = resourcesByProperty(resources, "HttpApi", "id");
  const mapped = new Set<string>();
  let mayBeAny = false;
  const addMapping = (
    planned: ReadableResource,
    property: string,
    ids: readonly (string | Unknown | undefined)[],
  ): void => {
    for (const id of ids) {
      const apis = typeof id === "string" ? [rest.get(id) ?? http.get(id)] : [];
      const parts =
        id instanceof Unknown
          ? plannedDependencies(resources, planned, property).flatMap((planned) => partOf(planned) ?? [])
          : apis.flatMap((planned) => (planned === undefined ? [] : (partOf(planned) ?? [])));
      for (const { api } of parts) mapped.add(api.urn);
      if (id instanceof Unknown && parts.length === 0) mayBeAny = true;
    }
  };
  for (const planned of resources.ofKind("DomainMapping")) {
    const id = read(planned, "api");
    addMapping(planned, "api", [typeof id === "string" || id instanceof Unknown ? id : undefined]);
  }
  for (const planned of resources.ofKind("RoutingRule")) {
    const actions = read(planned, "actions");
    const ids = [actions].flat().map((action) => stringOf(fieldOf(action, "invokeApi"), "apiId"));
    addMapping(planned, "actions", ids);
  }
  return { mapped, mayBeAny };
}

interface User extends EndpointUser {
  /** URN */
  readonly api: string;
}

/** EventBridge identifies its target by ARN. AWS does not document which of an API's endpoints it uses. */
const SERVICES_USING_ARNS: ReadonlySet<string> = new Set(["events.amazonaws.com", "pipes.amazonaws.com"]);

function callers(calls: readonly ApiCall[]): readonly User[] {
  return calls
    .filter(({ service }) => !SERVICES_USING_ARNS.has(service))
    .map(({ label, api, inferredFrom }) => ({ label, api: api.urn, inferredFrom }));
}

const HOST = /^([a-z0-9]{1,63})\.execute-api\./;

/** CloudFront distributions with the endpoint of an API among their origins. */
function distributions(resources: ResourceIndex, partOf: PartOf): readonly User[] {
  const rest = resourcesByProperty(resources, "RestApi", "id");
  const http = resourcesByProperty(resources, "HttpApi", "id");
  return resources.ofKind("Distribution").flatMap((planned): readonly User[] => {
    const origins = [read(planned, "origins")].flat();
    const label = labelOf(planned);
    const domains = origins.map((origin) => stringOf(origin, "domainName"));
    const unknownDomains = domains.filter((domain) => domain instanceof Unknown);
    const parts = plannedDependencies(resources, planned, "origins").flatMap(
      (planned) => partOf(planned) ?? [],
    );
    const known = domains.flatMap((domain): readonly User[] => {
      const id = typeof domain === "string" ? HOST.exec(domain)?.[1] : undefined;
      const api = id === undefined ? undefined : (rest.get(id) ?? http.get(id));
      return api === undefined ? [] : [{ label, api: api.urn, inferredFrom: [] }];
    });
    const [first] = parts;
    const isOneApi = first !== undefined && parts.every(({ api }) => api === first.api);
    if (resources.whenUnknown === "prove" || unknownDomains.length !== 1 || !isOneApi) return known;
    return [...known, { label, api: first.api.urn, inferredFrom: originsOf(planned, "origins") }];
  });
}
