import { HTTP_METHODS } from "../../aws";
import { equal, type Hole, isHole, splitArn, type Text, text, Unknown } from "../../iam";
import { API_ID, type Api, type Authorizer, type Route } from "../../stack";

/** A stage whose name the plan does not show: a grant for one stage by name may or may not apply to it. */
const SOME_STAGE: Hole = {
  id: "stage",
  shape: "word",
  label: { code: "stage" },
  origins: [],
  resolution: { code: "declare-stage" },
};

/** The same for a caller: a principal that may call one stage is a caller. */
const ANY_STAGE: Hole = { ...SOME_STAGE, varies: true };

const ANY_VERB: Hole = {
  id: "verb",
  shape: "word",
  oneOf: HTTP_METHODS,
  varies: true,
  label: { code: "method" },
  origins: [],
};

/** The methods that reach an `ANY` route: those that no other route of its path handles, as far as that is known. */
function remainingMethods({ claimedMethods }: Route): readonly string[] {
  return claimedMethods === undefined
    ? HTTP_METHODS
    : HTTP_METHODS.filter((verb) => !claimedMethods.certain.has(verb));
}

/** The request's method, for an `ANY` route. */
function verbOf(route: Route): Hole {
  const { claimedMethods } = route;
  const remaining = remainingMethods(route);
  if (claimedMethods === undefined || remaining.length === 0) return ANY_VERB;
  const isCertain =
    claimedMethods.unknownCount + claimedMethods.possible.size === 0 && !claimedMethods.mayHaveMore;
  if (isCertain) return { ...ANY_VERB, id: `verb:${remaining.join()}`, oneOf: remaining };
  const { varies: _, ...hole } = ANY_VERB;
  return {
    ...hole,
    id: `remaining:${remaining.join()}`,
    oneOf: remaining,
    label: { code: "remaining-methods" },
  };
}

/**
 * Whether an `ANY` route certainly receives requests with at least one of these methods: each route whose method is
 * unknown may handle one of them, and an unknown body may leave only some to `ANY`.
 */
export function certainlyReceives(route: Route, verbs: ReadonlySet<string>): boolean {
  const { claimedMethods } = route;
  if (claimedMethods === undefined) return true;
  const certain = [...verbs].filter((verb) => !claimedMethods.possible.has(verb)).length;
  return (
    certain >
    (claimedMethods.mayHaveMore
      ? Math.max(claimedMethods.unknownCount, remainingMethods(route).length - 1)
      : claimedMethods.unknownCount)
  );
}

/** The names of the stages on which a route can be called; one unknown name when the plan contains no stage. */
export function stageNames(route: Route, presentedTo: "caller" | "service"): readonly Text[] {
  if (route.stages.length > 0) return route.stages.map((stage) => stage.name);
  return [text(presentedTo === "caller" ? ANY_STAGE : SOME_STAGE)];
}

/** `$default`, `$connect` and a WebSocket API's own keys have no method and no path. */
export function isRouteKey(route: Route): boolean {
  return route.path.length === 0;
}

/**
 * The ARN for which a caller needs `execute-api:Invoke`: the request's own method and path, so that `{id}` is the value
 * in the request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
export function callerArn(route: Route, stage: Text): Text {
  if (route.request !== undefined) return text(route.api.executionArn, "/", route.request);
  if (isRouteKey(route)) {
    // The `$default` route of an HTTP API answers any method and path that no other route does.
    if (route.api.kind === "HTTP") {
      const anyPath: Hole = { id: "path", shape: "tail", varies: true, label: { code: "path" }, origins: [] };
      return text(route.api.executionArn, "/", stage, "/", ANY_VERB, "/", anyPath);
    }
    // Any caller that was allowed to connect sends messages; where caller credentials are used for messages, they are
    // those of the connection.
    const key =
      route.api.kind === "WEBSOCKET" && route.authorization instanceof Unknown ? "$connect" : route.verb;
    return text(route.api.executionArn, "/", stage, "/", key);
  }
  return text(
    route.api.executionArn,
    "/",
    stage,
    "/",
    route.verb === "ANY" ? verbOf(route) : route.verb,
    requestPath(route.path),
  );
}

function requestPath(path: Text): Text {
  return text(...path.flatMap((piece, index) => (isHole(piece) ? [piece] : parameters(piece, index))));
}

function parameters(literal: string, piece: number): (string | Hole)[] {
  // The name of a parameter makes no difference to a request, and routes that differ only in such names are equal.
  return literal.split(/(\{[^{}/]*\})/).map((part, index): string | Hole =>
    /^\{.*\}$/.test(part)
      ? {
          id: `parameter:${piece}.${index}${part.endsWith("+}") ? "+" : ""}`,
          shape: part.endsWith("+}") ? "path" : "segment",
          varies: true,
          label: { code: "named", name: part },
          origins: [],
        }
      : part,
  );
}

/**
 * The source ARN of a route or authorizer for a function in another region: "a resource ARN that is based on the ARN of
 * the API, but modified to match the function's region".
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export function seenFrom<T extends { readonly api: Api }>(functionArn: Text, entry: T): T {
  const { api } = entry;
  const region = splitArn(functionArn)?.region;
  const apiArn = splitArn(api.executionArn);
  if (region === undefined || apiArn === undefined || equal(region, apiArn.region) !== "no") return entry;
  const executionArn = text(
    "arn:",
    apiArn.partition,
    ":",
    apiArn.service,
    ":",
    region,
    ":",
    apiArn.account,
    ":",
    apiArn.resource,
  );
  return { ...entry, api: { ...api, executionArn } };
}

/**
 * The source ARNs that API Gateway presents to Lambda for a route, by method: the path *template*, including braces,
 * and the request's own method, never `ANY`.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
 */
export function sourceArns(route: Route, stage: Text): ReadonlyMap<string, Text> {
  const { executionArn } = route.api;
  // The route is unknown, so the question is whether any route of the API is allowed.
  if (route.unknownBody !== undefined) return new Map([["", anyRequest(route.api, stage)]]);
  if (route.request !== undefined) return new Map([["", text(executionArn, "/", route.request)]]);
  if (isRouteKey(route)) return new Map([["", text(executionArn, "/", stage, "/", route.verb)]]);
  const verbs = route.verb === "ANY" ? remainingMethods(route) : [route.verb];
  return new Map(verbs.map((verb) => [verb, text(executionArn, "/", stage, "/", verb, route.path)]));
}

/**
 * The source ARN that API Gateway might present instead for an `ANY` route of an HTTP API: AWS does not document that
 * it presents the request's own method there, as it does for REST APIs. `undefined` where it certainly does.
 */
export function undocumentedArn(route: Route, stage: Text): Text | undefined {
  if (route.api.kind !== "HTTP" || route.verb !== "ANY") return undefined;
  return text(route.api.executionArn, "/", stage, "/ANY", route.path);
}

/** The source ARN that API Gateway presents for a Lambda authorizer: `API/authorizers/ID`. */
export function authorizerArn(authorizer: Authorizer): Text {
  return text(authorizer.api.executionArn, "/authorizers/", authorizer.id);
}

/**
 * The ARN required to post to a client of a WebSocket API, to read the status of its connection, or to close it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function connectionArn({ executionArn }: Api, stage: Text): Text {
  const verb: Hole = { ...ANY_VERB, id: "connection-verb", oneOf: ["POST", "GET", "DELETE"] };
  const id: Hole = {
    id: "connection",
    shape: "segment",
    varies: true,
    label: { code: "connection-id" },
    origins: [],
  };
  return text(executionArn, "/", stage, "/", verb, "/@connections/", id);
}

/** Any request to an API, or to one of its stages, with any method and path. */
export function anyRequest(api: Api, stage?: Text): Text {
  const request: Hole = {
    id: "request",
    shape: "tail",
    varies: true,
    label: { code: "request" },
    origins: [],
  };
  return stage === undefined || api.service !== undefined
    ? text(api.executionArn, "/", request)
    : text(api.executionArn, "/", stage, "/", request);
}

/** The API id that an execute-api pattern names, when it names one without wildcards. */
export function apiIdOf(pattern: Text): Text | undefined {
  const template = pattern.map((piece) => (typeof piece === "string" ? piece : "\u0000")).join("");
  const match = /^arn:[^:]*:execute-api:[^:]*:[^:]*:([^:/]+)(\/|$)/.exec(template);
  const id = match?.[1];
  if (id === undefined || /[*?]/.test(id)) return undefined;
  if (!id.includes("\u0000")) return [id];
  const hole = pattern.find((piece) => typeof piece !== "string" && piece.universe === API_ID);
  return id === "\u0000" && hole !== undefined ? [hole] : undefined;
}

/**
 * Whether a pattern begins with the ARN of an API: policies name APIs of other services than API Gateway in this form.
 */
export function isOfApi(pattern: Text, { executionArn }: Api): boolean {
  return executionArn.every((piece, index) => {
    const patternPiece = pattern[index];
    if (typeof piece !== "string" || typeof patternPiece !== "string")
      return typeof piece === "object" && typeof patternPiece === "object" && piece.id === patternPiece.id;
    return index === executionArn.length - 1 ? patternPiece.startsWith(`${piece}/`) : patternPiece === piece;
  });
}

/** The stage that an execute-api pattern names, when it names one without wildcards. */
export function stageOf(pattern: Text): Text | undefined {
  const template = pattern.map((piece) => (typeof piece === "string" ? piece : "?")).join("");
  const stage = /^arn:[^:]*:execute-api:[^:]*:[^:]*:[^/]+\/([^/*?]+)\//.exec(template)?.[1];
  return stage === undefined ? undefined : text(stage);
}
