import { type Hole, type Text, type Trilean, text, Unknown } from "../../iam";
import type { Api, Authorization, Authorizer, Credentials, LambdaIntegration, Route, Stage } from "../facts";
import { type Functions, type FunctionTarget, isFunctionArn, isInvocation } from "../functions/functions";
import { exists, fieldOf, labelOf, type Planned, read, readString, stringOf } from "../pulumi/properties";
import {
  follow,
  hiddenBy,
  originsOf,
  plannedDependencies,
  type ResourceIndex,
  searched,
} from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import { externalApis } from "./external";
import { hasStageVariable } from "./stage-variables";

/** The APIs of one form in which a stack writes them. */
export interface RestApis {
  readonly apis: readonly Api[];
  readonly routes: readonly Route[];
  readonly authorizers: readonly Authorizer[];
  /** The API (and part of it) that a planned resource belongs to. */
  partOf(planned: Planned): ApiPart | undefined;
  stagesOf(api: Api): readonly Stage[];
}

/** A part of an API that a value is computed from. */
export interface ApiPart {
  readonly api: Api;
  readonly stage?: Text;
  /** A path template, with braces. */
  readonly path?: Text;
  readonly verb?: string;
  /** A key of a WebSocket API. */
  readonly routeKey?: string;
  /** The id of an authorizer. */
  readonly authorizer?: Text;
}

const PASSTHROUGH = /^arn:[\w-]+:iam::\*:user\/\*$/;

/**
 * The three credential modes of an integration.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-credentials
 */
export function credentialsOf(
  reading: ResourceIndex,
  value: string | Unknown | undefined,
  planned: Planned,
  property: string,
): Credentials {
  if (value === undefined || value === "") return { mode: "none" };
  if (value instanceof Unknown) {
    const roles = plannedDependencies(reading, planned, property).filter((one) => one.kind === "Role");
    const [role, ...more] = roles;
    // A credentials value computed from a role can only be that role's ARN: the other two modes are constants.
    if (role !== undefined && more.length === 0)
      return { mode: "role", arn: value, roleUrn: role.urn, from: originsOf(planned, property) };
    return { mode: "unknown", from: hiddenBy(planned, property) };
  }
  if (PASSTHROUGH.test(value)) return { mode: "caller" };
  return { mode: "role", arn: text(value), from: [] };
}

export function authorizationOf(value: string | Unknown | undefined): Authorization | Unknown {
  if (value instanceof Unknown) return value;
  switch ((value ?? "NONE").toUpperCase()) {
    case "AWS_IAM":
      return "AWS_IAM";
    case "NONE":
      return "NONE";
    case "CUSTOM":
      return "LAMBDA";
    default:
      return "OTHER";
  }
}

/** Kinds whose ARN or URI an integration may hold; without one of them an unknown URI is not a function's. */
const FUNCTION_KINDS: ReadonlySet<string> = new Set(["Function", "Alias", "Version"]);

/** The Lambda side of an integration, or `undefined` when it calls something else. */
export function lambdaIntegration(
  reading: ResourceIndex,
  functions: Functions,
  planned: Planned,
  names: {
    type: unknown;
    uri: string | Unknown | undefined;
    uriProperty: string;
    /**
     * HTTP APIs take the function's ARN as well as the URI that invokes it.
     * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
     */
    byArn?: true;
    credentials: Credentials;
  },
): LambdaIntegration | undefined {
  const type = typeof names.type === "string" ? names.type.toUpperCase() : names.type;
  const { uri } = names;
  if (uri === undefined || (typeof type === "string" && type !== "AWS" && type !== "AWS_PROXY"))
    return undefined;
  if (typeof uri === "string" && !isInvocation(uri, type) && !(names.byArn && isFunctionArn(uri)))
    return undefined;
  const doubtful = uri instanceof Unknown && mayCallOther(reading, planned, names.uriProperty, type);
  if (doubtful === "it does") return undefined;
  const target = functions.target(planned, names.uriProperty, uri);
  if (target === undefined) return undefined;
  return {
    urn: planned.urn,
    label: labelOf(planned),
    target,
    credentials: names.credentials,
    ...(hasStageVariable(uri) ? { template: uri } : {}),
    ...(doubtful ? { mayBeOther: true as const } : {}),
  };
}

/** Whether an integration whose URI is not shown may call something else than a function, or surely does. */
function mayCallOther(
  reading: ResourceIndex,
  planned: Planned,
  property: string,
  type: unknown,
): boolean | "it does" {
  // A proxy integration with an AWS service is always one with Lambda.
  if (type === "AWS_PROXY") return false;
  if (reading.whenUnknown === "prove") return true;
  const understood = plannedDependencies(reading, planned, property);
  if (understood.some((one) => FUNCTION_KINDS.has(one.kind))) return false;
  return originsOf(planned, property).length > 0 ? "it does" : true;
}

function isPrivate(planned: Planned): Trilean {
  const types: readonly unknown[] = [
    fieldOf(read(planned, "endpointConfiguration"), "types") ??
      fieldOf(read(planned, "parameters"), "endpointConfigurationTypes"),
  ].flat();
  if (types.includes("PRIVATE")) return "yes";
  return types.some((type) => type instanceof Unknown) ? "unknown" : "no";
}

/** Those that the API is associated with; none where one of them is unknown. */
function vpcEndpointsOf(planned: Planned): readonly string[] {
  const ids = fieldOf(read(planned, "endpointConfiguration"), "vpcEndpointIds");
  return Array.isArray(ids) && ids.every((id) => typeof id === "string" && id.startsWith("vpce-")) ? ids : [];
}

interface Indexes {
  readonly apiById: ReadonlyMap<string, Planned>;
  readonly resourceById: ReadonlyMap<string, Planned>;
  readonly rootById: ReadonlyMap<string, Planned>;
}

function indexes(reading: ResourceIndex): Indexes {
  const by = (kind: "RestApi" | "RestResource", property: string): Map<string, Planned> => {
    const map = new Map<string, Planned>();
    for (const one of reading.of(kind)) {
      const id = readString(one, property);
      if (typeof id === "string") map.set(id, one);
    }
    return map;
  };
  return {
    apiById: by("RestApi", "id"),
    resourceById: by("RestResource", "id"),
    rootById: by("RestApi", "rootResourceId"),
  };
}

/** Resources nested deeper than this are a cycle or a joke: API Gateway's own limit on a path is far below. */
const DEEPEST = 100;

/** The REST APIs that a stack writes as resources (`aws.apigateway.*`, `aws-native.apigateway.*`). */
export function readRestApis(reading: ResourceIndex, functions: Functions): RestApis {
  const index = indexes(reading);
  const apis = new Map(reading.of("RestApi").map((planned) => [planned.urn, readApi(reading, planned)]));

  const external = externalApis(reading, () => "REST");
  /** The API that a resource belongs to, however many references away. */
  const apiOf = searched<Api>((planned, next) => {
    if (planned.kind === "RestApi") return apis.get(planned.urn);
    if (!planned.kind.startsWith("Rest")) return undefined;
    const byId = (id: string) => apis.get(index.apiById.get(id)?.urn ?? "");
    return follow(planned, "restApi", byId, next, reading).target ?? external.named(planned, "restApi");
  });

  /** The Resource (or, for the root, the RestApi) that a property names. */
  const resourceOf = (planned: Planned, property: string, depth = 0): Planned | undefined => {
    if (depth > DEEPEST) return undefined;
    const reference = follow(
      planned,
      property,
      (id) => index.resourceById.get(id) ?? index.rootById.get(id),
      (dependency) => {
        if (dependency.kind === "RestResource") return dependency;
        if (dependency.kind === "RestMethod" || dependency.kind === "RestIntegration")
          return resourceOf(dependency, "resourceId", depth + 1);
        return undefined;
      },
      reading,
    );
    if (reference.target !== undefined) return reference.target;
    // Only an API's own `rootResourceId` can make a resource id computed from nothing but the API.
    const computedFrom = plannedDependencies(reading, planned, property);
    const api = computedFrom.find((one) => one.kind === "RestApi");
    return reference.unknown !== undefined && computedFrom.every((one) => one === api) ? api : undefined;
  };

  const paths = new Map<string, Text | undefined>();
  /** The path template of a Resource; `undefined` when a part of the chain of parents cannot be told. */
  const pathOf = (resource: Planned): Text | undefined => {
    if (resource.kind === "RestApi") return text("/");
    if (paths.has(resource.urn)) return paths.get(resource.urn);
    paths.set(resource.urn, undefined);
    const path = pathByParents(resource) ?? pathAsShown(resource);
    paths.set(resource.urn, path);
    return path;
  };
  const pathByParents = (resource: Planned): Text | undefined => {
    const chain: Planned[] = [];
    let at: Planned | undefined = resource;
    while (at !== undefined && at.kind === "RestResource") {
      if (chain.includes(at) || chain.length > DEEPEST) return undefined;
      chain.push(at);
      at = resourceOf(at, "parentId");
    }
    const shown = at === undefined ? pathAsShown(resource) : undefined;
    if (shown !== undefined) return shown;
    return text(
      ...(at === undefined ? [parentPath(chain[chain.length - 1] ?? resource)] : []),
      ...chain.reverse().map((one) => {
        const part = readString(one, "pathPart");
        return typeof part === "string" ? text("/", part) : text("/", reading.unassigned(one, "path part"));
      }),
    );
  };

  const stagesOf = new Map<Api, Stage[]>();
  for (const planned of [...reading.of("RestStage"), ...reading.of("RestDeployment").filter(makesStage)]) {
    const api = apiOf(planned);
    if (api === undefined) continue;
    const stages = stagesOf.get(api) ?? [];
    stages.push(readStage(reading, planned));
    stagesOf.set(api, stages);
  }

  const methods = new Map<string, Planned[]>();
  const keyOf = (planned: Planned): string | undefined => {
    const api = apiOf(planned);
    const resource = resourceOf(planned, "resourceId");
    const verb = readString(planned, "httpMethod");
    const at = resource?.urn ?? readString(planned, "resourceId");
    return api === undefined || typeof at !== "string" || typeof verb !== "string"
      ? undefined
      : `${api.urn} ${at} ${verb.toUpperCase()}`;
  };

  const authorizedBy = authorizedByOneOf(reading, "RestAuthorizer");
  const routes: Route[] = [];
  const add = (
    planned: Planned,
    method: Planned | undefined,
    integration: LambdaIntegration | undefined,
  ): void => {
    const api = apiOf(planned);
    if (api === undefined) return;
    const resource = resourceOf(planned, "resourceId");
    const verb = readString(planned, "httpMethod");
    const path = (resource && pathOf(resource)) ?? unknownPath(planned);
    routes.push({
      api,
      ...(typeof verb === "string"
        ? { verb: verb.toUpperCase(), path }
        : { verb: "", path: text(unknownVerb(planned), path) }),
      ...(method === undefined
        ? { authorization: new Unknown() }
        : authorizedBy(method, readString(method, "authorization"))),
      ...(integration === undefined ? {} : { integration }),
      stages: stagesOf.get(api) ?? [],
    });
  };

  for (const method of reading.of("RestMethod")) {
    const key = keyOf(method);
    if (key !== undefined) methods.set(key, [...(methods.get(key) ?? []), method]);
    const inline = read(method, "integration");
    if (inline !== undefined) add(method, method, inlineIntegration(reading, functions, method, inline));
  }
  for (const planned of reading.of("RestIntegration")) {
    add(
      planned,
      methodOf(reading, planned, methods, keyOf(planned)),
      lambdaIntegration(reading, functions, planned, {
        type: read(planned, "type"),
        uri: readString(planned, "uri"),
        uriProperty: "uri",
        credentials: credentialsOf(reading, readString(planned, "credentials"), planned, "credentials"),
      }),
    );
  }

  const authorizers = reading.of("RestAuthorizer").flatMap((planned) => {
    const api = apiOf(planned);
    const type = readString(planned, "type");
    if (api === undefined || (typeof type === "string" && type.toUpperCase() === "COGNITO_USER_POOLS"))
      return [];
    const target = authorizerFunction(functions, planned);
    if (target === undefined) return [];
    return [
      {
        urn: planned.urn,
        label: labelOf(planned),
        api,
        id: authorizerId(reading, planned),
        target,
        credentials: credentialsOf(
          reading,
          readString(planned, "authorizerCredentials"),
          planned,
          "authorizerCredentials",
        ),
      },
    ];
  });

  return {
    apis: [...apis.values(), ...external.all()],
    routes,
    authorizers,
    stagesOf: (api) => stagesOf.get(api) ?? [],
    partOf(planned) {
      const api = apiOf(planned);
      if (api === undefined) return undefined;
      const verb = planned.kind === "RestMethod" ? readString(planned, "httpMethod") : undefined;
      const path = planned.kind === "RestResource" ? pathOf(planned) : undefined;
      const stage =
        planned.kind === "RestStage" || planned.kind === "RestDeployment"
          ? readString(planned, "stageName")
          : undefined;
      return {
        api,
        ...(typeof verb === "string" && verb.toUpperCase() !== "ANY" ? { verb: verb.toUpperCase() } : {}),
        ...(path === undefined ? {} : { path }),
        ...(typeof stage === "string" && stage !== "" ? { stage: text(stage) } : {}),
        ...(planned.kind === "RestAuthorizer" ? { authorizer: authorizerId(reading, planned) } : {}),
      };
    },
  };
}

/** The function of an authorizer; `undefined` when its URI is one of nothing that API Gateway takes there. */
export function authorizerFunction(functions: Functions, planned: Planned): FunctionTarget | undefined {
  const uri = readString(planned, "authorizerUri");
  if (typeof uri === "string" && !isInvocation(uri, undefined) && !isFunctionArn(uri)) return undefined;
  return functions.target(planned, "authorizerUri");
}

/** How a method or route is authorized, and by which of the stack's authorizers. */
export function authorizedByOneOf(
  reading: ResourceIndex,
  kind: "RestAuthorizer" | "HttpAuthorizer",
): (planned: Planned, type: string | Unknown | undefined) => Pick<Route, "authorization" | "authorizer"> {
  const byId = new Map(reading.of(kind).map((one) => [readString(one, "id"), one]));
  return (planned, type) => {
    const authorization = authorizationOf(type);
    if (authorization !== "LAMBDA") return { authorization };
    const { target } = follow(
      planned,
      "authorizerId",
      (id) => byId.get(id),
      (dependency) => (dependency.kind === kind ? dependency : undefined),
      reading,
    );
    return target === undefined
      ? { authorization }
      : { authorization, authorizer: authorizerId(reading, target) };
  };
}

export function authorizerId(reading: ResourceIndex, planned: Planned): Text {
  const id = readString(planned, "id");
  return text(typeof id === "string" ? id : reading.unassigned(planned, "authorizer id"));
}

/** The path of a resource that is not in the stack, or cannot be told: any, however many segments it has. */
function unknownPath(planned: Planned): Text {
  const label = `the path of ${labelOf(planned)}`;
  const settle = "declare the path's Resource in this stack, or write * for the path";
  return text("/", { id: `path of ${planned.urn}`, shape: "any", label, from: [], settle });
}

/** A verb that the plan does not show: some one of them, or all. */
function unknownVerb(planned: Planned): Hole {
  return {
    id: `verb of ${planned.urn}`,
    shape: "word",
    label: `the httpMethod of ${labelOf(planned)}`,
    from: hiddenBy(planned, "httpMethod"),
  };
}

/** What stands before a resource whose parent is not in the stack: nothing when that is the root. */
function parentPath(planned: Planned): Hole {
  const label = `the path above ${labelOf(planned)}`;
  const settle = `preview again once ${labelOf(planned)} exists, or write * for the path`;
  return {
    id: `path above ${planned.urn}`,
    shape: "any",
    label,
    from: hiddenBy(planned, "parentId"),
    settle,
  };
}

function pathAsShown(resource: Planned): Text | undefined {
  const shown = readString(resource, "path");
  return typeof shown === "string" && shown.startsWith("/") ? text(shown) : undefined;
}

/** The Method of an Integration: by API, resource and verb, or the one it takes them from. */
function methodOf(
  reading: ResourceIndex,
  integration: Planned,
  methods: ReadonlyMap<string, readonly Planned[]>,
  key: string | undefined,
): Planned | undefined {
  const same = key === undefined ? undefined : methods.get(key);
  if (same !== undefined) return same[0];
  return ["httpMethod", "resourceId"]
    .flatMap((property) => plannedDependencies(reading, integration, property))
    .find((one) => one.kind === "RestMethod");
}

/** The integration that `aws-native` writes inside its Method. */
function inlineIntegration(
  reading: ResourceIndex,
  functions: Functions,
  method: Planned,
  inline: unknown,
): LambdaIntegration | undefined {
  return lambdaIntegration(reading, functions, method, {
    type: fieldOf(inline, "type"),
    uri: stringOf(inline, "uri"),
    uriProperty: "integration",
    credentials: credentialsOf(reading, stringOf(inline, "credentials"), method, "integration"),
  });
}

function readApi(reading: ResourceIndex, planned: Planned): Api {
  const scope = scopeOf(reading, planned);
  const shownId = readString(planned, "id");
  const shownArn = readString(planned, "executionArn");
  const name = readString(planned, "name");
  const id = typeof shownId === "string" ? text(shownId) : text(reading.unassigned(planned, "API id"));
  return {
    urn: planned.urn,
    name: typeof name === "string" ? name : planned.name,
    kind: "REST",
    id,
    scope,
    executionArn:
      typeof shownArn === "string"
        ? text(shownArn)
        : text("arn:", scope.partition, ":execute-api:", scope.region, ":", scope.account, ":", id),
    policies: [],
    private: isPrivate(planned),
    vpcEndpoints: vpcEndpointsOf(planned),
    exists: exists(planned),
  };
}

/** A deployment with a stage name makes that stage (`aws-native`, and `aws` until version 7). */
function makesStage(deployment: Planned): boolean {
  const name = readString(deployment, "stageName");
  return name !== undefined && name !== "";
}

function readStage(reading: ResourceIndex, planned: Planned): Stage {
  const name = readString(planned, "stageName");
  return {
    urn: planned.urn,
    name: typeof name === "string" ? text(name) : text(reading.unassigned(planned, "stage name")),
    variables: stageVariables(planned),
  };
}

function stageVariables(planned: Planned): Stage["variables"] {
  const described = read(planned, "stageDescription");
  const own = described === undefined ? read(planned, "variables") : fieldOf(described, "variables");
  const canary =
    described === undefined ? read(planned, "canarySettings") : fieldOf(described, "canarySetting");
  return variablesOf(own, fieldOf(canary, "stageVariableOverrides"));
}

function variablesIn(set: unknown): readonly (readonly [string, string | Unknown])[] {
  if (typeof set !== "object" || set === null || set instanceof Unknown) return [];
  return Object.entries(set).flatMap(([name, value]) =>
    typeof value === "string" || value instanceof Unknown ? [[name, value] as const] : [],
  );
}

/** The variables of a stage; those that a canary overrides with two values, the stage's own first. */
export function variablesOf(own: unknown, overrides?: unknown): Stage["variables"] {
  if (own instanceof Unknown) return own;
  const variables = new Map(variablesIn(own).map(([name, value]) => [name, [value]]));
  if (overrides instanceof Unknown) for (const values of variables.values()) values.push(overrides);
  // Requests that the canary does not take still miss what only the canary sets.
  for (const [name, value] of variablesIn(overrides))
    variables.set(name, [...(variables.get(name) ?? [new Unknown()]), value]);
  return variables;
}
