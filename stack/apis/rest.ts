import { type Hole, type Trilean, text, Unknown } from "../../iam";
import type { Api, Authorizer, LambdaIntegration, Route, Stage } from "../facts";
import type { Functions } from "../functions/functions";
import { appendTo } from "../pulumi/keys";
import { fieldOf, labelOf, type ReadableResource, read, readString, stringOf } from "../pulumi/properties";
import {
  plannedDependencies,
  type ResourceIndex,
  resolveReference,
  resourcesByProperty,
  searchReferences,
  unknownOrigins,
} from "../pulumi/resource-index";
import type { ApiForm, ApiPart } from "./api-form";
import { authorizationReader, authorizerFunction, authorizerId } from "./authorizers";
import { definedApi } from "./defined-api";
import { externalApis } from "./external";
import { credentialsOf, lambdaIntegration } from "./integrations";
import { RestPaths } from "./rest-paths";
import { variablesOf } from "./stage-variables";
import { vpcEndpointsOf } from "./vpc-endpoints";

/** The context in which the resources of REST APIs are read. */
interface RestContext {
  readonly resources: ResourceIndex;
  readonly functions: Functions;
  readonly paths: RestPaths;
  readonly stages: ReadonlyMap<Api, readonly Stage[]>;
  /** The API that a resource belongs to, through any number of references. */
  apiOf(planned: ReadableResource): Api | undefined;
}

/** The REST APIs that a stack defines as resources (`aws.apigateway.*`, `aws-native.apigateway.*`). */
export function readRestApis(resources: ResourceIndex, functions: Functions): ApiForm {
  const apis = new Map(
    resources.ofKind("RestApi").map((planned) => [planned.urn, readApi(resources, planned)]),
  );
  const apiById = resourcesByProperty(resources, "RestApi", "id");
  const external = externalApis(resources, () => "REST");
  const apiOf = searchReferences<Api>((planned, next) => {
    if (planned.kind === "RestApi") return apis.get(planned.urn);
    if (!planned.kind.startsWith("Rest")) return undefined;
    const byValue = (id: string) => apis.get(apiById.get(id)?.urn ?? "");
    const { target } = resolveReference(resources, planned, "restApi", { byValue, byDependency: next });
    return target ?? external.apiNamedBy(planned, "restApi");
  });
  const stages = stagesByApi(resources, apiOf);
  const context: RestContext = { resources, functions, paths: new RestPaths(resources), stages, apiOf };
  const routes = readRoutes(context);
  const authorizers = resources
    .ofKind("RestAuthorizer")
    .flatMap((planned) => readAuthorizer(context, planned));
  return {
    apis: [...apis.values(), ...external.all()],
    routes,
    authorizers,
    stagesOf: (api) => stages.get(api) ?? [],
    partOf(planned) {
      const api = apiOf(planned);
      return api === undefined ? undefined : { api, ...partWithin(context, planned) };
    },
  };
}

/** The part of an API that a resource describes. */
function partWithin({ resources, paths }: RestContext, planned: ReadableResource): Omit<ApiPart, "api"> {
  const verb = planned.kind === "RestMethod" ? readString(planned, "httpMethod") : undefined;
  const path = planned.kind === "RestResource" ? paths.pathOf(planned) : undefined;
  const stage =
    planned.kind === "RestStage" || planned.kind === "RestDeployment"
      ? readString(planned, "stageName")
      : undefined;
  return {
    ...(typeof verb === "string" && verb.toUpperCase() !== "ANY" ? { verb: verb.toUpperCase() } : {}),
    ...(path === undefined ? {} : { path }),
    ...(typeof stage === "string" && stage !== "" ? { stage: text(stage) } : {}),
    ...(planned.kind === "RestAuthorizer" ? { authorizer: authorizerId(resources, planned) } : {}),
  };
}

function stagesByApi(
  resources: ResourceIndex,
  apiOf: RestContext["apiOf"],
): ReadonlyMap<Api, readonly Stage[]> {
  const stagesOf = new Map<Api, Stage[]>();
  for (const planned of [
    ...resources.ofKind("RestStage"),
    ...resources.ofKind("RestDeployment").filter(makesStage),
  ]) {
    const api = apiOf(planned);
    if (api === undefined) continue;
    appendTo(stagesOf, api, readStage(resources, planned));
  }
  return stagesOf;
}

/** A Method, or an Integration with its Method. */
interface Endpoint {
  readonly planned: ReadableResource;
  readonly method: ReadableResource | undefined;
  readonly integration: LambdaIntegration | undefined;
}

function readRoutes(context: RestContext): readonly Route[] {
  const { resources, functions } = context;
  const toRoute = routeReader(context);
  const methods = new Map<string, ReadableResource[]>();
  const endpoints: Endpoint[] = [];
  for (const method of resources.ofKind("RestMethod")) {
    const key = methodKey(context, method);
    if (key !== undefined) appendTo(methods, key, method);
    const inlineValue = read(method, "integration");
    if (inlineValue === undefined) continue;
    const integration = inlineIntegration(resources, functions, method, inlineValue);
    endpoints.push({ planned: method, method, integration });
  }
  for (const planned of resources.ofKind("RestIntegration")) {
    const key = methodKey(context, planned);
    const integration = lambdaIntegration(resources, functions, planned, {
      type: read(planned, "type"),
      uri: readString(planned, "uri"),
      uriProperty: "uri",
      credentials: credentialsOf(resources, readString(planned, "credentials"), planned, "credentials"),
    });
    const [method = methodFrom(resources, planned)] =
      (key === undefined ? undefined : methods.get(key)) ?? [];
    endpoints.push({ planned, method, integration });
  }
  return endpoints.flatMap(toRoute);
}

function routeReader({
  resources,
  apiOf,
  paths,
  stages,
}: RestContext): (endpoint: Endpoint) => readonly Route[] {
  const authorizedBy = authorizationReader(resources, "RestAuthorizer");
  return ({ planned, method, integration }) => {
    const api = apiOf(planned);
    if (api === undefined) return [];
    const verb = readString(planned, "httpMethod");
    const path = paths.pathFor(planned);
    return [
      {
        api,
        ...(typeof verb === "string"
          ? { verb: verb.toUpperCase(), path }
          : { verb: "", path: text(unknownVerb(planned), path) }),
        ...(method === undefined
          ? { authorization: new Unknown() }
          : authorizedBy(method, readString(method, "authorization"))),
        ...(integration === undefined ? {} : { integration }),
        ...(planned.resource.fromAccountData === undefined ? {} : { fromAccountData: true }),
        stages: stages.get(api) ?? [],
        definedBy: method === undefined ? [planned.urn] : [planned.urn, method.urn],
      },
    ];
  };
}

/** The properties that a Method and its Integration share: API, resource and HTTP method. */
function methodKey({ apiOf, paths }: RestContext, planned: ReadableResource): string | undefined {
  const api = apiOf(planned);
  const resource = paths.resourceOf(planned, "resourceId");
  const verb = readString(planned, "httpMethod");
  const resourceId = resource?.urn ?? readString(planned, "resourceId");
  return api === undefined || typeof resourceId !== "string" || typeof verb !== "string"
    ? undefined
    : `${api.urn} ${resourceId} ${verb.toUpperCase()}`;
}

/** The Method whose HTTP method or resource an Integration refers to. */
function methodFrom(resources: ResourceIndex, integration: ReadableResource): ReadableResource | undefined {
  return ["httpMethod", "resourceId"]
    .flatMap((property) => plannedDependencies(resources, integration, property))
    .find(({ kind }) => kind === "RestMethod");
}

function readAuthorizer(
  { resources, functions, apiOf }: RestContext,
  planned: ReadableResource,
): readonly Authorizer[] {
  const api = apiOf(planned);
  const type = readString(planned, "type");
  if (api === undefined || (typeof type === "string" && type.toUpperCase() === "COGNITO_USER_POOLS"))
    return [];
  const target = authorizerFunction(functions, planned);
  if (target === undefined) return [];
  const property = "authorizerCredentials";
  return [
    {
      urn: planned.urn,
      label: labelOf(planned),
      api,
      id: authorizerId(resources, planned),
      target,
      credentials: credentialsOf(resources, readString(planned, property), planned, property),
    },
  ];
}

function isPrivate(planned: ReadableResource): Trilean {
  const types: readonly unknown[] = [
    fieldOf(read(planned, "endpointConfiguration"), "types") ??
      fieldOf(read(planned, "parameters"), "endpointConfigurationTypes"),
  ].flat();
  if (types.includes("PRIVATE")) return "yes";
  return types.some((type) => type instanceof Unknown) ? "unknown" : "no";
}

/** An HTTP method that the plan does not show: a single one, or `ANY`. */
function unknownVerb(planned: ReadableResource): Hole {
  return {
    id: `verb of ${planned.urn}`,
    shape: "word",
    label: { code: "property", property: "httpMethod", of: labelOf(planned) },
    origins: unknownOrigins(planned, "httpMethod"),
  };
}

/** The integration inside a Method of `aws-native`. */
function inlineIntegration(
  resources: ResourceIndex,
  functions: Functions,
  method: ReadableResource,
  inline: unknown,
): LambdaIntegration | undefined {
  return lambdaIntegration(resources, functions, method, {
    type: fieldOf(inline, "type"),
    uri: stringOf(inline, "uri"),
    uriProperty: "integration",
    credentials: credentialsOf(resources, stringOf(inline, "credentials"), method, "integration"),
  });
}

function readApi(resources: ResourceIndex, planned: ReadableResource): Api {
  const api = definedApi(resources, planned);
  return {
    ...api,
    kind: "REST",
    private: isPrivate(planned),
    vpcEndpoints: isPrivate(planned) === "no" ? [] : vpcEndpointsOf(resources, planned),
    ...(api.external && { isPolicyKnown: true }),
  };
}

/** A deployment with a stage name creates that stage (`aws-native`, and `aws` until version 7). */
function makesStage(deployment: ReadableResource): boolean {
  const name = readString(deployment, "stageName");
  return name !== undefined && name !== "";
}

function readStage(resources: ResourceIndex, planned: ReadableResource): Stage {
  const name = readString(planned, "stageName");
  return {
    urn: planned.urn,
    name: typeof name === "string" ? text(name) : text(resources.unassigned(planned, "stage name")),
    variables: stageVariables(planned),
  };
}

function stageVariables(planned: ReadableResource): Stage["variables"] {
  const described = read(planned, "stageDescription");
  const variables = described === undefined ? read(planned, "variables") : fieldOf(described, "variables");
  const canary =
    described === undefined ? read(planned, "canarySettings") : fieldOf(described, "canarySetting");
  return variablesOf(variables, fieldOf(canary, "stageVariableOverrides"));
}
