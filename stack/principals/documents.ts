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
import { serviceOf } from "../apis/service";
import type { Api, Hidden, PrincipalSource } from "../facts";
import type { Functions, FunctionTarget } from "../functions/functions";
import { cached } from "../pulumi/keys";
import { dependenciesOf, exists, type Planned, read } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";

/**
 * What a value that the plan does not show is about, evaluated by what it depends on. A policy document
 * that mentions one ARN that does not exist yet is one unknown string in a preview, but the resources it depends
 * on are still named.
 */
export interface Meaning {
  readonly functions: readonly FunctionTarget[];
  /** Functions that it may be about, by way of resources of other kinds. */
  readonly perhaps: readonly FunctionTarget[];
  readonly parts: readonly ApiPart[];
}

export interface Apis {
  readonly apis: readonly Api[];
  partOf(planned: Planned): ApiPart | undefined;
}

/** What documents are read with: the resources, and what is known of functions and APIs. */
export interface DocumentContext {
  readonly reading: ResourceIndex;
  readonly functions: Functions;
  readonly apis: Apis;
  readonly shared: SharedDocuments;
}

/** What many principals hold in the same words, or what depends on the same resources, is read once. */
export interface SharedDocuments {
  /** By their text. */
  readonly written: Map<string, PolicyDocument>;
  /** By the URNs of what they depend on. */
  readonly concluded: Map<string, ConcludedDocument>;
}

/** What is concluded from the resources that a document depends on. */
interface ConcludedDocument {
  readonly inferredFrom: readonly Origin[];
  readonly meaning: Meaning;
  /** Where nothing of the document is shown. */
  readonly document: () => PolicyDocument;
}

export function sharedDocuments(): SharedDocuments {
  return { written: new Map(), concluded: new Map() };
}

export function meaningOf(
  { reading, functions, apis }: Omit<DocumentContext, "shared">,
  planned: Planned,
  property: string,
): Meaning {
  const from = plannedDependencies(reading, planned, property);
  return {
    functions: from.flatMap((one) => functions.leadsTo(one) ?? []),
    perhaps: dependenciesOf(planned, property).flatMap((one) => functions.carriedBy(one)),
    parts: from.flatMap((one) => apis.partOf(one) ?? []),
  };
}

/** A text as a pattern: what it does not show is matched by anything. */
export function asPattern(value: Text): string {
  return value.map((piece) => (isHole(piece) ? "*" : piece)).join("");
}

/**
 * The execute-api ARNs that a value that depends on these parts of APIs is taken to mean, as patterns: the
 * whole API, or the stages, verbs and paths among the parts. A path means itself and what is below it.
 */
export function executeApiPatterns(
  parts: readonly ApiPart[],
  pathOf: (path: Text) => string,
): readonly string[] {
  const byApi = new Map<Api, ApiPart[]>();
  for (const part of parts) byApi.set(part.api, [...(byApi.get(part.api) ?? []), part]);
  return [...byApi].flatMap(([api, some]) => {
    const arn = asPattern(api.executionArn);
    const keys = some.flatMap((part) => part.routeKey ?? []);
    const guards = some.flatMap((part) =>
      part.authorizer === undefined ? [] : [asPattern(part.authorizer)],
    );
    if (guards.length > 0) return guards.map((id) => `${arn}/authorizers/${id}`);
    const either = (found: readonly string[]): readonly string[] => (found.length > 0 ? found : ["*"]);
    const stages = either(some.flatMap((part) => (part.stage === undefined ? [] : [asPattern(part.stage)])));
    const verbs = either(some.flatMap((part) => part.verb ?? []));
    const paths = some.flatMap((part) => (part.path === undefined ? [] : [pathOf(part.path)]));
    if (keys.length > 0) return stages.flatMap((stage) => keys.map((key) => `${arn}/${stage}/${key}`));
    // Without a verb and a path nothing says that it is about routes that have them.
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

/** A path template as identity policies must write it: what a request puts for a parameter is not known. */
export function pathForCallers(path: Text): string {
  return asPattern(path).replace(/\{[^{}]*\}/g, "*");
}

/** The ARNs of functions as a grant may write them. */
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
 * The statements that a document is taken to hold when the plan shows only what it depends on: rights on just that.
 * It is a set of possible statements: whether it may hold others too is for those to say who know what its holder
 * is for. A document that depends on nothing that the plan names stays unknown.
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
      // On a WebSocket API the right to send messages (`execute-api:ManageConnections`) is as likely as the right
      // to connect.
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

/** Where a policy document is. */
interface DocumentPlace {
  readonly property: string;
  readonly label: string;
  /** Where it is deeper inside the property. */
  readonly given?: unknown;
}

/** The identity-based policy document in a property of a planned resource. */
export function identitySource(
  context: DocumentContext,
  planned: Planned,
  { property, label, given = read(planned, property) }: DocumentPlace,
): PrincipalSource {
  const { reading } = context;
  const at = { label, key: planned.urn };
  if (!holdsUnknown(given)) return { ...at, document: writtenDocument(context, given) };
  const { inferredFrom, meaning, document: concluded } = concludedFrom(context, planned, property);
  const hidden: Hidden = {
    apis: meaning.parts.map((part) => part.api.urn),
    functions: meaning.functions.flatMap((target) => target.function?.urn ?? []),
    fromNothing: inferredFrom.length === 0,
    mayInfer: reading.whenUnknown === "infer",
    exists: exists(planned),
  };
  if (reading.whenUnknown === "prove" || hidden.fromNothing) {
    return { ...at, document: given instanceof Unknown ? given : parseDocument(given, "identity"), hidden };
  }
  return {
    ...at,
    document: given instanceof Unknown ? concluded() : parseDocument(filled(given, meaning), "identity"),
    possible: given instanceof Unknown ? given : parseDocument(given, "identity"),
    inferredFrom,
    hidden,
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
 * A document object in which only leaves are unknown: an unknown Resource stands for the ARNs, of the service
 * that the statement's actions name, of what the document depends on.
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
  const meant = [
    ...(actions.includes("execute-api:") ? executeApiPatterns(meaning.parts, pathForCallers) : []),
    ...(actions.includes("lambda:") && meaning.perhaps.length === 0
      ? meaning.functions.flatMap((target) => (target.arn instanceof Unknown ? [] : [asPattern(target.arn)]))
      : []),
  ];
  const fill = (resource: unknown): unknown =>
    resource instanceof Unknown && meant.length > 0 ? meant : resource;
  if (Resource === undefined) return statement;
  const resources = Array.isArray(Resource) ? Resource.flatMap((one) => fill(one)) : fill(Resource);
  return { ...rest, Action, Resource: resources };
}

/** A resource-based or trust policy document: what it does not show is not concluded. */
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

/** The resource policy that a body brings along, as an object or a JSON string. */
export function bodyPolicySource(planned: Planned, policy: unknown, label: string): Source {
  return {
    label,
    key: planned.urn,
    document: policy instanceof Unknown ? policy : parseDocument(policy, "resource"),
  };
}
