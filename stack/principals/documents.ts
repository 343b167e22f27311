import {
  isHole,
  type Origin,
  type PolicyDocument,
  parseDocument,
  type Source,
  type Text,
  Unknown,
} from "../../iam";
import type { ApiPart } from "../apis/api-form";
import { serviceOf } from "../apis/api-service";
import type { Api, PrincipalSource, UnknownDocument } from "../facts";
import type { Functions, FunctionTarget } from "../functions/functions";
import { cached } from "../pulumi/keys";
import { dependenciesOf, exists, type Planned, read } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";

/**
 * The subject of an unknown value, by its dependencies. A policy document that contains one ARN that does not exist yet
 * is one unknown string in a preview, but the resources it depends on are still named.
 */
export interface Meaning {
  readonly functions: readonly FunctionTarget[];
  /** Functions that it may be about, through resources of other kinds. */
  readonly perhaps: readonly FunctionTarget[];
  readonly parts: readonly ApiPart[];
}

export interface Apis {
  readonly apis: readonly Api[];
  partOf(planned: Planned): ApiPart | undefined;
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
  /** By their text. */
  readonly written: Map<string, PolicyDocument>;
  /** By the URNs of their dependencies. */
  readonly concluded: Map<string, ConcludedDocument>;
}

/** The statements that are inferred from the resources that a document depends on. */
interface ConcludedDocument {
  readonly inferredFrom: readonly Origin[];
  readonly meaning: Meaning;
  /** For a document of which nothing is known. */
  readonly document: () => PolicyDocument;
}

export function sharedDocuments(): SharedDocuments {
  return { written: new Map(), concluded: new Map() };
}

export function meaningOf(
  { resources, functions, apis }: Omit<DocumentContext, "shared">,
  planned: Planned,
  property: string,
): Meaning {
  const from = plannedDependencies(resources, planned, property);
  return {
    functions: from.flatMap((planned) => functions.leadsTo(planned) ?? []),
    perhaps: dependenciesOf(planned, property).flatMap((resource) => functions.carriedBy(resource)),
    parts: from.flatMap((planned) => apis.partOf(planned) ?? []),
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
  for (const part of parts) byApi.set(part.api, [...(byApi.get(part.api) ?? []), part]);
  return [...byApi].flatMap(([api, parts]) => {
    const arn = asPattern(api.executionArn);
    const keys = parts.flatMap((part) => part.routeKey ?? []);
    const guards = parts.flatMap((part) =>
      part.authorizer === undefined ? [] : [asPattern(part.authorizer)],
    );
    if (guards.length > 0) return guards.map((id) => `${arn}/authorizers/${id}`);
    const either = (found: readonly string[]): readonly string[] => (found.length > 0 ? found : ["*"]);
    const stages = either(parts.flatMap((part) => (part.stage === undefined ? [] : [asPattern(part.stage)])));
    const verbs = either(parts.flatMap((part) => part.verb ?? []));
    const paths = parts.flatMap((part) => (part.path === undefined ? [] : [pathOf(part.path)]));
    if (keys.length > 0) return stages.flatMap((stage) => keys.map((key) => `${arn}/${stage}/${key}`));
    // Without a method and a path, it is not known to be about routes that have them.
    if (verbs[0] === "*" && paths.length === 0)
      return stages.map((stage) => (stage === "*" ? `${arn}/*` : `${arn}/${stage}/*`));
    const below = either(paths.flatMap((path) => [path, path === "/" ? "/*" : `${path}/*`]));
    return stages.flatMap((stage) =>
      verbs.flatMap((verb) =>
        below.map((path) => (path === "*" ? `${arn}/${stage}/${verb}/*` : `${arn}/${stage}/${verb}${path}`)),
      ),
    );
  });
}

/** A path template in an identity-based policy: the value of a parameter in a request is unknown. */
export function pathForCallers(path: Text): string {
  return asPattern(path).replace(/\{[^{}]*\}/g, "*");
}

/** The ARNs of functions in the forms that a grant may use. */
function invokedPatterns(targets: readonly FunctionTarget[]): readonly string[] {
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
 * caller of this function knows. A document without dependencies stays unknown.
 */
function inferredDocument(meaning: Meaning, from: readonly Origin[]): unknown {
  const functionArns = invokedPatterns(meaning.functions);
  const perhaps = invokedPatterns(meaning.perhaps);
  const isSocket = ({ api }: ApiPart): boolean => api.kind === "WEBSOCKET";
  const connections = executeApiPatterns(meaning.parts.filter(isSocket), pathForCallers);
  const routes = meaning.parts.filter((part) => !isSocket(part));
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
        ? [{ Effect: "Allow", Action: new Unknown(from), Resource: connections }]
        : []),
      ...(functionArns.length > 0
        ? [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArns }]
        : []),
      ...(perhaps.length > 0 ? [{ Effect: "Allow", Action: new Unknown(from), Resource: perhaps }] : []),
    ],
  };
}

/** The position of a policy document. */
interface DocumentPlace {
  readonly property: string;
  readonly label: string;
  /** The position where it is nested in the property. */
  readonly given?: unknown;
}

/** The identity-based policy document in a property of a planned resource. */
export function identitySource(
  context: DocumentContext,
  planned: Planned,
  { property, label, given = read(planned, property) }: DocumentPlace,
): PrincipalSource {
  const { resources } = context;
  const at = { label, key: planned.urn };
  if (!holdsUnknown(given)) return { ...at, document: writtenDocument(context, given) };
  const { inferredFrom, meaning, document: concluded } = concludedFrom(context, planned, property);
  const hidden: UnknownDocument = {
    apis: meaning.parts.map((part) => part.api.urn),
    functions: meaning.functions.flatMap((target) => target.function?.urn ?? []),
    hasNoDependencies: inferredFrom.length === 0,
    mayInfer: resources.whenUnknown === "infer",
    exists: exists(planned),
  };
  if (resources.whenUnknown === "prove" || hidden.hasNoDependencies) {
    return {
      ...at,
      document: given instanceof Unknown ? given : parseDocument(given, "identity"),
      unknownDocument: hidden,
    };
  }
  return {
    ...at,
    document: given instanceof Unknown ? concluded() : parseDocument(filled(given, meaning), "identity"),
    possible: given instanceof Unknown ? given : parseDocument(given, "identity"),
    inferredFrom,
    unknownDocument: hidden,
  };
}

function writtenDocument({ shared }: DocumentContext, given: unknown): PolicyDocument {
  return typeof given === "string"
    ? cached(shared.written, given, () => parseDocument(given, "identity"))
    : parseDocument(given, "identity");
}

function concludedFrom(context: DocumentContext, planned: Planned, property: string): ConcludedDocument {
  const urns = dependenciesOf(planned, property).map(({ urn }) => urn);
  return cached(context.shared.concluded, urns.join("\n"), () => {
    const inferredFrom = originsOf(planned, property);
    const meaning = meaningOf(context, planned, property);
    let document: PolicyDocument | undefined;
    return {
      inferredFrom,
      meaning,
      document: () => {
        document ??= parseDocument(inferredDocument(meaning, inferredFrom), "identity");
        return document;
      },
    };
  });
}

function holdsUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown);
}

/**
 * A document object in which only leaves are unknown: an unknown Resource is assumed to be the ARNs, of the service of
 * the statement's actions, of the document's dependencies.
 */
function filled(document: unknown, meaning: Meaning): unknown {
  if (typeof document !== "object" || document === null) return document;
  const { Statement, ...rest } = document as Record<string, unknown>;
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  return { ...rest, Statement: statements.map((statement) => filledStatement(statement, meaning)) };
}

function filledStatement(statement: unknown, meaning: Meaning): unknown {
  if (typeof statement !== "object" || statement === null || statement instanceof Unknown) return statement;
  const { Resource, Action, ...rest } = statement as Record<string, unknown>;
  const actions = JSON.stringify(Action ?? "").toLowerCase();
  const intended = [
    ...(actions.includes("execute-api:") ? executeApiPatterns(meaning.parts, pathForCallers) : []),
    ...(actions.includes("lambda:") && meaning.perhaps.length === 0
      ? meaning.functions.flatMap((target) => (target.arn instanceof Unknown ? [] : [asPattern(target.arn)]))
      : []),
  ];
  const fill = (resource: unknown): unknown =>
    resource instanceof Unknown && intended.length > 0 ? intended : resource;
  if (Resource === undefined) return statement;
  const resources = Array.isArray(Resource) ? Resource.flatMap((entry) => fill(entry)) : fill(Resource);
  return { ...rest, Action, Resource: resources };
}

/** A resource-based or trust policy document: its unknown parts are not inferred. */
export function documentSource(
  planned: Planned,
  { property, label, given = read(planned, property) }: DocumentPlace,
  use: "resource" | "trust",
): Source {
  return {
    label,
    key: planned.urn,
    document: given instanceof Unknown ? given : parseDocument(given, use),
  };
}

/** The resource policy in a body, as an object or a JSON string. */
export function bodyPolicySource(planned: Planned, policy: unknown, label: string): Source {
  return {
    label,
    key: planned.urn,
    document: policy instanceof Unknown ? policy : parseDocument(policy, "resource"),
  };
}
