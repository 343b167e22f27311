import {
  isHole,
  type Origin,
  type PolicyDocument,
  type PolicySource,
  parseDocument,
  type Text,
  Unknown,
} from "../../iam";
import type { ApiPart } from "../apis/api-form";
import { serviceOf } from "../apis/api-service";
import type { Api, PrincipalSource, UnknownDocument } from "../facts";
import type { Functions, FunctionTarget } from "../functions/functions";
import { appendTo, cached } from "../pulumi/keys";
import { dependenciesOf, exists, type ReadableResource, read } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";

/**
 * The subject of an unknown value, by its dependencies. A policy document that contains one ARN that does not exist yet
 * is one unknown string in a preview, but the resources that it depends on are still known.
 */
export interface DependencySubjects {
  readonly functions: readonly FunctionTarget[];
  /** Functions that it may refer to through resources of other kinds. */
  readonly possibleFunctions: readonly FunctionTarget[];
  readonly apiParts: readonly ApiPart[];
}

/** The APIs of a stack, and the part of an API that a planned resource describes (`undefined` for other resources). */
export interface Apis {
  readonly apis: readonly Api[];
  partOf(planned: ReadableResource): ApiPart | undefined;
}

/** The context in which documents are read: the resources, and the known functions and APIs. */
export interface DocumentContext {
  readonly resources: ResourceIndex;
  readonly functions: Functions;
  readonly apis: Apis;
  readonly shared: SharedDocuments;
}

/** Equal documents of many principals, and documents with the same dependencies, are parsed once. */
export interface SharedDocuments {
  /** {@link parseDocument}, once for each text. */
  readonly parse: typeof parseDocument;
  /** By the URNs of their dependencies. */
  readonly byDependencies: Map<string, InferredDocument>;
}

/** The statements that are inferred from the resources that a document depends on. */
interface InferredDocument {
  readonly inferredFrom: readonly Origin[];
  readonly subjects: DependencySubjects;
  /** For a document that is wholly unknown. */
  readonly document: () => PolicyDocument;
}

/** An empty cache, so that principals with the same document share its parsed form. */
export function sharedDocuments(): SharedDocuments {
  const byText = new Map<string, PolicyDocument>();
  return {
    parse: (source, use) =>
      typeof source === "string"
        ? cached(byText, `${use}\n${source}`, () => parseDocument(source, use))
        : parseDocument(source, use),
    byDependencies: new Map(),
  };
}

/** The functions and the parts of APIs that a property depends on: an unknown document is about these. */
export function dependencySubjects(
  { resources, functions, apis }: Omit<DocumentContext, "shared">,
  planned: ReadableResource,
  property: string,
): DependencySubjects {
  const dependencies = plannedDependencies(resources, planned, property);
  return {
    functions: dependencies.flatMap((planned) => functions.functionOf(planned) ?? []),
    possibleFunctions: dependenciesOf(planned, property).flatMap((resource) =>
      functions.functionsThrough(resource),
    ),
    apiParts: dependencies.flatMap((planned) => apis.partOf(planned) ?? []),
  };
}

/** A text as a pattern: its unknown parts match anything. */
export function asPattern(value: Text): string {
  return value.map((piece) => (isHole(piece) ? "*" : piece)).join("");
}

/**
 * The execute-api ARNs that a value is assumed to contain when it depends on these parts of APIs, as patterns: the
 * whole API, or the stages, methods and paths among the parts. A path includes the paths below it.
 */
export function executeApiPatterns(
  parts: readonly ApiPart[],
  pathOf: (path: Text) => string,
): readonly string[] {
  const byApi = new Map<Api, ApiPart[]>();
  for (const part of parts) appendTo(byApi, part.api, part);
  return [...byApi].flatMap(([api, parts]) => {
    const arn = asPattern(api.executionArn);
    const keys = parts.flatMap((part) => part.routeKey ?? []);
    const authorizers = parts.flatMap((part) =>
      part.authorizer === undefined ? [] : [asPattern(part.authorizer)],
    );
    if (authorizers.length > 0) return authorizers.map((id) => `${arn}/authorizers/${id}`);
    const orAny = (segments: readonly string[]): readonly string[] =>
      segments.length > 0 ? segments : ["*"];
    const stages = orAny(parts.flatMap((part) => (part.stage === undefined ? [] : [asPattern(part.stage)])));
    const verbs = orAny(parts.flatMap((part) => part.verb ?? []));
    const paths = parts.flatMap((part) => (part.path === undefined ? [] : [pathOf(part.path)]));
    if (keys.length > 0) return stages.flatMap((stage) => keys.map((key) => `${arn}/${stage}/${key}`));
    // Without a method and a path, the value may refer to any request, with or without them.
    if (verbs[0] === "*" && paths.length === 0)
      return stages.map((stage) => (stage === "*" ? `${arn}/*` : `${arn}/${stage}/*`));
    const pathsBelow = orAny(paths.flatMap((path) => [path, path === "/" ? "/*" : `${path}/*`]));
    return stages.flatMap((stage) =>
      verbs.flatMap((verb) =>
        pathsBelow.map((path) =>
          path === "*" ? `${arn}/${stage}/${verb}/*` : `${arn}/${stage}/${verb}${path}`,
        ),
      ),
    );
  });
}

/** A path template in an identity-based policy: the value of a parameter in a request is unknown. */
export function pathForCallers(path: Text): string {
  return asPattern(path).replace(/\{[^{}]*\}/g, "*");
}

/** The ARNs of functions in the forms that a grant may use. */
function functionArnPatterns(targets: readonly FunctionTarget[]): readonly string[] {
  return targets.flatMap((target) =>
    target.arn instanceof Unknown
      ? []
      : target.qualifier === undefined
        ? [asPattern(target.arn), `${asPattern(target.arn)}:*`]
        : [asPattern(target.arn)],
  );
}

/**
 * The statements that a document is assumed to contain when the plan shows only its dependencies: access to exactly
 * those. They are possible statements: whether there may be others depends on the purpose of the principal, which the
 * caller of this function knows. A document without dependencies remains unknown.
 */
function inferredStatements(subjects: DependencySubjects, origins: readonly Origin[]): unknown {
  const functionArns = functionArnPatterns(subjects.functions);
  const possibleArns = functionArnPatterns(subjects.possibleFunctions);
  const isSocket = ({ api }: ApiPart): boolean => api.kind === "WEBSOCKET";
  const connections = executeApiPatterns(subjects.apiParts.filter(isSocket), pathForCallers);
  const routes = subjects.apiParts.filter((part) => !isSocket(part));
  const actions = [...new Set(routes.map(({ api }) => serviceOf(api).action))];
  return {
    Version: "2012-10-17",
    Statement: [
      ...actions.map((action) => ({
        Effect: "Allow",
        Action: action,
        Resource: executeApiPatterns(
          routes.filter(({ api }) => serviceOf(api).action === action),
          pathForCallers,
        ),
      })),
      // On a WebSocket API the permission to send messages (`execute-api:ManageConnections`) is as likely as the
      // permission to connect.
      ...(connections.length > 0
        ? [{ Effect: "Allow", Action: new Unknown(origins), Resource: connections }]
        : []),
      ...(functionArns.length > 0
        ? [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArns }]
        : []),
      ...(possibleArns.length > 0
        ? [{ Effect: "Allow", Action: new Unknown(origins), Resource: possibleArns }]
        : []),
    ],
  };
}

/** The position of a policy document. */
interface DocumentPlace {
  readonly property: string;
  readonly label: string;
  /** The position where it is nested in the property. */
  readonly value?: unknown;
}

/** The identity-based policy document in a property of a planned resource. */
export function identitySource(
  context: DocumentContext,
  planned: ReadableResource,
  { property, label, value = read(planned, property) }: DocumentPlace,
): PrincipalSource {
  const { resources, shared } = context;
  const source = { label, key: planned.urn };
  if (!containsUnknown(value)) return { ...source, document: shared.parse(value, "identity") };
  const { inferredFrom, subjects, document: inferred } = inferFromDependencies(context, planned, property);
  const unknownDocument: UnknownDocument = {
    apis: subjects.apiParts.map((part) => part.api.urn),
    functions: subjects.functions.flatMap((target) => target.function?.urn ?? []),
    hasNoDependencies: inferredFrom.length === 0,
    mayInfer: resources.whenUnknown === "infer",
    exists: exists(planned),
  };
  if (resources.whenUnknown === "prove" || unknownDocument.hasNoDependencies) {
    return {
      ...source,
      document: value instanceof Unknown ? value : parseDocument(value, "identity"),
      unknownDocument,
    };
  }
  return {
    ...source,
    document:
      value instanceof Unknown
        ? inferred()
        : parseDocument(fillUnknownResources(value, subjects), "identity"),
    possible: value instanceof Unknown ? value : parseDocument(value, "identity"),
    inferredFrom,
    unknownDocument,
  };
}

function inferFromDependencies(
  context: DocumentContext,
  planned: ReadableResource,
  property: string,
): InferredDocument {
  const urns = dependenciesOf(planned, property).map(({ urn }) => urn);
  return cached(context.shared.byDependencies, urns.join("\n"), () => {
    const inferredFrom = originsOf(planned, property);
    const subjects = dependencySubjects(context, planned, property);
    let document: PolicyDocument | undefined;
    return {
      inferredFrom,
      subjects,
      document: () => {
        document ??= parseDocument(inferredStatements(subjects, inferredFrom), "identity");
        return document;
      },
    };
  });
}

function containsUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsUnknown);
}

/**
 * A document object in which only leaves are unknown: an unknown Resource is assumed to be the ARNs, of the service of
 * the statement's actions, of the document's dependencies.
 */
function fillUnknownResources(document: unknown, subjects: DependencySubjects): unknown {
  if (typeof document !== "object" || document === null) return document;
  const { Statement, ...rest } = document as Record<string, unknown>;
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  return { ...rest, Statement: statements.map((statement) => fillStatement(statement, subjects)) };
}

function fillStatement(statement: unknown, subjects: DependencySubjects): unknown {
  if (typeof statement !== "object" || statement === null || statement instanceof Unknown) return statement;
  const { Resource, Action, ...rest } = statement as Record<string, unknown>;
  const actions = JSON.stringify(Action ?? "").toLowerCase();
  const intended = [
    ...(actions.includes("execute-api:") ? executeApiPatterns(subjects.apiParts, pathForCallers) : []),
    ...(actions.includes("lambda:") && subjects.possibleFunctions.length === 0
      ? subjects.functions.flatMap((target) => (target.arn instanceof Unknown ? [] : [asPattern(target.arn)]))
      : []),
  ];
  const withIntended = (resource: unknown): unknown =>
    resource instanceof Unknown && intended.length > 0 ? intended : resource;
  if (Resource === undefined) return statement;
  const resources = Array.isArray(Resource)
    ? Resource.flatMap((entry) => withIntended(entry))
    : withIntended(Resource);
  return { ...rest, Action, Resource: resources };
}

/** A resource-based or trust policy document: its unknown parts are not inferred. */
export function documentSource(
  planned: ReadableResource,
  { property, label, value = read(planned, property) }: DocumentPlace,
  use: "resource" | "trust",
  parse = parseDocument,
): PolicySource {
  return {
    label,
    key: planned.urn,
    document: value instanceof Unknown ? value : parse(value, use),
  };
}

/** The resource policy in a body, as an object or a JSON string. */
export function bodyPolicySource(planned: ReadableResource, policy: unknown, label: string): PolicySource {
  return {
    label,
    key: planned.urn,
    document: policy instanceof Unknown ? policy : parseDocument(policy, "resource"),
  };
}
