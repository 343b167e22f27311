import { type Hole, type Origin, type Text, text, Unknown } from "../../iam";
import type { Api, Authorizer, Credentials, LambdaIntegration, ResourcePolicy, Route, Stage } from "../facts";
import { type Functions, type FunctionTarget, isFunctionArn, isInvocation } from "../functions/functions";
import { inBody, partOf, thePartOf } from "../labels";
import { bodyPolicySource } from "../principals/documents";
import { assigned } from "../pulumi/placeholders";
import { dependenciesOf, fieldOf, labelOf, type ReadableResource, read } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";
import { credentialsOf } from "./integrations";
import type { OpenApi, Operation } from "./openapi";
import { readBody } from "./read-body";
import { hasStageVariable } from "./stage-variables";
import { withKnownEndpoints } from "./vpc-endpoints";

/** The context that a reader of APIs provides to read bodies. */
export interface ApisWithBodies {
  partOf(planned: ReadableResource): ApiPart | undefined;
  stagesOf(api: Api): readonly Stage[];
}

/** The contents of a stack's OpenAPI bodies. */
export interface Bodies {
  readonly routes: readonly Route[];
  readonly authorizers: readonly Authorizer[];
  readonly policies: ReadonlyMap<Api, ResourcePolicy>;
}

/** One body, and the context in which it is read. */
interface BodyContext {
  readonly resources: ResourceIndex;
  readonly functions: Functions;
  readonly planned: ReadableResource;
  readonly label: string;
  readonly api: Api;
  readonly stages: readonly Stage[];
  /** The targets of URIs, which the operations of one function share. */
  readonly targets: Map<string, FunctionTarget | undefined>;
}

/**
 * Reads the bodies of REST and HTTP APIs. Resources alongside them (`aws.apigateway.Method` …) are in addition to the
 * body's routes: both import modes, merge and overwrite, happen before those resources are created.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
 */
export function readBodies(resources: ResourceIndex, functions: Functions, apis: ApisWithBodies): Bodies {
  const routes: Route[] = [];
  const authorizers: Authorizer[] = [];
  const policies = new Map<Api, ResourcePolicy>();
  for (const planned of (["RestApi", "RestApiPut", "HttpApi"] as const).flatMap((kind) =>
    resources.ofKind(kind),
  )) {
    const api = planned.hasNoProperties ? undefined : apis.partOf(planned)?.api;
    if (api === undefined || api.kind === "WEBSOCKET") continue;
    const context: BodyContext = {
      resources,
      functions,
      planned,
      label: labelOf(planned),
      api,
      stages: apis.stagesOf(api),
      targets: new Map(),
    };
    const body = readBody(planned);
    if (body === undefined) continue;
    if (body instanceof Unknown) {
      routes.push(...routesOfUnknownBody(context, body));
      continue;
    }
    const prefix = prefixOf(planned, body);
    routes.push(...body.operations.map((operation) => readOperation(context, operation, prefix)));
    if (body.unknownOperations !== undefined)
      routes.push(...routesOfUnknownBody(context, body.unknownOperations));
    authorizers.push(...readAuthorizers(context, body));
    if (body.policy !== undefined && api.kind === "REST")
      policies.set(
        api,
        bodyPolicySource(
          planned,
          withKnownEndpoints({ resources, planned, property: "body" }, body.policy),
          inBody("policy", labelOf(planned)),
        ),
      );
  }
  return { routes, authorizers, policies };
}

/** The name of a route of the body in findings on the API. */
function integrationOwner(
  context: BodyContext,
  operation: Operation,
): Pick<LambdaIntegration, "urn" | "label"> {
  return {
    urn: context.api.urn,
    label: inBody(`${operation.verb} ${operation.path}`, context.label),
  };
}

function readOperation(context: BodyContext, operation: Operation, prefix: Text): Route {
  const integration = readIntegration(context, operation);
  const isDefault = context.api.kind === "HTTP" && operation.isDefaultRoute === true;
  return {
    api: context.api,
    verb: isDefault ? "$default" : operation.verb,
    path: isDefault ? [] : text(prefix, pathOf(operation.path, context.api)),
    authorization: operation.authorization,
    ...(operation.authorizer === undefined
      ? {}
      : { authorizer: authorizerId(context, operation.authorizer) }),
    ...(integration === undefined ? {} : { integration }),
    stages: context.stages,
    definedBy: [context.planned.urn],
    operation: [
      `${operation.verb} ${operation.path}`,
      ...(operation.authorizer === undefined ? [] : [`authorizer ${operation.authorizer}`]),
    ],
  };
}

/** A REST API has the same resource for `/orders` and `/orders/`; routes of HTTP APIs are not normalized. */
function pathOf(path: string, api: Api): string {
  return api.kind === "REST" && path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function readIntegration(context: BodyContext, operation: Operation): LambdaIntegration | undefined {
  const { integration } = operation;
  const { resources, functions } = context;
  if (integration === undefined) return undefined;
  const owner = integrationOwner(context, operation);
  if (integration instanceof Unknown) {
    const target = functions.targetOf(context.planned, "body", integration) ?? { arn: integration };
    return {
      ...owner,
      target: target.function === undefined ? { ...target, arn: integration } : target,
      credentials: { mode: "unknown", origins: integration.origins },
      mayNotBeFunction: true,
    };
  }
  const type = typeof integration.type === "string" ? integration.type.toUpperCase() : integration.type;
  if (typeof type === "string" && type !== "AWS" && type !== "AWS_PROXY") return undefined;
  if (integration.subtype !== undefined && integration.subtype !== "") return undefined;
  const { uri } = integration;
  const credentials = credentialsOf(resources, integration.credentials, context.planned, "body");
  if (uri instanceof Unknown && type !== "AWS_PROXY")
    return mayCallOtherTarget(resources, context.planned)
      ? undefined
      : { ...owner, target: { arn: uri }, credentials, mayNotBeFunction: true };
  const target = readTarget(context, uri, type);
  if (target === undefined) return undefined;
  if (uri instanceof Unknown && target.function !== undefined && dependsOnText(context.planned))
    return { ...owner, target: { arn: new Unknown(originsOf(context.planned, "body")) }, credentials };
  return { ...owner, target, credentials, ...(hasStageVariable(uri) ? { uriTemplate: uri } : {}) };
}

/** Whether the body depends on a resource that only an integration without a function refers to. */
function mayCallOtherTarget(resources: ResourceIndex, planned: ReadableResource): boolean {
  if (resources.whenUnknown === "prove") return false;
  const knownUrns = new Set(plannedDependencies(resources, planned, "body").map((planned) => planned.urn));
  return originsOf(planned, "body").some(({ key }) => !knownUrns.has(key));
}

/**
 * The function that a URI in the body refers to; `undefined` when it refers to another target. A proxy integration with
 * an AWS service is always a Lambda integration, so an unknown URI of one is that of a function.
 */
function readTarget(
  { functions, planned, api, targets }: BodyContext,
  uri: string | Unknown | undefined,
  type: unknown,
): FunctionTarget | undefined {
  const id = typeof uri === "string" && typeof type === "string" ? `${type} ${uri}` : undefined;
  if (id !== undefined && targets.has(id)) return targets.get(id);
  const namesFunction =
    typeof uri !== "string" || isInvocation(uri, type) || (api.kind === "HTTP" && isFunctionArn(uri));
  const target = uri !== undefined && namesFunction ? functions.targetOf(planned, "body", uri) : undefined;
  if (id !== undefined) targets.set(id, target);
  return target;
}

/**
 * The prefix that the import parameter `basepath` adds to the paths: none (`ignore`), the base path (`prepend`), or the
 * base path without its first segment (`split`).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html
 */
function prefixOf(planned: ReadableResource, body: OpenApi): Text {
  if (body.basePath === "") return [];
  const mode = read(planned, "basePath") ?? fieldOf(read(planned, "parameters"), "basepath");
  if (mode instanceof Unknown) {
    const hole: Hole = {
      id: `base-path ${planned.urn}`,
      shape: "any",
      label: { code: "base-path" },
      origins: mode.origins,
    };
    return [hole];
  }
  if (mode === "prepend") return text(body.basePath);
  return mode === "split" ? text(body.basePath.replace(/^\/[^/]*/, "")) : [];
}

function readAuthorizers(context: BodyContext, body: OpenApi): readonly Authorizer[] {
  const { resources, planned, api } = context;
  return body.authorizers.flatMap((schemeAuthorizer): readonly Authorizer[] => {
    const label = inBody(`authorizer ${schemeAuthorizer.name}`, labelOf(planned));
    const target = readTarget(context, schemeAuthorizer.uri, "AWS_PROXY");
    if (target === undefined) return [];
    const credentials: Credentials = credentialsOf(resources, schemeAuthorizer.credentials, planned, "body");
    return [
      { urn: api.urn, label, api, id: authorizerId(context, schemeAuthorizer.name), target, credentials },
    ];
  });
}

/** A plan never shows the id of an authorizer that an import creates. The id in an existing API may be a literal. */
function authorizerId({ resources, planned, api }: BodyContext, name: string): Text {
  const id = assigned(api.id);
  if (id === undefined) return text(resources.unassigned(planned, partOf("id", `authorizer ${name}`)));
  const hole: Hole = {
    id: `authorizer ${name} of ${api.urn}`,
    shape: "word",
    universe: "authorizer id",
    label: { code: "property", property: "id", of: `authorizer ${name}` },
    origins: [],
  };
  return [hole];
}

/** Any path: the position of the routes in the API is unknown. */
const ANY_PATH: Hole = {
  id: "body-path",
  shape: "tail",
  varies: true,
  label: { code: "path-in-body" },
  origins: [],
};

/**
 * Represents the routes of an unknown body: one route for each function that the body depends on; under `prove`, or
 * where it may contain a function that it does not depend on, one route whose properties are unknown. A body that
 * depends on no function is assumed to call none.
 */
function routesOfUnknownBody(context: BodyContext, unknown: Unknown): readonly Route[] {
  const { resources, functions, planned, api, stages } = context;
  const from: readonly Origin[] = unknown.origins.length > 0 ? unknown.origins : originsOf(planned, "body");
  const dependencies = plannedDependencies(resources, planned, "body");
  const targets = resources.whenUnknown === "prove" ? [] : functionsAmong(functions, dependencies, from);
  const roles = dependencies.filter((planned) => planned.kind === "Role").map((planned) => planned.urn);
  const route: Route = {
    api,
    verb: "ANY",
    path: text("/", ANY_PATH),
    authorization: new Unknown(from),
    stages,
    definedBy: [planned.urn],
    unknownBody: { roles },
  };
  if (targets.length === 0 && callsNoFunction(resources, functions, planned, unknown)) return [route];
  return (targets.length > 0 ? targets : [{ arn: new Unknown(from) }]).map((target) => ({
    ...route,
    integration: {
      urn: api.urn,
      label: thePartOf("body", labelOf(planned)),
      target,
      credentials: { mode: "none" },
      ...(target.arn instanceof Unknown ? { mayNotBeFunction: true as const } : {}),
    },
  }));
}

const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** AWS resources that contain arbitrary text, such as the ARN of a function that they do not depend on. */
const TEXT_RESOURCES = /^aws(-native)?:(ssm|secretsmanager|cloudformation|appconfig|dynamodb|s3)[:/]/;

/**
 * Whether the dependencies of a body may contain the ARN of any function: a function among its dependencies is then not
 * necessarily its target.
 */
function dependsOnText(planned: ReadableResource): boolean {
  return dependenciesOf(planned, "body").some(
    ({ type }) => !/^aws(-native)?:/.test(type) || TEXT_RESOURCES.test(type),
  );
}

/**
 * Whether a body has dependencies, and none of them can contain a function's ARN: neither a resource that depends on a
 * function, such as a parameter with its ARN, nor the outputs of another stack.
 */
function callsNoFunction(
  resources: ResourceIndex,
  functions: Functions,
  planned: ReadableResource,
  { origins }: Unknown,
): boolean {
  const dependencies = new Map(dependenciesOf(planned, "body").map((resource) => [resource.urn, resource]));
  return (
    resources.whenUnknown === "infer" &&
    origins.length > 0 &&
    origins.every(({ key }) => {
      const resource = dependencies.get(key);
      return (
        resource !== undefined &&
        resource.type !== STACK_REFERENCE &&
        functions.functionsThrough(resource).length === 0
      );
    })
  );
}

/**
 * When a body depends on an alias and on its function, the alias is the target: it depends on the function itself.
 */
function functionsAmong(
  functions: Functions,
  dependencies: readonly ReadableResource[],
  inferredFrom: readonly Origin[],
): readonly FunctionTarget[] {
  const targets = dependencies.flatMap((planned) => functions.functionOf(planned) ?? []);
  return targets
    .filter(
      (target) =>
        target.qualifier !== undefined ||
        !targets.some(
          (qualified) => qualified.function === target.function && qualified.qualifier !== undefined,
        ),
    )
    .map((target) =>
      functions.withOtherQualifiers({
        ...target,
        inferredFrom,
        ...(target.qualifier === undefined ? { mayHaveQualifier: true as const } : {}),
      }),
    );
}
