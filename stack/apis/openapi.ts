import type { LoadOptions } from "js-yaml";
import { HTTP_METHODS } from "../../aws";
import { Unknown } from "../../iam";
import type { Authorization } from "../facts";
import { operationsAfter, VALUES } from "../labels";

/**
 * OpenAPI 2 and 3 documents with API Gateway's extensions, as far as they concern access. A document is text (JSON or
 * YAML) or an object in which leaves may be {@link Unknown}.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export interface OpenApi {
  readonly operations: readonly Operation[];
  /** The Lambda authorizers that operations use. */
  readonly authorizers: readonly SchemeAuthorizer[];
  /** `x-amazon-apigateway-policy`, which becomes the API's resource policy. */
  readonly policy?: unknown;
  /** The path of `basePath` or of the first server, without a trailing slash: `/v1`; usually empty. */
  readonly basePath: string;
  /** Set when some operations are unknown, or in another document. */
  readonly unknownOperations?: Unknown;
  readonly endpoint?: EndpointConfiguration;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html */
export interface EndpointConfiguration {
  readonly disableExecuteApiEndpoint: unknown;
  readonly vpcEndpointIds: unknown;
}

/** An operation of an OpenAPI body: a method on a path, with the API Gateway extensions that concern access. */
export interface Operation {
  /** In capitals; `ANY` for `x-amazon-apigateway-any-method`. */
  readonly verb: string;
  /** As written: `/orders/{id}`. */
  readonly path: string;
  /** It is the route `$default` of an HTTP API. Its path is ignored. */
  readonly isDefaultRoute?: true;
  readonly authorization: Authorization | Unknown;
  /** The name of the security scheme with the Lambda authorizer. */
  readonly authorizer?: string;
  /** {@link Unknown} when it is unknown or in another document. */
  readonly integration?: OperationIntegration | Unknown;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
export interface OperationIntegration {
  readonly type: string | Unknown | undefined;
  readonly uri: string | Unknown | undefined;
  readonly credentials: string | Unknown | undefined;
  /** An HTTP API's action of another AWS service. */
  readonly subtype: string | Unknown | undefined;
  /** The `httpMethod` of the request to the integration's target. */
  readonly method: string | Unknown | undefined;
  readonly responseTransferMode: string | Unknown | undefined;
  readonly requestParameters: unknown;
  readonly requestTemplates: unknown;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html */
export interface SchemeAuthorizer {
  /** Of the security scheme. */
  readonly name: string;
  readonly uri: string | Unknown;
  readonly credentials: string | Unknown | undefined;
}

const VERBS = HTTP_METHODS.map((method) => method.toLowerCase());
const ANY = "x-amazon-apigateway-any-method";

/** With a leading slash or, as SAM writes it, without. */
const DEFAULT_ROUTE = "$default";

/** A longer chain of references is a cycle or an error. */
const MAX_REFERENCES = 32;

/**
 * API Gateway accepts at most 6 MB of either format.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
const MAX_YAML_LENGTH = 6 * 1024 * 1024;

/**
 * YAML anchors can expand a short text to millions of operations. An API has 300 resources and as many routes, unless
 * AWS has raised that quota.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const MAX_OPERATIONS = 25_000;

/** A resource policy is at most 8 kB; YAML anchors may multiply it. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 64;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

function field(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function stringField(value: unknown, name: string): string | Unknown | undefined {
  const found = field(value, name);
  return typeof found === "string" || found instanceof Unknown ? found : undefined;
}

/** Parses a document. {@link Unknown}, with the reason, for a text that cannot be parsed. */
export function readOpenApi(body: unknown): OpenApi | Unknown {
  const document = typeof body === "string" ? parseText(body) : body;
  if (document instanceof Unknown) return document;
  if (!isFields(document)) return unreadable(VALUES.notOpenApi);
  const paths = field(document, "paths");
  const policy = treeOf(field(document, "x-amazon-apigateway-policy"));
  const operations: Operation[] = [];
  const security: Security = { used: new Set(), schemes: new Map() };
  let unknownOperations: Unknown | undefined = paths instanceof Unknown ? paths : undefined;
  for (const [path, pathItem] of isFields(paths) ? Object.entries(paths) : []) {
    if (!path.startsWith("/") && path !== DEFAULT_ROUTE) continue;
    const item = resolveReference(document, pathItem);
    if (item instanceof Unknown) {
      unknownOperations ??= item;
      continue;
    }
    for (const key of [...VERBS, ANY]) {
      const operation = resolveReference(document, field(item, key));
      if (operation === undefined || operation === null) continue;
      if (operations.length === MAX_OPERATIONS) {
        unknownOperations ??= unreadable(operationsAfter(MAX_OPERATIONS));
        break;
      }
      operations.push(
        readOperation(document, { path, verb: key === ANY ? "ANY" : key.toUpperCase() }, operation, security),
      );
    }
  }
  return {
    operations,
    authorizers: [...security.used].sort().flatMap((name) => readAuthorizer(document, name)),
    ...(policy === undefined || policy === null ? {} : { policy }),
    basePath: basePathOf(document),
    ...(unknownOperations === undefined ? {} : { unknownOperations }),
    ...endpointOf(document),
  };
}

const ENDPOINT = "x-amazon-apigateway-endpoint-configuration";

/** Next to the paths in OpenAPI 2, in a server in OpenAPI 3. */
function endpointOf(document: Fields): Pick<OpenApi, "endpoint"> {
  const servers = field(document, "servers");
  const configuration = [document, ...(Array.isArray(servers) ? servers : [])]
    .map((parent) => field(parent, ENDPOINT))
    .find((entry) => entry !== undefined && entry !== null);
  if (configuration === undefined) return {};
  const [disableExecuteApiEndpoint, vpcEndpointIds] = ["disableExecuteApiEndpoint", "vpcEndpointIds"].map(
    (name) => (configuration instanceof Unknown ? configuration : field(configuration, name)),
  );
  return { endpoint: { disableExecuteApiEndpoint, vpcEndpointIds } };
}

let yaml: ((text: string) => unknown) | undefined;

/** Most stacks have no YAML, whose parser takes as long to load as twenty files of the pack. */
function yamlParser(): (text: string) => unknown {
  const { CORE_SCHEMA, load, mergeTag }: typeof import("js-yaml") = require("js-yaml");
  const options: LoadOptions = {
    // Swagger tools merge `<<` keys and use the last of two equal ones.
    schema: CORE_SCHEMA.withTags(mergeTag),
    json: true,
    maxTotalMergeKeys: 1_000_000,
    maxDepth: 200,
  };
  return (text) => load(text, options);
}

/** The first character of JSON that can be a document; a scalar is not a document in either format. */
const JSON_START = /^\s*[[{]/;

/**
 * JSON is tried first: it is the more frequent format, and cheaper to parse. Text that can only be YAML is not parsed
 * as JSON: with source maps installed, as Pulumi does, the error of `JSON.parse` costs as much as parsing the YAML.
 */
function parseText(body: string): unknown {
  if (JSON_START.test(body))
    try {
      return JSON.parse(body);
    } catch {
      // YAML, or an invalid text.
    }
  if (body.length > MAX_YAML_LENGTH) return unreadable(VALUES.yamlTooLarge);
  yaml ??= yamlParser();
  try {
    return yaml(body);
  } catch {
    return undefined;
  }
}

/**
 * Converts a graph of anchors and aliases to a tree: an alias may be within its own anchor, or multiply it without
 * limit. {@link Unknown} for one that cannot be a policy for that reason.
 */
function treeOf(value: unknown): unknown {
  let nodes = 0;
  const copy = (entry: unknown, depth: number): unknown => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) throw new RangeError();
    if (Array.isArray(entry)) return entry.map((item) => copy(item, depth + 1));
    if (!isFields(entry)) return entry;
    const fields: Record<string, unknown> = Object.create(null);
    for (const [name, field] of Object.entries(entry)) fields[name] = copy(field, depth + 1);
    return fields;
  };
  try {
    return copy(value, 0);
  } catch {
    return unreadable(VALUES.policyTooLarge);
  }
}

function unreadable(label: string): Unknown {
  return new Unknown([{ key: "body", label }]);
}

/** Resolves `$ref`s inside the document. References to other documents are {@link Unknown}, cycles undefined. */
function resolveReference(document: Fields, value: unknown): unknown {
  let current = value;
  for (let steps = 0; steps < MAX_REFERENCES; steps++) {
    const reference = field(current, "$ref");
    if (reference instanceof Unknown) return reference;
    if (typeof reference !== "string") return current;
    if (!reference.startsWith("#"))
      return new Unknown([{ key: `$ref ${reference}`, label: `$ref ${withoutCredentials(reference)}` }]);
    current = resolvePointer(document, reference);
  }
  return undefined;
}

/** A reference that is safe to quote: the part before an @ or after a question mark may be a secret. */
function withoutCredentials(reference: string): string {
  return reference
    .slice(0, 200)
    .replace(/\/\/[^/]*@/, "//")
    .replace(/\?[^#]*/, "");
}

/** https://www.rfc-editor.org/rfc/rfc6901 */
function resolvePointer(document: Fields, reference: string): unknown {
  let current: unknown = document;
  for (const part of reference.slice(1).split("/").slice(1, 64)) {
    if (current instanceof Unknown) return current;
    current = field(current, decodeUri(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return current;
}

function decodeUri(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readOperation(
  document: Fields,
  { path, verb }: Pick<Operation, "path" | "verb">,
  operation: unknown,
  security: Security,
): Operation {
  if (operation instanceof Unknown) return { verb, path, authorization: operation, integration: operation };
  const integration = readIntegration(document, field(operation, "x-amazon-apigateway-integration"));
  const isDefault =
    path === DEFAULT_ROUTE || path === `/${DEFAULT_ROUTE}` || field(operation, "isDefaultRoute") === true;
  return {
    verb,
    path,
    ...(isDefault ? { isDefaultRoute: true as const } : {}),
    ...readAuthorization(document, operation, security),
    ...(integration === undefined ? {} : { integration }),
  };
}

function readIntegration(document: Fields, value: unknown): OperationIntegration | Unknown | undefined {
  const integration = resolveReference(document, value);
  if (integration instanceof Unknown) return integration;
  if (!isFields(integration)) return undefined;
  return {
    type: stringField(integration, "type"),
    uri: stringField(integration, "uri"),
    credentials: stringField(integration, "credentials"),
    subtype: stringField(integration, "integrationSubtype"),
    method: stringField(integration, "httpMethod"),
    responseTransferMode: stringField(integration, "responseTransferMode"),
    requestParameters: field(integration, "requestParameters"),
    requestTemplates: field(integration, "requestTemplates"),
  };
}

/** The values that are collected while operations are read. */
interface Security {
  /** The names of the schemes with a Lambda authorizer that operations use. */
  readonly used: Set<string>;
  /** By the list of requirements: operations share that of the document, or one through an anchor. */
  readonly schemes: Map<unknown, Schemes>;
}

/** The authorization that results from an operation's schemes. */
interface Schemes {
  readonly authorization: Authorization | Unknown;
  /** The names of those with a Lambda authorizer. */
  readonly lambdas: readonly string[];
}

/**
 * An operation's authorization: `x-amazon-apigateway-auth`, else the schemes of its `security`, else those of the
 * document's. A scheme without an authorizer in API Gateway (an API key) authorizes no caller.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-auth.html
 */
function readAuthorization(
  document: Fields,
  operation: unknown,
  { used, schemes: schemesByRequirement }: Security,
): Pick<Operation, "authorization" | "authorizer"> {
  const operationSecurity = field(operation, "security");
  const security = operationSecurity ?? field(document, "security");
  const schemes = schemesByRequirement.get(security) ?? readSchemes(document, security);
  schemesByRequirement.set(security, schemes);
  const { authorization, lambdas } = schemes;
  for (const name of lambdas) used.add(name);
  const auth = field(operation, "x-amazon-apigateway-auth");
  if (auth instanceof Unknown) return { authorization: auth };
  const type = stringField(auth, "type");
  if (type === undefined) {
    const [authorizer, ...moreAuthorizers] = lambdas;
    const isOnlyAuthorizer =
      authorization === "LAMBDA" && authorizer !== undefined && moreAuthorizers.length === 0;
    return isOnlyAuthorizer ? { authorization, authorizer } : { authorization };
  }
  if (type instanceof Unknown) return { authorization: type };
  if (type.toUpperCase() === "AWS_IAM") return { authorization: "AWS_IAM" };
  // An open operation with its own schemes contradicts itself; one that inherits them is intentional.
  return {
    authorization: operationSecurity === undefined || authorization === "NONE" ? "NONE" : new Unknown(),
  };
}

function readSchemes(document: Fields, security: unknown): Schemes {
  const lambdas = new Set<string>();
  const authorizations = new Set<Authorization>();
  const withAuthorization = (authorization: Authorization | Unknown): Schemes => ({
    authorization,
    lambdas: [...lambdas],
  });
  if (security instanceof Unknown) return withAuthorization(security);
  if (!Array.isArray(security)) return withAuthorization("NONE");
  for (const requirement of security) {
    if (requirement instanceof Unknown) return withAuthorization(requirement);
    for (const name of isFields(requirement) ? Object.keys(requirement) : []) {
      const authorization = authorizationByScheme(schemeNamed(document, name));
      if (authorization instanceof Unknown) return withAuthorization(authorization);
      if (authorization !== "NONE") authorizations.add(authorization);
      if (authorization === "LAMBDA") lambdas.add(name);
    }
  }
  const [only, ...more] = authorizations;
  return withAuthorization(more.length > 0 ? new Unknown() : (only ?? "NONE"));
}

/** OpenAPI 3's `components.securitySchemes`, or OpenAPI 2's `securityDefinitions`. */
function schemeNamed(document: Fields, name: string): unknown {
  const schemes = resolveReference(
    document,
    field(resolveReference(document, field(document, "components")), "securitySchemes"),
  );
  const definitions = resolveReference(document, field(document, "securityDefinitions"));
  if (schemes instanceof Unknown) return schemes;
  return (
    resolveReference(document, field(schemes, name)) ?? resolveReference(document, field(definitions, name))
  );
}

function authorizationByScheme(scheme: unknown): Authorization | Unknown {
  // A scheme that the document does not define may already exist in the API.
  if (scheme === undefined) return new Unknown();
  if (scheme instanceof Unknown) return scheme;
  const type = stringField(scheme, "x-amazon-apigateway-authtype");
  if (type instanceof Unknown) return type;
  if (type?.toLowerCase() === "awssigv4") return "AWS_IAM";
  const authorizer = field(scheme, "x-amazon-apigateway-authorizer");
  if (authorizer instanceof Unknown) return authorizer;
  if (authorizer === undefined || authorizer === null) return type === undefined ? "NONE" : "OTHER";
  const kind = stringField(authorizer, "type");
  if (kind instanceof Unknown) return kind;
  return isFields(authorizer) && /^(token|request)$/i.test(kind ?? "") ? "LAMBDA" : "OTHER";
}

function readAuthorizer(document: Fields, name: string): readonly SchemeAuthorizer[] {
  const authorizer = field(schemeNamed(document, name), "x-amazon-apigateway-authorizer");
  const uri = stringField(authorizer, "authorizerUri");
  return uri === undefined
    ? []
    : [{ name, uri, credentials: stringField(authorizer, "authorizerCredentials") }];
}

function basePathOf(document: Fields): string {
  const servers = field(document, "servers");
  const server = Array.isArray(servers) ? servers[0] : undefined;
  const url = stringField(server, "url");
  const fallback = stringField(field(field(server, "variables"), "basePath"), "default");
  const serverUrl =
    typeof url === "string"
      ? url.slice(0, 2048).replace("{basePath}", typeof fallback === "string" ? fallback : "")
      : undefined;
  const path = serverUrl?.replace(/^[a-z]+:\/\/[^/]*/i, "") ?? stringField(document, "basePath");
  if (typeof path !== "string") return "";
  const parts = path.split("/").filter((part) => part !== "");
  return parts.length === 0 ? "" : `/${parts.join("/")}`;
}
