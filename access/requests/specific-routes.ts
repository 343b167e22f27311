import { type HoleShape, isHole, known, type Text } from "../../iam";
import type { Route } from "../../stack";
import { isRouteKey } from "./routes";

/** Whether a route receives the requests that match no other route of an HTTP API. */
function isDefault(route: Route): boolean {
  return isRouteKey(route) && route.verb === "$default" && route.api.kind === "HTTP";
}

function acceptsAnyMethod(route: Route): boolean {
  return isRouteKey(route) ? isDefault(route) : route.verb === "ANY";
}

/** Whether a route receives the requests that match no more specific route: a greedy path, or `$default`. */
export function isCatchAll(route: Route): boolean {
  return isDefault(route) || (known(route.path) ?? "").includes("+}");
}

/** Whether more specific routes may receive requests instead of a route: it has parameters or answers any method. */
export function isGeneral(route: Route): boolean {
  return acceptsAnyMethod(route) || (!isRouteKey(route) && (known(route.path) ?? "").includes("{"));
}

/**
 * Whether a route receives requests that another one would otherwise answer: API Gateway prefers a path without a
 * parameter to one with it, a single segment to a greedy one, and any of them to `$default`; `ANY` answers the methods
 * without an explicit route.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
 */
export function isMoreSpecific(route: Route, general: Route): boolean {
  if (isRouteKey(route)) return false;
  if (isRouteKey(general)) return isDefault(general);
  const [template, generalTemplate] = [templateOf(route), templateOf(general)];
  if (template === undefined || generalTemplate === undefined) return false;
  if (general.verb !== "ANY" && route.verb !== "ANY" && route.verb !== general.verb) return false;
  if (template.unnamed === generalTemplate.unnamed) return general.verb === "ANY" && route.verb !== "ANY";
  if (generalTemplate.fixed === undefined || !template.path.startsWith(generalTemplate.fixed)) return false;
  return matchesTemplate(template.segments, generalTemplate.segments);
}

/**
 * The form of a route's path, which is the same for paths that differ only in the names of parameters: routes of one
 * API with the same form and method are more specific than the same routes, and less than the same. `undefined` where
 * it is unknown.
 */
export function pathForm(
  route: Route,
): { readonly form: string; readonly hasParameter: boolean } | undefined {
  const template = isRouteKey(route) ? undefined : templateOf(route);
  return template && { form: template.unnamed, hasParameter: template.fixed !== undefined };
}

/** A path, in a form that is cached for comparison. */
interface Template {
  readonly path: string;
  /** The name of a parameter does not make a path more specific. */
  readonly unnamed: string;
  /** The part before the first parameter, if there is one. */
  readonly fixed: string | undefined;
  readonly segments: readonly string[];
}

const templates = new WeakMap<Text, Template>();

function templateOf(route: Route): Template | undefined {
  const path = known(route.path);
  if (path === undefined) return undefined;
  let template = templates.get(route.path);
  if (template === undefined) {
    const parameter = path.indexOf("{");
    template = {
      path,
      unnamed: parameter < 0 ? path : path.replace(/\{[^{}/]*?(\+?)\}/g, "{$1}"),
      fixed: parameter < 0 ? undefined : path.slice(0, parameter),
      segments: path.split("/"),
    };
    templates.set(route.path, template);
  }
  return template;
}

/** Whether all paths of a template, or a requested path, match another template. */
function matchesTemplate(path: readonly string[], general: readonly string[]): boolean {
  for (let index = 0; index < general.length; index++) {
    const segment = general[index] as string;
    const pathSegment = path[index];
    if (isGreedy(segment)) return pathSegment !== undefined && pathSegment !== "";
    if (pathSegment === undefined || pathSegment === "") {
      if (pathSegment !== segment) return false;
      continue;
    }
    if (isParameter(segment) ? isGreedy(pathSegment) : pathSegment !== segment) return false;
  }
  return path.length === general.length;
}

function isParameter(segment: string): boolean {
  return segment.length > 1 && segment.startsWith("{") && segment.endsWith("}");
}

function isGreedy(segment: string): boolean {
  return segment.length > 2 && segment.startsWith("{") && segment.endsWith("+}");
}

const MAY_HOLD_SLASHES: ReadonlySet<HoleShape> = new Set(["any", "path", "tail"]);

const REQUEST = /^[^:]*:[^:]*:execute-api:[^:]*:[^:]*:[^/]+\/[^/]+\/([A-Z]+|\*)(\/[^*?$]*)$/;

/** A request that a grant writes out in full, except for a wildcard as its method. */
interface WrittenRequest {
  readonly verb: string;
  readonly path: readonly string[];
}

const requests = new WeakMap<Text, { readonly request: WrittenRequest | undefined }>();

/** The method and path that a grant writes out in full; `undefined` for a grant with other wildcards or with holes. */
export function writtenRequest(grant: Text): WrittenRequest | undefined {
  const cachedRequest = requests.get(grant) ?? { request: requestIn(grant) };
  requests.set(grant, cachedRequest);
  return cachedRequest.request;
}

function requestIn(grant: Text): WrittenRequest | undefined {
  // A hole that may contain a slash leaves the segments unknown.
  if (grant.some((piece) => isHole(piece) && MAY_HOLD_SLASHES.has(piece.shape))) return undefined;
  const [, verb, path] =
    REQUEST.exec(grant.map((piece) => (isHole(piece) ? "\u0000" : piece)).join("")) ?? [];
  return verb === undefined || path === undefined ? undefined : { verb, path: path.split("/") };
}

/**
 * Whether a more specific route receives all of the request that a grant writes out, as far as the other would have
 * received it: `GET/orders` goes to `GET /orders`, not to `ANY /{proxy+}`, while the other methods of `ANY/orders` go
 * there.
 */
export function receivesRequest(specific: Route, general: Route, { verb, path }: WrittenRequest): boolean {
  const template = templateOf(specific);
  if (template === undefined || !matchesTemplate(path, template.segments)) return false;
  return specific.verb === "ANY" || specific.verb === verb || (verb === "*" && !acceptsAnyMethod(general));
}

/** Whether one route answers more methods than another. */
export function acceptsMoreMethods(specific: Route, general: Route): boolean {
  return acceptsAnyMethod(general) && specific.verb !== "ANY";
}

/** The route that answers a request with a method and a path: the most specific one that matches. */
export function routeOfRequest(routes: readonly Route[], method: string, path: string): Route | undefined {
  const segments = path.split("/");
  const matching = routes.filter((route) => {
    if (isDefault(route)) return true;
    const template = isRouteKey(route) ? undefined : known(route.path);
    return (
      template !== undefined &&
      (route.verb === "ANY" || route.verb === method) &&
      matchesTemplate(segments, template.split("/"))
    );
  });
  return (
    matching.find(
      (route) => !matching.some((competitor) => competitor !== route && isMoreSpecific(competitor, route)),
    ) ?? matching[0]
  );
}
