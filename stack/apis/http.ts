import { type Hole, known, type Text, text, Unknown } from "../../iam";
import type { Api, ApiKind, Authorization, Authorizer, LambdaIntegration, Route, Stage } from "../facts";
import type { Functions } from "../functions/functions";
import { thePartOf } from "../labels";
import { appendTo } from "../pulumi/keys";
import { fieldOf, labelOf, type ReadableResource, read, readString, stringOf } from "../pulumi/properties";
import {
  type ResourceIndex,
  resolveReference,
  resourcesByProperty,
  searchReferences,
  unknownOrigins,
} from "../pulumi/resource-index";
import type { ApiForm, ApiPart } from "./api-form";
import { authorizationOf, authorizationReader, authorizerFunction, authorizerId } from "./authorizers";
import { definedApi } from "./defined-api";
import { externalApis } from "./external";
import { credentialsOf, lambdaIntegration } from "./integrations";
import { variablesOf } from "./stage-variables";

/** A parsed route key: `GET /orders/{id}` has a method and a path, `$default` and `sendMessage` only a key. */
export interface RouteKey {
  readonly verb: string;
  readonly path: Text;
}

const VERB_AND_PATH = /^([A-Za-z]+) +(\/.*)$/s;

/**
 * Parses a route key. Keys of HTTP APIs are a method (or `ANY`) and a path, or `$default`; those of WebSocket APIs are
 * the possible values of the route selection expression.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
 */
export function parseRouteKey(key: string, kind: ApiKind): RouteKey {
  const [, verb, path] = (kind === "HTTP" ? VERB_AND_PATH.exec(key) : null) ?? [];
  return verb === undefined || path === undefined
    ? { verb: key, path: text("") }
    : { verb: verb.toUpperCase(), path: text(path) };
}

/** A route key that the plan does not show: any method and path, or any key. */
function unknownRouteKey(planned: ReadableResource, property: string): RouteKey {
  const hole: Hole = {
    id: `route-key ${planned.urn}`,
    shape: "any",
    label: { code: "property", property: "routeKey", of: labelOf(planned) },
    origins: unknownOrigins(planned, property),
  };
  return { verb: "", path: [hole] };
}

/** The context in which the resources of HTTP and WebSocket APIs are read. */
interface HttpContext {
  readonly resources: ResourceIndex;
  readonly functions: Functions;
  readonly overrides: ReadonlyMap<Api, Overrides>;
  readonly stages: ReadonlyMap<Api, readonly Stage[]>;
  /** The API that a resource belongs to, through any number of references. */
  apiOf(planned: ReadableResource): Api | undefined;
}

/**
 * The HTTP and WebSocket APIs that a stack defines as resources (`aws.apigatewayv2.*`, `aws-native.apigatewayv2.*`).
 */
export function readHttpApis(resources: ResourceIndex, functions: Functions): ApiForm {
  const apis = new Map(
    resources.ofKind("HttpApi").map((planned) => [planned.urn, readApi(resources, planned)]),
  );
  const apiById = resourcesByProperty(resources, "HttpApi", "id");
  const external = externalApis(resources, kindByRoutes(resources));
  const apiOf = searchReferences<Api>((planned, next) => {
    if (planned.kind === "HttpApi") return apis.get(planned.urn);
    if (!planned.kind.startsWith("Http")) return undefined;
    const byValue = (id: string) => apis.get(apiById.get(id)?.urn ?? "");
    const { target } = resolveReference(resources, planned, "apiId", { byValue, byDependency: next });
    return target ?? external.apiNamedBy(planned, "apiId");
  });
  const overrides = new Map<Api, Overrides>();
  for (const planned of resources.ofKind("HttpOverrides")) {
    const api = apiOf(planned);
    if (api !== undefined) overrides.set(api, readOverrides(planned));
  }
  const stages = stagesByApi(resources, apiOf, overrides);
  const context: HttpContext = { resources, functions, overrides, stages, apiOf };
  const routes = [...quickRoutes(context), ...readRoutes(context)];
  return {
    apis: [...apis.values(), ...external.all()],
    routes: routes.map((route) => ({ ...route, authorization: authorizationInForce(route, routes) })),
    authorizers: resources.ofKind("HttpAuthorizer").flatMap((planned) => {
      const api = apiOf(planned);
      return api === undefined ? [] : readAuthorizer(resources, functions, planned, api);
    }),
    stagesOf: (api) => stages.get(api) ?? [],
    partOf(planned) {
      const api = apiOf(planned);
      return api === undefined ? undefined : { api, ...partWithin(planned, api) };
    },
  };
}

function stagesByApi(
  resources: ResourceIndex,
  apiOf: HttpContext["apiOf"],
  overrides: HttpContext["overrides"],
): ReadonlyMap<Api, readonly Stage[]> {
  const stages = new Map<Api, Stage[]>();
  for (const planned of resources.ofKind("HttpApi")) {
    const api = apiOf(planned);
    if (api !== undefined && isQuickCreated(planned))
      stages.set(api, [quickStage(planned, overrides.get(api))]);
  }
  for (const planned of resources.ofKind("HttpStage")) {
    const api = apiOf(planned);
    if (api !== undefined) appendTo(stages, api, readStage(resources, planned));
  }
  return stages;
}

/** Finds the Integration that a `target` of the form `integrations/ID` refers to, through any number of references. */
function integrationFinder({
  resources,
  apiOf,
}: HttpContext): (route: ReadableResource) => ReadableResource | undefined {
  const byId = new Map<string, ReadableResource>();
  for (const planned of resources.ofKind("HttpIntegration")) {
    const id = readString(planned, "id");
    // Integration ids are unique only within their API.
    if (typeof id === "string") byId.set(`${apiOf(planned)?.urn} ${id}`, planned);
  }
  return searchReferences((planned, next) => {
    if (planned.kind === "HttpIntegration") return planned;
    if (planned.kind !== "HttpRoute") return undefined;
    const byValue = (target: string) =>
      byId.get(`${apiOf(planned)?.urn} ${target.replace(/^integrations\//, "")}`);
    return resolveReference(resources, planned, "target", { byValue, byDependency: next }).target;
  });
}

function readRoutes(context: HttpContext): readonly Route[] {
  const { resources, functions, stages, apiOf } = context;
  const integrationOf = integrationFinder(context);
  const authorizedBy = authorizationReader(resources, "HttpAuthorizer");
  return resources.ofKind("HttpRoute").flatMap((planned): readonly Route[] => {
    const api = apiOf(planned);
    if (api === undefined) return [];
    const integrationResource = integrationOf(planned);
    const integration =
      integrationResource === undefined
        ? unknownIntegration(planned)
        : readIntegration(resources, functions, integrationResource);
    const routeKey = readString(planned, "routeKey");
    return [
      {
        api,
        ...(typeof routeKey === "string"
          ? parseRouteKey(routeKey, api.kind)
          : unknownRouteKey(planned, "routeKey")),
        ...authorizedBy(planned, readString(planned, "authorizationType")),
        ...(integration === undefined ? {} : { integration }),
        ...(planned.resource.fromAccountData === undefined ? {} : { fromAccountData: true }),
        stages: stages.get(api) ?? [],
        definedBy: integrationResource === undefined ? [planned.urn] : [planned.urn, integrationResource.urn],
      },
    ];
  });
}

/**
 * Distinguishes HTTP from WebSocket APIs of other stacks by the keys of the routes that this stack adds. `$default`
 * alone does not distinguish them; its API is assumed to be an HTTP API, since only there can it be authorized.
 */
function kindByRoutes(resources: ResourceIndex): (part: ReadableResource) => ApiKind {
  const webSocket = new Set<string>();
  for (const route of resources.ofKind("HttpRoute")) {
    const api = readString(route, "apiId");
    const key = readString(route, "routeKey");
    if (typeof api === "string" && typeof key === "string" && key !== "$default" && !VERB_AND_PATH.test(key))
      webSocket.add(api);
  }
  return (part) => {
    const api = readString(part, "apiId");
    return typeof api === "string" && webSocket.has(api) ? "WEBSOCKET" : "HTTP";
  };
}

/** The part of an API that a resource describes. */
function partWithin(planned: ReadableResource, api: Api): Partial<ApiPart> {
  if (planned.kind === "HttpStage") {
    const name = readString(planned, "name");
    return typeof name === "string" ? { stage: text(name) } : {};
  }
  const key = planned.kind === "HttpRoute" ? readString(planned, "routeKey") : undefined;
  if (typeof key !== "string") return {};
  const { verb, path } = parseRouteKey(key, api.kind);
  if (path.length > 0) return verb === "ANY" ? { path } : { verb, path };
  // The `$default` route of an HTTP API matches every method and path.
  return api.kind === "WEBSOCKET" ? { routeKey: key } : {};
}

function readApi(resources: ResourceIndex, planned: ReadableResource): Api {
  const protocol = readString(planned, "protocolType");
  return {
    ...definedApi(resources, planned),
    // CloudFormation allows omitting the protocol for APIs imported from OpenAPI, which are HTTP APIs.
    kind: typeof protocol === "string" && protocol.toUpperCase() === "WEBSOCKET" ? "WEBSOCKET" : "HTTP",
    // HTTP and WebSocket APIs support neither resource policies nor private endpoints:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
    private: "no",
    vpcEndpoints: [],
  };
}

function readStage(resources: ResourceIndex, planned: ReadableResource): Stage {
  const name = readString(planned, "name");
  return {
    urn: planned.urn,
    name: text(typeof name === "string" ? name : resources.unassigned(planned, "stage name")),
    variables: variablesOf(read(planned, "stageVariables")),
  };
}

function readIntegration(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
): LambdaIntegration | undefined {
  // With a subtype, `AWS_PROXY` calls that action of another service:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
  const subtype = readString(planned, "integrationSubtype");
  if (subtype !== undefined && subtype !== "") return undefined;
  return lambdaIntegration(resources, functions, planned, {
    type: read(planned, "integrationType"),
    uri: readString(planned, "integrationUri"),
    uriProperty: "integrationUri",
    acceptsArn: true,
    credentials: credentialsOf(resources, readString(planned, "credentialsArn"), planned, "credentialsArn"),
  });
}

/**
 * The integration of a route whose `target` refers to no integration of the plan: the integration's own target is
 * unknown.
 */
function unknownIntegration(route: ReadableResource): LambdaIntegration | undefined {
  const target = readString(route, "target");
  if (target === undefined || target === "") return undefined;
  const origins = unknownOrigins(route, "target");
  return {
    urn: route.urn,
    label: thePartOf("integration", labelOf(route)),
    target: { arn: new Unknown(origins) },
    credentials: { mode: "unknown", origins },
    mayNotBeFunction: true,
  };
}

function readAuthorizer(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
  api: Api,
): readonly Authorizer[] {
  const type = readString(planned, "authorizerType");
  if (typeof type === "string" && type.toUpperCase() === "JWT") return [];
  const target = authorizerFunction(functions, planned);
  if (target === undefined) return [];
  return [
    {
      urn: planned.urn,
      label: labelOf(planned),
      api,
      id: authorizerId(resources, planned),
      target,
      credentials: credentialsOf(
        resources,
        readString(planned, "authorizerCredentialsArn"),
        planned,
        "authorizerCredentialsArn",
      ),
    },
  ];
}

/**
 * WebSocket APIs authorize the connection, not the messages on it, so the authorization of a message's route has no
 * effect. Whether such a route can use the credentials of the connection is not documented.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
 */
function authorizationInForce(route: Route, routes: readonly Route[]): Authorization | Unknown {
  if (route.api.kind !== "WEBSOCKET" || route.verb === "$connect" || known(route.path) !== "")
    return route.authorization;
  if (route.integration?.credentials.mode !== "caller") return "NONE";
  const connect = routes.find((candidate) => candidate.api === route.api && candidate.verb === "$connect");
  if (connect?.authorization instanceof Unknown) return connect.authorization;
  return connect?.authorization === "AWS_IAM" ? new Unknown() : "NONE";
}

/**
 * The properties of a quick create that `aws-native.apigatewayv2.ApiGatewayManagedOverrides` changes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-apigatewaymanagedoverrides.html
 */
interface Overrides {
  readonly planned: ReadableResource;
  readonly route: unknown;
  readonly stage: unknown;
}

function readOverrides(planned: ReadableResource): Overrides {
  return { planned, route: read(planned, "route"), stage: read(planned, "stage") };
}

/**
 * An API with a `target` also creates a route, an integration and the stage `$default`.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html#apis-prop-createapiinput-target
 */
function isQuickCreated(api: ReadableResource): boolean {
  const target = readString(api, "target");
  return !api.hasNoProperties && target !== undefined && target !== "";
}

function quickStage(api: ReadableResource, overrides: Overrides | undefined): Stage {
  return {
    urn: api.urn,
    name: text("$default"),
    variables: variablesOf(fieldOf(overrides?.stage, "stageVariables")),
  };
}

function quickIntegration(
  resources: ResourceIndex,
  functions: Functions,
  api: ReadableResource,
  overrides: Overrides | undefined,
): LambdaIntegration | undefined {
  const target = stringOf(overrides?.route, "target");
  const [planned, uri, uriProperty] =
    overrides === undefined || target === undefined
      ? [api, readString(api, "target"), "target"]
      : [overrides.planned, target, "route"];
  return lambdaIntegration(resources, functions, planned, {
    // A target may also be a URL, so only a value that names a function or depends on one calls Lambda.
    type: undefined,
    uri,
    uriProperty,
    acceptsArn: true,
    credentials: credentialsOf(resources, readString(api, "credentialsArn"), api, "credentialsArn"),
  });
}

function quickRoutes({ resources, functions, overrides, stages, apiOf }: HttpContext): readonly Route[] {
  return resources.ofKind("HttpApi").flatMap((planned): readonly Route[] => {
    const api = apiOf(planned);
    if (api === undefined || !isQuickCreated(planned)) return [];
    const routeKey = readString(planned, "routeKey");
    const apiOverrides = overrides.get(api);
    const integration = quickIntegration(resources, functions, planned, apiOverrides);
    return [
      {
        api,
        ...(routeKey instanceof Unknown
          ? unknownRouteKey(planned, "routeKey")
          : parseRouteKey(routeKey || "$default", api.kind)),
        authorization: authorizationOf(stringOf(apiOverrides?.route, "authorizationType")),
        ...(integration === undefined ? {} : { integration }),
        stages: stages.get(api) ?? [],
        definedBy: [planned.urn],
      },
    ];
  });
}
